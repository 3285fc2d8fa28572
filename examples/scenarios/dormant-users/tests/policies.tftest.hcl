# The policies, on other users in each run. It needs neither credentials nor a network: terraform test

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

  override_module {
    target = module.listing
    outputs = {
      dormant = { users = [], summary = { total = 0, matched = 0, cost = 0 } }
      active  = { summary = { total = 0, matched = 0, cost = 0 } }
    }
  }

  assert {
    condition     = output.failures == {} && output.application.users == 0 && output.application.cost_per_active_user == 0
    error_message = "Wrong numbers: ${jsonencode(output.application)}"
  }
}

run "somebody_is_dormant" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      dormant = {
        users = [
          { id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = 0.5 },
          { id = "cust-2", date_of_last_record = "2025-06-01T08:00:00Z", sessions = 2, cost = 1.5 },
        ]
        summary = { total = 5, matched = 2, cost = 2 }
      }
      active = { summary = { total = 5, matched = 3, cost = 10 } }
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

  override_module {
    target = module.listing
    outputs = {
      dormant = {
        users   = [{ id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = 0.5 }]
        summary = { total = 1, matched = 1, cost = 0.5 }
      }
      active = { summary = { total = 1, matched = 0, cost = 0 } }
    }
  }
}

run "a_message_names_five" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      dormant = {
        users = [
          for n in ["1", "2", "3", "4", "5", "6", "7"] :
          { id = "cust-${n}", date_of_last_record = "2025-06-0${n}T08:00:00Z", sessions = null, cost = 1 }
        ]
        summary = { total = 7, matched = 7, cost = 7 }
      }
      active = { summary = { total = 7, matched = 0, cost = 0 } }
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

  override_module {
    target = module.listing
    outputs = {
      dormant = {
        users   = [{ id = "cust-1", date_of_last_record = null, sessions = null, cost = null }]
        summary = { total = 3, matched = 1, cost = null }
      }
      active = { summary = { total = 3, matched = 2, cost = null } }
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

  override_module {
    target = module.listing
    outputs = {
      dormant = { users = [], summary = { total = 3, matched = 0, cost = 0 } }
      active  = { summary = { total = 3, matched = 3, cost = null } }
    }
  }

  expect_failures = [check.every_cost_is_known]
}

run "the_cost_of_one_dormant_user_is_not_known" {
  command = plan

  variables {
    max_dormant = 1
  }

  override_module {
    target = module.listing
    outputs = {
      dormant = {
        users   = [{ id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = null }]
        summary = { total = 3, matched = 1, cost = null }
      }
      active = { summary = { total = 3, matched = 2, cost = 10 } }
    }
  }

  expect_failures = [check.every_cost_is_known]
}

run "somebody_woke_up_in_between" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      dormant = { users = [], summary = { total = 3, matched = 0, cost = 0 } }
      active  = { summary = { total = 3, matched = 2, cost = 10 } }
    }
  }

  expect_failures = [check.both_listings_agree]
}

run "somebody_came_in_between" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      dormant = { users = [], summary = { total = 3, matched = 0, cost = 0 } }
      active  = { summary = { total = 4, matched = 3, cost = 10 } }
    }
  }

  expect_failures = [check.both_listings_agree]
}

run "enforced" {
  command = plan

  variables {
    enforce = true
  }

  override_module {
    target = module.listing
    outputs = {
      dormant = {
        users   = [{ id = "cust-1", date_of_last_record = "2025-12-30T08:00:00Z", sessions = 1, cost = 0.5 }]
        summary = { total = 1, matched = 1, cost = 0.5 }
      }
      active = { summary = { total = 1, matched = 0, cost = 0 } }
    }
  }

  expect_failures = [check.dormant_users_stay_within_max_dormant, output.failures]
}
