terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users are read."
  type        = string
}

# Both listings are read whole, or not at all: an error here stops the plan, so that nothing is
# ever said to hold of half a team.

data "vectara_users" "team" {
  provider = llmusers
}

data "openlayer_pipeline_users" "application" {
  provider              = llmusers
  inference_pipeline_id = var.inference_pipeline_id
}

output "team" {
  description = "The members of the Vectara account."
  value       = data.vectara_users.team.users
}

output "end_users" {
  description = "The users of the application."
  value       = data.openlayer_pipeline_users.application.users
}
