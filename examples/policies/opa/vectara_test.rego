package llmusers.vectara_test

import data.llmusers.fixture
import data.llmusers.vectara

judge_with(params, members) := denials if {
	denials := vectara.deny with input as fixture.of(members, []) with data.llmusers.params as params
}

# Adds an owner, since every account has one.
judge(members) := judge_with(fixture.params, array.concat([fixture.owner], members))

policies(denials) := {denial.policy | some denial in denials}

test_a_good_team if {
	members := [
		fixture.owner,
		fixture.holder(fixture.administers_an_agent, {"email": "BO@Northwind.Example"}),
		fixture.holder(fixture.views, {"email": "guest@freelance.example"}),
		fixture.holder(fixture.views, {"email": null, "enabled": null}),
		fixture.holder(fixture.views, {"email": null, "app_client": true}),
		fixture.member({"enabled": false}),
	]
	judge_with(fixture.params, members) == set()
	vectara.passed with input as fixture.of(members, []) with data.llmusers.params as fixture.params
}

outsiders := [
	"eve@freelance.example", "eve@notnorthwind.example", "eve@northwind.example.org", "eve@northw\u0130nd.example", "", null,
	"eve@freelance.example, ada@northwind.example", "eve@freelance.example@northwind.example", "@northwind.example", "mal\u00a0x@northwind.example",
]

test_privileged_users_from_outside if {
	every entitlement in [fixture.administers_a_corpus, fixture.administers_an_agent] {
		every email in outsiders {
			policies(judge([fixture.holder(entitlement, {"email": email})])) == {"privileged_users_belong_to_the_company"}
		}
	}
}

test_the_message_names if {
	every who, attributes in {
		"eve@freelance.example": {"email": "eve@freelance.example"},
		"ada": {"email": ""},
		"usr_1": {"email": null, "handle": null},
		"a member without a name": {"email": null, "handle": null, "id": null},
	} {
		judge([fixture.holder(fixture.administers_a_corpus, object.union({"email": null}, attributes))]) == {{
			"policy": "privileged_users_belong_to_the_company",
			"msg": sprintf("data.vectara_users.team: privileged users without an address of the company, 1: %s (administrator on contracts).", [who]),
		}}
	}
}

test_app_clients if {
	judge([fixture.holder(fixture.administers_an_agent, {"email": null, "app_client": true})]) == {{
		"policy": "app_clients_are_not_privileged",
		"msg": "data.vectara_users.team: privileged app clients, 1: ada (agent_administrator on returns).",
	}}
}

test_api_policies if {
	judge([fixture.holder(fixture.may_create_keys, {})]) == {{
		"policy": "users_have_no_api_policy",
		"msg": "data.vectara_users.team: users whom an API policy allows single operations, 1: ada@northwind.example (createApiKey on any resource).",
	}}
}

test_owners if {
	judge([fixture.owner]) == {{
		"policy": "owners_are_within_limits",
		"msg": "data.vectara_users.team: owners, where at most 1 may be, 2: ada@northwind.example, ada@northwind.example.",
	}}
	judge_with(object.union(fixture.params, {"max_owners": 2}), [fixture.owner, fixture.owner]) == set()
	policies(judge_with(object.union(fixture.params, {"max_owners": 0}), [fixture.owner])) == {"owners_are_within_limits"}
}

# The limit of owners applies to each account.
test_owners_of_two_accounts if {
	first := fixture.team([fixture.owner])
	second := fixture.altered(object.union(first, {"address": "data.vectara_users.emea"}), {"source": {"account": "7"}})
	denials := vectara.deny with input as fixture.plan([first, second]) with data.llmusers.params as fixture.params
	denials == set()
}

test_disabled_users if {
	every entitlement in [fixture.views, fixture.administers_a_corpus] {
		policies(judge([fixture.holder(entitlement, {"enabled": false})])) == {"disabled_users_hold_no_entitlements"}
	}
}

test_no_owner_is_visible if {
	every members in [[], [fixture.holder(fixture.administers_a_corpus, {})], [fixture.holder(object.union(fixture.owns, {"scope": "corpus"}), {})]] {
		judge_with(fixture.params, members) == {{
			"policy": "everything_is_assessed",
			"msg": "data.vectara_users.team: no owner is visible, and every account has one.",
		}}
	}
}

accounts_alone := fixture.altered(fixture.team([fixture.owner]), {"source": {"api_version": "v1", "scopes": ["account"]}})

test_scopes if {
	denials := vectara.deny with input as fixture.plan([accounts_alone]) with data.llmusers.params as fixture.params
	denials == {{
		"policy": "everything_is_assessed",
		"msg": "data.vectara_users.team: REST v1 has no entitlements of the scopes corpus, agent, operation.",
	}}
}

test_fewer_scopes_are_enough if {
	denials := vectara.deny with input as fixture.plan([accounts_alone]) with data.llmusers.params as object.union(fixture.params, {"scopes": ["account"]})
	denials == set()
}

# A filter that matches no users, beside the whole listing.
test_nobody_is_left if {
	team := fixture.team([fixture.owner])
	none := fixture.altered(team, {"summary": {"matched": 0, "total": 1}, "users": []})
	denials := vectara.deny with input as fixture.plan([team, none]) with data.llmusers.params as fixture.params
	denials == set()
}

test_not_everybody if {
	every document in [fixture.plan([]), fixture.plan([fixture.altered(fixture.team([]), {"users": null})]), {}] {
		denials := vectara.deny with input as document with data.llmusers.params as fixture.params
		policies(denials) == {"everybody_is_listed"}
	}
}

test_parameters if {
	every wrong in [
		{},
		{"company_domains": []},
		{"company_domains": "northwind.example"},
		{"company_domains": ["northwind.example", "@northwind.example"]},
		{"company_domains": ["northwind.example", 1]},
		{"company_domains": ["northwind.example"], "max_owners": "1"},
		{"company_domains": ["northwind.example"], "max_owners": -1},
		{"company_domains": ["northwind.example"], "max_owners": null},
		{"company_domains": ["northwind.example"], "scopes": []},
		{"company_domains": ["northwind.example"], "scopes": null},
		{"company_domains": ["northwind.example"], "scopes": ["acount"]},
	] {
		"parameters" in policies(judge_with(wrong, [fixture.member({})]))
	}
}
