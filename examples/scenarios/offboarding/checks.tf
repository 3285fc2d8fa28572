# Any attribute of a user may be null, except the id of an end user and the list of roles, because
# the APIs may leave it out. Addresses are compared in lower case and without spaces around them.

locals {
  people = csvdecode(trimprefix(file(var.directory), "\ufeff"))

  # A person without an address can be in a directory, and is nobody whom this audit could find.
  directory = toset([for person in local.people : lower(trimspace(person.email)) if trimspace(person.email) != ""])
  exempt    = toset([for name in var.exempt : lower(trimspace(name))])

  team = [for user in module.listing.team : {
    name    = coalesce(user.email, user.handle, user.id, "a member without a name")
    address = lower(trimspace(coalesce(user.email, " ")))

    exempt = length(setintersection(local.exempt, [
      for name in [user.email, user.handle, user.id] : lower(trimspace(coalesce(name, " ")))
    ])) > 0

    # Where Vectara does not say that somebody is disabled, the account may well be open.
    disabled = user.enabled == false

    # Only v1 says who is a program. v2 does not, so that an app client has to be in exempt there.
    program = user.type == "USER_TYPE__APP_CLIENT"

    # v1 has a word for no role at all. Roles on single corpora and agents are null with v1, which
    # does not tell them.
    roles = concat(
      [for role in user.roles : role if role != "CustomerRole_None"],
      try([for role in user.corpus_roles : "${role.role} of ${role.corpus_key}"], []),
      try([for role in user.agent_roles : "${role.role} of ${role.agent_key}"], []),
    )
  }]

  # Whoever has an address that is not in the directory has left, or has never been there.
  leavers = [
    for member in local.team : member
    if member.address != "" && !contains(local.directory, member.address) && !member.exempt
  ]

  offenders = {
    leavers_cannot_sign_in = [for member in local.leavers : member.name if !member.disabled]

    leavers_hold_no_role = [
      for member in local.leavers : "${member.name} (${join(", ", member.roles)})" if member.disabled && length(member.roles) > 0
    ]

    leavers_use_no_application = [
      for user in module.listing.staff : "${user.id} (last seen ${substr(coalesce(user.date_of_last_record, "unknown"), 0, 10)})"
      if !contains(local.directory, lower(trimspace(user.id))) && !contains(local.exempt, lower(trimspace(user.id)))
    ]

    members_can_be_looked_up = [
      for member in local.team : member.name if member.address == "" && !member.program && !member.exempt
    ]
  }

  # The same for a message, which names five at the most.
  named = {
    for policy, names in local.offenders : policy => length(names) <= 5 ? join(", ", names) : (
      "${join(", ", slice(names, 0, 5))} and ${length(names) - 5} more"
    )
  }

  # Each policy: whether it holds, and what to say when it does not.
  policies = {
    leavers_cannot_sign_in = {
      holds = length(local.offenders.leavers_cannot_sign_in) == 0
      message = join(" ", [
        "Not in the directory, and may sign in to Vectara (${length(local.offenders.leavers_cannot_sign_in)}): ${local.named.leavers_cannot_sign_in}.",
        "Disable or delete them, or name them in exempt.",
      ])
    }

    leavers_hold_no_role = {
      holds = length(local.offenders.leavers_hold_no_role) == 0
      message = join(" ", [
        "Not in the directory, and disabled, but with a role (${length(local.offenders.leavers_hold_no_role)}): ${local.named.leavers_hold_no_role}.",
        "Enabled again, they have it at once. Take it away.",
      ])
    }

    leavers_use_no_application = {
      holds = length(local.offenders.leavers_use_no_application) == 0
      message = join(" ", [
        "Not in the directory, and have used the application in the last ${var.active_days} days (${length(local.offenders.leavers_use_no_application)}):",
        "${local.named.leavers_use_no_application}.",
        "End their sessions where they sign in, and see what they read.",
      ])
    }

    members_can_be_looked_up = {
      holds = length(local.offenders.members_can_be_looked_up) == 0
      message = join(" ", [
        "Members without a mail address, who cannot be looked up in the directory (${length(local.offenders.members_can_be_looked_up)}):",
        "${local.named.members_can_be_looked_up}.",
        "Give them one, or name them in exempt: with REST v2 that goes for app clients.",
      ])
    }

    # Nobody can have left a team that was not read. An account has at least its owner.
    team_is_there = {
      holds   = length(local.team) > 0
      message = "Vectara lists no member at all. Is this the right account, and may the credential list its users?"
    }
  }

  failures = { for name, policy in local.policies : name => policy.message if !policy.holds }
}

check "leavers_cannot_sign_in" {
  assert {
    condition     = local.policies.leavers_cannot_sign_in.holds
    error_message = local.policies.leavers_cannot_sign_in.message
  }
}

check "leavers_hold_no_role" {
  assert {
    condition     = local.policies.leavers_hold_no_role.holds
    error_message = local.policies.leavers_hold_no_role.message
  }
}

check "leavers_use_no_application" {
  assert {
    condition     = local.policies.leavers_use_no_application.holds
    error_message = local.policies.leavers_use_no_application.message
  }
}

check "members_can_be_looked_up" {
  assert {
    condition     = local.policies.members_can_be_looked_up.holds
    error_message = local.policies.members_can_be_looked_up.message
  }
}

check "team_is_there" {
  assert {
    condition     = local.policies.team_is_there.holds
    error_message = local.policies.team_is_there.message
  }
}
