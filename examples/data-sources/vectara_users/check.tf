data "vectara_users" "team" {
  provider  = llmusers
  min_users = 1 # without users, the rule would pass
}

check "app_clients_are_not_privileged" {
  assert {
    condition     = length([for user in data.vectara_users.team.users : user if user.app_client && user.privileged]) == 0
    error_message = "An app client is privileged."
  }
}

# False with REST v1, which has no roles on corpora.
check "roles_on_corpora_are_read" {
  assert {
    condition     = contains(data.vectara_users.team.source.scopes, "corpus")
    error_message = "Roles on corpora were not examined."
  }
}
