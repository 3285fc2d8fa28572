# The users are ephemeral here as well: what is made of them stays out of plan and state.

variable "team" {
  description = "The members of the Vectara account."
  ephemeral   = true
  nullable    = false

  type = list(object({
    email      = optional(string)
    enabled    = optional(bool)
    app_client = bool
    privileged = bool
    entitlements = list(object({
      scope = string
      role  = optional(string)
    }))
  }))
}

# These two are not: they name nobody, and a message may show them.

variable "source_of_team" {
  description = "What the members were read from: the attribute source."
  nullable    = false

  type = object({
    api_version = string
    whole       = bool
    app_clients = bool
    scopes      = list(string)
  })
}

variable "visible_owners" {
  description = "How many owners of the account are known."
  type        = number
  nullable    = false
}

variable "end_users" {
  description = "The end users of the application."
  ephemeral   = true
  nullable    = false

  type = list(object({
    cost = optional(number)
  }))
}

variable "company_domain" {
  description = "What follows the @ in the company's mail addresses. Subdomains do not count as the company's."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@\\s]+$", var.company_domain))
    error_message = "Must be a mail domain without the @, such as northwind.example."
  }
}

variable "max_owners" {
  description = "How many owners the account may have."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_owners >= 1
    error_message = "Must be at least 1: an account always has an owner."
  }
}

variable "max_cost" {
  description = "The cost above which an end user is out of line, in the unit in which the pipeline records cost."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_cost >= 0
    error_message = "Must be zero or more."
  }
}

variable "enforce" {
  description = "Whether a policy that does not hold stops the plan. Otherwise it is a warning."
  type        = bool
  nullable    = false
}
