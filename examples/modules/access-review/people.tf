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

  # seen, bare and within recognize a person in the id of an end user, or in the owner of an approval. seen has a plain @
  # for each other spelling of it, and no invisible characters. bare also has no space and no dots at the end. within has
  # every address in a text such as "Ada <ada@northwind.example>". An address ends at the first character that a domain
  # cannot have. Its part before the @ may be empty, as in the second address of "x@ada@northwind.example".
  invisible = "\\pC\\x{34f}\\x{115f}\\x{1160}\\x{3164}\\x{fe00}-\\x{fe0f}\\x{ffa0}"
  at_sign   = "[\\s\\pZ]*(?:[@\\x{ff20}\\x{fe6b}]|%40)[\\s\\pZ]*"

  # Space, punctuation and symbols. Each call compiles its pattern: with large classes such as \pL, the plan needs twice the
  # time.
  punctuation = "\\s\\pZ!-/:-@\\[-`{-\\x{bf}\\x{2000}-\\x{2bff}\\x{3000}-\\x{3004}\\x{3008}-\\x{3020}\\x{fe10}-\\x{fe6f}\\x{ff00}-\\x{ffff}\\x{1f000}-\\x{1ffff}"
  mailbox     = "(?:_|[^${local.punctuation}])[^\\s\\pZ<>()\\[\\]{}\",;:|/\\\\#?=@]*"
  mail_domain = "(?:(?:[.]|-*)[^${local.punctuation}])+"

  seen   = { for text, folded in local.folded : text => replace(replace(replace(folded, "/\\s+/", " "), "/[${local.invisible}]/", ""), "/${local.at_sign}/", "@") }
  bare   = { for text, seen in local.seen : text => replace(replace(seen, "/[\\s\\pZ]/", ""), "/[.]+$/", "") }
  within = { for text, seen in local.seen : text => regexall("(?:${local.mailbox})?@+${local.mail_domain}", seen) }

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

    # Only a well-formed address has a domain. "mal@elsewhere.example, x@northwind.example" belongs to another company.
    domain = try(regex("^[^@\\s\\pZ,;]+@([^@\\s\\pZ,;]+)$", local.folded[user.email])[0], "")

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

  # The end users of the company: one for each company address in an id. If within has none, bare may be one, such as
  # "ada@north wind.example".
  staff = flatten([for user in coalesce(var.end_users, []) : [
    for address in distinct(try(coalescelist([
      for spellings in [local.within[user.id], [local.bare[user.id]]] :
      [for spelling in spellings : spelling if anytrue([for domain in local.domains : endswith(spelling, "@${domain}")])]
    ]...), [])) : { user = user, name = user.id, address = address, key = "address ${address}" }
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
