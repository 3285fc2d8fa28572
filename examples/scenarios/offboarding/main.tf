terraform {
  required_version = ">= 1.7" # tests that mock the data sources

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables. With VECTARA_CUSTOMER_ID among
# them, version 1 of Vectara's API is read.
provider "llmusers" {}

data "vectara_users" "team" {
  provider = llmusers
}

# Customers are none of the directory's business: of the end users only those are kept whose id is a
# mail address of the company. Nobody else needs to have a date for this, nor gets into the plan.
data "openlayer_pipeline_users" "staff" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  user_id_regex         = "(?i)@${replace(var.company_domain, ".", "\\.")}\\s*$"
  active_since          = timeadd(formatdate("YYYY-MM-DD'T00:00:00Z'", plantimestamp()), "-${var.active_days * 24}h")
}
