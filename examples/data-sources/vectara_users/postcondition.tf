data "vectara_users" "team" {
  provider = llmusers

  lifecycle {
    postcondition {
      condition     = length([for user in self.users : user if user.type != "USER_TYPE__APP_CLIENT"]) <= 100
      error_message = "The account has more people than the 100 that are paid for."
    }
  }
}
