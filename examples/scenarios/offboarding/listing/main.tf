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

variable "company_domain" {
  description = "What follows the @ in the company's mail addresses."
  type        = string
}

variable "since" {
  description = "End users without a record at or after this time are left out; in RFC 3339."
  type        = string
}

data "vectara_users" "team" {
  provider = llmusers
}

# Customers are none of the directory's business: of the end users only those are kept whose id is a
# mail address of the company. Nobody else needs to have a date for this, nor gets into the plan.
data "openlayer_pipeline_users" "staff" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  user_id_regex         = "(?i)@${replace(var.company_domain, ".", "\\.")}\\s*$"
  active_since          = var.since
}

output "team" {
  description = "The members of the Vectara account."
  value       = data.vectara_users.team.users
}

output "staff" {
  description = "The end users with an address of the company, who have used the application of late."
  value       = data.openlayer_pipeline_users.staff.users
}
