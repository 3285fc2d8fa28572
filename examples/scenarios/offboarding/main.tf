terraform {
  required_version = ">= 1.7" # tests that override modules

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables. With VECTARA_CUSTOMER_ID among
# them, version 1 of Vectara's API is read.
provider "llmusers" {}

module "listing" {
  source = "./listing"

  inference_pipeline_id = var.inference_pipeline_id
  company_domain        = var.company_domain
  since                 = timeadd(formatdate("YYYY-MM-DD'T00:00:00Z'", plantimestamp()), "-${var.active_days * 24}h")
}
