# Whether the users can be read at all, and there are some.
ephemeral "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  include_users = false

  lifecycle {
    postcondition {
      condition     = self.summary.total > 0
      error_message = "Nobody uses the support bot, so a rule about its users would prove nothing. Is this its pipeline?"
    }
  }
}
