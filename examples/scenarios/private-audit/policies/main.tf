# Vectara's REST v1 and v2 have different names for the same roles: CustomerRole_Corpus_Admin in v1
# is corpus_administrator in v2. These policies know both.
#
# Any attribute of a user may be null, except the list of roles, because the APIs may leave it out.
# What is not known does not break a policy, with one exception: an administrator without an address
# cannot be shown to belong to the company.
#
# A message says what is wrong, and not with whom: Terraform does not show a message that is made of
# ephemeral values, not even of their number. So a policy is a name, whether it holds, and what to do.

locals {
  team = [for member in var.team : {
    owns     = length(setintersection(member.roles, ["CustomerRole_Owner", "owner"])) > 0
    roles    = setsubtract(member.roles, ["CustomerRole_None"])
    disabled = member.enabled == false
    inside   = endswith(lower(coalesce(member.email, "-")), lower("@${var.company_domain}"))

    # Owners, and holders of any role that ends in Admin (v1) or administrator (v2).
    administers = anytrue([
      for role in member.roles :
      contains(["CustomerRole_Owner", "owner"], role) || endswith(role, "Admin") || endswith(role, "administrator")
    ])
  }]

  policies = {
    team_is_there = {
      holds   = length(local.team) > 0
      message = "Vectara lists no member at all. Is this the right account, and may the credential list its users?"
    }

    owners_stay_within_max_owners = {
      holds   = length([for member in local.team : member if member.owns]) <= var.max_owners
      message = "The account has more owners than the ${var.max_owners} of max_owners. An owner can close the account: look at the owners in Vectara's console, and give those too many a lesser role."
    }

    administrators_belong_to_the_company = {
      holds   = alltrue([for member in local.team : member.inside if member.administers])
      message = "An owner or administrator has no address at ${var.company_domain}. Look at the roles in Vectara's console, and take them away from whoever is not of the company."
    }

    disabled_users_hold_no_role = {
      holds   = alltrue([for member in local.team : length(member.roles) == 0 if member.disabled])
      message = "A disabled user holds a role. Enabled again, the user has it at once: look at the disabled users in Vectara's console, and take their roles away."
    }

    end_users_stay_within_max_cost = {
      holds   = alltrue([for user in var.end_users : coalesce(user.cost, 0) <= var.max_cost])
      message = "An end user cost more than the ${var.max_cost} of max_cost. Sort the pipeline's users by cost in Openlayer, and look for a script or a shared login."
    }
  }
}

# With enforce these stop the plan. A precondition of an output and not a postcondition of the
# ephemeral block, at which "terraform show -json" on a plan crashes in Terraform 1.11.
output "enforced" {
  description = "Whether the policies stop a plan."
  value       = var.enforce

  precondition {
    condition     = !var.enforce || local.policies.team_is_there.holds
    error_message = local.policies.team_is_there.message
  }

  precondition {
    condition     = !var.enforce || local.policies.owners_stay_within_max_owners.holds
    error_message = local.policies.owners_stay_within_max_owners.message
  }

  precondition {
    condition     = !var.enforce || local.policies.administrators_belong_to_the_company.holds
    error_message = local.policies.administrators_belong_to_the_company.message
  }

  precondition {
    condition     = !var.enforce || local.policies.disabled_users_hold_no_role.holds
    error_message = local.policies.disabled_users_hold_no_role.message
  }

  precondition {
    condition     = !var.enforce || local.policies.end_users_stay_within_max_cost.holds
    error_message = local.policies.end_users_stay_within_max_cost.message
  }
}

# Without enforce, and for the plan's JSON, they warn.

check "team_is_there" {
  assert {
    condition     = local.policies.team_is_there.holds
    error_message = local.policies.team_is_there.message
  }
}

check "owners_stay_within_max_owners" {
  assert {
    condition     = local.policies.owners_stay_within_max_owners.holds
    error_message = local.policies.owners_stay_within_max_owners.message
  }
}

check "administrators_belong_to_the_company" {
  assert {
    condition     = local.policies.administrators_belong_to_the_company.holds
    error_message = local.policies.administrators_belong_to_the_company.message
  }
}

check "disabled_users_hold_no_role" {
  assert {
    condition     = local.policies.disabled_users_hold_no_role.holds
    error_message = local.policies.disabled_users_hold_no_role.message
  }
}

check "end_users_stay_within_max_cost" {
  assert {
    condition     = local.policies.end_users_stay_within_max_cost.holds
    error_message = local.policies.end_users_stay_within_max_cost.message
  }
}
