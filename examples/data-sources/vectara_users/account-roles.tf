# Only those who hold a role in the account.
data "vectara_users" "with_role" {
  provider = llmusers

  list_users_type = "LIST_USERS_TYPE__CUSTOMER"
}
