# The users can be read, and there is at least one.
ephemeral "vectara_users" "team" {
  provider = llmusers

  include_users = false
  min_users     = 1
}
