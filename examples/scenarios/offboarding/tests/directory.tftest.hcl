# A directory that is not one stops the audit, whatever enforce says: it never passes for a company
# that nobody has left.

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

override_data {
  target = data.vectara_users.team
  values = {
    source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
    users  = []
  }
}

override_data {
  target = data.openlayer_pipeline_users.staff
  values = {
    source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
    users  = []
  }
}

run "no_file" {
  command = plan

  variables {
    directory = "tests/directories/none.csv"
  }

  expect_failures = [var.directory]
}

run "empty" {
  command = plan

  variables {
    directory = "tests/directories/empty.csv"
  }

  expect_failures = [var.directory]
}

run "only_a_header" {
  command = plan

  variables {
    directory = "tests/directories/only-a-header.csv"
  }

  expect_failures = [var.directory]
}

run "nobody_with_an_address" {
  command = plan

  variables {
    directory = "tests/directories/nobody-with-an-address.csv"
  }

  expect_failures = [var.directory]
}

run "semicolons" {
  command = plan

  variables {
    directory = "tests/directories/semicolons.csv"
  }

  expect_failures = [var.directory]
}

run "another_column" {
  command = plan

  variables {
    directory = "tests/directories/another-column.csv"
  }

  expect_failures = [var.directory]
}

run "cut_off" {
  command = plan

  variables {
    directory = "tests/directories/cut-off.csv"
  }

  expect_failures = [var.directory]
}

run "columns_swapped" {
  command = plan

  variables {
    directory = "tests/directories/columns-swapped.csv"
  }

  expect_failures = [var.directory]
}

run "refuses_what_is_no_domain_nobody_and_no_day" {
  command = plan

  variables {
    directory             = "tests/directories/people.csv"
    company_domain        = "@northwind.example"
    exempt                = [" "]
    active_days           = 0
    inference_pipeline_id = "support-bot"
  }

  expect_failures = [var.company_domain, var.exempt, var.active_days, var.inference_pipeline_id]
}
