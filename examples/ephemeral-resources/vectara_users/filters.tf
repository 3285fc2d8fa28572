# Nobody with an address of a former supplier's is a member, whatever the role.
ephemeral "vectara_users" "supplier" {
  provider = llmusers

  email_regex = "@(former|old)-supplier\\.example$"

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 0
      error_message = "A member has an address of the former supplier's."
    }
  }
}
