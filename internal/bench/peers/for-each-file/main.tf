variable "inference_pipeline_id" { type = string }

locals {
  users = jsondecode(file("${path.module}/users.json"))
}

resource "terraform_data" "user" {
  for_each = { for user in local.users : user.id => user }
  input    = each.value.cost
}
