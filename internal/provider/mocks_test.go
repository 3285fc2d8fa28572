package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// The tests in the guide "Testing a rule" pass without an account.
func TestAccRuleTests(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join(examplesDir, "tests", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatal("there are no tests", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			c := emptyCLI(t)
			copyFolder(t, folder, c.dir)
			c.must(t, "init", "-input=false", "-no-color")
			if printed := c.must(t, "test", "-no-color"); !strings.Contains(printed, "Success! 2 passed, 0 failed.") {
				t.Error(printed)
			}
		})
	}
}

// The guide Troubleshooting contains the errors of the CLI for what a mock cannot do.
func TestAccMockMessages(t *testing.T) {
	t.Parallel()
	const (
		dataSource = `
data "vectara_users" "team" {
  provider = llmusers
}
check "app_clients_are_not_privileged" {
  assert {
    condition     = length(data.vectara_users.team.users) == 0
    error_message = "There are users."
  }
}
`
		ephemeral = `
ephemeral "vectara_users" "team" {
  provider = llmusers
}
check "app_clients_are_not_privileged" {
  assert {
    condition     = length(ephemeral.vectara_users.team.users) == 0
    error_message = "There are users."
  }
}
`
	)
	override := func(target, values string) string {
		return `
mock_provider "llmusers" {}
run "test" {
  command = plan
  override_data {
    target = ` + target + `
    values = { ` + values + ` }
  }
  expect_failures = [check.app_clients_are_not_privileged]
}
`
	}
	const team = "data.vectara_users.team"
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	shown := oneLine(string(page))
	for name, test := range map[string]struct {
		config, test        string
		terraform, opentofu string // messages; empty if the CLI accepts the test
	}{
		"a function": {
			dataSource, override(team, `users = concat([], [])`),
			"Functions may not be called here.", "Functions may not be called here.",
		},
		"a variable": {
			dataSource, override(team, `users = var.users`),
			"Variables may not be used here.", "Variables may not be used here.",
		},
		"an object that is null": {
			dataSource, override(team, `users = [{ id = "usr_1", api_policy = null }]`), // OpenTofu accepts a null in a user with all attributes
			`with the attribute "users": incompatible types; expected object, found dynamic.`, "",
		},
		"an attribute that is left out": {
			dataSource, override(team, `users = [{ id = "usr_1" }]`),
			"", `"ts_create", "type", "updated_at", and "user_status" are required.`,
		},
		"a misspelt argument": {
			dataSource, override(team, `user = [{ id = "usr_1" }]`),
			"The checkable object, check.app_clients_are_not_privileged, was expected to report an error but did not.", "The field is unknown. Please, ensure it is a part of resource definition.",
		},
		"a misspelt target": {
			dataSource, override("data.vectara_users.tem", `users = []`),
			"The override target data.vectara_users.tem does not exist within the configuration under test. This could indicate a typo in the target address or an unnecessary override.",
			"Target points to undefined resource. Please, ensure resource exists.",
		},
		"an ephemeral resource": {
			ephemeral, "mock_provider \"llmusers\" {}\nrun \"test\" {\n  command = plan\n}\n",
			"The provider mocking mechanism does not yet support ephemeral resource types.", "",
		},
		"an override of an ephemeral resource": {
			ephemeral, override("ephemeral.vectara_users.team", `users = []`),
			"You can only target data sources from override_data blocks, not ephemeral.vectara_users.team.",
			"Target `ephemeral.vectara_users.team` is `resource` block itself and cannot be overridden with `override_data`.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := emptyCLI(t)
			engine := accWorkspace.Engine
			if !regexp.MustCompile(`^(Terraform 1\.11|OpenTofu 1\.12)\.`).MatchString(engine.Name + " " + engine.Version) {
				t.Skip("the guide has the messages of Terraform 1.11 and OpenTofu 1.12")
			}
			message := map[string]string{"Terraform": test.terraform, "OpenTofu": test.opentofu}[engine.Name]
			if message == "" {
				t.Skip("this CLI accepts the test")
			}
			write(t, c.dir, "main.tf", workspace.RequireVersion(installedVersion)+test.config)
			write(t, c.dir, "main.tftest.hcl", test.test)
			// init also reads the test, and may fail.
			if err := c.run(t, "init", "-input=false", "-no-color"); err == nil {
				if err := c.run(t, "test", "-no-color"); err == nil {
					t.Error("the test passes")
				}
			}
			if printed := oneLine(c.printed.String()); !strings.Contains(printed, message) {
				t.Errorf("want the error %q, got\n%s", message, printed)
			}
			if !strings.Contains(shown, message) {
				t.Errorf("the guide does not contain %q", message)
			}
		})
	}
}

// oneLine removes the line breaks that a CLI adds to a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
