package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

var workflowsDir = filepath.Join(examplesDir, "workflows")

const controlsFile = "modules/access-review/controls.yaml"

// reviewControls returns the keys of the controls of the module access-review.
func reviewControls(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(examplesDir, controlsFile))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, match := range regexp.MustCompile(`(?m)^([a-z_]+):$`).FindAllSubmatch(content, -1) {
		keys = append(keys, string(match[1]))
	}
	return keys
}

// gate.sh finds a missing control with its own list of controls, which has the same controls as the module
// access-review.
func TestGateControls(t *testing.T) {
	t.Parallel()
	gate, err := os.ReadFile(filepath.Join(workflowsDir, "gate.sh"))
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?s)def expected: \[(.*?)\];`).FindSubmatch(gate)
	if list == nil {
		t.Fatal("gate.sh has no list of controls")
	}
	var keys []string
	for _, match := range regexp.MustCompile(`"([^"]*)"`).FindAllSubmatch(list[1], -1) {
		keys = append(keys, string(match[1]))
	}
	want := reviewControls(t)
	slices.Sort(keys)
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		t.Errorf("gate.sh expects the controls\n%q\nand the module has\n%q", keys, want)
	}
}

// object is a JSON object.
type object = map[string]any

// memberAddress is the address of a member in each test review. The output of the scripts must not contain it.
const memberAddress = "ada@northwind.example"

// madeUpReview returns a review in which all controls hold.
func madeUpReview(t *testing.T) object {
	t.Helper()
	var controls []any
	for _, key := range reviewControls(t) {
		controls = append(controls, object{
			"key": key, "title": "Title of " + key, "severity": "high", "references": object{"SOC 2": []any{"CC6.1", "CC6.2"}},
			"result": "holds", "subjects": "members", "looked_at": 2, "findings": []any{}, "not_assessed": []any{}, "advice": "Mend it.",
			"exceptions": []any{object{"key": "address " + memberAddress, "name": memberAddress, "detail": memberAddress}},
		})
	}
	return object{
		"format": "access-review/1", "account": "1526022105", "read_at": time.Now().UTC().Format(time.RFC3339), "result": "holds",
		"controls": controls, "excluded_controls": []any{}, "members": []any{object{"email": memberAddress}},
	}
}

func control(review object, i int) object { return review["controls"].([]any)[i].(object) }

// fails makes a control fail with two findings.
func fails(review object, i int) {
	finding := object{"key": "address " + memberAddress, "name": memberAddress, "detail": "owner"}
	control(review, i)["result"], control(review, i)["findings"] = "fails", []any{finding, finding}
	review["result"] = "fails"
}

func notAssessed(review object, i int) {
	control(review, i)["result"], control(review, i)["not_assessed"] = "not assessed", []any{"no directory was given"}
	if review["result"] == "holds" {
		review["result"] = "not assessed"
	}
}

func exclude(review object, i int, reason any) {
	controls := review["controls"].([]any)
	key := control(review, i)["key"]
	review["controls"] = slices.Delete(controls, i, i+1)
	review["excluded_controls"] = append(review["excluded_controls"].([]any), object{"key": key, "title": "Title of it", "reason": reason})
}

// jqRuns skips a test on a machine without jq, which only examples/workflows need. In CI, the test fails without jq.
func jqRuns(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("needs jq")
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	jqRuns(t)
	ago := func(age time.Duration) func(object, object) {
		return func(plan, review object) {
			plan["timestamp"] = time.Now().UTC().Add(-age).Format(time.RFC3339)
			review["read_at"] = plan["timestamp"]
		}
	}
	for name, test := range map[string]struct {
		change func(plan, review object) // changes the plan and the review; the review's result sets the check's status
		edit   func(json string) string  // changes the JSON of the plan
		args   []string
		status int
		want   string
	}{
		"holds":                     {status: 0, want: "12 of 12 controls hold, 0 fail, 0 not assessed, 0 excluded\n"},
		"a finding":                 {change: func(_, r object) { fails(r, 1) }, status: 1, want: "11 of 12 controls hold, 1 fail, 0 not assessed, 0 excluded\n  fails: members_are_approved (findings: 2)\n"},
		"not assessed":              {change: func(_, r object) { notAssessed(r, 8) }, status: 1, want: "11 of 12 controls hold, 0 fail, 1 not assessed, 0 excluded\n  not assessed: leavers_have_no_access\n"},
		"excluded":                  {change: func(_, r object) { exclude(r, 10, "A team of two") }, status: 0, want: "11 of 11 controls hold, 0 fail, 0 not assessed, 1 excluded\n"},
		"another control":           {change: func(_, r object) { more(r, "our_own") }, status: 0, want: "13 of 13 controls hold"},
		"almost a day old":          {change: ago(23 * time.Hour), status: 0, want: "12 of 12"},
		"enforced":                  {change: func(p, r object) { fails(r, 1); p["errored"], p["complete"] = true, false }, status: 1, want: "11 of 12"},
		"a day old":                 {change: ago(25 * time.Hour), status: 2, want: "is older than a day\n"},
		"from the future":           {change: ago(-time.Hour), status: 2, want: "was made in the future\n"},
		"no time":                   {change: func(p, r object) { p["timestamp"], r["read_at"] = "unknown", "unknown" }, status: 2, want: "does not say when it was made\n"},
		"invalid date":              {change: func(p, r object) { p["timestamp"] = "2026-13-01T00:00:00Z" }, status: 2, want: "is not made as"},
		"report of another plan":    {change: func(_, r object) { r["read_at"] = "2026-01-31T00:00:00Z" }, status: 2, want: "has the report_json of another plan\n"},
		"an error, but it holds":    {change: func(p, _ object) { p["errored"] = true }, status: 2, want: "has an error\n"},
		"with -target":              {change: func(p, _ object) { p["complete"] = false }, status: 2, want: "is of a part of the configuration\n"},
		"no check":                  {change: func(p, _ object) { p["checks"] = []any{} }, status: 2, want: "has no check controls_hold\n"},
		"a check without instances": {change: func(p, _ object) { checkOf(p)["instances"] = []any{} }, status: 2, want: "has no check controls_hold\n"},
		"a second check fails": {change: func(p, _ object) {
			p["checks"] = append(p["checks"].([]any), object{
				"address": object{"kind": "check", "name": "controls_hold", "module": "module.review"}, "status": "fail", "instances": []any{object{}},
			})
		}, args: []string{"--checks-only"}, status: 1, want: "the check controls_hold: fail\n"},
		"another check fails": {change: func(p, _ object) {
			p["checks"] = append(p["checks"].([]any), otherCheck("fail", object{}))
		}, status: 1, want: "12 of 12 controls hold, 0 fail, 0 not assessed, 0 excluded\n  check other: fail\n"},
		"another check is unknown": {change: func(p, _ object) {
			p["checks"] = append(p["checks"].([]any), otherCheck("unknown", object{}))
		}, args: []string{"--checks-only"}, status: 1, want: "the check controls_hold: pass\n  check other: unknown\n"},
		"another check without instances": {change: func(p, _ object) {
			p["checks"] = append(p["checks"].([]any), otherCheck("pass"))
		}, status: 1, want: "12 of 12 controls hold, 0 fail, 0 not assessed, 0 excluded\n  check other: not evaluated\n"},
		"another check passes": {change: func(p, _ object) {
			p["checks"] = append(p["checks"].([]any), otherCheck("pass", object{}))
		}, status: 0, want: "12 of 12 controls hold, 0 fail, 0 not assessed, 0 excluded\n"},
		"a failed condition of another kind": {change: func(p, _ object) {
			p["checks"] = append(p["checks"].([]any), object{"address": object{"kind": "resource", "name": "later"}, "status": "unknown"})
		}, status: 0, want: "12 of 12"},
		"an unknown check":                    {change: func(p, _ object) { checkOf(p)["status"] = "unknown" }, status: 2, want: "has no result of the check controls_hold\n"},
		"a check that contradicts the report": {change: func(p, r object) { fails(r, 0); checkOf(p)["status"] = "pass" }, status: 2, want: "has a check controls_hold and a report_json that differ\n"},
		"no report_json":                      {change: func(p, _ object) { delete(p, "planned_values") }, status: 2, want: "has no report_json\n"},
		"another format":                      {change: func(_, r object) { r["format"] = "access-review/2" }, status: 2, want: "has a report_json of another format\n"},
		"no controls":                         {change: func(_, r object) { r["controls"] = []any{} }, status: 2, want: "lacks these controls: account_has_members, "},
		"a control is missing":                {change: func(_, r object) { r["controls"] = r["controls"].([]any)[1:] }, status: 2, want: "lacks these controls: account_has_members\n"},
		"a control twice":                     {change: func(_, r object) { more(r, "account_has_members") }, status: 2, want: "has a control twice\n"},
		"an invalid key":                      {change: func(_, r object) { more(r, memberAddress) }, status: 2, want: "has a control without a key\n"},
		"no reason":                           {change: func(_, r object) { exclude(r, 3, " ") }, status: 2, want: "excludes a control without a reason\n"},
		"holds with findings":                 {change: func(_, r object) { fails(r, 3); control(r, 3)["result"] = "holds" }, status: 2, want: "has a control whose result does not follow"},
		"holds, but not assessed":             {change: func(_, r object) { notAssessed(r, 3); control(r, 3)["result"] = "holds" }, status: 2, want: "has a control whose result does not follow"},
		"a result that is too good":           {change: func(_, r object) { fails(r, 3); r["result"] = "holds" }, status: 2, want: "has a result that does not follow"},
		"findings that are not a list":        {change: func(_, r object) { control(r, 3)["findings"] = memberAddress }, status: 2, want: "has a control whose result does not follow"},
		"a control that is a string":          {change: func(_, r object) { r["controls"] = []any{memberAddress} }, status: 2, want: "is not made as"},
		"not JSON":                            {edit: func(string) string { return "{" }, status: 2, want: "is not JSON, or cannot be read\n"},
		"empty":                               {edit: func(string) string { return "" }, status: 2, want: "is not one JSON document\n"},
		"two documents":                       {edit: func(plan string) string { return plan + plan }, status: 2, want: "is not one JSON document\n"},
		"a string, not a plan":                {edit: func(string) string { return `"` + memberAddress + `"` }, status: 2, want: "is not the JSON of a plan with checks\n"},
		"report_json is not JSON":             {edit: func(plan string) string { return strings.Replace(plan, `"value":"{`, `"value":"`+memberAddress, 1) }, status: 2, want: "is not made as"},
		"checks only":                         {args: []string{"--checks-only"}, change: func(p, _ object) { delete(p, "planned_values") }, status: 0, want: "the check controls_hold: pass\n"},
		"checks only, fails":                  {args: []string{"--checks-only"}, change: func(_, r object) { fails(r, 1) }, status: 1, want: "the check controls_hold: fail\n"},
		"checks only, old":                    {args: []string{"--checks-only"}, change: ago(25 * time.Hour), status: 2, want: "is older than a day\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			review := madeUpReview(t)
			plan := object{
				"format_version": "1.2", "timestamp": review["read_at"], "errored": false,
				"checks":         []any{object{"address": object{"kind": "check", "name": "controls_hold"}, "instances": []any{object{}}}},
				"planned_values": object{"outputs": object{"report_json": object{"value": ""}}},
			}
			if test.change != nil {
				test.change(plan, review)
			}
			if values, ok := plan["planned_values"].(object); ok {
				values["outputs"].(object)["report_json"].(object)["value"] = jsonOf(t, review)
			}
			if len(plan["checks"].([]any)) > 0 && checkOf(plan)["status"] == nil {
				checkOf(plan)["status"] = map[bool]string{true: "pass", false: "fail"}[review["result"] == "holds"]
			}
			content := jsonOf(t, plan)
			if test.edit != nil {
				content = test.edit(content)
			}
			file := write(t, t.TempDir(), "plan.json", content)
			printed, status := runGate(t, append(test.args, file)...)
			if status != test.status || !strings.HasPrefix(printed, file+": "+test.want) {
				t.Errorf("got status %d, want %d and %q:\n%s", status, test.status, test.want, printed)
			}
		})
	}
	t.Run("several plans", func(t *testing.T) {
		t.Parallel()
		if _, status := runGate(t); status != 2 {
			t.Errorf("without a plan, the status is %d", status)
		}
		if _, status := runGate(t, filepath.Join(t.TempDir(), "none.json")); status != 2 {
			t.Errorf("without a file, the status is %d", status)
		}
		// The exit status is the highest status of all plans, in any order.
		dir := t.TempDir()
		plan := func(status string) string {
			return write(t, dir, status, fmt.Sprintf(`{"format_version": "1.2", "timestamp": %q, "checks": [
				{"address": {"kind": "check", "name": "controls_hold"}, "status": %q, "instances": [{}]}]}`, time.Now().UTC().Format(time.RFC3339), status))
		}
		if _, status := runGate(t, "--checks-only", plan("unknown"), plan("fail"), plan("pass")); status != 2 {
			t.Errorf("with a plan without a result, the status is %d", status)
		}
		if _, status := runGate(t, "--checks-only", plan("fail"), plan("pass")); status != 1 {
			t.Errorf("with a plan that fails, the status is %d", status)
		}
	})
}

func otherCheck(status string, instances ...any) object {
	return object{"address": object{"kind": "check", "name": "other"}, "status": status, "instances": instances}
}

func checkOf(plan object) object { return plan["checks"].([]any)[0].(object) }

// more adds a control that holds.
func more(review object, key string) {
	controls := review["controls"].([]any)
	review["controls"] = append(controls, object{"key": key, "result": "holds", "findings": []any{}, "not_assessed": []any{}})
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	content, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// runGate runs gate.sh, and returns its output and its exit status. The output must not contain memberAddress.
func runGate(t *testing.T, args ...string) (printed string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{filepath.Join(workflowsDir, "gate.sh")}, args...)...)
	output, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if bytes.Contains(output, []byte(memberAddress)) {
		t.Errorf("the output contains the address of a member:\n%s", output)
	}
	return string(output), cmd.ProcessState.ExitCode()
}

// hostile is a text with characters that XML or JSON must escape. hostileRead is the text in the decoded XML: U+FFFD is
// in place of the characters that XML forbids.
const (
	hostile     = "</testcase> \"'&<!-- ]]> \x00\x1b[31m\x7f \ufffe ü"
	hostileRead = "</testcase> \"'&<!-- ]]> \ufffd\ufffd[31m\x7f \ufffd ü"
)

// formatted converts a review to another format, with a jq program. The controls of the review have all results. The
// output must not contain memberAddress.
func formatted(t *testing.T, args ...string) []byte {
	t.Helper()
	jqRuns(t)
	review := madeUpReview(t)
	exclude(review, 11, hostile)
	fails(review, 1)
	fails(review, 2)
	notAssessed(review, 4)
	control(review, 2)["severity"] = "low"
	control(review, 1)["title"] = hostile
	control(review, 4)["not_assessed"] = []any{hostile, "no directory was given"}
	file := write(t, t.TempDir(), "report.json", jsonOf(t, review))
	cmd := exec.CommandContext(t.Context(), "jq", append(args, file)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	if bytes.Contains(output, []byte(memberAddress)) {
		t.Errorf("the output contains the address of a member:\n%s", output)
	}
	return output
}

func TestReviewAsJUnit(t *testing.T) {
	t.Parallel()
	type message struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	type counts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	var suites struct {
		counts
		Suite []struct {
			counts
			Name      string `xml:"name,attr"`
			Timestamp string `xml:"timestamp,attr"`
			Case      []struct {
				Class   string   `xml:"classname,attr"`
				Name    string   `xml:"name,attr"`
				Failure *message `xml:"failure"`
				Error   *message `xml:"error"`
				Skipped *message `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	content := formatted(t, "-rf", filepath.Join(workflowsDir, "junit.jq"))
	if err := xml.Unmarshal(content, &suites); err != nil {
		t.Fatalf("%v\n%s", err, content)
	}
	want := counts{Tests: 12, Failures: 2, Errors: 1, Skipped: 1}
	if len(suites.Suite) != 1 || suites.counts != want || suites.Suite[0].counts != want {
		t.Fatalf("want one suite, and the counts %v for it and for the file:\n%s", want, content)
	}
	var found counts
	for _, c := range suites.Suite[0].Case {
		found.Tests++
		if c.Failure != nil {
			found.Failures++
		}
		if c.Error != nil {
			found.Errors++
			if want := hostileRead + "; no directory was given"; c.Error.Message != want || c.Class != "owners_are_within_limits" {
				t.Errorf("%s is not assessed because %q, want %q", c.Class, c.Error.Message, want)
			}
		}
		if c.Skipped != nil {
			found.Skipped++
			if c.Skipped.Message != hostileRead {
				t.Errorf("%s is excluded because %q, want %q", c.Class, c.Skipped.Message, hostileRead)
			}
		}
	}
	if found != want {
		t.Errorf("the file has the counts %v, but the test cases %v:\n%s", want, found, content)
	}
	c := suites.Suite[0].Case[1]
	if c.Name != hostileRead || c.Failure == nil || c.Failure.Message != "Findings: 2" || c.Failure.Type != "high" ||
		c.Failure.Text != "members looked at: 2. Mend it. SOC 2 CC6.1, CC6.2" {
		t.Errorf("got %+v", c)
	}
}

// The SARIF file has what GitHub requires: version 2.1.0, and results with a rule, a level, a message and a location.
func TestReviewAsSARIF(t *testing.T) {
	t.Parallel()
	type text struct{ Text string }
	var sarif struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID                                      string
						ShortDescription, FullDescription, Help text
						DefaultConfiguration                    struct{ Level string }
						Properties                              struct {
							Tags     []string
							Severity string `json:"security-severity"`
						}
					}
				}
			}
			Results []struct {
				RuleID, Level string
				Message       text
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
				PartialFingerprints struct{ PrimaryLocationLineHash string }
			}
		}
	}
	controls := filepath.Join(examplesDir, controlsFile)
	content := formatted(t, "--rawfile", "controls", controls, "-f", filepath.Join(workflowsDir, "sarif.jq"))
	if err := json.Unmarshal(content, &sarif); err != nil {
		t.Fatal(err)
	}
	if sarif.Version != "2.1.0" || !strings.HasSuffix(sarif.Schema, "sarif-2.1.0.json") || len(sarif.Runs) != 1 {
		t.Fatalf("the file is not SARIF 2.1.0 with one run:\n%s", content)
	}
	run := sarif.Runs[0]
	rules := map[string]string{} // levels by rule
	for _, rule := range run.Tool.Driver.Rules {
		rules[rule.ID] = rule.DefaultConfiguration.Level
		if rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" || rule.Help.Text == "" ||
			!slices.Equal(rule.Properties.Tags, []string{"security", "SOC 2 CC6.1", "SOC 2 CC6.2"}) || rule.Properties.Severity == "" {
			t.Errorf("the rule lacks a description, a help, a tag or a severity: %+v", rule)
		}
	}
	if len(rules) != 11 || run.Tool.Driver.Name != "access-review" {
		t.Errorf("%s has %d rules, want 11", run.Tool.Driver.Name, len(rules))
	}
	source, err := os.ReadFile(controls)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	want := map[string]struct{ level, message string }{
		"members_are_approved":     {"error", hostile + ": fails. Findings: 2 (members looked at: 2). Mend it."},
		"roles_are_approved":       {"note", "Title of roles_are_approved: fails. Findings: 2 (members looked at: 2). Mend it."},
		"owners_are_within_limits": {"error", "Title of owners_are_within_limits: not assessed. Reason: " + hostile + "; no directory was given."},
	}
	for _, result := range run.Results {
		wanted := want[result.RuleID]
		delete(want, result.RuleID)
		if result.Level != wanted.level || result.Level != rules[result.RuleID] || result.Message.Text != wanted.message || result.PartialFingerprints.PrimaryLocationLineHash == "" {
			t.Errorf("got %+v, want %+v", result, wanted)
		}
		if len(result.Locations) != 1 || result.Locations[0].PhysicalLocation.ArtifactLocation.URI != controlsFile ||
			lines[result.Locations[0].PhysicalLocation.Region.StartLine-1] != result.RuleID+":" {
			t.Errorf("%s is at %+v", result.RuleID, result.Locations)
		}
	}
	if len(want) > 0 {
		t.Errorf("there is no result for %v", want)
	}
}

// The workflow pins every action to a commit, since the author of an action can move a tag.
func TestWorkflowActionsArePinned(t *testing.T) {
	t.Parallel()
	workflow, err := os.ReadFile(filepath.Join(workflowsDir, "access-review.yml"))
	if err != nil {
		t.Fatal(err)
	}
	uses := regexp.MustCompile(`uses: (.*)`).FindAllSubmatch(workflow, -1)
	if len(uses) == 0 {
		t.Error("the workflow uses no action")
	}
	for _, action := range uses {
		if !regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).Match(action[1]) {
			t.Errorf("%s is not a commit followed by its version", action[1])
		}
	}
}

// readYAML decodes a workflow with the function yamldecode of the CLI.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(workflowsDir, name))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "workflow.yml", string(content))
	cmd := accWorkspace.Terraform(t.Context(), dir, nil, "console")
	cmd.Stdin = strings.NewReader(`base64encode(jsonencode(yamldecode(file("workflow.yml"))))`)
	printed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Trim(string(printed), "\"\n"))
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	decoder := json.NewDecoder(bytes.NewReader(decoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// gitlabJob has the keywords of the jobs in the GitLab workflow. Any other keyword in a job is an error.
type gitlabJob struct {
	Image struct {
		Name       string   `json:"name"`
		Entrypoint []string `json:"entrypoint"`
	} `json:"image"`
	Rules []struct {
		If string `json:"if"`
	} `json:"rules"`
	Timeout      string   `json:"timeout"`
	BeforeScript []string `json:"before_script"`
	Script       []string `json:"script"`
	Artifacts    struct {
		When     string   `json:"when"`
		Access   string   `json:"access"`
		ExpireIn string   `json:"expire_in"`
		Paths    []string `json:"paths"`
		Reports  struct {
			JUnit string `json:"junit"`
		} `json:"reports"`
	} `json:"artifacts"`
}

func gitlabJobs(t *testing.T) map[string]gitlabJob {
	t.Helper()
	var jobs map[string]gitlabJob
	readYAML(t, "access-review.gitlab-ci.yml", &jobs)
	return jobs
}

// githubSteps returns the scripts of a job, by name of the step.
func githubSteps(t *testing.T, job string) map[string]string {
	t.Helper()
	var workflow map[string]json.RawMessage
	readYAML(t, "access-review.yml", &workflow)
	var jobs map[string]struct{ Steps []struct{ Name, Run string } }
	if err := json.Unmarshal(workflow["jobs"], &jobs); err != nil {
		t.Fatal(err)
	}
	steps := map[string]string{}
	for _, step := range jobs[job].Steps {
		steps[step.Name] = step.Run
	}
	return steps
}

// ciJob is the review job on GitHub or GitLab.
type ciJob struct {
	dir   string // of the repository
	env   []string
	steps []string
	// store makes the review in a folder the last review, which the next run of the job downloads.
	store func(t *testing.T, review string)
}

// run removes the files of earlier runs, and runs the steps until a step fails. It returns the exit status.
func (j *ciJob) run(t *testing.T) (printed string, status int) {
	t.Helper()
	for _, stale := range []string{"review", "last", "artifacts.json", "jobs.json"} {
		if err := os.RemoveAll(filepath.Join(j.dir, stale)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range j.steps {
		cmd := accWorkspace.Command(t.Context(), j.dir, j.env, "sh", "-e", "-c", step)
		output, err := cmd.CombinedOutput()
		printed += string(output)
		if err != nil {
			return printed, cmd.ProcessState.ExitCode()
		}
	}
	return printed, 0
}

func (j *ciJob) read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(j.dir, "review", file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// newCIJob returns a job whose repository contains the examples at the top level, as the workflows expect.
func newCIJob(t *testing.T) *ciJob {
	t.Helper()
	jqRuns(t)
	c := emptyCLI(t)
	copyFolder(t, examplesDir, c.dir)
	bin := t.TempDir()
	if err := os.Symlink(os.Getenv("TF_ACC_TERRAFORM_PATH"), filepath.Join(bin, "terraform")); err != nil {
		t.Fatal(err)
	}
	j := &ciJob{dir: c.dir, env: []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "TF_CLI_CONFIG_FILE=" + accWorkspace.Path("cli.tfrc"), "TERRAFORM=terraform",
		"TF_VAR_account=1526022105", "TF_VAR_directory_as_of=" + time.Now().UTC().Format(time.DateOnly), envMaxRetries + "=0",
	}}
	return j
}

// onGitHub sets up the job with a fake gh. Exactly one of its artifacts is the last review.
func onGitHub(t *testing.T, j *ciJob) {
	t.Helper()
	steps := githubSteps(t, "review")
	j.steps = []string{steps[""], steps["Download the last review"], steps["Review"]}
	bin, store := t.TempDir(), t.TempDir()
	gh := `#!/bin/sh
case "$1 $2 $4 $6" in
"api repos/$GH_REPO/actions/artifacts?name=access-review&per_page=100  ") cat "$STORE/artifacts.json" ;;
"run download --name --dir") cp -R "$STORE/$3-$5" "$7" ;;
*) exit 64 ;;
esac
`
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte(gh), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, store, "artifacts.json", `{"artifacts": []}`)
	j.env[0] = strings.Replace(j.env[0], "PATH=", "PATH="+bin+string(os.PathListSeparator), 1)
	j.env = append(j.env, "GH_REPO=northwind/access", "BRANCH=main", "GITHUB_RUN_ID=9", "STORE="+store)
	j.store = func(t *testing.T, review string) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(store, "5-access-review")); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(store, "5-access-review"), os.DirFS(review)); err != nil {
			t.Fatal(err)
		}
		artifact := func(run int, created, branch string, expired bool, from int) object {
			return object{"created_at": created, "expired": expired, "workflow_run": object{"id": run, "head_branch": branch, "repository_id": 1, "head_repository_id": from}}
		}
		write(t, store, "artifacts.json", jsonOf(t, object{"artifacts": []any{
			artifact(1, "2026-03-01T05:00:00Z", "main", false, 1), // older
			artifact(5, "2026-03-08T05:00:00Z", "main", false, 1),
			artifact(6, "2026-03-09T05:00:00Z", "other", false, 1), // of another branch
			artifact(7, "2026-03-10T05:00:00Z", "main", false, 2),  // of a fork
			artifact(8, "2026-03-11T05:00:00Z", "main", true, 1),   // expired
			artifact(9, "2026-03-12T05:00:00Z", "main", false, 1),  // of an earlier attempt of this run
		}}))
	}
}

// onGitLab sets up the job with a fake GitLab API. Exactly one of its jobs has the last review.
func onGitLab(t *testing.T, j *ciJob) {
	t.Helper()
	job := gitlabJobs(t)["access-review"]
	j.steps = []string{job.BeforeScript[1], strings.Join(job.Script, "\n")} // without the installation of jq
	const token = "glpat-0123456789"
	var last string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const jobs = "/api/v4/projects/7/jobs"
		switch file, ok := strings.CutPrefix(r.URL.Path, jobs+"/5/artifacts/review/"); {
		case r.Header.Get("PRIVATE-TOKEN") != token:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == jobs && last == "":
			_, _ = io.WriteString(w, `[]`)
		case r.URL.Path == jobs:
			_, _ = io.WriteString(w, `[
				{"id": 10, "name": "access-review", "ref": "main", "pipeline": {"id": 70}, "artifacts_file": {"filename": "artifacts.zip"}},
				{"id": 9, "name": "drift", "ref": "main"},
				{"id": 8, "name": "access-review", "ref": "refs/merge-requests/3/head", "artifacts_file": {"filename": "artifacts.zip"}},
				{"id": 7, "name": "access-review", "ref": "main"},
				{"id": 6, "name": "access-review", "ref": "main", "artifacts_file": {"filename": "artifacts.zip"}},
				{"id": 5, "name": "access-review", "ref": "main", "artifacts_file": {"filename": "artifacts.zip"}},
				{"id": 4, "name": "access-review", "ref": "main", "artifacts_file": {"filename": "artifacts.zip"}}]`)
		case ok:
			http.ServeFile(w, r, filepath.Join(last, file))
		case strings.HasPrefix(r.URL.Path, jobs+"/6/"): // a job without a review
			w.WriteHeader(http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	j.env = append(j.env, "CI_API_V4_URL="+server.URL+"/api/v4", "CI_PROJECT_ID=7", "CI_DEFAULT_BRANCH=main", "CI_PIPELINE_ID=70", "REVIEW_TOKEN="+token)
	j.store = func(_ *testing.T, review string) { last = review }
}

var ciSystems = map[string]func(*testing.T, *ciJob){"GitHub": onGitHub, "GitLab": onGitLab}

// The job reviews the sandbox, and compares the review with the last review. It fails if the last review does not have
// its SHA-256, or if the provider cannot reach the sandbox. It prints no users.
func TestAccReviewWorkflow(t *testing.T) {
	t.Parallel()
	for name, on := range ciSystems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newCIJob(t)
			on(t, j)
			sandbox, err := accWorkspace.StartSandbox(t.Context(), vectara.V2, "-latency", "0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(sandbox.Stop)
			people := listed(t, map[string][]string{vectara.V2: sandbox.Environ})
			j.env = append(j.env, sandbox.Environ...)
			run := func(want int, pattern string) {
				t.Helper()
				printed, status := j.run(t)
				if status != want || !regexp.MustCompile(pattern).MatchString(printed) {
					t.Fatalf("got status %d, want %d and %q:\n%s", status, want, pattern, printed)
				}
				for _, person := range people {
					if strings.Contains(strings.ToLower(printed), strings.ToLower(person)) {
						t.Errorf("the output contains %s:\n%s", person, printed)
					}
				}
			}
			kept := []string{"junit.xml", "plan.json", "plan.log", "report.html", "report.json", "report.json.sha256", "report.md", "review.sarif"}

			run(1, `(?s)plan.json: 2 of 12 controls hold, 9 fail, 1 not assessed, 0 excluded\n.*not assessed: privileged_users_are_not_new\n[0-9a-f]{64}  report.json\n`)
			for _, file := range kept {
				content := bytes.ToLower(j.read(t, file))
				named := slices.ContainsFunc(people, func(person string) bool { return bytes.Contains(content, []byte(strings.ToLower(person))) })
				if want := slices.Contains([]string{"plan.json", "report.html", "report.json", "report.md"}, file); named != want {
					t.Errorf("%s contains the name of a user: %t, want %t", file, named, want)
				}
			}
			if left, err := os.ReadDir(filepath.Join(j.dir, "review")); err != nil || len(left) != len(kept) {
				t.Errorf("the folder of the review has %v, want %q: %v", left, kept, err)
			}

			last := filepath.Join(t.TempDir(), "last")
			if err := os.Rename(filepath.Join(j.dir, "review"), last); err != nil {
				t.Fatal(err)
			}
			j.store(t, last)
			run(1, `plan.json: 3 of 12 controls hold, 9 fail, 0 not assessed, 0 excluded\n`)
			var before, after struct {
				ReadAt  string `json:"read_at"`
				Changes struct{ Since string }
			}
			content, err := os.ReadFile(filepath.Join(last, "report.json"))
			if err != nil {
				t.Fatal(err)
			}
			if json.Unmarshal(content, &before) != nil || json.Unmarshal(j.read(t, "report.json"), &after) != nil || after.Changes.Since != before.ReadAt {
				t.Errorf("the last review was read at %q, but the review compares with one of %q", before.ReadAt, after.Changes.Since)
			}

			if err := os.WriteFile(filepath.Join(last, "report.json"), bytes.Replace(content, []byte(`"privileged":true`), []byte(`"privileged":false`), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			j.store(t, last)
			run(2, `^(?s).*The last review differs from its SHA-256\.\n$`)
			if err := os.WriteFile(filepath.Join(last, "report.json"), content, 0o600); err != nil {
				t.Fatal(err)
			}
			j.store(t, last)

			sandbox.Stop()
			run(2, `(?s)Error: (Vectara|Openlayer) cannot be reached\n.*plan.json: `)
			if left, err := filepath.Glob(filepath.Join(j.dir, "review", "report*")); err != nil || len(left) > 0 {
				t.Errorf("after a failed plan, the folder of the review has %q: %v", left, err)
			}
		})
	}
}

// For a team without findings, the first review fails, because one control needs a last review, and the second review
// passes. If every pass over a listing is inconsistent, the job fails without a result.
func TestAccReviewWorkflowOfCleanTeam(t *testing.T) {
	t.Parallel()
	for name, on := range ciSystems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newCIJob(t)
			on(t, j)
			f := newFakes(t)
			f.vectara.MaxResults = 2
			team := []vectaratest.User{}
			for i, role := range []string{"CustomerRole_Owner", "CustomerRole_Admin", "CustomerRole_Corpus_Admin"} {
				handle := []string{"ada", "bob", "cyd"}[i]
				team = append(team, vectaratest.User{
					ID: uint32(i + 1), Handle: handle, Email: handle + "@northwind.example", Type: "USER_TYPE__USER",
					UserStatus: "USER_STATUS__ACTIVE", Roles: []string{role},
				})
			}
			f.vectara.SetUsers(team)
			f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "ada@northwind.example", LastRecord: time.Now()}})
			for variable, value := range f.environment() {
				j.env = append(j.env, variable+"="+value)
			}
			j.env = append(j.env, envVectaraAPIVersion+"="+vectara.V2, "TF_VAR_inference_pipeline_id="+testPipeline, "TF_VAR_account="+testCustomerID)
			scenario := filepath.Join(j.dir, "scenarios", "access-audit")
			write(t, scenario, "directory.csv", "name,email,status,ends\nAda,ada@northwind.example,active,\nBob,bob@northwind.example,active,\nCyd,cyd@northwind.example,active,\n")
			write(t, scenario, "approvals.csv", "subject,roles,owner,reason,ends,exceptions\n"+
				"ada@northwind.example,owner,bob@northwind.example,Founder,2099-12-31,\n"+
				"bob@northwind.example,administrator,ada@northwind.example,Operations,2099-12-31,\n"+
				"cyd@northwind.example,corpus_administrator,ada@northwind.example,Content,2099-12-31,\n")

			run := func(want int, pattern string) {
				t.Helper()
				if printed, status := j.run(t); status != want || !regexp.MustCompile(pattern).MatchString(printed) || strings.Contains(printed, "@") {
					t.Fatalf("got status %d, want %d, %q and no address:\n%s", status, want, pattern, printed)
				}
			}
			run(1, `plan.json: 11 of 12 controls hold, 0 fail, 1 not assessed, 0 excluded\n`)
			last := filepath.Join(t.TempDir(), "last")
			if err := os.Rename(filepath.Join(j.dir, "review"), last); err != nil {
				t.Fatal(err)
			}
			j.store(t, last)
			run(0, `plan.json: 12 of 12 controls hold, 0 fail, 0 not assessed, 0 excluded\n`)

			// With enforce, the plan fails if a control has findings, but its JSON still contains the review.
			f.vectara.SetUsers(team[:2])
			j.env = append(j.env, "TF_VAR_enforce=true")
			run(1, `(?s)Error: [^\n]*precondition failed\n.*plan.json: 11 of 12 controls hold, 1 fail`)

			f.vectara.Intercept = func(http.ResponseWriter, *http.Request, int) bool {
				team = append(team[1:], team[0])
				f.vectara.SetUsers(team)
				return false
			}
			run(2, `Error: Listing from Vectara is inconsistent\n`)
		})
	}
}

// With encryption.tofu, OpenTofu's state and plan files contain no user in plain text. Without it, they do.
func TestAccStateEncryption(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	f.vectara.SetUsers([]vectaratest.User{{ID: 1, Handle: "ada", Email: memberAddress}})
	c := newCLI(t, f, `
		data "vectara_users" "team" {
			provider = llmusers
		}`)
	if accWorkspace.Engine.Name != "OpenTofu" {
		t.Skip("Terraform encrypts neither state nor plan")
	}
	c.env = append(c.env, "TF_LOG=") // no log, because the test is only about state and plan files
	named := func() (files []string) {
		t.Helper()
		for _, command := range [][]string{{"apply", "-auto-approve"}, {"plan", "-out=saved.plan"}} {
			c.must(t, append(command, "-no-color", "-input=false")...)
		}
		for file, content := range everything(t, c.dir) {
			if bytes.Contains(content, []byte(memberAddress)) {
				files = append(files, file)
			}
		}
		slices.Sort(files)
		return files
	}
	if got, want := named(), []string{"saved.plan/tfstate", "saved.plan/tfstate-prev", "terraform.tfstate"}; !slices.Equal(got, want) {
		t.Errorf("without encryption, the address of a member is in %q, want %q", got, want)
	}
	c.must(t, "destroy", "-auto-approve", "-no-color")
	for _, file := range []string{"terraform.tfstate", "terraform.tfstate.backup", "saved.plan"} {
		if err := os.Remove(filepath.Join(c.dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(filepath.Join(workflowsDir, "encryption.tofu"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, c.dir, "encryption.tofu", string(content))
	c.env = append(c.env, "TF_VAR_state_passphrase=correct horse battery staple")
	c.must(t, "init", "-input=false", "-no-color")
	if got := named(); len(got) > 0 {
		t.Errorf("with encryption, the address of a member is in %q", got)
	}
	c.must(t, "show", "-json", "saved.plan")
}
