# The enabled users: at least one, at most 500, and read within a minute. Otherwise there is an error.
data "vectara_users" "enabled" {
  provider = llmusers

  enabled   = true
  min_users = 1
  max_users = 500

  timeouts {
    read = "1m"
  }
}
