terraform {
  required_version = ">= 1.10" # ephemeral resources; with OpenTofu 1.11

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables. With VECTARA_CUSTOMER_ID among
# them, version 1 of Vectara's API is read.
provider "llmusers" {}

# Who they are: read for the policies, and in neither plan nor state.

ephemeral "vectara_users" "team" {
  provider = llmusers
}

ephemeral "openlayer_pipeline_users" "application" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
}

module "policies" {
  source = "./policies"

  team           = ephemeral.vectara_users.team.users
  source_of_team = data.vectara_users.team.source
  visible_owners = lookup(data.vectara_users.team.summary.by_role, "owner", 0)
  end_users      = ephemeral.openlayer_pipeline_users.application.users
  company_domain = var.company_domain
  max_owners     = var.max_owners
  max_cost       = var.max_cost
  enforce        = var.enforce
}

# How many they are, and what was read: neither names anybody. For the outputs, and to say what was not examined.

data "vectara_users" "team" {
  provider = llmusers

  include_users = false
}

data "openlayer_pipeline_users" "application" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  include_users         = false
}
