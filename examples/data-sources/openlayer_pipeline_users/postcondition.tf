data "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  lifecycle {
    postcondition {
      condition     = length(self.users) > 0
      error_message = "The support bot has no users, so a rule about them proves nothing. Is this its pipeline?"
    }
  }
}
