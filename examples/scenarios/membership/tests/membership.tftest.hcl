# What a plan does when the users change. It needs neither credentials nor a network: terraform test
#
# The runs apply to one state. An id outlasts an update and no replacement, so it shows which one it was.
# What a test leaves out of a user, Terraform makes up. min_users is the provider's, which a mock replaces.

mock_provider "llmusers" {
  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [
        { id = "1", handle = "ada", email = "ada@northwind.example", api_roles = ["owner"] },
        { id = "2", handle = "bo", email = "bo@northwind.example", api_roles = ["administrator"] },
      ]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = { users = [{ id = "cust-1", cost = 50 }, { id = "cust-2", cost = 50.01 }, { id = "cust-3", cost = 80 }] }
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
    error_message = "The listings have no floor."
  }
}

run "another_order_and_other_costs" {
  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [
        { id = "2", handle = "bo", email = "bo@northwind.example", api_roles = ["administrator"] },
        { id = "1", handle = "ada", email = "ada@northwind.example", api_roles = ["owner"] },
      ]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = { users = [{ id = "cust-3", cost = 51 }, { id = "cust-2", cost = 90 }, { id = "cust-1", cost = 0 }] }
  }

  assert {
    condition     = output.seats == run.start.seats && output.quotas == run.start.quotas
    error_message = "Something was created, replaced or destroyed."
  }
}

run "somebody_joins" {
  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [
        { id = "0", handle = "aaron", email = "aaron@northwind.example", api_roles = ["administrator"] },
        { id = "1", handle = "ada", email = "ada@northwind.example", api_roles = ["owner"] },
        { id = "2", handle = "bo", email = "bo@northwind.example", api_roles = ["administrator"] },
      ]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = { users = [{ id = "cust-0", cost = 60 }, { id = "cust-2", cost = 60 }, { id = "cust-3", cost = 60 }] }
  }

  assert {
    condition     = output.seats == merge(run.start.seats, { aaron = output.seats.aaron })
    error_message = "Not one seat more: ${jsonencode(output.seats)}"
  }

  assert {
    condition     = output.quotas == merge(run.start.quotas, { "cust-0" = output.quotas["cust-0"] })
    error_message = "Not one quota more: ${jsonencode(output.quotas)}"
  }
}

# Whoever joined leaves again.
run "somebody_leaves" {
  assert {
    condition     = output.seats == run.start.seats && output.quotas == run.start.quotas
    error_message = "Not one less of each: ${jsonencode([output.seats, output.quotas])}"
  }
}

# With REST v2 the ids are others, too.
run "another_address_and_role" {
  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [
        { id = "usr_1", handle = "ada", email = "ada.l@northwind.example", api_roles = ["administrator"] },
        { id = "usr_2", handle = "bo", email = "bo@northwind.example", api_roles = ["administrator"] },
      ]
    }
  }

  assert {
    condition     = output.seats == run.start.seats && terraform_data.seat["ada"].output == { email = "ada.l@northwind.example", role = "writer" }
    error_message = "Not an update in place: ${jsonencode(terraform_data.seat)}"
  }
}

# Another handle is another key: a moved block keeps the seat.
run "another_handle" {
  override_data {
    target = data.vectara_users.administrators
    values = {
      users = [
        { id = "1", handle = "ada.lovelace", email = "ada@northwind.example", api_roles = ["owner"] },
        { id = "2", handle = "bo", email = "bo@northwind.example", api_roles = ["administrator"] },
      ]
    }
  }

  assert {
    condition     = output.seats == { bo = run.start.seats.bo, "ada.lovelace" = output.seats["ada.lovelace"] }
    error_message = "Somebody else's seat changed: ${jsonencode(output.seats)}"
  }
}

run "no_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = { users = [{ id = "1", handle = "ada", api_roles = ["owner"] }, { id = "2", handle = null, api_roles = ["owner"] }] }
  }

  expect_failures = [data.vectara_users.administrators]
}

run "an_empty_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = { users = [{ id = "1", handle = "ada", api_roles = ["owner"] }, { id = "2", handle = "", api_roles = ["owner"] }] }
  }

  expect_failures = [data.vectara_users.administrators]
}

run "two_with_one_handle" {
  command = plan

  override_data {
    target = data.vectara_users.administrators
    values = { users = [{ id = "1", handle = "ada", api_roles = ["owner"] }, { id = "2", handle = "ada", api_roles = ["owner"] }] }
  }

  expect_failures = [data.vectara_users.administrators]
}

run "a_cost_is_unknown" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.application
    values = { users = [{ id = "cust-2", cost = null }, { id = "cust-3", cost = 80 }] }
  }

  expect_failures = [data.openlayer_pipeline_users.application]
}
