package llmusers.plan_test

import data.llmusers.fixture
import data.llmusers.plan

team := fixture.team([fixture.member({})])

bot := fixture.bot([fixture.end_user({})])

# A listing of a part of the same account's members.
some_of_team := fixture.altered(team, {"summary": {"matched": 1, "total": 2}})

within(module) := {"address": "module.a", "child_modules": [{"address": "module.a.module.b", "resources": module}]}

# The reasons why a plan may lack members.
unseen(document) := reasons if {
	reasons := plan.unseen("vectara_users") with input as document with data.llmusers.params as {}
}

unseen_but(partial, document) := reasons if {
	reasons := plan.unseen("vectara_users") with input as document with data.llmusers.params.partial as partial
}

test_everybody_is_seen if {
	every document in [
		fixture.plan([team]),
		fixture.plan([team, bot]),
		# HCP Terraform's input.
		{"plan": fixture.plan([team]), "run": {}},
		# Without the fields that only newer versions write.
		object.remove(fixture.plan([team]), ["complete", "errored"]),
		# In a module of a module.
		object.union(fixture.plan([]), {"prior_state": {"values": {"root_module": {"child_modules": [within([team])]}}}}),
		# A filtered listing beside the whole listing of the same account.
		fixture.plan([team, some_of_team]),
		fixture.plan([fixture.altered(team, {"list_users_type": "LIST_USERS_TYPE__ALL"})]),
		fixture.plan([fixture.altered(team, {"column_filters": []})]),
		# A data source within a check, which is also in the changes.
		object.union(fixture.plan([team]), {"resource_changes": [object.union(
			fixture.deferred(team),
			{"change": {"after": team.values, "after_unknown": {"users": [{}]}}},
		)]}),
	] {
		unseen(document) == set()
	}
}

test_no_plan if {
	every document in [{}, [], "plan", {"format_version": "1.0", "values": {}}, object.union(fixture.plan([team]), {"format_version": "2.0"})] {
		some reason in unseen(document)
		contains(reason, "not the JSON of a plan")
	}
}

test_no_input if {
	some reason in plan.unseen("vectara_users")
	contains(reason, "not the JSON of a plan")
}

test_half_a_plan if {
	every half in [{"complete": false}, {"errored": true}] {
		count(unseen(object.union(fixture.plan([team]), half))) == 1
	}
}

test_no_data_block if {
	every document in [
		fixture.plan([]),
		fixture.plan([bot]),
		object.remove(fixture.plan([]), ["prior_state"]),
		fixture.plan([object.union(team, {"mode": "managed"})]),
	] {
		unseen(document) == {"The plan has no data source of the type vectara_users."}
	}
}

namesake := object.union(team, {"address": "module.other.data.vectara_users.team"})

test_deferred if {
	late := {"resource_changes": [fixture.deferred(team)]}
	every document in [
		object.union(fixture.plan([]), late),
		# An old listing in the state does not replace the deferred listing.
		object.union(fixture.plan([team]), late),
		object.union(fixture.plan([team]), {"resource_changes": [object.union(fixture.deferred(team), {"change": {"after_unknown": true}})]}),
		object.union(fixture.plan([namesake]), {"resource_changes": [object.union(fixture.deferred(team), {"change": {"after_unknown": {"users": false}}})]}),
		object.union(fixture.plan([]), {"deferred_changes": [{"reason": "provider_config_unknown", "resource_change": fixture.deferred(team)}]}),
	] {
		unseen(document) == {"data.vectara_users.team: not known at plan. Terraform reads it during apply, or could not read it."}
		unseen_but(["data.vectara_users.team"], document) == set()
	}
}

test_without_users if {
	every counts in [
		fixture.altered(team, {"include_users": false, "users": null}),
		object.union(object.remove(team, ["values"]), {"values": object.remove(team.values, ["users"])}),
	] {
		document := fixture.plan([counts])
		unseen(document) == {"data.vectara_users.team: users is null. With include_users = false, the plan has no users."}
		unseen_but(["data.vectara_users.team"], document) == set()
	}
}

test_narrowed if {
	every values in [
		some_of_team.values,
		{"source": {"whole": false}},
		{"source": {"app_clients": false}},
		{"source": null},
		{"corpus_key": "contracts"},
		{"list_users_type": "LIST_USERS_TYPE__CUSTOMER"},
		{"column_filters": [{"measurement": "cost"}]},
		{"row_id_list": []},
	] {
		document := fixture.plan([fixture.altered(team, values)])
		unseen(document) == {"data.vectara_users.team: not a whole listing. Its arguments leave users out, and no other data source has the whole listing."}
		unseen_but(["data.vectara_users.team"], document) == set()
	}
}

# A resource whose values look like a data source is not a data source.
test_values_like_a_data_source if {
	forged := {"address": "terraform_data.copy", "mode": "managed", "type": "terraform_data", "values": {"input": team}}
	unseen(fixture.plan([forged])) == {"The plan has no data source of the type vectara_users."}
	count(unseen(fixture.plan([forged, some_of_team]))) == 1
}

# The whole listing of another account does not cover a filtered listing.
test_narrowed_in_another_account if {
	every other in [{"account": "7"}, {"base_url": "https://vectara.example"}, {"vendor": "other"}] {
		count(unseen(fixture.plan([team, fixture.altered(some_of_team, {"source": other})]))) == 1
	}
}

# Two configurations of the provider may have credentials of two accounts, and REST v2 does not return the account. So may
# one configuration with an alias, with OpenTofu's for_each.
test_narrowed_in_an_unknown_account if {
	every keys in [["llmusers", "module.a:vectara"], ["llmusers.emea"], []] {
		configuration := fixture.configuration([{"type": "vectara_users", "provider_config_key": key} | some key in keys])
		unknown := {"configuration": configuration}
		count(unseen(object.union(fixture.plan([team, some_of_team]), unknown))) == 1
		known := [fixture.altered(listing, {"source": {"account": "7"}}) | some listing in [team, some_of_team]]
		unseen(object.union(fixture.plan(known), unknown)) == set()
	}
	one := [{"type": "vectara_users", "provider_config_key": "module.a:vectara"}, {"type": "other", "provider_config_key": "aws"}]
	unseen(object.union(fixture.plan([team, some_of_team]), {"configuration": fixture.configuration(one)})) == set()
}

# A listing without app clients beside a listing with them.
test_without_app_clients if {
	users_alone := fixture.altered(team, {"source": {"app_clients": false}})
	unseen(fixture.plan([team, users_alone])) == set()
}

test_names if {
	plan.named(["a", "b", "c", "d", "e"]) == "5: a, b, c, d, e"
	plan.named(["a", "b", "c", "d", "e", "f", "g"]) == "7: a, b, c, d, e and 2 more"
}
