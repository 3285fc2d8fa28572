# Tests of the policies with made-up users: no credentials, nothing is asked of any vendor.
#
#   terraform init && terraform test
#
# It takes Terraform 1.7, or OpenTofu 1.8. A mock may call no function, and OpenTofu wants every attribute of a
# user in it, so that "for" adds those that no run is about. may has the entitlements: scope, resource, role, and
# whether it is privileged.

mock_provider "llmusers" {
  mock_data "openlayer_pipeline_users" {
    defaults = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }
}

variables {
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  company_domain        = "northwind.example"
  max_cost              = 50
  approved_csv          = "tests/approved.csv"
  as_of                 = "2026-03-31"
}

# What a run is judged by that has no members of its own.
override_data {
  target = data.vectara_users.team
  values = {
    source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
    users = [for user in [
      { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
      ] : {
      id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
      entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
      api_roles    = [for row in user.may : row[2] if row[0] == "account"]
      type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
      corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
    }]
  }
}

run "everything_holds" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        # Addresses are compared without case, on either side.
        { email = "Ada@NorthWind.Example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true], ["account", null, "administrator", true]] },
        { email = "bo@northwind.example", handle = "bo", enabled = true, app_client = false, privileged = true, may = [["account", null, "billing_administrator", true]] },
        { email = "cy@northwind.example", handle = "cy", enabled = false, app_client = false, privileged = false, may = [] },
        # From outside, and not privileged.
        { email = "di@elsewhere.example", handle = "di", enabled = true, app_client = false, privileged = false, may = [["account", null, "agent_developer", false], ["corpus", "handbook", "viewer", false]] },
        { email = null, handle = "support-bot", enabled = null, app_client = true, privileged = false, may = [["account", null, "viewer", false]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "u1", last = "2026-03-01T00:00:00Z", sessions = 1, records = 2, tokens = 3, cost = 50 },
        { id = "u2", last = "2026-03-01T00:00:00Z", sessions = 1, records = 2, tokens = 3, cost = 9.5 },
        { id = "u3", last = "2026-03-01T00:00:00Z", sessions = 1, records = 2, tokens = 1234567, cost = 10.25 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = user.last, sessions = user.sessions, records = user.records, tokens = user.tokens, cost = user.cost
      }]
    }
  }

  assert {
    condition     = output.verdict == "8 of 8 policies hold" && output.not_assessed == {}
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
    condition     = output.team.members == 5 && output.team.disabled == 1 && output.team.without_role == 1 && output.team.by_role.owner == 1
    error_message = "The team does not add up."
  }

  assert {
    condition = alltrue([
      for text in ["All 8 policies hold", "31 March 2026", "1,234,567", "69.75", "viewer on handbook"] : strcontains(output.audit_html, text) && strcontains(output.audit_md, text)
    ])
    error_message = "The report lacks something."
  }
}

run "every_policy_fails" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        { email = "bo@northwind.example", handle = "bo", enabled = false, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        # The end of an address counts, and not what comes before it.
        { email = "cy@northwind.example.elsewhere.example", handle = "cy", enabled = true, app_client = false, privileged = true, may = [["account", null, "corpus_administrator", true]] },
        # An administrator of one agent, and of nothing else.
        { email = "di@elsewhere.example", handle = "di", enabled = true, app_client = false, privileged = true, may = [["agent", "desk", "agent_administrator", true]] },
        # A domain whose lower case is a plain i.
        { email = "bo@northw\u0130nd.example", handle = "bo", enabled = true, app_client = false, privileged = true, may = [["account", null, "billing_administrator", true]] },
        # Disabled, and still an administrator of one corpus.
        { email = "ed@northwind.example", handle = "ed", enabled = false, app_client = false, privileged = true, may = [["corpus", "handbook", "administrator", true], ["corpus", "manuals", "viewer", false]] },
        { email = "fay@northwind.example", handle = "fay", enabled = true, app_client = false, privileged = true, may = [["operation", "handbook", "listCorpusDocuments", true], ["operation", null, "createApiKey", true]] },
        { email = null, handle = "support-bot", enabled = null, app_client = true, privileged = true, may = [["account", null, "agent_administrator", true], ["account", null, "viewer", false]] },
        # A handle does not stand for an approved address, nor for an approved app client where there is an address.
        { email = null, handle = "ada@northwind.example", enabled = true, app_client = false, privileged = false, may = [["account", null, "viewer", false]] },
        { email = "gus@northwind.example", handle = "support-bot", enabled = true, app_client = false, privileged = false, may = [] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "u1", sessions = 1, records = 2, tokens = 3, cost = 50.01 },
        { id = "u2", sessions = 1, records = 2, tokens = 3, cost = 1000 },
        { id = "u3", sessions = 1, records = 2, tokens = 3, cost = 50 },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = user.records, tokens = user.tokens, cost = user.cost
      }]
    }
  }

  expect_failures = [
    check.members_are_approved,
    check.at_most_one_owner,
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
    check.end_users_stay_within_max_cost,
  ]

  assert {
    condition = jsonencode(output.offenders) == jsonencode({
      account_has_members = []
      members_are_approved = [
        "cy@northwind.example.elsewhere.example", "bo@northw\u0130nd.example", "ed@northwind.example", "fay@northwind.example",
        "ada@northwind.example", "gus@northwind.example",
      ]
      at_most_one_owner = ["ada@northwind.example", "bo@northwind.example"]
      privileged_users_belong_to_the_company = [
        "cy@northwind.example.elsewhere.example (corpus_administrator)", "di@elsewhere.example (agent_administrator on desk)",
        "bo@northw\u0130nd.example (billing_administrator)",
      ]
      app_clients_are_not_privileged = ["support-bot (agent_administrator)"]
      disabled_users_hold_no_role = [
        "bo@northwind.example (owner)", "ed@northwind.example (administrator on handbook, viewer on manuals)",
      ]
      users_have_no_api_policy       = ["fay@northwind.example (listCorpusDocuments on handbook, createApiKey on any resource)"]
      end_users_stay_within_max_cost = ["u2 (1000.00)", "u1 (50.01)"]
    })
    error_message = "Got: ${jsonencode(output.offenders)}."
  }
}

# No owner, so that this is not all of an account.
run "nobody_at_all" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users  = []
    }
  }

  expect_failures = [
    check.account_has_members,
    check.members_are_approved,
    check.at_most_one_owner,
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
  ]

  assert {
    condition     = output.verdict == "1 of 8 policies hold, 6 not assessed"
    error_message = "Got: ${output.verdict}."
  }

  assert {
    condition     = strcontains(output.audit_html, "The account has no members.") && strcontains(output.audit_html, "The pipeline has no end users.")
    error_message = "The report does not say that there is nobody."
  }
}

run "no_owner_is_visible" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "administrator", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [
    check.account_has_members,
    check.members_are_approved,
    check.at_most_one_owner,
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
  ]

  assert {
    condition     = output.verdict == "1 of 8 policies hold, 7 not assessed"
    error_message = "Got: ${output.verdict}."
  }
}

# What has been found is certain. What has not, may be where nobody has looked.
run "rest_v1_has_account_roles_alone" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = ["account"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        { email = "di@elsewhere.example", handle = "di", enabled = true, app_client = false, privileged = true, may = [["account", null, "administrator", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
  ]

  assert {
    condition     = output.verdict == "4 of 8 policies hold, 3 not assessed" && length(output.offenders.privileged_users_belong_to_the_company) == 1
    error_message = "Got: ${output.verdict}."
  }

  assert {
    condition     = jsonencode(output.not_assessed.users_have_no_api_policy) == jsonencode(["REST v1 has no entitlements of the scopes corpus, agent, operation"])
    error_message = "Got: ${jsonencode(output.not_assessed)}."
  }

  assert {
    condition = alltrue([
      for page in [output.audit_html, output.audit_md] :
      strcontains(page, "4 of 8 policies hold, 3 not assessed") && strcontains(page, "REST v1 has no entitlements of the scopes corpus, agent, operation")
    ])
    error_message = "The report does not say what was not assessed."
  }
}

run "app_clients_are_not_read" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [
    check.account_has_members,
    check.members_are_approved,
    check.at_most_one_owner,
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
  ]

  assert {
    condition     = jsonencode(distinct(values(output.not_assessed))) == jsonencode([["app clients were not read"]])
    error_message = "Got: ${jsonencode(output.not_assessed)}."
  }
}

run "single_pages" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = false, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = false, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users  = []
    }
  }

  expect_failures = [
    check.account_has_members,
    check.members_are_approved,
    check.at_most_one_owner,
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
    check.end_users_stay_within_max_cost,
  ]

  assert {
    condition     = output.verdict == "0 of 8 policies hold, 8 not assessed"
    error_message = "Got: ${output.verdict}."
  }
}

# A member who is not on the list is reported, and nobody is on an empty one.
run "nobody_is_approved" {
  command = plan

  variables {
    approved_csv = "tests/nobody.csv"
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        { email = "", handle = "support-bot", enabled = true, app_client = true, privileged = false, may = [] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
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

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        { email = null, handle = null, enabled = null, app_client = false, privileged = false, may = [] },
        { email = "", handle = null, enabled = null, app_client = false, privileged = false, may = [["corpus", null, "", false], ["agent", null, "", false]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  override_data {
    target = data.openlayer_pipeline_users.application
    values = {
      source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = [], app_clients = false, provider_version = "1.0.0" }
      users = [for user in [
        { id = "u1", sessions = null, records = null, tokens = null, cost = null },
        { id = "u2", sessions = null, records = null, tokens = null, cost = null },
        ] : {
        id = user.id, date_of_first_record = null, date_of_last_record = null, sessions = user.sessions, records = user.records, tokens = user.tokens, cost = user.cost
      }]
    }
  }

  expect_failures = [check.members_are_approved]

  assert {
    condition     = jsonencode(output.offenders.members_are_approved) == jsonencode(["a member without a name", "a member without a name"])
    error_message = "Got: ${jsonencode(output.offenders.members_are_approved)}."
  }
}

run "enforced" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v2", base_url = "https://api.example", account = null, whole = true, scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        { email = "ed@northwind.example", handle = "ed", enabled = true, app_client = false, privileged = false, may = [] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.members_are_approved, output.verdict]
}

run "enforced_and_not_assessed" {
  command = plan

  variables {
    enforce = true
  }

  override_data {
    target = data.vectara_users.team
    values = {
      source = { vendor = "vectara", api_version = "v1", base_url = "https://api.example", account = null, whole = true, scopes = ["account"], app_clients = true, provider_version = "1.0.0" }
      users = [for user in [
        { email = "ada@northwind.example", handle = "ada", enabled = true, app_client = false, privileged = true, may = [["account", null, "owner", true]] },
        ] : {
        id           = user.handle, handle = user.handle, email = user.email, enabled = user.enabled, app_client = user.app_client, privileged = user.privileged
        entitlements = [for row in user.may : { scope = row[0], resource = row[1], role = row[2], privileged = row[3] }]
        api_roles    = [for row in user.may : row[2] if row[0] == "account"]
        type         = null, user_status = null, roles = [], comment = "", ts_create = null, created_at = null, id_create = null, updated_at = null
        corpus_roles = [], agent_roles = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [
    check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role,
    check.users_have_no_api_policy,
    output.verdict,
  ]
}

run "enforced_and_everything_holds" {
  command = plan

  variables {
    enforce = true
  }

  assert {
    condition     = output.verdict == "8 of 8 policies hold"
    error_message = "Got: ${output.verdict}."
  }
}
