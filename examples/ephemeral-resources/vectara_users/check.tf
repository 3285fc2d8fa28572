# A failed check is a warning. A failed postcondition is an error.
ephemeral "vectara_users" "team" {
  provider  = llmusers
  min_users = 1 # without users, the rule would pass
}

locals {
  disabled_with_role = [
    for user in ephemeral.vectara_users.team.users : user
    if user.enabled == false && length(user.entitlements) > 0
  ]
}

check "disabled_users" {
  assert {
    condition     = length(local.disabled_with_role) == 0
    error_message = "A user is disabled, and still has a role."
  }
}

# False with REST v1, which has no roles on corpora.
check "roles_on_corpora_are_read" {
  assert {
    condition     = contains(ephemeral.vectara_users.team.source.scopes, "corpus")
    error_message = "Roles on corpora were not examined."
  }
}
