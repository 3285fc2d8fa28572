data "vectara_users" "team" {
  provider  = llmusers
  min_users = 1
}

# A resource for each role, with the handles of the users who have the role.
resource "terraform_data" "team" {
  for_each = transpose({ for user in data.vectara_users.team.users : user.handle => user.api_roles })
  input    = each.value
}
