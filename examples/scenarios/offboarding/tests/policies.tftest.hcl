# The policies, on other users in each run. It needs neither credentials nor a network: terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory             = "tests/directories/people.csv" # Ada, Bo, and Cy, who has no address
}

run "nobody_at_all" {
  command = plan

  override_module {
    target  = module.listing
    outputs = { team = [], staff = [] }
  }

  expect_failures = [check.team_is_there]
}

run "leavers_with_the_roles_of_v1" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "1", handle = "di", email = "Di@northwind.example", enabled = true, type = "USER_TYPE__USER", roles = [], corpus_roles = null, agent_roles = null },
        { id = "2", handle = "ed", email = "ed@northwind.example", enabled = null, type = "USER_TYPE__NONE", roles = ["CustomerRole_None"], corpus_roles = null, agent_roles = null },
        { id = "3", handle = "fay", email = "fay@northwind.example", enabled = false, type = "USER_TYPE__USER", roles = ["CustomerRole_None", "CustomerRole_Corpus_Admin"], corpus_roles = null, agent_roles = null },
        { id = "4", handle = "gus", email = "gus@northwind.example", enabled = false, type = "USER_TYPE__USER", roles = ["CustomerRole_None"], corpus_roles = null, agent_roles = null },
      ]
      staff = []
    }
  }

  expect_failures = [check.leavers_cannot_sign_in, check.leavers_hold_no_role]

  assert {
    condition = output.offenders == {
      leavers_cannot_sign_in     = ["Di@northwind.example", "ed@northwind.example"]
      leavers_hold_no_role       = ["fay@northwind.example (CustomerRole_Corpus_Admin)"]
      leavers_use_no_application = []
      members_can_be_looked_up   = []
    }
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }

  assert {
    condition     = startswith(output.failures.leavers_cannot_sign_in, "Not in the directory, and may sign in to Vectara (2): Di@northwind.example, ed@northwind.example. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "leavers_with_the_roles_of_v2" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "usr_1", handle = "di", email = "di@northwind.example", enabled = false, type = null, roles = ["owner"], corpus_roles = [], agent_roles = [] },
        { id = "usr_2", handle = "ed", email = "ed@northwind.example", enabled = false, type = null, roles = [], corpus_roles = [{ corpus_key = "contracts", role = "editor" }], agent_roles = null },
        { id = "usr_3", handle = "fay", email = "fay@northwind.example", enabled = false, type = null, roles = [], corpus_roles = null, agent_roles = [{ agent_key = "desk", role = "agent_user" }] },
        { id = "usr_4", handle = "gus", email = "gus@northwind.example", enabled = false, type = null, roles = [], corpus_roles = [], agent_roles = [] },
      ]
      staff = []
    }
  }

  expect_failures = [check.leavers_hold_no_role]

  assert {
    condition = output.offenders.leavers_hold_no_role == [
      "di@northwind.example (owner)", "ed@northwind.example (editor of contracts)", "fay@northwind.example (agent_user of desk)",
    ]
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }
}

run "a_leaver_uses_the_application" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [{ id = "usr_1", handle = "ada", email = "ada@northwind.example", enabled = true, type = null, roles = ["owner"], corpus_roles = [], agent_roles = [] }]
      staff = [
        { id = "Di@Northwind.Example", date_of_last_record = "2026-03-31T08:00:00Z" },
        { id = "ed@northwind.example", date_of_last_record = null },
        { id = "ada@northwind.example", date_of_last_record = "2026-03-31T08:00:00Z" },
      ]
    }
  }

  expect_failures = [check.leavers_use_no_application]

  assert {
    condition     = strcontains(output.failures.leavers_use_no_application, " in the last 30 days (2): Di@Northwind.Example (last seen 2026-03-31), ed@northwind.example (last seen unknown). ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
  }
}

run "what_is_not_known" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = null, handle = null, email = null, enabled = null, type = null, roles = [], corpus_roles = null, agent_roles = null },
        { id = "usr_2", handle = "bot", email = "", enabled = false, type = null, roles = ["viewer"], corpus_roles = null, agent_roles = null },
      ]
      staff = []
    }
  }

  expect_failures = [check.members_can_be_looked_up]

  assert {
    condition     = output.offenders.members_can_be_looked_up == ["a member without a name", "bot"]
    error_message = "Wrong people: ${jsonencode(output.offenders)}"
  }
}

run "exempt" {
  command = plan

  variables {
    exempt  = ["Di@elsewhere.example", "bot", " usr_3", "ed@northwind.example"]
    enforce = true
  }

  override_module {
    target = module.listing
    outputs = {
      team = [
        { id = "usr_1", handle = "di", email = "di@elsewhere.example", enabled = true, type = null, roles = ["owner"], corpus_roles = [], agent_roles = [] },
        { id = "usr_2", handle = "Bot", email = null, enabled = null, type = null, roles = [], corpus_roles = [], agent_roles = [] },
        { id = "usr_3", handle = null, email = "fay@northwind.example", enabled = false, type = null, roles = ["owner"], corpus_roles = [], agent_roles = [] },
      ]
      staff = [{ id = "Ed@northwind.example", date_of_last_record = "2026-03-31T08:00:00Z" }]
    }
  }
}

run "a_message_names_five" {
  command = plan

  override_module {
    target = module.listing
    outputs = {
      team = [
        for n in ["1", "2", "3", "4", "5", "6", "7"] :
        { id = n, handle = null, email = "di.${n}@northwind.example", enabled = true, type = null, roles = [], corpus_roles = [], agent_roles = [] }
      ]
      staff = []
    }
  }

  expect_failures = [check.leavers_cannot_sign_in]

  assert {
    condition     = strcontains(output.failures.leavers_cannot_sign_in, "(7): di.1@northwind.example, di.2@northwind.example") && strcontains(output.failures.leavers_cannot_sign_in, " di.5@northwind.example and 2 more. ")
    error_message = "Wrong message: ${jsonencode(output.failures)}"
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
      team  = [{ id = "usr_1", handle = null, email = "di@northwind.example", enabled = true, type = null, roles = [], corpus_roles = [], agent_roles = [] }]
      staff = []
    }
  }

  expect_failures = [check.leavers_cannot_sign_in, output.failures]
}
