# These runs test what the scenario passes to the module access-review. The module has tests of the controls. The tests
# need no credentials and no network: terraform test
#
# OpenTofu needs every attribute of a user in a mock. "for" adds the attributes that no run uses.

# No leaver has access.
mock_provider "llmusers" {
  override_data {
    target = data.vectara_users.members
    values = {
      source  = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      summary = { total = 3, matched = 3, without_role = 0, privileged = 0, app_clients = 0, by_role = {}, by_status = {}, by_type = {} }
      users = [for user in [
        { id = "usr_1", email = "ada@northwind.example", enabled = true, may = ["owner"] },
        { id = "usr_2", email = "BO@northwind.example", enabled = true, may = [] },
        { id = "usr_3", email = "di@northwind.example", enabled = false, may = [] },
        ] : {
        id           = user.id, handle = user.id, email = user.email, enabled = user.enabled, app_client = false, privileged = false
        entitlements = [for role in user.may : { scope = "account", resource = null, role = role, privileged = false }]
        type         = null, user_status = null, roles = [], api_roles = user.may, comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.staff
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for id in ["Bo@northwind.example\u00a0"] : {
        id = id, date_of_first_record = null, date_of_last_record = null, sessions = null, records = null, tokens = null, cost = null
      }]
    }
  }
}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory             = "tests/directories/people.csv" # Ada and Bo are employed, Cy has no address, Di and Ed have left
  directory_as_of       = formatdate("YYYY-MM-DD", timestamp())
  account               = "1526022105"
}

run "no_leavers" {
  command = plan

  variables {
    enforce = true
  }

  assert {
    condition     = output.verdict == "2 of 2 controls hold, 10 excluded"
    error_message = output.verdict
  }

  # A mock does not apply the filter on end users. So this assertion tests its pattern, with addresses of a leaver.
  assert {
    condition = alltrue([
      for id in [
        "di@northwind.example", "Di@NorthWind.example", "di@northwind.example\u00a0", "di@northwind.example \t\n", "di@northwind.example.", "di@northwind.example\u200b.\u2003",
        "di@northwind.example (Di)", "di@northwind.example:web", "di@northwind.example;session1", "Di <di@northwind.example>, on the web", "di@northwind.example. (Di)",
        "di@northwind.example|web", "'di@northwind.example'", "di@northwind.example. Web", "di@northwind.example..web", "di@northwind.example@elsewhere.example",
        "ops@elsewhere.example on behalf of <di@northwind.example>", "di＠northwind.example", "di﹫northwind.example", "di%40northwind.example", "di @ northwind.example",
      ] :
      can(regex(data.openlayer_pipeline_users.staff.user_id_regex, id))
    ])
    error_message = "The filter leaves out a leaver."
  }

  assert {
    condition = !anytrue([
      for id in ["cust-10452", "di@northwind.example.elsewhere.example", "di@northwind.example-elsewhere.example", "di@northwind-example", "di@northwind.examples", "di@elsewhere.example"] :
      can(regex(data.openlayer_pipeline_users.staff.user_id_regex, id))
    ])
    error_message = "The filter keeps a customer."
  }
}

# The pattern finds the addresses of each domain, and each domain needs an end user.
run "two_domains" {
  command = plan

  variables {
    company_domains = ["northwind.example", "north.test"]
  }

  expect_failures = [check.controls_hold]

  assert {
    condition = alltrue([
      for id in ["di@northwind.example", "ed@north.test", "ed@n o r t h . test|web"] : can(regex(data.openlayer_pipeline_users.staff.user_id_regex, id))
    ])
    error_message = data.openlayer_pipeline_users.staff.user_id_regex
  }

  assert {
    condition = !anytrue([
      for id in ["di@northwind.test", "ed@north.testing", "ed@north.example", "ed@customer.example"] : can(regex(data.openlayer_pipeline_users.staff.user_id_regex, id))
    ])
    error_message = data.openlayer_pipeline_users.staff.user_id_regex
  }

  assert {
    condition     = strcontains(module.review.message, "no end user has an address at north.test")
    error_message = module.review.message
  }
}

run "leavers" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.vectara_users.members
    values = {
      source  = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      summary = { total = 4, matched = 4, without_role = 0, privileged = 0, app_clients = 0, by_role = {}, by_status = {}, by_type = {} }
      users = [for user in [
        { id = "usr_1", email = "ada@northwind.example", enabled = true, may = ["owner"] },
        { id = "usr_2", email = "ed@northwind.example", enabled = true, may = [] },
        { id = "usr_3", email = "di@northwind.example", enabled = false, may = ["administrator"] },
        { id = "usr_4", email = "fay@elsewhere.example", enabled = true, may = [] },
        ] : {
        id           = user.id, handle = user.id, email = user.email, enabled = user.enabled, app_client = false, privileged = false
        entitlements = [for role in user.may : { scope = "account", resource = null, role = role, privileged = false }]
        type         = null, user_status = null, roles = [], api_roles = user.may, comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.staff
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for id in ["di@northwind.example\u00a0", "ed@northwind.example.", "gus@northwind.example (Gus)"] : {
        id = id, date_of_first_record = null, date_of_last_record = null, sessions = null, records = null, tokens = null, cost = null
      }]
    }
  }

  expect_failures = [check.controls_hold, output.verdict]

  assert {
    condition = (
      strcontains(module.review.message, "Leavers have no access to the account. Findings: 3 (members looked at: 4).") &&
      strcontains(module.review.message, "Leavers do not use the application. Findings: 3 (end users of the company looked at: 3).")
    )
    error_message = module.review.message
  }

  assert {
    condition     = !strcontains(module.review.message, "@") && strcontains(output.report_md, "fay@elsewhere.example")
    error_message = module.review.message
  }
}

run "approved" {
  command = plan

  variables {
    directory = "tests/directories/from-excel.csv"
    enforce   = true
    approvals = [{
      subject    = "Fay@elsewhere.example"
      owner      = "ada@northwind.example"
      reason     = "Contractor"
      ends       = "2099-12-31"
      exceptions = ["leavers_have_no_access"]
    }]
  }

  override_data {
    target = data.vectara_users.members
    values = {
      source  = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      summary = { total = 2, matched = 2, without_role = 0, privileged = 0, app_clients = 0, by_role = {}, by_status = {}, by_type = {} }
      users = [for user in [
        { id = "usr_1", email = "ada@northwind.example", enabled = true, may = ["owner"] },
        { id = "usr_4", email = "fay@elsewhere.example", enabled = true, may = [] },
        ] : {
        id           = user.id, handle = user.id, email = user.email, enabled = user.enabled, app_client = false, privileged = false
        entitlements = [for role in user.may : { scope = "account", resource = null, role = role, privileged = false }]
        type         = null, user_status = null, roles = [], api_roles = user.may, comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }
}

run "an_old_directory" {
  command = plan

  variables {
    directory_as_of = "2026-01-31"
    enforce         = true
  }

  expect_failures = [check.controls_hold, output.verdict]

  assert {
    condition     = module.review.verdict == "0 of 2 controls hold, 2 not assessed, 10 excluded"
    error_message = module.review.verdict
  }
}
