mock_provider "llmusers" {
  # The users of every run without an override.
  mock_data "openlayer_pipeline_users" {
    defaults = {
      users = [
        {
          id                   = "cust-1"
          cost                 = 50
          records              = 10
          sessions             = 2
          tokens               = 1000
          date_of_first_record = "2026-01-31T08:00:00Z"
          date_of_last_record  = "2026-02-28T08:00:00Z"
        },
      ]
    }
  }
}

run "exactly_50_is_within_budget" {
  command = plan

  assert {
    condition     = length(output.over_budget) == 0
    error_message = "Over budget: ${jsonencode(output.over_budget)}"
  }
}

run "more_than_50_or_unknown_is_over_budget" {
  command = plan

  # The users of this run.
  override_data {
    target = data.openlayer_pipeline_users.support_bot
    values = {
      users = [
        {
          id                   = "cust-2"
          cost                 = 50.01
          records              = 10
          sessions             = 2
          tokens               = 1000
          date_of_first_record = "2026-01-31T08:00:00Z"
          date_of_last_record  = "2026-02-28T08:00:00Z"
        },
        {
          id                   = "cost-unknown"
          cost                 = null
          records              = 10
          sessions             = 2
          tokens               = 1000
          date_of_first_record = "2026-01-31T08:00:00Z"
          date_of_last_record  = "2026-02-28T08:00:00Z"
        },
      ]
    }
  }

  expect_failures = [check.no_user_is_over_budget]

  assert {
    condition     = output.over_budget == ["cust-2", "cost-unknown"]
    error_message = "Over budget: ${jsonencode(output.over_budget)}"
  }
}
