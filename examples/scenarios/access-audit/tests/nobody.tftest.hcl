# A mocked provider knows nobody, and nobody breaks no policy.

mock_provider "llmusers" {}

run "nobody_at_all" {
  command = plan

  variables {
    inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
  }

  assert {
    condition     = output.team.members == 0 && output.end_users.total == 0 && alltrue([for names in values(output.offenders) : length(names) == 0])
    error_message = "Something is said of somebody: ${jsonencode(output.offenders)}"
  }
}
