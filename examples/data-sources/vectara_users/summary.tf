# How many members hold which role, without their names and addresses.
data "vectara_users" "team" {
  provider = llmusers

  include_users = false
  max_users     = 100
}

locals {
  members = data.vectara_users.team.summary
}

output "members" {
  description = "How many members the account has, and how many of them hold each role."
  value       = merge({ total = local.members.total }, local.members.by_role)
}

check "members" {
  assert {
    condition     = local.members.privileged <= 10
    error_message = "More than 10 members are privileged."
  }

  assert {
    condition     = lookup(local.members.by_status, "USER_STATUS__DISABLED", 0) <= 5
    error_message = "More than 5 members are disabled. Should they be deleted?"
  }
}
