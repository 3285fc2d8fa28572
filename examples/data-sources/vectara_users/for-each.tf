data "vectara_users" "administrators" {
  provider            = llmusers
  roles               = ["administrator"]
  include_app_clients = false
  min_users           = 1 # an empty list is an error, so Terraform destroys nothing
}

# Replace this resource with a resource of another provider.
resource "terraform_data" "seat" {
  for_each = { for user in data.vectara_users.administrators.users : user.handle => user }
  input    = { email = each.value.email }
}
