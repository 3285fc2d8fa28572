package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const examplesDir = "../../examples"

// exampleVariables are the values for the variables of the examples. The fakes accept the credentials.
var exampleVariables = map[string]string{
	"inference_pipeline_id": testPipeline,
	"openlayer_api_key":     testAPIKey,
	"vectara_customer_id":   testCustomerID,
	"vectara_oauth_token":   testToken,
	"vectara_client_id":     "example-client",
	"vectara_client_secret": "example-secret",
}

// The CLI can plan every example with either version of Vectara's API. TestAccScenarios tests the scenarios.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	for _, name := range findExamples(t) {
		for _, version := range []string{vectara.V1, vectara.V2} {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				planExample(t, name, version)
			})
		}
	}
}

// The provider, every data source and every ephemeral resource have an example.
func TestExamplesAreThere(t *testing.T) {
	t.Parallel()
	folders := map[string]bool{}
	for _, name := range findExamples(t) {
		folders[filepath.ToSlash(filepath.Dir(name))] = true
	}
	want := []string{"provider"}
	schemas := newServer(t, newTestProvider(nil)).schemas
	for name := range schemas.DataSourceSchemas {
		want = append(want, "data-sources/"+name)
	}
	for name := range schemas.EphemeralResourceSchemas {
		want = append(want, "ephemeral-resources/"+name)
	}
	for _, folder := range want {
		if !folders[folder] {
			t.Errorf("examples/%s has no example", folder)
		}
	}
}

// findExamples returns the paths of the examples, relative to the folder examples, without the scenarios and modules.
func findExamples(t *testing.T) []string {
	t.Helper()
	var examples []string
	err := filepath.WalkDir(examplesDir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == scenariosDir, path == modulesDir: // TestAccScenarios and TestAccModules test them
			return fs.SkipDir
		case filepath.Ext(path) != ".tf":
			return nil
		}
		name, err := filepath.Rel(examplesDir, path)
		examples = append(examples, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

func planExample(t *testing.T, name, version string) {
	t.Helper()
	f := newFakes(t)
	f.vectara.ClientID, f.vectara.ClientSecret = exampleVariables["vectara_client_id"], exampleVariables["vectara_client_secret"]
	env := f.environment()
	env[envVectaraAPIVersion], env[envVectaraTokenURL] = version, f.vectaraServer.URL+vectaratest.TokenPath
	f.openlayer.SetUsers(testPipeline, exampleUsers())
	f.vectara.SetUsers(exampleTeam())

	// The copy of the example has one more output, so that its plan is never empty: plugin-testing requires a test to
	// declare whether the plan is empty.
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("planned.tf", "output \"planned\" {\n  value = true\n}\n")
	content, err := os.ReadFile(filepath.Join(examplesDir, name))
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for _, block := range regexp.MustCompile(`(?m)^(?:data|ephemeral) "(\w+)"`).FindAllStringSubmatch(text, -1) {
		if rows := rowsOf(block[1]); len(rows) == 1 && rows[0].version != "" && rows[0].version != version {
			t.Skipf("REST %s has no %s", version, block[1])
		}
	}
	write("example.tf", text)
	requested := func() {
		t.Helper()
		paths := map[string][]string{}
		for _, request := range f.openlayer.Requests() {
			paths["openlayer"] = append(paths["openlayer"], request.Path)
		}
		for _, request := range f.vectara.Requests() {
			if request.Path != vectaratest.TokenPath {
				paths["vectara"] = append(paths["vectara"], request.Path)
			}
		}
		for vendor, prefix := range map[string]string{"openlayer": openlayertest.BasePath, "vectara": "/" + version + "/"} {
			if !regexp.MustCompile(`(?m)^(data|ephemeral) "` + vendor + `_`).MatchString(text) {
				continue
			}
			if len(paths[vendor]) == 0 {
				t.Errorf("the provider sent no request to %s", vendor)
			}
			for _, path := range paths[vendor] {
				if !strings.HasPrefix(path, prefix) {
					t.Errorf("the provider requested %s, want a path below %s", path, prefix)
				}
			}
		}
	}
	if strings.Contains(text, `ephemeral "`) {
		skipWithoutEphemeral(t)
		// The test runs the CLI without plugin-testing, which reads the plan as JSON: Terraform 1.11 crashes when it writes
		// this JSON if an ephemeral block has a condition.
		c := newCLI(t, f, text)
		c.env = append(c.env, envVectaraAPIVersion+"="+version)
		// If a message refers to an ephemeral value, Terraform shows this warning instead of the message.
		if err := c.run(t, "plan"); err != nil || strings.Contains(c.printed.String(), "refers to ephemeral values") {
			t.Errorf("%v\n%s", err, &c.printed)
		}
		requested()
		return
	}
	if !strings.Contains(text, "terraform {") {
		write("preamble.tf", accPreamble)
	}
	variables := config.Variables{}
	for name, value := range exampleVariables {
		if strings.Contains(text, fmt.Sprintf("variable %q", name)) {
			variables[name] = config.StringVariable(value)
		}
	}
	resource.Test(t, resource.TestCase{
		Steps: []resource.TestStep{{
			// A field of the step, because plugin-testing counts a provider block in the folder as a provider of the step.
			ProtoV6ProviderFactories: accProvider(newTestProvider(env)),
			ConfigDirectory:          config.StaticDirectory(dir),
			ConfigVariables:          variables,
			PlanOnly:                 true,
			ExpectNonEmptyPlan:       true,
		}},
	})
	requested()
}

// exampleUsers returns end users with the columns that the examples use.
func exampleUsers() []openlayertest.User {
	plans, countries := []string{"free", "pro", "enterprise"}, []string{"DE", "US", "FR", "GB"}
	last := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	users := make([]openlayertest.User, 30)
	for i := range users {
		users[i] = openlayertest.User{
			ID:          fmt.Sprintf("cust-%05d", 10000+37*i),
			FirstRecord: last.AddDate(0, -i, 0), LastRecord: last.AddDate(0, 0, -i),
			Sessions: int64(1 + i), Records: int64(10 * i), Tokens: float64(1000 * i), Cost: float64(i) / 4,
			Columns: map[string]any{
				"plan": plans[i%len(plans)], "country": countries[i%len(countries)],
				"tags": []string{"beta", plans[i%len(plans)]}, "newsletter": i%2 == 0,
			},
			RowIDs: []int64{int64(2 * i), int64(2*i + 1)},
		}
	}
	return users
}

// exampleTeam returns 30 members, which are two pages for the example with num_results = 20.
func exampleTeam() []vectaratest.User {
	roles := [][]string{{"CustomerRole_Owner"}, {"CustomerRole_Admin"}, {"CustomerRole_Corpus_Admin", "CustomerRole_Billing_Admin"}, nil}
	team := make([]vectaratest.User, 30)
	for i := range team {
		handle := fmt.Sprintf("member%02d", i)
		team[i] = vectaratest.User{
			ID: uint32(31000 + i), Handle: handle, Email: handle + "@northwind.example", Type: "USER_TYPE__USER",
			TsCreate: 1700000000 + int64(i)*86400, IDCreate: 31000, UserStatus: "USER_STATUS__ACTIVE", Roles: roles[min(i, 3)],
		}
	}
	team[29].UserStatus = "USER_STATUS__DISABLED"
	team[28] = vectaratest.User{ID: 31028, Handle: "indexer", Type: "USER_TYPE__APP_CLIENT"}
	return team
}
