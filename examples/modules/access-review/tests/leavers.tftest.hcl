# These runs test the controls on leavers: who has left according to the directory, and what they can still use.

variables {
  members = [
    { id = "1", handle = "ada", email = "ada@northwind.example", enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }] },
    { id = "2", handle = "bo", email = "bo@northwind.example", enabled = true, app_client = false, privileged = false, entitlements = [{ scope = "corpus", resource = "contracts", role = "editor", privileged = false }] },
    { id = "app_3", handle = "nightly", app_client = true, privileged = false, entitlements = [{ scope = "corpus", role = "viewer", privileged = false }] },
  ]
  members_source = {
    vendor = "vectara", api_version = "v2", base_url = "https://api.vectara.io", account = "1526022105", whole = true,
    scopes = ["account", "corpus", "agent", "operation"], app_clients = true, provider_version = "1.0.0"
  }
  approvals = [
    { subject = "ada@northwind.example", roles = ["owner"], owner = "bo@northwind.example", reason = "Platform", ends = "2099-12-31" },
    { subject = "bo@northwind.example", roles = ["editor on corpus contracts"], owner = "ada@northwind.example", reason = "Legal", ends = "2099-12-31" },
    { subject = "nightly", roles = ["viewer on any corpus"], owner = "ada@northwind.example", reason = "Index", ends = "2099-12-31" },
  ]
  account         = null # not TF_VAR_account
  company_domains = ["northwind.example"]
  directory = {
    as_of  = formatdate("YYYY-MM-DD", timestamp())
    people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }]
  }
  end_users        = [{ id = "ada@northwind.example", date_of_last_record = timestamp() }, { id = "bo@northwind.example", date_of_last_record = timestamp() }]
  end_users_source = { vendor = "openlayer", api_version = "v1", base_url = "https://api.openlayer.com", account = "7", whole = true, provider_version = "1.0.0" }
}

run "base" {
  module {
    source = "./tests/base"
  }
}

run "employed" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "a_status_in_another_case" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = " ACTIVE " }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

# An empty status or end has no effect.
run "a_blank_status" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = " " }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "no_status" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "a_terminated_row" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "status terminated, editor on corpus contracts")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "an_unknown_status" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "actve" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "status actve")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_status_with_a_dotted_capital_i" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "actİve" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "status act\u0130ve")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "not_in_the_directory" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "cy@northwind.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "not in the directory")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "ended_yesterday" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active", ends = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-24h")) }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "left on ${formatdate("YYYY-MM-DD", timeadd(plantimestamp(), "-24h"))}, editor")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "ends_today" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active", ends = formatdate("YYYY-MM-DD", timeadd(timestamp(), "0h")) }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "ends_tomorrow" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active", ends = formatdate("YYYY-MM-DD", timeadd(timestamp(), "24h")) }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "a_blank_end" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active", ends = " " }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

# The status means that the user has left, although the last day is in the future.
run "terminated_before_the_end" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2099-12-31" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "status terminated")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "hired_again" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2020-01-31" }, { email = "bo@northwind.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "hired_again_in_the_first_row" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2020-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "left_twice" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2020-01-31" }, { email = "bo@northwind.example", status = "terminated", ends = "2021-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "left on 2021-01-31")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "an_address_in_another_case" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = " BO@Northwind.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_address_with_a_dotted_capital_i" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwİnd.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = startswith(local.controls.leavers_have_no_access.findings[0].detail, "not in the directory")
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "people_without_addresses" {
  command = plan

  variables {
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }, { status = "active" }, { email = "", status = "terminated" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "other_statuses" {
  command = plan

  variables {
    active_statuses = ["On leave", "active"]
    directory       = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "on LEAVE" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_directory_as_old_as_allowed" {
  command = plan

  variables {
    directory = { as_of = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-168h")), people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_directory_that_is_too_old" {
  command = plan

  variables {
    directory = { as_of = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-192h")), people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "not assessed" && output.results.leavers_do_not_use_the_application == "not assessed" && strcontains(local.controls.leavers_have_no_access.not_assessed[0], "more than 7 days ago")
    error_message = output.message
  }
}

run "a_directory_that_may_be_older" {
  command = plan

  variables {
    directory_max_age_days = 30
    directory              = { as_of = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-192h")), people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_directory_of_tomorrow" {
  command = plan

  variables {
    directory = { as_of = formatdate("YYYY-MM-DD", timeadd(timestamp(), "24h")), people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated" }] }
  }

  assert {
    condition     = output.results.leavers_have_no_access == "not assessed" && strcontains(local.controls.leavers_do_not_use_the_application.not_assessed[0], "which is in the future")
    error_message = output.message
  }
}

run "no_directory" {
  command = plan

  variables {
    directory = null
  }

  assert {
    condition     = output.results.leavers_have_no_access == "not assessed" && contains(local.controls.leavers_have_no_access.not_assessed, "no directory was given") && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "not assessed" && contains(local.controls.leavers_do_not_use_the_application.not_assessed, "no directory was given") && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_empty_directory" {
  command = plan

  variables {
    directory = { as_of = "2026-01-01", people = [] }
  }

  expect_failures = [var.directory]
}

run "a_directory_without_addresses" {
  command = plan

  variables {
    directory = { as_of = "2026-01-01", people = [{ status = "active" }, { email = " " }] }
  }

  expect_failures = [var.directory]
}

run "a_directory_with_names_for_addresses" {
  command = plan

  variables {
    directory = { as_of = "2026-01-01", people = [{ email = "Ada Lovelace" }] }
  }

  expect_failures = [var.directory]
}

run "as_of_is_no_date" {
  command = plan

  variables {
    directory = { as_of = "31.1.2026", people = [{ email = "ada@northwind.example" }] }
  }

  expect_failures = [var.directory]
}

run "an_end_that_is_no_date" {
  command = plan

  variables {
    directory = { as_of = "2026-01-01", people = [{ email = "ada@northwind.example", ends = "soon" }] }
  }

  expect_failures = [var.directory]
}

run "a_member_of_another_company" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@agency.example" }])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["cy@agency.example"]) && local.controls.leavers_have_no_access.findings[0].detail == "not in the directory" && local.controls.leavers_have_no_access.looked_at == 3
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_disabled_leaver" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = false, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@agency.example" }])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 3
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_disabled_leaver_with_a_role" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = false, app_client = false, privileged = false, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "cy@agency.example" }])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["cy@agency.example"]) && local.controls.leavers_have_no_access.findings[0].detail == "not in the directory, disabled, administrator" && local.controls.leavers_have_no_access.looked_at == 3
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

# The control looks up the address of an app client too.
run "an_app_client_with_an_address" {
  command = plan

  variables {
    members = concat(run.base.members, [{ id = "app_4", email = "cy@agency.example", app_client = true, privileged = false, entitlements = [] }])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["cy@agency.example"]) && local.controls.leavers_have_no_access.looked_at == 3
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "an_approved_contractor" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "cy@agency.example", owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["leavers_have_no_access"] }, {})])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 3 && jsonencode(local.controls.leavers_have_no_access.exceptions[*].name) == jsonencode(["cy@agency.example"])
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_contractor_whose_approval_has_ended" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "cy@agency.example", owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["leavers_have_no_access"] }, { ends = "2026-01-31" })])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["cy@agency.example"]) && local.controls.leavers_have_no_access.looked_at == 3 && jsonencode(local.controls.leavers_have_no_access.exceptions[*].name) == jsonencode([])
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_contractor_approved_without_an_owner" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "cy@agency.example", owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["leavers_have_no_access"] }, { owner = " " })])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["cy@agency.example"]) && local.controls.leavers_have_no_access.looked_at == 3 && jsonencode(local.controls.leavers_have_no_access.exceptions[*].name) == jsonencode([])
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_contractor_who_approves_the_exception" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", handle = "cy", email = "cy@agency.example" }])
    approvals = concat(run.base.approvals, [merge({ subject = "cy@agency.example", owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["leavers_have_no_access"] }, { owner = "CY" })])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["cy@agency.example"]) && local.controls.leavers_have_no_access.looked_at == 3 && jsonencode(local.controls.leavers_have_no_access.exceptions[*].name) == jsonencode([])
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_member_without_an_address" {
  command = plan

  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", handle = "cy" }])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "not assessed" && contains(local.controls.leavers_have_no_access.not_assessed, "1 user has no address to look up") && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "an_approved_member_without_an_address" {
  command = plan

  variables {
    members   = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", handle = "cy" }])
    approvals = concat(run.base.approvals, [merge({ subject = "cy@agency.example", owner = "ada@northwind.example", reason = "Migration", ends = "2099-12-31", exceptions = ["leavers_have_no_access"] }, { subject = "cy" })])
  }

  assert {
    condition     = output.results.leavers_have_no_access == "holds" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode([]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "a_single_page" {
  command = plan

  variables {
    members_source = merge(run.base.source, { whole = false })
  }

  assert {
    condition     = output.results.leavers_have_no_access == "not assessed" && contains(local.controls.leavers_have_no_access.not_assessed, "a single page of the members was read") && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "used_after_the_last_day" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.findings[0].detail == "left on 2026-01-31, last record 2026-02-01" && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "used_until_the_last_day" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example", date_of_last_record = "2026-01-31T23:59:59Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "used_on_an_unknown_day" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "used_before_a_last_day_in_the_future" {
  command = plan

  variables {
    end_users = [{ id = "bo@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2099-12-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 1
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_that_ends_in_a_no_break_space" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example ", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example "]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_that_ends_in_a_zero_width_space" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example\u200b", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example\u200b"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_with_two_at_signs" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "x@bo@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["x@bo@northwind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_with_space_in_the_domain" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@north wind.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@north wind.example"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_with_a_combining_grapheme_joiner" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example\u034f", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example\u034f"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_with_a_variation_selector" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example\ufe0f", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example\ufe0f"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_with_a_name_and_an_address" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "Bo <bo@northwind.example>", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["Bo <bo@northwind.example>"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

# An address ends at the first character that a domain cannot have.
run "ids_with_text_around_the_address" {
  command = plan

  variables {
    end_users = [for id in [
      "bo@northwind.example|web", "bo@northwind.example#web", "bo@northwind.example/web", "bo@northwind.example?x", "'bo@northwind.example'",
      "[bo@northwind.example]", "samlp|northwind|bo@northwind.example", "bo@northwind.example\nweb", "bo@northwind.example. Web", "bo@northwind.example..web",
      "mailto:BO@Northwind.example?subject=x", "bo@northwind.example@elsewhere.example", "“bo@northwind.example”", "bo@northwind.example’s", "bo @ northwind.example|web",
    ] : { id = id, date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([for user in var.end_users : user.id]) && local.controls.leavers_do_not_use_the_application.looked_at == 15
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = alltrue([for finding in local.controls.leavers_do_not_use_the_application.findings : finding.key == "address bo@northwind.example"])
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "ids_with_another_at_sign" {
  command = plan

  variables {
    end_users = [for id in [
      "bo＠northwind.example", "bo﹫northwind.example", "bo%40northwind.example", "Bo <bo%40northwind.example>",
    ] : { id = id, date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([for user in var.end_users : user.id]) && local.controls.leavers_do_not_use_the_application.looked_at == 4
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = alltrue([for finding in local.controls.leavers_do_not_use_the_application.findings : finding.key == "address bo@northwind.example"])
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

# Ada is employed, and is not a finding.
run "ids_with_several_addresses" {
  command = plan

  variables {
    end_users = [for id in [
      "ops@agency.example on behalf of <bo@northwind.example>", "ada@northwind.example for bo@northwind.example", "bo@northwind.example for ada@northwind.example",
      "Bo bo@northwind.example <BO@northwind.example>", "x@bo@northwind.example|web",
    ] : { id = id, date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([for user in var.end_users : user.id]) && local.controls.leavers_do_not_use_the_application.looked_at == 7
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

# The same spellings of people who are employed. The last ids belong to other companies.
run "ids_of_employed_people" {
  command = plan

  variables {
    end_users = [for id in [
      "bo@northwind.example|web", "'bo@northwind.example'", "[bo@northwind.example]", "samlp|northwind|bo@northwind.example", "mailto:BO@Northwind.example?subject=x",
      "ada@northwind.example for bo@northwind.example", "bo＠northwind.example", "bo%40northwind.example", "bo @northwind.example", "bo@north wind.example",
      "o'neil@northwind.example", "Bo <bo@northwind.example>", "bo@northwind.example.", "bo@northwind.example @ agency.example",
      "bo@northwind.example.elsewhere.example", "bo@northwind.example-elsewhere", "bo@northwind.examples", "bo@mail.northwind.example",
    ] : { id = id, date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }, { email = "o'neil@northwind.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 15
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

# These addresses are in no directory.
run "ids_with_a_tag_or_no_name" {
  command = plan

  variables {
    end_users = [for id in [
      "bo+web@northwind.example", "@northwind.example", "bo@@northwind.example|web",
    ] : { id = id, date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "active" }, { email = "o'neil@northwind.example", status = "active" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([for user in var.end_users : user.id]) && local.controls.leavers_do_not_use_the_application.looked_at == 3
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_that_ends_in_a_dot" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.example.", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.example."]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_that_ends_in_a_dot_and_a_space" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "BO@Northwind.example. ", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["BO@Northwind.example. "]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_with_a_dotted_capital_i" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwİnd.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 1
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_of_a_subdomain" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@mail.northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 1
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_id_of_a_second_domain" {
  command = plan

  variables {
    end_users       = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "bo@northwind.test", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory       = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated", ends = "2026-01-31" }] }
    company_domains = ["northwind.example", "northwind.test"]
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "fails" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode(["bo@northwind.test"]) && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "no_end_user_of_the_company" {
  command = plan

  variables {
    end_users = [{ id = "cust-1" }, { id = "bo@agency.example" }, { id = "" }]
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "not assessed" && contains(local.controls.leavers_do_not_use_the_application.not_assessed, "no end user has an address at northwind.example") && local.controls.leavers_do_not_use_the_application.looked_at == 0
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "no_end_user_of_the_second_domain" {
  command = plan

  variables {
    end_users       = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "mal@northwind-emea.example" }]
    company_domains = ["northwind.example", "northwind-emae.example"]
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "not assessed" && contains(local.controls.leavers_do_not_use_the_application.not_assessed, "no end user has an address at northwind-emae.example") && local.controls.leavers_do_not_use_the_application.looked_at == 1
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "no_end_users_were_read" {
  command = plan

  variables {
    end_users = null
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "not assessed" && contains(local.controls.leavers_do_not_use_the_application.not_assessed, "the end users were not read") && local.controls.leavers_do_not_use_the_application.looked_at == 0
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "end_users_of_unknown_source" {
  command = plan

  variables {
    end_users_source = null
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "not assessed" && contains(local.controls.leavers_do_not_use_the_application.not_assessed, "the end users were not read") && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "a_single_page_of_the_end_users" {
  command = plan

  variables {
    end_users_source = merge(run.base.end_users_source, { whole = false })
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "not assessed" && contains(local.controls.leavers_do_not_use_the_application.not_assessed, "a single page of the end users was read") && local.controls.leavers_do_not_use_the_application.looked_at == 2
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }
}

run "an_approved_leaver" {
  command = plan

  variables {
    end_users = [{ id = "ada@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }, { id = "BO@northwind.example", date_of_last_record = "2026-02-01T00:00:01Z" }]
    directory = { as_of = run.base.directory.as_of, people = [{ email = "ada@northwind.example", status = "active" }, { email = "bo@northwind.example", status = "terminated" }] }
    approvals = [run.base.approvals[0], merge(run.base.approvals[1], { exceptions = ["leavers_do_not_use_the_application"] }), run.base.approvals[2]]
  }

  assert {
    condition     = output.results.leavers_do_not_use_the_application == "holds" && jsonencode(local.controls.leavers_do_not_use_the_application.findings[*].name) == jsonencode([]) && local.controls.leavers_do_not_use_the_application.looked_at == 2 && jsonencode(local.controls.leavers_do_not_use_the_application.exceptions[*].name) == jsonencode(["BO@northwind.example"])
    error_message = jsonencode(local.controls.leavers_do_not_use_the_application)
  }

  assert {
    condition     = output.results.leavers_have_no_access == "fails" && jsonencode(local.controls.leavers_have_no_access.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.leavers_have_no_access.looked_at == 2
    error_message = jsonencode(local.controls.leavers_have_no_access)
  }
}

run "excluded" {
  command = plan

  variables {
    excluded_controls = { leavers_do_not_use_the_application = "The application has customers only" }
    end_users         = null
  }

  assert {
    condition     = !can(output.results.leavers_do_not_use_the_application) && output.results.leavers_have_no_access == "holds"
    error_message = output.message
  }
}
