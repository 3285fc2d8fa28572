# The module access-review returns an error for a file that has the right columns, but no addresses in the column email.
# The module has no provider, so these tests need no mock.

variables {
  members         = []
  members_source  = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = "1", whole = true, scopes = [], app_clients = true, provider_version = "1.0.0" }
  approvals       = []
  company_domains = ["northwind.example"]
}

run "no_addresses" {
  command = plan

  module {
    source = "../../modules/access-review"
  }

  variables {
    directory = { as_of = "2026-03-31", people = csvdecode(file("tests/directories/no-addresses.csv")) }
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
