output "team" {
  description = "The Vectara account in numbers. A member with two roles counts in both."
  value = {
    members      = length(local.team)
    disabled     = length([for member in local.team : member if member.disabled])
    without_role = length([for member in local.team : member if length(member.roles) == 0])
    by_role = {
      for role in distinct(flatten(local.team[*].roles)) :
      role => length([for member in local.team : member if contains(member.roles, role)])
    }
  }
}

output "end_users" {
  description = "The users of the application in numbers: how many there are, and what they add up to."

  # Rounded, because a sum of decimal fractions ends in a long row of nines or zeros.
  value = merge({ total = length(local.end_users) }, {
    for column in ["sessions", "records", "tokens", "cost"] :
    column => tonumber(format("%.6f", sum(concat([0], [for user in local.end_users : coalesce(user[column], 0)]))))
  })
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
  value       = local.offenders
}
