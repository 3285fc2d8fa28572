# A file with the right columns, and without addresses in them, stops the plan as well: the module access-review refuses it.
# Without a mocked provider, which the module does not have.

variables {
  members         = []
  members_source  = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = "1", whole = true, scopes = [], app_clients = true, provider_version = "1.0.0" }
  approvals       = []
  company_domains = ["northwind.example"]
}

run "nobody_with_an_address" {
  command = plan

  module {
    source = "../../modules/access-review"
  }

  variables {
    directory = { as_of = "2026-03-31", people = csvdecode(file("tests/directories/nobody-with-an-address.csv")) }
  }

  expect_failures = [var.directory]
}

run "columns_swapped" {
  command = plan

  module {
    source = "../../modules/access-review"
  }

  variables {
    directory = { as_of = "2026-03-31", people = csvdecode(file("tests/directories/columns-swapped.csv")) }
  }

  expect_failures = [var.directory]
}
