# These runs test the whole review: its account, its sign-off and its contents.

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

run "not_signed_off" {
  command = plan

  assert {
    condition     = local.review.signed_by == "not signed off" && local.review.reviewer == "not named" && local.review.account == "1526022105" && local.review.read_at == plantimestamp()
    error_message = jsonencode(local.review)
  }

  assert {
    condition     = strcontains(nonsensitive(output.report_md), "| not signed off |") && strcontains(nonsensitive(output.report_html), "<p>Signature</p>")
    error_message = "The report does not say that it is not signed off."
  }
}

run "signed_off_today" {
  command = plan

  variables {
    reviewer = " security@northwind.example "
    sign_off = { by = " Ada ", on = formatdate("YYYY-MM-DD", timestamp()), statement = "Looked through." }
  }

  assert {
    condition     = local.review.signed_by == "Ada" && local.review.signed_on == formatdate("YYYY-MM-DD", plantimestamp()) && local.review.statement == "Looked through." && local.review.reviewer == "security@northwind.example"
    error_message = jsonencode(local.review)
  }

  assert {
    condition     = !strcontains(nonsensitive(output.report_html), "<p>Signature</p>")
    error_message = "A review that is signed off has a line for a signature."
  }
}

run "signed_off_tomorrow" {
  command = plan

  variables {
    sign_off = { by = "Ada", on = formatdate("YYYY-MM-DD", timeadd(timestamp(), "24h")), statement = "Looked through." }
  }

  expect_failures = [var.sign_off]
}

run "signed_off_without_a_date" {
  command = plan

  variables {
    sign_off = { by = "Ada", on = "today", statement = "Looked through." }
  }

  expect_failures = [var.sign_off]
}

run "signed_off_without_a_name" {
  command = plan

  variables {
    sign_off = { by = " ", on = "2026-01-01", statement = "Looked through." }
  }

  expect_failures = [var.sign_off]
}

run "signed_off_without_a_statement" {
  command = plan

  variables {
    sign_off = { by = "Ada", on = "2026-01-01", statement = "" }
  }

  expect_failures = [var.sign_off]
}

run "an_account_that_the_api_does_not_report" {
  command = plan

  variables {
    members_source = merge(run.base.source, { account = null })
    account        = "7"
  }

  assert {
    condition     = local.review.account == "7"
    error_message = jsonencode(local.review)
  }

  assert {
    condition     = strcontains(output.report_md, "account 7 (from the configuration)")
    error_message = output.report_md
  }

  assert {
    condition     = startswith(output.message, "Access review of the account 7: ")
    error_message = output.message
  }
}

run "the_same_account" {
  command = plan

  variables {
    account = "1526022105"
  }

  assert {
    condition     = local.review.account == "1526022105"
    error_message = jsonencode(local.review)
  }
}

run "another_account" {
  command = plan

  variables {
    account = "7"
  }

  expect_failures = [output.report_json]
}

run "an_unknown_account" {
  command = plan

  variables {
    members_source = merge(run.base.source, { account = null })
  }

  expect_failures = [output.report_json]
}

run "all_controls_are_excluded" {
  command = plan

  variables {
    excluded_controls = { for key in ["account_has_members", "members_are_approved", "roles_are_approved", "approvals_are_valid", "owners_are_within_limits", "privileged_users_belong_to_the_company", "app_clients_are_not_privileged", "disabled_users_hold_no_entitlements", "leavers_have_no_access", "leavers_do_not_use_the_application", "duties_are_separated", "privileged_users_are_not_new"] : key => "Not here" }
  }

  assert {
    condition     = output.result == "not assessed" && output.verdict == "0 of 0 controls hold, 12 excluded" && length(output.results) == 0
    error_message = output.message
  }
}

run "names_are_unchanged" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", handle = "c\u200by", email = "cy@northwİnd.example" }, { enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "corpus", resource = "c\u202ed", role = "<b>|`", privileged = false }], id = "5", handle = "d\u00a0" }])
  }

  assert {
    condition     = jsonencode([for member in jsondecode(nonsensitive(output.report_json)).members : [member.handle, member.email] if contains(["4", "5"], member.id)]) == jsonencode([["d\u00a0", null], ["c\u200by", "cy@northwİnd.example"]])
    error_message = jsonencode(local.review.members)
  }

  assert {
    condition     = contains(local.review.members[2].entitlements[*].name, "<b>|` on corpus c\u202ed") || contains(local.review.members[1].entitlements[*].name, "<b>|` on corpus c\u202ed")
    error_message = jsonencode(local.review.members)
  }
}

run "the_order_of_members" {
  command = plan

  variables {
    members = [run.base.members[1], { enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "zed@northwind.example" }, merge(run.base.members[2], { entitlements = [], privileged = false }), run.base.members[0]]
  }

  assert {
    condition     = jsonencode(local.review.members[*].name) == jsonencode(["ada@northwind.example", "zed@northwind.example", "bo@northwind.example", "nightly"])
    error_message = jsonencode(local.review.members[*].name)
  }
}

run "numbers" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = false, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "eve@agency.example" }, { enabled = true, app_client = false, privileged = false, entitlements = [], id = "5", handle = "fay" }])
  }

  assert {
    condition     = jsonencode(local.review.population) == jsonencode({ app_clients = 1, disabled = 1, members = 5, not_approved = 2, owners = 1, people = 4, privileged = 2, staff_among_users = 0, without_entitlements = 1 })
    error_message = jsonencode(local.review.population)
  }

  assert {
    condition     = jsonencode([for member in local.review.members : member.findings if member.id == "4"]) == jsonencode([["privileged_users_belong_to_the_company", "members_are_approved", "disabled_users_hold_no_entitlements"]])
    error_message = jsonencode(local.review.members)
  }
}
