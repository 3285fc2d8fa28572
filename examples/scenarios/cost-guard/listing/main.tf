# What is read, apart from what is made of it, so that a test can put other users in its place:
# Terraform cannot mock a list of users in a data source, but can override the outputs of a module.

terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users are read: a UUID."
  type        = string
}

data "openlayer_pipeline_users" "application" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
}

output "users" {
  description = "All end users of the application."
  value       = data.openlayer_pipeline_users.application.users
}
