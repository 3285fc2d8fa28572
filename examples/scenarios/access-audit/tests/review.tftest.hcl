# These runs test what the scenario passes to the module access-review, and how it uses the result. The module has tests
# of the controls. The tests need no credentials and no network: terraform test
#
# OpenTofu needs every attribute of a user in a mock. "for" adds the attributes that no run uses.

# The first user is in approvals.csv and directory.csv. The second user is in neither file.
mock_provider "llmusers" {
  override_data {
    target = data.vectara_users.members
    values = {
      source  = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      summary = { total = 2, matched = 2, without_role = 0, privileged = 0, app_clients = 0, by_role = {}, by_status = {}, by_type = {} }
      users = [for user in [
        { id = "usr_1", email = "leilani.wanjiru@northwind.example" },
        { id = "usr_2", email = "ada@northwind.example" },
        ] : {
        id           = user.id, handle = user.id, email = user.email, enabled = true, app_client = false, privileged = true
        entitlements = [{ scope = "account", resource = null, role = "owner", privileged = true }]
        type         = null, user_status = null, roles = [], api_roles = ["owner"], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.end_users
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for id in ["ada@northwind.example"] : {
        id = id, date_of_first_record = null, date_of_last_record = null, sessions = null, records = null, tokens = null, cost = null
      }]
    }
  }
}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory_as_of       = formatdate("YYYY-MM-DD", timestamp())
  account               = "1526022105"
}

run "holds" {
  command = plan

  variables {
    enforce = true
  }

  override_module {
    target  = module.review
    outputs = { result = "holds", verdict = "12 of 12 controls hold", message = "12 of 12 controls hold.", report_json = "{}", report_html = "", report_md = "" }
  }

  assert {
    condition     = output.verdict == "12 of 12 controls hold"
    error_message = output.verdict
  }
}

run "not_assessed_does_not_hold" {
  command = plan

  variables {
    enforce = true
  }

  override_module {
    target  = module.review
    outputs = { result = "not assessed", verdict = "", message = "not assessed", report_json = "{}", report_html = "", report_md = "" }
  }

  expect_failures = [check.controls_hold, output.verdict]
}

run "the_files_are_read" {
  command = plan

  expect_failures = [check.controls_hold]

  assert {
    condition = (
      strcontains(module.review.message, "Every member is approved. Findings: 1 (members looked at: 2).") &&
      strcontains(module.review.message, "Leavers have no access to the account. Findings: 1 (members looked at: 2).") &&
      strcontains(module.review.message, "Leavers do not use the application. Findings: 1 (end users of the company looked at: 1).")
    )
    error_message = module.review.message
  }

  assert {
    condition     = !strcontains(module.review.message, "@") && alltrue([for report in [output.report_json, output.report_html, output.report_md] : strcontains(replace(report, "<wbr>", ""), "ada@northwind.example")])
    error_message = module.review.message
  }
}

run "the_last_review_is_read" {
  command = plan

  variables {
    previous_review = "tests/previous.json"
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = strcontains(module.review.message, "No user has become privileged since the last review. Findings: 1 ")
    error_message = module.review.message
  }
}
