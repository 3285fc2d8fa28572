# The policies, with other values of the variables. It needs neither credentials nor a network: terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

# Nobody is over budget.
override_data {
  target = data.openlayer_pipeline_users.application
  values = {
    source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
    users = [for user in [
      { id = "cust-1", cost = 9.5, sessions = 2, tokens = 1500 },
      { id = "cust-2", cost = 50, sessions = 12, tokens = 2500000 },
      { id = "cust-3", cost = 10.25, sessions = 3, tokens = 0.5 },
      ] : {
      id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = null, tokens = user.tokens, cost = user.cost
    }]
  }
}

run "everybody_stays_within_budget" {
  command = plan

  variables {
    total_budget = 69.75
    enforce      = true
  }

  assert {
    condition     = output.failures == {} && output.over_budget == [] && output.total.cost == 69.75
    error_message = "Something is said of somebody: ${jsonencode(output.failures)}"
  }

  # 9.5 is less than 10.25, although its text is greater.
  assert {
    condition     = join(" ", output.top_ten[*].id) == "cust-2 cust-3 cust-1"
    error_message = "Wrong order: ${jsonencode(output.top_ten)}"
  }

  assert {
    condition = output.comment == join("\n", [
      "### Cost guard: 3 of 3 policies hold",
      "",
      "- ✓ holds: every cost is known",
      "- ✓ holds: total stays within budget",
      "- ✓ holds: users stay within budget",
      "",
      "3 users cost 69.75 in all, of a budget of 69.75.",
      "",
      "#### Over budget: 0",
      "",
      "Nobody.",
      "",
      "#### The top ten by cost",
      "",
      "| User | Cost | Budget | Sessions | Tokens |",
      "|---|--:|--:|--:|--:|",
      "| <code>cust-2</code> | 50.00 | 50.00 | 12 | 2500000 |",
      "| <code>cust-3</code> | 10.25 | 50.00 | 3 | 0 |",
      "| <code>cust-1</code> | 9.50 | 50.00 | 2 | 1500 |",
    ])
    error_message = "Wrong comment: ${output.comment}"
  }
}

run "somebody_is_over_budget" {
  command = plan

  variables {
    user_budget = 10
  }

  expect_failures = [check.users_stay_within_budget]

  assert {
    condition     = startswith(output.failures.users_stay_within_budget, "Over budget (2 of 3 users): cust-2 (50.00 of 10.00), cust-3 (10.25 of 10.00). ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }

  assert {
    condition     = startswith(output.comment, "### Cost guard: 2 of 3 policies hold\n") && strcontains(output.comment, "\n- ✗ **fails**: users stay within budget\n") && strcontains(output.comment, "\n#### Over budget: 2\n")
    error_message = "Wrong comment: ${output.comment}"
  }
}

run "budgets_of_their_own" {
  command = plan

  variables {
    user_budget = 10
    budgets     = { "cust-2" = 50, "cust-3" = 10.25, "cust-1" = 9 }
  }

  expect_failures = [check.users_stay_within_budget]

  assert {
    condition     = output.over_budget == [{ id = "cust-1", cost = 9.5, budget = 9 }]
    error_message = "Wrong users: ${jsonencode(output.over_budget)}"
  }
}

run "too_much_in_all" {
  command = plan

  variables {
    total_budget = 69.74
  }

  expect_failures = [check.total_stays_within_budget]

  assert {
    condition     = startswith(output.failures.total_stays_within_budget, "All 3 users together cost 69.75, and total_budget is 69.74. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "enforced" {
  command = plan

  variables {
    user_budget = 10
    enforce     = true
  }

  expect_failures = [check.users_stay_within_budget, output.failures]
}

run "refuses_less_than_nothing" {
  command = plan

  variables {
    user_budget  = -1
    budgets      = { "cust-1" = -1 }
    total_budget = -1
  }

  expect_failures = [var.user_budget, var.budgets, var.total_budget]
}

run "refuses_what_is_no_uuid" {
  command = plan

  variables {
    inference_pipeline_id = "support-bot"
  }

  expect_failures = [var.inference_pipeline_id]
}
