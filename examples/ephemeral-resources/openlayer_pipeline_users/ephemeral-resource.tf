# No user may cost more than 1000. Plan and state contain no users.
ephemeral "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  min_users = 1 # without users, the rule would pass

  timeouts {
    read = "10m"
  }

  lifecycle {
    postcondition {
      condition     = alltrue([for user in self.users : user.cost == null ? false : user.cost <= 1000])
      error_message = "A user of the support bot costs more than 1000, or the cost is not known."
    }
  }
}
