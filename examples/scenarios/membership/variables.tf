variable "inference_pipeline_id" {
  description = "The UUID of the Openlayer inference pipeline whose end users have quotas."
  type        = string
}

variable "min_administrators" {
  description = "The minimum number of administrators. With fewer, the plan fails, and Terraform destroys no seat."
  type        = number
}

variable "min_end_users" {
  description = "The minimum number of end users. With fewer, the plan fails, and Terraform destroys no quota."
  type        = number
}

variable "budget" {
  description = "The maximum cost of an end user. A user with a higher cost has a quota."
  type        = number
  default     = 50
}

variable "requests_per_day" {
  description = "The quota of an end user who is over budget."
  type        = number
  default     = 20
}
