# Plans for the tests, as "terraform show -json" writes them, with only the fields that the policies read.
package llmusers.fixture

params := {"company_domains": ["northwind.example"], "max_cost": 50}

# A plan with these data sources, which Terraform has read.
plan(listings) := {
	"format_version": "1.2",
	"timestamp": "2026-03-01T00:00:00Z",
	"complete": true,
	"errored": false,
	"planned_values": {"root_module": {}},
	"prior_state": {"values": {"root_module": {"resources": listings}}},
	"configuration": configuration([{"type": listing.type, "provider_config_key": "llmusers"} | some listing in listings]),
	"checks": [check("pass")],
}

# The configuration of a plan with these blocks.
configuration(blocks) := {
	"provider_config": {"llmusers": {"name": "llmusers"}, "module.a:vectara": {"name": "vectara"}, "llmusers.emea": {"name": "llmusers", "alias": "emea"}},
	"root_module": {"module_calls": {"a": {"module": {"resources": blocks}}}},
}

check(status) := {
	"address": {"kind": "check", "name": "owners", "to_display": "check.owners"},
	"status": status,
	"instances": [{"address": {"to_display": "check.owners"}, "status": status}],
}

# A plan with one whole listing of each type.
of(members, end_users) := plan([team(members), bot(end_users)])

team(members) := {
	"address": "data.vectara_users.team",
	"mode": "data",
	"type": "vectara_users",
	"values": {
		"include_users": null,
		"list_users_type": null,
		"source": {
			"vendor": "vectara", "api_version": "v2", "base_url": "https://api.vectara.io", "account": null,
			"whole": true, "scopes": ["account", "corpus", "agent", "operation"], "app_clients": true,
		},
		"summary": {"matched": count(members), "total": count(members)},
		"users": members,
	},
}

bot(end_users) := {
	"address": "data.openlayer_pipeline_users.bot",
	"mode": "data",
	"type": "openlayer_pipeline_users",
	"values": {
		"inference_pipeline_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",
		"column_filters": null,
		"include_users": null,
		"source": {
			"vendor": "openlayer", "api_version": "v1", "base_url": "https://api.openlayer.com/v1",
			"account": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", "whole": true, "scopes": [], "app_clients": false,
		},
		"summary": {"matched": count(end_users), "total": count(end_users)},
		"users": end_users,
	},
}

# A data source with other arguments or results.
altered(listing, values) := object.union(listing, {"values": values})

# The change for a data source that Terraform reads during apply.
deferred(listing) := {
	"address": listing.address,
	"mode": "data",
	"type": listing.type,
	"change": {
		"actions": ["read"],
		"after": object.remove(listing.values, ["users", "summary"]),
		"after_unknown": {"users": true, "summary": true},
	},
}

member(attributes) := object.union(
	{
		"id": "usr_1", "handle": "ada", "email": "ada@northwind.example", "app_client": false, "enabled": true,
		"entitlements": [], "privileged": false,
	},
	attributes,
)

# A member with one entitlement.
holder(entitlement, attributes) := member(object.union(
	{"entitlements": [entitlement], "privileged": entitlement.privileged},
	attributes,
))

owner := holder(owns, {})

owns := {"scope": "account", "resource": null, "role": "owner", "privileged": true}

views := {"scope": "account", "resource": null, "role": "viewer", "privileged": false}

administers_a_corpus := {"scope": "corpus", "resource": "contracts", "role": "administrator", "privileged": true}

administers_an_agent := {"scope": "agent", "resource": "returns", "role": "agent_administrator", "privileged": true}

may_create_keys := {"scope": "operation", "resource": null, "role": "createApiKey", "privileged": true}

end_user(attributes) := object.union(
	{"id": "cust-1", "date_of_last_record": "2026-02-28T12:00:00Z", "cost": 0.5},
	attributes,
)
