package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// sampleJSON is a report with every kind of content of the summary.
const sampleJSON = `{
	"verdict": "1 of 3 controls hold, 1 fails, 1 not assessed",
	"members_source": {"api_version": "v2"}, "end_users_source": {"count": 420},
	"population": {"members": 36, "app_clients": 3, "owners": 2, "privileged": 20, "disabled": 4},
	"controls": [
		{"title": "Users belong to the company", "result": "fails", "findings": [{"name": "zoë@lumen.example", "detail": "administrator"}, {"name": "the account", "detail": ""}, {"name": "somebody.with.a.long.name@northwind.example", "detail": "owner, administrator, billing_administrator, corpus_administrator"}],
			"exceptions": [{"name": "bo@lumen.example", "detail": "owner"}], "not_assessed": ["app clients were not read"]},
		{"title": "Leavers have no access", "result": "not assessed", "findings": [], "exceptions": [], "not_assessed": ["no directory was given"]},
		{"title": "The account has members", "result": "holds", "findings": [], "exceptions": [], "not_assessed": []}
	]
}`

const sampleSummary = `
1 of 3 controls hold, 1 fails, 1 not assessed
  vectara_users, REST v2: 36 members with 3 app clients, 2 owners, 20 privileged, 4 disabled
  openlayer_pipeline_users: 420 end users

  ✗ fails  Users belong to the company
           zoë@lumen.example (administrator)
           the account
           somebody.with.a.long.name@northwind.example (owner, administrator, billing_administrator…
           approved: bo@lumen.example (owner)
           app clients were not read
  ? not assessed  Leavers have no access
           no directory was given
  ✓ holds  The account has members

Next
  .cache/demo/report.html                    the report; report.md and report.json are beside it
  examples/scenarios/access-audit/README.md  run the review on your own accounts, and make it block
  go run ./internal/sandbox                  the same users, for a configuration of your own
`

// planWith returns a plan with these outputs.
func planWith(t *testing.T, outputs map[string]any) []byte {
	t.Helper()
	values := map[string]any{}
	for name, value := range outputs {
		values[name] = map[string]any{"sensitive": true, "value": value}
	}
	text, err := json.Marshal(map[string]any{"format_version": "1.2", "planned_values": map[string]any{"outputs": values}})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSummary(t *testing.T) {
	t.Parallel()
	texts, found, err := decodePlan(planWith(t, map[string]any{"report_json": sampleJSON, "report_html": "<!doctype html>", "report_md": "# Access review"}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (reports{sampleJSON, "<!doctype html>", "# Access review"}); texts != want {
		t.Errorf("got the reports %+v", texts)
	}
	plain, err := style(false).show(found, ".cache/demo/report.html")
	if err != nil || plain != sampleSummary {
		t.Errorf("got error %v and:\n%s\nwant:\n%s", err, plain, sampleSummary)
	}
	coloured, err := style(true).show(found, ".cache/demo/report.html")
	if err != nil || !strings.Contains(coloured, "\x1b[31m✗ fails\x1b[0m") {
		t.Errorf("a failing control is not red, and error %v", err)
	}
	if stripped := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, ""); stripped != plain {
		t.Errorf("colour changes the text:\n%s", stripped)
	}
}

func TestDecodePlanRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string][]byte{
		"not JSON":      []byte("Error: no plan"),
		"no outputs":    planWith(t, nil),
		"no report":     planWith(t, map[string]any{"report_html": "", "report_md": ""}),
		"not a string":  planWith(t, map[string]any{"report_json": nil, "report_html": "", "report_md": ""}),
		"not an object": planWith(t, map[string]any{"report_json": "# Access review", "report_html": "", "report_md": ""}),
		"no controls":   planWith(t, map[string]any{"report_json": `{"controls": []}`, "report_html": "", "report_md": ""}),
	} {
		if _, _, err := decodePlan(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestStep(t *testing.T) {
	t.Parallel()
	got := style(false).stepBegins(4, "terraform plan") + style(false).stepEnds("reads", 1234*time.Millisecond)
	want := "  4  terraform plan   reads" + strings.Repeat(" ", 65) + "   1.2 s\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if columns := utf8.RuneCountInString(got) - 1; columns != width {
		t.Errorf("the line has %d columns", columns)
	}
}

// polluted are variables that would make the demo fail or change its result.
var polluted = []string{
	"TF_CLI_CONFIG_FILE=/nowhere/config.tfrc", "TF_CLI_ARGS=-no-such-flag", "TF_CLI_ARGS_plan=-destroy", "TF_LOG=trace", "TF_WORKSPACE=other",
	"TF_DATA_DIR=/nowhere/data", "TF_PLUGIN_CACHE_DIR=/nowhere/cache", "TF_REATTACH_PROVIDERS={}", "TF_INPUT=1",
	"TF_VAR_max_cost=1000000", "TF_VAR_inference_pipeline_id=mine", "TF_TOKEN_app_terraform_io=mine", "TERRAFORM_CONFIG=/nowhere/config.tfrc",
	"OPENLAYER_API_KEY=mine", "OPENLAYER_BASE_URL=https://api.openlayer.com/v1",
	"VECTARA_OAUTH_TOKEN=mine", "VECTARA_CUSTOMER_ID=1", "LLMUSERS_MAX_RETRIES=none",
}

// terraformForTest returns the engine of the acceptance tests.
func terraformForTest(t *testing.T) string {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs a real Terraform; set TF_ACC to let it")
	}
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path
	}
	return "terraform"
}

// hostile returns an environment with settings that the demo must ignore (polluted) and an empty home.
func hostile(t *testing.T) (environ []string, home string) {
	t.Helper()
	// Keep Go's caches despite the other HOME, so that nothing is rebuilt.
	folders, err := workspace.Output(workspace.Command(t.Context(), os.Environ(), "go", "env", "GOCACHE", "GOMODCACHE"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(folders), "\n")
	home = t.TempDir()
	return slices.Concat(os.Environ(), polluted, []string{
		"HOME=" + home, "GOCACHE=" + strings.TrimSpace(lines[0]), "GOMODCACHE=" + strings.TrimSpace(lines[1]),
	}), home
}

// checkNothingLeft checks that the folder for temporary files is empty, and that no process runs from it.
func checkNothingLeft(t *testing.T, temp string) {
	t.Helper()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	processes, _ := filepath.Glob("/proc/[0-9]*") // empty on systems without /proc
	for _, process := range processes {
		arguments, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		program, _ := os.Readlink(filepath.Join(process, "exe"))
		if strings.Contains(string(arguments), temp) || strings.Contains(program, temp) {
			t.Errorf("this process is still running: %s %q", program, arguments)
		}
	}
}

func TestAccDemo(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"v1", "v2"} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			testDemo(t, api)
		})
	}
}

// testDemo runs the demo for a version of Vectara's API.
func testDemo(t *testing.T, api string) {
	terraform := terraformForTest(t)
	environ, home := hostile(t)
	temp, report := t.TempDir(), t.TempDir()
	var out strings.Builder
	if err := run(t.Context(), options{terraform: terraform, api: api, environ: environ, temp: temp, report: report, out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	text := out.String()
	checkNothingLeft(t, temp)

	listened := regexp.MustCompile(`127\.0\.0\.1:[0-9]+`).FindString(text)
	if connection, err := net.Dial("tcp", listened); err == nil {
		_ = connection.Close()
		t.Errorf("the sandbox still listens at %s", listened)
	}
	if left, _ := filepath.Glob(filepath.Join(home, ".terraform*")); len(left) > 0 {
		t.Errorf("left behind at home: %v", left)
	}

	verdict, controls := "2 of 12 controls hold, 9 fail, 1 not assessed", 9
	if api == "v1" {
		verdict = "1 of 12 controls hold, 9 fail, 2 not assessed"
	}
	for _, file := range []string{"report.html", "report.md", "report.json"} {
		content, err := os.ReadFile(filepath.Join(report, file))
		if err != nil || !strings.Contains(string(content), verdict) {
			t.Errorf("the report %s, and error %v:\n%s", file, err, content)
		}
	}
	if fails := strings.Count(text, "✗ fails"); fails != controls {
		t.Errorf("%d controls fail, want %d", fails, controls)
	}

	// The sandbox has these problems on purpose. The names are random.
	const name = `[a-z.]+@northwind\.example`
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		`plays both vendors, with Vectara's API ` + api + `, at 127`,
		`vectara_users, REST ` + api + `: 36 members with 3 app clients, 2 owners, [1-9]\d* privileged, 4 disabled`,
		`openlayer_pipeline_users: [1-9]\d* end users`,
		`Next ` + regexp.QuoteMeta(filepath.Join(report, "report.html")) + ` the report; `,
		`✓ holds The account has members`,
		`✗ fails App clients are not privileged terraform \(administrator\)`,
		`✗ fails The number of owners is within its limits ` + name + ` \(one of 2 owners, at most 1 allowed\) ` + name,
		`[a-z.]+@northwİnd\.example \(billing_administrator\) approved: [a-z.]+@freelance\.example \(administrator\)`,
		`✗ fails Leavers do not use the application Hana\.Morvan@northwind\.example \(left on `,
		`✗ fails Members hold approved roles only ` + name + ` \(administrator\)`,
		`\? not assessed No user has become privileged since the last review`,
	} {
		if !regexp.MustCompile(want).MatchString(flat) {
			t.Errorf("no match for %s in the output", want)
		}
	}
	// Replace the path by the usual path, with the same column width.
	text = regexp.MustCompile(regexp.QuoteMeta(filepath.Join(report, "report.html"))+" +").
		ReplaceAllString(text, fmt.Sprintf("%-43s", filepath.Join(".cache", "demo", "report.html")))
	if api == "v2" {
		checkPicture(t, "$ make demo\n\n"+text)
	}
	for line := range strings.Lines(text) {
		if columns := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); columns > width {
			t.Errorf("%d columns: %s", columns, line)
		}
	}
	if lines := strings.Count(text, "\n"); lines > 65 {
		t.Errorf("the output has %d lines", lines)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// checkPicture compares the text of the README's picture with the output of a demo. It ignores text that changes from
// run to run, and the name of the CLI.
func checkPicture(t *testing.T, text string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", ".github", "demo.svg"))
	if err != nil {
		t.Fatal(err)
	}
	var drawn struct {
		Lines []struct {
			Parts []string `xml:"tspan"`
		} `xml:"g>text"`
	}
	if err := xml.Unmarshal(file, &drawn); err != nil {
		t.Fatal(err)
	}
	var picture strings.Builder
	for _, line := range drawn.Lines {
		picture.WriteString(strings.Join(line.Parts, "") + "\n")
	}
	steady := func(text string) string {
		text = regexp.MustCompile(`(?m)^(An access review .* with \w+) .*$`).ReplaceAllString(text, "$1")
		text = regexp.MustCompile(`last record [0-9-]+`).ReplaceAllString(text, "last record")
		text = regexp.MustCompile(`(?m)(, at 127\.0\.0\.1:\d+)? *\d+\.\d s$`).ReplaceAllString(text, "")
		text = regexp.MustCompile(`\btofu (init|plan)( {5})?`).ReplaceAllString(text, "terraform $1") // with the same column width
		return strings.ReplaceAll(text, "OpenTofu", "Terraform")
	}
	if got, want := steady(picture.String()), steady(text); got != want {
		t.Errorf("the picture is out of date; run \"make picture\". It has:\n%s\nThe demo printed:\n%s", got, want)
	}
}

// cancelAt is a writer that cancels a context at the first write with a text.
type cancelAt struct {
	text   string
	cancel context.CancelFunc
	strings.Builder
}

func (c *cancelAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		c.cancel()
	}
	return c.Builder.Write(p)
}

func TestAccDemoInterrupted(t *testing.T) {
	t.Parallel()
	terraform := terraformForTest(t)
	environ, _ := hostile(t)
	// The first text comes before the sandbox starts, the second text after it.
	for _, text := range []string{"go build", " plan"} {
		temp := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		out := &cancelAt{text: text, cancel: cancel}
		if err := run(ctx, options{terraform: terraform, api: "v1", environ: environ, temp: temp, report: t.TempDir(), out: out}); !errors.Is(err, context.Canceled) {
			t.Errorf("at %q: got error %v\n%s", text, err, out)
		}
		if !strings.HasSuffix(out.String(), "interrupted\n") {
			t.Errorf("at %q: the output does not end with \"interrupted\":\n%s", text, out)
		}
		checkNothingLeft(t, temp)
	}
}
