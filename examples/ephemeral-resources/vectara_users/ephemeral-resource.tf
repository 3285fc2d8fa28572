# The account must have exactly one owner. Plan and state contain no users.
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
