variable "inference_pipeline_id" { type = string }

data "openlayer_pipeline_users" "all" {
  provider              = llmusers
  inference_pipeline_id = var.inference_pipeline_id
}

locals {
  costs = { for user in data.openlayer_pipeline_users.all.users : user.id => user.cost }
}

resource "terraform_data" "user" {
  for_each = local.costs
  input    = each.value
}
