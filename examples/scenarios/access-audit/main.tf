terraform {
  required_version = ">= 1.5" # check blocks

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Takes the credentials from the environment, and the version of Vectara's API as well: v1, unless
# VECTARA_API_VERSION says v2. README.md has the variables.
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
