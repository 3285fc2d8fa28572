# Tests of the policies with made-up users: no credentials, nothing is asked of any vendor.
#
#   terraform init && terraform test
#
# It takes Terraform 1.7, or OpenTofu 1.8.

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  company_domain        = "northwind.example"
  max_cost              = 50
  approved_csv          = "tests/approved.csv"
  as_of                 = "2026-03-31"
}

run "everything_holds_v1" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        # Addresses are compared without case, on either side.
        { id = "1", handle = "ada", email = "Ada@NorthWind.Example", type = "USER_TYPE__USER", enabled = true, roles = ["CustomerRole_Owner", "CustomerRole_Admin"], comment = "Ada", created_at = "2025-01-02T03:04:05Z", corpus_roles = null, agent_roles = null },
        { id = "2", handle = "bo", email = "bo@northwind.example", type = "USER_TYPE__USER", enabled = true, roles = ["CustomerRole_Billing_Admin"], comment = "", created_at = "2025-01-02T03:04:05Z", corpus_roles = null, agent_roles = null },
        # Disabled, and CustomerRole_None is no role.
        { id = "3", handle = "cy", email = "cy@northwind.example", type = "USER_TYPE__USER", enabled = false, roles = ["CustomerRole_None"], comment = "", created_at = "2025-01-02T03:04:05Z", corpus_roles = null, agent_roles = null },
        # From outside, and not an administrator.
        { id = "4", handle = "di", email = "di@elsewhere.example", type = "USER_TYPE__USER", enabled = true, roles = [], comment = "", created_at = "2025-01-02T03:04:05Z", corpus_roles = null, agent_roles = null },
        { id = "5", handle = "support-bot", email = "", type = "USER_TYPE__APP_CLIENT", enabled = null, roles = [], comment = "", created_at = "2025-01-02T03:04:05Z", corpus_roles = null, agent_roles = null },
      ]
      end_users = [
        { id = "u1", date_of_last_record = "2026-03-01T00:00:00Z", sessions = 1, records = 2, tokens = 3, cost = 50 },
        { id = "u2", date_of_last_record = "2026-03-01T00:00:00Z", sessions = 1, records = 2, tokens = 3, cost = 9.5 },
        { id = "u3", date_of_last_record = "2026-03-01T00:00:00Z", sessions = 1, records = 2, tokens = 1234567, cost = 10.25 },
      ]
    }
  }

  assert {
    condition     = output.verdict == "7 of 7 policies hold"
    error_message = "Got: ${output.verdict}."
  }

  assert {
    condition     = jsonencode(output.most_expensive[*].id) == jsonencode(["u1", "u3", "u2"])
    error_message = "The most expensive end users come first, by number and not by text."
  }

  assert {
    condition     = output.end_users.cost == 69.75 && output.end_users.total == 3
    error_message = "The end users do not add up."
  }

  assert {
    condition     = output.team.members == 5 && output.team.disabled == 1 && output.team.without_role == 3 && output.team.by_role.CustomerRole_Owner == 1
    error_message = "The team does not add up."
  }

  assert {
    condition = alltrue([
      for text in ["All 7 policies hold", "31 March 2026", "1,234,567", "69.75"] : strcontains(output.audit_html, text) && strcontains(output.audit_md, text)
    ])
    error_message = "The report lacks something."
  }
}

run "everything_holds_v2" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "usr_1", handle = "ada", email = "ada@northwind.example", type = null, enabled = true, roles = ["owner", "administrator"], comment = "Ada", created_at = "2025-01-02T03:04:05Z", corpus_roles = [], agent_roles = [] },
        { id = "usr_3", handle = "cy", email = "cy@northwind.example", type = null, enabled = false, roles = [], comment = null, created_at = "2025-01-02T03:04:05Z", corpus_roles = [], agent_roles = [] },
        # An administrator of a corpus is none of the account.
        { id = "usr_4", handle = "di", email = "di@elsewhere.example", type = null, enabled = true, roles = ["agent_developer"], comment = null, created_at = "2025-01-02T03:04:05Z", corpus_roles = [{ corpus_key = "handbook", role = "administrator" }], agent_roles = [{ agent_key = "desk", role = "agent_user" }] },
        { id = "usr_5", handle = "support-bot", email = null, type = null, enabled = true, roles = ["viewer"], comment = null, created_at = "2025-01-02T03:04:05Z", corpus_roles = [], agent_roles = [] },
      ]
      end_users = []
    }
  }

  assert {
    condition     = output.verdict == "7 of 7 policies hold"
    error_message = "Got: ${output.verdict}."
  }

  assert {
    condition = alltrue([
      for text in ["handbook: administrator", "desk: agent_user", "The pipeline has no end users."] : strcontains(output.audit_html, text)
    ])
    error_message = "The report lacks something."
  }
}

run "every_policy_fails_v1" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "1", handle = "ada", email = "ada@northwind.example", type = "USER_TYPE__USER", enabled = true, roles = ["CustomerRole_Owner"], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
        { id = "2", handle = "bo", email = "bo@northwind.example", type = "USER_TYPE__USER", enabled = false, roles = ["CustomerRole_Owner"], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
        { id = "3", handle = "cy", email = "cy@northwind.example.elsewhere.example", type = "USER_TYPE__USER", enabled = true, roles = ["CustomerRole_Corpus_Admin"], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
        { id = "4", handle = "support-bot", email = "", type = "USER_TYPE__APP_CLIENT", enabled = null, roles = ["CustomerRole_Agent_Admin"], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
        # A handle does not stand for an approved address, nor for an approved app client where there is an address.
        { id = "5", handle = "ada@northwind.example", email = null, type = "USER_TYPE__USER", enabled = true, roles = [], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
        { id = "6", handle = "support-bot", email = "ed@northwind.example", type = "USER_TYPE__USER", enabled = true, roles = [], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
      ]
      end_users = [
        { id = "u1", date_of_last_record = null, sessions = 1, records = 2, tokens = 3, cost = 50.01 },
        { id = "u2", date_of_last_record = null, sessions = 1, records = 2, tokens = 3, cost = 1000 },
        { id = "u3", date_of_last_record = null, sessions = 1, records = 2, tokens = 3, cost = 50 },
      ]
    }
  }

  expect_failures = [
    check.members_are_approved,
    check.at_most_one_owner,
    check.administrators_belong_to_the_company,
    check.app_clients_do_not_administer,
    check.disabled_users_hold_no_role,
    check.end_users_stay_within_max_cost,
  ]

  assert {
    condition = jsonencode(output.offenders) == jsonencode({
      account_has_members = []
      members_are_approved = [
        "cy@northwind.example.elsewhere.example", "ada@northwind.example", "ed@northwind.example",
      ]
      at_most_one_owner = ["ada@northwind.example", "bo@northwind.example"]
      administrators_belong_to_the_company = [
        "cy@northwind.example.elsewhere.example (CustomerRole_Corpus_Admin)", "support-bot (CustomerRole_Agent_Admin)",
      ]
      app_clients_do_not_administer  = ["support-bot (CustomerRole_Agent_Admin)"]
      disabled_users_hold_no_role    = ["bo@northwind.example (CustomerRole_Owner)"]
      end_users_stay_within_max_cost = ["u2 (1000.00)", "u1 (50.01)"]
    })
    error_message = "Got: ${jsonencode(output.offenders)}."
  }
}

run "every_policy_fails_v2" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "usr_1", handle = "ada", email = "ada@northwind.example", type = null, enabled = true, roles = ["owner"], comment = null, created_at = null, corpus_roles = null, agent_roles = null },
        { id = "usr_2", handle = "bo", email = "bo@northwind.example", type = null, enabled = false, roles = ["owner"], comment = null, created_at = null, corpus_roles = null, agent_roles = null },
        { id = "usr_3", handle = "ed", email = "ed@elsewhere.example", type = null, enabled = true, roles = ["billing_administrator", "viewer"], comment = null, created_at = null, corpus_roles = null, agent_roles = null },
        # Without a type, a member without an address is taken for an app client.
        { id = "usr_4", handle = "support-bot", email = null, type = null, enabled = true, roles = ["agent_administrator"], comment = null, created_at = null, corpus_roles = null, agent_roles = null },
      ]
      end_users = []
    }
  }

  expect_failures = [
    check.members_are_approved,
    check.at_most_one_owner,
    check.administrators_belong_to_the_company,
    check.app_clients_do_not_administer,
    check.disabled_users_hold_no_role,
  ]

  assert {
    condition = jsonencode(output.offenders) == jsonencode({
      account_has_members  = []
      members_are_approved = ["ed@elsewhere.example"]
      at_most_one_owner    = ["ada@northwind.example", "bo@northwind.example"]
      administrators_belong_to_the_company = [
        "ed@elsewhere.example (billing_administrator, viewer)", "support-bot (agent_administrator)",
      ]
      app_clients_do_not_administer  = ["support-bot (agent_administrator)"]
      disabled_users_hold_no_role    = ["bo@northwind.example (owner)"]
      end_users_stay_within_max_cost = []
    })
    error_message = "Got: ${jsonencode(output.offenders)}."
  }
}

run "nobody_at_all" {
  command = plan

  override_module {
    target  = module.listing
    outputs = { team = [], end_users = [] }
  }

  expect_failures = [check.account_has_members]

  assert {
    condition     = strcontains(output.audit_html, "The account has no members.") && strcontains(output.audit_html, "The pipeline has no end users.")
    error_message = "The report does not say that there is nobody."
  }
}

# Whoever is not on the list is reported, and nobody is on an empty one.
run "nobody_is_approved" {
  command = plan

  variables {
    approved_csv = "tests/nobody.csv"
  }

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "1", handle = "ada", email = "ada@northwind.example", type = "USER_TYPE__USER", enabled = true, roles = [], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
        { id = "2", handle = "support-bot", email = "", type = "USER_TYPE__APP_CLIENT", enabled = true, roles = [], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
      ]
      end_users = []
    }
  }

  expect_failures = [check.members_are_approved]

  assert {
    condition     = length(output.offenders.members_are_approved) == 2
    error_message = "Got: ${jsonencode(output.offenders.members_are_approved)}."
  }
}

# What is not known breaks no policy, but nobody can be approved who has neither address nor handle.
run "nothing_is_known" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = null, handle = null, email = null, type = null, enabled = null, roles = [], comment = null, created_at = null, corpus_roles = null, agent_roles = null },
        { id = "7", handle = null, email = "", type = null, enabled = null, roles = [], comment = null, created_at = null, corpus_roles = [{ corpus_key = null, role = null }], agent_roles = [{ agent_key = null, role = null }] },
      ]
      end_users = [
        { id = "u1", date_of_last_record = null, sessions = null, records = null, tokens = null, cost = null },
        { id = "u2", date_of_last_record = null, sessions = null, records = null, tokens = null, cost = null },
      ]
    }
  }

  expect_failures = [check.members_are_approved]

  assert {
    condition     = jsonencode(output.offenders.members_are_approved) == jsonencode(["a member without a name", "7"])
    error_message = "Got: ${jsonencode(output.offenders.members_are_approved)}."
  }
}

run "enforced" {
  command = plan

  variables {
    enforce = true
  }

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "1", handle = "ed", email = "ed@northwind.example", type = "USER_TYPE__USER", enabled = true, roles = [], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
      ]
      end_users = []
    }
  }

  expect_failures = [check.members_are_approved, output.verdict]
}

run "enforced_and_everything_holds" {
  command = plan

  variables {
    enforce = true
  }

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "1", handle = "ada", email = "ada@northwind.example", type = "USER_TYPE__USER", enabled = true, roles = ["CustomerRole_Owner"], comment = "", created_at = null, corpus_roles = null, agent_roles = null },
      ]
      end_users = []
    }
  }

  assert {
    condition     = output.verdict == "7 of 7 policies hold"
    error_message = "Got: ${output.verdict}."
  }
}
