terraform {
  required_version = ">= 1.7" # tests that mock the data sources

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

data "openlayer_pipeline_users" "dormant" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  inactive_since        = local.cutoff

  lifecycle {
    postcondition {
      condition     = self.source.whole
      error_message = "A single page was read, which says nothing of the other users. Leave page out."
    }
  }
}

# Of the others the totals are enough, so that none of them gets into plan or state.
data "openlayer_pipeline_users" "active" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  active_since          = local.cutoff
  include_users         = false

  lifecycle {
    postcondition {
      condition     = self.source.whole
      error_message = "A single page was read, which says nothing of the other users. Leave page out."
    }
  }
}
