# The policies, with other values of the variables. It needs neither credentials nor a network: terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  as_of                 = "2026-03-31"
}

# Everybody is active.
override_data {
  target = data.openlayer_pipeline_users.dormant
  values = {
    source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
    users   = []
    summary = { total = 4, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
  }
}

override_data {
  target = data.openlayer_pipeline_users.active
  values = {
    source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
    summary = { total = 4, matched = 4, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = null }
  }
}

run "everybody_is_active" {
  command = plan

  variables {
    enforce = true
  }

  assert {
    condition     = output.failures == {} && output.dormant == []
    error_message = "Something is said of somebody: ${jsonencode(output.failures)}"
  }

  assert {
    condition     = output.application.since == "2025-12-31T00:00:00Z" && output.application.cost_per_active_user == 2.5
    error_message = "Wrong numbers: ${jsonencode(output.application)}"
  }

  assert {
    condition = (
      data.openlayer_pipeline_users.dormant.inactive_since == output.application.since &&
      data.openlayer_pipeline_users.active.active_since == output.application.since
    )
    error_message = "The two listings do not part at the cutoff."
  }

  assert {
    condition     = data.openlayer_pipeline_users.active.include_users == false
    error_message = "The active users are read one by one, and get into the plan."
  }
}

run "refuses_half_a_day" {
  command = plan

  variables {
    dormant_days = 0.5
  }

  expect_failures = [var.dormant_days]
}

run "refuses_what_is_no_date" {
  command = plan

  variables {
    as_of = "2026-02-30"
  }

  expect_failures = [var.as_of]
}

run "refuses_less_than_nobody" {
  command = plan

  variables {
    max_dormant = -1
  }

  expect_failures = [var.max_dormant]
}

run "refuses_what_is_no_uuid" {
  command = plan

  variables {
    inference_pipeline_id = "support-bot"
  }

  expect_failures = [var.inference_pipeline_id]
}
