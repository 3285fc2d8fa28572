output "team" {
  description = "The Vectara account in numbers. A member with two roles counts in both."
  value       = data.vectara_users.team.summary
}

output "application" {
  description = "The users of the application in numbers, and what they add up to; null where that is not known of one of them."
  value       = data.openlayer_pipeline_users.application.summary
}
