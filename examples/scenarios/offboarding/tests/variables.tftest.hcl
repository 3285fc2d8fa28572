# The policies, with other values of the variables. It needs neither credentials nor a network: terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory             = "tests/directories/people.csv" # Ada, Bo, and Cy, who has no address
}

# Nobody has left.
override_module {
  target = module.listing
  outputs = {
    team = [
      { id = "1", handle = "ada", email = "ada@northwind.example", enabled = true, type = "USER_TYPE__USER", roles = ["CustomerRole_Owner"], corpus_roles = null, agent_roles = null },
      { id = "2", handle = "bot", email = null, enabled = null, type = "USER_TYPE__APP_CLIENT", roles = [], corpus_roles = null, agent_roles = null },
    ]
    staff = [{ id = "BO@northwind.example", date_of_last_record = "2026-03-31T08:00:00Z" }]
  }
}

run "nobody_has_left" {
  command = plan

  variables {
    enforce = true
  }

  assert {
    condition     = output.failures == {} && alltrue([for names in values(output.offenders) : length(names) == 0])
    error_message = "Something is said of somebody: ${jsonencode(output.offenders)}"
  }

  assert {
    condition     = output.compared == { directory = 3, without_address = 1, members = 2, end_users = 1 }
    error_message = "Wrong numbers: ${jsonencode(output.compared)}"
  }
}

run "a_file_from_excel" {
  command = plan

  variables {
    directory = "tests/directories/from-excel.csv"
    enforce   = true
  }
}
