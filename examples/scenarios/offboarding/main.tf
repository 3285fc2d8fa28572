terraform {
  required_version = ">= 1.7" # tests that override modules

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Takes the credentials from the environment, and the version of Vectara's API as well: v1, unless
# VECTARA_API_VERSION says v2. README.md has the variables.
provider "llmusers" {}

module "listing" {
  source = "./listing"

  inference_pipeline_id = var.inference_pipeline_id
  company_domain        = var.company_domain
  since                 = timeadd(formatdate("YYYY-MM-DD'T00:00:00Z'", plantimestamp()), "-${var.active_days * 24}h")
}
