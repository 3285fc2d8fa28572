# The account has exactly one owner, and neither plan nor state keeps an address.
ephemeral "vectara_users" "owners" {
  provider = llmusers

  roles = ["owner"]

  timeouts {
    read = "1m"
  }

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 1
      error_message = "The account has no owner, or more than one."
    }
  }
}
