# A gate for all "check" blocks, since Terraform only warns if a check fails.
package llmusers.checks

import data.llmusers.plan

passed if count(deny) == 0

# "unknown" denies too: Terraform evaluates the check during apply, after this gate.
deny contains {"policy": "every_check_passed", "msg": msg} if {
	some check in checks
	check.status != "pass"
	problems := [problem.message | some instance in check.instances; some problem in instance.problems]
	msg := concat(" ", array.concat([sprintf("%s: %s.", [check.address.to_display, check.status])], problems))
}

# A check without instances, as in a module with count = 0, has the status "pass".
deny contains {"policy": "every_check_passed", "msg": msg} if {
	some check in checks
	check.status == "pass"
	not has_instances(check)
	msg := sprintf("%s: not evaluated, since the plan has no instance of its module.", [check.address.to_display])
}

# Without this rule, a plan without checks would pass.
deny contains {"policy": "every_check_passed", "msg": "The plan has no check."} if {
	count(checks) == 0
}

deny contains {"policy": "every_check_passed", "msg": msg} if {
	some msg in (plan.not_a_plan | plan.incomplete)
}

has_instances(check) if count(check.instances) > 0

# The other kinds (resources, outputs and variables) need no gate: if one of them fails, the plan fails.
checks := [check | some check in plan.document.checks; check.address.kind == "check"]
