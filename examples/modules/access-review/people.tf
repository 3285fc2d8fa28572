# The members, the end users and the directory, with the values that the controls compare.
#
# Two rules keep a review of thousands of members fast:
#   - No loop passes a long list to a function, because each call reads the whole list. try() is the exception.
#   - toset(), alltrue() and conditionals get no long tuple, because they convert its elements to one type. The time for
#     that grows with the square of the length.
#
# The APIs may leave out every attribute of a member except app_client, privileged and entitlements: it is null then.

locals {
  # The time of the plan, which reads the listings. No setting changes it.
  now = plantimestamp()

  # Addresses are compared in lower case, and without space around them. lower() turns İ (U+0130) into a plain i, and
  # northwİnd.example would match northwind.example. So replace() runs first.
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

  # Two looser spellings recognize a person in the id of an end user, or in the owner of an approval. bare has no space, no
  # invisible characters and no dots at the end. within is the address in a text such as "Ada <ada@northwind.example>".
  invisible = "\\pC\\x{34f}\\x{115f}\\x{1160}\\x{3164}\\x{fe00}-\\x{fe0f}\\x{ffa0}"

  seen   = { for text, folded in local.folded : text => replace(folded, "/[${local.invisible}]/", "") }
  bare   = { for text, seen in local.seen : text => replace(replace(seen, "/[\\s\\pZ]/", ""), "/[.]+$/", "") }
  within = { for text, seen in local.seen : text => replace(try(regex("[^\\s\\pZ<>()\",;:]+@[^\\s\\pZ<>()\",;:]+", seen), local.bare[text]), "/[.]+$/", "") }

  members = [for user in var.members : {
    user = user
    name = try(coalesce(user.email, user.handle, user.id), "a member without a name")

    # An approval names a member by the address, or by the handle if the member has no address. The key begins with
    # "address" or "handle", so a handle cannot match an address. A member with neither has a key that no approval has.
    key = (
      try(local.folded[user.email], "") != "" ? "address ${local.folded[user.email]}" :
      try(trimspace(user.handle), "") != "" ? "handle ${trimspace(user.handle)}" :
      "id ${try(coalesce(user.id), "not reported")}"
    )
    address = try(local.folded[user.email], "")
    inside  = anytrue([for domain in local.domains : endswith(try(local.folded[user.email], ""), "@${domain}")])

    disabled = user.enabled == false
    unknown  = user.enabled == null # if the API does not return it
    owns     = anytrue([for row in user.entitlements : row.scope == "account" && row.role == "owner"])

    # Each entitlement has a name, such as "owner", "editor on corpus contracts" or "operation listCorpora on any
    # resource". covered_by is the name of the entitlement on any resource that includes this entitlement. An
    # entitlement on any resource includes all entitlements whose names begin with covers.
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

  # The directory, by address. A person who was hired again has two rows: with one current row the person is employed.
  directory = try([for person in var.directory.people : person if trimspace(coalesce(person.email, " ")) != ""], [])
  active    = [for status in var.active_statuses : local.folded[status]]
  rows = [for person in local.directory : {
    address = local.folded[person.email]
    status  = try(trimspace(person.status), "")
    active  = try(trimspace(person.status), "") == "" || contains(local.active, try(local.folded[person.status], ""))
    left_on = try(timecmp("${trimspace(person.ends)}T23:59:59Z", local.now) < 0, false) ? trimspace(person.ends) : ""
  }]
  employed = { for row in local.rows : row.address => true... if row.active && row.left_on == "" }

  # Why a person in the directory is not employed: the latest last day that has passed, or else the status.
  departures = { for row in local.rows : row.address => row... if length(try(local.employed[row.address], [])) == 0 }
  left_on    = { for address, rows in local.departures : address => reverse(sort(rows[*].left_on))[0] }
  departed = { for address, rows in local.departures : address =>
    local.left_on[address] == "" ? "status ${rows[0].status}" : "left on ${local.left_on[address]}"
  }
}
