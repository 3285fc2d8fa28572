# The account has exactly one owner, and no address gets into plan or state.
ephemeral "vectara_users" "owners" {
  provider = llmusers

  roles = ["owner"]

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 1
      error_message = "The account has no owner, or more than one."
    }
  }
}
