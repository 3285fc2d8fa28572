data "vectara_users" "team" {
  provider = llmusers
}

locals {
  # The first name of the role is that of REST v1, the second that of v2.
  owners = [
    for user in data.vectara_users.team.users : user
    if contains(user.roles, "CustomerRole_Owner") || contains(user.roles, "owner")
  ]
  disabled_with_role = [
    for user in data.vectara_users.team.users : user
    if user.enabled == false && length(setsubtract(user.roles, ["CustomerRole_None"])) > 0
  ]
}

check "vectara_access" {
  assert {
    condition     = length(local.owners) <= 1
    error_message = "More than one owner: ${join(", ", local.owners[*].handle)}."
  }

  assert {
    condition     = length(local.disabled_with_role) == 0
    error_message = "Disabled, and still with a role: ${join(", ", local.disabled_with_role[*].handle)}."
  }
}
