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

variable "cutoff" {
  description = "Who has no record at or after this time is dormant; in RFC 3339."
  type        = string
}

data "openlayer_pipeline_users" "dormant" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  inactive_since        = var.cutoff
}

# Of the others the totals are enough, so that none of them gets into plan or state.
data "openlayer_pipeline_users" "active" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  active_since          = var.cutoff
  include_users         = false
}

output "dormant" {
  description = "The dormant users, and their totals."
  value = {
    users   = data.openlayer_pipeline_users.dormant.users
    summary = data.openlayer_pipeline_users.dormant.summary
  }
}

output "active" {
  description = "The totals of all others."
  value       = { summary = data.openlayer_pipeline_users.active.summary }
}
