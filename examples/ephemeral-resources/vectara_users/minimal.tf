# Whether the team can be read at all, and is not empty.
ephemeral "vectara_users" "team" {
  provider = llmusers

  include_users = false

  lifecycle {
    postcondition {
      condition     = self.summary.total > 0
      error_message = "The account has no members, so a rule about them would prove nothing. Is this the right account?"
    }
  }
}
