terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "vectara_oauth_token" {
  type      = string
  sensitive = true
  default   = null # then VECTARA_OAUTH_TOKEN
}

provider "llmusers" {
  vectara_oauth_token = var.vectara_oauth_token
  vectara_customer_id = "1526022105" # reads v1; without it, v2
}
