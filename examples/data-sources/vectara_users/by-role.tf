data "vectara_users" "team" {
  provider = llmusers
}

locals {
  team = data.vectara_users.team.users
}

output "users_by_role" {
  description = "The users of each account-level role, by its name in REST v2."
  value = {
    for role in distinct(flatten(local.team[*].api_roles)) :
    role => [for user in local.team : user.handle if contains(user.api_roles, role)]
  }
}
