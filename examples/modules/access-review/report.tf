# The review as a web page and as Markdown.
#
# Users choose their handles, and must not be able to change the report with them. So the templates receive only values
# from the last of these steps:
#
#   local.texts                 everything that a report shows, as strings, by part, row and field
#   local.visible               the same, with invisible characters replaced
#   local.html, local.markdown  the same, escaped for the format
#
# To show another value, add it to local.texts.

locals {
  texts = {
    cover = [{
      verdict    = [module.controls.verdict]
      result     = [module.controls.result]
      account    = [local.account]
      read_at    = ["${formatdate("D MMMM YYYY, hh:mm:ss", local.now)} UTC"]
      reviewer   = [local.review.reviewer]
      sign_off   = [var.sign_off == null ? "not signed off" : "${local.review.signed_by} on ${local.review.signed_on}: ${local.review.statement}"]
      not_signed = [for none in ["not signed off"] : none if var.sign_off == null]
    }]

    sources = concat(
      [{
        what         = ["Members"]
        origin       = ["Vectara REST ${var.members_source.api_version} at ${var.members_source.base_url}, account ${local.account}${var.members_source.account == null ? " (from the configuration)" : ""}"]
        completeness = [local.review.members_source.completeness]
        count        = ["${length(local.members)}"]
        version      = [var.members_source.provider_version]
      }],
      [for source in [var.end_users_source] : {
        what         = ["End users"]
        origin       = ["Openlayer API ${source.api_version} at ${source.base_url}, pipeline ${source.account == null ? "not reported" : source.account}"]
        completeness = [local.review.end_users_source.completeness]
        count        = ["${length(var.end_users)}"]
        version      = [source.provider_version]
      } if source != null && var.end_users != null],
      [for directory in [var.directory] : {
        what         = ["Directory"]
        origin       = ["Export of ${directory.as_of}"]
        completeness = ["People with a mail address: ${length(local.directory)}."]
        count        = ["${length(directory.people)}"]
        version      = []
      } if directory != null],
    )

    controls = [for control in module.controls.controls : {
      title        = [control.title]
      key          = [control.key]
      result       = [control.result]
      severity     = [control.severity]
      references   = [join("; ", [for standard, clauses in control.references : "${standard} ${join(", ", clauses)}"])]
      looked_at    = ["${control.subjects} looked at:\u00a0${control.looked_at}"]
      count        = ["${length(control.findings)}"]
      findings     = [for finding in control.findings : finding.detail == "" ? finding.name : "${finding.name} (${finding.detail})"]
      exceptions   = [for finding in control.exceptions : finding.detail == "" ? finding.name : "${finding.name} (${finding.detail})"]
      not_assessed = control.not_assessed
      advice       = [control.advice]
    }]

    excluded = [for control in local.review.excluded_controls : { title = [control.title], reason = [control.reason] }]

    changes = [for change in concat(
      [for member in local.came : { what = "joined", name = member.name, detail = join(", ", member.roles) }],
      [for member in local.went : { what = "left", name = member.name, detail = join(", ", member.roles) }],
      [for member in local.changed : { what = "changed roles", name = member.name, detail = join("; ", concat([for role in member.gained : "+ ${role}"], [for role in member.lost : "- ${role}"])) }],
      [for finding in try(local.review.changes.new_findings, []) : { what = "new finding", name = finding.name, detail = local.definitions[finding.control].title }],
      [for finding in try(local.review.changes.closed_findings, []) : { what = "closed finding", name = finding.name, detail = try(local.definitions[finding.control].title, finding.control) }],
    ) : { what = [change.what], name = [change.name], detail = compact([change.detail]) } if local.since != null]
    since = [for review in local.previous : { read_at = ["${formatdate("D MMMM YYYY, hh:mm:ss", review.read_at)} UTC"] }]

    population = [for number in [
      { label = "Members", count = local.review.population.members },
      { label = "App clients", count = local.review.population.app_clients },
      { label = "Owners", count = local.review.population.owners },
      { label = "Privileged", count = local.review.population.privileged },
      { label = "Disabled", count = local.review.population.disabled },
      { label = "Not approved", count = local.review.population.not_approved },
    ] : { label = [number.label], count = ["${number.count}"] }]

    approvals = [for approval in local.review.approvals : {
      subject  = [approval.subject]
      roles    = length(approval.roles) == 0 ? ["none"] : approval.roles
      except   = [for key in approval.exceptions : "except: ${local.definitions[key].title}"]
      owner    = [approval.owner == "" ? "none" : approval.owner]
      reason   = [approval.reason == "" ? "none" : approval.reason]
      ends     = [approval.ends == "" ? "none" : approval.ends]
      problems = approval.problems
    }]
    faulty = [for approval in local.review.approvals : { subject = [approval.subject], owner = [approval.owner == "" ? "none" : approval.owner], problems = approval.problems } if length(approval.problems) > 0]

    members = [for member in local.review.members : {
      name       = [member.name]
      handle     = [for handle in compact([member.handle]) : handle if member.name != handle && !startswith(member.name, "${handle}@")]
      type       = [for type in ["app client"] : type if member.app_client]
      privileged = [for row in member.entitlements : row.name if row.privileged]
      other      = [for row in member.entitlements : row.name if !row.privileged]
      nothing    = length(member.entitlements) > 0 ? [] : [length(local.missing_scopes) == 0 ? "none" : "none in the account, other scopes not read"]
      status     = [member.enabled == null ? "not reported" : member.enabled ? "enabled" : "disabled"]
      since      = [try(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}", member.created_at), "not reported")]
      findings   = [for key in member.findings : local.definitions[key].title]
    }]
  }

  # Line breaks and tabs become spaces. Invisible characters, and characters that change the direction of text, become a
  # visible �, because they can make a name look like another name.
  visible = { for part, rows in local.texts : part => [for row in rows : { for field, texts in row : field => [
    for text in texts :
    replace(replace(text, "/\\s+/", " "), "/[${local.invisible}\\x{2028}\\x{2029}]/", "�")
  ] }] }

  # A mail address that is too long for its column breaks before the @.
  html = { for part, rows in local.visible : part => [for row in rows : { for field, texts in row : field => [
    for text in texts :
    replace(replace(replace(replace(replace(replace(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\"", "&quot;"), "'", "&#39;"), "@", "<wbr>@")
  ] }] }

  # A comment on a pull request has at most 65,536 characters. So the Markdown has three sizes, which cut long texts,
  # lists and tables and show the number of entries that they leave out. report_md is the largest size that fits, or a
  # note if no size fits. Texts are cut by code points, because a character on the screen may have any number of code points.
  #
  # A backslash escapes each of these characters. Other punctuation has no meaning within a line, except the dot after
  # www, which makes a link.
  sizes = [{ text = 200, list = 20, table = 100 }, { text = 100, list = 8, table = 25 }, { text = 40, list = 3, table = 10 }]
  markdown = [for size in local.sizes : { for part, rows in local.visible : part => [for row in slice(rows, 0, min(part == "controls" ? length(rows) : size.table, length(rows))) : {
    for field, texts in row : field => concat(
      [
        for text in slice(texts, 0, min(size.list, length(texts))) :
        replace(replace(replace(text, "/^(?s)(.{${size.text - 1}})..+/", "$1…"), "/[!#$&*:<>\\[-`{-~]/", "\\$0"), "/(?i)(www)\\./", "$1\\.")
      ],
      length(texts) > size.list ? ["… and ${length(texts) - size.list} more, in report_json"] : [],
    )
  }] }]
  markdowns = concat(
    [for i, size in local.sizes : templatefile("${path.module}/report.md.tftpl", merge(local.markdown[i], {
      more = { for part, rows in local.texts : part => max(0, length(rows) - size.table) }
    }))],
    ["# Access review: ${module.controls.verdict}\n\nThe review is too long for a comment. report_json and report_html have the whole review.\n"],
  )

  # The Content-Security-Policy of the page allows only this style, by its hash. A browser computes the hash with plain
  # line feeds, so carriage returns that git may have added are removed.
  style = replace(file("${path.module}/report.css"), "\r\n", "\n")

  report_html = templatefile("${path.module}/report.html.tftpl", merge(local.html, {
    style        = local.style
    style_sha256 = base64sha256(local.style)
  }))
  report_md = [for text in local.markdowns : text if length(base64encode(text)) * 3 / 4 < 65536][0]
}
