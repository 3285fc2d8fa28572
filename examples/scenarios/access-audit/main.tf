terraform {
  required_version = ">= 1.5" # check blocks; the tests need 1.7

  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

# The credentials come from the environment: README.md has the variables. With VECTARA_CUSTOMER_ID among
# them, version 1 of Vectara's API is read.
provider "llmusers" {}

# Both listings are read whole, or not at all: an error here stops the plan, so that nothing is
# ever said to hold of half a team.

data "vectara_users" "team" {
  provider = llmusers
}

data "openlayer_pipeline_users" "application" {
  provider              = llmusers
  inference_pipeline_id = var.inference_pipeline_id
}

# Who is approved. file() and csvdecode() fail without a file, without a header and without a column
# named email, so that a list that was lost is an error and not a list of nobody.
locals {
  approved_rows = csvdecode(trimprefix(file(coalesce(var.approved_csv, "${path.module}/approved.csv")), "\ufeff"))

  # Maps, because they are quickly searched. The three dots allow for somebody who is on the list twice.
  approved_emails = {
    for row in local.approved_rows :
    join("", [for part in regexall("([A-Z]*)([^A-Z]*)", trimspace(row.email)) : "${lower(part[0])}${part[1]}"]) => row...
    if trimspace(row.email) != ""
  }
  approved_handles = { for row in local.approved_rows : row.handle => row... if try(row.handle, "") != "" }
}
