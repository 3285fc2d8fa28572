output "results" {
  description = "The result of each control, by key: holds, fails or not assessed. It names no user."
  value       = module.controls.results
}

output "result" {
  description = "The result of the review: fails, not assessed or holds."
  value       = module.controls.result
}

output "verdict" {
  description = "How many controls hold, fail and are not assessed. It names no user."
  value       = module.controls.verdict
}

output "message" {
  description = "Each control that does not hold, with numbers and without names. A check may print it."
  value       = "Access review of the account ${local.account}: ${module.controls.message}"
}

output "report_json" {
  description = "The review as JSON, for the record and for the next review. report.schema.json describes it."
  sensitive   = true
  value       = jsonencode(local.review)

  precondition {
    condition     = local.account != ""
    error_message = "The API does not return the account. Set account, or vectara_customer_id in the provider's configuration."
  }

  precondition {
    condition     = var.account == null || var.members_source.account == null || var.account == var.members_source.account
    error_message = "account is ${coalesce(var.account, "-")}, but the members are from the account ${coalesce(var.members_source.account, "-")}."
  }

  precondition {
    condition     = local.previous_is_a_review
    error_message = "previous_review must be the report_json of an access review: JSON with the format access-review/1."
  }

  precondition {
    condition     = alltrue([for review in local.previous : review.account == local.account && review.members_source.base_url == var.members_source.base_url])
    error_message = "previous_review is of another account: ${join("", [for review in local.previous : "${review.account} at ${review.members_source.base_url}"])}. This review is of ${local.account} at ${var.members_source.base_url}."
  }

  precondition {
    condition     = alltrue([for review in local.previous : timecmp(review.read_at, local.now) <= 0])
    error_message = "previous_review was read at ${join("", local.previous[*].read_at)}, which is later than this review."
  }
}

output "report_html" {
  description = "The review as a web page, which loads no other file and runs no script."
  sensitive   = true
  value       = local.report_html
}

output "report_md" {
  description = "The review as Markdown, short enough for a comment on a pull request."
  sensitive   = true
  value       = local.report_md
}
