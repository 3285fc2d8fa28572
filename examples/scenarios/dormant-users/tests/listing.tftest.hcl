# What is asked of the provider.

mock_provider "llmusers" {
  override_data {
    target = data.openlayer_pipeline_users.active
    values = {
      summary = {
        total                = 3
        matched              = 2
        sessions             = 2
        records              = 2
        tokens               = 2
        cost                 = null
        date_of_first_record = null
        date_of_last_record  = null
      }
    }
  }
}

run "the_two_listings" {
  command = plan

  module {
    source = "./listing"
  }

  variables {
    inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
    cutoff                = "2025-12-31T00:00:00Z"
  }

  assert {
    condition = (
      data.openlayer_pipeline_users.dormant.inactive_since == var.cutoff &&
      data.openlayer_pipeline_users.active.active_since == var.cutoff
    )
    error_message = "The two listings do not part at the cutoff."
  }

  assert {
    condition     = data.openlayer_pipeline_users.active.include_users == false
    error_message = "The active users are read one by one, and get into the plan."
  }

  assert {
    condition     = length(output.dormant.users) == 0 && output.active.summary.matched == 2 && output.active.summary.cost == null
    error_message = "Something else is handed on than was read."
  }
}
