# The provider can read the users, and there is at least one user.
ephemeral "vectara_users" "team" {
  provider = llmusers

  include_users = false
  min_users     = 1
}
