# At most 500 users without a plan. The listing is long, so the time limit is ten minutes.
data "openlayer_pipeline_users" "without_plan" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  column_filters = [
    { measurement = "plan", operator = "is", null_value = true },
  ]
  max_users = 500

  timeouts {
    read = "10m"
  }
}

# The pipeline must have users. Without users, an empty list above proves nothing.
data "openlayer_pipeline_users" "all" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  include_users = false
  min_users     = 1
}
