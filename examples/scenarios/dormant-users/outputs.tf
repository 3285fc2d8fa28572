output "dormant" {
  description = "The dormant users, from the longest quiet on."
  value = [
    for user in local.dormant_users :
    { id = user.id, date_of_last_record = user.date_of_last_record, sessions = user.sessions, cost = user.cost }
  ]
}

output "application" {
  description = "The application in numbers: its users, the dormant and the active ones, and what they cost; null where a cost is not known."
  value = {
    since                = local.cutoff
    users                = local.dormant.total
    dormant              = local.dormant.matched
    active               = local.active.matched
    dormant_cost         = local.dormant.cost
    active_cost          = local.active.cost
    cost_per_active_user = local.active.cost == null ? null : tonumber(format("%.2f", local.active.cost / max(1, local.active.matched)))
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
