variable "directory" {
  description = "The path of a CSV file with the people who work for the company, in the columns email, status and ends."
  type        = string

  # trimprefix() removes the byte order mark that Excel writes, which would become part of the first column's name.

  validation {
    condition     = can(csvdecode(trimprefix(file(var.directory), "\ufeff")))
    error_message = "Must be the path of a CSV file. The file is missing or empty, or its lines have different numbers of columns."
  }

  validation {
    condition = try(length(csvdecode(trimprefix(file(var.directory), "\ufeff"))) > 0 && alltrue([
      for row in csvdecode(trimprefix(file(var.directory), "\ufeff")) : can([row.email, row.status, row.ends])
    ]), true)
    error_message = "Must have at least one person, and the columns email, status and ends, in lower case and with commas between them."
  }
}

variable "directory_as_of" {
  description = "The day on which the directory was exported, such as 2026-03-31."
  type        = string
}

variable "approvals" {
  description = "People who may have access but are not in the directory, such as contractors. owner: the person who approved the access. ends: the last day. exceptions: the keys of controls that do not apply to the subject."
  type        = list(object({ subject = string, owner = string, reason = string, ends = string, exceptions = list(string) }))
  default     = []
}

variable "inference_pipeline_id" {
  description = "The UUID of the Openlayer inference pipeline whose end users are read."
  type        = string
}

variable "account" {
  description = "The Vectara account. Required with REST v2 and no customer ID."
  type        = string
  default     = null
}

variable "company_domains" {
  description = "The company's mail domains, without the @, whose people use the application. A subdomain needs its own entry."
  type        = list(string)
  default     = ["northwind.example"]
}

variable "enforce" {
  description = "Whether a control that does not hold is an error. Otherwise it is a warning."
  type        = bool
  default     = false
}
