# The policies, on other users in each run. It needs neither credentials nor a network: terraform test
#
# A mock may call no function, and OpenTofu wants every attribute of a user in it, so that "for" adds those that
# no run is about.

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  as_of                 = "2026-03-31"
}

run "nobody_at_all" {
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

  assert {
    condition     = output.failures == {} && output.application.users == 0 && output.application.cost_per_active_user == 0
    error_message = "Wrong numbers: ${jsonencode(output.application)}"
  }
}

run "somebody_is_dormant" {
  command = plan

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

  expect_failures = [check.dormant_users_stay_within_max_dormant]

  assert {
    condition     = startswith(output.failures.dormant_users_stay_within_max_dormant, "Without a record since 2025-12-31 (2 of 5 users): cust-2 (last seen 2025-06-01), cust-1 (last seen 2025-12-30). ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }

  assert {
    condition     = output.dormant[0].id == "cust-2" && output.application.dormant_cost == 2 && output.application.active_cost == 10
    error_message = "Wrong numbers: ${jsonencode(output.application)}"
  }
}

run "as_many_as_allowed_are_dormant" {
  command = plan

  variables {
    max_dormant = 1
    enforce     = true
  }

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [{ id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = 0.5 }] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = user.sessions, records = null, tokens = null, cost = user.cost
      }]
      summary = { total = 1, matched = 1, sessions = null, records = null, tokens = null, cost = 0.5, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 1, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }
}

run "a_message_names_five" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        for n in ["1", "2", "3", "4", "5", "6", "7"] :
        { id = "cust-${n}", date_of_last_record = "2025-06-0${n}T08:00:00Z", sessions = null, cost = 1 }
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = user.sessions, records = null, tokens = null, cost = user.cost
      }]
      summary = { total = 7, matched = 7, sessions = null, records = null, tokens = null, cost = 7, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 7, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.dormant_users_stay_within_max_dormant]

  assert {
    condition     = strcontains(output.failures.dormant_users_stay_within_max_dormant, "cust-5 (last seen 2025-06-05) and 2 more. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "what_is_not_known" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [{ id = "cust-1", date_of_last_record = null, sessions = null, cost = null }] : {
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

  expect_failures = [check.dormant_users_stay_within_max_dormant, check.every_cost_is_known]

  assert {
    condition     = output.application.active_cost == null && output.application.cost_per_active_user == null
    error_message = "A cost is said to be known: ${jsonencode(output.application)}"
  }
}

run "the_cost_of_one_active_user_is_not_known" {
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
      summary = { total = 3, matched = 3, sessions = null, records = null, tokens = null, cost = null, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.every_cost_is_known]
}

run "the_cost_of_one_dormant_user_is_not_known" {
  command = plan

  variables {
    max_dormant = 1
  }

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [{ id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = null }] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = user.sessions, records = null, tokens = null, cost = user.cost
      }]
      summary = { total = 3, matched = 1, sessions = null, records = null, tokens = null, cost = null, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 3, matched = 2, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.every_cost_is_known]
}

run "somebody_woke_up_in_between" {
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

  expect_failures = [check.both_listings_agree]
}

run "somebody_came_in_between" {
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

  expect_failures = [check.both_listings_agree]
}

run "enforced" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [{ id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = 0.5 }] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = user.sessions, records = null, tokens = null, cost = user.cost
      }]
      summary = { total = 1, matched = 1, sessions = null, records = null, tokens = null, cost = 0.5, date_of_first_record = null, date_of_last_record = null }
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      summary = { total = 1, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.dormant_users_stay_within_max_dormant, output.failures]
}

# Of a single page, nothing can be said of all users.
run "single_pages" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.dormant
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }

  expect_failures = [data.openlayer_pipeline_users.dormant, data.openlayer_pipeline_users.active]
}
