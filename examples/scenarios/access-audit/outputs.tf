output "team" {
  description = "The Vectara account in numbers. A member with two roles counts in both."
  value = {
    members      = length(local.team)
    disabled     = length([for member in local.team : member if member.disabled])
    without_role = length([for member in local.team : member if length(member.user.api_roles) == 0])
    by_role = {
      for role in distinct(flatten(local.team[*].user.api_roles)) :
      role => length([for member in local.team : member if contains(member.user.api_roles, role)])
    }
  }
}

output "end_users" {
  description = "The users of the application in numbers: how many there are, and what they add up to."
  value       = merge({ total = length(local.end_users) }, local.usage)
}

output "most_expensive" {
  description = "The three end users with the highest cost."
  value = [
    for user in slice(local.end_users, 0, min(3, length(local.end_users))) :
    { id = user.id, sessions = user.sessions, tokens = user.tokens, cost = user.cost }
  ]
}

output "offenders" {
  description = "Who breaks which policy, in full; a check's message names the first few."
  value       = { for name, policy in local.policies : name => policy.offenders }
}

output "not_assessed" {
  description = "The policies that hold as far as was examined, and what was not examined for each."
  value       = { for name in local.not_assessed : name => local.policies[name].unexamined }
}

output "verdict" {
  description = "How many policies hold. With enforce, there is no plan unless all of them do."
  value       = local.verdict

  # Here, and not in a postcondition of the data sources, which sees its own block only.
  precondition {
    condition     = !var.enforce || length(local.holding) == length(local.policies)
    error_message = "These policies do not hold, and enforce is true:\n${join("\n", [for name in concat(local.failing, local.not_assessed) : "- ${name}: ${local.messages[name]}"])}"
  }
}
