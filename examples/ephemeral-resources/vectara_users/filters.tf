# No enabled user has an address of a former supplier.
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
