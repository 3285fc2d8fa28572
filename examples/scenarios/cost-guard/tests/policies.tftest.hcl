# The policies, on other users in each run. It needs neither credentials nor a network: terraform test
#
# A mock may call no function, and OpenTofu wants every attribute of a user in it, so that "for" adds those that
# no run is about.

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

run "nobody_at_all" {
  command = plan

  variables {
    total_budget = 0
    enforce      = true
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }

  assert {
    condition     = output.total.users == 0 && output.total.cost == 0 && endswith(output.comment, "\nNobody has used the application.")
    error_message = "Wrong comment: ${output.comment}"
  }
}

run "exactly_the_budget" {
  command = plan

  variables {
    total_budget = 0.7
    enforce      = true
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "cust-1", cost = 0.3, sessions = 1, tokens = 1 },
        { id = "cust-2", cost = 0.4, sessions = 1, tokens = 1 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = null, tokens = user.tokens, cost = user.cost
      }]
    }
  }
}

run "what_is_not_known" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "cust-1", cost = null, sessions = null, tokens = null },
        { id = "cust-2", cost = 1, sessions = 1, tokens = 1 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = null, tokens = user.tokens, cost = user.cost
      }]
    }
  }

  expect_failures = [check.every_cost_is_known]

  assert {
    condition     = startswith(output.failures.every_cost_is_known, "Users whose cost is not known, and who may be over budget (1): cust-1. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }

  assert {
    condition = (
      endswith(output.comment, "\n| <code>cust-1</code> | not known | 50.00 | not known | not known |") &&
      strcontains(output.comment, "\nThe cost of 1 of them is not known.\n")
    )
    error_message = "Wrong comment: ${output.comment}"
  }
}

run "more_than_ten" {
  command = plan

  variables {
    user_budget = 0
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        for n in ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"] :
        { id = "cust-${n}", cost = "${n}.5", sessions = 1, tokens = 1 }
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = null, tokens = user.tokens, cost = user.cost
      }]
    }
  }

  expect_failures = [check.users_stay_within_budget]

  assert {
    condition     = length(output.over_budget) == 12 && length(output.top_ten) == 10 && output.top_ten[9].id == "cust-03"
    error_message = "Wrong users: ${jsonencode(output.top_ten)}"
  }

  assert {
    condition     = strcontains(output.comment, "\n\nAnd 2 more.\n") && strcontains(output.failures.users_stay_within_budget, "cust-08 (8.50 of 0.00) and 7 more. ")
    error_message = "Wrong comment: ${output.comment}"
  }
}

run "an_id_is_only_text" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "a|b`c</code><img src=x>", cost = 4, sessions = 1, tokens = 1 },
        { id = "@ada [link](https://a.example)\n| x |\r*_~#!$", cost = 3, sessions = 1, tokens = 1 },
        { id = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890", cost = 2, sessions = 1, tokens = 1 },
        { id = "Zoë\u202e\\", cost = 1, sessions = 1, tokens = 1 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = null, tokens = user.tokens, cost = user.cost
      }]
    }
  }

  assert {
    condition = endswith(output.comment, join("\n", [
      "|---|--:|--:|--:|--:|",
      "| <code>a&#124;b&#96;c&lt;&#47;code&gt;&lt;img src=x&gt;</code> | 4.00 | 50.00 | 1 | 1 |",
      "| <code>&#64;ada &#91;link&#93;&#40;https&#58;&#47;&#47;a&#46;example&#41; &#124; x &#124; &#42;&#95;&#126;&#35;&#33;&#36;</code> | 3.00 | 50.00 | 1 | 1 |",
      "| <code>0123456789012345678901234567890123456789012345678901234567890123456789012345678…</code> | 2.00 | 50.00 | 1 | 1 |",
      "| <code>Zoë &#92;</code> | 1.00 | 50.00 | 1 | 1 |",
    ]))
    error_message = "Wrong comment: ${output.comment}"
  }
}

# Of a single page, neither a sum nor "all users" is true.
run "a_single_page" {
  command = plan

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }

  expect_failures = [data.openlayer_pipeline_users.application]
}
