variable "inference_pipeline_id" {
  description = "The UUID of the Openlayer inference pipeline whose end users are read."
  type        = string
}

variable "approvals" {
  description = "The path of the CSV file with the approvals, such as ../access-audit/approvals.csv."
  type        = string
}

variable "directory" {
  description = "The path of the CSV file with the directory, such as ../access-audit/directory.csv."
  type        = string
}

variable "directory_as_of" {
  description = "The day on which the directory was exported, such as 2026-03-31."
  type        = string
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
