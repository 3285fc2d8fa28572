variable "directory" {
  description = "The path of a CSV file with the people who work for the company, and with the columns email, status and ends."
  type        = string

  # A byte order mark, which Excel writes, would be a part of the first column's name.

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
  description = "Who may have access without being in the directory, such as a contractor: exceptions are the keys of the controls that do not apply to the subject, owner is who approved it, and ends is the last day."
  type        = list(object({ subject = string, owner = string, reason = string, ends = string, exceptions = list(string) }))
  default     = []
}

variable "inference_pipeline_id" {
  description = "The Openlayer inference pipeline whose end users are read: a UUID."
  type        = string
}

variable "account" {
  description = "The Vectara account. Needed with REST v2 and no customer ID."
  type        = string
  default     = null
}

variable "enforce" {
  description = "Whether a control that does not hold stops the plan."
  type        = bool
  default     = false
}
