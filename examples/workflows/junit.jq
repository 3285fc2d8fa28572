# usage: jq -rf junit.jq report.json >junit.xml
#
# Converts the report_json of an access review to JUnit XML: a test case for each control, with numbers and without users.
# A control that is not assessed is an error, and an excluded control is skipped.

# XML 1.0 forbids control characters except tab and line breaks, and U+FFFE and U+FFFF.
def xml: tostring | explode | map(if . < 32 and (. == 9 or . == 10 or . == 13 | not) or . == 65534 or . == 65535 then 65533 else . end) | implode | @html;

def references: [to_entries[] | "\(.key) \(.value | join(", "))"] | join("; ");

def case(inner): "    <testcase classname=\"\(.key | xml)\" name=\"\(.title | xml)\">\(inner)</testcase>";

def outcome:
  if .result == "fails" then
    "<failure type=\"\(.severity | xml)\" message=\"Findings: \(.findings | length)\">\(.subjects | xml) looked at: \(.looked_at). \(.advice | xml) \(.references | references | xml)</failure>"
  elif .result == "holds" then ""
  else
    "<error type=\"not assessed\" message=\"\(.not_assessed | join("; ") | xml)\"></error>"
  end;

def count(result): map(select(.result == result)) | length;

.account as $account
| (.controls + .excluded_controls | length) as $tests
| "tests=\"\($tests)\" failures=\"\(.controls | count("fails"))\" errors=\"\(.controls | count("not assessed"))\" skipped=\"\(.excluded_controls | length)\"" as $counts
| "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
  "<testsuites \($counts)>",
  "  <testsuite name=\"Access review of \($account | xml)\" timestamp=\"\(.read_at | xml)\" \($counts)>",
  (.controls[] | case(outcome)),
  (.excluded_controls[] | case("<skipped message=\"\(.reason | xml)\"></skipped>")),
  "  </testsuite>",
  "</testsuites>"
