# The policies, with other values of the variables. It needs neither credentials nor a network: terraform test

mock_provider "llmusers" {}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  directory             = "tests/directories/people.csv" # Ada, Bo, and Cy, who has no address
}

# Nobody has left.
override_data {
  target = data.vectara_users.team
  values = {
    source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
    users = [for user in [
      { id = "1", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, may = [["account", null, "owner"]] },
      { id = "2", handle = "bot", email = null, enabled = null, app_client = true, may = [] },
      ] : {
      id           = user.id, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = false
      entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = false }]
      api_roles    = [for row in user.may : row[2] if row[0] == "account"]
      type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
      corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
    }]
  }
}

override_data {
  target = data.openlayer_pipeline_users.staff
  values = {
    source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
    users = [for user in [{ id = "BO@northwind.example", date_of_last_record = "2026-03-31T08:00:00Z" }] : {
      id = user.id, date_of_first_record = null, date_of_last_record = user.date_of_last_record, sessions = null, records = null, tokens = null, cost = null
    }]
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
