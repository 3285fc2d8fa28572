terraform {
  required_version = ">= 1.7" # tests that mock the data source

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Takes the credential from the environment: OPENLAYER_API_KEY.
provider "llmusers" {}

data "openlayer_pipeline_users" "application" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id

  lifecycle {
    postcondition {
      condition     = self.source.whole
      error_message = "A single page was read, which says nothing of the other users. Leave page out."
    }
  }
}
