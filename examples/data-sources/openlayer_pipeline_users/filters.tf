# Customers whose last record is from 1 to 21 February.
data "openlayer_pipeline_users" "gone" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  user_id_regex  = "^cust-[0-9]+$"
  active_since   = "2026-02-01T00:00:00Z"
  inactive_since = "2026-02-22T00:00:00Z"
}

output "gone" {
  description = "The customers, with the date of the last record."
  value       = { for user in data.openlayer_pipeline_users.gone.users : user.id => user.date_of_last_record }
}
