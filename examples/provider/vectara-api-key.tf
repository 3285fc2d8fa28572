terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "vectara_api_key" {
  type      = string
  sensitive = true
  default   = null # the provider then uses VECTARA_API_KEY
}

provider "llmusers" {
  vectara_api_key = var.vectara_api_key
}
