terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

variable "openlayer_api_key" {
  description = "API key of the Openlayer workspace. Default: the environment variable OPENLAYER_API_KEY."
  type        = string
  sensitive   = true
  default     = null
}

variable "vectara_client_id" {
  description = "ID of an app client of the Vectara account. Default: the environment variable VECTARA_CLIENT_ID."
  type        = string
  default     = null
}

variable "vectara_client_secret" {
  description = "Secret of the app client. Default: the environment variable VECTARA_CLIENT_SECRET."
  type        = string
  sensitive   = true
  default     = null
}

provider "llmusers" {
  openlayer_api_key     = var.openlayer_api_key
  vectara_client_id     = var.vectara_client_id
  vectara_client_secret = var.vectara_client_secret
}

# The end users of the support bot.
data "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

# The members of the Vectara account: people and app clients.
data "vectara_users" "team" {
  provider = llmusers
}

output "people" {
  value = {
    users = length(data.openlayer_pipeline_users.support_bot.users)
    team  = length(data.vectara_users.team.users)
  }
}
