data "vectara_users" "team" {
  provider = llmusers
}

output "members_with_a_role" {
  description = "The members with a role in the account. CustomerRole_None is v1's word for no role."
  value = [
    for user in data.vectara_users.team.users : user.handle
    if length(setsubtract(user.roles, ["CustomerRole_None"])) > 0
  ]
}
