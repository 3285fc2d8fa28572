data "vectara_users" "team" {
  provider = llmusers
}

locals {
  team = data.vectara_users.team.users
}

output "members_by_role" {
  description = "Who holds which role."
  value = {
    for role in distinct(flatten(local.team[*].roles)) :
    role => [for user in local.team : user.handle if contains(user.roles, role)]
  }
}
