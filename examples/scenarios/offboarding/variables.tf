variable "directory" {
  description = "The path of a CSV file with everybody who works for the company. Its first line names the columns, of which one is email."
  type        = string
  nullable    = false

  # An export that went wrong must never look like a company in which all is well. A byte order mark,
  # which Excel writes, would be taken for a part of the first column's name.

  validation {
    condition     = can(csvdecode(trimprefix(file(var.directory), "\ufeff")))
    error_message = "Must be the path of a CSV file: there is none, or it is empty, or its lines have different numbers of columns."
  }

  validation {
    condition     = try(alltrue([for row in csvdecode(trimprefix(file(var.directory), "\ufeff")) : can(row.email)]), true)
    error_message = "Must have a column with the name email, in lower case, with commas between the columns."
  }

  validation {
    condition = try(alltrue([
      for row in csvdecode(trimprefix(file(var.directory), "\ufeff")) :
      can(regex("^[^@\\s]+@[^@\\s]+$", trimspace(row.email))) || trimspace(row.email) == ""
    ]), true)
    error_message = "Must have a mail address, or nothing, in the column email of every line."
  }

  validation {
    condition     = try(length([for row in csvdecode(trimprefix(file(var.directory), "\ufeff")) : row if trimspace(row.email) != ""]) > 0, true)
    error_message = "Must have the mail address of at least one person."
  }
}

variable "company_domain" {
  description = "What follows the @ in the company's mail addresses. End users with such an address are taken for people of the company."
  type        = string
  nullable    = false
  default     = "northwind.example"

  validation {
    condition     = can(regex("^[0-9A-Za-z.-]+$", var.company_domain))
    error_message = "Must be a mail domain without the @, such as northwind.example."
  }
}

variable "exempt" {
  description = "Who may have access without being in the directory, such as contractors: mail addresses, handles or ids."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for name in var.exempt : trimspace(coalesce(name, " ")) != ""])
    error_message = "Must not have an empty element."
  }
}

variable "active_days" {
  description = "An end user who has not used the application for this many days is not looked at: the listing never forgets anybody."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = var.active_days >= 1 && floor(var.active_days) == var.active_days
    error_message = "Must be a whole number of days, at least 1."
  }
}

variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users are looked at: a UUID."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.inference_pipeline_id))
    error_message = "Must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e."
  }
}

variable "enforce" {
  description = "Whether a policy that does not hold stops the plan. Otherwise it is a warning."
  type        = bool
  nullable    = false
  default     = false
}
