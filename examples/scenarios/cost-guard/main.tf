terraform {
  required_version = ">= 1.10" # or OpenTofu 1.11

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Reads the credential from the environment: OPENLAYER_API_KEY.
provider "llmusers" {}

data "openlayer_pipeline_users" "application" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
}

# The API may leave out any attribute of a user except the id. The attribute is null then. A sum in the summary is null
# if the attribute of one user is null.

locals {
  summary = data.openlayer_pipeline_users.application.summary

  # The users with their budgets, the highest cost first. sort() compares text, so zeros pad the numbers.
  budgeted = [for user in data.openlayer_pipeline_users.application.users : merge(user, { budget = lookup(var.budgets, user.id, var.user_budget) })]
  users = [
    for rank in reverse(sort([for i, user in local.budgeted : format("%020.6f/%09d", coalesce(user.cost, 0), i)])) :
    local.budgeted[tonumber(split("/", rank)[1])]
  ]

  # Not "cost > budget": with decimals, it may be true although the two are equal. "<=" compares the digits.
  over_budget = [for user in local.users : user if !(coalesce(user.cost, 0) <= user.budget)]

  # A negative cost is wrong, and would hide the cost of other users in the sum.
  without_cost = length([for user in local.users : user if !try(user.cost >= 0, false)])

  # The period of the costs: from the first record of the pipeline to the last record.
  period = { from = local.summary.date_of_first_record, to = local.summary.date_of_last_record }
  total  = local.summary.cost

  not_seen = compact([
    data.openlayer_pipeline_users.application.source.whole ? "" : "a single page was read",
    local.summary.total > 0 ? "" : "the pipeline has no users",
    local.summary.matched == local.summary.total ? "" : "a filter left out ${local.summary.total - local.summary.matched} of ${local.summary.total} users",
    local.without_cost == 0 ? "" : "users whose cost is not known or is negative: ${local.without_cost}",
  ])
}

module "controls" {
  source = "../../modules/controls"

  controls = {
    users_stay_within_budget = {
      title        = "Each user stays within budget"
      subjects     = "users"
      looked_at    = length(local.users)
      findings     = [for user in local.over_budget : { key = user.id, name = user.id, detail = "${user.cost} of ${user.budget}" }]
      not_assessed = local.not_seen
      advice       = "Look for a script or a shared login behind these users, or set their own budgets in budgets."
    }

    total_stays_within_budget = {
      title     = "All users together stay within total_budget"
      subjects  = "users"
      looked_at = length(local.users)
      findings = [
        for total in [local.total] : { key = "total", name = "all users", detail = "${total} of ${var.total_budget}" }
        if !try(total <= var.total_budget, true)
      ]
      not_assessed = local.not_seen
      advice       = "The output comment has the users with the highest cost."
    }
  }

  excluded = { for reason in ["total_budget is not set"] : "total_stays_within_budget" => reason if var.total_budget == null }
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

output "total" {
  description = "The number of users, their cost, and the period of the cost. The cost is null if the cost of a user is not known."
  value       = { users = length(local.users), cost = local.total, period = local.period }
}

# These outputs name users. Terraform prints "(sensitive value)". A saved plan and the state contain the values.

output "comment" {
  description = "Markdown for a pull request: the result of each control, the users over budget, and the top ten by cost."
  sensitive   = true
  value       = local.comment
}

output "over_budget" {
  description = "The users over budget, the highest cost first."
  sensitive   = true
  value       = [for user in local.over_budget : { id = user.id, cost = user.cost, budget = user.budget }]
}

output "top_ten" {
  description = "The ten users with the highest cost, the highest cost first."
  sensitive   = true
  value = [
    for user in slice(local.users, 0, min(10, length(local.users))) :
    { id = user.id, cost = user.cost, budget = user.budget, sessions = user.sessions, tokens = user.tokens }
  ]
}
