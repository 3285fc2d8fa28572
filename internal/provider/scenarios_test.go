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

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

var scenariosDir = filepath.Join(examplesDir, "scenarios")

// scenario is what the sandbox has for a scenario to find.
type scenario struct {
	variables map[string]string // beyond those that the sandbox sets
	fails     []string          // the checks; all others have to pass
	outputs   map[string]string // patterns of outputs, as JSON
	private   bool              // neither plan nor state may name a user
	creates   int               // resources, which are there with either version of Vectara's API
}

// scenarios has a row for each folder: a new one is run without, and fails for want of it.
var scenarios = map[string]scenario{
	"access-audit": {
		fails: []string{
			"members_are_approved", "at_most_one_owner", "privileged_users_belong_to_the_company", "app_clients_are_not_privileged",
			"disabled_users_hold_no_role", "users_have_no_api_policy", "end_users_stay_within_max_cost",
		},
		outputs: map[string]string{
			"team": `"members":36,`, "end_users": `"total":420`, "verdict": `^"1 of 8 policies hold(, 1 not assessed)?"$`,
			"audit_html": `1 of 8 policies hold.*elif\.thibault@freelance\.example`, "audit_md": `1 of 8 policies hold.*elif\.thibault@freelance\.example`,
			"offenders": `"app_clients_are_not_privileged":\["terraform \(administrator\)"\]` +
				`.*"privileged_users_belong_to_the_company":\["elif.thibault@freelance.example \(administrator\)",` +
				`("siobhan.lindholm@agency.example \(agent_administrator on returns-desk\)",)?"siobhan.kahananui@northwİnd.example \(billing_administrator\)"\]`,
			"not_assessed": `^{("users_have_no_api_policy":\["REST v1 has no entitlements of the scopes corpus, agent, operation"\])?}$`,
		},
	},
	"cost-guard": {
		variables: map[string]string{"total_budget": "100"},
		fails:     []string{"users_stay_within_budget", "total_stays_within_budget"},
		outputs: map[string]string{
			"comment":     `^"### Cost guard: 1 of 3 policies hold\\n.*#### Over budget: 2\\n.*(\\n\| .code.cust-\d+./code. \| \d+\.\d\d \| 50\.00 \| \d+ \| \d+ \|){10}"$`,
			"over_budget": `^\[\{"budget":50,"cost":1\d\d\.\d+,"id":"cust-\d+"\},\{"budget":50,"cost":1\d\d\.\d+,"id":"cust-\d+"\}\]$`,
			"total":       `"unknown":0,"users":420`,
		},
	},
	"dormant-users": {
		fails: []string{"dormant_users_stay_within_max_dormant"},
		outputs: map[string]string{
			"application": `"active":413,"active_cost":38\d\.\d+,.*"dormant":7,"dormant_cost":2\.\d+,.*"users":420`,
			"dormant":     `^\[(\{[^}]*\},?){7}\]$`,
		},
	},
	"membership": {
		variables: map[string]string{"min_administrators": "3", "min_end_users": "300"},
		creates:   7, // five seats without that of the app client, and two quotas
	},
	"offboarding": {
		variables: map[string]string{"directory": "northwind.csv"},
		fails:     []string{"leavers_cannot_sign_in", "leavers_hold_no_role", "leavers_use_no_application"},
		outputs: map[string]string{
			"compared": `^{"directory":32,"end_users":2,"members":36,"without_address":1}$`,
			"offenders": `^{"leavers_cannot_sign_in":\["elif.thibault@freelance.example","siobhan.lindholm@agency.example","oskar.yilmaz@northwind.example","siobhan.kahananui@northwİnd.example"\],` +
				`"leavers_hold_no_role":\["veronika.eriksen@northwind.example \(billing_administrator\)"\],` +
				`"leavers_use_no_application":\["Hana.Morvan@northwind.example \(last seen [0-9-]{10}\)"\],`,
		},
	},
	"private-audit": {
		fails: []string{
			"owners_stay_within_max_owners", "privileged_users_belong_to_the_company", "app_clients_are_not_privileged",
			"disabled_users_hold_no_role", "users_have_no_api_policy", "end_users_stay_within_max_cost",
		},
		outputs: map[string]string{"team": `"matched":36,`, "application": `"matched":420,.*"total":420}$`},
		private: true,
	},
}

// Every scenario is copied, installed without a network, tested as its own tests say, without an
// account, and run against the sandbox with both versions of Vectara's API. One with resources is applied with
// v1, is the same with v2, and is destroyed.
func TestAccScenarios(t *testing.T) {
	t.Parallel()
	emptyCLI(t)                        // or the test is skipped
	sandboxes := map[string][]string{} // environments, by the version of Vectara's API
	for _, version := range []string{vectara.V1, vectara.V2} {
		sandbox, err := accWorkspace.StartSandbox(t.Context(), version, "-latency", "0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sandbox.Stop)
		sandboxes[version] = sandbox.Environ
	}
	people := listed(t, sandboxes)

	folders, err := os.ReadDir(scenariosDir)
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) == 0 {
		t.Fatalf("there is no scenario in %s", scenariosDir)
	}
	rowless := maps.Clone(scenarios)
	for _, folder := range folders {
		name := folder.Name()
		want, known := scenarios[name]
		delete(rowless, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !known {
				t.Errorf("the table of scenarios does not say what the sandbox has for %s to find", name)
			}
			if want.private {
				skipWithoutEphemeral(t)
			}
			c := emptyCLI(t)
			declared := copyScenario(t, filepath.Join(scenariosDir, name), c.dir)
			c.must(t, "init", "-input=false", "-no-color")

			passed := regexp.MustCompile(`Success! (\d+) passed, 0 failed\.`).FindStringSubmatch(c.must(t, "test", "-no-color"))
			if passed == nil || passed[1] == "0" {
				t.Error("it has no tests")
			}

			for i, version := range slices.Sorted(maps.Keys(sandboxes)) {
				c.env = slices.Clone(sandboxes[version])
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
			if declared["enforce"] && len(want.fails) > 0 {
				c.env = append(c.env, "TF_VAR_enforce=true")
				if err := c.run(t, "plan", "-no-color", "-input=false", "-out=enforced.plan"); err == nil {
					t.Error("it has a variable enforce, which stops nothing")
				}
			}
			checkPrivacy(t, c.leftBehind(t), people, want.private)
			if destroyed := fmt.Sprintf("Resources: %d destroyed.", want.creates); want.creates > 0 &&
				!strings.Contains(c.must(t, "destroy", "-auto-approve", "-no-color", "-input=false"), destroyed) {
				t.Errorf("not %s", destroyed)
			}
		})
	}
	for name := range rowless {
		t.Errorf("the table of scenarios has %s, of which there is no folder", name)
	}
}

// checkPlan plans a scenario, looks for what it has to find, and returns what the plan changes.
func checkPlan(t *testing.T, c *cli, version string, want scenario) (changes map[string]string) {
	t.Helper()
	c.must(t, "plan", "-no-color", "-input=false", "-out="+version+".plan")
	plan := c.plan(t, version+".plan")

	fails := slices.Clone(want.fails)
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

// checkPrivacy looks for people in what a scenario has left behind. Where some are allowed, some have
// to be there, or else the looking is of no use.
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
			t.Errorf("%s has %d people, such as %s", file, len(in), in[0])
		}
	}
	if !private && found == 0 {
		t.Errorf("none of %d people is in the %d files that are left", len(people), len(files))
	}
	for _, file := range []string{vectara.V1 + ".plan/tfplan", vectara.V2 + ".plan/tfplan", "terraform.tfstate"} {
		if _, ok := files[file]; private && !ok {
			t.Errorf("there is no %s to look into", file)
		}
	}
}

// copyScenario copies what belongs to a scenario, and not what a trial has left there,
// and returns the names of its variables.
func copyScenario(t *testing.T, from, to string) (variables map[string]bool) {
	t.Helper()
	stray := regexp.MustCompile(`^\.|\.tfstate|\.tfvars|\.plan$`)
	variables = map[string]bool{}
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(from, path)
		switch {
		case errors.Join(err, relErr) != nil:
			return errors.Join(err, relErr)
		case name == ".":
			return nil
		case entry.IsDir() && stray.MatchString(entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return os.Mkdir(filepath.Join(to, name), 0o700)
		case stray.MatchString(entry.Name()):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, variable := range regexp.MustCompile(`(?m)^variable "(\w+)"`).FindAllSubmatch(content, -1) {
			variables[string(variable[1])] = true
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return variables
}

// listed are the mail addresses and the names of all users in the sandboxes. (The ids of members of
// the team are short numbers, which a time may have in it as well.)
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
			t.Fatalf("the sandbox for %s has other users: %s", version, text(append(response.Diagnostics, other.Diagnostics...)))
		}
		for _, person := range slices.Concat(column(team, "email"), column(team, "handle"), column(endUsers, "id")) {
			// One app client is named as the program that runs.
			if name, ok := person.(string); ok && name != "" && name != "terraform" {
				people[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(people))
}
