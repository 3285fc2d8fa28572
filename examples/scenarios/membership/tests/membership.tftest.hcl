# These runs test the plans after the users change. The tests need no credentials and no network: terraform test
#
# The first run applies. The other runs plan on its state. In a plan, a known id means that Terraform neither
# creates nor replaces the resource. A known output means that the resource does not change. An assertion on an
# unknown value fails.
#
# A mock replaces the provider, so min_users has no effect. A mock cannot call functions, and OpenTofu needs every
# attribute of a user in it. "for" adds the attributes that no run uses.

mock_provider "llmusers" {
  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["1", "ada", "ada@northwind.example", "owner"],
        ["2", "bo", "bo@northwind.example", "administrator"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      users = [for user in [["cust-1", 50], ["cust-2", 50.01], ["cust-3", 80]] : {
        id = user[0], cost = user[1], sessions = null, records = null, tokens = null, date_of_first_record = null, date_of_last_record = null
      }]
    }
  }
}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  min_administrators    = 2
  min_end_users         = 3
}

run "start" {
  assert {
    condition = { for handle, seat in terraform_data.seat : handle => seat.output } == {
      ada = { email = "ada@northwind.example", role = "admin" }
      bo  = { email = "bo@northwind.example", role = "writer" }
    }
    error_message = "Wrong seats: ${jsonencode(terraform_data.seat)}"
  }

  assert {
    condition = { for user, quota in terraform_data.quota : user => quota.output } == {
      "cust-2" = { user = "cust-2", requests_per_day = 20 }
      "cust-3" = { user = "cust-3", requests_per_day = 20 }
    }
    error_message = "Wrong quotas: ${jsonencode(terraform_data.quota)}"
  }

  assert {
    condition     = data.vectara_users.administrators.min_users == 2 && data.openlayer_pipeline_users.application.min_users == 3
    error_message = "The listings do not have min_users."
  }
}

run "another_order_and_other_costs" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["2", "bo", "bo@northwind.example", "administrator"],
        ["1", "ada", "ada@northwind.example", "owner"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      users = [for user in [["cust-3", 51], ["cust-2", 90], ["cust-1", 0]] : {
        id = user[0], cost = user[1], sessions = null, records = null, tokens = null, date_of_first_record = null, date_of_last_record = null
      }]
    }
  }

  assert {
    condition     = { for handle, seat in terraform_data.seat : handle => seat.output.email } == { ada = "ada@northwind.example", bo = "bo@northwind.example" }
    error_message = "A seat changes."
  }

  assert {
    condition     = { for user, quota in terraform_data.quota : user => quota.output.user } == { "cust-2" = "cust-2", "cust-3" = "cust-3" }
    error_message = "A quota changes."
  }
}

run "a_user_joins" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["0", "aaron", "aaron@northwind.example", "administrator"],
        ["1", "ada", "ada@northwind.example", "owner"],
        ["2", "bo", "bo@northwind.example", "administrator"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      users = [for user in [["cust-0", 60], ["cust-2", 60], ["cust-3", 60]] : {
        id = user[0], cost = user[1], sessions = null, records = null, tokens = null, date_of_first_record = null, date_of_last_record = null
      }]
    }
  }

  assert {
    condition     = keys(terraform_data.seat) == ["aaron", "ada", "bo"] && terraform_data.seat["ada"].output.role == "admin" && terraform_data.seat["bo"].output.role == "writer"
    error_message = "Wrong seats after a user joined."
  }

  assert {
    condition     = keys(terraform_data.quota) == ["cust-0", "cust-2", "cust-3"] && terraform_data.quota["cust-2"].output.user == "cust-2" && terraform_data.quota["cust-3"].output.user == "cust-3"
    error_message = "Wrong quotas after a user joined."
  }
}

run "a_user_leaves" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["2", "bo", "bo@northwind.example", "administrator"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      users = [for user in [["cust-1", 50], ["cust-2", 50], ["cust-3", 80]] : {
        id = user[0], cost = user[1], sessions = null, records = null, tokens = null, date_of_first_record = null, date_of_last_record = null
      }]
    }
  }

  assert {
    condition     = keys(terraform_data.seat) == ["bo"] && terraform_data.seat["bo"].output.role == "writer"
    error_message = "Wrong seats after a user left."
  }

  assert {
    condition     = keys(terraform_data.quota) == ["cust-3"] && terraform_data.quota["cust-3"].output.user == "cust-3"
    error_message = "Wrong quotas after a user left."
  }
}

# The ids change too, as they do after a change from REST v1 to v2.
run "another_address_and_role" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["usr_1", "ada", "ada.l@northwind.example", "administrator"],
        ["usr_2", "bo", "bo@northwind.example", "administrator"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  assert {
    condition     = terraform_data.seat["ada"].input == { email = "ada.l@northwind.example", role = "writer" } && length(terraform_data.seat["ada"].id) == 36
    error_message = "Not an update in place."
  }

  assert {
    condition     = terraform_data.seat["bo"].output.role == "writer"
    error_message = "The seat of another user changes."
  }
}

# The handle is the key of a seat, so a member with a new handle gets a new seat. Only a moved block keeps the seat.
run "another_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["1", "ada.lovelace", "ada@northwind.example", "owner"],
        ["2", "bo", "bo@northwind.example", "administrator"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  assert {
    condition     = keys(terraform_data.seat) == ["ada.lovelace", "bo"] && terraform_data.seat["bo"].output.role == "writer"
    error_message = "The seat of another user changes."
  }
}

run "no_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["1", "ada", "one@northwind.example", "owner"],
        ["2", null, "one@northwind.example", "owner"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [data.vectara_users.administrators]
}

run "an_empty_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["1", "ada", "one@northwind.example", "owner"],
        ["2", "", "one@northwind.example", "owner"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [data.vectara_users.administrators]
}

run "two_users_with_the_same_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [for user in [
        ["1", "ada", "one@northwind.example", "owner"],
        ["2", "ada", "one@northwind.example", "owner"],
        ] : {
        id         = user[0], handle = user[1], email = user[2], api_roles = [user[3]]
        type       = null, user_status = null, enabled = null, roles = [], comment = null, ts_create = null, created_at = null, id_create = null, updated_at = null
        app_client = false, privileged = true, entitlements = [], corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [data.vectara_users.administrators]
}

run "a_cost_is_unknown" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      users = [for user in [["cust-2", null], ["cust-3", 80]] : {
        id = user[0], cost = user[1], sessions = null, records = null, tokens = null, date_of_first_record = null, date_of_last_record = null
      }]
    }
  }

  expect_failures = [data.openlayer_pipeline_users.application]
}
