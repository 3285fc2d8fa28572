policy "vectara-users" {
  source            = "./vectara-users.sentinel"
  enforcement_level = "hard-mandatory"

  params = {
    company_domain = "northwind.example"
  }
}
