# The number of users with each role, without names and addresses.
data "vectara_users" "team" {
  provider = llmusers

  include_users = false
  min_users     = 1 # without users, the rules would pass
  max_users     = 100
}

locals {
  team = data.vectara_users.team.summary
}

output "users" {
  description = "How many users the account has, and how many of them have each role."
  value       = merge({ total = local.team.total }, local.team.by_role)
}

check "users" {
  assert {
    condition     = local.team.privileged <= 10
    error_message = "More than 10 users are privileged."
  }

  assert {
    condition     = lookup(local.team.by_status, "USER_STATUS__DISABLED", 0) <= 5
    error_message = "More than 5 users are disabled. Should they be deleted?"
  }
}

# False with REST v1, which has no roles on corpora: more users may be privileged.
check "roles_on_corpora_are_read" {
  assert {
    condition     = contains(data.vectara_users.team.source.scopes, "corpus")
    error_message = "Roles on corpora were not examined."
  }
}
