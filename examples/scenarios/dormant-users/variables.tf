variable "inference_pipeline_id" {
  description = "The UUID of the Openlayer inference pipeline whose end users are read."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.inference_pipeline_id))
    error_message = "Must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e."
  }
}

variable "dormant_days" {
  description = "A user without a record for this many days is dormant."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.dormant_days >= 1 && floor(var.dormant_days) == var.dormant_days
    error_message = "Must be a whole number of days, at least 1."
  }
}

variable "max_dormant" {
  description = "The maximum number of dormant users."
  type        = number
  nullable    = false
  default     = 0

  validation {
    condition     = var.max_dormant >= 0
    error_message = "Must be zero or more."
  }
}

variable "enforce" {
  description = "Whether a control that does not hold is an error. Otherwise it is a warning."
  type        = bool
  nullable    = false
  default     = false
}
