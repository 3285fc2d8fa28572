data "vectara_users" "team" {
  provider = llmusers
}

data "openlayer_pipeline_users" "application" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

locals {
  end_users = { for user in data.openlayer_pipeline_users.application.users : lower(user.id) => user }
}

output "cost_of_the_team" {
  description = "What each user of the account cost as an end user of the application, whose user IDs are addresses; null for other users."
  value = {
    for user in data.vectara_users.team.users : user.handle => try(local.end_users[lower(user.email)].cost, null)
  }
}
