# Approvals. One counts if it is complete and current, and if somebody other than its subject has approved it.

locals {
  # By the key of the subject: what its members hold, and what they are called.
  held   = { for key, members in local.members_by_key : key => flatten(members[*].entitlements) }
  called = { for key, members in local.members_by_key : key => flatten([for member in members : [for text in compact([member.user.email, member.user.handle, member.user.id]) : local.folded[text]]]) }

  approvals_read = [for approval in var.approvals : {
    subject    = trimspace(approval.subject)
    key        = strcontains(approval.subject, "@") ? "address ${local.folded[approval.subject]}" : "handle ${trimspace(approval.subject)}"
    roles      = [for role in compact(approval.roles) : trimspace(role)]
    exceptions = approval.exceptions
    owner      = try(trimspace(approval.owner), "")
    owner_key  = try(local.folded[approval.owner], "")
    reason     = try(trimspace(approval.reason), "")
    ends       = try(trimspace(approval.ends), "")
  }]

  approvals = [for approval in local.approvals_read : merge(approval, {
    problems = compact([
      approval.owner == "" ? "has no owner" : "",
      approval.owner != "" && contains(concat([local.folded[approval.subject]], lookup(local.called, approval.key, [])), approval.owner_key) ? "is owned by its subject" : "",
      approval.reason == "" ? "has no reason" : "",
      approval.ends == "" ? "has no end" : "",
      try(timecmp("${approval.ends}T23:59:59Z", local.now) < 0, false) ? "ended on ${approval.ends}" : "",
    ])

    # Nobody has it: the subject is in no listing, or holds none of the roles. An approval for an exception alone, or
    # for an end user, has no roles. Where not everything was read, the subject may be in what is missing.
    unused = length(local.not_whole) == 0 && length(local.missing_scopes) == 0 && (
      !can(local.held[approval.key]) ? !can(local.staff_by_key[approval.key]) :
      length(approval.roles) > 0 && !anytrue([
        for row in local.held[approval.key] : contains(approval.roles, row.name) || contains(approval.roles, row.covered_by)
      ])
    )
  })]

  # What the valid approvals allow, and from which controls they except, by the key of the subject.
  allowed  = { for approval in local.approvals : approval.key => approval.roles... if length(approval.problems) == 0 }
  excepted = { for approval in local.approvals : approval.key => approval.exceptions... if length(approval.problems) == 0 }
}
