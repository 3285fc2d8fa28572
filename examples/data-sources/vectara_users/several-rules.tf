data "vectara_users" "team" {
  provider = llmusers
}

locals {
  team               = data.vectara_users.team.users
  owners             = [for user in local.team : user.handle if contains(user.api_roles, "owner")]
  disabled_with_role = [for user in local.team : user.handle if user.enabled == false && length(user.entitlements) > 0]
}

check "vectara_access" {
  # Every account has an owner. A listing without an owner is incomplete.
  assert {
    condition     = length(local.owners) == 1
    error_message = "The account must have one owner. It has: ${join(", ", local.owners)}."
  }

  assert {
    condition     = length(local.disabled_with_role) == 0
    error_message = "Disabled, and still with a role: ${join(", ", local.disabled_with_role)}."
  }

  # REST v1 has no roles on corpora, so this condition is false with v1.
  assert {
    condition     = contains(data.vectara_users.team.source.scopes, "corpus")
    error_message = "Roles on corpora were not examined."
  }
}
