# No enabled user may have an email address of the former supplier.
ephemeral "vectara_users" "supplier" {
  provider = llmusers

  email_regex = "@(former|old)-supplier\\.example$"
  enabled     = true

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 0
      error_message = "A user has an address of the former supplier."
    }
  }
}
