terraform {
  required_version = ">= 1.7" # tests that mock data sources

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Takes the credentials from the environment.
provider "llmusers" {}

data "vectara_users" "administrators" {
  provider = llmusers

  roles     = ["owner", "administrator", "CustomerRole_Owner", "CustomerRole_Admin"]
  min_users = var.min_administrators

  lifecycle {
    postcondition {
      condition = length(distinct(compact(self.users[*].handle))) == length(self.users)
      error_message = "The handle is the key of a seat, and these users have none, or one that another user has: ${join(", ", flatten([
        for handle, ids in { for user in self.users : coalesce(user.handle, "none") => user.id... } : ids
        if handle == "none" || length(ids) > 1
      ]))}."
    }
  }
}

data "openlayer_pipeline_users" "application" {
  provider = llmusers

  inference_pipeline_id = var.inference_pipeline_id
  min_users             = var.min_end_users

  lifecycle {
    postcondition {
      condition     = alltrue([for user in self.users : user.cost != null])
      error_message = "The cost of these users is not known, nor whether they are over budget: ${join(", ", [for user in self.users : user.id if user.cost == null])}."
    }
  }
}

locals {
  # By handle: it outlasts a new address, and the change from REST v1 to v2, which an id does not.
  administrators = {
    for user in data.vectara_users.administrators.users : user.handle => user if user.type != "USER_TYPE__APP_CLIENT"
  }

  over_budget = {
    for user in data.openlayer_pipeline_users.application.users : user.id => user if user.cost > var.budget
  }
}

# A seat in another system. With a real provider, two lines differ, for example:
#   resource "launchdarkly_team_member" "seat" {
#   email = each.value.email, role = "writer"
resource "terraform_data" "seat" {
  for_each = local.administrators
  input = {
    email = each.value.email
    role  = length(setintersection(each.value.roles, ["owner", "CustomerRole_Owner"])) > 0 ? "admin" : "writer"
  }
}

# A quota that the application looks up. With a real provider, two lines differ, for example:
#   resource "aws_dynamodb_table_item" "quota" {
#   table_name = "quotas", hash_key = "user", item = jsonencode({ user = { S = each.key } })
resource "terraform_data" "quota" {
  for_each = local.over_budget
  input    = { user = each.key, requests_per_day = var.requests_per_day }
}

output "seats" {
  description = "The id of each seat, by handle."
  value       = { for handle, seat in terraform_data.seat : handle => seat.id }
}

output "quotas" {
  description = "The id of each quota, by end user."
  value       = { for user, quota in terraform_data.quota : user => quota.id }
}
