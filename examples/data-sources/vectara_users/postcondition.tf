data "vectara_users" "team" {
  provider  = llmusers
  min_users = 1 # without users, the rule would pass

  lifecycle {
    postcondition {
      condition     = length([for user in self.users : user if user.enabled != false]) <= 100
      error_message = "More than 100 users can sign in."
    }
  }
}
