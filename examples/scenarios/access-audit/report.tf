# The audit as two documents: audit_html is a page that needs nothing but a browser, audit_md is text
# for a pull request. README.md says how to write them to files.
#
# Whoever chooses a handle or an id must not be able to write into the report. So the templates
# never see a value as it was read, only what the last of these steps has escaped:
#
#   local.report      everything that the report shows, as texts, by part, row and field
#   local.html,       the same, escaped for the one format and for the other
#   local.markdown
#
# A field is a list of texts, and an empty one where the API does not tell. To show something else,
# add it to local.report: then it is escaped, wherever the template puts it.

locals {
  account = coalesce(var.account, var.company_domain)

  # A day, in UTC, and no time. The listings are read while Terraform plans, so that this is when the
  # report is true; but with a time in it, it would change with every plan, though nobody came or
  # went, and Terraform would show a change of the outputs where there is none.
  as_of = coalesce(var.as_of, formatdate("YYYY-MM-DD", plantimestamp()))

  # The members, those with the most rights first, and by name where they have the same.
  by_rights = [
    for key in sort([
      for i, member in local.team :
      "${member.owns ? 0 : member.user.privileged ? 1 : length(member.entitlements) > 0 ? 2 : 3} ${lower(member.name)} ${i}"
    ]) : local.team[tonumber(regex("[0-9]+$", key))]
  ]

  # How many end users have a row of their own in the chart. All others share one, which says so.
  chart_rows = 25

  charted   = slice(local.end_users, 0, min(local.chart_rows, length(local.end_users)))
  uncharted = slice(local.end_users, length(local.charted), length(local.end_users))

  # What all end users add up to, and what those without a row do. Rounded, because a sum of decimal
  # fractions ends in a long row of nines or zeros.
  usage = { for column in ["sessions", "records", "tokens", "cost"] : column => tonumber(format("%.6f",
    sum(concat([0], [for user in local.end_users : coalesce(user[column], 0)]))
  )) }
  uncharted_usage = { for column, total in local.usage : column => tonumber(format("%.6f",
    sum(concat([0], [for user in local.uncharted : coalesce(user[column], 0)]))
  )) }

  # The numbers of the chart, ready to be read: first the rows, then the others, then all. Each
  # replacement puts one more comma between the thousands.
  thousands = "/^([0-9]+)([0-9]{3})/"
  layouts   = { sessions = "%.0f", records = "%.0f", tokens = "%.0f", cost = local.usage.cost > 0 && local.usage.cost < 1 ? "%.6f" : "%.2f" }
  figures = [for row in concat(local.charted, [local.uncharted_usage, local.usage]) : {
    for column, layout in local.layouts : column => [
      for number in [row[column]] :
      replace(replace(replace(format(layout, number), local.thousands, "$1,$2"), local.thousands, "$1,$2"), local.thousands, "$1,$2")
      if number != null
    ]
  }]

  # The longest bar is the highest cost, and the whole is the sum of all. Never zero, to divide by it.
  highest = max(1e-9, [for user in local.charted : coalesce(user.cost, 0)]...)
  whole   = max(1e-9, local.usage.cost)

  report = {
    cover = [{
      verdict  = [length(local.holding) == length(local.policies) ? "All ${length(local.policies)} policies hold" : local.verdict]
      date     = [formatdate("D MMMM YYYY", "${local.as_of}T00:00:00Z")]
      account  = [local.account]
      pipeline = [var.inference_pipeline_id]
    }]

    policies = [for name in concat(local.failing, local.not_assessed, local.holding) : {
      rule       = [local.policies[name].rule]
      status     = [local.statuses[name]]
      as         = [local.policies[name].as]
      count      = [replace(tostring(length(local.policies[name].offenders)), local.thousands, "$1,$2")]
      offenders  = local.policies[name].offenders
      advice     = [local.policies[name].advice]
      unexamined = [join("; ", local.policies[name].unexamined)]
    }]

    team = [for number in [
      { label = "Members", members = local.team },
      { label = "Owners", members = [for member in local.team : member if member.owns] },
      { label = "Other privileged users", members = [for member in local.team : member if member.user.privileged && !member.owns] },
      { label = "Disabled", members = [for member in local.team : member if member.disabled] },
      { label = "Not approved", members = [for member in local.team : member if !member.approved] },
      ] : {
      label = [number.label]
      count = [replace(tostring(length(number.members)), local.thousands, "$1,$2")]
    }]

    members = [for member in local.by_rights : {
      name   = [member.name]
      handle = [for handle in compact([member.user.handle]) : handle if member.name != handle && !startswith(member.name, "${handle}@")]
      note   = compact([member.user.comment])
      type   = [for type in compact([member.user.type]) : lower(replace(trimprefix(type, "USER_TYPE__"), "_", " ")) if type != "USER_TYPE__USER"]
      status = member.user.enabled == null ? [] : [member.disabled ? "Disabled" : "Enabled"]
      since  = [for time in compact([member.user.created_at]) : substr(time, 0, 10)]

      high_roles = [for row in member.entitlements : row.text if row.scope == "account" && row.privileged]
      roles      = [for row in member.entitlements : row.text if row.scope == "account" && !row.privileged]
      access     = [for row in member.entitlements : row.text if row.scope != "account"]
      findings = compact([
        member.approved ? null : "not approved",
        member.owns && contains(local.failing, "at_most_one_owner") ? "not the only owner" : null,
        member.user.privileged && !member.user.app_client && !member.inside ? "outside the company" : null,
        member.user.privileged && member.user.app_client ? "privileged" : null,
        member.disabled && length(member.entitlements) > 0 ? "disabled, with a role" : null,
        contains(member.entitlements[*].scope, "operation") ? "API policy" : null,
      ])
    }]

    usage = [for column in ["cost", "sessions", "records", "tokens"] : {
      label = [title(column)]
      count = local.figures[length(local.charted) + 1][column]
    }]

    end_users = [for i, user in local.charted : merge(local.figures[i], {
      id       = [user.id]
      last     = [for time in compact([user.date_of_last_record]) : substr(time, 0, 10)]
      share    = [for cost in [user.cost] : format("%.1f%%", 100 * cost / local.whole) if cost != null]
      bar      = [format("%.1f%%", 100 * max(0, coalesce(user.cost, 0)) / local.highest)]
      blocks   = [join("", [for i in range(floor(20 * max(0, coalesce(user.cost, 0)) / local.highest + 0.5)) : "█"])]
      findings = [for finding in ["above ${var.max_cost}"] : finding if !(coalesce(user.cost, 0) <= var.max_cost)]
    })]

    # None or one.
    uncharted = [for i in range(min(1, length(local.uncharted))) : merge(local.figures[length(local.charted)], {
      count = [replace(tostring(length(local.uncharted)), local.thousands, "$1,$2")]
      share = [format("%.1f%%", 100 * local.uncharted_usage.cost / local.whole)]
    })]

    total = [merge(local.figures[length(local.charted) + 1], {
      count = [replace(tostring(length(local.end_users)), local.thousands, "$1,$2")]
    })]
  }

  # Line breaks and tabs become spaces. Characters that nobody sees, or that turn the direction of
  # what follows, so that a name could pass for another one, become a visible �.
  visible = { for part, rows in local.report : part => [for row in rows : { for field, texts in row : field => [
    for text in texts :
    replace(replace(text, "/\\s+/", " "), "/[\\x00-\\x1f\\x7f-\\x9f\\x{200b}\\x{200e}\\x{200f}\\x{2028}-\\x{202e}\\x{2060}-\\x{206f}\\x{feff}]/", "�")
  ] }] }

  html = { for part, rows in local.visible : part => [for row in rows : { for field, texts in row : field => [
    for text in texts :
    replace(replace(replace(replace(replace(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\"", "&quot;"), "'", "&#39;")
  ] }] }

  # A backslash takes its meaning from any of these. Other punctuation means nothing within a line,
  # except for the dot that makes a link of www.
  markdown = { for part, rows in local.visible : part => [for row in rows : { for field, texts in row : field => [
    for text in texts : replace(replace(text, "/[!#$&*:<>\\[-`{-~]/", "\\$0"), "/(?i)(www)\\./", "$1\\.")
  ] }] }

  # The page may apply this style, and load and run nothing at all: its Content-Security-Policy names
  # the hash of the style. A browser takes it over line feeds only, whatever git has made of them.
  style = replace(file("${path.module}/audit.css"), "\r\n", "\n")
}

# Both are marked as sensitive so that a plan does not print them: they are long, and about people.
# "terraform output -raw" does print them, and like all outputs they are in the state.

output "audit_html" {
  description = "The report as a page."
  sensitive   = true
  value = templatefile("${path.module}/audit.html.tftpl", merge(local.html, {
    style        = local.style
    style_sha256 = base64sha256(local.style)
  }))
}

output "audit_md" {
  description = "The report as Markdown."
  sensitive   = true
  value       = templatefile("${path.module}/audit.md.tftpl", local.markdown)
}
