# The enabled administrators with an email address of the company.
data "vectara_users" "administrators" {
  provider = llmusers

  roles       = ["owner", "administrator"]
  enabled     = true
  email_regex = "@northwind\\.example$"
  min_users   = 1 # an empty list is an error
}

output "administrators" {
  description = "The names of the administrators."
  value       = data.vectara_users.administrators.users[*].handle
}
