# Vectara's REST v1 and v2 have different names for the same roles: CustomerRole_Corpus_Admin in v1
# is corpus_administrator in v2. These policies know both, so that they find the same offenders
# whichever version the provider reads.
#
# Any attribute of a user may be null, except the id of an end user and the list of roles, because
# the APIs may leave it out. What is not known does not break a policy, with two exceptions, below.

locals {
  team = [for user in data.vectara_users.team.users : {
    name     = coalesce(user.email, user.handle, user.id, "a member without a name")
    roles    = [for role in user.roles : role if role != "CustomerRole_None"]
    disabled = user.enabled == false # null where Vectara says neither
    owns     = anytrue([for role in user.roles : contains(["CustomerRole_Owner", "owner"], role)])

    # Owners, and holders of any role that ends in Admin (v1) or administrator (v2): those for
    # billing, for corpora, for agents, and whatever Vectara adds to them.
    administers = anytrue([
      for role in user.roles :
      contains(["CustomerRole_Owner", "owner"], role) || endswith(role, "Admin") || endswith(role, "administrator")
    ])

    # The first exception. Nobody without an address can be shown to belong to the company, so that
    # an administrator without one is reported. So is an app client, which never has one: a program
    # that administers the account is worth a look.
    inside = endswith(lower(coalesce(user.email, "-")), lower("@${var.company_domain}"))

    # The second one. v1 says who is an app client. v2 does not: it has a listing of its own for app
    # clients, which this provider does not read, and Vectara does not say whether they are among the
    # users as well. Where there is no type, a member without an address is taken for an app client.
    # With v2, then, this policy sees less: no client that has an address, and perhaps none at all.
    program = user.type != null ? user.type == "USER_TYPE__APP_CLIENT" : (user.email == null || user.email == "")
  }]

  owners = [for member in local.team : member.name if member.owns]

  # The end users from the most expensive down. sort() sorts text, and numbers that are padded with
  # zeros are in the same order as text.
  end_users = [
    for key in reverse(sort([
      for i, user in data.openlayer_pipeline_users.application.users : format("%020.6f/%d", coalesce(user.cost, 0), i)
    ])) : data.openlayer_pipeline_users.application.users[tonumber(split("/", key)[1])]
  ]

  # Who breaks which policy. The checks below, which have the same names, and the outputs use it.
  offenders = {
    at_most_one_owner = length(local.owners) > 1 ? local.owners : []
    administrators_belong_to_the_company = [
      for member in local.team : "${member.name} (${join(", ", member.roles)})" if member.administers && !member.inside
    ]
    app_clients_do_not_administer = [
      for member in local.team : "${member.name} (${join(", ", member.roles)})" if member.administers && member.program
    ]
    disabled_users_hold_no_role = [
      for member in local.team : "${member.name} (${join(", ", member.roles)})" if member.disabled && length(member.roles) > 0
    ]
    end_users_stay_within_max_cost = [
      for user in local.end_users : "${user.id} (${format("%.2f", user.cost)})" if coalesce(user.cost, 0) > var.max_cost
    ]
  }

  # The same for a message, which names five at the most.
  named = {
    for policy, names in local.offenders : policy => length(names) <= 5 ? join(", ", names) : (
      "${join(", ", slice(names, 0, 5))} and ${length(names) - 5} more"
    )
  }
}

check "at_most_one_owner" {
  assert {
    condition = length(local.offenders.at_most_one_owner) == 0
    error_message = join(" ", [
      "Owners (${length(local.offenders.at_most_one_owner)}): ${local.named.at_most_one_owner}.",
      "An owner can close the account. Keep one, and give the others a lesser role.",
    ])
  }
}

check "administrators_belong_to_the_company" {
  assert {
    condition = length(local.offenders.administrators_belong_to_the_company) == 0
    error_message = join(" ", [
      "Administrators without an address at ${var.company_domain} (${length(local.offenders.administrators_belong_to_the_company)}):",
      "${local.named.administrators_belong_to_the_company}.",
      "Take the role away from whoever is not of the company.",
    ])
  }
}

check "app_clients_do_not_administer" {
  assert {
    condition = length(local.offenders.app_clients_do_not_administer) == 0
    error_message = join(" ", [
      "App clients, or members of an unknown type without an address, that administer the account",
      "(${length(local.offenders.app_clients_do_not_administer)}): ${local.named.app_clients_do_not_administer}.",
      "Whoever has a client's secret has its role. Give the client a lesser one.",
    ])
  }
}

check "disabled_users_hold_no_role" {
  assert {
    condition = length(local.offenders.disabled_users_hold_no_role) == 0
    error_message = join(" ", [
      "Disabled users with a role (${length(local.offenders.disabled_users_hold_no_role)}):",
      "${local.named.disabled_users_hold_no_role}.",
      "Enabled again, they have it at once. Take it away.",
    ])
  }
}

check "end_users_stay_within_max_cost" {
  assert {
    condition = length(local.offenders.end_users_stay_within_max_cost) == 0
    error_message = join(" ", [
      "End users with a cost above ${var.max_cost} (${length(local.offenders.end_users_stay_within_max_cost)}):",
      "${local.named.end_users_stay_within_max_cost}.",
      "Look for a script or a shared login behind them, or raise max_cost.",
    ])
  }
}
