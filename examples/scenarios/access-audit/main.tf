terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables.
provider "llmusers" {}

# Each data source returns the complete listing, or an error.

data "vectara_users" "members" {
  provider = llmusers
}

data "openlayer_pipeline_users" "end_users" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
}

module "review" {
  source = "../../modules/access-review"

  account          = var.account
  members          = data.vectara_users.members.users
  members_source   = data.vectara_users.members.source
  members_total    = data.vectara_users.members.summary.total
  end_users        = data.openlayer_pipeline_users.end_users.users
  end_users_source = data.openlayer_pipeline_users.end_users.source

  company_domains = ["northwind.example"]
  forbidden_pairs = [["billing_administrator", "corpus_administrator"]]
  reviewer        = "security@northwind.example"
  previous_review = var.previous_review == null ? null : file(var.previous_review)
  sign_off        = var.sign_off

  # trimprefix() removes the byte order mark of a spreadsheet, which would become part of the first column's name.
  approvals = [for row in csvdecode(trimprefix(file("${path.module}/approvals.csv"), "\ufeff")) : merge(row, {
    roles      = split(";", row.roles)
    exceptions = compact(split(";", row.exceptions))
  })]
  directory = {
    as_of  = var.directory_as_of
    people = [for row in csvdecode(trimprefix(file("${path.module}/directory.csv"), "\ufeff")) : { email = row.email, status = row.status, ends = row.ends }]
  }
}

# A control that does not hold is a warning, or an error with enforce. Neither names a user.
check "controls_hold" {
  assert {
    condition     = module.review.result == "holds"
    error_message = module.review.message
  }
}

output "verdict" {
  value = module.review.verdict

  precondition {
    condition     = !var.enforce || module.review.result == "holds"
    error_message = module.review.message
  }
}

# These outputs name users. Terraform prints "(sensitive value)". A saved plan and the state contain the values.

output "report_json" {
  sensitive = true
  value     = module.review.report_json
}

output "report_html" {
  sensitive = true
  value     = module.review.report_html
}

output "report_md" {
  sensitive = true
  value     = module.review.report_md
}
