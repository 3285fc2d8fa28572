# A user without a plan must not have both costs and a record since March.
ephemeral "openlayer_pipeline_users" "without_plan" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  column_filters = [
    { measurement = "plan", operator = "is", null_value = true },
    { measurement = "cost", operator = ">", number_value = 0 },
  ]
  active_since = "2026-03-01T00:00:00Z"

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 0
      error_message = "A user without a plan has caused costs since March."
    }
  }
}
