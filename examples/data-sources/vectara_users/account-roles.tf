data "vectara_users" "team" {
  provider = llmusers
}

output "users_with_a_role" {
  description = "The users with a role in the account."
  value       = [for user in data.vectara_users.team.users : user.handle if length(user.api_roles) > 0]
}
