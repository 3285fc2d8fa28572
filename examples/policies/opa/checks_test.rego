package llmusers.checks_test

import data.llmusers.checks
import data.llmusers.fixture

denied(document) := messages if {
	messages := {denial.msg | some denial in checks.deny} with input as document
}

plan_with(list) := object.union(fixture.plan([]), {"checks": list})

# The postcondition of a resource that does not exist yet, in a plan.
postcondition := {"address": {"kind": "resource", "to_display": "terraform_data.later"}, "status": "unknown"}

test_all_pass if {
	document := plan_with([fixture.check("pass"), postcondition])
	denied(document) == set()
	checks.passed with input as document
}

test_everything_else_denies if {
	every status in ["fail", "error", "unknown", "new"] {
		denied(plan_with([fixture.check("pass"), fixture.check(status)])) == {sprintf("check.owners: %s.", [status])}
	}
}

test_what_a_check_says if {
	failed := object.union(fixture.check("fail"), {"instances": [
		{"problems": [{"message": "Two owners."}]},
		{"status": "pass"},
		{"problems": [{"message": "Somebody is disabled."}, {"message": "Nobody is there."}]},
	]})
	denied(plan_with([failed])) == {"check.owners: fail. Two owners. Somebody is disabled. Nobody is there."}
}

test_not_evaluated if {
	every instances in [{"instances": []}, {"instances": null}] {
		document := plan_with([object.union(fixture.check("pass"), instances)])
		denied(document) == {"check.owners: not evaluated, since the plan has no instance of its module."}
	}
	document := plan_with([object.remove(fixture.check("pass"), ["instances"])])
	denied(document) == {"check.owners: not evaluated, since the plan has no instance of its module."}
}

test_no_check if {
	every document in [plan_with([]), plan_with([postcondition]), plan_with(null)] {
		denied(document) == {"The plan has no check."}
	}
}

test_no_plan if {
	denied({}) == {"The plan has no check.", "This is not the JSON of a plan. Make it with: terraform show -json <saved plan>"}
	count(denied(object.union(fixture.plan([]), {"errored": true}))) == 1
}
