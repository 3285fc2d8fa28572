variable "inference_pipeline_id" {
  description = "The UUID of the Openlayer inference pipeline whose end users are read."
  type        = string
}

variable "directory_as_of" {
  description = "The day on which directory.csv was exported, such as 2026-03-31."
  type        = string
}

variable "account" {
  description = "The Vectara account. Required with REST v2 and no customer ID."
  type        = string
  default     = null
}

variable "previous_review" {
  description = "The file with the report_json of the last review. Default: no previous review."
  type        = string
  default     = null
}

variable "sign_off" {
  description = "The reviewer's decision: by, on and statement. Default: not signed off."
  type        = object({ by = string, on = string, statement = string })
  default     = null
}

variable "enforce" {
  description = "Whether a control that does not hold is an error. Otherwise it is a warning."
  type        = bool
  default     = false
}
