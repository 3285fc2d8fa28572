# usage: jq --rawfile controls modules/access-review/controls.yaml -f sarif.jq report.json >review.sarif
#
# Converts the report_json of an access review to SARIF 2.1.0: a result for each control that does not hold, with numbers
# and without users. GitHub requires a location in the repository: the line of the control in controls.yaml.

def file: "modules/access-review/controls.yaml";
def line: "\(.key):" as $start | ($controls | split("\n") | map(startswith($start)) | index(true) // 0) + 1;

# GitHub shows a security-severity above 9 as critical, from 7 as high, and from 4 as medium.
def security_severity: {critical: "9.5", high: "8.0", medium: "5.0", low: "3.0"}[.severity];
def level: {critical: "error", high: "error", medium: "warning", low: "note"}[.severity];

def clauses: [.references | to_entries[] | .key as $standard | .value[] | "\($standard) \(.)"];

def message:
  if .result == "fails" then "\(.title): fails. Findings: \(.findings | length) (\(.subjects) looked at: \(.looked_at)). \(.advice)"
  else "\(.title): not assessed. Reason: \(.not_assessed | join("; "))." end;

{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  version: "2.1.0",
  runs: [{
    tool: {driver: {
      name: "access-review",
      rules: [.controls[] | {
        id: .key,
        name: .title,
        shortDescription: {text: .title},
        fullDescription: {text: "\(.title). \(clauses | join(", "))"},
        help: {text: .advice},
        defaultConfiguration: {level: level},
        properties: {tags: (["security"] + clauses), "security-severity": security_severity}
      }]
    }},
    automationDetails: {id: "access-review/\(.account)/"},
    invocations: [{executionSuccessful: true, endTimeUtc: .read_at}],
    results: [.controls[] | select(.result != "holds") | {
      ruleId: .key,
      level: level,
      message: {text: message},
      locations: [{physicalLocation: {artifactLocation: {uri: file}, region: {startLine: line}}}],
      partialFingerprints: {primaryLocationLineHash: "\(.key):1"}
    }]
  }]
}
