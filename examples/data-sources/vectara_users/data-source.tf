data "vectara_users" "team" {
  provider = llmusers
}

output "team" {
  description = "The users of the account, by ID."
  value       = { for user in data.vectara_users.team.users : user.id => user.handle }
}
