output "comment" {
  description = "The guard's findings in Markdown, for a pull request: who is over budget, and the top ten by cost."
  value       = local.comment
}

output "over_budget" {
  description = "Everybody who is over budget, from the most expensive down."
  value       = [for user in local.over_budget : { id = user.id, cost = user.cost, budget = user.budget }]
}

output "top_ten" {
  description = "The ten users who cost the most, from the most expensive down."
  value = [
    for user in slice(local.users, 0, min(10, length(local.users))) :
    { id = user.id, cost = user.cost, budget = user.budget, sessions = user.sessions, tokens = user.tokens }
  ]
}

output "total" {
  description = "How many users there are, what they cost in all, as far as it is known, and of how many it is not."
  value = {
    users   = length(local.users)
    cost    = local.total
    unknown = length(local.unknown)
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
