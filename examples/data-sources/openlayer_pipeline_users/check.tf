data "openlayer_pipeline_users" "support_bot" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  min_users             = 1 # without users, the rule would pass
}

locals {
  # A null cost is not known, so the user may be over budget.
  over_budget = [for user in data.openlayer_pipeline_users.support_bot.users : user.id if user.cost == null ? true : user.cost > 50]
}

check "no_user_is_over_budget" {
  assert {
    condition     = length(local.over_budget) == 0
    error_message = "Cost more than 50, or not known: ${join(", ", local.over_budget)}."
  }
}
