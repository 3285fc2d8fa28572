package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

var (
	scenariosDir = filepath.Join(examplesDir, "scenarios")
	modulesDir   = filepath.Join(examplesDir, "modules")
)

// scenario has the expected results of a scenario that reads the sandbox.
type scenario struct {
	variables map[string]string // besides the variables of all scenarios
	fails     []string          // the checks that fail; all other checks pass
	failsV1   []string          // the checks that fail only with REST v1, which has only account-level roles
	outputs   map[string]string // patterns for outputs as JSON
	private   bool              // plan and state contain no name of a user
	creates   int               // the number of resources, the same with both versions of Vectara's API
}

// scenarios has a row for each folder in examples/scenarios. Without a row, the test of the folder fails.
var scenarios = map[string]scenario{
	"access-audit": {
		fails: []string{"controls_hold"},
		outputs: map[string]string{
			"verdict":     `^"(2 of 12 controls hold, 9 fail, 1 not assessed|1 of 12 controls hold, 9 fail, 2 not assessed)"$`,
			"report_json": `\\"format\\":\\"access-review/1\\"`,
			"report_html": `elif\.thibault<wbr>@freelance\.example`, "report_md": `elif\.thibault@freelance\.example`,
		},
	},
	"cost-guard": {
		variables: map[string]string{"total_budget": "100"},
		fails:     []string{"controls_hold"},
		outputs: map[string]string{
			"verdict":     `^"0 of 2 controls hold, 2 fail"$`,
			"comment":     `^"### Cost guard: 0 of 2 controls hold, 2 fail\\n.*#### Over budget: 2\\n.*(\\n\| .code.cust-\d+./code. \| \d+\.\d\d \| 50\.00 \| \d+ \| \d+ \|){10}"$`,
			"over_budget": `^\[\{"budget":50,"cost":1\d\d\.\d+,"id":"cust-\d+"\},\{"budget":50,"cost":1\d\d\.\d+,"id":"cust-\d+"\}\]$`,
			"total":       `^\{"cost":39\d\.\d+,"period":\{"from":"20[^"]+","to":"20[^"]+"\},"users":420\}$`,
		},
	},
	"dormant-users": {
		fails: []string{"controls_hold"},
		outputs: map[string]string{
			"application": `"active":413,"active_cost":38\d\.\d+,.*"dormant":7,"dormant_cost":2\.\d+,.*"users":420`,
			"dormant":     `^\[(\{[^}]*\},?){7}\]$`,
		},
	},
	"membership": {
		variables: map[string]string{"min_administrators": "3", "min_end_users": "300"},
		creates:   7, // five seats and two quotas; the app client gets no seat
	},
	"offboarding": {
		variables: map[string]string{"directory": accessAuditFile("directory.csv")},
		fails:     []string{"controls_hold"},
		outputs: map[string]string{
			"verdict": `^"0 of 2 controls hold, 2 fail, 10 excluded"$`, "report_md": `Hana\.Morvan@northwind\.example \(left on 2026-02-28, last record [0-9-]{10}\)`,
		},
	},
	"private-audit": {
		variables: map[string]string{"approvals": accessAuditFile("approvals.csv"), "directory": accessAuditFile("directory.csv")},
		fails: []string{
			"controls_hold", "members_are_approved", "roles_are_approved", "approvals_are_valid", "owners_are_within_limits",
			"privileged_users_belong_to_the_company", "app_clients_are_not_privileged", "disabled_users_hold_no_entitlements",
			"leavers_have_no_access", "leavers_do_not_use_the_application",
		},
		failsV1: []string{"duties_are_separated"},
		outputs: map[string]string{"members": `"matched":36,`, "controls": `"account_has_members":"The account has members"`},
		private: true,
	},
}

// accessAuditFile returns the absolute path of a file of the scenario access-audit.
func accessAuditFile(name string) string {
	path, err := filepath.Abs(filepath.Join(scenariosDir, "access-audit", name))
	if err != nil {
		panic(err)
	}
	return path
}

// startSandboxes starts a sandbox with each version of Vectara's API, and returns their environments by version.
func startSandboxes(t *testing.T) map[string][]string {
	t.Helper()
	sandboxes := map[string][]string{}
	for _, version := range []string{vectara.V1, vectara.V2} {
		sandbox, err := accWorkspace.StartSandbox(t.Context(), version, "-latency", "0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sandbox.Stop)
		sandboxes[version] = sandbox.Environ
	}
	return sandboxes
}

// In a copy of each scenario, init succeeds without a network, the scenario's tests pass without an account, and a plan
// that reads the sandbox has the expected checks and outputs with both versions of Vectara's API. If the scenario has
// resources, the test applies them with v1, expects no changes of resources with v2, and destroys them.
func TestAccScenarios(t *testing.T) {
	t.Parallel()
	emptyCLI(t) // skips the test without a CLI
	sandboxes := startSandboxes(t)
	people := listed(t, sandboxes)

	folders, err := os.ReadDir(scenariosDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 {
		t.Fatalf("there is no scenario in %s", scenariosDir)
	}
	unused := maps.Clone(scenarios)
	for _, folder := range folders {
		name := folder.Name()
		want, known := scenarios[name]
		delete(unused, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !known {
				t.Errorf("the table of scenarios has no row for %s", name)
			}
			if want.private {
				skipWithoutEphemeral(t)
			}
			c := emptyCLI(t)
			copyScenario(t, name, c)
			c.must(t, "init", "-input=false", "-no-color")

			passed := regexp.MustCompile(`Success! (\d+) passed, 0 failed\.`).FindStringSubmatch(c.must(t, "test", "-no-color"))
			if passed == nil || passed[1] == "0" {
				t.Error("the scenario has no tests")
			}

			for i, version := range slices.Sorted(maps.Keys(sandboxes)) {
				c.env = append(slices.Clone(sandboxes[version]), "TF_VAR_account=1526022105", "TF_VAR_directory_as_of="+time.Now().UTC().Format(time.DateOnly))
				for variable, value := range want.variables {
					c.env = append(c.env, "TF_VAR_"+variable+"="+value)
				}
				got, wanted := map[string]int{}, map[string]int{}
				for _, action := range checkPlan(t, c, version, want) {
					got[action]++
				}
				if i == 0 && want.creates > 0 {
					wanted["create"] = want.creates
				}
				if !maps.Equal(got, wanted) {
					t.Errorf("%s: the plan has the changes %v, want %v", version, got, wanted)
				}
				if want.private || want.creates > 0 {
					c.must(t, "apply", "-no-color", "-input=false", version+".plan")
				}
			}
			if len(want.fails) > 0 {
				c.env = append(c.env, "TF_VAR_enforce=true")
				if err := c.run(t, "plan", "-no-color", "-input=false", "-out=enforced.plan"); err == nil {
					t.Error("with enforce = true, the plan succeeds")
				}
			}
			checkPrivacy(t, c.leftBehind(t), people, want.private)
			if want.creates == 0 { // a plan prints the arguments of resources, which contain names
				checkPrinted(t, c.printed.Bytes(), people)
			}
			if destroyed := fmt.Sprintf("Resources: %d destroyed.", want.creates); want.creates > 0 &&
				!strings.Contains(c.must(t, "destroy", "-auto-approve", "-no-color", "-input=false"), destroyed) {
				t.Errorf("destroy does not print %q", destroyed)
			}
		})
	}
	for name := range unused {
		t.Errorf("the table of scenarios has %s, which has no folder", name)
	}
}

// Two scenarios read only end users with an address of the company. The tests of offboarding test the pattern. A mocked
// provider has no ephemeral resources, so the tests of private-audit cannot.
func TestCompanyPatternOfScenarios(t *testing.T) {
	t.Parallel()
	patterns := map[string]string{}
	for _, name := range []string{"offboarding", "private-audit"} {
		text, err := os.ReadFile(filepath.Join(scenariosDir, name, "main.tf"))
		if err != nil {
			t.Fatal(err)
		}
		patterns[name] = regexp.MustCompile(`(?s)user_id_regex = "(.+?)"\n`).FindString(string(text))
	}
	if patterns["offboarding"] == "" || patterns["offboarding"] != patterns["private-audit"] {
		t.Errorf("the patterns are different, or there is none: %s", patterns)
	}
}

// checkPlan plans a scenario, compares the plan with the expected results, and returns the actions of the plan.
func checkPlan(t *testing.T, c *cli, version string, want scenario) (changes map[string]string) {
	t.Helper()
	c.must(t, "plan", "-no-color", "-input=false", "-out="+version+".plan")

	// The JSON of a plan contains the sensitive outputs. So it is a file here, and not part of what the CLI has printed.
	show := &cli{dir: c.dir, env: c.env}
	plan := show.plan(t, version+".plan")
	write(t, c.dir, version+".json", show.printed.String())

	fails := slices.Clone(want.fails)
	if version == vectara.V1 {
		fails = append(fails, want.failsV1...)
	}
	checks := 0
	for _, check := range plan.Checks {
		if check.Address.Kind != tfjson.CheckKindCheckBlock {
			continue
		}
		checks++
		wanted := tfjson.CheckStatusPass
		if i := slices.Index(fails, check.Address.Name); i >= 0 {
			wanted = tfjson.CheckStatusFail
			fails = slices.Delete(fails, i, i+1)
		}
		if check.Status != wanted {
			t.Errorf("%s: %s: got %s, want %s: %+v", version, check.Address.Name, check.Status, wanted, check.Instances)
		}
	}
	if checks == 0 && want.creates == 0 {
		t.Errorf("%s: the plan has neither checks nor resources", version)
	}
	if len(fails) > 0 {
		t.Errorf("%s: the plan has no checks named %s", version, fails)
	}
	for name, pattern := range want.outputs {
		output := plan.PlannedValues.Outputs[name]
		if output == nil {
			t.Errorf("%s: there is no output %s", version, name)
			continue
		}
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(output.Value); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(text.String()); !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("%s: the output %s is %s, want %s", version, name, got, pattern)
		}
	}
	return actions(plan)
}

// checkPrivacy searches the files of a scenario for the names of people. The files of a private scenario must contain
// no name. The files of another scenario must contain a name, which proves that the search works.
func checkPrivacy(t *testing.T, files map[string][]byte, people []string, private bool) {
	t.Helper()
	found := 0
	for file, content := range files {
		content := bytes.ToLower(content)
		in := slices.DeleteFunc(slices.Clone(people), func(person string) bool {
			return !bytes.Contains(content, []byte(strings.ToLower(person)))
		})
		found += len(in)
		if private && len(in) > 0 {
			t.Errorf("%s contains %d names of people, such as %s", file, len(in), in[0])
		}
	}
	if !private && found == 0 {
		t.Errorf("the search found none of %d people in %d files", len(people), len(files))
	}
	for _, file := range []string{vectara.V1 + ".plan/tfplan", vectara.V2 + ".plan/tfplan", "terraform.tfstate"} {
		if _, ok := files[file]; private && !ok {
			t.Errorf("there is no file %s", file)
		}
	}
}

// checkPrinted checks that the output of init, test, plan and apply contains no name of a user and no mail address.
func checkPrinted(t *testing.T, printed []byte, people []string) {
	t.Helper()
	if address := regexp.MustCompile(`[^\s"]+@[^\s"]+\.[^\s"]+`).Find(printed); address != nil {
		t.Errorf("the output contains a mail address: %s", address)
	}
	for _, person := range people {
		if regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(person) + `\b`).Match(printed) {
			t.Errorf("the output contains a user: %s", person)
		}
	}
}

// copyScenario copies a scenario and the modules into the folder of a CLI, with the same folder structure as in
// examples. It does not copy the files of earlier runs. Then the CLI runs in the folder of the scenario.
func copyScenario(t *testing.T, name string, c *cli) {
	t.Helper()
	to := c.dir
	c.dir = filepath.Join(to, "scenarios", name)
	copyFolder(t, modulesDir, filepath.Join(to, "modules"))
	copyFolder(t, filepath.Join(scenariosDir, name), c.dir)
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	stray := regexp.MustCompile(`^\.|\.tfstate|\.tfvars|\.plan$`)
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(from, path)
		switch {
		case errors.Join(err, relErr) != nil:
			return errors.Join(err, relErr)
		case name == ".":
			return os.MkdirAll(to, 0o700)
		case entry.IsDir() && stray.MatchString(entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return os.Mkdir(filepath.Join(to, name), 0o700)
		case stray.MatchString(entry.Name()):
			return nil
		case entry.Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			return errors.Join(err, os.Symlink(target, filepath.Join(to, name)))
		}
		content, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(filepath.Join(to, name), content, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listed returns the mail addresses and the names of all users in the sandboxes. It leaves out the IDs of members, which
// are short numbers and may also be part of a time.
func listed(t *testing.T, sandboxes map[string][]string) []string {
	t.Helper()
	people := map[string]bool{}
	for version, environ := range sandboxes {
		p := newTestProvider(nil)
		p.getenv = func(variable string) string { return workspace.Lookup(environ, variable) }
		s := newServer(t, p)
		if diagnostics := s.configure(t, `{}`); len(diagnostics) > 0 {
			t.Fatal(text(diagnostics))
		}
		pipeline := fmt.Sprintf(`{"inference_pipeline_id": %s}`, strconv.Quote(workspace.Lookup(environ, "TF_VAR_inference_pipeline_id")))
		team, response := s.read(t.Context(), t, "vectara_users", `{}`)
		endUsers, other := s.read(t.Context(), t, "openlayer_pipeline_users", pipeline)
		if len(users(team)) != 36 || len(users(endUsers)) != 420 {
			t.Fatalf("the sandbox for %s does not have 36 members and 420 end users: %s", version, text(append(response.Diagnostics, other.Diagnostics...)))
		}
		for _, person := range slices.Concat(column(team, "email"), column(team, "handle"), column(endUsers, "id")) {
			// terraform is the handle of an app client. The output of the CLI contains this word anyway.
			if name, ok := person.(string); ok && name != "" && name != "terraform" {
				people[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(people))
}
