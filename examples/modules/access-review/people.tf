# The people and programs of the review, each with what the controls compare.
#
# Two habits keep a review of thousands of members fast. A function walks all of its arguments, at each call: so no loop
# hands a long list to one, except to try(), which looks into a map without a walk. And to make one type of the elements
# of a long tuple, as toset(), alltrue() and the two sides of a conditional do, takes the square of their number.
#
# Any attribute of a member may be null except app_client, privileged and entitlements, because the APIs may leave it out.

locals {
  # plantimestamp() is the time of the plan, in which Terraform reads the listings: no setting changes it.
  now = plantimestamp()

  # How addresses are compared: in lower case, and without space around them. lower() makes a plain i of İ
  # (U+0130), so that an address at northwİnd.example would pass for one at northwind.example; hence the replacement.
  folded = { for text, uses in local.compared : text => lower(trimspace(replace(text, "İ", "�"))) }
  compared = {
    for text in flatten([
      [for user in var.members : compact([user.email, user.handle, user.id])],
      [for approval in var.approvals : compact([approval.subject, approval.owner])],
      [for person in local.directory : compact([person.email, person.status])],
      var.company_domains, var.active_statuses,
      [for user in coalesce(var.end_users, []) : user.id],
    ]) : text => true...
  }

  # Two looser spellings, to recognize a person in what others have written, such as an application, or an approval in
  # the name of its owner: bare is without space, invisible characters and dots at the end, and within is the address in a
  # text such as "Ada <ada@northwind.example>".
  invisible = "\\pC\\x{34f}\\x{115f}\\x{1160}\\x{3164}\\x{fe00}-\\x{fe0f}\\x{ffa0}"

  seen   = { for text, folded in local.folded : text => replace(folded, "/[${local.invisible}]/", "") }
  bare   = { for text, seen in local.seen : text => replace(replace(seen, "/[\\s\\pZ]/", ""), "/[.]+$/", "") }
  within = { for text, seen in local.seen : text => replace(try(regex("[^\\s\\pZ<>()\",;:]+@[^\\s\\pZ<>()\",;:]+", seen), local.bare[text]), "/[.]+$/", "") }

  members = [for user in var.members : {
    user = user
    name = try(coalesce(user.email, user.handle, user.id), "a member without a name")

    # An approval names a member with an address by the address, and any other one by the handle. No handle can pass for
    # an address, because the words "address" and "handle" are part of the key. A member with neither has a key that no
    # approval has.
    key = (
      try(local.folded[user.email], "") != "" ? "address ${local.folded[user.email]}" :
      try(trimspace(user.handle), "") != "" ? "handle ${trimspace(user.handle)}" :
      "id ${try(coalesce(user.id), "not reported")}"
    )
    address = try(local.folded[user.email], "")
    inside  = anytrue([for domain in local.domains : endswith(try(local.folded[user.email], ""), "@${domain}")])

    disabled = user.enabled == false
    unknown  = user.enabled == null # where the API does not say
    owns     = anytrue([for row in user.entitlements : row.scope == "account" && row.role == "owner"])

    # Each entitlement has a name, such as "owner", "editor on corpus contracts" or "operation listCorpora on any
    # resource". covered_by is the entitlement on any resource, which includes it. One on any resource covers those
    # whose names begin with covers.
    entitlements = [
      for row in [for row in user.entitlements : merge(row, {
        what = row.scope == "operation" ? "operation ${coalesce(row.role, "without a name")}" : coalesce(row.role, "an unnamed role")
        kind = row.scope == "operation" ? "" : "${row.scope} "
        any  = row.scope == "operation" ? "any resource" : "any ${row.scope}"
        })] : merge(row, {
        name       = row.scope == "account" ? row.what : "${row.what} on ${row.resource == null ? row.any : "${row.kind}${row.resource}"}"
        covered_by = row.scope == "account" ? row.what : "${row.what} on ${row.any}"
        covers     = row.scope == "account" || row.resource != null ? "" : "${row.what} on ${row.kind}"
      })
    ]
  }]

  members_by_key = { for member in local.members : member.key => member... }
  staff_by_key   = { for user in local.staff : user.key => user... }

  domains = distinct([for domain in var.company_domains : local.folded[domain]])

  # The end users of the company.
  staff = flatten([for user in coalesce(var.end_users, []) : [
    for address in try([[
      for spelling in [local.within[user.id], local.bare[user.id]] : spelling
      if anytrue([for domain in local.domains : endswith(spelling, "@${domain}")])
    ][0]], []) : { user = user, name = user.id, address = address, key = "address ${address}" }
  ]])

  # The directory, by address. A person who was hired again has two rows, of which one is enough.
  directory = try([for person in var.directory.people : person if trimspace(coalesce(person.email, " ")) != ""], [])
  active    = [for status in var.active_statuses : local.folded[status]]
  rows = [for person in local.directory : {
    address = local.folded[person.email]
    status  = try(trimspace(person.status), "")
    active  = try(trimspace(person.status), "") == "" || contains(local.active, try(local.folded[person.status], ""))
    left_on = try(timecmp("${trimspace(person.ends)}T23:59:59Z", local.now) < 0, false) ? trimspace(person.ends) : ""
  }]
  employed = { for row in local.rows : row.address => true... if row.active && row.left_on == "" }

  # Why somebody in the directory is not employed, and since when: by the latest row with a day, if there is one.
  departures = { for row in local.rows : row.address => row... if length(try(local.employed[row.address], [])) == 0 }
  left_on    = { for address, rows in local.departures : address => reverse(sort(rows[*].left_on))[0] }
  departed = { for address, rows in local.departures : address =>
    local.left_on[address] == "" ? "status ${rows[0].status}" : "left on ${local.left_on[address]}"
  }
}
