package llmusers.openlayer_test

import data.llmusers.fixture
import data.llmusers.openlayer

judge_with(params, end_users) := denials if {
	denials := openlayer.deny with input as fixture.of([], end_users) with data.llmusers.params as params
}

judge(end_users) := judge_with(fixture.params, end_users)

policies(denials) := {denial.policy | some denial in denials}

# 90 days before the time of the plan, 2026-03-01.
limit := "2025-12-01T00:00:00Z"

test_good_end_users if {
	end_users := [fixture.end_user({}), fixture.end_user({"cost": 50, "date_of_last_record": limit})]
	judge(end_users) == set()
	openlayer.passed with input as fixture.of([], end_users) with data.llmusers.params as fixture.params
}

test_dormant_end_users if {
	end_users := [fixture.end_user({"date_of_last_record": "2025-11-30T23:59:59Z"})]
	judge(end_users) == {{
		"policy": "end_users_are_active",
		"msg": "data.openlayer_pipeline_users.bot: end users without a record for more than 90 days, 1: cust-1.",
	}}
	judge_with(object.union(fixture.params, {"dormant_days": 91}), end_users) == set()
}

test_end_users_without_a_date if {
	policies(judge([object.remove(fixture.end_user({}), ["date_of_last_record"])])) == {"end_users_are_active"}
	every date in [null, "", "yesterday", 0] {
		policies(judge([fixture.end_user({"date_of_last_record": date})])) == {"end_users_are_active"}
	}
}

test_end_users_of_the_future if {
	judge([fixture.end_user({"date_of_last_record": "2026-03-02T00:00:00Z"})]) == set()
	judge([fixture.end_user({"date_of_last_record": "2026-03-02T00:00:01Z"})]) == {{
		"policy": "end_users_are_active",
		"msg": "data.openlayer_pipeline_users.bot: end users whose last record is in the future, 1: cust-1.",
	}}
}

test_no_end_users if {
	judge([]) == {{
		"policy": "everybody_is_listed",
		"msg": "data.openlayer_pipeline_users.bot: the pipeline has no end users, so there is nothing to assess.",
	}}
	judge_with(object.union(fixture.params, {"partial": ["data.openlayer_pipeline_users.bot"]}), []) == set()
}

test_expensive_end_users if {
	end_users := [fixture.end_user({"cost": 50.01})]
	judge(end_users) == {{
		"policy": "end_users_stay_within_max_cost",
		"msg": "data.openlayer_pipeline_users.bot: end users with a cost above 50, 1: cust-1 (50.01).",
	}}
	judge_with(object.union(fixture.params, {"max_cost": 51}), end_users) == set()
}

test_end_users_without_a_cost if {
	policies(judge([fixture.end_user({"cost": null})])) == {"end_users_stay_within_max_cost"}
	policies(judge([object.remove(fixture.end_user({}), ["cost"])])) == {"end_users_stay_within_max_cost"}
	policies(judge([fixture.end_user({"cost": -0.01})])) == {"end_users_stay_within_max_cost"}
	policies(judge([fixture.end_user({"cost": 0})])) == set()
}

test_not_everybody if {
	every document in [fixture.plan([]), fixture.plan([fixture.altered(fixture.bot([]), {"users": null})])] {
		denials := openlayer.deny with input as document with data.llmusers.params as fixture.params
		policies(denials) == {"everybody_is_listed"}
	}
}

test_parameters if {
	every wrong in [
		{},
		{"max_cost": "50"},
		{"max_cost": null},
		{"max_cost": -1},
		{"max_cost": 50, "dormant_days": "90"},
		{"max_cost": 50, "dormant_days": 0},
		{"max_cost": 50, "dormant_days": null},
	] {
		policies(judge_with(object.union(wrong, {"partial": ["data.openlayer_pipeline_users.bot"]}), [])) == {"parameters"}
	}
}

test_a_plan_without_a_time if {
	document := object.remove(fixture.of([], [fixture.end_user({})]), ["timestamp"])
	denials := openlayer.deny with input as document with data.llmusers.params as fixture.params
	policies(denials) == {"end_users_are_active"}
}
