data "vectara_users" "team" {
  provider = llmusers
}

output "privileged" {
  description = "The privileged users, with the roles and operations that make them privileged."
  value = {
    for user in data.vectara_users.team.users : user.id => [
      for entitlement in user.entitlements : "${entitlement.role} (${entitlement.scope})" if entitlement.privileged
    ]
    if user.privileged
  }
}

output "privileged_app_clients" {
  description = "The names of the privileged app clients."
  value       = [for user in data.vectara_users.team.users : user.handle if user.privileged && user.app_client]
}
