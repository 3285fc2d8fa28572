data "vectara_users" "team" {
  provider = llmusers
}

output "members_with_a_role" {
  description = "The members with a role in the account."
  value       = [for user in data.vectara_users.team.users : user.handle if length(user.api_roles) > 0]
}
