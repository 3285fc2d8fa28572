# entitlements, privileged and app_client mean the same with both versions of Vectara's REST API. v1 has the roles
# in the account alone; a policy that needs more does not hold with it.
#
# Any attribute of a user may be null, except app_client, privileged and the entitlements, because the APIs
# may leave it out. What is not known does not break a policy, with one exception: a privileged user without an
# address cannot be shown to belong to the company.
#
# A message says what is wrong, and not with whom: Terraform does not show a message that is made of
# ephemeral values, not even of their number. So a policy is a name, whether it holds, and what to do. What was not
# examined is no secret, and is in the message.

locals {
  # In lower case, but of ASCII letters alone: lower() makes a plain i of İ (U+0130), and an address at
  # northwİnd.example would pass for one at northwind.example. So a text is split into its capital letters and
  # what is between them.
  company_domain = join("", [for part in regexall("([A-Z]*)([^A-Z]*)", var.company_domain) : "${lower(part[0])}${part[1]}"])

  team = [for member in var.team : {
    owns       = anytrue([for row in member.entitlements : row.scope == "account" && row.role == "owner"])
    scopes     = member.entitlements[*].scope
    privileged = member.privileged
    app_client = member.app_client
    disabled   = member.enabled == false
    inside = endswith(
      join("", [for part in regexall("([A-Z]*)([^A-Z]*)", coalesce(member.email, "-")) : "${lower(part[0])}${part[1]}"]),
      "@${local.company_domain}",
    )
  }]

  # What was not examined. A policy that needs it does not hold.
  unexamined_account = compact([
    var.source_of_team.whole ? "" : "a single page of the members was read",
    var.source_of_team.app_clients ? "" : "app clients were not read",
    var.visible_owners > 0 ? "" : "no owner is visible, and every account has one",
  ])
  unexamined = {
    none    = []
    account = local.unexamined_account
    all = concat(local.unexamined_account, [
      for missing in [join(", ", [for scope in ["account", "corpus", "agent", "operation"] : scope if !contains(var.source_of_team.scopes, scope)])] :
      "REST ${var.source_of_team.api_version} has no entitlements of the scopes ${missing}" if missing != ""
    ])
  }

  findings = {
    team_is_there = {
      holds   = length(local.team) > 0
      needs   = "account"
      message = "Vectara lists no member at all. Is this the right account, and may the credential list its users?"
    }

    owners_stay_within_max_owners = {
      holds   = length([for member in local.team : member if member.owns]) <= var.max_owners
      needs   = "account"
      message = "The account has more owners than the ${var.max_owners} of max_owners. An owner can close the account: look at the owners in Vectara's console, and give those too many a lesser role."
    }

    privileged_users_belong_to_the_company = {
      holds   = alltrue([for member in local.team : member.inside if member.privileged && !member.app_client])
      needs   = "all"
      message = "A privileged user has no address at ${var.company_domain}. Look at the roles in Vectara's console, in the account and on single corpora and agents, and take them away from people outside the company."
    }

    app_clients_are_not_privileged = {
      holds   = alltrue([for member in local.team : !member.privileged if member.app_client])
      needs   = "all"
      message = "An app client is privileged. Anyone who has its secret may do the same: look at the app clients in Vectara's console, and give them a lesser role."
    }

    disabled_users_hold_no_role = {
      holds   = alltrue([for member in local.team : length(member.scopes) == 0 if member.disabled])
      needs   = "all"
      message = "A disabled user holds a role. Enabled again, the user has it at once: look at the disabled users in Vectara's console, and take their roles away."
    }

    users_have_no_api_policy = {
      holds   = alltrue([for member in local.team : !contains(member.scopes, "operation")])
      needs   = "all"
      message = "An API policy allows somebody single operations. It is made by hand, and no role shows it: look for API policies in Vectara's console, and give a role instead."
    }

    end_users_stay_within_max_cost = {
      holds   = alltrue([for user in var.end_users : coalesce(user.cost, 0) <= var.max_cost])
      needs   = "none"
      message = "An end user cost more than the ${var.max_cost} of max_cost. Sort the pipeline's users by cost in Openlayer, and look for a script or a shared login."
    }
  }

  policies = { for name, finding in local.findings : name => {
    holds = finding.holds && length(local.unexamined[finding.needs]) == 0
    message = length(local.unexamined[finding.needs]) == 0 ? finding.message : (
      "Not assessed in full: ${join("; ", local.unexamined[finding.needs])}. What was examined may break the policy as well: ${finding.message}"
    )
  } }
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
    condition     = !var.enforce || local.policies.privileged_users_belong_to_the_company.holds
    error_message = local.policies.privileged_users_belong_to_the_company.message
  }

  precondition {
    condition     = !var.enforce || local.policies.app_clients_are_not_privileged.holds
    error_message = local.policies.app_clients_are_not_privileged.message
  }

  precondition {
    condition     = !var.enforce || local.policies.disabled_users_hold_no_role.holds
    error_message = local.policies.disabled_users_hold_no_role.message
  }

  precondition {
    condition     = !var.enforce || local.policies.users_have_no_api_policy.holds
    error_message = local.policies.users_have_no_api_policy.message
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

check "privileged_users_belong_to_the_company" {
  assert {
    condition     = local.policies.privileged_users_belong_to_the_company.holds
    error_message = local.policies.privileged_users_belong_to_the_company.message
  }
}

check "app_clients_are_not_privileged" {
  assert {
    condition     = local.policies.app_clients_are_not_privileged.holds
    error_message = local.policies.app_clients_are_not_privileged.message
  }
}

check "disabled_users_hold_no_role" {
  assert {
    condition     = local.policies.disabled_users_hold_no_role.holds
    error_message = local.policies.disabled_users_hold_no_role.message
  }
}

check "users_have_no_api_policy" {
  assert {
    condition     = local.policies.users_have_no_api_policy.holds
    error_message = local.policies.users_have_no_api_policy.message
  }
}

check "end_users_stay_within_max_cost" {
  assert {
    condition     = local.policies.end_users_stay_within_max_cost.holds
    error_message = local.policies.end_users_stay_within_max_cost.message
  }
}
