variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users are looked at: a UUID."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.inference_pipeline_id))
    error_message = "Must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e."
  }
}

variable "approved_csv" {
  description = "The file of those who may be members, with the columns email, and handle for those without an address. With a header alone, nobody is approved and every member is reported. Left out: approved.csv in this folder."
  type        = string
  default     = null
}

variable "company_domain" {
  description = "What follows the @ in the company's mail addresses. Subdomains do not count as the company's."
  type        = string
  nullable    = false
  default     = "northwind.example"

  validation {
    condition     = can(regex("^[^@\\s]+$", var.company_domain))
    error_message = "Must be a mail domain without the @, such as northwind.example."
  }
}

variable "max_cost" {
  description = "The cost above which an end user is out of line, in the unit in which the pipeline records cost."
  type        = number
  nullable    = false
  default     = 50

  validation {
    condition     = var.max_cost >= 0
    error_message = "Must be zero or more."
  }
}

variable "enforce" {
  description = "Whether a policy that does not hold stops the plan. Otherwise it is a warning."
  type        = bool
  nullable    = false
  default     = false
}

variable "account" {
  description = "What the report calls the Vectara account, such as its number. Left out: the company's domain."
  type        = string
  default     = null
}

variable "as_of" {
  description = "The day that the report bears, in UTC, such as 2026-03-31. Left out: the day of the plan."
  type        = string
  default     = null

  validation {
    condition     = can(formatdate("YYYY-MM-DD", "${coalesce(var.as_of, "2026-03-31")}T00:00:00Z"))
    error_message = "Must be a date, such as 2026-03-31."
  }
}
