package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const policiesDir = examplesDir + "/policies/opa"

// Each engine in POLICY_ENGINES evaluates the policies in examples/policies/opa on plans of a real CLI. It denies a
// plan with a violation only with the policy for this violation. It also denies a plan that does not list all users,
// has no check, or has a check that does not pass.
//
// The valid plan has a team, end users and a check that passes. The other cases change or leave out a part of it.
func TestAccPolicyEngines(t *testing.T) {
	t.Parallel()
	tools := policyTools(t)
	engines := strings.Fields(os.Getenv("POLICY_ENGINES"))
	if len(engines) == 0 {
		t.Fatal("POLICY_ENGINES names no engine, so nothing would evaluate the plans")
	}
	denies := map[string]func(t *testing.T, tools, plan string, data ...string) []string{"opa": opaDenies, "conftest": conftestDenies}
	for _, engine := range engines {
		if denies[engine] == nil {
			t.Fatalf("POLICY_ENGINES names %q, want opa or conftest", engine)
		}
	}
	const (
		team = `
			data "vectara_users" "team" {
				provider = llmusers
			}`
		bot = `
			data "openlayer_pipeline_users" "bot" {
				provider              = llmusers
				inference_pipeline_id = "` + testPipeline + `"
			}`
		passing = `
			locals {
				owners = 1
			}
			check "owners" {
				assert {
					condition     = local.owners == 1
					error_message = "Never."
				}
			}`
		later = `
			resource "terraform_data" "later" {}`
	)
	for name, test := range map[string]struct {
		config  string // empty for both data sources and the check
		member  vectaratest.User
		endUser openlayertest.User
		args    []string // of the plan; if set, an apply runs first
		want    []string // package and policy of each denial, sorted
		skip    bool
	}{
		"good": {},
		"an administrator from outside": {
			member: vectaratest.User{Email: "eve@freelance.example", Roles: []string{"CustomerRole_Corpus_Admin"}},
			want:   []string{"vectara privileged_users_belong_to_the_company"},
		},
		"a second owner": {
			member: vectaratest.User{Email: "eve@northwind.example", Roles: []string{"CustomerRole_Owner"}},
			want:   []string{"vectara owners_are_within_limits"},
		},
		"a privileged app client": {
			member: vectaratest.User{Handle: "indexer", Type: vectaratest.TypeAppClient, Roles: []string{"CustomerRole_Admin"}},
			want:   []string{"vectara app_clients_are_not_privileged"},
		},
		"a disabled user with a role": {
			member: vectaratest.User{Email: "eve@northwind.example", Roles: []string{"CustomerRole_Billing_Admin"}, UserStatus: "USER_STATUS__DISABLED"},
			want:   []string{"vectara disabled_users_hold_no_entitlements"},
		},
		"a dormant end user": {
			endUser: openlayertest.User{LastRecord: time.Now().AddDate(0, 0, -91)},
			want:    []string{"openlayer end_users_are_active"},
		},
		"an expensive end user": {
			endUser: openlayertest.User{LastRecord: time.Now(), Cost: 50.5},
			want:    []string{"openlayer end_users_stay_within_max_cost"},
		},
		"a check that fails": {
			config: team + bot + passing + `
				check "failing" {
					assert {
						condition     = length(data.vectara_users.team.users) == 0
						error_message = "There are users."
					}
				}`,
			want: []string{"checks every_check_passed"},
		},
		"a check that is not known": {
			config: team + bot + later + `
				check "unknown" {
					assert {
						condition     = terraform_data.later.id != ""
						error_message = "Never."
					}
				}`,
			want: []string{"checks every_check_passed"},
		},
		"no check": {
			config: team + bot,
			want:   []string{"checks every_check_passed"},
		},
		"no users listed": {
			config: passing + later,
			want:   []string{"openlayer everybody_is_listed", "vectara everybody_is_listed"},
		},
		"a listing that is deferred": {
			config: bot + passing + later + `
				data "vectara_users" "team" {
					provider   = llmusers
					depends_on = [terraform_data.later]
				}`,
			want: []string{"vectara everybody_is_listed"},
		},
		"a pipeline that is not known": {
			config: team + passing + later + `
				data "openlayer_pipeline_users" "bot" {
					provider              = llmusers
					inference_pipeline_id = terraform_data.later.id
				}`,
			want: []string{"openlayer everybody_is_listed"},
		},
		"a listing without its users": {
			config: bot + passing + `
				data "vectara_users" "team" {
					provider      = llmusers
					include_users = false
				}`,
			want: []string{"vectara everybody_is_listed"},
		},
		"a listing with a filter of the provider": {
			config: bot + passing + `
				data "vectara_users" "team" {
					provider = llmusers
					roles    = ["owner"]
				}`,
			want: []string{"vectara everybody_is_listed"},
		},
		"a listing with a filter of the vendor": {
			config: team + passing + `
				data "openlayer_pipeline_users" "bot" {
					provider              = llmusers
					inference_pipeline_id = "` + testPipeline + `"
					column_filters        = [{ measurement = "cost", operator = ">", number_value = 1000 }]
				}`,
			want: []string{"openlayer everybody_is_listed"},
		},
		"a violation in a module": {
			config: bot + passing + `
				module "account" {
					for_each = toset(["a", "b"])
					source   = "./account"
				}`,
			member: vectaratest.User{Email: "eve@northwind.example", Roles: []string{"CustomerRole_Owner"}},
			want:   []string{"vectara owners_are_within_limits", "vectara owners_are_within_limits"},
		},
		"a violation in the data source of a check": {
			config: bot + `
				check "team" {` + team + `
					assert {
						condition     = length(data.vectara_users.team.users) > 0
						error_message = "There are no users."
					}
				}`,
			member: vectaratest.User{Email: "eve@northwind.example", Roles: []string{"CustomerRole_Owner"}},
			want:   []string{"vectara owners_are_within_limits"},
		},
		"a check that cannot read": {
			config: bot + `
				check "team" {
					data "vectara_users" "team" {
						provider  = llmusers
						max_users = 1
					}
					assert {
						condition     = length(data.vectara_users.team.users) > 0
						error_message = "There are no users."
					}
				}`,
			want: []string{"checks every_check_passed", "vectara everybody_is_listed"},
		},
		"a listing that is deferred after it was in the state": {
			config: bot + passing + `
				variable "input" {
					default = "old"
				}
				resource "terraform_data" "later" {
					input = var.input
				}
				data "vectara_users" "team" {
					provider   = llmusers
					depends_on = [terraform_data.later]
				}`,
			args: []string{"-var=input=new"},
			want: []string{"vectara everybody_is_listed"},
		},
		"a part of the configuration with old listings in the state": {
			config: team + bot + passing + later,
			args:   []string{"-target=terraform_data.later"},
			want: []string{
				"checks every_check_passed", "checks every_check_passed", // the plan is incomplete, and the check is unknown
				"openlayer everybody_is_listed", "vectara everybody_is_listed",
			},
			skip: accWorkspace != nil && accWorkspace.Engine.Name == "OpenTofu",
		},
	} {
		for _, version := range []string{vectara.V1, vectara.V2} {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				if test.skip {
					t.Skip("OpenTofu does not mark a plan as incomplete")
				}
				f := newFakes(t)
				members := []vectaratest.User{
					{ID: 1, Email: "ada@northwind.example", Roles: []string{"CustomerRole_Owner"}, UserStatus: "USER_STATUS__ACTIVE"},
					{ID: 2, Email: "guest@freelance.example", UserStatus: "USER_STATUS__DISABLED"},
				}
				if member := test.member; member.Email+member.Handle != "" {
					member.ID = 3
					members = append(members, member)
				}
				endUsers := []openlayertest.User{{ID: "good", LastRecord: time.Now().AddDate(0, 0, -89), Cost: 50}}
				if endUser := test.endUser; !endUser.LastRecord.IsZero() {
					endUser.ID = "other"
					endUsers = append(endUsers, endUser)
				}
				f.vectara.SetUsers(members)
				f.openlayer.SetUsers(testPipeline, endUsers)

				config := test.config
				if config == "" {
					config = team + bot + passing
				}
				plan := planJSON(t, f, version, config, test.args)
				var data []string
				if version == vectara.V1 { // v1 has only the scope account
					data = []string{write(t, t.TempDir(), "scopes.yaml", "llmusers: {params: {scopes: [account]}}")}
				}
				for _, engine := range engines {
					if got := denies[engine](t, tools, plan, data...); !slices.Equal(got, test.want) {
						t.Errorf("%s denies %q, want %q", engine, got, test.want)
					}
				}
			})
		}
	}
}

// policyTools returns the folder with the programs of the engines.
func policyTools(t *testing.T) string {
	t.Helper()
	tools := os.Getenv("POLICY_TOOLS")
	if tools == "" {
		t.Skip("needs POLICY_TOOLS, a folder with the programs that POLICY_ENGINES names; make policy-test sets both variables")
	}
	return tools
}

// The controls of the module access-review (HCL) and the policies for OPA (Rego) find the same users. The users and the
// expected findings are in testdata/offenders.json.
func TestAccPolicyEnginesAgree(t *testing.T) {
	t.Parallel()
	emptyCLI(t) // skips the test without a CLI
	tools := policyTools(t)
	content, err := os.ReadFile(filepath.Join("testdata", "offenders.json"))
	if err != nil {
		t.Fatal(err)
	}
	var people []struct {
		User    vectaratest.User
		Offends map[string][]string // the expected policies, by version of the API
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&people); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{vectara.V1, vectara.V2} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			var users []vectaratest.User
			want := map[string][]string{}
			for _, person := range people {
				users = append(users, person.User)
				for _, policy := range person.Offends[version] {
					want[policy] = append(want[policy], cmp.Or(person.User.Email, person.User.Handle))
				}
			}
			f.vectara.SetUsers(users)
			f.openlayer.SetUsers(testPipeline, nil)

			c := emptyCLI(t)
			copyScenario(t, "access-audit", c)
			c.env = append(c.env, envVectaraAPIVersion+"="+version, "TF_VAR_inference_pipeline_id="+testPipeline,
				"TF_VAR_account=1526022105", "TF_VAR_directory_as_of="+time.Now().UTC().Format(time.DateOnly))
			for variable, value := range f.environment() {
				c.env = append(c.env, variable+"="+value)
			}
			c.must(t, "init", "-input=false", "-no-color")
			c.must(t, "plan", "-no-color", "-input=false", "-out=saved")
			plan := c.must(t, "show", "-json", "saved")

			inHCL := map[string][]string{}
			for _, control := range reviewOf(t, plan).Controls {
				for _, finding := range control.Findings {
					inHCL[control.Key] = append(inHCL[control.Key], finding.Name)
				}
			}
			var inRego struct {
				Result []struct {
					Expressions []struct{ Value []map[string][]string }
				}
			}
			runPolicies(t, &inRego, filepath.Join(tools, "opa"), "eval", "--data", policiesDir, "--input", write(t, c.dir, "plan.json", plan),
				`[data.llmusers.vectara.offenders(listing) | some listing in data.llmusers.vectara.listings]`)
			if len(inRego.Result) != 1 || len(inRego.Result[0].Expressions) != 1 || len(inRego.Result[0].Expressions[0].Value) != 1 {
				t.Fatalf("OPA has no result: %v", inRego)
			}
			for policy, offenders := range inRego.Result[0].Expressions[0].Value[0] {
				var names []string
				for _, offender := range offenders {
					name, _, _ := strings.Cut(offender, " (")
					names = append(names, name)
				}
				slices.Sort(names)
				slices.Sort(want[policy])
				if !slices.Equal(names, want[policy]) {
					t.Errorf("%s in Rego: got %q, want %q", policy, names, want[policy])
				}
				slices.Sort(inHCL[policy])
				if policy != "users_have_no_api_policy" && !slices.Equal(inHCL[policy], want[policy]) { // not a control of the module
					t.Errorf("%s in HCL: got %q, want %q", policy, inHCL[policy], want[policy])
				}
				delete(want, policy)
			}
			if len(want) > 0 {
				t.Errorf("OPA has no policies with these names: %q", want)
			}
		})
	}
}

// review has the fields of report_json that the tests use.
type review struct {
	Controls []struct {
		Key      string
		Findings []struct{ Name string }
	}
}

// reviewOf decodes report_json in the JSON of a plan of the scenario access-audit.
func reviewOf(t *testing.T, plan string) review {
	t.Helper()
	var saved struct {
		Values struct {
			Outputs struct {
				Report struct{ Value string } `json:"report_json"`
			}
		} `json:"planned_values"`
	}
	if err := json.Unmarshal([]byte(plan), &saved); err != nil {
		t.Fatal(err)
	}
	var r review
	if err := json.Unmarshal([]byte(saved.Values.Outputs.Report.Value), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// planJSON plans a configuration. If args, the arguments of the plan, are not empty, it applies the configuration
// first. It returns the path of a file with the plan's JSON.
func planJSON(t *testing.T, f *fakes, version, config string, args []string) string {
	t.Helper()
	c := newCLI(t, f, "")
	c.env = append(c.env, envVectaraAPIVersion+"="+version, "TF_LOG=") // no log, which the test does not use
	write(t, c.dir, "config.tf", config)
	account := filepath.Join(c.dir, "account")
	if err := os.Mkdir(account, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, account, "main.tf", accPreamble+`
		data "vectara_users" "team" {
			provider = llmusers
		}`)
	commands := [][]string{{"get"}}
	if len(args) > 0 {
		commands = append(commands, []string{"apply", "-auto-approve"})
	}
	for _, command := range append(commands, append([]string{"plan", "-out=saved"}, args...)) {
		if err := c.run(t, command...); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, &c.printed)
		}
	}
	c.printed.Reset()
	if err := c.run(t, "show", "-json", "saved"); err != nil {
		t.Fatalf("show: %v\n%s", err, &c.printed)
	}
	return write(t, c.dir, "plan.json", c.printed.String())
}

// opaDenies returns the denials of all packages in OPA, as a sorted list of "package policy". It checks that a package
// passes exactly if it has no denials.
func opaDenies(t *testing.T, tools, plan string, data ...string) []string {
	t.Helper()
	var output struct {
		Result []struct {
			Expressions []struct {
				Value struct{ Denials, Passed []string }
			}
		}
	}
	args := []string{"eval", "--data", policiesDir, "--input", plan}
	for _, file := range data {
		args = append(args, "--data", file)
	}
	runPolicies(t, &output, filepath.Join(tools, "opa"), append(args, `{
		"denials": [sprintf("%s %s", [name, denial.policy]) | some name in ["checks", "openlayer", "vectara"]; some denial in data.llmusers[name].deny],
		"passed": [name | some name in ["checks", "openlayer", "vectara"]; data.llmusers[name].passed],
	}`)...)
	if len(output.Result) != 1 || len(output.Result[0].Expressions) != 1 {
		t.Fatalf("OPA has no result: %v", output)
	}
	value := output.Result[0].Expressions[0].Value
	var passed []string
	for _, name := range []string{"checks", "openlayer", "vectara"} {
		if !slices.ContainsFunc(value.Denials, func(denial string) bool { return strings.HasPrefix(denial, name+" ") }) {
			passed = append(passed, name)
		}
	}
	if !slices.Equal(value.Passed, passed) {
		t.Errorf("OPA denies %q, but passed is true for %q", value.Denials, value.Passed)
	}
	return value.Denials
}

// conftestDenies returns the denials of Conftest, as a sorted list of "package policy". It checks that Conftest fails
// exactly if there are denials.
func conftestDenies(t *testing.T, tools, plan string, data ...string) []string {
	t.Helper()
	var output []struct {
		Namespace string
		Failures  []struct {
			Metadata struct{ Policy string }
		}
	}
	args := []string{
		"test", "--policy", policiesDir, "--namespace=llmusers.checks", "--namespace=llmusers.openlayer", "--namespace=llmusers.vectara", "--output=json",
	}
	for _, file := range append([]string{filepath.Join(policiesDir, "data.yaml")}, data...) {
		args = append(args, "--data", file)
	}
	failed := runPolicies(t, &output, filepath.Join(tools, "conftest"), append(args, plan)...)
	var denials []string
	for _, result := range output {
		for _, failure := range result.Failures {
			denials = append(denials, strings.TrimPrefix(result.Namespace, "llmusers.")+" "+failure.Metadata.Policy)
		}
	}
	slices.Sort(denials)
	if failed != (len(denials) > 0) {
		t.Errorf("Conftest denies %q, but its exit status is an error: %t", denials, failed)
	}
	return denials
}

// runPolicies runs a policy engine, and decodes the JSON that it prints. It returns whether the engine failed.
func runPolicies(t *testing.T, output any, name string, args ...string) bool {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if jsonErr := json.Unmarshal(stdout.Bytes(), output); jsonErr != nil {
		t.Fatalf("%s %q: %v: %s%s", name, args, errors.Join(err, jsonErr), &stdout, &stderr)
	}
	return err != nil
}
