# The first 20 users, and the next 20 if there are more.
data "vectara_users" "first" {
  provider = llmusers

  page_key    = ""
  num_results = 20
}

data "vectara_users" "second" {
  count    = data.vectara_users.first.next_page_key != null ? 1 : 0
  provider = llmusers

  page_key    = data.vectara_users.first.next_page_key
  num_results = 20
}
