output "offenders" {
  description = "Who breaks which policy, in full; a message names the first five."
  value       = local.offenders
}

output "compared" {
  description = "What was compared: the lines of the directory, those of them without an address, the members, and the end users of the company."
  value = {
    directory       = length(local.people)
    without_address = length([for person in local.people : person if trimspace(person.email) == ""])
    members         = length(local.team)
    end_users       = length(data.openlayer_pipeline_users.staff.users)
  }
}

output "failures" {
  description = "What is wrong, by the name of the policy that does not hold."
  value       = local.failures

  precondition {
    condition     = !var.enforce || length(local.failures) == 0
    error_message = "These policies do not hold, and enforce is true:\n${join("\n", [for name, message in local.failures : "- ${name}: ${message}"])}"
  }
}
