variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users are looked at: a UUID."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.inference_pipeline_id))
    error_message = "Must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e."
  }
}

# The limits, and what they may be, are told in policies/variables.tf.

variable "company_domain" {
  description = "What follows the @ in the company's mail addresses. Subdomains do not count as the company's."
  type        = string
  default     = "northwind.example"
}

variable "max_owners" {
  description = "How many owners the account may have."
  type        = number
  default     = 1
}

variable "max_cost" {
  description = "The cost above which an end user is out of line, in the unit in which the pipeline records cost."
  type        = number
  default     = 50
}

variable "enforce" {
  description = "Whether a policy that does not hold stops the plan. Otherwise it is a warning."
  type        = bool
  default     = false
}
