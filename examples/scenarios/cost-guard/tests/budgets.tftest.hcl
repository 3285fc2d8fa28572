# These runs test the controls and the comment, with different users and budgets. The tests need no credentials and no
# network: terraform test
#
# OpenTofu needs every attribute of a user in a mock. "for" adds the attributes that no run uses.

mock_provider "llmusers" {
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
      summary = { total = 3, matched = 3, sessions = null, records = null, tokens = null, cost = 69.75, date_of_first_record = "2026-02-08T05:00:34Z", date_of_last_record = "2026-11-27T21:12:34Z" }
    }
  }
}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

run "within_budget" {
  command = plan

  variables {
    total_budget = 69.75
    enforce      = true
  }

  assert {
    condition = output.total == {
      users = 3, cost = 69.75, period = { from = "2026-02-08T05:00:34Z", to = "2026-11-27T21:12:34Z" }
    } && length(output.over_budget) == 0
    error_message = "Wrong numbers: ${jsonencode(output.total)}"
  }

  # 9.5 is less than 10.25 as a number, but greater as text.
  assert {
    condition     = join(" ", output.top_ten[*].id) == "cust-2 cust-3 cust-1"
    error_message = "Wrong order: ${nonsensitive(jsonencode(output.top_ten))}"
  }

  assert {
    condition = output.comment == join("\n", [
      "### Cost guard: 2 of 2 controls hold",
      "",
      "- ✓ **holds**: All users together stay within total_budget",
      "- ✓ **holds**: Each user stays within budget",
      "",
      "3 users cost 69.75 in all, of a budget of 69.75, from 2026-02-08 to 2026-11-27.",
      "",
      "#### Over budget: 0",
      "",
      "No users.",
      "",
      "#### The top ten by cost",
      "",
      "| User | Cost | Budget | Sessions | Tokens |",
      "|---|--:|--:|--:|--:|",
      "| <code>cust-2</code> | 50.00 | 50.00 | 12 | 2500000 |",
      "| <code>cust-3</code> | 10.25 | 50.00 | 3 | 0 |",
      "| <code>cust-1</code> | 9.50 | 50.00 | 2 | 1500 |",
    ])
    error_message = "Wrong comment: ${nonsensitive(output.comment)}"
  }
}

run "users_over_budget" {
  command = plan

  variables {
    user_budget = 10
  }

  expect_failures = [check.controls_hold]

  # The message names no user.
  assert {
    condition = module.controls.message == join("\n", [
      "0 of 1 controls hold, 1 fails, 1 excluded.",
      "- fails: Each user stays within budget. Findings: 2 (users looked at: 3). Look for a script or a shared login behind these users, or set their own budgets in budgets.",
    ])
    error_message = module.controls.message
  }

  assert {
    condition     = strcontains(output.comment, "\n- ✗ **fails**: Each user stays within budget\n") && strcontains(output.comment, "\n3 users cost 69.75 in all, from 2026-02-08 to 2026-11-27.\n\n#### Over budget: 2\n")
    error_message = "Wrong comment: ${nonsensitive(output.comment)}"
  }
}

run "budgets_of_single_users" {
  command = plan

  variables {
    user_budget = 10
    budgets     = { "cust-2" = 50, "cust-3" = 10.25, "cust-1" = 9 }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = output.over_budget == [{ id = "cust-1", cost = 9.5, budget = 9 }]
    error_message = "Wrong users: ${nonsensitive(jsonencode(output.over_budget))}"
  }
}

run "total_over_budget" {
  command = plan

  variables {
    total_budget = 69.74
    enforce      = true
  }

  expect_failures = [check.controls_hold, output.verdict]

  assert {
    condition     = module.controls.results == { total_stays_within_budget = "fails", users_stay_within_budget = "holds" }
    error_message = jsonencode(module.controls.results)
  }
}

# Without users, a control fails: a wrong pipeline is more likely than an unused application.
run "no_users" {
  command = plan

  variables {
    total_budget = 0
    enforce      = true
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source  = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users   = []
      summary = { total = 0, matched = 0, sessions = null, records = null, tokens = null, cost = 0, date_of_first_record = null, date_of_last_record = null }
    }
  }

  expect_failures = [check.controls_hold, output.verdict]

  assert {
    condition     = output.total.cost == 0 && endswith(output.comment, "#### The top ten by cost\n\nNo users.") && strcontains(output.comment, " from a day that is not known to ")
    error_message = "Wrong comment: ${nonsensitive(output.comment)}"
  }
}

run "an_unknown_cost" {
  command = plan

  variables {
    total_budget = 100
  }

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
      summary = { total = 2, matched = 2, sessions = null, records = null, tokens = null, cost = null, date_of_first_record = "2026-02-08T05:00:34Z", date_of_last_record = "2026-11-27T21:12:34Z" }
    }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = module.controls.results == { total_stays_within_budget = "not assessed", users_stay_within_budget = "not assessed" }
    error_message = jsonencode(module.controls.results)
  }

  assert {
    condition = (
      endswith(output.comment, "\n| <code>cust-1</code> | not known | 50.00 | not known | not known |") &&
      strcontains(output.comment, "\n- – **not assessed**: Each user stays within budget (users whose cost is not known or is negative: 1)\n\n2 users cost an amount that is not known in all, of a budget of 100.00, from ")
    )
    error_message = "Wrong comment: ${nonsensitive(output.comment)}"
  }
}

# A single page, from which a filter such as user_ids left out a user. The negative cost would hide the other cost.
run "not_assessed" {
  command = plan

  variables {
    total_budget = 100
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "cust-1", cost = 40 },
        { id = "cust-2", cost = -39 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = 1, records = null, tokens = 1, cost = user.cost
      }]
      summary = { total = 3, matched = 2, sessions = null, records = null, tokens = null, cost = 1, date_of_first_record = "2026-02-08T05:00:34Z", date_of_last_record = "2026-11-27T21:12:34Z" }
    }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition = output.verdict == "0 of 2 controls hold, 2 not assessed" && alltrue([
      for control in module.controls.controls :
      join("; ", control.not_assessed) == "a single page was read; a filter left out 1 of 3 users; users whose cost is not known or is negative: 1"
    ])
    error_message = module.controls.message
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
      summary = { total = 12, matched = 12, sessions = null, records = null, tokens = null, cost = 84, date_of_first_record = "2026-02-08T05:00:34Z", date_of_last_record = "2026-11-27T21:12:34Z" }
    }
  }

  expect_failures = [check.controls_hold]

  assert {
    condition     = length(output.over_budget) == 12 && length(output.top_ten) == 10 && output.top_ten[9].id == "cust-03" && strcontains(output.comment, "\n\nAnd 2 more.\n")
    error_message = "Wrong users: ${nonsensitive(jsonencode(output.top_ten))}"
  }
}

run "an_id_with_markup" {
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
      summary = { total = 4, matched = 4, sessions = null, records = null, tokens = null, cost = 10, date_of_first_record = "2026-02-08T05:00:34Z", date_of_last_record = "2026-11-27T21:12:34Z" }
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
    error_message = "Wrong comment: ${nonsensitive(output.comment)}"
  }
}

run "negative_budgets" {
  command = plan

  variables {
    user_budget  = -1
    budgets      = { "cust-1" = -1 }
    total_budget = -1
  }

  expect_failures = [var.user_budget, var.budgets, var.total_budget]
}

run "not_a_uuid" {
  command = plan

  variables {
    inference_pipeline_id = "support-bot"
  }

  expect_failures = [var.inference_pipeline_id]
}
