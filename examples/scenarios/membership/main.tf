terraform {
  required_version = ">= 1.7" # for the mocks in tests

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# Reads the credentials from the environment.
provider "llmusers" {}

data "vectara_users" "administrators" {
  provider = llmusers

  roles               = ["owner", "administrator"]
  include_app_clients = false
  min_users           = var.min_administrators

  lifecycle {
    postcondition {
      condition = length(distinct(compact(self.users[*].handle))) == length(self.users)
      error_message = "The handle is the key of a seat, but these users have no handle, or the same handle: ${join(", ", flatten([
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
      error_message = "The cost of these users is not known, so they may be over budget: ${join(", ", [for user in self.users : user.id if user.cost == null])}."
    }
  }
}

locals {
  # The key is the handle, because the id of a user changes from REST v1 to v2, and the address may change too.
  administrators = { for user in data.vectara_users.administrators.users : user.handle => user }

  over_budget = {
    for user in data.openlayer_pipeline_users.application.users : user.id => user if user.cost > var.budget
  }
}

# Replace this resource by a seat in another system. With LaunchDarkly, its first line and the line of input become:
#   resource "launchdarkly_team_member" "seat" {
#     email = each.value.email
resource "terraform_data" "seat" {
  for_each = local.administrators
  input    = { email = each.value.email, role = contains(each.value.api_roles, "owner") ? "admin" : "writer" }
}

# Replace this resource by a quota that the application reads. With DynamoDB, its first line and the line of input become:
#   resource "aws_dynamodb_table_item" "quota" {
#     item = jsonencode({ user = { S = each.key }, requests_per_day = { N = tostring(var.requests_per_day) } })
resource "terraform_data" "quota" {
  for_each = local.over_budget
  input    = { user = each.key, requests_per_day = var.requests_per_day }
}
