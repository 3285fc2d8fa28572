# These runs test the controls on members: who they are, and what they may do.

variables {
  members = [
    { id = "1", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }] },
    { id = "2", handle = "bo", email = "bo@northwind.example", enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "corpus", resource = "contracts", role = "editor", privileged = false }] },
    { id = "app_3", handle = "nightly", app_client = true, privileged = false, entitlements = [{ scope = "corpus", role = "viewer", privileged = false }] },
  ]
  members_source = {
    vendor = "vectara", api_version = "v2", base_url = "https://api.vectara.io", account = "1526022105", whole = true,
    scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0"
  }
  approvals = [
    { subject = "ada@northwind.example", roles = ["owner"], owner = "bo@northwind.example", reason = "Platform", ends = "2099-12-31" },
    { subject = "bo@northwind.example", roles = ["editor on corpus contracts"], owner = "ada@northwind.example", reason = "Legal", ends = "2099-12-31" },
    { subject = "nightly", roles = ["viewer on any corpus"], owner = "ada@northwind.example", reason = "Index", ends = "2099-12-31" },
  ]
  account         = null # not TF_VAR_account
  company_domains = ["northwind.example"]
}

run "base" {
  module {
    source = "./tests/base"
  }
}

run "holds" {
  command = plan

  variables {
    forbidden_pairs = [["owner", "editor on any corpus"]]
  }

  assert {
    condition     = jsonencode([for key, result in output.results : key if result == "holds"]) == jsonencode(["account_has_members", "app_clients_are_not_privileged", "approvals_are_valid", "disabled_users_hold_no_entitlements", "duties_are_separated", "members_are_approved", "owners_are_within_limits", "privileged_users_belong_to_the_company", "roles_are_approved"])
    error_message = output.message
  }

  assert {
    condition     = jsonencode({ for key, control in local.controls : key => control.looked_at }) == jsonencode({ account_has_members = 3, app_clients_are_not_privileged = 1, approvals_are_valid = 3, disabled_users_hold_no_entitlements = 0, duties_are_separated = 3, leavers_do_not_use_the_application = 0, leavers_have_no_access = 2, members_are_approved = 3, owners_are_within_limits = 1, privileged_users_are_not_new = 1, privileged_users_belong_to_the_company = 1, roles_are_approved = 3 })
    error_message = jsonencode(local.controls)
  }
}

# No control holds for an account without visible members.
run "no_members" {
  command = plan

  variables {
    members   = []
    approvals = []
  }

  assert {
    condition     = output.results.account_has_members == "fails" && jsonencode(local.controls.account_has_members.findings[*].name) == jsonencode(["the account"]) && local.controls.account_has_members.looked_at == 0
    error_message = jsonencode(local.controls.account_has_members)
  }

  assert {
    condition     = output.results.owners_are_within_limits == "fails" && jsonencode(local.controls.owners_are_within_limits.findings[*].name) == jsonencode(["the account"]) && local.controls.owners_are_within_limits.looked_at == 0
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }

  assert {
    condition     = alltrue([for key, result in output.results : result == "not assessed" if !contains(["account_has_members", "owners_are_within_limits"], key)])
    error_message = output.message
  }
}

run "a_single_page" {
  command = plan

  variables {
    members_source  = merge(run.base.source, { whole = false })
    forbidden_pairs = [["owner", "administrator"]]
  }

  assert {
    condition     = alltrue([for key, result in output.results : result == "not assessed"])
    error_message = output.message
  }
}

run "app_clients_were_not_read" {
  command = plan

  variables {
    members_source = merge(run.base.source, { app_clients = false })
    members        = [run.base.members[0], run.base.members[1]]
  }

  assert {
    condition     = output.results.app_clients_are_not_privileged == "not assessed" && contains(local.controls.app_clients_are_not_privileged.not_assessed, "app clients were not read") && local.controls.app_clients_are_not_privileged.looked_at == 0
    error_message = jsonencode(local.controls.app_clients_are_not_privileged)
  }

  assert {
    condition     = output.results.members_are_approved == "not assessed" && contains(local.controls.members_are_approved.not_assessed, "app clients were not read") && local.controls.members_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

# REST v1 lists no roles on corpora. A control that needs these roles is not assessed, so an approval of such a role is
# not a finding.
run "only_the_scope_of_v1" {
  command = plan

  variables {
    members_source  = merge(run.base.source, { api_version = "v1", scopes = ["account"] })
    members         = [for member in run.base.members : merge(member, { entitlements = [for row in member.entitlements : row if row.scope == "account"] })]
    forbidden_pairs = [["owner", "administrator"]]
  }

  assert {
    condition     = alltrue([for key in ["roles_are_approved", "approvals_are_valid", "privileged_users_belong_to_the_company", "app_clients_are_not_privileged", "disabled_users_hold_no_entitlements", "duties_are_separated"] : output.results[key] == "not assessed"])
    error_message = output.message
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && output.results.owners_are_within_limits == "holds"
    error_message = output.message
  }
}

run "all_attributes_are_null" {
  command = plan

  variables {
    members          = concat(run.base.members, [{ app_client = false, privileged = true, entitlements = [{ scope = "account", privileged = true }, { scope = "corpus", privileged = false }, { scope = "operation", privileged = true }] }, { app_client = true, privileged = false, entitlements = [] }])
    end_users        = [{ id = "" }, { id = "x" }]
    end_users_source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.openlayer.com", whole = true, provider_version = "1.0.0" }
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["a member without a name", "a member without a name"]) && local.controls.members_are_approved.findings[0].detail == "an unnamed role, an unnamed role on any corpus, operation without a name on any resource" && local.controls.members_are_approved.looked_at == 5
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["a member without a name"]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }

  assert {
    condition     = output.results.disabled_users_hold_no_entitlements == "not assessed" && contains(local.controls.disabled_users_hold_no_entitlements.not_assessed, "the API does not return whether 1 user is disabled")
    error_message = jsonencode(local.controls.disabled_users_hold_no_entitlements)
  }
}

run "two_owners" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }], id = "4", handle = "cy", email = "cy@northwind.example" }])
  }

  assert {
    condition     = output.results.owners_are_within_limits == "fails" && jsonencode(local.controls.owners_are_within_limits.findings[*].name) == jsonencode(["ada@northwind.example", "cy@northwind.example"]) && local.controls.owners_are_within_limits.findings[0].detail == "one of 2 owners, at most 1 allowed" && local.controls.owners_are_within_limits.looked_at == 2
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }
}

run "two_owners_are_allowed" {
  command = plan

  variables {
    members    = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }], id = "4", handle = "cy", email = "cy@northwind.example" }])
    max_owners = 2
    min_owners = 2
  }

  assert {
    condition     = output.results.owners_are_within_limits == "holds" && jsonencode(local.controls.owners_are_within_limits.findings[*].name) == jsonencode([]) && local.controls.owners_are_within_limits.looked_at == 2
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }
}

run "one_owner_is_missing" {
  command = plan

  variables {
    max_owners = 2
    min_owners = 2
  }

  assert {
    condition     = output.results.owners_are_within_limits == "fails" && jsonencode(local.controls.owners_are_within_limits.findings[*].name) == jsonencode(["the account"]) && local.controls.owners_are_within_limits.findings[0].detail == "owners who are not disabled: 1, at least 2 needed" && local.controls.owners_are_within_limits.looked_at == 1
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }
}

# The second owner may be on another page.
run "one_owner_may_be_missing" {
  command = plan

  variables {
    max_owners     = 2
    min_owners     = 2
    members_source = merge(run.base.source, { whole = false })
  }

  assert {
    condition     = output.results.owners_are_within_limits == "not assessed" && contains(local.controls.owners_are_within_limits.not_assessed, "a single page of the members was read") && local.controls.owners_are_within_limits.looked_at == 1
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }
}

run "no_owner" {
  command = plan

  variables {
    members    = [run.base.members[1]]
    min_owners = 0
  }

  assert {
    condition     = output.results.owners_are_within_limits == "not assessed" && contains(local.controls.owners_are_within_limits.not_assessed, "no owner is visible, and every account has one") && local.controls.owners_are_within_limits.looked_at == 0
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }
}

run "min_owners_above_max_owners" {
  command = plan

  variables {
    min_owners = 2
  }

  expect_failures = [var.max_owners]
}

run "an_administrator_of_another_company" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@agency.example"]) && local.controls.privileged_users_belong_to_the_company.findings[0].detail == "administrator" && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_of_a_subdomain" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@mail.northwind.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@mail.northwind.example"]) && local.controls.privileged_users_belong_to_the_company.findings[0].detail == "administrator" && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_of_a_longer_domain" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@evilnorthwind.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@evilnorthwind.example"]) && local.controls.privileged_users_belong_to_the_company.findings[0].detail == "administrator" && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_at_the_end_of_a_domain" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@northwind.example.evil.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@northwind.example.evil.example"]) && local.controls.privileged_users_belong_to_the_company.findings[0].detail == "administrator" && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_with_a_dotted_capital_i" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@northwİnd.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@northwİnd.example"]) && local.controls.privileged_users_belong_to_the_company.findings[0].detail == "administrator" && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_with_an_invisible_character" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@northwind.example\u200b" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@northwind.example\u200b"]) && local.controls.privileged_users_belong_to_the_company.findings[0].detail == "administrator" && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

# A malformed address does not belong to the company, whatever its end is.
run "administrators_with_malformed_addresses" {
  command = plan

  variables {
    members = concat(run.base.members, [for i, email in [
      "mal@evil.example, x@northwind.example", "mal@evil.example@northwind.example", "@northwind.example", "mal@evil.example;x@northwind.example", "mal x@northwind.example",
      "mal,x@northwind.example", "mal;x@northwind.example", "mal\u00a0x@northwind.example",
    ] : { enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "mal${i}", email = email }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode([for member in var.members : member.email if startswith(member.id, "mal")]) && local.controls.privileged_users_belong_to_the_company.looked_at == 9
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "a_domain_of_a_malformed_address" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "@northwind.test" }])
    company_domains = ["northwind.example", "northwind.test"]
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "not assessed" && contains(local.controls.privileged_users_belong_to_the_company.not_assessed, "no member has an address at northwind.test")
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_without_an_address" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", handle = "eve@northwind.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@northwind.example"]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_administrator_in_upper_case" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = " Eve@NORTHWIND.example " }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "holds" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode([]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_outsider_without_privileges" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "eve@agency.example" }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "holds" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode([]) && local.controls.privileged_users_belong_to_the_company.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_approved_outsider" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }])
    approvals = concat(run.base.approvals, [{ subject = "Eve@Agency.example", roles = ["administrator"], owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["privileged_users_belong_to_the_company"] }])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "holds" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode([]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2 && jsonencode(local.controls.privileged_users_belong_to_the_company.exceptions[*].name) == jsonencode(["eve@agency.example"])
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_outsider_whose_approval_has_ended" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "eve@agency.example", roles = ["administrator"], owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["privileged_users_belong_to_the_company"] }, { ends = "2026-01-01" })])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@agency.example"]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2 && jsonencode(local.controls.privileged_users_belong_to_the_company.exceptions[*].name) == jsonencode([])
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_outsider_approved_without_an_owner" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "eve@agency.example", roles = ["administrator"], owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["privileged_users_belong_to_the_company"] }, { owner = null })])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@agency.example"]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2 && jsonencode(local.controls.privileged_users_belong_to_the_company.exceptions[*].name) == jsonencode([])
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_outsider_who_approves_the_exception" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "eve@agency.example", roles = ["administrator"], owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["privileged_users_belong_to_the_company"] }, { owner = "EVE@agency.example" })])
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["eve@agency.example"]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2 && jsonencode(local.controls.privileged_users_belong_to_the_company.exceptions[*].name) == jsonencode([])
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_exception_that_is_not_possible" {
  command = plan

  variables {
    approvals = [merge(run.base.approvals[0], { exceptions = ["members_are_approved"] })]
  }

  expect_failures = [var.approvals]
}

run "several_domains" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }])
    company_domains = ["northwind.example", "AGENCY.example"]
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "holds" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode([]) && local.controls.privileged_users_belong_to_the_company.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "a_domain_of_no_member" {
  command = plan

  variables {
    company_domains = ["northwind.example", "nrothwind.example"]
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "not assessed" && contains(local.controls.privileged_users_belong_to_the_company.not_assessed, "no member has an address at nrothwind.example") && local.controls.privileged_users_belong_to_the_company.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "a_domain_with_a_dotted_capital_i" {
  command = plan

  variables {
    company_domains = ["northwİnd.example"]
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "fails" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode(["ada@northwind.example"]) && local.controls.privileged_users_belong_to_the_company.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }

  assert {
    condition     = contains(local.controls.privileged_users_belong_to_the_company.not_assessed, "no member has an address at northwİnd.example")
    error_message = output.message
  }
}

run "a_domain_with_an_at_sign" {
  command = plan

  variables {
    company_domains = ["@northwind.example"]
  }

  expect_failures = [var.company_domains]
}

run "no_domain" {
  command = plan

  variables {
    company_domains = []
  }

  expect_failures = [var.company_domains]
}

run "a_privileged_app_client" {
  command = plan

  variables {
    members = concat(run.base.members, [{ id = "app_4", handle = "terraform", app_client = true, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }])
  }

  assert {
    condition     = output.results.app_clients_are_not_privileged == "fails" && jsonencode(local.controls.app_clients_are_not_privileged.findings[*].name) == jsonencode(["terraform"]) && local.controls.app_clients_are_not_privileged.findings[0].detail == "administrator" && local.controls.app_clients_are_not_privileged.looked_at == 2
    error_message = jsonencode(local.controls.app_clients_are_not_privileged)
  }

  assert {
    condition     = output.results.privileged_users_belong_to_the_company == "holds" && jsonencode(local.controls.privileged_users_belong_to_the_company.findings[*].name) == jsonencode([]) && local.controls.privileged_users_belong_to_the_company.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_belong_to_the_company)
  }
}

run "an_approved_privileged_app_client" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ id = "app_4", handle = "terraform", app_client = true, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }])
    approvals = concat(run.base.approvals, [{ subject = "terraform", roles = ["administrator"], owner = "ada@northwind.example", reason = "Changes", ends = "2099-12-31", exceptions = ["app_clients_are_not_privileged"] }])
  }

  assert {
    condition     = output.results.app_clients_are_not_privileged == "holds" && jsonencode(local.controls.app_clients_are_not_privileged.findings[*].name) == jsonencode([]) && local.controls.app_clients_are_not_privileged.looked_at == 2 && jsonencode(local.controls.app_clients_are_not_privileged.exceptions[*].name) == jsonencode(["terraform"])
    error_message = jsonencode(local.controls.app_clients_are_not_privileged)
  }
}

run "a_disabled_user" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = false, app_client = false, privileged = false, entitlements = [{ scope = "agent", resource = "bot", role = "agent_user", privileged = false }], id = "4", email = "cy@northwind.example" }])
  }

  assert {
    condition     = output.results.disabled_users_hold_no_entitlements == "fails" && jsonencode(local.controls.disabled_users_hold_no_entitlements.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.disabled_users_hold_no_entitlements.findings[0].detail == "agent_user on agent bot" && local.controls.disabled_users_hold_no_entitlements.looked_at == 1
    error_message = jsonencode(local.controls.disabled_users_hold_no_entitlements)
  }
}

run "a_disabled_user_without_entitlements" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = false, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@northwind.example" }])
  }

  assert {
    condition     = output.results.disabled_users_hold_no_entitlements == "holds" && jsonencode(local.controls.disabled_users_hold_no_entitlements.findings[*].name) == jsonencode([]) && local.controls.disabled_users_hold_no_entitlements.looked_at == 1
    error_message = jsonencode(local.controls.disabled_users_hold_no_entitlements)
  }
}

run "an_approved_disabled_user" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = false, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "cy@northwind.example" }])
    approvals = concat(run.base.approvals, [{ subject = "cy@northwind.example", roles = ["administrator"], owner = "ada@northwind.example", reason = "On leave", ends = "2099-12-31", exceptions = ["disabled_users_hold_no_entitlements"] }])
  }

  assert {
    condition     = output.results.disabled_users_hold_no_entitlements == "holds" && jsonencode(local.controls.disabled_users_hold_no_entitlements.findings[*].name) == jsonencode([]) && local.controls.disabled_users_hold_no_entitlements.looked_at == 1 && jsonencode(local.controls.disabled_users_hold_no_entitlements.exceptions[*].name) == jsonencode(["cy@northwind.example"])
    error_message = jsonencode(local.controls.disabled_users_hold_no_entitlements)
  }
}

run "a_user_of_unknown_status" {
  command = plan

  variables {
    members = [run.base.members[0], merge(run.base.members[1], { enabled = null }), run.base.members[2]]
  }

  assert {
    condition     = output.results.disabled_users_hold_no_entitlements == "not assessed" && contains(local.controls.disabled_users_hold_no_entitlements.not_assessed, "the API does not return whether 1 user is disabled") && local.controls.disabled_users_hold_no_entitlements.looked_at == 0
    error_message = jsonencode(local.controls.disabled_users_hold_no_entitlements)
  }
}

run "a_forbidden_pair" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", resource = null, privileged = false }, { scope = "account", role = "corpus_administrator", resource = null, privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "corpus_administrator"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "fails" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.duties_are_separated.findings[0].detail == "billing_administrator and corpus_administrator" && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "one_role_of_a_pair" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", resource = null, privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "corpus_administrator"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "holds" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode([]) && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_across_scopes" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", resource = null, privileged = false }, { scope = "corpus", role = "editor", resource = "contracts", privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "editor on corpus contracts"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "fails" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.duties_are_separated.findings[0].detail == "billing_administrator and editor on corpus contracts" && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_on_any_corpus" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "agent", role = "agent_user", resource = "bot", privileged = false }, { scope = "corpus", role = "editor", resource = "contracts", privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["agent_user on any agent", "editor on any corpus"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "fails" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.duties_are_separated.findings[0].detail == "agent_user on any agent and editor on any corpus" && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_held_on_any_corpus" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", resource = null, privileged = false }, { scope = "corpus", role = "editor", resource = null, privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "editor on corpus contracts"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "fails" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.duties_are_separated.findings[0].detail == "billing_administrator and editor on corpus contracts" && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_on_another_corpus" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", resource = null, privileged = false }, { scope = "corpus", role = "editor", resource = "manuals", privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "editor on corpus contracts"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "holds" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode([]) && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_with_another_scope" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", resource = null, privileged = false }, { scope = "corpus", role = "agent_user", resource = null, privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "agent_user on agent bot"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "holds" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode([]) && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_of_operations" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "operation", role = "createApiKey", resource = null, privileged = false }, { scope = "operation", role = "listCorpora", resource = "contracts", privileged = false }], id = "4", email = "cy@northwind.example" }])
    forbidden_pairs = [["operation createApiKey on contracts", "operation listCorpora on any resource"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "fails" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.duties_are_separated.findings[0].detail == "operation createApiKey on contracts and operation listCorpora on any resource" && local.controls.duties_are_separated.looked_at == 4
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_of_two_members_with_one_address" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "billing_administrator", privileged = true }], id = "4", email = "cy@northwind.example" }, { enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "corpus_administrator", privileged = true }], id = "5", email = "CY@northwind.example" }])
    forbidden_pairs = [["billing_administrator", "corpus_administrator"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "fails" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode(["cy@northwind.example", "CY@northwind.example"]) && local.controls.duties_are_separated.looked_at == 5
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "no_pair" {
  command = plan

  variables {
    forbidden_pairs = []
  }

  assert {
    condition     = output.results.duties_are_separated == "not assessed" && contains(local.controls.duties_are_separated.not_assessed, "no pair of roles is forbidden") && local.controls.duties_are_separated.looked_at == 3
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "a_pair_of_one_role" {
  command = plan

  variables {
    forbidden_pairs = [["owner", "owner"]]
  }

  expect_failures = [var.forbidden_pairs]
}

run "an_approved_pair" {
  command = plan

  variables {
    forbidden_pairs = [["owner", "administrator"]]
    members         = [merge(run.base.members[0], { entitlements = [{ scope = "account", role = "owner", privileged = true }, { scope = "account", role = "administrator", privileged = true }] }), run.base.members[1], run.base.members[2]]
    approvals       = [merge(run.base.approvals[0], { roles = ["owner", "administrator"], exceptions = ["duties_are_separated"] }), run.base.approvals[1], run.base.approvals[2]]
  }

  assert {
    condition     = output.results.duties_are_separated == "holds" && jsonencode(local.controls.duties_are_separated.findings[*].name) == jsonencode([]) && local.controls.duties_are_separated.looked_at == 3 && jsonencode(local.controls.duties_are_separated.exceptions[*].name) == jsonencode(["ada@northwind.example"])
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

run "excluded" {
  command = plan

  variables {
    forbidden_pairs   = [["owner", "administrator"]]
    excluded_controls = { duties_are_separated = "A team of two" }
  }

  assert {
    condition     = !can(output.results.duties_are_separated) && jsonencode(local.review.excluded_controls[*].reason) == jsonencode(["A team of two"])
    error_message = output.message
  }
}

# An approval of a handle is for one member. If two members have the handle, it applies to neither.
run "two_members_with_one_handle" {
  command = plan

  variables {
    members = concat(run.base.members, [merge(run.base.members[2], { id = "app_9" })])
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["nightly", "nightly"])
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

# If a filter leaves out members, a control on members without a finding is not assessed.
run "some_members_were_left_out" {
  command = plan

  variables {
    members_total = 4
  }

  assert {
    condition     = output.result == "not assessed" && !contains([for key, result in output.results : result], "holds")
    error_message = output.message
  }

  assert {
    condition     = strcontains(output.message, "3 of 4 members were given") && strcontains(local.review.members_source.completeness, "3 of 4 members were given.")
    error_message = output.message
  }
}

run "a_disabled_owner_does_not_count" {
  command = plan

  variables {
    members = [merge(run.base.members[0], { enabled = false }), run.base.members[1], run.base.members[2]]
  }

  assert {
    condition     = output.results.owners_are_within_limits == "fails"
    error_message = jsonencode(local.controls.owners_are_within_limits)
  }
}

run "a_misspelt_role_in_a_pair" {
  command = plan

  variables {
    forbidden_pairs = [["biling_administrator", "owner"]]
  }

  assert {
    condition     = output.results.duties_are_separated == "not assessed" && strcontains(output.message, "no role is called biling_administrator")
    error_message = output.message
  }
}

# A member holds "billing_administrator" and "editor on corpus contracts", so a pair with the right names would fail.
run "misspelt_roles_on_resources_in_pairs" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, id = "4", email = "cy@northwind.example", entitlements = [
      { scope = "account", role = "billing_administrator", privileged = true }, { scope = "corpus", role = "editor", resource = "contracts", privileged = false },
      { scope = "operation", role = "listCorpora", resource = "contracts", privileged = true },
    ] }])
    forbidden_pairs = [for role in [
      "editor on contracts", "editr on corpus contracts", "Editor on corpus contracts", "editor", "editor on corpus", "editor on corpus contracts ", "editor on Corpus contracts",
      "editor on any corpora", "editor on any agent", "agent_user on any corpus", "editor on corpus contracts on corpus manuals", "operation listCorpora",
      "operation on contracts", "operation listCorpora on corpus contracts", "Operation listCorpora on contracts",
    ] : ["billing_administrator", role]]
  }

  assert {
    condition     = output.results.duties_are_separated == "not assessed" && jsonencode(local.controls.duties_are_separated.not_assessed) == jsonencode([for pair in var.forbidden_pairs : "no role is called ${pair[1]}"])
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}

# A role that a member holds is known, even if Vectara does not document it.
run "known_roles_in_pairs" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, id = "4", email = "cy@northwind.example", entitlements = [
      { scope = "account", role = "new_role", privileged = false }, { scope = "corpus", role = "new_editor", resource = "contracts", privileged = false },
      { scope = "agent", role = "new_user", resource = "help desk", privileged = false },
    ] }])
    forbidden_pairs = [
      ["owner", "new_role"], ["owner on corpus manuals", "viewer on any corpus"], ["administrator on corpus a=b", "editor on any corpus"],
      ["agent_administrator on any agent", "agent_user on agent bot"], ["agent_developer on agent bot", "agent_viewer on any agent"],
      ["owner", "new_editor on corpus manuals"], ["owner", "new_user on agent help desk"], ["owner", "new_user on any agent"],
      ["operation createApiKey on any resource", "operation listCorpora on contracts"],
    ]
  }

  assert {
    condition     = output.results.duties_are_separated == "holds"
    error_message = jsonencode(local.controls.duties_are_separated)
  }
}
