# The listings. The caller reads them, so that the tests of this module need no mocks, and a configuration can review
# several accounts.

variable "members" {
  description = "The members of the account: the attribute users of the data source vectara_users."
  nullable    = false

  type = list(object({
    id         = optional(string)
    handle     = optional(string)
    email      = optional(string)
    enabled    = optional(bool)
    created_at = optional(string)
    app_client = bool
    privileged = bool
    entitlements = list(object({
      scope      = string
      resource   = optional(string)
      role       = optional(string)
      privileged = bool
    }))
  }))
}

variable "members_source" {
  description = "The source of the members: the attribute source of the same data source."
  nullable    = false

  type = object({
    vendor           = string
    api_version      = string
    base_url         = string
    account          = optional(string)
    whole            = bool
    scopes           = list(string)
    app_clients      = bool
    provider_version = string
  })
}

variable "members_total" {
  description = "The number of members that the API listed: summary.total of the same data source. If members has fewer, because of a filter, no control on members holds. Default: not compared."
  type        = number
  default     = null
}

variable "end_users" {
  description = "The end users of the application: the attribute users of the data source openlayer_pipeline_users. The review looks at each mail address of the company in an id. Default: no end users, and the control on them is not assessed."
  default     = null

  type = list(object({
    id                  = string
    date_of_last_record = optional(string)
  }))
}

variable "end_users_source" {
  description = "The source of the end users: the attribute source of the same data source."
  default     = null

  type = object({
    vendor           = string
    api_version      = string
    base_url         = string
    account          = optional(string)
    whole            = bool
    provider_version = string
  })
}

variable "account" {
  description = "The Vectara account. Required if members_source.account is null, as with REST v2 and no customer ID. If both are set, they must be equal."
  type        = string
  default     = null
}

# What the review compares the listings with.

variable "approvals" {
  description = "Who may have which access. subject: a mail address, or the handle of a member without an address. roles: the names that the report shows, such as \"administrator\" or \"editor on corpus contracts\"; \"editor on any corpus\" covers each corpus. owner: the person who approved the access, and not the subject. ends: the last day, such as 2027-03-31. exceptions: the keys of controls that do not apply to the subject."
  nullable    = false

  type = list(object({
    subject    = string
    roles      = optional(list(string), [])
    owner      = optional(string)
    reason     = optional(string)
    ends       = optional(string)
    exceptions = optional(list(string), [])
  }))

  validation {
    condition     = length([for approval in var.approvals : approval if try(trimspace(approval.subject), "") == ""]) == 0
    error_message = "Each approval needs a subject."
  }

  validation {
    condition     = length([for approval in var.approvals : approval if try(trimspace(approval.ends), "") != "" && !can(formatdate("YYYY-MM-DD", "${trimspace(approval.ends)}T00:00:00Z"))]) == 0
    error_message = "The end of an approval must be a date, such as 2027-03-31."
  }

  validation {
    condition = length(setsubtract(
      flatten(var.approvals[*].exceptions),
      [for key, control in yamldecode(file("${path.module}/controls.yaml")) : key if control.exceptions],
    )) == 0
    error_message = "Exceptions are possible only from these controls: ${join(", ", [for key, control in yamldecode(file("${path.module}/controls.yaml")) : key if control.exceptions])}."
  }
}

variable "company_domains" {
  description = "The company's mail domains, without the @. A subdomain needs its own entry."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.company_domains) > 0 && alltrue([for domain in var.company_domains : can(regex("^[^@\\s]+$", domain))])
    error_message = "Must have at least one mail domain, without the @, such as northwind.example."
  }
}

variable "directory" {
  description = "The people who work for the company, on the day as_of. A person has left if the status is not in active_statuses, or if the day in ends has passed. An empty status or ends has no effect. Default: no directory, and the controls on leavers are not assessed."
  default     = null

  type = object({
    as_of = string
    people = list(object({
      email  = optional(string)
      status = optional(string)
      ends   = optional(string)
    }))
  })

  validation {
    condition     = var.directory == null || can(formatdate("YYYY-MM-DD", "${var.directory.as_of}T00:00:00Z"))
    error_message = "as_of must be the day on which the directory was exported, such as 2026-03-31."
  }

  validation {
    condition = try(length([for person in var.directory.people :
      person if try(trimspace(person.ends), "") != "" && !can(formatdate("YYYY-MM-DD", "${trimspace(person.ends)}T00:00:00Z"))
    ]) == 0, var.directory == null)
    error_message = "The end of a person's employment must be a date, such as 2026-03-31."
  }

  validation {
    condition = try(length([for person in var.directory.people :
      person if try(trimspace(person.email), "") != "" && !can(regex("^[^@\\s]+@[^@\\s]+$", trimspace(person.email)))
    ]) == 0, var.directory == null)
    error_message = "The email of a person in the directory must be a mail address, or empty."
  }

  validation {
    condition     = try(length([for person in var.directory.people : person if trimspace(coalesce(person.email, " ")) != ""]) > 0, var.directory == null)
    error_message = "The directory must have the mail address of at least one person."
  }
}

variable "directory_max_age_days" {
  description = "The maximum age of the directory in days. With an older directory, the controls on leavers are not assessed."
  type        = number
  nullable    = false
  default     = 7

  validation {
    condition     = var.directory_max_age_days >= 0 && floor(var.directory_max_age_days) == var.directory_max_age_days
    error_message = "Must be a whole number of days."
  }
}

variable "active_statuses" {
  description = "The statuses of people who work for the company, in upper or lower case. A person with another status has left."
  type        = list(string)
  nullable    = false
  default     = ["active"]
}

variable "min_owners" {
  description = "The minimum number of owners."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.min_owners >= 0 && floor(var.min_owners) == var.min_owners
    error_message = "Must be a whole number, at least 0."
  }
}

variable "max_owners" {
  description = "The maximum number of owners."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.max_owners >= max(1, var.min_owners) && floor(var.max_owners) == var.max_owners
    error_message = "Must be a whole number, at least 1, and not less than min_owners."
  }
}

variable "forbidden_pairs" {
  description = "Pairs of roles that a member must not hold together, written as in approvals, such as [[\"billing_administrator\", \"corpus_administrator\"]]. With an unknown role in a pair, the control is not assessed. Default: no pairs, and the control on them is not assessed."
  type        = list(list(string))
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for pair in var.forbidden_pairs : length(pair) == 2 && length(distinct(pair)) == 2])
    error_message = "A pair must have two different roles."
  }
}

variable "excluded_controls" {
  description = "Controls that do not apply, by key, with the reason, such as { duties_are_separated = \"A team of two\" }. The report lists the controls and the reasons."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "previous_review" {
  description = "The report_json of the last review of the same account, such as file(\"previous.json\"). Default: no previous review, and the control on new privileged users is not assessed."
  type        = string
  default     = null

  # A validation here would print the text, which names users. So report_json has a precondition.
}

# The reviewer and the decision.

variable "reviewer" {
  description = "The person who reviews the report."
  type        = string
  default     = null
}

variable "sign_off" {
  description = "The reviewer's decision: the reviewer's name, the day and a statement. Default: the report says \"not signed off\"."
  default     = null

  type = object({
    by        = string
    on        = string
    statement = string
  })

  validation {
    condition = var.sign_off == null || try(
      trimspace(var.sign_off.by) != "" && trimspace(var.sign_off.statement) != "" &&
      timecmp("${var.sign_off.on}T00:00:00Z", plantimestamp()) <= 0, false
    )
    error_message = "A sign-off needs a name, a statement and a day that is not in the future, such as 2026-03-31."
  }
}
