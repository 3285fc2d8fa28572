# Every user with an email address of the former supplier, or of a subdomain, must be disabled.
ephemeral "vectara_users" "supplier" {
  provider = llmusers

  email_regex = "@(.*\\.)?(former|old)-supplier\\.example[^0-9a-z]*$"

  lifecycle {
    postcondition {
      condition     = alltrue([for user in self.users : user.enabled == false]) # null may be enabled
      error_message = "A user with an address of the former supplier is not disabled."
    }

    postcondition {
      condition     = self.summary.total > 0
      error_message = "The account has no users, so the rule proves nothing."
    }
  }
}
