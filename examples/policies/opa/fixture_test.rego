# Plans for the tests, as "terraform show -json" writes them, without what no policy looks at.
package llmusers.fixture

params := {"company_domains": ["northwind.example"], "max_cost": 50}

# A plan that has read these data blocks.
plan(listings) := {
	"format_version": "1.2",
	"timestamp": "2026-03-01T00:00:00Z",
	"complete": true,
	"errored": false,
	"planned_values": {"root_module": {}},
	"prior_state": {"values": {"root_module": {"resources": listings}}},
	"checks": [check("pass")],
}

check(status) := {
	"address": {"kind": "check", "name": "owners", "to_display": "check.owners"},
	"status": status,
	"instances": [{"address": {"to_display": "check.owners"}, "status": status}],
}

# The plan of whole listings, one of each type.
of(members, end_users) := plan([team(members), bot(end_users)])

team(members) := {
	"address": "data.vectara_users.team",
	"mode": "data",
	"type": "vectara_users",
	"values": {
		"customer_id": null,
		"page_key": null,
		"include_users": null,
		"list_users_type": null,
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
		"page": null,
		"column_filters": null,
		"include_users": null,
		"summary": {"matched": count(end_users), "total": count(end_users)},
		"users": end_users,
	},
}

# A data block with other arguments or results.
altered(listing, values) := object.union(listing, {"values": values})

# What a plan says of a data block that is read during apply.
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
		"id": "usr_1", "handle": "ada", "email": "ada@northwind.example", "enabled": true, "roles": [],
		"corpus_roles": null, "agent_roles": null,
	},
	attributes,
)

end_user(attributes) := object.union(
	{"id": "cust-1", "date_of_last_record": "2026-02-28T12:00:00Z", "cost": 0.5},
	attributes,
)
