# Changes since the last review. The module compares only what both reviews have read: REST v1 lists no roles on
# corpora, so these roles are not new when the next review reads REST v2.

locals {
  # The previous review, in a list of at most one element.
  previous             = [for text in [var.previous_review] : jsondecode(text) if try(jsondecode(text).format, "") == "access-review/1"]
  previous_is_a_review = var.previous_review == null || length(local.previous) == 1
  since                = one(local.previous[*].read_at)

  same_scopes      = flatten([for review in local.previous : tolist(setintersection(review.members_source.scopes, var.members_source.scopes))])
  with_app_clients = alltrue([for review in local.previous : review.members_source.app_clients && var.members_source.app_clients])

  # A mail address identifies a person. A handle does not: a new app client may have the handle of a former app client.
  # The id distinguishes the two, if both reviews have read the same version of the API.
  same_version = alltrue([for review in local.previous : review.members_source.api_version == var.members_source.api_version])

  # Both listings in the same shape, with the names of all entitlements and of the privileged entitlements.
  compared_members = { for review, members in {
    then = flatten(local.previous[*].members)
    current = [for member in local.members : {
      key = member.key, id = member.user.id, name = member.name, app_client = member.user.app_client, entitlements = member.entitlements
    }]
    } : review => [for member in members : {
      key          = member.key
      same         = local.same_version && startswith(member.key, "handle ") ? "${member.key}, ${try(coalesce(member.id), "")}" : member.key
      id           = try(coalesce(member.id), "")
      name         = member.name
      entitlements = sort([for row in member.entitlements : row.name if contains(local.same_scopes, row.scope)])
      privileged   = [for row in member.entitlements : row.name if row.privileged && contains(local.same_scopes, row.scope)]
    } if local.with_app_clients || !member.app_client]
  }
  then    = local.compared_members.then
  current = local.compared_members.current

  then_by_key    = { for member in local.then : member.same => member... }
  current_by_key = { for member in local.current : member.same => member... }

  # A complete previous listing shows who joined. A complete current listing shows who left.
  previous_whole = alltrue([for review in local.previous : review.members_source.whole])

  # Several members may have the same address. If one listing has more of them, the members with an id that the
  # other listing does not have joined or left.
  came = [for member in local.current : { key = member.key, name = member.name, roles = member.entitlements }
    if local.previous_whole && (length(try(local.then_by_key[member.same], [])) == 0 || (
      length(try(local.then_by_key[member.same], [])) < length(local.current_by_key[member.same]) &&
      !contains(try(local.then_by_key[member.same][*].id, []), member.id)
    ))
  ]
  went = [for member in local.then : { key = member.key, name = member.name, roles = member.entitlements }
    if var.members_source.whole && (length(try(local.current_by_key[member.same], [])) == 0 || (
      length(try(local.current_by_key[member.same], [])) < length(local.then_by_key[member.same]) &&
      !contains(try(local.current_by_key[member.same][*].id, []), member.id)
    ))
  ]
  changed = [for key, members in local.current_by_key : {
    key    = members[0].key
    name   = members[0].name
    gained = sort(setsubtract(flatten(members[*].entitlements), flatten(local.then_by_key[key][*].entitlements)))
    lost   = sort(setsubtract(flatten(local.then_by_key[key][*].entitlements), flatten(members[*].entitlements)))
  } if length(try(local.then_by_key[key], [])) > 0 && toset(flatten(members[*].entitlements)) != toset(try(flatten(local.then_by_key[key][*].entitlements), []))]

  # The number of privileged members with each key.
  privileged_then    = { for key, members in local.then_by_key : key => length([for member in members : member if length(member.privileged) > 0]) }
  privileged_current = { for key, members in local.current_by_key : key => length([for member in members : member if length(member.privileged) > 0]) }

  newly_privileged = [
    for member in local.current : merge(member, { detail = join(", ", member.privileged) })
    if length(member.privileged) > 0 && local.privileged_current[member.same] > try(local.privileged_then[member.same], 0) &&
    (local.previous_whole || length(try(local.then_by_key[member.same], [])) > 0)
  ]
}
