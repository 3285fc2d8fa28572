terraform {
  required_version = ">= 1.7" # tests that override modules

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Takes the credential from the environment: OPENLAYER_API_KEY.
provider "llmusers" {}

locals {
  # The beginning of a day in UTC, so that all plans of one day say the same.
  today  = coalesce(var.as_of, formatdate("YYYY-MM-DD", plantimestamp()))
  cutoff = timeadd("${local.today}T00:00:00Z", "-${var.dormant_days * 24}h")
}

module "listing" {
  source = "./listing"

  inference_pipeline_id = var.inference_pipeline_id
  cutoff                = local.cutoff
}
