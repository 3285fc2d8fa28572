variable "inference_pipeline_id" {
  description = "The UUID of the Openlayer inference pipeline whose end users are read."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.inference_pipeline_id))
    error_message = "Must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e."
  }
}

variable "user_budget" {
  description = "The maximum cost of a user, in the pipeline's unit of cost."
  type        = number
  nullable    = false
  default     = 50

  validation {
    condition     = var.user_budget >= 0
    error_message = "Must be zero or more."
  }
}

variable "budgets" {
  description = "The budgets of single users, by id, such as { \"cust-10452\" = 500 }."
  type        = map(number)
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for budget in values(var.budgets) : coalesce(budget, -1) >= 0])
    error_message = "Each budget must be zero or more."
  }
}

variable "total_budget" {
  description = "The maximum cost of all users together. Default: no limit."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.total_budget, 0) >= 0
    error_message = "Must be zero or more."
  }
}

variable "enforce" {
  description = "Whether a control that does not hold is an error. Otherwise it is a warning."
  type        = bool
  nullable    = false
  default     = false
}
