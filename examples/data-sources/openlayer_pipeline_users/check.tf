data "openlayer_pipeline_users" "over_budget" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  column_filters        = [{ measurement = "cost", operator = ">", number_value = 50 }]
}

check "no_user_is_over_budget" {
  assert {
    condition     = length(data.openlayer_pipeline_users.over_budget.users) == 0
    error_message = "Cost more than 50: ${join(", ", data.openlayer_pipeline_users.over_budget.users[*].id)}."
  }
}
