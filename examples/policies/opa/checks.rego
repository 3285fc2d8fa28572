# A gate for "check" blocks, whatever they are about. Terraform warns of a check that fails, and
# succeeds all the same.
package llmusers.checks

import data.llmusers.plan

passed if count(deny) == 0

# Everything but "pass" denies: "fail", "error", and "unknown", which is a check that will be looked
# at during apply, after this gate.
deny contains {"policy": "every_check_passed", "msg": msg} if {
	some check in checks
	check.status != "pass"
	problems := [problem.message | some instance in check.instances; some problem in instance.problems]
	msg := concat(" ", array.concat([sprintf("%s: %s.", [check.address.to_display, check.status])], problems))
}

# A gate without a check in it guards nothing.
deny contains {"policy": "every_check_passed", "msg": "No check is in the plan."} if {
	count(checks) == 0
}

deny contains {"policy": "every_check_passed", "msg": msg} if {
	some msg in (plan.not_a_plan | plan.incomplete)
}

# The others are about resources, outputs and variables. When one of them fails, so does the plan.
checks := [check | some check in plan.document.checks; check.address.kind == "check"]
