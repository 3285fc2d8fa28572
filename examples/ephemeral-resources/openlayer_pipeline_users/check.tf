# A failed check is a warning. A failed postcondition is an error.
ephemeral "openlayer_pipeline_users" "dormant" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  inactive_since = timeadd(plantimestamp(), "-2160h") # 90 days
}

# A user whose last record has a date in the future is not dormant above.
ephemeral "openlayer_pipeline_users" "from_the_future" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  active_since  = timeadd(plantimestamp(), "24h") # clocks differ
  include_users = false
}

check "dormant_users" {
  assert {
    condition     = length(ephemeral.openlayer_pipeline_users.dormant.users) == 0
    error_message = "A user has not used the support bot for 90 days."
  }

  # Without users, the rule would pass. min_users counts only the dormant users.
  assert {
    condition     = ephemeral.openlayer_pipeline_users.dormant.summary.total > 0
    error_message = "The support bot has no users."
  }

  assert {
    condition     = ephemeral.openlayer_pipeline_users.from_the_future.summary.matched == 0
    error_message = "The last record of a user is in the future, so the user may be dormant."
  }
}
