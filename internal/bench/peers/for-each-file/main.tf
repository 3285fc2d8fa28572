variable "inference_pipeline_id" { type = string }

locals {
  costs = { for user in jsondecode(file("${path.module}/users.json")) : user.id => user.cost }
}

resource "terraform_data" "user" {
  for_each = local.costs
  input    = each.value
}
