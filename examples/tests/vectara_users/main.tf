terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

data "vectara_users" "team" {
  provider  = llmusers
  min_users = 1
}

check "app_clients_are_not_privileged" {
  assert {
    condition     = length([for user in data.vectara_users.team.users : user if user.app_client && user.privileged]) == 0
    error_message = "An app client is privileged."
  }
}
