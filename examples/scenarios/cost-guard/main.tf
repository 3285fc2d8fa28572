terraform {
  required_version = ">= 1.7" # tests that override modules

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Takes the credential from the environment: OPENLAYER_API_KEY.
provider "llmusers" {}

module "listing" {
  source = "./listing"

  inference_pipeline_id = var.inference_pipeline_id
}
