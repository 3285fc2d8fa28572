# The policies, on made-up users. It needs neither credentials nor a network: terraform test
#
# A mocked provider has no ephemeral resources, so that these tests are of the module that takes the
# users, and not of main.tf, which hands them over.

variables {
  company_domain = "northwind.example"
  max_owners     = 1
  max_cost       = 50
  enforce        = true

  # What only looks wrong.
  team = [
    { email = "Ada@NorthWind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }, { scope = "account", role = "administrator" }] },
    { email = "bo@northwind.example", enabled = null, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "corpus_administrator" }] },
    { email = "cy@elsewhere.example", enabled = true, app_client = false, privileged = false, entitlements = [] },
    { email = "di@elsewhere.example", enabled = false, app_client = false, privileged = false, entitlements = [] },
    { email = null, enabled = false, app_client = false, privileged = false, entitlements = [] },
    { email = null, enabled = null, app_client = true, privileged = false, entitlements = [{ scope = "corpus", role = "viewer" }] },
  ]
  end_users = [{ cost = 50 }, { cost = 0.1 }]

  source_of_team = { api_version = "v2", whole = true, app_clients = true, scopes = ["account", "corpus", "agent", "operation"] }
  visible_owners = 1
}

run "all_is_well" {
  command = plan

  module {
    source = "./policies"
  }
}

run "nobody_at_all" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team           = []
    visible_owners = 0
    end_users      = []
  }

  expect_failures = [
    check.team_is_there, check.owners_stay_within_max_owners, check.privileged_users_belong_to_the_company,
    check.app_clients_are_not_privileged, check.disabled_users_hold_no_role, check.users_have_no_api_policy, output.enforced,
  ]
}

run "what_is_not_known" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team      = [{ email = null, enabled = null, app_client = false, privileged = false, entitlements = [] }, { app_client = false, privileged = false, entitlements = [{ scope = "account", role = "viewer" }] }]
    end_users = [{ cost = null }, {}]
  }
}

run "too_many_owners" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team = [
      { email = "ada@northwind.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] },
      { email = "bo@northwind.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] },
    ]
    enforce = false
  }

  expect_failures = [check.owners_stay_within_max_owners]
}

run "as_many_owners_as_allowed" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    max_owners = 2
    team = [
      { email = "ada@northwind.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] },
      { email = "bo@northwind.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] },
    ]
  }
}

run "too_many_owners_stop_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team = [
      { email = "ada@northwind.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] },
      { email = "bo@northwind.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] },
    ]
  }

  expect_failures = [check.owners_stay_within_max_owners, output.enforced]
}

run "a_foreign_administrator" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example.elsewhere.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "agent_administrator" }] }]
    enforce = false
  }

  expect_failures = [check.privileged_users_belong_to_the_company]
}

run "a_foreign_owner" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@elsewhere.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner" }] }]
    enforce = false
  }

  expect_failures = [check.privileged_users_belong_to_the_company]
}

run "an_administrator_without_an_address" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator" }] }, { email = "", app_client = false, privileged = false, entitlements = [{ scope = "account", role = "viewer" }] }]
    enforce = false
  }

  expect_failures = [check.privileged_users_belong_to_the_company]
}

run "a_foreign_administrator_stops_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@elsewhere.example", app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator" }] }]
    enforce = true
  }

  expect_failures = [check.privileged_users_belong_to_the_company, output.enforced]
}

run "a_disabled_user_with_a_role" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = false, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "viewer" }] }]
    enforce = false
  }

  expect_failures = [check.disabled_users_hold_no_role]
}

run "a_disabled_user_with_a_role_stops_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = false, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "viewer" }] }]
    enforce = true
  }

  expect_failures = [check.disabled_users_hold_no_role, output.enforced]
}

run "an_administrator_of_one_agent_from_outside" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@agency.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "agent", role = "agent_administrator" }] }]
    enforce = false
  }

  expect_failures = [check.privileged_users_belong_to_the_company]
}

# Of letters outside of ASCII, none is another one's capital letter.
run "a_domain_in_lower_case" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northw\u0130nd.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "billing_administrator" }] }]
    enforce = false
  }

  expect_failures = [check.privileged_users_belong_to_the_company]
}

run "a_privileged_app_client" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = null, enabled = null, app_client = true, privileged = true, entitlements = [{ scope = "account", role = "administrator" }] }]
    enforce = false
  }

  expect_failures = [check.app_clients_are_not_privileged]
}

run "a_privileged_app_client_stops_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = null, enabled = null, app_client = true, privileged = true, entitlements = [{ scope = "account", role = "administrator" }] }]
    enforce = true
  }

  expect_failures = [check.app_clients_are_not_privileged, output.enforced]
}

run "a_disabled_administrator_of_one_corpus" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = false, app_client = false, privileged = true, entitlements = [{ scope = "corpus", role = "administrator" }] }]
    enforce = false
  }

  expect_failures = [check.disabled_users_hold_no_role]
}

run "an_api_policy" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "operation", role = "createApiKey" }] }]
    enforce = false
  }

  expect_failures = [check.users_have_no_api_policy]
}

run "an_api_policy_stops_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "operation", role = "createApiKey" }] }]
    enforce = true
  }

  expect_failures = [check.users_have_no_api_policy, output.enforced]
}

run "rest_v1_has_account_roles_alone" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    source_of_team = { api_version = "v1", whole = true, app_clients = true, scopes = ["account"] }
    enforce        = true
  }

  expect_failures = [
    check.privileged_users_belong_to_the_company, check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role, check.users_have_no_api_policy, output.enforced,
  ]
}

run "app_clients_are_not_read" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    source_of_team = { api_version = "v2", whole = true, app_clients = false, scopes = ["account", "corpus", "agent", "operation"] }
    enforce        = false
  }

  expect_failures = [
    check.team_is_there, check.owners_stay_within_max_owners, check.privileged_users_belong_to_the_company, check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role, check.users_have_no_api_policy,
  ]
}

run "a_single_page" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    source_of_team = { api_version = "v2", whole = false, app_clients = true, scopes = ["account", "corpus", "agent", "operation"] }
    enforce        = false
  }

  expect_failures = [
    check.team_is_there, check.owners_stay_within_max_owners, check.privileged_users_belong_to_the_company, check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role, check.users_have_no_api_policy,
  ]
}

run "no_owner_is_visible" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    visible_owners = 0
    enforce        = false
  }

  expect_failures = [
    check.team_is_there, check.owners_stay_within_max_owners, check.privileged_users_belong_to_the_company, check.app_clients_are_not_privileged,
    check.disabled_users_hold_no_role, check.users_have_no_api_policy,
  ]
}

run "an_expensive_end_user" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    end_users = [{ cost = 1 }, { cost = 50.01 }]
    enforce   = false
  }

  expect_failures = [check.end_users_stay_within_max_cost]
}

run "an_expensive_end_user_stops_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    end_users = [{ cost = 1 }, { cost = 50.01 }]
    enforce   = true
  }

  expect_failures = [check.end_users_stay_within_max_cost, output.enforced]
}

run "refuses_what_is_no_limit" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    company_domain = "@northwind.example"
    max_owners     = 0
    max_cost       = -1
  }

  expect_failures = [var.company_domain, var.max_owners, var.max_cost]
}
