# The enabled administrators who have an address of the company.
data "vectara_users" "administrators" {
  provider = llmusers

  # The names in REST v1, and those in v2.
  roles       = ["CustomerRole_Owner", "CustomerRole_Admin", "owner", "administrator"]
  enabled     = true # the same as statuses = ["USER_STATUS__ACTIVE"]
  email_regex = "@northwind\\.example$"
  min_users   = 1 # no administrator at all is an error
}

output "administrators" {
  description = "The names of the administrators."
  value       = data.vectara_users.administrators.users[*].handle
}
