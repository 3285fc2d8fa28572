package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

const (
	scenario = "examples/scenarios/access-audit"
	// version is the version of the installed provider. It meets every constraint >= of the scenario.
	version = "99.0.0"
)

// demo is a workspace with a copy of the scenario.
type demo struct{ *workspace.Workspace }

// newDemo makes a workspace with a copy of the scenario and its modules.
func newDemo(ctx context.Context, within, terraform string, environ []string) (demo, error) {
	w, err := workspace.New(ctx, within, terraform, environ)
	if err != nil {
		return demo{}, err
	}
	d := demo{w}
	for _, folder := range []string{scenario, "examples/modules/access-review", "examples/modules/controls"} {
		if err := copyFolder(filepath.Join(w.Root, folder), d.Path(folder)); err != nil {
			return demo{}, errors.Join(err, w.Remove())
		}
	}
	return d, nil
}

// folder returns the folder of the scenario's copy.
func (d demo) folder() string { return d.Path(scenario) }

// scenarioFiles are the files of a scenario or a module.
var scenarioFiles = []string{"*.tf", "*.tftpl", "*.css", "*.csv", "*.yaml"}

// copyFolder copies the scenarioFiles of a folder. It ignores files of earlier runs: a state, a lock file, values for
// variables.
func copyFolder(from, to string) error {
	found := 0
	for _, pattern := range scenarioFiles {
		files, err := fs.Glob(os.DirFS(from), pattern)
		if err != nil {
			return err
		}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(from, file))
			if err != nil {
				return err
			}
			copied := filepath.Join(to, file)
			if err := os.MkdirAll(filepath.Dir(copied), 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(copied, text, 0o600); err != nil {
				return err
			}
			found++
		}
	}
	if found == 0 {
		return fmt.Errorf("there is no configuration in %s", from)
	}
	return nil
}

// leaveReport writes the reports into a folder of the checkout, and overwrites those of the last run. It returns the path
// of the page, relative to the working directory if possible.
func (d demo) leaveReport(folder string, texts reports) (page string, err error) {
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(d.Root, folder)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for name, text := range map[string]string{"report.html": texts.html, "report.md": texts.md, "report.json": texts.json} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	page = filepath.Join(folder, "report.html")
	if here, err := os.Getwd(); err == nil {
		if path, err := filepath.Rel(here, page); err == nil && filepath.IsLocal(path) {
			return path, nil
		}
	}
	return page, nil
}

// build builds the sandbox and the provider, and installs the provider. With an archive of a release, it installs the
// archive instead.
func (d demo) build(ctx context.Context, archive string) error {
	if archive != "" {
		if err := d.installArchive(archive); err != nil {
			return err
		}
		return d.Build(ctx, d.Root, "bin", "./internal/sandbox")
	}
	if err := d.Build(ctx, d.Root, "bin", ".", "./internal/sandbox"); err != nil {
		return err
	}
	return d.Install(d.Path("bin", workspace.ProviderName), version)
}

// installArchive installs an archive, and makes the scenario require its version, which may be a snapshot.
func (d demo) installArchive(archive string) error {
	version, err := d.InstallArchive(archive)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.folder(), "version_override.tf"), []byte(workspace.RequireVersion(version)), 0o600)
}

func (d demo) init(ctx context.Context) error {
	_, err := workspace.Output(d.Terraform(ctx, d.folder(), nil, "init", "-input=false", "-no-color"))
	return err
}

// account is the name of the sandbox's account in the plan, since REST v2 does not return the account.
const account = "1526022105"

// plan plans the scenario with additional environment variables, and returns the plan as JSON.
func (d demo) plan(ctx context.Context, environ []string) ([]byte, error) {
	environ = append(slices.Clone(environ), "TF_VAR_account="+account, "TF_VAR_directory_as_of="+time.Now().UTC().Format(time.DateOnly))
	file := d.Path("plan")
	if _, err := workspace.Output(d.Terraform(ctx, d.folder(), environ, "plan", "-input=false", "-no-color", "-out="+file)); err != nil {
		return nil, err
	}
	return workspace.Output(d.Terraform(ctx, d.folder(), environ, "show", "-json", file))
}
