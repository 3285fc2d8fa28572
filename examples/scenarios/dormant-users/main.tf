terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Reads the credential from the environment: OPENLAYER_API_KEY.
provider "llmusers" {}

locals {
  # The start of a day in UTC, so that all plans of a day have the same cutoff.
  cutoff = timeadd(formatdate("YYYY-MM-DD'T00:00:00Z'", plantimestamp()), "-${var.dormant_days * 24}h")
}

data "openlayer_pipeline_users" "dormant" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  inactive_since        = local.cutoff
}

# The totals of the active users are enough. So these users are in neither plan nor state.
data "openlayer_pipeline_users" "active" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  active_since          = local.cutoff
  include_users         = false
}

locals {
  users   = data.openlayer_pipeline_users.dormant.users
  dormant = data.openlayer_pipeline_users.dormant.summary
  active  = data.openlayer_pipeline_users.active.summary

  # The longest inactive users come first.
  longest_first = [
    for rank in sort([for i, user in local.users : format("%s/%09d", coalesce(user.date_of_last_record, "-"), i)]) :
    local.users[tonumber(split("/", rank)[1])]
  ]
}

module "controls" {
  source = "../../modules/controls"

  controls = {
    dormant_users_are_within_limits = {
      title     = "At most ${var.max_dormant} users are dormant"
      subjects  = "users"
      looked_at = local.dormant.total
      findings = [
        for user in local.users : { key = user.id, name = user.id, detail = "last record ${coalesce(user.date_of_last_record, "unknown")}" }
        if length(local.users) > var.max_dormant
      ]
      advice = "These users have no record since ${substr(local.cutoff, 0, 10)}. Revoke the access of users who do not need it, or raise max_dormant."

      # The dormant and the active users are two listings, which Terraform does not read at the same moment.
      not_assessed = compact([
        data.openlayer_pipeline_users.dormant.source.whole && data.openlayer_pipeline_users.active.source.whole ? "" : "a single page was read",
        local.dormant.total > 0 ? "" : "the pipeline has no users",
        local.dormant.total == local.active.total && local.dormant.matched + local.active.matched == local.dormant.total ? "" : (
          "${local.dormant.matched} of ${local.dormant.total} users were dormant, and ${local.active.matched} of ${local.active.total} active: the users changed between the two listings (plan again), or the blocks have user_ids or user_id_regex"
        ),
        # A record may be newer than the plan's timestamp, and clocks differ. So a day is allowed.
        (local.active.date_of_last_record == null ? false : timecmp(local.active.date_of_last_record, timeadd(plantimestamp(), "24h")) > 0)
        ? "the last record of a user is in the future" : "",
      ])
    }
  }
}

# A control that does not hold is a warning, or an error with enforce. Neither names a user.
check "controls_hold" {
  assert {
    condition     = module.controls.result == "holds"
    error_message = module.controls.message
  }
}

output "verdict" {
  value = module.controls.verdict

  precondition {
    condition     = !var.enforce || module.controls.result == "holds"
    error_message = module.controls.message
  }
}

output "application" {
  description = "The number of users, of dormant users and of active users, and their costs. A cost is null if the cost of a user is not known."
  value = {
    since                = local.cutoff
    users                = local.dormant.total
    dormant              = local.dormant.matched
    active               = local.active.matched
    dormant_cost         = local.dormant.cost
    active_cost          = local.active.cost
    cost_per_active_user = local.active.cost == null ? null : tonumber(format("%.2f", local.active.cost / max(1, local.active.matched)))
  }
}

output "dormant" {
  description = "The dormant users, the longest inactive first."
  sensitive   = true
  value       = [for user in local.longest_first : { id = user.id, date_of_last_record = user.date_of_last_record, sessions = user.sessions, cost = user.cost }]
}
