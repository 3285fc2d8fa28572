# Nobody whose ID begins with test- may have been active last in March.
ephemeral "openlayer_pipeline_users" "tests" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  user_id_regex  = "^test-"
  active_since   = "2026-03-01T00:00:00Z"
  inactive_since = "2026-04-01T00:00:00Z"

  lifecycle {
    postcondition {
      condition     = self.summary.matched == 0
      error_message = "A test user was active last in March."
    }
  }
}
