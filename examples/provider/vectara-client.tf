terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "vectara_client_id" {
  type    = string
  default = null # the provider then uses VECTARA_CLIENT_ID
}

variable "vectara_client_secret" {
  type      = string
  sensitive = true
  default   = null # the provider then uses VECTARA_CLIENT_SECRET
}

provider "llmusers" {
  vectara_client_id     = var.vectara_client_id
  vectara_client_secret = var.vectara_client_secret
}
