# entitlements, privileged and app_client mean the same with both versions of Vectara's REST API, and so do
# these policies. v1 has the roles in the account alone; a policy that needs more is not assessed with it.
#
# Any attribute of a user may be null, except the id of an end user, app_client, privileged and the lists,
# because the APIs may leave it out. What is not known does not break a policy, with two exceptions, below.
#
# Addresses are compared in lower case, but of ASCII letters alone: lower() makes a plain i of İ (U+0130), and
# an address at northwİnd.example would pass for one at northwind.example. So a text is split into its capital
# letters and what is between them.

locals {
  company_domain = join("", [for part in regexall("([A-Z]*)([^A-Z]*)", var.company_domain) : "${lower(part[0])}${part[1]}"])

  team = [for member in [for user in data.vectara_users.team.users : {
    user  = user
    email = join("", [for part in regexall("([A-Z]*)([^A-Z]*)", coalesce(user.email, "-")) : "${lower(part[0])}${part[1]}"])

    # Each entitlement in words, such as "owner" and "administrator on contracts".
    entitlements = [for row in user.entitlements : {
      scope      = row.scope
      privileged = row.privileged
      text       = join(" on ", compact([coalesce(row.role, "a role"), row.scope == "account" ? "" : coalesce(row.resource, "any resource")]))
    }]
    }] : merge(member, {
    name     = coalesce(member.user.email, member.user.handle, member.user.id, "a member without a name")
    disabled = member.user.enabled == false # null where Vectara says neither
    owns     = anytrue([for row in member.user.entitlements : row.scope == "account" && row.role == "owner"])

    # What a policy names: all that somebody may do, and of that the privileged part.
    may       = join(", ", member.entitlements[*].text)
    may_alter = join(", ", [for row in member.entitlements : row.text if row.privileged])

    # The first exception. A member who has an address is approved by it, in upper or lower case, and
    # whoever has none by the handle. (A handle never stands for an address, or somebody could take
    # an approved person's address for a handle.) Somebody with neither cannot be approved.
    approved = can(local.approved_emails[member.email]) || (
      member.email == "-" && can(local.approved_handles[member.user.handle])
    )

    # The second one. Without an address, nobody can be shown to belong to the company, so that a
    # privileged user without one is reported. An app client never has one, and has a policy of its own.
    inside = endswith(member.email, "@${local.company_domain}")
  })]

  # The end users from the most expensive down. sort() sorts text, and numbers that are padded with
  # zeros are in the same order as text.
  end_users = [
    for key in reverse(sort([
      for i, user in data.openlayer_pipeline_users.application.users : format("%020.6f/%d", coalesce(user.cost, 0), i)
    ])) : data.openlayer_pipeline_users.application.users[tonumber(split("/", key)[1])]
  ]

  # What was not examined. A policy that needs it, and has found no offender, is not assessed.
  source = data.vectara_users.team.source
  unexamined = {
    account = compact([
      local.source.whole ? "" : "a single page of the members was read",
      local.source.app_clients ? "" : "app clients were not read",
      anytrue(local.team[*].owns) ? "" : "no owner is visible, and every account has one",
    ])
    scopes = [
      for missing in [join(", ", [for scope in ["account", "corpus", "agent", "operation"] : scope if !contains(local.source.scopes, scope)])] :
      "REST ${local.source.api_version} has no entitlements of the scopes ${missing}" if missing != ""
    ]
    application = data.openlayer_pipeline_users.application.source.whole ? [] : ["a single page of the end users was read"]
  }

  # The policies: what each of them demands, who breaks it, as what, what to do about it, and what was not
  # examined for it. The checks below have the same names, and the outputs and the report show what stands here.
  policies = {
    # Everything else would hold of nobody.
    account_has_members = {
      rule       = "The account has members"
      as         = "Accounts without a member"
      offenders  = length(local.team) == 0 ? [local.account] : []
      advice     = "Every account has an owner, so that this cannot be all. Look at which account is read, and with whose credentials."
      unexamined = local.unexamined.account
    }

    members_are_approved = {
      rule       = "Every member is approved"
      as         = "Not approved"
      offenders  = [for member in local.team : member.name if !member.approved]
      advice     = "Put them on the list, or take their access away."
      unexamined = local.unexamined.account
    }

    at_most_one_owner = {
      rule       = "At most one member owns the account"
      as         = "Owners"
      offenders  = length([for member in local.team : member if member.owns]) <= 1 ? [] : [for member in local.team : member.name if member.owns]
      advice     = "Keep one, who can close the account, and give the others a lesser role."
      unexamined = local.unexamined.account
    }

    privileged_users_belong_to_the_company = {
      rule       = "Privileged users have an address at ${var.company_domain}"
      as         = "Without an address at ${var.company_domain}"
      offenders  = [for member in local.team : "${member.name} (${member.may_alter})" if member.user.privileged && !member.user.app_client && !member.inside]
      advice     = "Take it away."
      unexamined = concat(local.unexamined.account, local.unexamined.scopes)
    }

    app_clients_are_not_privileged = {
      rule       = "No app client is privileged"
      as         = "Privileged app clients"
      offenders  = [for member in local.team : "${member.name} (${member.may_alter})" if member.user.privileged && member.user.app_client]
      advice     = "Give them a lesser role."
      unexamined = concat(local.unexamined.account, local.unexamined.scopes)
    }

    disabled_users_hold_no_role = {
      rule       = "No disabled user holds a role"
      as         = "Disabled users with a role"
      offenders  = [for member in local.team : "${member.name} (${member.may})" if member.disabled && length(member.entitlements) > 0]
      advice     = "Take it away."
      unexamined = concat(local.unexamined.account, local.unexamined.scopes)
    }

    users_have_no_api_policy = {
      rule = "No user has an API policy"
      as   = "Users with an API policy"
      offenders = [
        for member in local.team :
        "${member.name} (${join(", ", [for row in member.entitlements : row.text if row.scope == "operation"])})"
        if contains(member.entitlements[*].scope, "operation")
      ]
      advice     = "Give them a role instead."
      unexamined = concat(local.unexamined.account, local.unexamined.scopes)
    }

    end_users_stay_within_max_cost = {
      rule       = "No end user costs more than ${var.max_cost}"
      as         = "End users with a cost above ${var.max_cost}"
      offenders  = [for user in local.end_users : "${user.id} (${format("%.2f", user.cost)})" if !(coalesce(user.cost, 0) <= var.max_cost)]
      advice     = "Look for a script or a shared login behind them, or raise max_cost."
      unexamined = local.unexamined.application
    }
  }

  # What to say of a policy that does not hold. It names five at the most; the output offenders and
  # the report name all.
  messages = {
    for name, policy in local.policies : name => length(policy.offenders) == 0 ? "Not assessed: ${join("; ", policy.unexamined)}." : join(" ", [
      "${policy.as} (${length(policy.offenders)}):",
      length(policy.offenders) <= 5 ? "${join(", ", policy.offenders)}." : (
        "${join(", ", slice(policy.offenders, 0, 5))} and ${length(policy.offenders) - 5} more."
      ),
      policy.advice,
    ])
  }

  statuses = {
    for name, policy in local.policies : name =>
    length(policy.offenders) > 0 ? "fails" : length(policy.unexamined) > 0 ? "not assessed" : "holds"
  }
  failing      = [for name, status in local.statuses : name if status == "fails"]
  not_assessed = [for name, status in local.statuses : name if status == "not assessed"]
  holding      = [for name, status in local.statuses : name if status == "holds"]

  verdict = join(", ", concat(
    ["${length(local.holding)} of ${length(local.policies)} policies hold"],
    [for count in [length(local.not_assessed)] : "${count} not assessed" if count > 0],
  ))
}

# A failed check is a warning. The output verdict makes it an error, if var.enforce says so.

check "account_has_members" {
  assert {
    condition     = local.statuses.account_has_members == "holds"
    error_message = local.messages.account_has_members
  }
}

check "members_are_approved" {
  assert {
    condition     = local.statuses.members_are_approved == "holds"
    error_message = local.messages.members_are_approved
  }
}

check "at_most_one_owner" {
  assert {
    condition     = local.statuses.at_most_one_owner == "holds"
    error_message = local.messages.at_most_one_owner
  }
}

check "privileged_users_belong_to_the_company" {
  assert {
    condition     = local.statuses.privileged_users_belong_to_the_company == "holds"
    error_message = local.messages.privileged_users_belong_to_the_company
  }
}

check "app_clients_are_not_privileged" {
  assert {
    condition     = local.statuses.app_clients_are_not_privileged == "holds"
    error_message = local.messages.app_clients_are_not_privileged
  }
}

check "disabled_users_hold_no_role" {
  assert {
    condition     = local.statuses.disabled_users_hold_no_role == "holds"
    error_message = local.messages.disabled_users_hold_no_role
  }
}

check "users_have_no_api_policy" {
  assert {
    condition     = local.statuses.users_have_no_api_policy == "holds"
    error_message = local.messages.users_have_no_api_policy
  }
}

check "end_users_stay_within_max_cost" {
  assert {
    condition     = local.statuses.end_users_stay_within_max_cost == "holds"
    error_message = local.messages.end_users_stay_within_max_cost
  }
}
