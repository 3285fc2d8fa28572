terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11
}

variable "controls" {
  description = "What each control has found, by the key of the control."
  nullable    = false

  type = map(object({
    title        = string                          # what has to hold, such as "Every member is approved"
    severity     = optional(string, "medium")      # low, medium, high or critical
    references   = optional(map(list(string)), {}) # clauses, by the standard that has them
    subjects     = string                          # what the control looks at, such as "members"
    looked_at    = number                          # how many of these
    findings     = list(object({ key = string, name = string, detail = string }))
    exceptions   = optional(list(object({ key = string, name = string, detail = string })), []) # findings that are approved
    not_assessed = list(string)                                                                 # what was not looked at, and should have been
    advice       = string                                                                       # what to do about a finding
  }))

  validation {
    condition     = alltrue([for control in values(var.controls) : contains(["low", "medium", "high", "critical"], control.severity)])
    error_message = "A severity is low, medium, high or critical."
  }
}

variable "excluded" {
  description = "The controls to leave out, by key, with the reason. The report names them."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.excluded), keys(var.controls))) == 0
    error_message = "No control has the key ${join(", ", setsubtract(keys(var.excluded), keys(var.controls)))}. The keys are ${join(", ", keys(var.controls))}."
  }

  validation {
    condition     = alltrue([for reason in values(var.excluded) : try(trimspace(reason), "") != ""])
    error_message = "Each control that is left out needs a reason."
  }
}

locals {
  judged = { for key, control in var.controls : key => merge(control, {
    key = key
    # A finding counts even where something was not looked at. Without one, the control holds only if everything was.
    result = length(control.findings) > 0 ? "fails" : length(control.not_assessed) > 0 ? "not assessed" : "holds"
  }) if !contains(keys(var.excluded), key) }

  # Those that fail come first, the severest before the others.
  ranks = { critical = 0, high = 1, medium = 2, low = 3 }
  ordered = [
    for rank in sort([
      for key, control in local.judged :
      "${index(["fails", "not assessed", "holds"], control.result)}${local.ranks[control.severity]} ${key}"
    ]) : local.judged[split(" ", rank)[1]]
  ]

  count = { for result in ["holds", "fails", "not assessed"] : result => length([for control in local.ordered : control if control.result == result]) }

  # Without a control there is nothing that could hold.
  result = local.count["fails"] > 0 ? "fails" : local.count["not assessed"] > 0 || length(local.ordered) == 0 ? "not assessed" : "holds"

  verdict = join(", ", concat(
    ["${local.count["holds"]} of ${length(local.ordered)} controls hold"],
    [for result in ["fails", "not assessed"] : "${local.count[result]} ${result == "fails" && local.count[result] != 1 ? "fail" : result}" if local.count[result] > 0],
    [for count in [length(var.excluded)] : "${count} excluded" if count > 0],
  ))
}

output "controls" {
  description = "The controls in the order of a report: those that fail first, and the severest of these before the others. Findings name users."
  value       = local.ordered
}

output "results" {
  description = "The result of each control, by key: holds, fails or not assessed."
  value       = { for key, control in local.judged : key => control.result }
}

output "result" {
  description = "The result of all controls together: fails if one of them does, not assessed if one of them is, and holds otherwise."
  value       = local.result
}

output "verdict" {
  description = "How many controls hold, fail and are not assessed, as a sentence."
  value       = local.verdict
}

output "message" {
  description = "What a check or a precondition may print: each control that does not hold, with numbers and without names."
  value = join("\n", concat(["${local.verdict}."], [
    for control in local.ordered : join("", concat(
      ["- ${control.result}: ${control.title}."],
      control.result == "fails"
      ? [" Findings: ${length(control.findings)} (${control.subjects} looked at: ${control.looked_at}). ${control.advice}"]
      : [" ${join("; ", control.not_assessed)}."],
    )) if control.result != "holds"
  ]))
}
