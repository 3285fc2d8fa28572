data "vectara_users" "team" {
  provider = llmusers
}

locals {
  team = data.vectara_users.team.users
}

output "users_by_role" {
  description = "Who holds which role in the account, in the words of REST v2 whichever version was read."
  value = {
    for role in distinct(flatten(local.team[*].api_roles)) :
    role => [for user in local.team : user.handle if contains(user.api_roles, role)]
  }
}
