#!/bin/sh
# usage: gate.sh [--checks-only] PLAN.json...
#
# Evaluates the access reviews in plans from "terraform show -json", and exits with
#
#   0  every control holds, and every other check passes
#   1  a control fails or is not assessed, or another check does not pass
#   2  a plan cannot be evaluated: it is not a plan, is older than a day, has an error, or lacks a control
#
# With --checks-only, it evaluates only the checks, for scenarios without report_json. It prints keys of controls, names
# of checks and numbers, and no users. It needs jq.
set -u

# shellcheck disable=SC2016 # jq expands the variables
judge='
  # The controls that a review must have, by their keys in modules/access-review/controls.yaml.
  def expected: [
    "account_has_members", "members_are_approved", "roles_are_approved", "approvals_are_valid",
    "owners_are_within_limits", "privileged_users_belong_to_the_company", "app_clients_are_not_privileged",
    "disabled_users_hold_no_entitlements", "leavers_have_no_access", "leavers_do_not_use_the_application",
    "duties_are_separated", "privileged_users_are_not_new"
  ];

  # Errors of this program are objects. Errors of jq itself are strings, which can quote users: the gate does not print them.
  def need(condition; why): if condition then . else error({why: why}) end;

  def result_of(controls):
    if any(controls[]; .result == "fails") then "fails"
    elif any(controls[]; .result == "not assessed") or (controls | length) == 0 then "not assessed"
    else "holds" end;

  def plan:
    need(type == "object" and has("format_version") and (.checks | type) == "array"; "is not the JSON of a plan with checks")
    | need(.timestamp | type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"); "does not say when it was made")
    | ((.timestamp | fromdateiso8601) - now) as $age
    | need($age < 300; "was made in the future")
    | need($age > -86400; "is older than a day")
    | need(.complete != false or .errored == true; "is of a part of the configuration");

  # A module can have the check too. A check without instances, as in a module with count = 0, has no result.
  def check:
    [.checks[] | select(.address.kind == "check" and .address.name == "controls_hold")]
    | need(length > 0 and all(.instances | type == "array" and length > 0); "has no check controls_hold")
    | need(all(.status == "pass" or .status == "fail"); "has no result of the check controls_hold")
    | if all(.status == "pass") then "pass" else "fail" end;

  # The checks of your own that do not pass. A check without instances has the status "pass", and was not evaluated.
  def others:
    [.checks[] | select(.address.kind == "check" and .address.name != "controls_hold")
      | need([.address.name, .status] | all(type == "string" and test("^[A-Za-z0-9_-]+$")); "has a check without a name or a status")
      | "\(.address.name): \(if .status != "pass" then .status elif (.instances | length) > 0 then empty else "not evaluated" end)"];

  def review:
    need(.format == "access-review/1"; "has a report_json of another format")
    | need((.controls | type) == "array" and (.excluded_controls | type) == "array"; "has a report_json without controls")
    | need(all(.controls[], .excluded_controls[]; .key | type == "string" and test("^[a-z_]{1,64}$")); "has a control without a key")
    | [.controls[].key, .excluded_controls[].key] as $keys
    | need(($keys | unique | length) == ($keys | length); "has a control twice")
    | (expected - $keys) as $missing
    | need($missing == []; "lacks these controls: \($missing | join(", "))")
    | need(all(.excluded_controls[]; .reason | type == "string" and test("\\S")); "excludes a control without a reason")
    | need(all(.controls[]; (.findings | type) == "array" and (.not_assessed | type) == "array" and .result == (
        if (.findings | length) > 0 then "fails" elif (.not_assessed | length) > 0 then "not assessed" else "holds" end
      )); "has a control whose result does not follow from its findings")
    | need(.result == result_of(.controls); "has a result that does not follow from its controls");

  def numbers:
    (.controls | length) as $all
    | {holds: 0, fails: 0, "not assessed": 0} as $none
    | (reduce .controls[] as $control ($none; .[$control.result] += 1)) as $count
    | ["\($count.holds) of \($all) controls hold, \($count.fails) fail, \($count["not assessed"]) not assessed, \(.excluded_controls | length) excluded"]
      + [.controls[] | select(.result != "holds") | "  \(.result): \(.key)" + if .result == "fails" then " (findings: \(.findings | length))" else "" end]
    | join("\n");

  def judged:
    need(length == 1; "is not one JSON document") | .[0]
    | plan | check as $check | others as $others | .timestamp as $time | (.errored == true) as $errored
    | if $checks_only then {result: (if $check == "pass" then "holds" else "fails" end), text: "the check controls_hold: \($check)"}
      else
        .planned_values.outputs.report_json.value
        | need(type == "string"; "has no report_json") | fromjson
        | need(.read_at == $time; "has the report_json of another plan") | review
        | need((.result == "holds") == ($check == "pass"); "has a check controls_hold and a report_json that differ")
        | {result, text: numbers}
      end
    # With enforce, a failed control is an error of the plan. If all controls hold, the error has another cause.
    | need(.result != "holds" or ($errored | not); "has an error")
    | "\(if .result == "holds" and $others == [] then 0 else 1 end) \([.text, ($others[] | "  check \(.)")] | join("\n"))";

  try judged catch "2 \(if type == "object" then .why else "is not made as the module access-review makes it" end)"
'

checks_only=false
if [ "${1-}" = --checks-only ]; then
	checks_only=true
	shift
fi
if [ $# -eq 0 ] || ! command -v jq >/dev/null; then
	echo 'usage: gate.sh [--checks-only] PLAN.json... (needs jq)' >&2
	exit 2
fi

worst=0
for plan; do
	verdict=$(jq -rs --argjson checks_only "$checks_only" "$judge" "$plan" 2>/dev/null) || verdict='2 is not JSON, or cannot be read'
	status=${verdict%% *}
	printf '%s: %s\n' "$plan" "${verdict#* }"
	if [ "$status" -gt "$worst" ]; then
		worst=$status
	fi
done
exit "$worst"
