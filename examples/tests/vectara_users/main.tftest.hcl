mock_provider "llmusers" {}

run "a_privileged_person_and_an_app_client" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      users = [for user in [
        { id = "usr_1", app_client = false, privileged = true },
        { id = "app_1", app_client = true, privileged = false },
        ] : {
        id         = user.id
        app_client = user.app_client
        privileged = user.privileged
        # The rule does not use the other attributes, but OpenTofu needs all of them.
        handle       = null, email = null, comment = null, type = null, user_status = null, enabled = null
        ts_create    = null, created_at = null, id_create = null, updated_at = null
        roles        = [], api_roles = [], corpus_roles = [], agent_roles = []
        entitlements = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }
}

run "a_privileged_app_client" {
  command = plan

  override_data {
    target = data.vectara_users.team
    values = {
      users = [for user in [
        { id = "app_2", app_client = true, privileged = true },
        ] : {
        id           = user.id
        app_client   = user.app_client
        privileged   = user.privileged
        handle       = null, email = null, comment = null, type = null, user_status = null, enabled = null
        ts_create    = null, created_at = null, id_create = null, updated_at = null
        roles        = [], api_roles = [], corpus_roles = [], agent_roles = []
        entitlements = [], api_policy = { name = null, allowed_operations = {} }
      }]
    }
  }

  expect_failures = [check.app_clients_are_not_privileged]
}
