terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables.
provider "llmusers" {}

# The users are ephemeral values, which are in neither plan nor state.

ephemeral "vectara_users" "members" {
  provider = llmusers
}

# Reads only end users with an address of the company. The module finds an address anywhere in an id, and ignores space
# and invisible characters. So the pattern allows them between the letters of a domain, which must not be a part of a
# longer domain.
ephemeral "openlayer_pipeline_users" "staff" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  user_id_regex = "(?i)(?:[@\\x{ff20}\\x{fe6b}]|%40)[^0-9a-z]*(?:${join("|", [
    for domain in var.company_domains : join("[^0-9a-z]*", [for c in split("", domain) : c == "." ? "\\." : c])
  ])})(?:[.-]?$|[^0-9a-z.-]|[.-][^0-9a-z])"
}

# The totals and the source of the members, which name no user.
data "vectara_users" "members" {
  provider = llmusers

  include_users = false
}

module "review" {
  source = "./review"

  members          = ephemeral.vectara_users.members.users
  members_source   = data.vectara_users.members.source
  members_total    = data.vectara_users.members.summary.total
  end_users        = ephemeral.openlayer_pipeline_users.staff.users
  end_users_source = ephemeral.openlayer_pipeline_users.staff.source

  company_domains   = var.company_domains
  forbidden_pairs   = [["billing_administrator", "corpus_administrator"]]
  excluded_controls = { privileged_users_are_not_new = "It needs a stored review, which names users." }
  enforce           = var.enforce

  approvals = [for row in csvdecode(trimprefix(file(var.approvals), "\ufeff")) : merge(row, {
    roles      = split(";", row.roles)
    exceptions = compact(split(";", row.exceptions))
  })]
  directory = {
    as_of  = var.directory_as_of
    people = [for row in csvdecode(trimprefix(file(var.directory), "\ufeff")) : { email = row.email, status = row.status, ends = row.ends }]
  }
}

output "controls" {
  description = "What has to hold: the titles of the controls, by key. The checks have the results."
  value       = module.review.controls
}

output "members" {
  description = "The number of members, and of members with each role. A member with two roles counts in both."
  value       = data.vectara_users.members.summary
}
