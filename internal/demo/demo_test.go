package main

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

func ptr(number float64) *float64 { return &number }

// sample has every shape that the text can take.
func sample() audit {
	var a audit
	a.team.Members, a.team.Disabled, a.team.WithoutRole = 1_204, 3, 1_190
	a.team.ByRole = map[string]int64{"owner": 2, "administrator": 10, "billing_administrator": 2}
	a.endUsers.Total, a.endUsers.Sessions, a.endUsers.Records = 999, 1_000, 12_345_678
	a.endUsers.Tokens, a.endUsers.Cost = 9_876_543_210, 1_234.5
	a.mostExpensive = []endUser{
		{ID: "cust-1", Sessions: ptr(12), Tokens: ptr(1_000_000), Cost: ptr(999.999)},
		{ID: "zoë@lumen.example", Cost: ptr(0.5)},
	}
	a.policies = []policy{
		{check: "at_most_one_owner", status: "fail", problems: []string{
			"Owners (2): somebody.with.a.long.name@northwind.example, somebody.else@northwind.example. " +
				"Keep one, and give the others a lesser role.",
		}},
		{check: "disabled_users_hold_no_role", status: "pass"},
		{check: "everybody_is_known", status: "unknown"},
	}
	return a
}

const sampleStory = `
Users found
  vectara_users: 1,204 members of the account, 3 of them disabled, 1,190 without a role
    10 administrator, 2 billing_administrator, 2 owner
  openlayer_pipeline_users: 999 end users of the application
    1,000 sessions, 12,345,678 records, 9,876,543,210 tokens, cost 1,234.50
    most expensive                             cost         tokens   sessions
    cust-1                                 1,000.00      1,000,000         12
    zoë@lumen.example                          0.50        unknown    unknown

Policies: 1 of 3 hold
  ✗ fails  At most one owner
           Owners (2): somebody.with.a.long.name@northwind.example, somebody.else@northwind.example.
           Keep one, and give the others a lesser role.
  ✓ holds  Disabled users hold no role
  ? unknown  Everybody is known

Checks warn and block nothing: tofu plan succeeded all the same.

Next
  .cache/demo/audit.html                     the report; audit.md beside it is for a pull request
  examples/scenarios/access-audit/README.md  run the audit on your own accounts, and make it block
  go run ./internal/sandbox                  the same users, for a configuration of your own
`

func TestStory(t *testing.T) {
	t.Parallel()
	e := workspace.Engine{Name: "OpenTofu", Version: "1.6.0", Command: "tofu"}
	plain := style(false).story(e, sample(), ".cache/demo/audit.html")
	if plain != sampleStory {
		t.Errorf("got:\n%s\nwant:\n%s", plain, sampleStory)
	}
	coloured := style(true).story(e, sample(), ".cache/demo/audit.html")
	if !strings.Contains(coloured, "\x1b[31m✗ fails\x1b[0m") {
		t.Error("a failing policy is not red")
	}
	if stripped := regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, ""); stripped != plain {
		t.Errorf("colour changes the text:\n%s", stripped)
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

func TestSeparate(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"0": "0", "999": "999", "1000": "1,000", "123456": "123,456", "1234567.25": "1,234,567.25", "-1000": "-1,000", "-100": "-100",
	} {
		if got := separate(number); got != want {
			t.Errorf("separate(%q) = %q, want %q", number, got, want)
		}
	}
}

// planWith is a plan with the outputs that the demo reads, and these checks.
func planWith(checks string) string {
	return `{"format_version": "1.2", "planned_values": {"outputs": {
		"team":           {"sensitive": false, "value": {"members": 3, "disabled": 1, "without_role": 2, "by_role": {"owner": 1}}},
		"end_users":      {"sensitive": false, "value": {"total": 1, "sessions": 2, "records": 3, "tokens": 4, "cost": 0.5}},
		"most_expensive": {"sensitive": false, "value": [{"id": "a", "sessions": 2, "tokens": null, "cost": 0.5}]},
		"not_assessed":   {"sensitive": false, "value": {"two": ["app clients were not read"]}},
		"audit_html":     {"sensitive": true, "value": "<!doctype html>"},
		"audit_md":       {"sensitive": true, "value": "# Access audit"}
	}}, "checks": ` + checks + `}`
}

func TestDecodePlan(t *testing.T) {
	t.Parallel()
	got, err := decodePlan([]byte(planWith(`[
		{"address": {"kind": "check", "name": "one"}, "status": "fail", "instances": [
			{"address": {"to_display": "check.one"}, "status": "fail", "problems": [{"message": "first"}, {"message": "second"}]}]},
		{"address": {"kind": "check", "name": "two"}, "status": "fail", "instances": [{"status": "fail", "problems": [{"message": "Not assessed."}]}]},
		{"address": {"kind": "check", "name": "good"}, "status": "pass", "instances": [{"status": "pass"}]},
		{"address": {"kind": "check", "name": "three"}, "status": "unknown"},
		{"address": {"kind": "var", "name": "max_cost"}, "status": "pass", "instances": [{"status": "pass"}]}
	]`)))
	if err != nil {
		t.Fatal(err)
	}
	var want audit
	want.team.Members, want.team.Disabled, want.team.WithoutRole = 3, 1, 2
	want.team.ByRole = map[string]int64{"owner": 1}
	want.endUsers.Total, want.endUsers.Sessions, want.endUsers.Records, want.endUsers.Tokens, want.endUsers.Cost = 1, 2, 3, 4, 0.5
	want.mostExpensive = []endUser{{ID: "a", Sessions: ptr(2), Cost: ptr(0.5)}}
	want.html, want.markdown = "<!doctype html>", "# Access audit"
	want.policies = []policy{
		{check: "one", status: "fail", problems: []string{"first", "second"}},
		{check: "two", status: "not assessed", problems: []string{"Not assessed."}},
		{check: "good", status: "pass"},
		{check: "three", status: "unknown"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodePlanRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no JSON":               `Error: no plan`,
		"no outputs":            `{"planned_values": {}, "checks": []}`,
		"an output not known":   strings.Replace(planWith(`[]`), `"value": [{"id"`, `"other": [{"id"`, 1),
		"an output of no shape": strings.Replace(planWith(`[]`), `"members": 3`, `"members": "x"`, 1),
		"no check":              planWith(`[{"address": {"kind": "var", "name": "max_cost"}, "status": "pass"}]`),
	} {
		if _, err := decodePlan([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// polluted is an environment that would make the demo fail, or another demo.
var polluted = []string{
	"TF_CLI_CONFIG_FILE=/nowhere/config.tfrc", "TF_CLI_ARGS=-no-such-flag", "TF_CLI_ARGS_plan=-destroy", "TF_LOG=trace", "TF_WORKSPACE=other",
	"TF_DATA_DIR=/nowhere/data", "TF_PLUGIN_CACHE_DIR=/nowhere/cache", "TF_REATTACH_PROVIDERS={}", "TF_INPUT=1",
	"TF_VAR_max_cost=1000000", "TF_VAR_inference_pipeline_id=mine", "TF_TOKEN_app_terraform_io=mine", "TERRAFORM_CONFIG=/nowhere/config.tfrc",
	"OPENLAYER_API_KEY=mine", "OPENLAYER_BASE_URL=https://api.openlayer.com/v1",
	"VECTARA_OAUTH_TOKEN=mine", "VECTARA_CUSTOMER_ID=1", "LLMUSERS_MAX_RETRIES=none",
}

// terraformForTest is the engine of acceptance tests.
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

// hostile is an environment with everything against the demo: other settings, and an empty home.
func hostile(t *testing.T) (environ []string, home string) {
	t.Helper()
	// Where a home decides over them, Go's folders stay what they are, so that nothing is built anew.
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

// checkNothingLeft fails if the folder of temporary files has anything in it, or a process runs
// from there.
func checkNothingLeft(t *testing.T, temp string) {
	t.Helper()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	processes, _ := filepath.Glob("/proc/[0-9]*") // none on systems that do not have it
	for _, process := range processes {
		arguments, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		program, _ := os.Readlink(filepath.Join(process, "exe"))
		if strings.Contains(string(arguments), temp) || strings.Contains(program, temp) {
			t.Errorf("still running: %s %q", program, arguments)
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

	for _, file := range []string{"audit.html", "audit.md"} {
		content, err := os.ReadFile(filepath.Join(report, file))
		if err != nil || !strings.Contains(string(content), "1 of 8 policies hold") {
			t.Errorf("the report %s, and error %v:\n%s", file, err, content)
		}
	}

	// Who breaks the policies is in the sandbox on purpose. Names are made up there.
	const name = `[a-z.]+@northwind\.example`
	offenders, disabled, agency, apiPolicy := "2", "", "", `\? not assessed Users have no api policy Not assessed: REST v1 has no entitlements of the scopes corpus, agent, operation\. `
	if api == "v2" {
		offenders, disabled, agency = "3", `, `+name+` \(administrator on contracts\)`, ` [a-z.]+@agency\.example \(agent_administrator on returns-desk\),`
		apiPolicy = `✗ fails Users have no api policy [^:]* \(1\): ` + name + ` \(createApiKey on any resource, listCorpora on any resource, listCorpusDocuments on contracts\)\. `
	}
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		`plays both vendors, with Vectara's API ` + api + `, at 127`,
		`vectara_users: \d+ members of the account, [1-9]\d* of them disabled, [1-9]\d* without a role`,
		` 2 owner\b`,
		`openlayer_pipeline_users: [1-9]\d* end users`,
		`most expensive cost tokens sessions \S+ 1\d\d\.\d\d \S+ \S+ \S+ 1\d\d\.\d\d `,
		`Policies: 1 of 8 hold`,
		`Next ` + regexp.QuoteMeta(filepath.Join(report, "audit.html")) + ` the report; `,
		`✓ holds Account has members`,
		`✗ fails App clients are not privileged [^:]* \(1\): terraform \(administrator\)\. `,
		`✗ fails At most one owner Owners \(2\): ` + name + `, ` + name + `\. `,
		`✗ fails Privileged users belong to the company [^:]* \(` + offenders + `\): [a-z.]+@freelance\.example \(administrator\),` + agency +
			` [a-z.]+@northwİnd\.example \(billing_administrator\)\. `,
		`✗ fails Members are approved [^:]* \(3\): [a-z.]+@freelance\.example, [a-z.]+@agency\.example, [a-z.]+@northwİnd\.example\. `,
		`✗ fails Disabled users hold no role [^:]* \(` + offenders + `\): ` + name + ` \(\w+_administrator\), ` + name + ` \(\w+_administrator\)` + disabled + `\. `,
		apiPolicy,
		`✗ fails End users stay within max cost [^:]* above 50 \(2\): \S+ \(1\d\d\.\d\d\), \S+ \(1\d\d\.\d\d\)\. `,
	} {
		if !regexp.MustCompile(want).MatchString(flat) {
			t.Errorf("there is no %s", want)
		}
	}
	// As wide in its column as where the report usually is.
	text = regexp.MustCompile(regexp.QuoteMeta(filepath.Join(report, "audit.html"))+" +").
		ReplaceAllString(text, fmt.Sprintf("%-43s", filepath.Join(".cache", "demo", "audit.html")))
	if api == "v2" {
		checkPicture(t, "$ make demo\n\n"+text)
	}
	for line := range strings.Lines(text) {
		if columns := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); columns > width {
			t.Errorf("%d columns: %s", columns, line)
		}
	}
	if lines := strings.Count(text, "\n"); lines > 50 {
		t.Errorf("the output has %d lines", lines)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// checkPicture compares the text of the README's picture with that of a demo. What differs from run to
// run is in neither, and another CLI than the picture's is no difference.
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
		text = regexp.MustCompile(`(?m)^(An access audit .* with \w+) .*$`).ReplaceAllString(text, "$1")
		text = regexp.MustCompile(`(?m)(, at 127\.0\.0\.1:\d+)? *\d+\.\d s$`).ReplaceAllString(text, "")
		text = regexp.MustCompile(`\btofu (init|plan)( {5})?`).ReplaceAllString(text, "terraform $1") // as wide in its column
		return strings.ReplaceAll(text, "OpenTofu", "Terraform")
	}
	if got, want := steady(picture.String()), steady(text); got != want {
		t.Errorf("the picture is out of date; run \"make picture\". It has:\n%s\nThe demo printed:\n%s", got, want)
	}
}

// cancelAt ends a context when a text is written.
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
	// The first text comes before the sandbox runs, the second one after it.
	for _, text := range []string{"go build", " plan"} {
		temp := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		out := &cancelAt{text: text, cancel: cancel}
		if err := run(ctx, options{terraform: terraform, api: "v1", environ: environ, temp: temp, report: t.TempDir(), out: out}); !errors.Is(err, context.Canceled) {
			t.Errorf("at %q: got error %v\n%s", text, err, out)
		}
		if !strings.HasSuffix(out.String(), "interrupted\n") {
			t.Errorf("at %q: it does not say that it was interrupted:\n%s", text, out)
		}
		checkNothingLeft(t, temp)
	}
}

// serveListings is both vendors' APIs, and one version of Vectara's, with a response for each listing, which may
// leave out anything. The app clients are v2's.
func serveListings(t *testing.T, api, team, appClients, endUsers string) (environ []string) {
	t.Helper()
	mux := http.NewServeMux()
	respond := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
	mux.HandleFunc("POST /vectara/v1/list-users", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, `{"user": `+team+`, "pageKey": "", "status": null}`)
	})
	mux.HandleFunc("GET /vectara/v2/users", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, `{"users": `+team+`, "metadata": {"page_key": null}}`)
	})
	mux.HandleFunc("GET /vectara/v2/app_clients", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, `{"app_clients": `+appClients+`, "metadata": {"page_key": null}}`)
	})
	mux.HandleFunc("POST /openlayer/v1/inference-pipelines/{id}/users", func(w http.ResponseWriter, r *http.Request) {
		if page := r.URL.Query().Get("page"); page != "" && page != "1" {
			respond(w, `{"items": []}`)
			return
		}
		respond(w, `{"items": `+endUsers+`}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return []string{
		"OPENLAYER_API_KEY=key", "OPENLAYER_BASE_URL=" + server.URL + "/openlayer/v1",
		"VECTARA_CUSTOMER_ID=1", "VECTARA_OAUTH_TOKEN=token", "VECTARA_BASE_URL=" + server.URL + "/vectara", "VECTARA_API_VERSION=" + api,
		"TF_VAR_inference_pipeline_id=182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",
	}
}

// installed is a demo whose scenario can be planned.
func installed(t *testing.T) demo {
	t.Helper()
	d, err := newDemo(t.Context(), t.TempDir(), terraformForTest(t), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Remove(); err != nil {
			t.Error(err)
		}
	})
	if err := d.build(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := d.init(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// The scenario has to bear whatever the APIs leave out, and to distinguish what looks alike.
func TestAccScenario(t *testing.T) {
	t.Parallel()
	d := installed(t)
	approved := filepath.Join(t.TempDir(), "approved.csv")
	if err := os.WriteFile(approved, []byte("handle,email\r\nada,\r\nbot,\r\n"+
		",ada@northwind.example\r\n,bo@northwind.example\r\n,left@northwind.example\r\n,out@elsewhere.example\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	const (
		noOwner = "Not assessed: no owner is visible, and every account has one"
		inV1    = "Not assessed: REST v1 has no entitlements of the scopes corpus, agent, operation."
	)
	ofEntitlements := []string{
		"privileged_users_belong_to_the_company", "app_clients_are_not_privileged", "disabled_users_hold_no_role", "users_have_no_api_policy",
	}
	ofMembers := append([]string{"account_has_members", "members_are_approved", "at_most_one_owner"}, ofEntitlements...)
	// Some policies that are not assessed for this reason, unless they have a problem.
	notAssessed := func(policies []string, reason string, problems map[string]string) map[string]string {
		all := map[string]string{}
		for _, policy := range policies {
			all[policy] = reason
		}
		maps.Copy(all, problems)
		return all
	}

	tests := []struct {
		name           string
		api            string // v1 if empty
		team, endUsers string
		appClients     string // none if empty
		members        int64
		cost           float64
		mostExpensive  []string
		problems       map[string]string // the begin of each; the other policies hold
	}{
		{
			name: "no users",
			team: `[]`, endUsers: `[]`,
			problems: notAssessed(ofMembers, noOwner, map[string]string{"account_has_members": "Accounts without a member (1): northwind.example. "}),
		},
		{
			name:     "what is not known breaks no policy",
			team:     `[{}, {"id": 1, "role": null}, {"id": 2, "email": null, "userStatus": "USER_STATUS__NONE", "role": ["CustomerRole_None"]}]`,
			endUsers: `[{"id": "a"}, {"id": "b", "cost": null, "tokens": 5}]`,
			members:  3, mostExpensive: []string{"b", "a"},
			problems: notAssessed(ofMembers, noOwner, map[string]string{
				"members_are_approved": "Not approved (3): 1, 2, a member without a name. ",
			}),
		},
		{
			name: "what only looks wrong",
			team: `[
				{"id": 1, "email": "Ada@NorthWind.Example", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Owner", "CustomerRole_Admin"]},
				{"id": 2, "email": "out@elsewhere.example", "role": ["CustomerRole_None"]},
				{"id": 3, "email": "left@northwind.example", "userStatus": "USER_STATUS__DISABLED", "role": ["CustomerRole_None"]},
				{"id": 4, "handle": "bot", "email": "", "type": "USER_TYPE__APP_CLIENT", "role": []}
			]`,
			endUsers: `[{"id": "a", "cost": 50}, {"id": "b", "cost": 0.1}, {"id": "c", "cost": 9.5}, {"id": "d", "cost": 0.2}]`,
			members:  4, cost: 59.8, mostExpensive: []string{"a", "c", "d"},
			problems: notAssessed(ofEntitlements, inV1, nil),
		},
		{
			name: "what is wrong",
			team: `[
				{"id": 1, "handle": "ada", "role": ["CustomerRole_Owner"]},
				{"id": 2, "email": "bo@northwind.example", "userStatus": "USER_STATUS__DISABLED", "role": ["CustomerRole_None", "CustomerRole_Owner"]},
				{"id": 3, "email": "cy@northwind.example.elsewhere.example", "role": ["CustomerRole_Corpus_Admin"]},
				{"id": 4, "email": "di@eu.northwind.example", "role": ["CustomerRole_Billing_Admin"]},
				{"id": 5, "handle": "", "email": "", "type": "USER_TYPE__APP_CLIENT", "role": ["CustomerRole_None", "CustomerRole_Admin"]},
				{"role": ["CustomerRole_Admin"]}
			]`,
			endUsers: `[{"id": "a", "cost": 50.01}, {"id": "b", "cost": 1000}, {"id": "c", "cost": 200}, {"id": "d", "cost": 90},
				{"id": "e", "cost": 100}, {"id": "f", "cost": 300.456}, {"id": "g", "cost": 1}]`,
			members: 6, cost: 1741.466, mostExpensive: []string{"b", "f", "c"},
			problems: notAssessed([]string{"users_have_no_api_policy"}, inV1, map[string]string{
				"members_are_approved": "Not approved (4): cy@northwind.example.elsewhere.example, di@eu.northwind.example, " +
					"5, a member without a name. ",
				"at_most_one_owner": "Owners (2): ada, bo@northwind.example. ",
				"privileged_users_belong_to_the_company": "Without an address at northwind.example (4): ada (owner), " +
					"cy@northwind.example.elsewhere.example (corpus_administrator), di@eu.northwind.example (billing_administrator), " +
					"a member without a name (administrator). ",
				"app_clients_are_not_privileged": "Privileged app clients (1): 5 (administrator). ",
				"disabled_users_hold_no_role":    "Disabled users with a role (1): bo@northwind.example (owner). ",
				"end_users_stay_within_max_cost": "End users with a cost above 50 (6): b (1000.00), f (300.46), c (200.00), e (100.00), d (90.00) and 1 more. ",
			}),
		},
		{
			name: "v2: what is not known breaks no policy", api: "v2",
			team:     `[{}, {"id": "usr_1", "api_roles": null}, {"id": "usr_2", "email": null, "enabled": null, "api_roles": ["corpus_viewer"]}]`,
			endUsers: `[]`,
			members:  3,
			problems: notAssessed(ofMembers, noOwner, map[string]string{
				"members_are_approved": "Not approved (3): usr_1, usr_2, a member without a name. ",
			}),
		},
		{
			name: "v2: what only looks wrong", api: "v2",
			team: `[
				{"id": "usr_1", "email": "Ada@NorthWind.Example", "enabled": true, "api_roles": ["owner", "administrator"]},
				{"id": "usr_2", "email": "out@elsewhere.example", "enabled": true, "api_roles": ["agent_developer", "pipeline_viewer"]},
				{"id": "usr_3", "email": "left@northwind.example", "enabled": false, "api_roles": [], "api_policy": {"name": "empty", "allowed_operations": {}}}
			]`,
			appClients: `[{"id": "app_4", "name": "bot", "client_secret": "s", "corpus_roles": [{"corpus_key": "handbook", "role": "editor"}]}]`,
			endUsers:   `[]`,
			members:    4,
		},
		{
			name: "v2: what is wrong", api: "v2",
			team: `[
				{"id": "usr_1", "username": "ada", "api_roles": ["owner"]},
				{"id": "usr_2", "email": "bo@northwind.example", "enabled": false, "api_roles": ["owner", "viewer"]},
				{"id": "usr_3", "email": "cy@elsewhere.example", "agent_roles": [{"agent_key": "desk", "role": "agent_administrator"}]},
				{"id": "usr_4", "email": "bo@northw\u0130nd.example", "api_roles": ["billing_administrator"]},
				{"id": "usr_5", "email": "left@northwind.example", "api_policy": {"name": "keys", "allowed_operations": {"createApiKey": null}}}
			]`,
			appClients: `[{"id": "app_6", "name": "bot", "client_secret": "s", "api_roles": ["administrator", "viewer"]}]`,
			endUsers:   `[]`,
			members:    6,
			problems: map[string]string{
				"members_are_approved": "Not approved (2): cy@elsewhere.example, bo@northw\u0130nd.example. ",
				"at_most_one_owner":    "Owners (2): ada, bo@northwind.example. ",
				"privileged_users_belong_to_the_company": "Without an address at northwind.example (3): ada (owner), " +
					"cy@elsewhere.example (agent_administrator on desk), bo@northw\u0130nd.example (billing_administrator). ",
				"app_clients_are_not_privileged": "Privileged app clients (1): bot (administrator). ",
				"disabled_users_hold_no_role":    "Disabled users with a role (1): bo@northwind.example (owner, viewer). ",
				"users_have_no_api_policy":       "Users with an API policy (1): left@northwind.example (createApiKey on any resource). ",
			},
		},
	}
	for _, test := range tests { // one after the other, since they share the folder
		t.Run(test.name, func(t *testing.T) {
			plan, err := d.plan(t.Context(), append(serveListings(t, cmp.Or(test.api, "v1"), test.team, cmp.Or(test.appClients, "[]"), test.endUsers), "TF_VAR_approved_csv="+approved))
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodePlan(plan)
			if err != nil {
				t.Fatal(err)
			}
			if got.team.Members != test.members || got.endUsers.Cost != test.cost {
				t.Errorf("got %d members and a cost of %v, want %d and %v", got.team.Members, got.endUsers.Cost, test.members, test.cost)
			}
			var mostExpensive []string
			for _, user := range got.mostExpensive {
				mostExpensive = append(mostExpensive, user.ID)
			}
			if !slices.Equal(mostExpensive, test.mostExpensive) {
				t.Errorf("got %q as the most expensive, want %q", mostExpensive, test.mostExpensive)
			}
			if len(got.policies) != 8 {
				t.Errorf("got %d policies", len(got.policies))
			}
			for _, policy := range got.policies {
				problem, breaks := test.problems[policy.check]
				status := "fail"
				if strings.HasPrefix(problem, "Not assessed: ") {
					status = "not assessed"
				}
				switch {
				case breaks && (policy.status != status || len(policy.problems) != 1 || !strings.HasPrefix(policy.problems[0], problem)):
					t.Errorf("%s: got %s %q, want %q", policy.check, policy.status, policy.problems, problem)
				case !breaks && policy.status != "pass":
					t.Errorf("%s: got %s %q", policy.check, policy.status, policy.problems)
				}
			}
		})
	}
}
