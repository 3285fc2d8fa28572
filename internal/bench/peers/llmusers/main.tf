variable "inference_pipeline_id" { type = string }

data "openlayer_pipeline_users" "all" {
  provider              = llmusers
  inference_pipeline_id = var.inference_pipeline_id
}

output "users" {
  value = length(data.openlayer_pipeline_users.all.users)
}
