# The output comment: Markdown for a pull request.
#
# The application chooses the id of a user, and a stranger may have typed it. The comment shows the id
# as code, in which @ mentions no user. An entity replaces each character that has a meaning in Markdown
# or HTML, so an id cannot end its cell or the code, and cannot become a link or a tag.

locals {
  entities = {
    "&"  = "&amp;", "<" = "&lt;", ">" = "&gt;", "\"" = "&quot;", "'" = "&#39;", "|" = "&#124;", "`" = "&#96;"
    "\\" = "&#92;", "*" = "&#42;", "_" = "&#95;", "~" = "&#126;", "[" = "&#91;", "]" = "&#93;", "(" = "&#40;", ")" = "&#41;"
    "!"  = "&#33;", "#" = "&#35;", "@" = "&#64;", ":" = "&#58;", "." = "&#46;", "/" = "&#47;", "$" = "&#36;", "{" = "&#123;", "}" = "&#125;"
  }

  # The rows of both tables. Line feeds and other invisible characters become spaces. A long id is cut.
  rows = {
    for table, users in { over = local.over_budget, top = local.users } : table => [
      for user in slice(users, 0, min(10, length(users))) : format(
        "| <code>%s</code> | %s | %.2f | %s | %s |",
        join("", [
          for character in split("", replace(length(user.id) > 80 ? "${substr(user.id, 0, 79)}…" : user.id, "/[\\pC\\pZ]/", " ")) :
          lookup(local.entities, character, character)
        ]),
        user.cost == null ? "not known" : format("%.2f", user.cost),
        user.budget,
        user.sessions == null ? "not known" : format("%d", user.sessions),
        user.tokens == null ? "not known" : format("%.0f", user.tokens),
      )
    ]
  }

  columns = "| User | Cost | Budget | Sessions | Tokens |\n|---|--:|--:|--:|--:|"

  day = { for end, time in local.period : end => time == null ? "a day that is not known" : substr(time, 0, 10) }

  comment = join("\n", concat(
    ["### Cost guard: ${module.controls.verdict}", ""],
    [for control in module.controls.controls : join("", concat(
      ["- ${ { holds = "✓", fails = "✗", "not assessed" = "–" }[control.result]} **${control.result}**: ${control.title}"],
      control.result == "not assessed" ? [" (${join("; ", control.not_assessed)})"] : [],
    ))],
    ["", join("", concat(
      ["${length(local.users)} users cost ${local.total == null ? "an amount that is not known" : format("%.2f", local.total)} in all"],
      var.total_budget == null ? [] : [format(", of a budget of %.2f", var.total_budget)],
      [", from ${local.day.from} to ${local.day.to}."],
    ))],
    ["", "#### Over budget: ${length(local.over_budget)}", ""],
    length(local.over_budget) == 0 ? ["No users."] : concat([local.columns], local.rows.over),
    length(local.over_budget) <= 10 ? [] : ["", "And ${length(local.over_budget) - 10} more."],
    ["", "#### The top ten by cost", ""],
    length(local.users) == 0 ? ["No users."] : concat([local.columns], local.rows.top),
  ))
}
