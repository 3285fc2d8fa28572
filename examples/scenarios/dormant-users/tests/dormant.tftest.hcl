# These runs test the control, with different users. The tests need no credentials and no network: terraform test
#
# OpenTofu needs every attribute of a user in a mock. "for" adds the attributes that no run uses.

# Of five users, two are dormant.
mock_provider "llmusers" {
  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = 0.5 },
        { id = "cust-2", date_of_last_record = "2025-06-01T08:00:00Z", sessions = 2, cost = 1.5 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = user.sessions, records = null, tokens = null, cost = user.cost
      }]
      summary = { total = 5, matched = 2, sessions = null, records = null, tokens = null, cost = 2, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 5, matched = 3, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = null }
    }
  }
}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

run "two_are_dormant" {
  command = plan

  expect_failures = [check.controls_hold]

  assert {
    condition = module.controls.message == join("\n", [
      "0 of 1 controls hold, 1 fails.",
      "- fails: At most 0 users are dormant. Findings: 2 (users looked at: 5). These users have no record since ${formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "-2160h"))}. Revoke the access of users who do not need it, or raise max_dormant.",
    ])
    error_message = module.controls.message
  }

  assert {
    condition     = output.dormant[*].id == ["cust-2", "cust-1"]
    error_message = "Wrong order: ${jsonencode(nonsensitive(output.dormant))}"
  }

  assert {
    condition = output.application == {
      since = timeadd(formatdate("YYYY-MM-DD'T00:00:00Z'", plantimestamp()), "-2160h")
      users = 5, dormant = 2, active = 3, dormant_cost = 2, active_cost = 10, cost_per_active_user = 3.33
    }
    error_message = "Wrong numbers: ${jsonencode(output.application)}"
  }

  assert {
    condition = (
      data.openlayer_pipeline_users.dormant.inactive_since == output.application.since &&
      data.openlayer_pipeline_users.active.active_since == output.application.since
    )
    error_message = "The two listings do not have the same cutoff."
  }

  assert {
    condition     = data.openlayer_pipeline_users.active.include_users == false
    error_message = "The plan contains the active users."
  }
}

run "enforced" {
  command = plan

  variables {
    max_dormant = 1
    enforce     = true
  }

  expect_failures = [check.controls_hold, output.verdict]
}

run "as_many_as_allowed" {
  command = plan

  variables {
    max_dormant = 2
    enforce     = true
  }

  assert {
    condition     = output.verdict == "1 of 1 controls hold"
    error_message = output.verdict
  }
}

# Without users, the control fails: a wrong pipeline is more likely than an unused application.
run "no_users" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users   = []
      summary = { total = 0, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 0, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.controls_hold, output.verdict]

  assert {
    condition     = output.application.users == 0 && output.application.cost_per_active_user == 0
    error_message = "Wrong numbers: ${jsonencode(output.application)}"
  }
}

run "unknown_costs" {
  command = plan

  variables {
    max_dormant = 1
  }

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "cust-3", date_of_last_record = null, sessions = null, cost = null },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = user.sessions, records = null, tokens = null, cost = user.cost
      }]
      summary = { total = 3, matched = 1, sessions = null, records = null, tokens = null, cost = null, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 3, matched = 2, sessions = null, records = null, tokens = null, cost = null, date_of_first_record = null, date_of_last_record = null }
    }
  }

  assert {
    condition     = output.application.dormant_cost == null && output.application.cost_per_active_user == null
    error_message = "A cost is not null: ${jsonencode(output.application)}"
  }
}

run "a_user_became_active_in_between" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users   = []
      summary = { total = 3, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 3, matched = 2, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = strcontains(module.controls.message, "- not assessed: At most 0 users are dormant. Reason: 0 of 3 users were dormant, and 2 of 3 active: the users changed between the two listings (plan again), or the blocks have user_ids or user_id_regex.")
    error_message = module.controls.message
  }
}

run "a_user_joined_in_between" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users   = []
      summary = { total = 3, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 4, matched = 3, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.controls_hold]
}

# A user with a wrong date may be dormant.
run "a_last_record_in_the_future" {
  command = plan

  variables {
    max_dormant = 2
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 5, matched = 3, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = "2199-01-01T00:00:00Z" }
    }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = strcontains(module.controls.message, "- not assessed: At most 2 users are dormant. Reason: the last record of a user is in the future.")
    error_message = module.controls.message
  }
}

run "a_single_page" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users   = []
      summary = { total = 3, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 3, matched = 3, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = output.verdict == "0 of 1 controls hold, 1 not assessed"
    error_message = output.verdict
  }
}

run "half_a_day" {
  command = plan

  variables {
    dormant_days = 0.5
  }

  expect_failures = [var.dormant_days]
}

run "a_negative_maximum" {
  command = plan

  variables {
    max_dormant = -1
  }

  expect_failures = [var.max_dormant]
}

run "not_a_uuid" {
  command = plan

  variables {
    inference_pipeline_id = "support-bot"
  }

  expect_failures = [var.inference_pipeline_id]
}
