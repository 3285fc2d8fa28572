data "vectara_users" "team" {
  provider = llmusers
}

output "privileged" {
  description = "Who is privileged, and by what: roles in the account, on single corpora and agents, and single operations."
  value = {
    for user in data.vectara_users.team.users : user.id => [
      for entitlement in user.entitlements : "${entitlement.role} (${entitlement.scope})" if entitlement.privileged
    ]
    if user.privileged
  }
}

output "privileged_app_clients" {
  description = "The names of the programs among them."
  value       = [for user in data.vectara_users.team.users : user.handle if user.privileged && user.app_client]
}
