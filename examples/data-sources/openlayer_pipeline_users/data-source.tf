data "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

output "cost_by_user" {
  description = "What each user of the support bot cost."
  value       = { for user in data.openlayer_pipeline_users.support_bot.users : user.id => user.cost }
}
