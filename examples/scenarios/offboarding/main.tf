terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables.
provider "llmusers" {}

data "vectara_users" "members" {
  provider = llmusers
}

# Reads only end users with an address of the company, so the plan has no customers. The module finds an address anywhere
# in an id, and ignores space and invisible characters. So the pattern allows them between the letters of a domain, which
# must not be a part of a longer domain.
data "openlayer_pipeline_users" "staff" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  user_id_regex = "(?i)(?:[@\\x{ff20}\\x{fe6b}]|%40)[^0-9a-z]*(?:${join("|", [
    for domain in var.company_domains : join("[^0-9a-z]*", [for c in split("", domain) : c == "." ? "\\." : c])
  ])})(?:[.-]?$|[^0-9a-z.-]|[.-][^0-9a-z])"
}

module "review" {
  source = "../../modules/access-review"

  account          = var.account
  members          = data.vectara_users.members.users
  members_source   = data.vectara_users.members.source
  members_total    = data.vectara_users.members.summary.total
  end_users        = data.openlayer_pipeline_users.staff.users
  end_users_source = data.openlayer_pipeline_users.staff.source

  company_domains = var.company_domains
  approvals       = var.approvals
  directory = {
    as_of  = var.directory_as_of
    people = csvdecode(trimprefix(file(var.directory), "\ufeff"))
  }

  # The controls that remain are leavers_have_no_access and leavers_do_not_use_the_application.
  excluded_controls = { for key in [
    "account_has_members", "members_are_approved", "roles_are_approved", "approvals_are_valid", "owners_are_within_limits",
    "privileged_users_belong_to_the_company", "app_clients_are_not_privileged", "disabled_users_hold_no_entitlements",
    "duties_are_separated", "privileged_users_are_not_new",
  ] : key => "Offboarding is about leavers" }
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

# This output names users. Terraform prints "(sensitive value)". A saved plan and the state contain the value.
output "report_md" {
  sensitive = true
  value     = module.review.report_md
}
