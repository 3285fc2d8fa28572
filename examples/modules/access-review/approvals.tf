# Approvals. An approval is valid if it is complete and current, if its owner is not its subject, and if only one member
# has its handle.

locals {
  # By the key of the subject: the entitlements of its members, and their names.
  held   = { for key, members in local.members_by_key : key => flatten(members[*].entitlements) }
  called = { for key, members in local.members_by_key : key => flatten([for member in members : [for text in compact([member.user.email, member.user.handle, member.user.id]) : local.bare[text]]]) }

  approvals_read = [for approval in var.approvals : {
    subject    = trimspace(approval.subject)
    key        = strcontains(approval.subject, "@") ? "address ${local.folded[approval.subject]}" : "handle ${trimspace(approval.subject)}"
    bare       = local.bare[approval.subject]
    roles      = compact([for role in compact(approval.roles) : trimspace(role)])
    exceptions = approval.exceptions
    owner      = try(trimspace(approval.owner), "")
    owners     = try(concat([local.bare[approval.owner]], local.within[approval.owner]), [])
    reason     = try(trimspace(approval.reason), "")
    ends       = try(trimspace(approval.ends), "")

    # The subject may be an end user who is not a member.
    for_end_user = contains(approval.exceptions, "leavers_do_not_use_the_application")
  }]

  approvals_judged = [for approval in local.approvals_read : merge(approval, {
    problems = compact([
      approval.owner == "" ? "has no owner" : "",
      length(setintersection(concat([approval.bare], try(local.called[approval.key], [])), approval.owners)) > 0 ? "is owned by its subject" : "",
      approval.reason == "" ? "has no reason" : "",
      startswith(approval.key, "handle ") && length(try(local.members_by_key[approval.key], [])) > 1 ? "is for a handle of several members" : "",
      approval.ends == "" ? "has no end" : "",
      try(timecmp("${approval.ends}T23:59:59Z", local.now) < 0, false) ? "ended on ${approval.ends}" : "",
    ])

    # The subject is in no listing, or holds none of the roles. If a listing was not read completely, no approval is
    # unused. An approval that has only exceptions has no roles.
    unused = length(local.not_whole) == 0 && (
      length(try(local.members_by_key[approval.key], [])) == 0 ? length(try(local.staff_by_key[approval.key], [])) == 0 && !(approval.for_end_user && length(local.no_end_users) > 0) :
      length(local.no_scopes) == 0 && length(approval.roles) > 0 && !anytrue([
        for row in local.held[approval.key] : contains(approval.roles, row.name) || contains(approval.roles, row.covered_by)
      ])
    )
  })]

  approvals = [for approval in local.approvals_judged : merge(approval, {
    findings = concat(approval.problems, approval.unused ? ["is not used"] : [])
  })]

  # By the key of the subject: the roles and the exceptions of the valid approvals.
  allowed  = { for approval in local.approvals : approval.key => approval.roles... if length(approval.problems) == 0 }
  excepted = { for approval in local.approvals : approval.key => approval.exceptions... if length(approval.problems) == 0 }
}
