package llmusers.vectara_test

import data.llmusers.fixture
import data.llmusers.vectara

owner := fixture.member({"roles": ["owner"]})

judge_with(params, members) := denials if {
	denials := vectara.deny with input as fixture.of(members, []) with data.llmusers.params as params
}

judge(members) := judge_with(fixture.params, members)

policies(denials) := {denial.policy | some denial in denials}

test_a_good_team if {
	members := [
		owner,
		fixture.member({"roles": ["corpus_administrator"], "email": "BO@Northwind.Example"}),
		fixture.member({"email": "guest@freelance.example", "roles": ["viewer"], "corpus_roles": [{"corpus_key": "contracts", "role": "editor"}]}),
		fixture.member({"email": null, "enabled": null, "roles": ["viewer"]}),
		fixture.member({"enabled": false, "roles": ["CustomerRole_None"], "corpus_roles": [], "agent_roles": []}),
	]
	judge(members) == set()
	vectara.passed with input as fixture.of(members, []) with data.llmusers.params as fixture.params
}

test_administrators_from_outside if {
	every attributes in [
		{"roles": ["CustomerRole_Owner"]},
		{"roles": ["CustomerRole_Admin"]},
		{"roles": ["CustomerRole_None", "CustomerRole_Billing_Admin"]},
		{"roles": ["owner"]},
		{"roles": ["administrator"]},
		{"roles": ["agent_administrator"]},
		{"corpus_roles": [{"corpus_key": "contracts", "role": "administrator"}]},
		{"agent_roles": [{"agent_key": "returns", "role": "agent_administrator"}]},
	] {
		every email in ["eve@freelance.example", "eve@notnorthwind.example", "eve@northwind.example.org", "", null] {
			denials := judge([fixture.member(object.union(attributes, {"email": email}))])
			policies(denials) == {"administrators_belong_to_the_company"}
		}
	}
}

test_the_message_names if {
	outside := {"corpus_roles": [{"corpus_key": "contracts", "role": "administrator"}]}
	judge([
		fixture.member(object.union(outside, {"email": "eve@freelance.example"})),
		fixture.member(object.union(outside, {"email": ""})),
		fixture.member(object.union(outside, {"email": null, "handle": null})),
		fixture.member(object.union(outside, {"email": null, "handle": null, "id": null})),
	]) == {{
		"policy": "administrators_belong_to_the_company",
		"msg": concat("", [
			"data.vectara_users.team: administrators without an address of the company, 4: ",
			"eve@freelance.example (administrator on the corpus contracts), ada (administrator on the corpus contracts), ",
			"usr_1 (administrator on the corpus contracts), a member without a name (administrator on the corpus contracts).",
		]),
	}}
}

test_owners if {
	old := fixture.member({"roles": ["CustomerRole_Owner", "CustomerRole_Admin"]})
	judge([owner, old]) == {{
		"policy": "at_most_one_owner",
		"msg": "data.vectara_users.team: owners, 2: ada@northwind.example, ada@northwind.example. At most 1.",
	}}
	judge_with(object.union(fixture.params, {"max_owners": 2}), [owner, old]) == set()
	policies(judge_with(object.union(fixture.params, {"max_owners": 0}), [owner])) == {"at_most_one_owner"}
}

# Each account has owners of its own.
test_owners_of_two_accounts if {
	first := fixture.team([owner])
	second := fixture.altered(object.union(first, {"address": "data.vectara_users.emea"}), {"customer_id": "7"})
	denials := vectara.deny with input as fixture.plan([first, second]) with data.llmusers.params as fixture.params
	denials == set()
}

test_disabled_members if {
	every attributes in [
		{"roles": ["CustomerRole_Corpus_Admin"]},
		{"roles": ["viewer"]},
		{"corpus_roles": [{"corpus_key": "contracts", "role": "viewer"}]},
		{"agent_roles": [{"agent_key": "returns", "role": "agent_user"}]},
	] {
		policies(judge([fixture.member(object.union(attributes, {"enabled": false}))])) == {"disabled_members_hold_no_role"}
	}
}

test_nobody if {
	policies(judge([])) == {"everybody_is_listed"}
}

# A filter that keeps nobody, beside the whole listing.
test_nobody_is_left if {
	team := fixture.team([owner])
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
	] {
		"parameters" in policies(judge_with(wrong, [fixture.member({})]))
	}
}
