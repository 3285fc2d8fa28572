# The policies, with other values of the variables. It needs neither credentials nor a network: terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  as_of                 = "2026-03-31"
}

# Everybody is active.
override_module {
  target = module.listing
  outputs = {
    dormant = { users = [], summary = { total = 4, matched = 0, cost = 0 } }
    active  = { summary = { total = 4, matched = 4, cost = 10 } }
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
