package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// The acceptance tests drive the provider through a real Terraform CLI, against the fakes. The runs
// of that CLI are what takes time, so one configuration holds as many data sources as can be told
// apart: a table of them is read in one plan, and a table of errors is one plan that fails.

// accDir is a folder that is removed after all tests.
var accDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "llmusers-acceptance")
	if err == nil {
		accDir, err = dir, settleCLI(dir)
	}
	status := 1
	if err == nil {
		status = m.Run()
		err = os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance tests:", err)
		status = 1
	}
	os.Exit(status)
}

// settleCLI makes the CLI independent of the settings and the accounts of whoever runs the tests, and
// tells plugin-testing at which address the configurations look for the provider.
func settleCLI(dir string) error {
	settings := regexp.MustCompile(`^(TF|TOFU|OPENTOFU|OPENLAYER|VECTARA|LLMUSERS)_`)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if settings.MatchString(name) && !strings.HasPrefix(name, "TF_ACC") { // those are plugin-testing's
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	if os.Getenv("TF_ACC") == "" {
		return nil // every acceptance test skips itself
	}
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); cli == "" && err == nil {
			cli = path
		}
	}
	if cli == "" {
		// Left alone, plugin-testing would download one.
		return errors.New("neither terraform nor tofu is in PATH; set TF_ACC_TERRAFORM_PATH, or run make test")
	}
	config := filepath.Join(dir, "empty.tfrc")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		return err
	}
	env := map[string]string{
		"CHECKPOINT_DISABLE":        "1",
		"TF_CLI_CONFIG_FILE":        config,
		"TF_ACC_TERRAFORM_PATH":     cli,
		"TF_ACC_PROVIDER_NAMESPACE": "seed-f6cb25c4",
		"TF_ACC_PROVIDER_HOST":      "registry.terraform.io",
	}
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	version, err := exec.Command(cli, "version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s version: %w: %s", cli, err, version)
	}
	if err := rememberCLI(cli, string(version)); err != nil {
		return err
	}
	if accEngine.Name == "OpenTofu" {
		return os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
	}
	return nil
}

// accPreamble begins a configuration. What configures the provider is the environment.
const accPreamble = `
terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}
`

type accFactories = map[string]func() (tfprotov6.ProviderServer, error)

func accProvider(p *testProvider) accFactories {
	return accFactories{"llmusers": func() (tfprotov6.ProviderServer, error) { return newProtocolServer(&p.llmUsersProvider), nil }}
}

// accApply applies a configuration and plans it twice more, which has to change nothing.
func accApply(t *testing.T, factories accFactories, config string, checks ...statecheck.StateCheck) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config:            config,
			ConfigStateChecks: append(checks, accNoCredentials{}),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{accNoCredentials{}},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		}},
	})
}

// accErrors plans a configuration that must fail, and returns the errors by the address of their
// data source, unwrapped.
func accErrors(t *testing.T, p *testProvider, config string) map[string]string {
	t.Helper()
	var failure error
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(p),
		// A step's own ExpectError would be content with one of the errors.
		ErrorCheck: func(err error) error {
			failure = err
			return nil
		},
		Steps: []resource.TestStep{{Config: config, PlanOnly: true}},
	})
	if failure == nil {
		t.Fatal("the plan did not fail")
	}
	if accHasCredential(failure.Error()) {
		t.Errorf("there is a credential in\n%s", failure)
	}
	errorsAt := map[string]string{}
	for _, diagnostic := range strings.Split(failure.Error(), "\nError: ")[1:] {
		address := "elsewhere"
		if match := regexp.MustCompile(` in data "(\w+)" "(\w+)":`).FindStringSubmatch(diagnostic); match != nil {
			address = "data." + match[1] + "." + match[2]
		}
		errorsAt[address] += strings.Join(strings.Fields(diagnostic), " ") + "\n"
	}
	if len(errorsAt) == 0 {
		t.Fatalf("the plan failed without a diagnostic:\n%s", failure)
	}
	return errorsAt
}

// accMessage matches an error that has these parts in this order, wherever the CLI wraps it.
func accMessage(parts ...string) *regexp.Regexp {
	patterns := make([]string, len(parts))
	for i, part := range parts {
		words := strings.Fields(part)
		for j, word := range words {
			words[j] = regexp.QuoteMeta(word)
		}
		patterns[i] = strings.Join(words, `\s+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// accNoCredentials looks for the credentials in a plan and in a state.
type accNoCredentials struct{}

func (accNoCredentials) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = accCredentialIn("plan", req.Plan)
}

func (accNoCredentials) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = accCredentialIn("state", req.State)
}

func accCredentialIn(name string, v any) error {
	text, err := json.Marshal(v)
	if err == nil && accHasCredential(string(text)) {
		err = fmt.Errorf("there is a credential in the %s", name)
	}
	return err
}

func accHasCredential(text string) bool {
	return strings.Contains(text, testAPIKey) || strings.Contains(text, testToken)
}

// accWarnings notes what the provider warns of when data sources are validated: plugin-testing
// shows nothing of a plan that succeeds.
type accWarnings struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (w *accWarnings) watch(factories accFactories) accFactories {
	watched := accFactories{}
	for name, factory := range factories {
		watched[name] = func() (tfprotov6.ProviderServer, error) {
			server, err := factory()
			return accWatchedServer{server, w}, err
		}
	}
	return watched
}

type accWatchedServer struct {
	tfprotov6.ProviderServer
	warnings *accWarnings
}

func (s accWatchedServer) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.ProviderServer.ValidateDataResourceConfig(ctx, req)
	if err != nil {
		return nil, err
	}
	s.warnings.mu.Lock()
	defer s.warnings.mu.Unlock()
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityWarning {
			s.warnings.seen[d.Summary] = true
		}
	}
	return resp, nil
}

// accAnswer is what a fake is made to answer; the zero value stands for its own answer.
type accAnswer struct {
	status     int
	body       string
	retryAfter string
	location   string
	never      bool // leaves the request without an answer
}

// accRow is one data source of a table: its arguments, the requests of one reading, and what comes
// of it.
type accRow struct {
	name    string
	args    string
	answers []accAnswer // to the requests of one reading; none: the fake's own

	requests []string // as accTable.sent writes them; none: those of a data source without arguments
	ids      []string // of the users
	state    string   // JSON of attributes, and of parts of them; none: the users' ids say enough

	errors []string // parts of the errors

	mark string // what the row's requests can be told by
}

// accTable are data sources of one type that are read in one plan.
type accTable struct {
	dataSource string
	rows       []accRow
	mark       func(path string, header http.Header) string
	sent       func(fakehttp.Request) string
}

func (a accTable) config() string {
	config := accPreamble
	for _, row := range a.rows {
		config += fmt.Sprintf("data %q %q {\n  provider = llmusers\n%s\n}\n", a.dataSource, row.name, row.args)
		// An output shows what changes from plan to plan; a data source alone would not.
		config += fmt.Sprintf("output %q {\n  value = data.%s.%s\n}\n", row.name, a.dataSource, row.name)
	}
	return config
}

func (a accTable) address(row accRow) string { return "data." + a.dataSource + "." + row.name }

// apply applies the table, and compares its users and its requests.
func (a accTable) apply(t *testing.T, factories accFactories, requests func() []fakehttp.Request) {
	t.Helper()
	var checks []statecheck.StateCheck
	for _, row := range a.rows {
		checks = append(checks, statecheck.ExpectKnownValue(a.address(row), tfjsonpath.New("users"), accUsersWith(row.ids...)))
		if row.state == "" {
			continue
		}
		attributes, _ := fromJSON(t, row.state).(map[string]any)
		for name, want := range attributes {
			checks = append(checks, statecheck.ExpectKnownValue(a.address(row), tfjsonpath.New(name), accKnown(want)))
		}
	}
	accApply(t, factories, a.config(), checks...)

	sent := map[string][]string{}
	agent := regexp.MustCompile(`^Terraform/[0-9]+\.[0-9]+\.[0-9]+\S* terraform-provider-llmusers/test$`)
	for _, request := range requests() {
		mark := a.mark(request.Path, request.Header)
		sent[mark] = append(sent[mark], a.sent(request))
		if got := request.Header.Get("User-Agent"); !agent.MatchString(got) {
			t.Errorf("User-Agent: %s", got)
		}
	}
	for _, row := range a.rows {
		readings := slices.Collect(slices.Chunk(sent[row.mark], len(row.requests)))
		if len(readings) < 3 { // for the plan that was applied, and for the two after it
			t.Errorf("%s: read %d times", row.name, len(readings))
		}
		for _, reading := range readings {
			if !slices.Equal(reading, row.requests) {
				t.Errorf("%s: sent\n  %s\nwant\n  %s", row.name, strings.Join(reading, "\n  "), strings.Join(row.requests, "\n  "))
				break
			}
		}
		delete(sent, row.mark)
	}
	if len(sent) > 0 {
		t.Errorf("requests of no row: %q", sent)
	}
}

// fail plans the table, and compares the errors of its rows.
func (a accTable) fail(t *testing.T, p *testProvider) {
	t.Helper()
	got := accErrors(t, p, a.config())
	for _, row := range a.rows {
		for _, part := range row.errors {
			if !strings.Contains(got[a.address(row)], part) {
				t.Errorf("%s: the error lacks %q:\n%s", row.name, part, got[a.address(row)])
			}
		}
		delete(got, a.address(row))
	}
	for address, text := range got {
		t.Errorf("unexpected error at %s:\n%s", address, text)
	}
}

// intercept gives the rows' answers in turn. After its last one a row begins anew, since Terraform
// reads a data source in every plan.
func (a accTable) intercept() fakehttp.Intercept {
	var mu sync.Mutex
	count := map[string]int{}
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		mark := a.mark(r.URL.Path, r.Header)
		at := slices.IndexFunc(a.rows, func(row accRow) bool { return row.mark == mark && len(row.answers) > 0 })
		if at < 0 {
			return false
		}
		mu.Lock()
		answer := a.rows[at].answers[count[mark]%len(a.rows[at].answers)]
		count[mark]++
		mu.Unlock()

		switch {
		case answer.never:
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		case answer.status == 0:
			return false
		}
		for name, value := range map[string]string{"Retry-After": answer.retryAfter, "Location": answer.location} {
			if value != "" {
				w.Header().Set(name, value)
			}
		}
		w.WriteHeader(answer.status)
		fmt.Fprint(w, answer.body)
		return true
	}
}

// accUsersWith is a list, never null, of users with these ids.
func accUsersWith(ids ...string) knownvalue.Check {
	users := make([]any, len(ids))
	for i, id := range ids {
		users[i] = map[string]any{"id": id}
	}
	return accKnown(users)
}

// accKnown checks for what fromJSON gives. An object may have attributes that are not named.
func accKnown(want any) knownvalue.Check {
	switch want := want.(type) {
	case bool:
		return knownvalue.Bool(want)
	case string:
		return knownvalue.StringExact(want)
	case json.Number:
		// As precise as Terraform's own numbers.
		number, _, err := big.ParseFloat(want.String(), 10, 512, big.ToNearestEven)
		if err != nil {
			panic(err)
		}
		return knownvalue.NumberExact(number)
	case []any:
		list := make([]knownvalue.Check, len(want))
		for i, element := range want {
			list[i] = accKnown(element)
		}
		return knownvalue.ListExact(list)
	case map[string]any:
		object := map[string]knownvalue.Check{}
		for name, attribute := range want {
			object[name] = accKnown(attribute)
		}
		return knownvalue.ObjectPartial(object)
	}
	return knownvalue.Null()
}

// accJSON writes JSON with its fields in order and without blanks. Numbers keep their digits.
func accJSON(text string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := errors.Join(decoder.Decode(&v), encoder.Encode(v)); err != nil {
		return text
	}
	return strings.TrimSpace(b.String())
}

// accWaited tells whether the provider waited for this time between two requests.
func accWaited(p *testProvider, want time.Duration) bool {
	for range len(p.waits) {
		wait := <-p.waits
		p.waits <- wait
		if wait == want {
			return true
		}
	}
	return false
}

// accPipelineUsers are in no order of any column.
var accPipelineUsers = []openlayertest.User{
	{ID: "dee", FirstRecord: accDay, LastRecord: accDay, Sessions: 1, Records: 1},
	{
		ID: "ada", FirstRecord: accDay, LastRecord: accDay.Add(36 * time.Hour), Sessions: 3, Records: 15, Tokens: 5250.5, Cost: 0.1,
		Columns: map[string]any{"plan": "pro", "country": "Germany", "vip": true, "tags": []string{"beta", "eu"}, "scores": []float64{1, 2.5}, "ref": "A7"},
		RowIDs:  []int64{1, 2},
	},
	{
		ID: "cy", FirstRecord: accDay, LastRecord: accDay, Sessions: 2, Records: 4, Tokens: 100, Cost: 12.5,
		Columns: map[string]any{"plan": "enterprise", "country": "Germany", "vip": false, "tags": []string{"eu"}},
		RowIDs:  []int64{4},
	},
	{
		ID: "bo", FirstRecord: accDay, LastRecord: accDay, Sessions: 9, Records: 99, Tokens: 7, Cost: 20,
		Columns: map[string]any{"plan": "free", "country": "Ghana", "vip": false, "tags": []string{"us"}, "ref": 7.0},
		RowIDs:  []int64{3},
	},
}

var accDay = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// newOpenlayerTable gives each row a pipeline of its own in the fake, with the same users.
func newOpenlayerTable(fake *openlayertest.Fake, rows ...accRow) accTable {
	for i := range rows {
		rows[i].mark = fmt.Sprintf("182bd5e5-6e1a-4fe4-a799-%012d", i)
		rows[i].args = fmt.Sprintf("inference_pipeline_id = %q\n%s", rows[i].mark, rows[i].args)
		if rows[i].requests == nil {
			rows[i].requests = accWhole("", `{}`)
		}
		fake.SetUsers(rows[i].mark, accPipelineUsers)
	}
	table := accTable{
		dataSource: "openlayer_pipeline_users",
		rows:       rows,
		mark: func(path string, _ http.Header) string {
			return strings.TrimSuffix(strings.TrimPrefix(path, openlayertest.BasePath+"/inference-pipelines/"), "/users")
		},
		sent: func(r fakehttp.Request) string { return r.Query.Encode() + " " + accJSON(string(r.Body)) },
	}
	fake.Intercept = table.intercept()
	return table
}

// accWhole are the requests of a whole listing with one page: the second, which is empty, ends it.
func accWhole(order, body string) []string {
	return []string{
		fmt.Sprintf("page=1&perPage=100%s %s", order, accJSON(body)),
		fmt.Sprintf("page=2&perPage=100%s %s", order, accJSON(body)),
	}
}

// accFilter is a row with one column filter: its value as an argument and as it is sent.
func accFilter(name, measurement, operator, argument, sent string, ids ...string) accRow {
	if argument != "" {
		argument = ", " + argument
	}
	row := accRow{
		name:     name,
		args:     fmt.Sprintf("column_filters = [{ measurement = %q, operator = %q%s }]", measurement, operator, argument),
		requests: accWhole("", fmt.Sprintf(`{"columnFilters": [{"measurement": %q, "operator": %q, "value": %s}]}`, measurement, operator, sent)),
		ids:      ids,
	}
	if len(ids) == 0 {
		row.requests = row.requests[:1]
	}
	return row
}

func TestAccOpenlayerPipelineUsers(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	env := f.environment()
	env[envMaxConcurrency] = "1" // so that pages are asked for in their order
	p := newTestProvider(env)
	all := []string{"ada", "bo", "cy", "dee"}
	pages := accWhole("", `{}`)
	table := newOpenlayerTable(f.openlayer,
		// How much is read, and in which order.
		accRow{name: "defaults", ids: all, state: `{"users": [
			{"id": "ada", "date_of_first_record": "2026-03-01T08:00:00Z", "date_of_last_record": "2026-03-02T20:00:00Z",
				"sessions": 3, "records": 15, "tokens": 5250.5, "cost": 0.1},
			{"id": "bo", "sessions": 9, "records": 99, "tokens": 7, "cost": 20},
			{"id": "cy", "sessions": 2, "records": 4, "tokens": 100, "cost": 12.5},
			{"id": "dee", "sessions": 1, "records": 1, "tokens": 0, "cost": 0}]}`},
		accRow{name: "nulls", ids: all, args: `
			page            = null
			per_page        = null
			sort_column     = null
			asc             = null
			column_filters  = null
			search_query_or = null
			row_id_list     = null
			timeouts        = null`},
		accRow{
			name: "per_page", args: `per_page = 3`, ids: all,
			requests: []string{"page=1&perPage=3 {}", "page=2&perPage=3 {}", "page=3&perPage=3 {}", "page=1&perPage=3 {}", "page=2&perPage=3 {}"},
		},
		accRow{name: "page", args: `page = 1`, requests: []string{"page=1 {}"}, ids: []string{"dee", "ada", "cy", "bo"}},
		accRow{name: "page_and_per_page", args: "page = 2\nper_page = 3", requests: []string{"page=2&perPage=3 {}"}, ids: []string{"bo"}},
		accRow{name: "page_past_the_end", args: `page = 9`, requests: []string{"page=9 {}"}},
		accRow{name: "sort_column", args: `sort_column = "cost"`, requests: accWhole("&sortColumn=cost", `{}`), ids: []string{"dee", "ada", "cy", "bo"}},
		accRow{
			name: "ascending", args: "sort_column = \"sessions\"\nasc = true",
			requests: []string{"asc=true&page=1&perPage=100&sortColumn=sessions {}", "asc=true&page=2&perPage=100&sortColumn=sessions {}"},
			ids:      []string{"dee", "cy", "ada", "bo"},
		},
		accRow{
			name: "descending", args: "sort_column = \"cost\"\nasc = false",
			requests: []string{"asc=false&page=1&perPage=100&sortColumn=cost {}", "asc=false&page=2&perPage=100&sortColumn=cost {}"},
			ids:      []string{"bo", "cy", "ada", "dee"},
		},
		accRow{name: "asc_alone", args: `asc = false`, requests: []string{"asc=false&page=1&perPage=100 {}", "asc=false&page=2&perPage=100 {}"}, ids: all},
		accRow{name: "timeouts", args: `timeouts = { read = "90s" }`, ids: all},

		// The three shapes of column filter, with every operator.
		accFilter("above", "cost", ">", `number_value = 12.5`, `12.5`, "bo"),
		accFilter("at_least", "cost", ">=", `number_value = 12.5`, `12.5`, "bo", "cy"),
		accFilter("below", "cost", "<", `number_value = 0.1`, `0.1`, "dee"),
		accFilter("at_most", "cost", "<=", `number_value = 0.1`, `0.1`, "ada", "dee"),
		accFilter("is_number", "sessions", "is", `number_value = 9`, `9`, "bo"),
		accFilter("is_no_number", "cost", "!=", `number_value = 0`, `0`, "ada", "bo", "cy"),
		accFilter("is_null", "plan", "is", `null_value = true`, `null`, "dee"),
		accFilter("is_not_null", "plan", "!=", `null_value = true, string_value = null`, `null`, "ada", "bo", "cy"),
		accFilter("is_string", "country", "is", `string_value = "Germany"`, `"Germany"`, "ada", "cy"),
		accFilter("is_no_string", "country", "!=", `string_value = "Germany"`, `"Germany"`, "bo", "dee"),
		accFilter("is_empty", "country", "is", `string_value = ""`, `""`),
		accFilter("is_true", "vip", "is", `bool_value = true`, `true`, "ada"),
		accFilter("is_not_false", "vip", "!=", `bool_value = false`, `false`, "ada", "dee"),
		accFilter("any", "tags", "contains_any", `string_values = ["beta", "us"]`, `["beta", "us"]`, "ada", "bo"),
		accFilter("every", "tags", "contains_all", `string_values = ["eu", "beta"]`, `["eu", "beta"]`, "ada"),
		accFilter("none", "tags", "contains_none", `string_values = ["eu"]`, `["eu"]`, "bo", "dee"),
		accFilter("one_of", "plan", "one_of", `string_values = ["pro", "enterprise"]`, `["pro", "enterprise"]`, "ada", "cy"),
		accFilter("none_of", "plan", "none_of", `string_values = ["free"]`, `["free"]`, "ada", "cy", "dee"),
		accFilter("numbers", "scores", "contains_all", `number_values = [2.5, 1]`, `[2.5, 1]`, "ada"),
		accFilter("mixed", "ref", "one_of", `string_values = ["A7"], number_values = [7]`, `["A7", 7]`, "ada", "bo"),
		accFilter("empty_set", "tags", "contains_any", `string_values = []`, `[]`),

		// The other fields of the body.
		accRow{name: "search_query_or", args: `search_query_or = ["free", "enterprise"]`, requests: accWhole("", `{"searchQueryOr": ["free", "enterprise"]}`), ids: []string{"bo", "cy"}},
		accRow{name: "search_query_and", args: `search_query_and = ["pro", "germany"]`, requests: accWhole("", `{"searchQueryAnd": ["pro", "germany"]}`), ids: []string{"ada"}},
		accRow{name: "not_search_query_or", args: `not_search_query_or = ["ghana", "enterprise"]`, requests: accWhole("", `{"notSearchQueryOr": ["ghana", "enterprise"]}`), ids: []string{"ada", "dee"}},
		accRow{name: "not_search_query_and", args: `not_search_query_and = ["germany", "pro"]`, requests: accWhole("", `{"notSearchQueryAnd": ["germany", "pro"]}`), ids: []string{"bo", "cy", "dee"}},
		accRow{name: "no_search", args: `search_query_or = []`, requests: accWhole("", `{"searchQueryOr": []}`), ids: all},
		accRow{name: "row_id_list", args: `row_id_list = [3, 1]`, requests: accWhole("", `{"rowIdList": [3, 1]}`), ids: []string{"ada", "bo"}},
		accRow{name: "exclude_row_id_list", args: `exclude_row_id_list = [3, 9007199254740993]`, requests: accWhole("", `{"excludeRowIdList": [3, 9007199254740993]}`), ids: []string{"ada", "cy", "dee"}},
		accRow{
			name: "everything",
			args: `
				page           = 1
				per_page       = 50
				sort_column    = "cost"
				asc            = false
				column_filters = [
				  { measurement = "cost", operator = ">=", number_value = 0.1 },
				  { measurement = "country", operator = "is", string_value = "Germany" },
				  { measurement = "vip", operator = "!=", null_value = true },
				  { measurement = "tags", operator = "contains_any", string_values = ["eu"] },
				  { measurement = "plan", operator = "none_of", string_values = ["free"], number_values = [1] },
				]
				search_query_or      = ["pro", "enterprise"]
				search_query_and     = ["germany"]
				not_search_query_or  = ["ghana"]
				not_search_query_and = ["pro", "ghana"]
				row_id_list          = [1, 4]
				exclude_row_id_list  = [2]
				timeouts             = { read = "1m" }`,
			requests: []string{"asc=false&page=1&perPage=50&sortColumn=cost " + accJSON(`{
				"columnFilters": [
					{"measurement": "cost", "operator": ">=", "value": 0.1},
					{"measurement": "country", "operator": "is", "value": "Germany"},
					{"measurement": "vip", "operator": "!=", "value": null},
					{"measurement": "tags", "operator": "contains_any", "value": ["eu"]},
					{"measurement": "plan", "operator": "none_of", "value": ["free", 1]}
				],
				"searchQueryOr": ["pro", "enterprise"], "searchQueryAnd": ["germany"],
				"notSearchQueryOr": ["ghana"], "notSearchQueryAnd": ["pro", "ghana"],
				"rowIdList": [1, 4], "excludeRowIdList": [2]}`)},
			ids: []string{"cy", "ada"},
		},

		// What the API answers.
		accRow{name: "nobody", requests: pages[:1], answers: []accAnswer{{status: 200, body: `{"items": []}`}}},
		accRow{
			name: "fields_left_out_and_new", args: `page = 1`, requests: []string{"page=1 {}"}, ids: []string{"eve"},
			answers: []accAnswer{{status: 200, body: `{"items": [{"id": "eve", "cost": null, "sessions": 2e0, "region": "eu"}], "_meta": {}}`}},
			state: `{"users": [{"id": "eve", "date_of_first_record": null, "date_of_last_record": null, "sessions": 2,
				"records": null, "tokens": null, "cost": null}]}`,
		},
		accRow{
			name: "loading", ids: all, requests: []string{pages[0], pages[0], pages[0], pages[1]},
			answers: []accAnswer{{status: 202, body: `{"success": true}`}, {status: 202, body: `{"success": true}`, retryAfter: "7"}, {}, {}},
		},
		accRow{
			name: "rate_limited", ids: all, requests: []string{pages[0], pages[0], pages[1]},
			answers: []accAnswer{{status: 429, body: `{"code": 429, "error": "slow down"}`, retryAfter: "13"}, {}, {}},
		},
		accRow{
			name: "unavailable", ids: all, requests: []string{pages[0], pages[1], pages[1], pages[1]},
			answers: []accAnswer{{}, {status: 503, body: "<html>"}, {status: 500, body: `{"code": 500, "error": "internal"}`}, {}},
		},
	)
	warnings := &accWarnings{seen: map[string]bool{}}
	table.apply(t, warnings.watch(accProvider(p)), f.openlayer.Requests)

	if want := map[string]bool{"asc has no effect": true, "Empty list": true}; !maps.Equal(warnings.seen, want) {
		t.Errorf("warned of %v, want %v", warnings.seen, want)
	}
	for _, wait := range []time.Duration{time.Second, 7 * time.Second, 13 * time.Second} {
		if !accWaited(p, wait) {
			t.Errorf("did not wait for %s", wait)
		}
	}
}

func TestAccOpenlayerPipelineUsersErrors(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	unexpected := func(code int, message string) []accAnswer {
		return []accAnswer{{status: code, body: fmt.Sprintf(`{"code": %d, "error": %q}`, code, message)}}
	}
	table := newOpenlayerTable(f.openlayer,
		accRow{name: "bad_request", args: `sort_column = "shoe_size"`, errors: []string{
			"Openlayer refuses the request", "HTTP 400 Bad Request, code 400,", `there is no column`, "Tries: 1", "sort_column",
			"Request: POST " + f.openlayerServer.URL + "/v1/inference-pipelines/182bd5e5-6e1a-4fe4-a799-000000000000/users",
		}},
		accRow{name: "unauthorized", answers: unexpected(401, "Invalid API key."), errors: []string{
			"Openlayer does not accept the credential", `HTTP 401 Unauthorized, code 401, "Invalid API key."`, "Tries: 1", "openlayer_api_key", envOpenlayerAPIKey,
		}},
		accRow{name: "forbidden", answers: unexpected(403, "No."), errors: []string{"Openlayer denies access", "HTTP 403", "Tries: 1"}},
		accRow{name: "not_found", answers: unexpected(404, "Pipeline not found."), errors: []string{
			"Not found by Openlayer", `HTTP 404 Not Found, code 404, "Pipeline not found."`, "Tries: 1", "inference_pipeline_id = ", "Check inference_pipeline_id",
		}},
		accRow{name: "rate_limited", answers: unexpected(429, "Slow down."), errors: []string{"Openlayer limits the rate of requests", "HTTP 429", "Tries: 5"}},
		accRow{name: "internal", answers: unexpected(500, "Oops."), errors: []string{"Openlayer is not available", `HTTP 500 Internal Server Error, code 500, "Oops."`, "Tries: 5", "max_retries"}},
		accRow{name: "gateway", answers: []accAnswer{{status: 502, body: "<html>Bad gateway</html>"}}, errors: []string{"Openlayer is not available", "HTTP 502", "<html>Bad gateway</html>", "Tries: 5"}},
		accRow{name: "html", answers: []accAnswer{{status: 200, body: "<html>Sign in</html>"}}, errors: []string{"Unexpected answer from Openlayer", "is not JSON", "<html>Sign in</html>", "openlayer_base_url"}},
		accRow{name: "without_items", answers: []accAnswer{{status: 200, body: `{"success": true}`}}, errors: []string{"Unexpected answer from Openlayer", `no list "items"`}},
		accRow{name: "redirect", answers: []accAnswer{{status: 307, location: "https://elsewhere.example/"}}, errors: []string{"Openlayer points to another address", "https://elsewhere.example/", "follows no redirect"}},
		accRow{
			name: "loading", args: `timeouts = { read = "30s" }`, answers: []accAnswer{{status: 202, body: `{"success": true}`, retryAfter: "60"}},
			errors: []string{
				"Time limit reached while reading from Openlayer", "HTTP 202 Accepted", "the next request was due in 1m0s", "Tries: 1",
				"does not mean that there are no users", "Raise timeouts.read",
			},
		},
	)
	p := newTestProvider(f.environment())
	p.pace = func(wait time.Duration) time.Duration {
		if wait == time.Minute {
			return wait // which is past the time limit, so that nobody waits for it
		}
		return time.Millisecond
	}
	table.fail(t, p)
}

// accTeam are in no order.
var accTeam = []vectaratest.User{
	{
		ID: 1000, Handle: "olga", Email: "olga@northwind.example", Type: "USER_TYPE__USER", Comment: "founder", TsCreate: 1700000000,
		IDCreate: 9, UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_Owner", "CustomerRole_Billing_Admin"},
	},
	{
		ID: 9, Handle: "abel", Email: "abel@northwind.example", Type: "USER_TYPE__USER", TsCreate: 1600000000, IDCreate: 1000,
		UserStatus: "USER_STATUS__DISABLED", Roles: []string{"CustomerRole_Admin"},
	},
	{ID: 31, Handle: "indexer", Type: "USER_TYPE__APP_CLIENT"},
	{
		ID: 200, Handle: "fern", Email: "fern@northwind.example", Type: "USER_TYPE__FEDERATED_USER", TsCreate: 1650000000, IDCreate: 1000,
		UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_None"},
	},
}

const accListUsers = `{"listUsersType":"LIST_USERS_TYPE__ALL","numResults":100}`

// newVectaraTable gives each row but the first a timeout of its own, by which its requests can be
// told from the others'.
func newVectaraTable(fake *vectaratest.Fake, rows ...accRow) accTable {
	for i := range rows {
		if rows[i].mark == "" {
			rows[i].mark = fmt.Sprintf("%dS", 30+i)
			if i > 0 {
				rows[i].args += fmt.Sprintf("\nrequest_timeout = \"%ds\"", 30+i)
			}
		}
		if rows[i].requests == nil {
			rows[i].requests = []string{accListUsers}
		}
		rows[i].requests = slices.Clone(rows[i].requests)
		for j, body := range rows[i].requests {
			rows[i].requests[j] = fmt.Sprintf("%s %s %s", testCustomerID, rows[i].mark, body)
		}
	}
	fake.SetUsers(accTeam)
	table := accTable{
		dataSource: "vectara_users",
		rows:       rows,
		mark:       func(_ string, header http.Header) string { return header.Get("Timeout") },
		sent: func(r fakehttp.Request) string {
			key := regexp.MustCompile(`"pageKey":"[^"]+"`)
			return fmt.Sprintf("%s %s %s", r.Header.Get("Customer-Id"), r.Header.Get("Grpc-Timeout"), key.ReplaceAllString(accJSON(string(r.Body)), `"pageKey":"..."`))
		},
	}
	fake.Intercept = table.intercept()
	return table
}

func TestAccVectaraUsers(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	p := newTestProvider(f.environment())
	const (
		three = `{"listUsersType":"LIST_USERS_TYPE__ALL","numResults":3}`
		next  = `{"listUsersType":"LIST_USERS_TYPE__ALL","numResults":3,"pageKey":"..."}`
		noKey = `{"next_page_key": null}`
	)
	all := []string{"9", "31", "200", "1000"}
	table := newVectaraTable(f.vectara,
		// How much is read.
		accRow{name: "defaults", ids: all, state: `{"next_page_key": null, "users": [
			{"id": "9", "handle": "abel", "email": "abel@northwind.example", "type": "USER_TYPE__USER", "user_status": "USER_STATUS__DISABLED",
				"enabled": false, "roles": ["CustomerRole_Admin"], "comment": "", "ts_create": 1600000000, "created_at": "2020-09-13T12:26:40Z", "id_create": "1000"},
			{"id": "31", "handle": "indexer", "email": "", "type": "USER_TYPE__APP_CLIENT", "user_status": "USER_STATUS__NONE",
				"enabled": null, "roles": [], "comment": "", "ts_create": 0, "created_at": null, "id_create": "0"},
			{"id": "200", "handle": "fern", "type": "USER_TYPE__FEDERATED_USER", "user_status": "USER_STATUS__ACTIVE", "enabled": true, "roles": ["CustomerRole_None"]},
			{"id": "1000", "handle": "olga", "roles": ["CustomerRole_Owner", "CustomerRole_Billing_Admin"], "comment": "founder", "id_create": "9"}]}`},
		accRow{name: "nulls", ids: all, state: noKey, args: `
			customer_id     = null
			list_users_type = null
			num_results     = null
			page_key        = null
			timeouts        = null`},
		accRow{name: "customer_id", args: `customer_id = "` + testCustomerID + `"`, ids: all},
		accRow{name: "type_all", args: `list_users_type = "LIST_USERS_TYPE__ALL"`, ids: all},
		accRow{
			name: "type_customer", args: `list_users_type = "LIST_USERS_TYPE__CUSTOMER"`,
			requests: []string{`{"listUsersType":"LIST_USERS_TYPE__CUSTOMER","numResults":100}`}, ids: []string{"9", "1000"},
		},
		accRow{name: "type_none", args: `list_users_type = "LIST_USERS_TYPE__NONE"`, requests: []string{`{"listUsersType":"LIST_USERS_TYPE__NONE","numResults":100}`}},
		accRow{name: "num_results", args: `num_results = 3`, requests: []string{three, next}, ids: all, state: noKey},
		accRow{name: "first_page", args: "page_key = \"\"\nnum_results = 3", requests: []string{three}, ids: []string{"9", "31", "1000"}},
		accRow{
			name: "second_page", args: "page_key = data.vectara_users.first_page.next_page_key\nnum_results = 3",
			requests: []string{next}, ids: []string{"200"}, state: noKey,
		},
		accRow{name: "request_timeout", args: `request_timeout = "2m"`, ids: all, mark: "120S"},
		accRow{name: "timeouts", args: `timeouts = { read = "90s" }`, ids: all},

		// What the API answers.
		accRow{name: "nobody", answers: []accAnswer{{status: 200, body: `{"user": [], "pageKey": "", "status": {"code": "OK", "statusDetail": ""}}`}}},
		accRow{name: "status_null", ids: []string{"5"}, answers: []accAnswer{{status: 200, body: `{"user": [{"id": 5}], "pageKey": "", "status": null}`}}},
		accRow{name: "status_left_out", ids: []string{"5"}, answers: []accAnswer{{status: 200, body: `{"user": [{"id": 5}]}`}}},
		accRow{
			name: "fields_left_out_and_new", ids: []string{"4294967295"},
			answers: []accAnswer{{status: 200, body: `{"user": [{"id": 4294967295, "type": "USER_TYPE__ROBOT", "userStatus": "USER_STATUS__PENDING",
				"role": ["CustomerRole_Auditor"], "sub": "x"}], "status": {"code": "OK", "cause": null}}`}},
			state: `{"users": [{"id": "4294967295", "type": "USER_TYPE__ROBOT", "user_status": "USER_STATUS__PENDING", "enabled": null, "roles": ["CustomerRole_Auditor"],
				"handle": null, "email": null, "comment": null, "ts_create": null, "created_at": null, "id_create": null}]}`,
		},
		accRow{
			name: "rate_limited", requests: []string{accListUsers, accListUsers}, ids: all,
			answers: []accAnswer{{status: 429, body: `{"code": 8, "message": "slow down", "details": []}`, retryAfter: "11"}, {}},
		},
		accRow{
			name: "unavailable", requests: []string{three, three, next, next}, args: `num_results = 3`, ids: all,
			answers: []accAnswer{{status: 503, body: `{"code": 14, "message": "no upstream", "details": []}`}, {}, {status: 500}, {}},
		},
		accRow{
			name: "try_again_in_a_200", requests: []string{accListUsers, accListUsers}, ids: all,
			answers: []accAnswer{{status: 200, body: `{"user": [], "status": {"code": "RESOURCE_EXHAUSTED", "statusDetail": "slow down"}}`}, {}},
		},
	)
	table.apply(t, accProvider(p), f.vectara.Requests)
	if !accWaited(p, 11*time.Second) {
		t.Error("did not wait for as long as Retry-After says")
	}
}

func TestAccVectaraUsersErrors(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	inBody := func(code, detail string) []accAnswer {
		return []accAnswer{{status: 200, body: fmt.Sprintf(`{"user": [], "pageKey": "", "status": {"code": %q, "statusDetail": %q}}`, code, detail)}}
	}
	unexpected := func(status, code int, message string) []accAnswer {
		return []accAnswer{{status: status, body: fmt.Sprintf(`{"code": %d, "message": %q, "details": []}`, code, message)}}
	}
	table := newVectaraTable(f.vectara,
		accRow{name: "unauthenticated", answers: unexpected(401, 16, "JWT Token failed to authenticate."), errors: []string{
			"Vectara does not accept the credential", `HTTP 401 Unauthorized, code 16, "JWT Token failed to authenticate."`, "Tries: 1",
			"vectara_oauth_token", envVectaraOAuthToken, "Request: POST " + f.vectaraServer.URL + "/v1/list-users",
		}},
		accRow{name: "permission_denied", args: `customer_id = "1526022106"`, errors: []string{"Vectara denies access", "HTTP 403 Forbidden, code 7,", "customer 1526022106", "Tries: 1"}},
		accRow{name: "invalid_argument", args: `page_key = "bm90IG91cnM="`, errors: []string{"Vectara refuses the request", "HTTP 400 Bad Request, code 3,", "pageKey", "Tries: 1"}},
		accRow{name: "denied_in_a_200", answers: inBody("PERMISSION_DENIED", "Not an owner."), errors: []string{"Vectara denies access", `HTTP 200 OK, code PERMISSION_DENIED, "Not an owner."`, "Tries: 1"}},
		accRow{name: "failed_in_a_200", answers: inBody("CMK_INACCESSIBLE", ""), errors: []string{"Vectara reports a failure", "HTTP 200 OK, code CMK_INACCESSIBLE", "Tries: 1"}},
		accRow{name: "unavailable_in_a_200", answers: inBody("UNAVAILABLE", "Later."), errors: []string{"Vectara is not available", "code UNAVAILABLE", "Tries: 5"}},
		accRow{name: "rate_limited", answers: unexpected(429, 8, "Slow down."), errors: []string{"Vectara limits the rate of requests", "HTTP 429", "code 8", "Tries: 5"}},
		accRow{name: "internal", answers: unexpected(500, 13, "Oops."), errors: []string{"Vectara is not available", `HTTP 500 Internal Server Error, code 13, "Oops."`, "Tries: 5"}},
		accRow{name: "html", answers: []accAnswer{{status: 200, body: "<html>Sign in</html>"}}, errors: []string{"Unexpected answer from Vectara", "is not JSON", "vectara_base_url"}},
		accRow{name: "same_key", args: `num_results = 1`, answers: []accAnswer{{status: 200, body: `{"user": [], "pageKey": "AAAA"}`}}, errors: []string{"Listing from Vectara is not steady", "would never end"}},
		accRow{name: "silent", args: `timeouts = { read = "200ms" }`, answers: []accAnswer{{never: true}}, errors: []string{"Time limit reached while reading from Vectara", "Raise timeouts.read"}},
	)
	table.fail(t, newTestProvider(f.environment()))
}

// Arguments that are wrong fail the plan before anything is read.
func TestAccValidation(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	openlayer := newOpenlayerTable(f.openlayer,
		accRow{name: "page", args: `page = 0`, errors: []string{"page = 0", "must be a whole number, at least 1"}},
		accRow{name: "per_page", args: `per_page = 101`, errors: []string{"per_page = 101", "a whole number from 1 to 100"}},
		accRow{name: "operator", args: `column_filters = [{ measurement = "cost", operator = ">", string_value = "10" }]`, errors: []string{
			"Invalid value", `The value of column_filters[0].string_value does not fit the operator ">", which accepts number_value.`,
		}},
		accRow{name: "search", args: `search_query_or = ["` + strings.Repeat("x", 301) + `"]`, errors: []string{"search_query_or", "at most 300"}},
		accRow{name: "row", args: `row_id_list = [1.5]`, errors: []string{"row_id_list", "must be a whole number; it is 1.5."}},
		accRow{name: "timeouts", args: `timeouts = { read = "0s" }`, errors: []string{"timeouts.read must be more than 0"}},
		accRow{name: "unknown_argument", args: `workspace = "x"`, errors: []string{"Unsupported argument", `"workspace" is not expected here`}},
	)
	openlayer.rows = append(openlayer.rows, accRow{name: "uuid", args: `inference_pipeline_id = "support-bot"`, errors: []string{"must be a UUID", "support-bot"}})
	openlayer.rows = append(openlayer.rows, accRow{name: "no_pipeline", errors: []string{"Missing required argument", `The argument "inference_pipeline_id" is required`}})
	openlayer.fail(t, newTestProvider(f.environment()))

	newVectaraTable(f.vectara,
		accRow{name: "customer_id", args: `customer_id = "acme"`, errors: []string{"digits only", `"acme"`}},
		accRow{name: "list_users_type", args: `list_users_type = "ALL"`, errors: []string{"list_users_type", "LIST_USERS_TYPE__CUSTOMER"}},
		accRow{name: "num_results", args: `num_results = 0`, errors: []string{"a whole number from 1 to 4294967295"}},
		accRow{name: "request_timeout", args: `request_timeout = "30S"`, mark: "30S", errors: []string{"must be a whole number of seconds", `it is "30S"`}},
	).fail(t, newTestProvider(f.environment()))

	if sent := len(f.openlayer.Requests()) + len(f.vectara.Requests()); sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

// accBoth reads from both vendors.
const accBoth = accPreamble + `
data "openlayer_pipeline_users" "bot" {
  provider              = llmusers
  inference_pipeline_id = "` + testPipeline + `"
}

data "vectara_users" "team" {
  provider = llmusers
}
`

// accFakes have the users of the tables.
func accFakes(t *testing.T) *fakes {
	t.Helper()
	f := newFakes(t)
	f.openlayer.SetUsers(testPipeline, accPipelineUsers)
	f.vectara.SetUsers(accTeam)
	return f
}

// The environment alone configures the provider in all the other tests. Here the configuration does,
// for one vendor at a time.
func TestAccProviderConfiguration(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	variables := fmt.Sprintf("variable \"api_key\" {\n  default = %q\n}\nvariable \"token\" {\n  default = %q\n}\n", testAPIKey, testToken)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(nil)),
		Steps: []resource.TestStep{
			{
				Config: accPreamble + `
					provider "llmusers" {
					  openlayer_base_url = "http://api.openlayer.com/v1"
					}
					data "vectara_users" "team" { provider = llmusers }`,
				PlanOnly:    true,
				ExpectError: accMessage("openlayer_base_url must begin with https://", "http is for a loopback address only"),
			},
			{
				Config: accPreamble + variables + `
					provider "llmusers" {
					  openlayer_api_key  = var.api_key
					  openlayer_base_url = "` + f.openlayerServer.URL + openlayertest.BasePath + `/"
					  max_retries     = 0
					  max_concurrency = 1
					}
					data "openlayer_pipeline_users" "bot" {
					  provider              = llmusers
					  inference_pipeline_id = "` + testPipeline + `"
					}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.openlayer_pipeline_users.bot", tfjsonpath.New("users"), accUsersWith("ada", "bo", "cy", "dee")),
				},
			},
			{
				// The account of the data source overrides the provider's, which the token is not for.
				Config: accPreamble + variables + `
					provider "llmusers" {
					  vectara_customer_id = "99"
					  vectara_oauth_token = var.token
					  vectara_base_url    = "` + f.vectaraServer.URL + `"
					}
					data "vectara_users" "team" {
					  provider    = llmusers
					  customer_id = "` + testCustomerID + `"
					}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.vectara_users.team", tfjsonpath.New("users"), accUsersWith("9", "31", "200", "1000")),
				},
			},
		},
	})
}

// Without its vendor's credential a data source fails, and the other one does not.
func TestAccMissingCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		without []string
		errors  map[string][]string // parts, by data source
	}{
		"openlayer": {
			without: []string{envOpenlayerAPIKey},
			errors:  map[string][]string{"data.openlayer_pipeline_users.bot": {"Openlayer API key missing", "openlayer_api_key", envOpenlayerAPIKey}},
		},
		"vectara": {
			without: []string{envVectaraOAuthToken},
			errors:  map[string][]string{"data.vectara_users.team": {"Vectara credential missing", "vectara_oauth_token", envVectaraOAuthToken}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := accFakes(t)
			env := f.environment()
			for _, variable := range test.without {
				delete(env, variable)
			}
			got := accErrors(t, newTestProvider(env), accBoth)
			for address, parts := range test.errors {
				for _, part := range parts {
					if !strings.Contains(got[address], part) {
						t.Errorf("the error at %s lacks %q:\n%s", address, part, got[address])
					}
				}
				delete(got, address)
			}
			if len(got) > 0 {
				t.Errorf("unexpected: %v", got)
			}
		})
	}
}

// A credential that is known only after apply is an error that says what to do, and doing it helps.
func TestAccUnknownCredential(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	env := f.environment()
	delete(env, envOpenlayerAPIKey)
	key := fmt.Sprintf("resource \"terraform_data\" \"key\" {\n  input = %q\n}\n", testAPIKey)
	config := accBoth + key + `
		provider "llmusers" {
		  openlayer_api_key = terraform_data.key.output
		}`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(env)),
		Steps: []resource.TestStep{
			{
				Config:      config,
				PlanOnly:    true,
				ExpectError: accMessage("Openlayer API key not known yet", "data.openlayer_pipeline_users.bot", "openlayer_api_key", envOpenlayerAPIKey, "terraform apply -target"),
			},
			{Config: accPreamble + key},
			{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.openlayer_pipeline_users.bot", tfjsonpath.New("users"), accUsersWith("ada", "bo", "cy", "dee")),
				},
			},
		},
	})
}

// Arguments that are known only after apply are read then.
func TestAccArgumentsKnownAfterApply(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	openlayer, vectara := "data.openlayer_pipeline_users.bot", "data.vectara_users.team"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(f.environment())),
		Steps: []resource.TestStep{{
			Config: accPreamble + `
				resource "terraform_data" "known_after" {
				  input = {
				    pipeline = "` + testPipeline + `", column = "cost", operator = ">=", cost = 12.5, texts = ["germany"], rows = [3], size = 2,
				    customer = "` + testCustomerID + `", type = "LIST_USERS_TYPE__CUSTOMER", timeout = "45s", limit = "1m"
				  }
				}
				locals { after = terraform_data.known_after.output }
				data "openlayer_pipeline_users" "bot" {
				  provider              = llmusers
				  inference_pipeline_id = local.after.pipeline
				  per_page              = local.after.size
				  sort_column           = local.after.column
				  asc                   = local.after.size > 9
				  column_filters        = [{ measurement = local.after.column, operator = local.after.operator, number_value = local.after.cost }]
				  search_query_or       = local.after.texts
				  exclude_row_id_list   = local.after.rows
				  timeouts              = { read = local.after.limit }
				}
				data "vectara_users" "team" {
				  provider        = llmusers
				  customer_id     = local.after.customer
				  list_users_type = local.after.type
				  num_results     = local.after.size
				  request_timeout = local.after.timeout
				  timeouts        = { read = local.after.limit }
				}`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(openlayer, tfjsonpath.New("users")),
				plancheck.ExpectUnknownValue(vectara, tfjsonpath.New("users")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(openlayer, tfjsonpath.New("users"), accUsersWith("cy")),
				statecheck.ExpectKnownValue(vectara, tfjsonpath.New("users"), accUsersWith("9", "1000")),
			},
		}},
	})
}

// Users are what plans can refer to: from outputs, checks, and conditions that stop a plan.
func TestAccPolicies(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	failing := func(config string, message ...string) resource.TestStep {
		return resource.TestStep{Config: accPreamble + config, PlanOnly: true, ExpectError: accMessage(message...)}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(f.environment())),
		Steps: []resource.TestStep{
			{
				Config: accBoth + `
					locals {
					  owners = [for u in data.vectara_users.team.users : u.email if contains(u.roles, "CustomerRole_Owner")]
					  costly = [for u in data.openlayer_pipeline_users.bot.users : u.id if u.cost > 10]
					}
					output "owners" { value = local.owners }
					output "cost" { value = { for u in data.openlayer_pipeline_users.bot.users : u.id => u.cost } }
					output "total" { value = data.openlayer_pipeline_users.bot.summary.cost }
					output "a_tenth" { value = data.openlayer_pipeline_users.bot.users[0].cost == 0.1 }
					check "one_owner" {
					  assert {
					    condition     = length(local.owners) == 1
					    error_message = "Not one owner."
					  }
					}
					check "nobody_is_costly" {
					  assert {
					    condition     = length(local.costly) == 0
					    error_message = "Cost more than 10: ${join(", ", local.costly)}."
					  }
					}`,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{accChecks{"one_owner": nil, "nobody_is_costly": {"Cost more than 10: bo, cy."}}},
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("owners", accKnown(fromJSON(t, `["olga@northwind.example"]`))),
					statecheck.ExpectKnownOutputValue("cost", accKnown(fromJSON(t, `{"ada": 0.1, "bo": 20, "cy": 12.5, "dee": 0}`))),
					statecheck.ExpectKnownOutputValue("total", accKnown(json.Number("32.6"))), // a sum() has 32.600000000000000006
					statecheck.ExpectKnownOutputValue("a_tenth", knownvalue.Bool(true)),
				},
			},
			failing(`
				data "openlayer_pipeline_users" "bot" {
				  provider              = llmusers
				  inference_pipeline_id = "`+testPipeline+`"
				  lifecycle {
				    postcondition {
				      condition     = alltrue([for u in self.users : u.cost <= 10])
				      error_message = "Cost more than 10: ${join(", ", [for u in self.users : u.id if u.cost > 10])}."
				    }
				  }
				}`, "Resource postcondition failed", "Cost more than 10: bo, cy."),
			failing(`
				data "vectara_users" "team" { provider = llmusers }
				resource "terraform_data" "deployment" {
				  lifecycle {
				    precondition {
				      condition     = alltrue([for u in data.vectara_users.team.users : u.enabled != false || length(u.roles) == 0])
				      error_message = "Disabled, but not without a role: ${join(", ", [for u in data.vectara_users.team.users : u.handle if u.enabled == false])}."
				    }
				  }
				}`, "Resource precondition failed", "Disabled, but not without a role: abel."),
			failing(`
				data "vectara_users" "team" { provider = llmusers }
				output "size" {
				  value = length(data.vectara_users.team.users)
				  precondition {
				    condition     = length(data.vectara_users.team.users) <= 3
				    error_message = "The team has ${length(data.vectara_users.team.users)} members."
				  }
				}`, "output value precondition failed", "The team has 4 members."),
		},
	})
}

// accChecks are the messages that the check blocks of a plan fail with; none: it passes.
type accChecks map[string][]string

func (want accChecks) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	got := accChecks{}
	for _, check := range req.Plan.Checks {
		if check.Address.Kind != "check" {
			continue
		}
		messages := []string(nil)
		for _, instance := range check.Instances {
			for _, problem := range instance.Problems {
				messages = append(messages, problem.Message)
			}
		}
		if passed := check.Status == "pass"; passed == (len(messages) > 0) {
			messages = append(messages, "status "+string(check.Status))
		}
		got[check.Address.Name] = messages
	}
	if !reflect.DeepEqual(got, want) {
		resp.Error = fmt.Errorf("checks: got %q, want %q", got, want)
	}
}

// The same users give the same plan, in whatever order the APIs list them; another user does not.
func TestAccStablePlan(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	config := accBoth + `
		output "users" { value = [data.openlayer_pipeline_users.bot.users, data.vectara_users.team.users] }`
	set := func(users []openlayertest.User, team []vectaratest.User) func() {
		return func() {
			f.openlayer.SetUsers(testPipeline, users)
			f.vectara.SetUsers(team)
		}
	}
	reversedUsers, reversedTeam := slices.Clone(accPipelineUsers), slices.Clone(accTeam)
	slices.Reverse(reversedUsers)
	slices.Reverse(reversedTeam)
	again := func(check plancheck.PlanCheck) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{check}}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(f.environment())),
		Steps: []resource.TestStep{
			{Config: config, ConfigPlanChecks: again(plancheck.ExpectEmptyPlan())},
			{Config: config, PreConfig: set(reversedUsers, reversedTeam), PlanOnly: true, ConfigPlanChecks: again(plancheck.ExpectEmptyPlan())},
			{Config: config, PreConfig: set(accPipelineUsers, accTeam[:3]), PlanOnly: true, ConfigPlanChecks: again(plancheck.ExpectNonEmptyPlan()), ExpectNonEmptyPlan: true},
			{Config: config, PreConfig: set(accPipelineUsers[:3], accTeam), PlanOnly: true, ConfigPlanChecks: again(plancheck.ExpectNonEmptyPlan()), ExpectNonEmptyPlan: true},
		},
	})
}

// Whatever is named like a secret is one, and nothing else is.
func TestProviderSchemaHidesCredentials(t *testing.T) {
	t.Parallel()
	credential := regexp.MustCompile(`(api_key|_token|_secret|password)$`)
	found := 0
	var look func(path string, attributes []*tfprotov6.SchemaAttribute)
	look = func(path string, attributes []*tfprotov6.SchemaAttribute) {
		for _, attribute := range attributes {
			if want := credential.MatchString(attribute.Name); want != attribute.Sensitive {
				t.Errorf("%s%s: sensitive is %v", path, attribute.Name, attribute.Sensitive)
			}
			if attribute.Sensitive {
				found++
			}
			if attribute.NestedType != nil {
				look(path+attribute.Name+".", attribute.NestedType.Attributes)
			}
		}
	}
	look("", newServer(t, newTestProvider(nil)).schemas.Provider.Block.Attributes)
	if found < 2 {
		t.Errorf("found %d credentials, want one for each vendor at least", found)
	}
}

// The other version of Vectara's API, with the other way to sign in.
func TestAccVectaraV2(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	f.vectara.ClientID, f.vectara.ClientSecret, f.vectara.Corpora = "acc-client", "acc-secret", []string{"handbook"}
	f.vectara.V1Gone = http.StatusGone
	provider := func(version string) string {
		return accPreamble + `
			variable "secret" { default = "acc-secret" }
			provider "llmusers" {
			  vectara_customer_id   = "` + testCustomerID + `"
			  vectara_client_id     = "acc-client"
			  vectara_client_secret = var.secret
			  vectara_token_url     = "` + f.vectaraServer.URL + vectaratest.TokenPath + `"
			  vectara_base_url      = "` + f.vectaraServer.URL + `"
			  vectara_api_version   = "` + version + `"
			}`
	}
	const team = `
		data "vectara_users" "team" { provider = llmusers }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(nil)),
		Steps: []resource.TestStep{
			{
				Config:      provider("v1") + team,
				PlanOnly:    true,
				ExpectError: accMessage("Vectara does not have this API", "HTTP 410 Gone", "2025-08-16", `vectara_api_version = "v2"`),
			},
			{
				Config: provider("v2") + team + `
					data "vectara_users" "readers" {
					  provider        = llmusers
					  corpus_key      = "handbook"
					  num_results     = 1
					  request_timeout = "5s"
					}`,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.vectara_users.team", tfjsonpath.New("users"), accUsersWith("usr_1000", "usr_200", "usr_31", "usr_9")),
					statecheck.ExpectKnownValue("data.vectara_users.team", tfjsonpath.New("users").AtSliceIndex(0).AtMapKey("corpus_roles"), knownvalue.ListSizeExact(0)),
					statecheck.ExpectKnownValue("data.vectara_users.readers", tfjsonpath.New("users"), knownvalue.NotNull()),
				},
			},
			{
				Config: provider("v2") + `
					data "vectara_users" "team" {
					  provider    = llmusers
					  customer_id = "` + testCustomerID + `"
					}`,
				PlanOnly:    true,
				ExpectError: accMessage("Argument of another version", "takes the account from the credential"),
			},
		},
	})
	for _, request := range f.vectara.Requests() {
		if request.Path == "/v2/users" && request.Query.Get("corpus_key") != "" && (request.Query.Get("limit") != "1" || request.Header.Get("Request-Timeout") != "5") {
			t.Errorf("the request for a corpus has %v and the timeout %q", request.Query, request.Header.Get("Request-Timeout"))
		}
	}
}
