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

# Any attribute of a user but the id may be null, because the API may leave it out. So may each sum of the summary, if that
# of one user is.

locals {
  summary = data.openlayer_pipeline_users.application.summary

  # Each with the budget, from the most expensive down. sort() sorts text, and numbers that are padded with zeros are in
  # the same order as text.
  budgeted = [for user in data.openlayer_pipeline_users.application.users : merge(user, { budget = lookup(var.budgets, user.id, var.user_budget) })]
  users = [
    for rank in reverse(sort([for i, user in local.budgeted : format("%020.6f/%09d", coalesce(user.cost, 0), i)])) :
    local.budgeted[tonumber(split("/", rank)[1])]
  ]

  # Not "cost > budget": of a cost that is exactly the budget, and not whole, Terraform may hold that it is
  # a little more. "<=" goes by the digits.
  over_budget = [for user in local.users : user if !(coalesce(user.cost, 0) <= user.budget)]
  unknown     = length([for user in local.users : user if user.cost == null])

  # Cost adds up from the first record of the pipeline to the last one.
  period = { from = local.summary.date_of_first_record, to = local.summary.date_of_last_record }
  total  = local.summary.cost

  not_whole = compact([
    data.openlayer_pipeline_users.application.source.whole ? "" : "a single page was read",
    length(local.users) > 0 ? "" : "the pipeline has no users",
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
      not_assessed = concat(local.not_whole, [for count in [local.unknown] : "users without a known cost: ${count}" if count > 0])
      advice       = "Look for a script or a shared login behind these users, or give them a budget of their own in budgets."
    }

    total_stays_within_budget = {
      title     = "All users together stay within total_budget"
      subjects  = "users"
      looked_at = length(local.users)
      findings = [
        for total in [local.total] : { key = "total", name = "all users", detail = "${total} of ${var.total_budget}" }
        if !try(total <= var.total_budget, true)
      ]
      not_assessed = concat(local.not_whole, local.total == null ? ["the cost of a user is not known"] : [])
      advice       = "The output comment has the users who cost the most."
    }
  }

  excluded = { for reason in ["total_budget is not set"] : "total_stays_within_budget" => reason if var.total_budget == null }
}

# A control that does not hold is a warning, and with enforce an error. Neither names a user.
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
  description = "How many users there are, and what they cost in which period. The cost is null where that of one user is not known."
  value       = { users = length(local.users), cost = local.total, period = local.period }
}

# These name users. A plan and an apply print "(sensitive value)"; plan file and state have them whole.

output "comment" {
  description = "Markdown for a pull request: the result of each control, the users over budget, and the top ten by cost."
  sensitive   = true
  value       = local.comment
}

output "over_budget" {
  description = "The users over budget, from the most expensive down."
  sensitive   = true
  value       = [for user in local.over_budget : { id = user.id, cost = user.cost, budget = user.budget }]
}

output "top_ten" {
  description = "The ten users who cost the most, from the most expensive down."
  sensitive   = true
  value = [
    for user in slice(local.users, 0, min(10, length(local.users))) :
    { id = user.id, cost = user.cost, budget = user.budget, sessions = user.sessions, tokens = user.tokens }
  ]
}
