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
    { email = "Ada@NorthWind.example", enabled = true, roles = ["CustomerRole_Owner", "CustomerRole_Admin"] },
    { email = "bo@northwind.example", enabled = null, roles = ["corpus_administrator"] },
    { email = "cy@elsewhere.example", enabled = true, roles = ["CustomerRole_None"] },
    { email = "di@elsewhere.example", enabled = false, roles = ["CustomerRole_None"] },
    { email = null, enabled = false, roles = [] },
  ]
  end_users = [{ cost = 50 }, { cost = 0.1 }]
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
    team      = []
    end_users = []
  }

  expect_failures = [check.team_is_there, output.enforced]
}

run "what_is_not_known" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team      = [{ email = null, enabled = null, roles = [] }, { roles = ["viewer"] }]
    end_users = [{ cost = null }, {}]
  }
}

run "owners_of_both_versions" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team = [
      { email = "ada@northwind.example", roles = ["CustomerRole_Owner"] },
      { email = "bo@northwind.example", roles = ["owner"] },
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
      { email = "ada@northwind.example", roles = ["owner"] },
      { email = "bo@northwind.example", roles = ["owner"] },
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
      { email = "ada@northwind.example", roles = ["owner"] },
      { email = "bo@northwind.example", roles = ["owner"] },
    ]
  }

  expect_failures = [check.owners_stay_within_max_owners, output.enforced]
}

run "a_foreign_administrator_of_v1" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@elsewhere.example", roles = ["CustomerRole_Billing_Admin"] }]
    enforce = false
  }

  expect_failures = [check.administrators_belong_to_the_company]
}

run "a_foreign_administrator_of_v2" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example.elsewhere.example", roles = ["agent_administrator"] }]
    enforce = false
  }

  expect_failures = [check.administrators_belong_to_the_company]
}

run "a_foreign_owner_of_v1" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@eu.northwind.example", roles = ["CustomerRole_Owner"] }]
    enforce = false
  }

  expect_failures = [check.administrators_belong_to_the_company]
}

run "a_foreign_owner_of_v2" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@elsewhere.example", roles = ["owner"] }]
    enforce = false
  }

  expect_failures = [check.administrators_belong_to_the_company]
}

run "an_administrator_without_an_address" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ roles = ["administrator"] }, { email = "", roles = ["viewer"] }]
    enforce = false
  }

  expect_failures = [check.administrators_belong_to_the_company]
}

run "a_foreign_administrator_stops_the_plan" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@elsewhere.example", roles = ["administrator"] }]
    enforce = true
  }

  expect_failures = [check.administrators_belong_to_the_company, output.enforced]
}

run "a_disabled_user_with_a_role_of_v1" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = false, roles = ["CustomerRole_None", "CustomerRole_Corpus_Admin"] }]
    enforce = false
  }

  expect_failures = [check.disabled_users_hold_no_role]
}

run "a_disabled_user_with_a_role_of_v2" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    team    = [{ email = "ada@northwind.example", enabled = false, roles = ["viewer"] }]
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
    team    = [{ email = "ada@northwind.example", enabled = false, roles = ["viewer"] }]
    enforce = true
  }

  expect_failures = [check.disabled_users_hold_no_role, output.enforced]
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
