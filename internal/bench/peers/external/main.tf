terraform {
  required_providers {
    external = {
      source  = "hashicorp/external"
      version = "2.4.0"
    }
  }
}

variable "inference_pipeline_id" { type = string }

data "external" "users" {
  program = ["python3", "${path.module}/users.py"]
  query   = { inference_pipeline_id = var.inference_pipeline_id }
}

output "users" {
  value = length(jsondecode(data.external.users.result.users))
}
