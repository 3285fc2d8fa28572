locals {
  dormant = data.openlayer_pipeline_users.dormant.summary
  active  = data.openlayer_pipeline_users.active.summary

  # The dormant users, from the longest quiet on. Except for its id, any attribute of a user may be
  # null, because the API may leave it out; but who has no date of a last record is in neither
  # listing: the provider refuses to say who is dormant, then, and there is no plan.
  dormant_users = [
    for key in sort([
      for i, user in data.openlayer_pipeline_users.dormant.users : format("%s/%09d", coalesce(user.date_of_last_record, "-"), i)
    ]) : data.openlayer_pipeline_users.dormant.users[tonumber(split("/", key)[1])]
  ]

  dormant_names = [
    for user in local.dormant_users :
    "${user.id} (last seen ${substr(coalesce(user.date_of_last_record, "unknown"), 0, 10)})"
  ]

  # Each policy: whether it holds, and what to say when it does not.
  policies = {
    dormant_users_stay_within_max_dormant = {
      holds = length(local.dormant_users) <= var.max_dormant
      message = join(" ", [
        "Without a record since ${substr(local.cutoff, 0, 10)} (${length(local.dormant_users)} of ${local.dormant.total} users):",
        "${join(", ", slice(local.dormant_names, 0, min(5, length(local.dormant_names))))}${length(local.dormant_names) > 5 ? " and ${length(local.dormant_names) - 5} more" : ""}.",
        "Take away the access of anyone who does not need it, or raise max_dormant.",
      ])
    }

    every_cost_is_known = {
      holds = local.dormant.cost != null && local.active.cost != null
      message = join(" ", [
        "The cost of a user is not known, so that nobody can say what all of them cost.",
        "Look for users without a cost in Openlayer; the pipeline may not record it.",
      ])
    }

    # Dormant and active users are read one after the other.
    both_listings_agree = {
      holds = local.dormant.total == local.active.total && local.dormant.matched + local.active.matched == local.dormant.total
      message = join(" ", [
        "Of ${local.dormant.total} users, ${local.dormant.matched} were dormant, and of ${local.active.total}, ${local.active.matched} were active:",
        "somebody came, went or woke up in between, and may be in neither number. Plan again.",
      ])
    }
  }

  failures = { for name, policy in local.policies : name => policy.message if !policy.holds }
}

check "dormant_users_stay_within_max_dormant" {
  assert {
    condition     = local.policies.dormant_users_stay_within_max_dormant.holds
    error_message = local.policies.dormant_users_stay_within_max_dormant.message
  }
}

check "every_cost_is_known" {
  assert {
    condition     = local.policies.every_cost_is_known.holds
    error_message = local.policies.every_cost_is_known.message
  }
}

check "both_listings_agree" {
  assert {
    condition     = local.policies.both_listings_agree.holds
    error_message = local.policies.both_listings_agree.message
  }
}
