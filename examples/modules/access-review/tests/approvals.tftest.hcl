# These runs test the controls on approvals: which members and roles an approval covers, and when it is valid.

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

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "holds" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "no_approvals" {
  command = plan

  variables {
    approvals = []
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["ada@northwind.example", "bo@northwind.example", "nightly"]) && local.controls.members_are_approved.findings[0].detail == "owner" && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 0
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 0
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "a_new_member" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@northwind.example" }])
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.members_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "a_member_without_roles_is_approved" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@northwind.example" }])
    approvals = concat(run.base.approvals, [{ subject = "cy@northwind.example", owner = "ada@northwind.example", reason = "Joins", ends = "2099-12-31" }])
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "holds" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

# The member has another role than the approval covers, so the approval is not used.
run "a_mover" {
  command = plan

  variables {
    members = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "administrator" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is not used" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "a_mover_who_keeps_a_role" {
  command = plan

  variables {
    members = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = concat(run.base.members[1].entitlements, [{ scope = "account", role = "administrator", privileged = true }]) }), run.base.members[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "administrator" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

# A control with a finding fails, even if the members are a single page of the listing.
run "a_mover_on_a_single_page" {
  command = plan

  variables {
    members_source = merge(run.base.source, { whole = false })
    members        = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "administrator" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "one_of_two_roles_is_approved" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["administrator"] }), run.base.approvals[2]]
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = concat(run.base.members[1].entitlements, [{ scope = "account", role = "administrator", privileged = true }]) }), run.base.members[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "editor on corpus contracts" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "two_approvals_of_one_member" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = concat(run.base.members[1].entitlements, [{ scope = "account", role = "administrator", privileged = true }]) }), run.base.members[2]]
    approvals = concat(run.base.approvals, [{ subject = "BO@northwind.example ", roles = [" administrator "], owner = "ada@northwind.example", reason = "Deputy", ends = "2099-12-31" }])
  }

  assert {
    condition     = output.results.roles_are_approved == "holds" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "a_role_on_another_corpus" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "corpus", role = "editor", resource = "contracts", privileged = false }, { scope = "corpus", role = "editor", resource = "salaries", privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["editor on corpus contracts"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "editor on corpus salaries" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "any_corpus_covers_each_corpus" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "corpus", role = "editor", resource = "contracts", privileged = false }, { scope = "corpus", role = "editor", resource = "salaries", privileged = false }, { scope = "corpus", role = "editor", resource = null, privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["editor on any corpus"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "holds" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "one_corpus_does_not_cover_any_corpus" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "corpus", role = "editor", resource = null, privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["editor on corpus contracts"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "editor on any corpus" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "any_corpus_does_not_cover_an_agent" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "agent", role = "editor", resource = "bot", privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["editor on any corpus"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "editor on agent bot" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "a_role_of_the_account_does_not_cover_a_corpus" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "corpus", role = "administrator", resource = "contracts", privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["administrator"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "administrator on corpus contracts" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "an_operation" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "operation", role = "listCorpora", resource = null, privileged = false }, { scope = "operation", role = "createApiKey", resource = "contracts", privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["operation listCorpora on any resource"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "operation createApiKey on contracts" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "any_resource_covers_each_resource" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "operation", role = "listCorpora", resource = "contracts", privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["operation listCorpora on any resource"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "holds" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "roles_in_another_case" {
  command = plan

  variables {
    members   = [run.base.members[0], merge(run.base.members[1], { entitlements = [{ scope = "corpus", role = "editor", resource = "contracts", privileged = false }] }), run.base.members[2]]
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["Editor on corpus contracts"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "editor on corpus contracts" && local.controls.roles_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "ended" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { ends = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-24h")) }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = local.controls.approvals_are_valid.findings[0].detail == "ended on ${formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "-24h"))}"
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "ends_today" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { ends = formatdate("YYYY-MM-DD", timestamp()) }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "without_an_end" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { ends = null }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "has no end" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "with_a_blank_end" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { ends = " " }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "has no end" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "without_an_owner" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = null }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "has no owner" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "with_a_blank_owner" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = " " }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "has no owner" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "without_a_reason" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { reason = null }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "has no reason" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "bo@northwind.example" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_in_upper_case" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = " BO@Northwind.Example " }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_handle" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "Bo" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_id" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "2" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_name_and_address" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "Bo Lee <Bo@northwind.example>" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_and_an_invisible_character" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "bo@northwind.example\u200b" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_and_a_grapheme_joiner" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "bo@northwind.example\u034f" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_before_a_name" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "bo@northwind.example (Bo)" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_after_a_name" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "Bo bo@northwind.example" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_and_a_no_break_space" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "bo@northwind.example " }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_the_address_and_a_dot" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "bo@northwind.example." }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "owned_by_a_similar_address" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = "jacobo@northwind.example" }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "an_app_client_owns_its_approval" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], run.base.approvals[1], merge(run.base.approvals[2], { owner = "app_3" })]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["nightly"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["nightly"]) && local.controls.approvals_are_valid.findings[0].detail == "is owned by its subject" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "with_several_problems" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { owner = null, reason = "", ends = "2026-01-31", roles = ["owner"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "not assessed" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode([]) && local.controls.roles_are_approved.looked_at == 2
    error_message = jsonencode(local.controls.roles_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "has no owner, has no reason, ended on 2026-01-31, is not used" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "one_valid_approval_is_enough" {
  command = plan

  variables {
    approvals = concat(run.base.approvals, [merge(run.base.approvals[1], { ends = "2026-01-31" })])
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "ended on 2026-01-31" && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "not_used" {
  command = plan

  variables {
    approvals = concat(run.base.approvals, [{ subject = "gone@northwind.example", roles = ["owner"], owner = "ada@northwind.example", reason = "Platform", ends = "2099-12-31" }])
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["gone@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is not used" && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "may_be_used_on_another_page" {
  command = plan

  variables {
    members_source = merge(run.base.source, { whole = false })
    approvals      = concat(run.base.approvals, [{ subject = "gone@northwind.example", roles = ["owner"], owner = "ada@northwind.example", reason = "Platform", ends = "2099-12-31" }])
  }

  assert {
    condition     = output.results.approvals_are_valid == "not assessed" && contains(local.controls.approvals_are_valid.not_assessed, "a single page of the members was read") && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "may_be_used_in_a_scope_that_was_not_read" {
  command = plan

  variables {
    members_source = merge(run.base.source, { api_version = "v1", scopes = ["account"] })
    members        = [run.base.members[0], merge(run.base.members[1], { entitlements = [] }), merge(run.base.members[2], { entitlements = [] })]
  }

  assert {
    condition     = output.results.approvals_are_valid == "not assessed" && contains(local.controls.approvals_are_valid.not_assessed, "REST v1 has no entitlements of the scopes corpus, agent, operation") && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "an_exception_for_an_end_user" {
  command = plan

  variables {
    approvals        = concat(run.base.approvals, [{ subject = "fay@northwind.example", owner = "ada@northwind.example", reason = "Tests it", ends = "2099-12-31", exceptions = ["leavers_do_not_use_the_application"] }])
    end_users        = [{ id = "Fay@northwind.example." }]
    end_users_source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.openlayer.com", whole = true, provider_version = "1.0.0" }
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "an_exception_for_no_end_user" {
  command = plan

  variables {
    approvals        = concat(run.base.approvals, [{ subject = "fay@northwind.example", owner = "ada@northwind.example", reason = "Tests it", ends = "2099-12-31", exceptions = ["leavers_do_not_use_the_application"] }])
    end_users        = [{ id = "cust-1" }]
    end_users_source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.openlayer.com", whole = true, provider_version = "1.0.0" }
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["fay@northwind.example"]) && local.controls.approvals_are_valid.findings[0].detail == "is not used" && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "an_exception_for_an_end_user_who_was_not_read" {
  command = plan

  variables {
    approvals = concat(run.base.approvals, [{ subject = "fay@northwind.example", owner = "ada@northwind.example", reason = "Tests it", ends = "2099-12-31", exceptions = ["leavers_do_not_use_the_application"] }])
  }

  assert {
    condition     = output.results.approvals_are_valid == "not assessed" && contains(local.controls.approvals_are_valid.not_assessed, "the end users were not read") && local.controls.approvals_are_valid.looked_at == 4
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

# A user can choose any handle, so an approval of an address does not apply to a handle.
run "a_handle_that_is_an_approved_address" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", handle = "ada@northwind.example" }])
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["ada@northwind.example"]) && local.controls.members_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

# An approval of a handle applies only to members without an address.
run "an_address_whose_handle_is_approved" {
  command = plan

  variables {
    members = [run.base.members[0], run.base.members[1], merge(run.base.members[2], { email = "eve@northwind.example" })]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["eve@northwind.example"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["nightly"]) && local.controls.approvals_are_valid.findings[0].detail == "is not used" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

# An approval of a handle applies to none of several members with this handle, and excepts none of them.
run "two_app_clients_with_one_handle" {
  command = plan

  variables {
    members   = concat(run.base.members, [merge(run.base.members[2], { id = "app_4", privileged = true })])
    approvals = [run.base.approvals[0], run.base.approvals[1], merge(run.base.approvals[2], { exceptions = ["app_clients_are_not_privileged"] })]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["nightly", "nightly"]) && local.controls.members_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.app_clients_are_not_privileged == "fails" && length(local.controls.app_clients_are_not_privileged.exceptions) == 0 && local.controls.app_clients_are_not_privileged.looked_at == 2
    error_message = jsonencode(local.controls.app_clients_are_not_privileged)
  }

  assert {
    condition     = output.results.approvals_are_valid == "fails" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode(["nightly"]) && local.controls.approvals_are_valid.findings[0].detail == "is for a handle of several members" && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "an_app_client_with_an_approved_address" {
  command = plan

  variables {
    members   = [run.base.members[0], run.base.members[1], merge(run.base.members[2], { email = "nightly@northwind.example" })]
    approvals = [run.base.approvals[0], run.base.approvals[1], merge(run.base.approvals[2], { subject = "nightly@northwind.example" })]
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "a_handle_in_another_case" {
  command = plan

  variables {
    members = [run.base.members[0], run.base.members[1], merge(run.base.members[2], { handle = "Nightly" })]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["Nightly"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

run "an_address_in_another_case" {
  command = plan

  variables {
    members = [run.base.members[0], merge(run.base.members[1], { email = " Bo@NORTHWIND.example" }), run.base.members[2]]
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.approvals_are_valid == "holds" && jsonencode(local.controls.approvals_are_valid.findings[*].name) == jsonencode([]) && local.controls.approvals_are_valid.looked_at == 3
    error_message = jsonencode(local.controls.approvals_are_valid)
  }
}

run "an_address_with_a_dotted_capital_i" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "ada@northwİnd.example" }])
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["ada@northwİnd.example"]) && local.controls.members_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

run "two_members_with_one_address" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "BO@northwind.example" }])
  }

  assert {
    condition     = output.results.members_are_approved == "holds" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode([]) && local.controls.members_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.members_are_approved)
  }

  assert {
    condition     = output.results.roles_are_approved == "fails" && jsonencode(local.controls.roles_are_approved.findings[*].name) == jsonencode(["BO@northwind.example"]) && local.controls.roles_are_approved.findings[0].detail == "administrator" && local.controls.roles_are_approved.looked_at == 4
    error_message = jsonencode(local.controls.roles_are_approved)
  }
}

run "blank_names" {
  command = plan

  variables {
    members = concat(run.base.members, [{ id = "4", handle = " ", email = " ", app_client = false, privileged = false, entitlements = [] }, { handle = "", email = "", app_client = false, privileged = false, entitlements = [] }])
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].key) == jsonencode(["id 4", "id not reported"])
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

run "a_subject_that_is_blank" {
  command = plan

  variables {
    approvals = [merge(run.base.approvals[0], { subject = " " })]
  }

  expect_failures = [var.approvals]
}

run "an_end_that_is_no_date" {
  command = plan

  variables {
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { ends = "2027-02-30" }), run.base.approvals[2]]
  }

  expect_failures = [var.approvals]
}
