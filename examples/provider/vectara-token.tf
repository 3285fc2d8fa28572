terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "vectara_oauth_token" {
  type      = string
  sensitive = true
  default   = null # the provider then uses VECTARA_OAUTH_TOKEN
}

provider "llmusers" {
  vectara_oauth_token = var.vectara_oauth_token
  vectara_customer_id = "1526022105" # with a customer ID, the provider reads v1
}
