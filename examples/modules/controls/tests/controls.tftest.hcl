# These runs test the three results, the verdict and the message.

variables {
  controls = {
    first  = { title = "First", severity = "low", subjects = "members", looked_at = 3, findings = [], not_assessed = [], advice = "Do this." }
    second = { title = "Second", severity = "high", subjects = "members", looked_at = 3, findings = [], not_assessed = [], advice = "Do that." }
  }
}

run "holds" {
  command = plan

  assert {
    condition     = output.result == "holds" && output.verdict == "2 of 2 controls hold" && output.message == "2 of 2 controls hold."
    error_message = output.message
  }
}

run "not_assessed_does_not_hold" {
  command = plan

  variables {
    controls = {
      first  = { title = "First", severity = "low", subjects = "members", looked_at = 3, findings = [], not_assessed = ["a page is missing"], advice = "Do this." }
      second = { title = "Second", severity = "high", subjects = "members", looked_at = 3, findings = [], not_assessed = [], advice = "Do that." }
    }
  }

  assert {
    condition     = output.result == "not assessed" && output.message == "1 of 2 controls hold, 1 not assessed.\n- not assessed: First. Reason: a page is missing."
    error_message = output.message
  }
}

# A control with a finding fails, even if a part of it is not assessed. The control with the highest severity comes
# first. The message names no user.
run "fails" {
  command = plan

  variables {
    controls = {
      first  = { title = "First", severity = "low", subjects = "members", looked_at = 3, findings = [{ key = "a", name = "ada", detail = "" }], not_assessed = ["a page is missing"], advice = "Do this." }
      second = { title = "Second", severity = "high", subjects = "members", looked_at = 3, findings = [{ key = "a", name = "ada", detail = "" }, { key = "b", name = "bo", detail = "" }], not_assessed = [], advice = "Do that." }
      third  = { title = "Third", subjects = "members", looked_at = 0, findings = [], exceptions = [{ key = "a", name = "ada", detail = "" }], not_assessed = [], advice = "" }
    }
  }

  assert {
    condition     = output.result == "fails" && output.results == { first = "fails", second = "fails", third = "holds" }
    error_message = jsonencode(output.results)
  }

  assert {
    condition     = output.controls[*].key == ["second", "first", "third"]
    error_message = jsonencode(output.controls[*].key)
  }

  assert {
    condition     = output.message == "1 of 3 controls hold, 2 fail.\n- fails: Second. Findings: 2 (members looked at: 3). Do that.\n- fails: First. Findings: 1 (members looked at: 3). Do this."
    error_message = output.message
  }
}

# The key of a control begins with the key of another one.
run "keys_with_a_space" {
  command = plan

  variables {
    controls = {
      "owners"         = { title = "Owners", severity = "low", subjects = "members", looked_at = 3, findings = [], not_assessed = [], advice = "Do this." }
      "owners outside" = { title = "Outside", severity = "high", subjects = "members", looked_at = 3, findings = [{ key = "a", name = "ada", detail = "" }], not_assessed = [], advice = "Do that." }
    }
  }

  assert {
    condition     = output.result == "fails" && output.controls[*].title == ["Outside", "Owners"]
    error_message = jsonencode(output.controls)
  }
}

run "excluded" {
  command = plan

  variables {
    excluded = { first = "Does not apply" }
  }

  assert {
    condition     = output.result == "holds" && output.verdict == "1 of 1 controls hold, 1 excluded"
    error_message = output.verdict
  }
}

# If all controls are excluded, the result is not assessed.
run "all_excluded" {
  command = plan

  variables {
    excluded = { first = "Does not apply", second = "Does not apply" }
  }

  assert {
    condition     = output.result == "not assessed"
    error_message = output.result
  }
}

run "an_unknown_control_is_excluded" {
  command = plan

  variables {
    excluded = { thrid = "A typing error" }
  }

  expect_failures = [var.excluded]
}

run "without_a_reason" {
  command = plan

  variables {
    excluded = { first = " " }
  }

  expect_failures = [var.excluded]
}
