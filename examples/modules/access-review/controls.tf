# Evaluates the controls. controls.yaml has the title, severity and references of each control.
#
# A value that the API does not return is not a finding, with three exceptions: a member without address and handle is not
# approved, a privileged user without an address does not belong to the company, and a leaver's record without a date is
# after the last day.
#
# not_assessed has the reasons why a control did not see everything. A control with a reason and no finding does not hold.

locals {
  definitions = yamldecode(file("${path.module}/controls.yaml"))

  people      = [for member in local.members : member if !member.user.app_client]
  app_clients = [for member in local.members : member if member.user.app_client]
  privileged  = [for member in local.people : member if member.user.privileged]
  disabled    = [for member in local.members : member if member.disabled]
  owners      = [for member in local.members : member if member.owns]

  enabled_owners = [for member in local.owners : member if !member.disabled]

  approved = [for member in local.members : member if length(try(local.allowed[member.key], [])) > 0]

  # Reasons why a control did not see everything.
  left_out = coalesce(var.members_total, length(local.members)) == length(local.members) ? "" : "${length(local.members)} of ${coalesce(var.members_total, 0)} members were given"
  not_whole = compact([
    var.members_source.whole ? "" : "a single page of the members was read",
    local.left_out,
    var.members_source.app_clients ? "" : "app clients were not read",
    length(local.owners) > 0 ? "" : "no owner is visible, and every account has one",
  ])
  missing_scopes = [for scope in ["account", "corpus", "agent", "operation"] : scope if !contains(var.members_source.scopes, scope)]
  no_scopes      = length(local.missing_scopes) == 0 ? [] : ["REST ${var.members_source.api_version} has no entitlements of the scopes ${join(", ", local.missing_scopes)}"]
  no_domain = [
    for domain in var.company_domains : "no member has an address at ${domain}"
    if length([for member in local.members : member if member.domain == local.folded[domain]]) == 0
  ]
  no_status = [
    for count in [length([for member in local.people : member if member.unknown && length(member.entitlements) > 0])] :
    "the API does not return whether ${count} ${count == 1 ? "user is" : "users are"} disabled" if count > 0
  ]
  no_directory = var.directory == null ? ["no directory was given"] : compact([
    timecmp(timeadd("${var.directory.as_of}T00:00:00Z", "${24 * (var.directory_max_age_days + 1)}h"), local.now) <= 0
    ? "the directory is from ${var.directory.as_of}, more than ${var.directory_max_age_days} days ago" : "",
    timecmp("${var.directory.as_of}T00:00:00Z", local.now) > 0 ? "the directory is from ${var.directory.as_of}, which is in the future" : "",
  ])
  no_address = [for member in local.people : member if member.address == "" && (!member.disabled || length(member.entitlements) > 0)]
  no_end_users = var.end_users == null || var.end_users_source == null ? ["the end users were not read"] : (
    var.end_users_source.whole ? [] : ["a single page of the end users was read"]
  )
  no_staff = length(local.no_end_users) > 0 ? [] : [
    for domain in var.company_domains : "no end user has an address at ${domain}"
    if length([for user in local.staff : user if endswith(user.address, "@${local.folded[domain]}")]) == 0
  ]
  # The names of the known roles, with "any corpus" or "any agent" in place of a key, and the names of all entitlements. A
  # pair with a misspelt role matches no member, so without these names the control would hold. The names of operations,
  # corpora and agents are not known.
  roles = {
    account = [
      "owner", "administrator", "billing_administrator", "corpus_administrator", "corpus_developer", "corpus_viewer", "agent_administrator",
      "agent_developer", "agent_user", "agent_viewer", "pipeline_administrator", "pipeline_viewer", "viewer",
    ]
    corpus = ["owner", "administrator", "editor", "viewer"]
    agent  = ["agent_administrator", "agent_developer", "agent_user", "agent_viewer"]
  }
  role_names = { for name in flatten([
    [for scope, roles in local.roles : [for role in roles : scope == "account" ? role : "${role} on any ${scope}"]],
    [for member in local.members : [for row in member.entitlements : [row.name, row.covered_by]]],
  ]) : name => true... }
  no_role = [
    for role in distinct(flatten(var.forbidden_pairs)) : "no role is called ${role}"
    if !can(local.role_names[replace(role, "/ on (corpus|agent) \\S+$/", " on any $1")]) && !can(local.role_names[role]) &&
    !can(regex("^operation \\S+ on (any resource|\\S+)$", role))
  ]
  no_previous = length(local.previous) == 0 ? ["there is no previous review to compare with"] : compact(flatten([
    for review in local.previous : [
      review.members_source.whole ? "" : "the previous review read a single page of the members",
      review.members_source.app_clients ? "" : "the previous review did not read app clients",
      [for missing in [join(", ", setsubtract(var.members_source.scopes, review.members_source.scopes))] : "the previous review did not read the scopes ${missing}" if missing != ""],
    ]
  ]))

  # For each control: the number of subjects, all findings, and the reasons why it did not see everything.
  judgements = {
    account_has_members = {
      looked_at    = length(local.members)
      found        = length(local.members) > 0 ? [] : [{ key = "account", name = "the account", detail = "has no members" }]
      not_assessed = local.not_whole
    }

    members_are_approved = {
      looked_at = length(local.members)
      found = [
        for member in local.members : { key = member.key, name = member.name, detail = join(", ", member.entitlements[*].name) }
        if length(try(local.allowed[member.key], [])) == 0
      ]
      not_assessed = local.not_whole
    }

    roles_are_approved = {
      looked_at = length(local.approved)
      found = [
        for member in [for member in local.approved : merge(member, { surplus = [
          for row in member.entitlements : row.name
          if !contains(flatten(local.allowed[member.key]), row.name) && !contains(flatten(local.allowed[member.key]), row.covered_by)
        ] })] : { key = member.key, name = member.name, detail = join(", ", member.surplus) }
        if length(member.surplus) > 0
      ]
      not_assessed = concat(local.not_whole, local.no_scopes, [
        for count in [length(local.members) - length(local.approved)] : "members without an approval: ${count}" if count > 0
      ])
    }

    approvals_are_valid = {
      looked_at = length(local.approvals)
      found = [
        for approval in local.approvals : { key = approval.key, name = approval.subject, detail = join(", ", approval.findings) }
        if length(approval.findings) > 0
      ]
      not_assessed = concat(local.not_whole, local.no_scopes, length([for approval in local.approvals : approval if approval.for_end_user]) > 0 ? local.no_end_users : [])
    }

    owners_are_within_limits = {
      looked_at = length(local.owners)
      # Only a complete listing shows that an owner is missing.
      found = length(local.owners) > var.max_owners ? [
        for member in local.owners : { key = member.key, name = member.name, detail = "one of ${length(local.owners)} owners, at most ${var.max_owners} allowed" }
        ] : length(local.enabled_owners) < var.min_owners && var.members_source.whole && var.members_source.app_clients ? [
        { key = "account", name = "the account", detail = "owners who are not disabled: ${length(local.enabled_owners)}, at least ${var.min_owners} needed" }
      ] : []
      not_assessed = local.not_whole
    }

    privileged_users_belong_to_the_company = {
      looked_at = length(local.privileged)
      found = [
        for member in local.privileged :
        { key = member.key, name = member.name, detail = join(", ", [for row in member.entitlements : row.name if row.privileged]) }
        if !contains(local.domains, member.domain)
      ]
      not_assessed = concat(local.not_whole, local.no_scopes, local.no_domain)
    }

    app_clients_are_not_privileged = {
      looked_at = length(local.app_clients)
      found = [
        for member in local.app_clients :
        { key = member.key, name = member.name, detail = join(", ", [for row in member.entitlements : row.name if row.privileged]) }
        if member.user.privileged
      ]
      not_assessed = concat(local.not_whole, local.no_scopes)
    }

    disabled_users_hold_no_entitlements = {
      looked_at = length(local.disabled)
      found = [
        for member in local.disabled : { key = member.key, name = member.name, detail = join(", ", member.entitlements[*].name) }
        if length(member.entitlements) > 0
      ]
      not_assessed = concat(local.not_whole, local.no_scopes, local.no_status)
    }

    leavers_have_no_access = {
      looked_at = length([for member in local.members : member if member.address != ""])
      found = [
        for member in local.members : { key = member.key, name = member.name, detail = join(", ", concat(
          [try(local.departed[member.address], "not in the directory")],
          member.disabled ? ["disabled"] : [], member.entitlements[*].name,
        )) }
        if length(local.no_directory) == 0 && member.address != "" && length(try(local.employed[member.address], [])) == 0 && (!member.disabled || length(member.entitlements) > 0)
      ]
      not_assessed = concat(local.not_whole, local.no_scopes, local.no_directory, [
        for count in [length([for member in local.no_address : member if !contains(flatten(try(local.excepted[member.key], [])), "leavers_have_no_access")])] :
        "${count} ${count == 1 ? "user has" : "users have"} no address to look up" if count > 0
      ])
    }

    leavers_do_not_use_the_application = {
      looked_at = length(local.staff)
      found = [
        for user in local.staff : { key = user.key, name = user.name, detail = join(", ", [
          try(local.departed[user.address], "not in the directory"),
          "last record ${try(substr(user.user.date_of_last_record, 0, 10), "unknown")}",
        ]) }
        if length(local.no_directory) == 0 && length(try(local.employed[user.address], [])) == 0 && !try(
          timecmp(user.user.date_of_last_record, "${local.left_on[user.address]}T23:59:59Z") <= 0, false
        )
      ]
      not_assessed = concat(local.no_end_users, local.no_staff, local.no_directory)
    }

    duties_are_separated = {
      looked_at = length(local.members)
      found = flatten([for pair in var.forbidden_pairs : [
        for member in local.members : { key = member.key, name = member.name, detail = join(" and ", pair) }
        if alltrue([for role in pair : anytrue([
          for row in local.held[member.key] : contains([row.name, row.covered_by], role) || row.covers != "" && startswith(role, row.covers)
        ])])
      ]])
      not_assessed = concat(local.not_whole, local.no_scopes, length(var.forbidden_pairs) > 0 ? local.no_role : ["no pair of roles is forbidden"])
    }

    privileged_users_are_not_new = {
      looked_at    = length([for member in local.members : member if member.user.privileged])
      found        = [for member in local.newly_privileged : { key = member.key, name = member.name, detail = member.detail } if local.since != null]
      not_assessed = concat(local.not_whole, local.no_scopes, local.no_previous)
    }
  }

  # The controls with their definitions. exceptions has the findings that an approval excepts.
  controls = { for key, control in local.judgements : key => {
    title        = local.definitions[key].title
    severity     = local.definitions[key].severity
    references   = local.definitions[key].references
    subjects     = local.definitions[key].subjects
    advice       = local.definitions[key].advice
    looked_at    = control.looked_at
    findings     = [for finding in control.found : finding if !contains(flatten(try(local.excepted[finding.key], [])), key)]
    exceptions   = [for finding in control.found : finding if contains(flatten(try(local.excepted[finding.key], [])), key)]
    not_assessed = control.not_assessed
  } }
}
