#!/bin/sh
# usage: review.sh SCENARIO REVIEW [LAST]
#
# Plans the scenario access-audit in the initialized folder SCENARIO, and writes the review to the new folder REVIEW.
# LAST is the folder of the last review, for comparison. It may be missing. review.sh exits with the status of gate.sh,
# and prints no users: the output of Terraform is in REVIEW/plan.log.
#
# The variable TERRAFORM is the program to run: terraform (default) or tofu. review.sh needs jq and sha256sum.
set -eu
umask 077

workflows=$(cd "$(dirname "$0")" && pwd)
terraform=${TERRAFORM:-terraform}
scenario=$1
last=${3-}
if [ -e "$2" ]; then
	echo "$2 exists, and review.sh does not overwrite it. Rename or delete $2."
	exit 2
fi
mkdir "$2" || exit 2
review=$(cd "$2" && pwd)

set --
if [ -n "$last" ] && [ -d "$last" ]; then
	last=$(cd "$last" && pwd)
	if ! (cd "$last" && sha256sum -c report.json.sha256) >/dev/null 2>&1; then
		echo 'The last review differs from its SHA-256.'
		exit 2
	fi
	set -- -var "previous_review=$last/report.json"
fi

# A plan with an error can have a review too: gate.sh decides.
"$terraform" -chdir="$scenario" plan -input=false -lock=false -no-color -out="$review/plan" "$@" >"$review/plan.log" 2>&1 || :
grep '^Error: ' "$review/plan.log" || :
if [ -e "$review/plan" ]; then
	"$terraform" -chdir="$scenario" show -json "$review/plan" >"$review/plan.json" || rm "$review/plan.json"
	rm "$review/plan"
fi

cd "$review"
status=0
sh "$workflows/gate.sh" plan.json || status=$?
if [ "$status" -gt 1 ]; then
	exit "$status"
fi
for format in json html md; do
	jq -erj ".planned_values.outputs.report_$format.value" plan.json >"report.$format" || exit 2
done
sha256sum report.json | tee report.json.sha256
jq -rf "$workflows/junit.jq" report.json >junit.xml
jq --rawfile controls "$workflows/../modules/access-review/controls.yaml" -f "$workflows/sarif.jq" report.json >review.sarif
exit "$status"
