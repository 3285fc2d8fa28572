# The ten users who cost the most.
data "openlayer_pipeline_users" "top_ten" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  sort_column = "cost"
  asc         = false
  page        = 1
  per_page    = 10
}
