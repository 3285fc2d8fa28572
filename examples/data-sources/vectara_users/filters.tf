# Who may change everything, and has an address of the company's.
data "vectara_users" "administrators" {
  provider = llmusers

  # The names of REST v1, and those of v2.
  roles       = ["CustomerRole_Owner", "CustomerRole_Admin", "owner", "administrator"]
  statuses    = ["USER_STATUS__ACTIVE"]
  email_regex = "@northwind\\.example$"
}

output "administrators" {
  description = "The names of the administrators."
  value       = data.vectara_users.administrators.users[*].handle
}
