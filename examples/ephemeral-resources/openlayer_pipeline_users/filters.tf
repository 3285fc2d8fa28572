# A user without a plan must not have both costs and a record since March.
ephemeral "openlayer_pipeline_users" "without_plan" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  column_filters = [{ measurement = "plan", operator = "is", null_value = true }]
  active_since   = "2026-03-01T00:00:00Z"

  lifecycle {
    postcondition {
      condition     = alltrue([for user in self.users : user.cost == 0]) # a null cost is not 0
      error_message = "A user without a plan has caused costs since March, or the cost is not known."
    }
  }
}

# The pipeline must have users. Without users, the rule above proves nothing.
ephemeral "openlayer_pipeline_users" "all" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  include_users = false
  min_users     = 1
}
