# These runs test the changes since the last review, and the control on new privileged users.

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
}

run "base" {
  module {
    source = "./tests/base"
  }
}

# Later runs use the report of this run. It is an apply, because OpenTofu keeps only the outputs of the last apply.
run "first" {
  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed" && contains(local.controls.privileged_users_are_not_new.not_assessed, "there is no previous review to compare with") && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = local.review.changes == null
    error_message = jsonencode(local.review.changes)
  }
}

run "nothing_has_changed" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }

  assert {
    condition     = local.review.changes.since == "2026-01-01T00:00:00Z"
    error_message = local.review.changes.since
  }
}

run "a_member_joined" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = false, entitlements = [], id = "4", email = "cy@northwind.example" }])
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode(["cy@northwind.example"]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode(["members_are_approved: address cy@northwind.example"]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_privileged_member_joined" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "cy@northwind.example" }])
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["cy@northwind.example"]) && local.controls.privileged_users_are_not_new.findings[0].detail == "administrator" && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "a_member_left" {
  command = plan

  variables {
    members         = [run.base.members[0], run.base.members[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode(["bo@northwind.example"]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode(["approvals_are_valid: address bo@northwind.example: is not used"]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_mover" {
  command = plan

  variables {
    members         = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.privileged_users_are_not_new.findings[0].detail == "administrator" && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode(["bo@northwind.example"])
    error_message = jsonencode(local.review.changes)
  }

  assert {
    condition     = jsonencode(local.review.changes.changed[0]) == jsonencode({ gained = ["administrator"], key = "address bo@northwind.example", lost = ["editor on corpus contracts"], name = "bo@northwind.example" })
    error_message = jsonencode(local.review.changes)
  }
}

# An approval does not hide a change.
run "a_mover_who_is_approved" {
  command = plan

  variables {
    members         = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
    approvals       = [run.base.approvals[0], merge(run.base.approvals[1], { roles = ["administrator"] }), run.base.approvals[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "an_app_client_became_privileged" {
  command = plan

  variables {
    members         = [run.base.members[0], run.base.members[1], merge(run.base.members[2], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] })]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["nightly"]) && local.controls.privileged_users_are_not_new.findings[0].detail == "administrator" && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "an_address_in_another_case" {
  command = plan

  variables {
    members         = [merge(run.base.members[0], { email = "ADA@northwind.example" }), run.base.members[1], run.base.members[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

# REST v1 and v2 have different ids for the same user.
run "another_id_with_another_version" {
  command = plan

  variables {
    members         = [for member in run.base.members : merge(member, { id = "v2-${member.id}" })]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members_source = merge(jsondecode(nonsensitive(run.first.report_json)).members_source, { api_version = "v1" }) }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

# All ids have changed. An app client with the same handle is another app client, but a member with the same address is
# the same member.
run "another_id" {
  command = plan

  variables {
    members         = [for member in run.base.members : merge(member, { id = "v2-${member.id}" })]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode(["nightly"]) && jsonencode(local.review.changes.went[*].name) == jsonencode(["nightly"]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "another_privileged_program_has_the_handle" {
  command = plan

  variables {
    members = [for member in run.base.members : member.app_client ? merge(member, { id = "app_99", privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }] }) : member]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members = [
      for member in jsondecode(nonsensitive(run.first.report_json)).members :
      member.app_client ? merge(member, { id = "app_1", privileged = true, entitlements = [{ name = "owner", scope = "account", resource = null, role = "owner", privileged = true }] }) : member
    ] }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["nightly"])
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "a_second_member_with_one_address" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "owner", privileged = true }], id = "4", email = "ada@northwind.example" }])
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["ada@northwind.example", "ada@northwind.example"]) && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode(["ada@northwind.example"]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

# A role that the last review could not read is not a new role.
run "the_last_review_had_other_scopes" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members_source = merge(jsondecode(nonsensitive(run.first.report_json)).members_source, { scopes = ["account"] }), members = [for member in jsondecode(nonsensitive(run.first.report_json)).members : merge(member, { entitlements = [for row in member.entitlements : row if row.scope == "account"] })] }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed" && contains(local.controls.privileged_users_are_not_new.not_assessed, "the previous review did not read the scopes agent, corpus, operation") && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "the_last_review_had_a_single_page" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4", email = "cy@northwind.example" }])
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members_source = merge(jsondecode(nonsensitive(run.first.report_json)).members_source, { whole = false }) }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed" && contains(local.controls.privileged_users_are_not_new.not_assessed, "the previous review read a single page of the members") && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "the_last_review_had_a_single_page_with_the_mover" {
  command = plan

  variables {
    members         = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members_source = merge(jsondecode(nonsensitive(run.first.report_json)).members_source, { whole = false }) }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "the_last_review_had_no_app_clients" {
  command = plan

  variables {
    members         = [run.base.members[0], run.base.members[1], merge(run.base.members[2], { privileged = true })]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members_source = merge(jsondecode(nonsensitive(run.first.report_json)).members_source, { app_clients = false }) }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed" && contains(local.controls.privileged_users_are_not_new.not_assessed, "the previous review did not read app clients") && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "this_review_has_a_single_page" {
  command = plan

  variables {
    members         = [run.base.members[0]]
    members_source  = merge(run.base.source, { whole = false })
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed" && contains(local.controls.privileged_users_are_not_new.not_assessed, "a single page of the members was read") && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "this_review_has_fewer_scopes" {
  command = plan

  variables {
    members_source  = merge(run.base.source, { scopes = ["account"] })
    members         = [for member in run.base.members : merge(member, { entitlements = [for row in member.entitlements : row if row.scope == "account"] })]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed"
    error_message = output.message
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "excluded" {
  command = plan

  variables {
    excluded_controls = { privileged_users_are_not_new = "Reviewed by hand" }
    members           = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
    previous_review   = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = !can(output.results.privileged_users_are_not_new)
    error_message = output.message
  }

  assert {
    condition     = jsonencode(local.review.changes.changed[*].name) == jsonencode(["bo@northwind.example"])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_review_of_another_account" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", account = "7" }))
  }

  expect_failures = [output.report_json]
}

run "a_review_at_another_address" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", members_source = merge(jsondecode(nonsensitive(run.first.report_json)).members_source, { base_url = "https://vectara.example" }) }))
  }

  expect_failures = [output.report_json]
}

run "a_review_from_the_future" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2999-01-01T00:00:00Z" }))
  }

  expect_failures = [output.report_json]
}

run "a_review_of_another_format" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z", format = "access-review/0" }))
  }

  expect_failures = [output.report_json]
}

run "no_json" {
  command = plan

  variables {
    previous_review = "ada@northwind.example"
  }

  expect_failures = [output.report_json]
}

run "an_empty_file" {
  command = plan

  variables {
    previous_review = ""
  }

  expect_failures = [output.report_json]
}

run "another_json" {
  command = plan

  variables {
    previous_review = "[1]"
  }

  expect_failures = [output.report_json]
}

# Later runs compare with this review. It has findings on a member who has become administrator.
run "second" {
  variables {
    members         = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.first.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["bo@northwind.example"]) && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "a_mover_was_there_before" {
  command = plan

  variables {
    members         = [run.base.members[0], merge(run.base.members[1], { privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }] }), run.base.members[2]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.second.report_json)), { read_at = "2026-02-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode(["privileged_users_are_not_new: address bo@northwind.example"])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_mover_went_back" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.second.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "holds" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode([]) && local.controls.privileged_users_are_not_new.looked_at == 1
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode(["bo@northwind.example"]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode(["roles_are_approved: address bo@northwind.example: administrator", "approvals_are_valid: address bo@northwind.example: is not used", "privileged_users_are_not_new: address bo@northwind.example"])
    error_message = jsonencode(local.review.changes)
  }
}

# If a member has another role without an approval, it is another finding.
run "another_detail" {
  command = plan

  variables {
    members         = [for member in run.base.members : try(member.email, "") == "bo@northwind.example" ? merge(member, { entitlements = concat(member.entitlements, [{ scope = "account", role = "viewer", privileged = false }]) }) : member]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.second.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = contains(local.review.changes.new_findings[*].id, "roles_are_approved: address bo@northwind.example: viewer") && contains(local.review.changes.closed_findings[*].id, "roles_are_approved: address bo@northwind.example: administrator")
    error_message = jsonencode(local.review.changes)
  }
}

run "with_a_member_without_a_name" {
  variables {
    members = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4" }])
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "not assessed" && contains(local.controls.privileged_users_are_not_new.not_assessed, "there is no previous review to compare with") && local.controls.privileged_users_are_not_new.looked_at == 2
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }
}

run "a_second_member_without_a_name" {
  command = plan

  variables {
    members         = concat(run.base.members, [{ enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "4" }, { enabled = true, app_client = false, privileged = true, entitlements = [{ scope = "account", role = "administrator", privileged = true }], id = "5" }])
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.with_a_member_without_a_name.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = output.results.privileged_users_are_not_new == "fails" && jsonencode(local.controls.privileged_users_are_not_new.findings[*].name) == jsonencode(["5"]) && local.controls.privileged_users_are_not_new.looked_at == 3
    error_message = jsonencode(local.controls.privileged_users_are_not_new)
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode(["5"]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "with_a_finding" {
  variables {
    approvals = [run.base.approvals[0], run.base.approvals[1]]
  }

  assert {
    condition     = output.results.members_are_approved == "fails" && jsonencode(local.controls.members_are_approved.findings[*].name) == jsonencode(["nightly"]) && local.controls.members_are_approved.looked_at == 3
    error_message = jsonencode(local.controls.members_are_approved)
  }
}

run "a_finding_stays" {
  command = plan

  variables {
    approvals       = [run.base.approvals[0], run.base.approvals[1]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.with_a_finding.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_finding_is_closed" {
  command = plan

  variables {
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.with_a_finding.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode(["members_are_approved: handle nightly"])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_finding_is_not_closed_by_an_exclusion" {
  command = plan

  variables {
    excluded_controls = { members_are_approved = "Another system does it" }
    approvals         = [run.base.approvals[0], run.base.approvals[1]]
    previous_review   = jsonencode(merge(jsondecode(nonsensitive(run.with_a_finding.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "a_finding_is_not_closed_by_a_single_page" {
  command = plan

  variables {
    members_source  = merge(run.base.source, { whole = false })
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.with_a_finding.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode([]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}

run "with_the_control_excluded" {
  variables {
    excluded_controls = { members_are_approved = "Another system does it" }
    approvals         = [run.base.approvals[0], run.base.approvals[1]]
  }

  assert {
    condition     = !can(output.results.members_are_approved)
    error_message = output.message
  }
}

run "a_finding_of_a_control_that_was_excluded" {
  command = plan

  variables {
    approvals       = [run.base.approvals[0], run.base.approvals[1]]
    previous_review = jsonencode(merge(jsondecode(nonsensitive(run.with_the_control_excluded.report_json)), { read_at = "2026-01-01T00:00:00Z" }))
  }

  assert {
    condition     = jsonencode(local.review.changes.came[*].name) == jsonencode([]) && jsonencode(local.review.changes.went[*].name) == jsonencode([]) && jsonencode(local.review.changes.changed[*].name) == jsonencode([]) && jsonencode(local.review.changes.new_findings[*].id) == jsonencode(["members_are_approved: handle nightly"]) && jsonencode(local.review.changes.closed_findings[*].id) == jsonencode([])
    error_message = jsonencode(local.review.changes)
  }
}
