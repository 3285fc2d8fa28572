terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "openlayer_api_key" {
  type      = string
  sensitive = true
  default   = null # the provider then uses OPENLAYER_API_KEY
}

provider "llmusers" {
  openlayer_api_key = var.openlayer_api_key
}
