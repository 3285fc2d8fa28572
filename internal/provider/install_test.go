package provider

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// After "make install", a CLI without a configuration file finds the provider. "make uninstall" restores the plugins
// folder.
func TestAccInstall(t *testing.T) {
	t.Parallel()
	c, f := emptyCLI(t), newFakes(t)
	home := t.TempDir()
	plugins := filepath.Join(home, ".terraform.d", "plugins")
	other := filepath.Join(plugins, "registry.terraform.io", "seed-f6cb25c4", "llmusers", "0.0.1")
	if err := os.MkdirAll(other, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, other, "of another version", "")
	before := listFiles(t, plugins)

	run := func(target string) {
		t.Helper()
		// Keep Go's caches despite the other HOME. Clear MAKEFLAGS, which the make that runs this test may set.
		folders, err := workspace.Output(workspace.Command(t.Context(), os.Environ(), "go", "env", "GOCACHE", "GOMODCACHE"))
		if err != nil {
			t.Fatal(err)
		}
		cache, modules, _ := strings.Cut(strings.TrimSpace(string(folders)), "\n")
		environ := []string{"HOME=" + home, "GOCACHE=" + cache, "GOMODCACHE=" + modules, "MAKEFLAGS="}
		if _, err := workspace.Output(accWorkspace.Command(t.Context(), accWorkspace.Root, environ, "make", target)); err != nil {
			t.Fatal(err)
		}
	}

	run("install")
	c.env = []string{"HOME=" + home, "TF_CLI_CONFIG_FILE="}
	for variable, value := range f.environment() {
		c.env = append(c.env, variable+"="+value)
	}
	write(t, c.dir, "main.tf", `
terraform {
  required_providers {
    llmusers = { source = "seed-f6cb25c4/llmusers" }
  }
}

data "vectara_users" "team" {
  provider = llmusers
}

output "provider_version" {
  value = data.vectara_users.team.source.provider_version
}
`)
	printed := c.must(t, "init", "-input=false", "-no-color")
	installed := regexp.MustCompile(`Installed seed-f6cb25c4/llmusers v([0-9.]+) `).FindStringSubmatch(printed)
	if installed == nil {
		t.Fatalf("init does not print the installed version:\n%s", printed)
	}
	printed = c.must(t, "plan", "-input=false", "-no-color")
	if strings.Contains(printed, "Warning") || !strings.Contains(printed, `+ provider_version = "`+installed[1]+`"`) {
		t.Errorf("init installed version %s, but plan prints a warning or another version:\n%s", installed[1], printed)
	}
	for _, request := range f.vectara.Requests() {
		if agent := request.Header.Get("User-Agent"); !strings.HasSuffix(agent, " terraform-provider-llmusers/"+installed[1]) {
			t.Errorf("User-Agent: %s", agent)
		}
	}

	run("uninstall")
	if got := listFiles(t, plugins); !slices.Equal(got, before) {
		t.Errorf("the plugins folder has %q after uninstall, want %q as before install", got, before)
	}
}

// listFiles returns the paths of all files and folders below a folder.
func listFiles(t *testing.T, folder string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
