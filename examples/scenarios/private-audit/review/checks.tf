# Terraform prints no message that contains an ephemeral value, not even the number of findings. So each control has its own
# check, with a general message. local.holds contains ephemeral values, and local.messages does not.

variable "enforce" {
  description = "Whether a control that does not hold is an error. Otherwise it is a warning."
  type        = bool
  nullable    = false
}

locals {
  # A control is excluded only with a reason. Without any other control, nothing holds.
  excluded = [for key, reason in var.excluded_controls : key if try(trimspace(reason), "") != ""]
  included = { for key, control in local.definitions : key => control.title if !contains(local.excluded, key) }

  holds = { for key, control in local.controls : key => (
    contains(local.excluded, key) || length(control.findings) == 0 && length(control.not_assessed) == 0
  ) }
  all_hold = length(local.included) > 0 && alltrue(values(local.holds))

  messages = { for key, control in local.definitions : key => join(" ", concat(
    ["${control.title}: fails, or is not assessed. ${control.advice}"],
    [for reason in local.no_scopes : "Not read: ${reason}."],
  )) }
}

output "controls" {
  description = "What has to hold: the titles of the controls, by key."
  value       = local.included

  precondition {
    condition     = !var.enforce || local.all_hold
    error_message = "At least one control fails or is not assessed, or all controls are excluded. The warnings on the checks name the controls."
  }
}

check "controls_hold" {
  assert {
    condition     = local.all_hold
    error_message = "At least one control fails or is not assessed, or all controls are excluded. The check of each control says what to do."
  }
}

check "account_has_members" {
  assert {
    condition     = local.holds.account_has_members
    error_message = local.messages.account_has_members
  }
}

check "members_are_approved" {
  assert {
    condition     = local.holds.members_are_approved
    error_message = local.messages.members_are_approved
  }
}

check "roles_are_approved" {
  assert {
    condition     = local.holds.roles_are_approved
    error_message = local.messages.roles_are_approved
  }
}

check "approvals_are_valid" {
  assert {
    condition     = local.holds.approvals_are_valid
    error_message = local.messages.approvals_are_valid
  }
}

check "owners_are_within_limits" {
  assert {
    condition     = local.holds.owners_are_within_limits
    error_message = local.messages.owners_are_within_limits
  }
}

check "privileged_users_belong_to_the_company" {
  assert {
    condition     = local.holds.privileged_users_belong_to_the_company
    error_message = local.messages.privileged_users_belong_to_the_company
  }
}

check "app_clients_are_not_privileged" {
  assert {
    condition     = local.holds.app_clients_are_not_privileged
    error_message = local.messages.app_clients_are_not_privileged
  }
}

check "disabled_users_hold_no_entitlements" {
  assert {
    condition     = local.holds.disabled_users_hold_no_entitlements
    error_message = local.messages.disabled_users_hold_no_entitlements
  }
}

check "leavers_have_no_access" {
  assert {
    condition     = local.holds.leavers_have_no_access
    error_message = local.messages.leavers_have_no_access
  }
}

check "leavers_do_not_use_the_application" {
  assert {
    condition     = local.holds.leavers_do_not_use_the_application
    error_message = local.messages.leavers_do_not_use_the_application
  }
}

check "duties_are_separated" {
  assert {
    condition     = local.holds.duties_are_separated
    error_message = local.messages.duties_are_separated
  }
}
