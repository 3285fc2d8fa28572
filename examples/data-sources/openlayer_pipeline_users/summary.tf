# The cost of the support bot, without its users.
data "openlayer_pipeline_users" "support_bot" {
  provider = llmusers

  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  include_users = false
  min_users     = 1 # without users, the rule would pass
  max_users     = 5000
}

locals {
  bot = data.openlayer_pipeline_users.support_bot.summary
}

output "support_bot" {
  description = "How many users there are, and what all of them cost."
  value       = "${local.bot.total} users, ${local.bot.cost == null ? "at an unknown cost" : format("%.2f", local.bot.cost)}"
}

check "budget" {
  assert {
    condition     = local.bot.cost == null ? false : local.bot.cost <= 2500
    error_message = "The support bot costs more than 2500, or its cost is not known."
  }
}
