# Vectara's REST v1 and v2 have different names for the same roles: CustomerRole_Corpus_Admin in v1
# is corpus_administrator in v2. These policies know both, so that they find the same offenders
# whichever version the provider reads.
#
# Any attribute of a user may be null, except the id of an end user and the list of roles, because
# the APIs may leave it out. What is not known does not break a policy, with three exceptions, below.

locals {
  team = [for user in module.listing.team : {
    name     = coalesce(user.email, user.handle, user.id, "a member without a name")
    user     = user
    roles    = [for role in user.roles : role if role != "CustomerRole_None"]
    disabled = user.enabled == false # null where Vectara says neither
    owns     = anytrue([for role in user.roles : contains(["CustomerRole_Owner", "owner"], role)])

    # Owners, and holders of any role that ends in Admin (v1) or administrator (v2): those for
    # billing, for corpora, for agents, and whatever Vectara adds to them.
    administers = anytrue([
      for role in user.roles :
      contains(["CustomerRole_Owner", "owner"], role) || endswith(role, "Admin") || endswith(role, "administrator")
    ])

    # The first exception. Whoever has an address is approved by it, in upper or lower case, and
    # whoever has none by the handle. (A handle never stands for an address, or somebody could take
    # an approved person's address for a handle.) Somebody with neither cannot be approved.
    approved = can(local.approved_emails[lower(user.email)]) || (
      coalesce(user.email, "-") == "-" && can(local.approved_handles[user.handle])
    )

    # The second one. Nobody without an address can be shown to belong to the company, so that
    # an administrator without one is reported. So is an app client, which never has one: a program
    # that administers the account is worth a look.
    inside = endswith(lower(coalesce(user.email, "-")), lower("@${var.company_domain}"))

    # The third one. v1 says who is an app client. v2 does not: it has a listing of its own for app
    # clients, which this provider does not read, and Vectara does not say whether they are among the
    # users as well. Where there is no type, a member without an address is taken for an app client.
    # With v2, then, this policy sees less: no client that has an address, and perhaps none at all.
    program = user.type != null ? user.type == "USER_TYPE__APP_CLIENT" : coalesce(user.email, "-") == "-"
  }]

  # The end users from the most expensive down. sort() sorts text, and numbers that are padded with
  # zeros are in the same order as text.
  end_users = [
    for key in reverse(sort([
      for i, user in module.listing.end_users : format("%020.6f/%d", coalesce(user.cost, 0), i)
    ])) : module.listing.end_users[tonumber(split("/", key)[1])]
  ]

  # The policies: what each of them demands, who breaks it, as what, and what to do about it. The
  # checks below have the same names, and the outputs and the report show what stands here.
  policies = {
    # Everything else would hold of nobody.
    account_has_members = {
      rule      = "The account has members"
      as        = "Accounts without a member"
      offenders = length(local.team) == 0 ? [local.account] : []
      advice    = "Every account has an owner, so that this cannot be all. Look at which account is read, and with whose credentials."
    }

    members_are_approved = {
      rule      = "Every member is approved"
      as        = "Not on the list of approved people"
      offenders = [for member in local.team : member.name if !member.approved]
      advice    = "Take away the access of whoever should not have it, and put the others on the list."
    }

    at_most_one_owner = {
      rule      = "At most one member owns the account"
      as        = "Owners"
      offenders = length([for member in local.team : member if member.owns]) <= 1 ? [] : [for member in local.team : member.name if member.owns]
      advice    = "An owner can close the account. Keep one, and give the others a lesser role."
    }

    administrators_belong_to_the_company = {
      rule      = "Administrators have an address at ${var.company_domain}"
      as        = "Administrators without an address at ${var.company_domain}"
      offenders = [for member in local.team : "${member.name} (${join(", ", member.roles)})" if member.administers && !member.inside]
      advice    = "Take the role away from whoever is not of the company."
    }

    app_clients_do_not_administer = {
      rule      = "No app client administers the account"
      as        = "App clients, or members of an unknown type without an address, that administer the account"
      offenders = [for member in local.team : "${member.name} (${join(", ", member.roles)})" if member.administers && member.program]
      advice    = "Whoever has a client's secret has its role. Give the client a lesser one."
    }

    disabled_users_hold_no_role = {
      rule      = "No disabled user holds a role"
      as        = "Disabled users with a role"
      offenders = [for member in local.team : "${member.name} (${join(", ", member.roles)})" if member.disabled && length(member.roles) > 0]
      advice    = "Enabled again, they have it at once. Take it away."
    }

    end_users_stay_within_max_cost = {
      rule      = "No end user costs more than ${var.max_cost}"
      as        = "End users with a cost above ${var.max_cost}"
      offenders = [for user in local.end_users : "${user.id} (${format("%.2f", user.cost)})" if !(coalesce(user.cost, 0) <= var.max_cost)]
      advice    = "Look for a script or a shared login behind them, or raise max_cost."
    }
  }

  # What to say of a policy that does not hold. It names five at the most; the output offenders and
  # the report name all.
  messages = {
    for name, policy in local.policies : name => join(" ", [
      "${policy.as} (${length(policy.offenders)}):",
      length(policy.offenders) <= 5 ? "${join(", ", policy.offenders)}." : (
        "${join(", ", slice(policy.offenders, 0, 5))} and ${length(policy.offenders) - 5} more."
      ),
      policy.advice,
    ])
  }

  failing = [for name, policy in local.policies : name if length(policy.offenders) > 0]
  holding = [for name, policy in local.policies : name if length(policy.offenders) == 0]
}

# A failed check is a warning. The output verdict makes it an error, if var.enforce says so.

check "account_has_members" {
  assert {
    condition     = length(local.policies.account_has_members.offenders) == 0
    error_message = local.messages.account_has_members
  }
}

check "members_are_approved" {
  assert {
    condition     = length(local.policies.members_are_approved.offenders) == 0
    error_message = local.messages.members_are_approved
  }
}

check "at_most_one_owner" {
  assert {
    condition     = length(local.policies.at_most_one_owner.offenders) == 0
    error_message = local.messages.at_most_one_owner
  }
}

check "administrators_belong_to_the_company" {
  assert {
    condition     = length(local.policies.administrators_belong_to_the_company.offenders) == 0
    error_message = local.messages.administrators_belong_to_the_company
  }
}

check "app_clients_do_not_administer" {
  assert {
    condition     = length(local.policies.app_clients_do_not_administer.offenders) == 0
    error_message = local.messages.app_clients_do_not_administer
  }
}

check "disabled_users_hold_no_role" {
  assert {
    condition     = length(local.policies.disabled_users_hold_no_role.offenders) == 0
    error_message = local.messages.disabled_users_hold_no_role
  }
}

check "end_users_stay_within_max_cost" {
  assert {
    condition     = length(local.policies.end_users_stay_within_max_cost.offenders) == 0
    error_message = local.messages.end_users_stay_within_max_cost
  }
}
