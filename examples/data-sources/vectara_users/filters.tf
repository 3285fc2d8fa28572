# Who may change everything, and has an address of the company's.
data "vectara_users" "administrators" {
  provider = llmusers

  roles       = ["owner", "administrator"]
  enabled     = true
  email_regex = "@northwind\\.example$"
}

output "administrators" {
  description = "The names of the administrators."
  value       = data.vectara_users.administrators.users[*].handle
}
