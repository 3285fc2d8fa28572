# The account has exactly one owner, and nobody's address gets into plan or state.
ephemeral "vectara_users" "owners" {
  provider = llmusers

  roles = ["CustomerRole_Owner", "owner"] # in REST v1 and v2

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 1
      error_message = "The account has no owner, or more than one."
    }
  }
}
