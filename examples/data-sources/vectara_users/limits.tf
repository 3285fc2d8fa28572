# It is an error if there are no enabled users, if there are more than 500, or if the read exceeds one minute.
data "vectara_users" "enabled" {
  provider = llmusers

  enabled   = true
  min_users = 1
  max_users = 500

  timeouts {
    read = "1m"
  }
}
