# entitlements and app_client mean the same with both versions of Vectara's REST API, and so do these policies.
# v1 has the roles in the account alone; a policy that needs more is not assessed with it.
#
# Any attribute of a user may be null, except the id of an end user, app_client and the lists, because the
# APIs may leave it out.

locals {
  people = csvdecode(trimprefix(file(var.directory), "\ufeff"))
  users  = data.vectara_users.team.users
  staff  = data.openlayer_pipeline_users.staff.users

  # How names are compared: without the spaces around them, and in lower case, but of ASCII letters alone. lower()
  # makes a plain i of İ (U+0130), and somebody at northwİnd.example would pass for somebody at
  # northwind.example. So a name is split into its capital letters and what is between them.
  folded = {
    for name in toset(compact(concat(
      local.people[*].email, var.exempt, local.staff[*].id,
      local.users[*].email, local.users[*].handle, local.users[*].id,
    ))) :
    name => join("", [for part in regexall("([A-Z]*)([^A-Z]*)", trimspace(name)) : "${lower(part[0])}${part[1]}"])
  }

  # A person without an address can be in a directory, and is nobody whom this audit could find.
  directory = toset([for person in local.people : local.folded[person.email] if trimspace(person.email) != ""])
  exempt    = toset([for name in var.exempt : local.folded[name]])

  team = [for user in local.users : {
    name    = coalesce(user.email, user.handle, user.id, "a member without a name")
    address = try(local.folded[user.email], "")
    exempt  = anytrue([for name in compact([user.email, user.handle, user.id]) : contains(local.exempt, local.folded[name])])

    # Where Vectara does not say that somebody is disabled, the account may well be open.
    disabled = user.enabled == false
    program  = user.app_client
    owns     = contains(user.api_roles, "owner")

    # All that somebody may do, such as "owner" and "editor on contracts".
    may = [
      for row in user.entitlements :
      join(" on ", compact([coalesce(row.role, "a role"), row.scope == "account" ? "" : coalesce(row.resource, "any resource")]))
    ]
  }]

  # A user whose address is not in the directory has left, or has never been there.
  leavers = [
    for member in local.team : member
    if member.address != "" && !contains(local.directory, member.address) && !member.exempt
  ]

  offenders = {
    leavers_cannot_sign_in = [for member in local.leavers : member.name if !member.disabled]

    leavers_hold_no_role = [
      for member in local.leavers : "${member.name} (${join(", ", member.may)})" if member.disabled && length(member.may) > 0
    ]

    leavers_use_no_application = [
      for user in local.staff : "${user.id} (last seen ${substr(coalesce(user.date_of_last_record, "unknown"), 0, 10)})"
      if !contains(local.directory, local.folded[user.id]) && !contains(local.exempt, local.folded[user.id])
    ]

    members_can_be_looked_up = [
      for member in local.team : member.name if member.address == "" && !member.program && !member.exempt
    ]
  }

  # What was not examined: a policy that needs it, and has found no offender, is not assessed.
  source = data.vectara_users.team.source
  unexamined_account = compact([
    local.source.whole ? "" : "a single page of the members was read",
    anytrue(local.team[*].owns) ? "" : "no owner is visible, and every account has one",
  ])
  unexamined = {
    leavers_cannot_sign_in = local.unexamined_account
    leavers_hold_no_role = concat(local.unexamined_account, [
      for missing in [join(", ", [for scope in ["account", "corpus", "agent", "operation"] : scope if !contains(local.source.scopes, scope)])] :
      "REST ${local.source.api_version} has no entitlements of the scopes ${missing}" if missing != ""
    ])
    leavers_use_no_application = data.openlayer_pipeline_users.staff.source.whole ? [] : ["a single page of the end users was read"]
    members_can_be_looked_up   = local.unexamined_account
    team_is_there              = local.unexamined_account
  }

  # The same for a message, which names five at the most.
  named = {
    for policy, names in local.offenders : policy => length(names) <= 5 ? join(", ", names) : (
      "${join(", ", slice(names, 0, 5))} and ${length(names) - 5} more"
    )
  }

  # Each policy: whether it holds of what was examined, and what to say when it does not.
  findings = {
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
        "Give them one, or name them in exempt.",
      ])
    }

    # Nobody can have left a team that was not read. An account has at least its owner.
    team_is_there = {
      holds   = length(local.team) > 0
      message = "Vectara lists no member at all. Is this the right account, and may the credential list its users?"
    }
  }

  policies = {
    for name, finding in local.findings : name => {
      holds   = finding.holds && length(local.unexamined[name]) == 0
      message = finding.holds ? "Not assessed: ${join("; ", local.unexamined[name])}." : finding.message
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
