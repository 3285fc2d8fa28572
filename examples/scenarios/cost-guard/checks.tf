# Any attribute of a user but the id may be null, because the API may leave it out. A cost that is
# not known counts as nothing against a budget, and breaks a policy of its own.

locals {
  # The users from the most expensive down. sort() sorts text, and numbers that are padded with zeros
  # are in the same order as text.
  users = [
    for key in reverse(sort([
      for i, user in data.openlayer_pipeline_users.application.users : format("%020.6f/%09d", coalesce(user.cost, 0), i)
      ])) : merge(data.openlayer_pipeline_users.application.users[tonumber(split("/", key)[1])], {
      budget = lookup(var.budgets, data.openlayer_pipeline_users.application.users[tonumber(split("/", key)[1])].id, var.user_budget)
    })
  ]

  # Not "cost > budget": of a cost that is exactly the budget, and not whole, Terraform may hold that it is
  # a little more. "<=" goes by the digits.
  over_budget = [for user in local.users : user if !(coalesce(user.cost, 0) <= user.budget)]
  unknown     = [for user in local.users : user if user.cost == null]

  # Rounded, because a sum of decimal fractions ends in a long row of nines or zeros, which would be
  # over a budget of just that sum.
  total = tonumber(format("%.6f", sum(concat([0], [for user in local.users : coalesce(user.cost, 0)]))))

  # What a message says, which names five at the most.
  named = {
    over_budget = [for user in local.over_budget : "${user.id} (${format("%.2f of %.2f", user.cost, user.budget)})"]
    unknown     = local.unknown[*].id
  }
  first = {
    for name, users in local.named : name => length(users) <= 5 ? join(", ", users) : (
      "${join(", ", slice(users, 0, 5))} and ${length(users) - 5} more"
    )
  }

  # Each policy: whether it holds, and what to say when it does not.
  policies = {
    users_stay_within_budget = {
      holds = length(local.over_budget) == 0
      message = join(" ", [
        "Over budget (${length(local.over_budget)} of ${length(local.users)} users): ${local.first.over_budget}.",
        "Look for a script or a shared login behind them, or give them a budget of their own in budgets.",
      ])
    }

    total_stays_within_budget = {
      holds = local.total <= coalesce(var.total_budget, local.total)
      message = join(" ", [
        "All ${length(local.users)} users together cost ${format("%.2f", local.total)}, and total_budget is ${format("%.2f", coalesce(var.total_budget, 0))}.",
        "The output comment names those who cost the most.",
      ])
    }

    every_cost_is_known = {
      holds = length(local.unknown) == 0
      message = join(" ", [
        "Users whose cost is not known, and who may be over budget (${length(local.unknown)}): ${local.first.unknown}.",
        "See in Openlayer whether the pipeline records the cost of what they do.",
      ])
    }
  }

  failures = { for name, policy in local.policies : name => policy.message if !policy.holds }
}

check "users_stay_within_budget" {
  assert {
    condition     = local.policies.users_stay_within_budget.holds
    error_message = local.policies.users_stay_within_budget.message
  }
}

check "total_stays_within_budget" {
  assert {
    condition     = local.policies.total_stays_within_budget.holds
    error_message = local.policies.total_stays_within_budget.message
  }
}

check "every_cost_is_known" {
  assert {
    condition     = local.policies.every_cost_is_known.holds
    error_message = local.policies.every_cost_is_known.message
  }
}
