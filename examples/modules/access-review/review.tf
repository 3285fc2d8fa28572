# The review as data, which is the content of the three reports. report.schema.json describes it.

module "controls" {
  source = "../controls"

  controls = local.controls
  excluded = var.excluded_controls
}

locals {
  account = try(coalesce(var.members_source.account, var.account), "")

  review = {
    format    = "access-review/1"
    read_at   = local.now
    account   = local.account
    result    = module.controls.result
    verdict   = module.controls.verdict
    reviewer  = try(coalesce(trimspace(var.reviewer)), "not named")
    signed_by = var.sign_off == null ? "not signed off" : trimspace(var.sign_off.by)
    signed_on = try(var.sign_off.on, "not signed off")
    statement = try(var.sign_off.statement, "not signed off")

    # The sources of the listings, and how complete the listings are.
    members_source = merge(var.members_source, {
      count = length(local.members)
      completeness = join(" ", compact([
        var.members_source.whole ? "The whole listing was read." : "A single page was read.",
        local.left_out == "" ? "" : "${local.left_out}.",
        var.members_source.app_clients ? "App clients were read." : "App clients were not read.",
        length(local.missing_scopes) == 0 ? "Entitlements of all scopes were read." : "Entitlements of the scopes ${join(", ", local.missing_scopes)} were not read.",
      ]))
    })
    end_users_source = var.end_users_source == null || var.end_users == null ? null : merge(var.end_users_source, {
      count        = length(var.end_users)
      completeness = var.end_users_source.whole ? "The whole listing was read." : "A single page was read."
    })
    directory = var.directory == null ? null : { as_of = var.directory.as_of, count = length(var.directory.people) }

    settings = {
      company_domains        = var.company_domains
      min_owners             = var.min_owners
      max_owners             = var.max_owners
      forbidden_pairs        = var.forbidden_pairs
      active_statuses        = var.active_statuses
      directory_max_age_days = var.directory_max_age_days
    }

    population = {
      members              = length(local.members)
      people               = length(local.people)
      app_clients          = length(local.app_clients)
      owners               = length(local.owners)
      privileged           = length([for member in local.members : member if member.user.privileged])
      disabled             = length(local.disabled)
      without_entitlements = length([for member in local.members : member if length(member.entitlements) == 0])
      not_approved         = length(local.members) - length(local.approved)
      staff_among_users    = length(local.staff)
    }

    controls          = module.controls.controls
    excluded_controls = [for key, reason in var.excluded_controls : { key = key, title = local.definitions[key].title, reason = reason }]

    approvals = [for approval in local.approvals : {
      subject    = approval.subject
      roles      = approval.roles
      exceptions = approval.exceptions
      owner      = approval.owner
      reason     = approval.reason
      ends       = approval.ends
      problems   = approval.findings
    }]

    changes = local.since == null ? null : {
      since           = local.since
      came            = local.came
      went            = local.went
      changed         = local.changed
      new_findings    = [for finding in local.findings : finding if length(try(local.previous_findings_by_id[finding.id], [])) == 0]
      closed_findings = [for finding in local.previous_findings : finding if length(try(local.findings_by_id[finding.id], [])) == 0 && contains(local.judged, finding.control)]
    }

    members = [for i in local.by_rights : {
      key          = local.members[i].key
      id           = local.members[i].user.id
      handle       = local.members[i].user.handle
      email        = local.members[i].user.email
      name         = local.members[i].name
      app_client   = local.members[i].user.app_client
      enabled      = local.members[i].user.enabled
      created_at   = local.members[i].user.created_at
      privileged   = local.members[i].user.privileged
      entitlements = [for row in local.members[i].entitlements : { name = row.name, scope = row.scope, resource = row.resource, role = row.role, privileged = row.privileged }]
      findings     = distinct(try(local.controls_by_key[local.members[i].key], []))
    }]
  }

  # Each finding has an id, so that two reviews can be compared. For the controls in detailed, the id contains the role,
  # the pair or the problem.
  detailed = ["roles_are_approved", "duties_are_separated", "approvals_are_valid"]
  identified = { for review, controls in {
    current  = module.controls.controls
    previous = flatten(local.previous[*].controls)
    } : review => flatten([for control in controls : [
      for finding in control.findings : merge(finding, { control = control.key, id = join(": ", concat(
        [control.key, finding.key], contains(local.detailed, control.key) ? [finding.detail] : [],
      )) })
    ]])
  }
  findings                = local.identified.current
  previous_findings       = local.identified.previous
  findings_by_id          = { for finding in local.findings : finding.id => finding... }
  previous_findings_by_id = { for finding in local.previous_findings : finding.id => finding... }
  controls_by_key         = { for finding in local.findings : finding.key => finding.control... }

  # Only a control that saw everything in this review can close a finding.
  judged = [for key in keys(module.controls.results) : key if length(local.controls[key].not_assessed) == 0]

  # The members in the order of their rights, and then of their names.
  by_rights = [
    for rank in sort([
      for i, member in local.members :
      "${member.owns ? 0 : member.user.privileged ? 1 : length(member.entitlements) > 0 ? 2 : 3} ${lower(member.name)} ${i}"
    ]) : tonumber(regex("[0-9]+$", rank))
  ]
}
