terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11
}

variable "controls" {
  description = "The controls and their findings, by key."
  nullable    = false

  type = map(object({
    title        = string                          # what has to hold, such as "Every member is approved"
    severity     = optional(string, "medium")      # low, medium, high or critical
    references   = optional(map(list(string)), {}) # clauses, by standard
    subjects     = string                          # what the control looks at, such as "members"
    looked_at    = number                          # the number of subjects
    findings     = list(object({ key = string, name = string, detail = string }))
    exceptions   = optional(list(object({ key = string, name = string, detail = string })), []) # findings that are approved
    not_assessed = list(string)                                                                 # why the control did not see everything
    advice       = string                                                                       # what to do about a finding
  }))

  validation {
    condition     = alltrue([for control in values(var.controls) : contains(["low", "medium", "high", "critical"], control.severity)])
    error_message = "A severity must be low, medium, high or critical."
  }
}

variable "excluded" {
  description = "The controls to leave out, by key, with the reason. The verdict has their number."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.excluded), keys(var.controls))) == 0
    error_message = "No control has the key ${join(", ", setsubtract(keys(var.excluded), keys(var.controls)))}. The keys are ${join(", ", keys(var.controls))}."
  }

  validation {
    condition     = alltrue([for reason in values(var.excluded) : try(trimspace(reason), "") != ""])
    error_message = "Each excluded control needs a reason."
  }
}

locals {
  judged = { for key, control in var.controls : key => merge(control, {
    key = key
    # A control with a finding fails. A control without a finding holds only if it saw everything.
    result = length(control.findings) > 0 ? "fails" : length(control.not_assessed) > 0 ? "not assessed" : "holds"
  }) if !contains(keys(var.excluded), key) }

  # The order is fails, not assessed, holds, and then by severity.
  ranks = { critical = 0, high = 1, medium = 2, low = 3 }
  ordered = [
    for rank in sort([
      for key, control in local.judged :
      "${index(["fails", "not assessed", "holds"], control.result)}${local.ranks[control.severity]} ${key}"
    ]) : local.judged[substr(rank, 3, -1)] # after a digit for the result, a digit for the severity, and a space
  ]

  count = { for result in ["holds", "fails", "not assessed"] : result => length([for control in local.judged : control if control.result == result]) }

  # Without any control, the result is not assessed.
  result = local.count["fails"] > 0 ? "fails" : local.count["not assessed"] > 0 || length(local.judged) == 0 ? "not assessed" : "holds"

  verdict = join(", ", concat(
    ["${local.count["holds"]} of ${length(local.judged)} controls hold"],
    [for result in ["fails", "not assessed"] : "${local.count[result]} ${result == "fails" && local.count[result] != 1 ? "fail" : result}" if local.count[result] > 0],
    [for count in [length(var.excluded)] : "${count} excluded" if count > 0],
  ))
}

output "controls" {
  description = "The controls in the order fails, not assessed, holds, and then by severity. Findings name users."
  value       = local.ordered
}

output "results" {
  description = "The result of each control, by key: holds, fails or not assessed."
  value       = { for key, control in local.judged : key => control.result }
}

output "result" {
  description = "The overall result: fails if a control fails, otherwise not assessed if a control is not assessed or there is no control, otherwise holds."
  value       = local.result
}

output "verdict" {
  description = "How many controls hold, fail and are not assessed, as a sentence."
  value       = local.verdict
}

output "message" {
  description = "Each control that does not hold, with numbers and without names. A check or a precondition may print it."
  value = join("\n", concat(["${local.verdict}."], [
    for control in local.ordered : join("", concat(
      ["- ${control.result}: ${control.title}."],
      control.result == "fails"
      ? [" Findings: ${length(control.findings)} (${control.subjects} looked at: ${control.looked_at}). ${control.advice}"]
      : [" Reason: ${join("; ", control.not_assessed)}."],
    )) if control.result != "holds"
  ]))
}
