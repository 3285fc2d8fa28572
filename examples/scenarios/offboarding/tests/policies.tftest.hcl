# The policies, on other users in each run. It needs neither credentials nor a network: terraform test
#
# A mock may call no function, and OpenTofu wants every attribute of a user in it, so that "for" adds those that
# no run is about.

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory             = "tests/directories/people.csv" # Ada, Bo, and Cy, who has no address
}

# No end users, unless a run has some.
override_data {
  target = data.openlayer_pipeline_users.staff
  values = {
    source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
    users  = []
  }
}

run "nobody_at_all" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users  = []
    }
  }

  expect_failures = [check.team_is_there, check.leavers_cannot_sign_in, check.leavers_hold_no_role, check.members_can_be_looked_up]
}

run "leavers_with_a_role_in_the_account" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        { id = "1", handle = "di", email = "Di@northwind.example", enabled = true, app_client = false, may = [] },
        { id = "2", handle = "ed", email = "ed@northwind.example", enabled = null, app_client = false, may = [] },
        { id = "3", handle = "fay", email = "fay@northwind.example", enabled = false, app_client = false, may = [["account", null, "corpus_administrator"]] },
        { id = "4", handle = "gus", email = "gus@northwind.example", enabled = false, app_client = false, may = [] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.leavers_cannot_sign_in, check.leavers_hold_no_role]

  assert {
    condition = output.offenders == {
      leavers_cannot_sign_in     = ["Di@northwind.example", "ed@northwind.example"]
      leavers_hold_no_role       = ["fay@northwind.example (corpus_administrator)"]
      leavers_use_no_application = []
      members_can_be_looked_up   = []
    }
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }

  assert {
    condition     = startswith(output.failures.leavers_cannot_sign_in, "Not in the directory, and may sign in to Vectara (2): Di@northwind.example, ed@northwind.example. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "leavers_with_a_role_on_a_single_resource" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        { id = "usr_1", handle = "di", email = "di@northwind.example", enabled = false, app_client = false, may = [["account", null, "owner"]] },
        { id = "usr_2", handle = "ed", email = "ed@northwind.example", enabled = false, app_client = false, may = [["corpus", "contracts", "editor"]] },
        { id = "usr_3", handle = "fay", email = "fay@northwind.example", enabled = false, app_client = false, may = [["agent", "desk", "agent_user"]] },
        { id = "usr_4", handle = "gus", email = "gus@northwind.example", enabled = false, app_client = false, may = [] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.leavers_hold_no_role]

  assert {
    condition = output.offenders.leavers_hold_no_role == [
      "di@northwind.example (owner)", "ed@northwind.example (editor on contracts)", "fay@northwind.example (agent_user on desk)",
    ]
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }
}

run "a_leaver_uses_the_application" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [{ id = "usr_1", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] }
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.staff
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "Di@Northwind.Example", date_of_last_record = "2026-03-31T08:00:00Z" },
        { id = "ed@northwind.example", date_of_last_record = null },
        { id = "ada@northwind.example", date_of_last_record = "2026-03-31T08:00:00Z" },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = null, records = null, tokens = null, cost = null
      }]
    }
  }

  expect_failures = [check.leavers_use_no_application]

  assert {
    condition     = strcontains(output.failures.leavers_use_no_application, " in the last 30 days (2): Di@Northwind.Example (last seen 2026-03-31), ed@northwind.example (last seen unknown). ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "what_is_not_known" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        { id = null, handle = null, email = null, enabled = null, app_client = false, may = [] },
        { id = "usr_2", handle = "bot", email = "", enabled = false, app_client = false, may = [["account", null, "viewer"]] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.members_can_be_looked_up]

  assert {
    condition     = output.offenders.members_can_be_looked_up == ["a member without a name", "bot"]
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }
}

# Of letters outside of ASCII, none is another one's capital letter.
run "another_domain_in_lower_case" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = null, email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        { id = "usr_1", handle = null, email = "Bo@northw\u0130nd.example", enabled = true, app_client = false, may = [] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.leavers_cannot_sign_in]

  assert {
    condition     = output.offenders.leavers_cannot_sign_in == ["Bo@northw\u0130nd.example"]
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }
}

run "no_owner_is_visible" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = null, email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "administrator"]] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.team_is_there, check.leavers_cannot_sign_in, check.leavers_hold_no_role, check.members_can_be_looked_up]

  assert {
    condition     = output.failures.leavers_cannot_sign_in == "Not assessed: no owner is visible, and every account has one."
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "rest_v1_has_account_roles_alone" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = ["account"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = null, email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.leavers_hold_no_role]

  assert {
    condition     = output.failures.leavers_hold_no_role == "Not assessed: REST v1 has no entitlements of the scopes corpus, agent, operation."
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "single_pages" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = false, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = null, email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.staff
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }

  expect_failures = [
    check.team_is_there, check.leavers_cannot_sign_in, check.leavers_hold_no_role, check.members_can_be_looked_up, check.leavers_use_no_application, output.failures,
  ]
}

run "exempt" {
  command = plan

  variables {
    exempt  = ["Di@elsewhere.example", "bot", " usr_3", "ed@northwind.example"]
    enforce = true
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_1", handle = "di", email = "di@elsewhere.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        { id = "usr_2", handle = "Bot", email = null, enabled = null, app_client = false, may = [] },
        { id = "usr_3", handle = null, email = "fay@northwind.example", enabled = false, app_client = false, may = [["account", null, "owner"]] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.staff
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [{ id = "Ed@northwind.example", date_of_last_record = "2026-03-31T08:00:00Z" }] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = null, records = null, tokens = null, cost = null
      }]
    }
  }
}

run "a_message_names_five" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        for n in ["1", "2", "3", "4", "5", "6", "7"] :
        { id = n, handle = null, email = "di.${n}@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] }
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.leavers_cannot_sign_in]

  assert {
    condition     = strcontains(output.failures.leavers_cannot_sign_in, "(7): di.1@northwind.example, di.2@northwind.example") && strcontains(output.failures.leavers_cannot_sign_in, " di.5@northwind.example and 2 more. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "enforced" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { id = "usr_0", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
        { id = "usr_1", handle = null, email = "di@northwind.example", enabled = true, app_client = false, may = [] },
        ] : {
        id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.leavers_cannot_sign_in, output.failures]
}
