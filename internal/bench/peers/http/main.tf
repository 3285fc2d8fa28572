terraform {
  required_providers {
    http = {
      source  = "hashicorp/http"
      version = "3.6.0"
    }
  }
}

variable "inference_pipeline_id" { type = string }
variable "base_url" { type = string }
variable "api_key" { type = string }

# The provider http cannot find the number of pages. The author of the configuration has to know it, or guess too high.
variable "pages" { type = number }

data "http" "page" {
  for_each = toset([for page in range(1, var.pages + 1) : tostring(page)])

  url             = "${var.base_url}/inference-pipelines/${var.inference_pipeline_id}/users?perPage=100&page=${each.key}"
  method          = "POST"
  request_headers = { Authorization = "Bearer ${var.api_key}" }
}

output "users" {
  value = length(flatten([for page in data.http.page : jsondecode(page.response_body).items]))
}
