variable "inference_pipeline_id" { type = string }
variable "users" { type = number }

ephemeral "openlayer_pipeline_users" "all" {
  provider              = llmusers
  inference_pipeline_id = var.inference_pipeline_id

  lifecycle {
    postcondition {
      condition     = length(self.users) == var.users
      error_message = "${length(self.users)} users."
    }
  }
}

# What is read leaves nothing in the state, not even its length, which the postcondition has checked.
output "users" {
  value = var.users
}
