data "openlayer_pipeline_users" "support_bot" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  min_users             = 1 # an empty list is an error, so Terraform destroys nothing
}

# Replace this resource with a resource of another provider.
resource "terraform_data" "quota" {
  for_each = { for user in data.openlayer_pipeline_users.support_bot.users : user.id => user if user.cost > 50 }
  input    = { user = each.key, requests_per_day = 20 }
}
