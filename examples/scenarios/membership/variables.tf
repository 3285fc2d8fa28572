variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users have quotas: a UUID."
  type        = string
}

variable "min_administrators" {
  description = "Fewer administrators than this are an error: there is no plan, and no seat is destroyed."
  type        = number
}

variable "min_end_users" {
  description = "Fewer end users than this are an error: there is no plan, and no quota is destroyed."
  type        = number
}

variable "budget" {
  description = "What an end user may cost before there is a quota."
  type        = number
  default     = 50
}

variable "requests_per_day" {
  description = "The quota of an end user who is over budget."
  type        = number
  default     = 20
}
