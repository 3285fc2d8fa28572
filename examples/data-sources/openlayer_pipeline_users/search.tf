# Users who match "enterprise" or "business", and do not match "test".
data "openlayer_pipeline_users" "companies" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  search_query_or     = ["enterprise", "business"]
  not_search_query_or = ["test"]
}
