terraform {
  required_version = ">= 1.5" # check blocks

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Reads OPENLAYER_API_KEY, VECTARA_CUSTOMER_ID and VECTARA_OAUTH_TOKEN from the environment.
provider "llmusers" {}

# Both listings are read whole, or not at all: an error here stops the plan, so that nothing is
# ever said to hold of half a team.

data "vectara_users" "team" {
  provider = llmusers
}

data "openlayer_pipeline_users" "application" {
  provider              = llmusers
  inference_pipeline_id = var.inference_pipeline_id
}
