# These runs test which checks fail for which users. The module access-review has tests of the controls. The tests need
# no credentials and no network: terraform test
#
# A mocked provider has no ephemeral resources. So the tests call review/, to which main.tf passes the users.

variables {
  members = [
    { id = "usr_1", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }] },
    { id = "usr_2", handle = "bo", email = "bo@northwind.example", enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "corpus", resource = "manuals", role = "viewer", privileged = false }] },
  ]
  members_source = {
    vendor = "vectara", api_version = "v2", base_url = "https://api.example", whole = true
    scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0"
  }
  end_users        = [{ id = "bo@northwind.example.", date_of_last_record = timestamp() }]
  end_users_source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", whole = true, provider_version = "1.0.0" }

  approvals = [
    { subject = "ada@northwind.example", roles = ["owner"], owner = "bo@northwind.example", reason = "Runs it", ends = "2099-12-31" },
    { subject = "bo@northwind.example", roles = ["viewer on any corpus"], owner = "ada@northwind.example", reason = "Reads it", ends = "2099-12-31" },
  ]
  directory = {
    as_of  = formatdate("YYYY-MM-DD", timestamp())
    people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }]
  }

  company_domains   = ["northwind.example"]
  forbidden_pairs   = [["owner", "corpus_administrator"]]
  excluded_controls = { privileged_users_are_not_new = "No review is kept" }
  enforce           = true
}

run "holds" {
  command = plan

  module {
    source = "./review"
  }

  assert {
    condition     = length(output.controls) == 11 && output.controls.members_are_approved == "Every member is approved"
    error_message = jsonencode(output.controls)
  }
}

run "fails" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    # An owner from another company holds a forbidden pair of roles. A disabled leaver holds a role.
    members = [
      { id = "usr_1", handle = "eve", email = "eve@elsewhere.example", enabled = true, app_client = false, privileged = true, entitlements = [
        { scope = "account", role = "owner", privileged = true }, { scope = "account", role = "corpus_administrator", privileged = true },
      ] },
      { id = "usr_2", handle = "bo", email = "bo@northwind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }] },
      { id = "usr_3", handle = "cy", email = "cy@northwind.example", enabled = false, app_client = false, privileged = false, entitlements = [{ scope = "corpus", resource = "manuals", role = "viewer", privileged = false }] },
      { id = "app_1", handle = "bot", enabled = true, app_client = true, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] },
    ]
    end_users = [{ id = "cy@northwind.example", date_of_last_record = timestamp() }]
  }

  expect_failures = [
    check.controls_hold, check.members_are_approved, check.roles_are_approved, check.approvals_are_valid, check.owners_are_within_limits,
    check.privileged_users_belong_to_the_company, check.app_clients_are_not_privileged, check.disabled_users_hold_no_entitlements,
    check.leavers_have_no_access, check.leavers_do_not_use_the_application, check.duties_are_separated, output.controls,
  ]
}

run "no_members" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    members = []
    enforce = false
  }

  expect_failures = [
    check.controls_hold, check.account_has_members, check.members_are_approved, check.roles_are_approved, check.approvals_are_valid, check.owners_are_within_limits,
    check.privileged_users_belong_to_the_company, check.app_clients_are_not_privileged, check.disabled_users_hold_no_entitlements,
    check.leavers_have_no_access, check.duties_are_separated,
  ]
}

# The id of an end user has two addresses, and the second is the address of a leaver.
run "a_leaver_in_an_id_with_two_addresses" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    end_users = [{ id = "bo@northwind.example for cy@northwind.example|web", date_of_last_record = timestamp() }]
  }

  expect_failures = [check.controls_hold, check.leavers_do_not_use_the_application, output.controls]
}

run "a_misspelt_role_in_a_pair" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    forbidden_pairs = [["owner", "viewr on corpus manuals"]]
  }

  expect_failures = [check.controls_hold, check.duties_are_separated, output.controls]
}

run "end_users_are_not_assessed" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    end_users_source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", whole = false, provider_version = "1.0.0" }
  }

  expect_failures = [check.controls_hold, check.leavers_do_not_use_the_application, output.controls]
}

run "rest_v1_has_the_roles_in_the_account_only" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    members_source = { vendor = "vectara", api_version = "v1", base_url = "https://api.example", whole = true, scopes = ["account"], app_clients = true, provider_version = "1.0.0" }
    enforce        = false
  }

  expect_failures = [
    check.controls_hold, check.roles_are_approved, check.approvals_are_valid, check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged, check.disabled_users_hold_no_entitlements, check.leavers_have_no_access, check.duties_are_separated,
  ]
}

run "excluded" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    forbidden_pairs   = []
    excluded_controls = { privileged_users_are_not_new = "No review is kept", duties_are_separated = "A team of two" }
  }
}

run "all_excluded" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    excluded_controls = { for key in [
      "account_has_members", "members_are_approved", "roles_are_approved", "approvals_are_valid", "owners_are_within_limits",
      "privileged_users_belong_to_the_company", "app_clients_are_not_privileged", "disabled_users_hold_no_entitlements",
      "leavers_have_no_access", "leavers_do_not_use_the_application", "duties_are_separated", "privileged_users_are_not_new",
    ] : key => "Not now" }
  }

  expect_failures = [check.controls_hold, output.controls]
}

run "excluded_without_a_reason" {
  command = plan

  module {
    source = "./review"
  }

  variables {
    end_users         = []
    excluded_controls = { privileged_users_are_not_new = "No review is kept", leavers_do_not_use_the_application = " " }
  }

  expect_failures = [check.controls_hold, check.leavers_do_not_use_the_application, output.controls]
}

# If a control had no check of its own, its findings would fail only controls_hold and enforce.
run "each_control_has_a_check" {
  command = plan

  module {
    source = "./review"
  }

  assert {
    condition     = toset(keys(output.controls)) == toset(flatten(regexall("(?m)^check \"(\\w+)\"", replace(file("review/checks.tf"), "\"controls_hold\"", ""))))
    error_message = "The checks in review/checks.tf differ from the controls in controls.yaml."
  }
}
