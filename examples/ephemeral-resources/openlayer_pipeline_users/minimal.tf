# The provider can read the users, and there is at least one user.
ephemeral "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  include_users = false
  min_users     = 1
}
