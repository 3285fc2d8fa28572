# Paying customers who cost 10 or more, and whose country is known and is not Germany.
data "openlayer_pipeline_users" "costly_customers" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  column_filters = [
    { measurement = "cost", operator = ">=", number_value = 10 },
    { measurement = "country", operator = "!=", string_value = "DE" },
    { measurement = "country", operator = "!=", null_value = true },
    { measurement = "plan", operator = "one_of", string_values = ["pro", "enterprise"] },
  ]
}
