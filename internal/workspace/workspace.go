package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	scenario = "examples/scenarios/access-audit"

	providerName = "terraform-provider-llmusers"
	// version is the one that the provider is installed as; it is high enough for every constraint
	// of the form >= that the scenario may have.
	version = "99.0.0"
)

// A source address without a host has another one in each of the two engines.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// workspace is a temporary folder with the two programs, a copy of the scenario, and a CLI
// configuration under which Terraform finds the provider there and nowhere else.
type workspace struct {
	root    string // of the checkout
	dir     string
	engine  engine
	environ []string // of all child processes
	// settings are the engine's part of the environment.
	settings []string
	// strayFolder is one that OpenTofu makes, and leaves empty, in a home that does not have it.
	strayFolder string
}

// engine is the Terraform or OpenTofu that runs.
type engine struct {
	path          string
	name, version string // as it calls itself
	command       string // what a user types
	goos, goarch  string // what its providers are built for, which an emulator makes differ from Go's
}

// newWorkspace makes the folder, within another one.
func newWorkspace(ctx context.Context, within, terraform string, environ []string) (*workspace, error) {
	path, err := exec.LookPath(terraform)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fmt.Errorf("there is no Terraform to run (%w). Name one with -terraform; "+
			`"make demo" takes the one in PATH, and builds OpenTofu where there is none`, err)
	}
	// Absolute, since the child processes run in different folders.
	if within, err = filepath.Abs(within); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(within, "llmusers-demo-")
	if err != nil {
		return nil, err
	}
	w := &workspace{
		dir:      dir,
		environ:  cleanEnviron(environ),
		settings: []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1"},
	}
	config := filepath.Join(lookup(environ, "HOME"), ".terraform.d")
	if _, err := os.Stat(config); filepath.IsAbs(config) && errors.Is(err, fs.ErrNotExist) {
		w.strayFolder = config
	}
	if err := w.fill(ctx, path); err != nil {
		return nil, errors.Join(err, w.remove())
	}
	return w, nil
}

func (w *workspace) remove() error {
	if w.strayFolder != "" {
		_ = os.Remove(w.strayFolder) // if it is there, and nobody has put anything into it
	}
	return os.RemoveAll(w.dir)
}

// fill makes everything but the programs.
func (w *workspace) fill(ctx context.Context, terraform string) error {
	goMod, err := output(command(ctx, w.environ, "go", "env", "GOMOD"))
	if err != nil {
		return err
	}
	w.root = filepath.Dir(strings.TrimSpace(string(goMod)))

	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(w.mirror()))
	if err := os.WriteFile(filepath.Join(w.dir, "cli.tfrc"), []byte(config), 0o600); err != nil {
		return err
	}
	if err := copyScenario(filepath.Join(w.root, scenario), w.configuration()); err != nil {
		return err
	}

	told, err := output(command(ctx, slices.Concat(w.environ, w.settings), terraform, "version"))
	if err != nil {
		return err
	}
	w.engine, err = parseVersion(terraform, string(told))
	return err
}

func (w *workspace) mirror() string        { return filepath.Join(w.dir, "mirror") }
func (w *workspace) configuration() string { return filepath.Join(w.dir, filepath.Base(scenario)) }
func (w *workspace) sandbox() string       { return filepath.Join(w.dir, "bin", "sandbox") }

// What belongs to the scenario: its own files, those of its module, and no more.
var scenarioFiles = []string{"*.tf", "*/*.tf", "*.tftpl", "*.css", "*.csv"}

// copyScenario takes only what belongs to the scenario, and not what somebody may have left beside
// it: a state, a lock file, values for variables.
func copyScenario(from, to string) error {
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
		return fmt.Errorf("there is no scenario in %s", from)
	}
	return nil
}

// leaveReport writes the report into a folder of the checkout, over the one of the last run, and
// returns the path of the page, from the working directory where it is below that.
func (w *workspace) leaveReport(folder string, found audit) (page string, err error) {
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(w.root, folder)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	page = filepath.Join(folder, "audit.html")
	if err := os.WriteFile(page, []byte(found.html), 0o644); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "audit.md"), []byte(found.markdown), 0o644); err != nil {
		return "", err
	}
	if here, err := os.Getwd(); err == nil {
		if path, err := filepath.Rel(here, page); err == nil && filepath.IsLocal(path) {
			return path, nil
		}
	}
	return page, nil
}

var versionText = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\s+on (\w+?)_(\w+)$`)

// parseVersion reads what an engine answers to "version".
func parseVersion(path, told string) (engine, error) {
	match := versionText.FindStringSubmatch(told)
	if match == nil {
		return engine{}, fmt.Errorf("%s is neither Terraform nor OpenTofu; to \"version\" it answers %q", path, told)
	}
	e := engine{path: path, name: match[1], version: match[2], command: "terraform", goos: match[3], goarch: match[4]}
	if e.name == "OpenTofu" {
		e.command = "tofu"
	}
	return e, nil
}

// build builds the two programs, and puts the provider where Terraform looks for it.
func (w *workspace) build(ctx context.Context) error {
	bin := filepath.Join(w.dir, "bin") + string(filepath.Separator)
	// -mod and -buildvcs: neither change go.mod nor ask git, whatever GOFLAGS says.
	cmd := command(ctx, slices.Concat(w.environ, []string{"GOOS=" + w.engine.goos, "GOARCH=" + w.engine.goarch}),
		"go", "build", "-mod=readonly", "-buildvcs=false", "-o", bin, ".", "./internal/sandbox")
	cmd.Dir = w.root
	if _, err := output(cmd); err != nil {
		return err
	}
	for _, registry := range registries {
		dir := filepath.Join(w.mirror(), registry, "seed-f6cb25c4", "llmusers", version, w.engine.goos+"_"+w.engine.goarch)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := os.Link(filepath.Join(bin, providerName), filepath.Join(dir, providerName+"_v"+version)); err != nil {
			return err
		}
	}
	return nil
}

func (w *workspace) init(ctx context.Context) error {
	_, err := w.terraform(ctx, nil, "init", "-input=false", "-no-color")
	return err
}

// plan plans the scenario with further variables of the environment, and returns the plan as JSON.
func (w *workspace) plan(ctx context.Context, environ []string) ([]byte, error) {
	file := filepath.Join(w.dir, "plan")
	if _, err := w.terraform(ctx, environ, "plan", "-input=false", "-no-color", "-out="+file); err != nil {
		return nil, err
	}
	return w.terraform(ctx, environ, "show", "-json", file)
}

// terraform runs the engine in the scenario's copy, with further variables of the environment. The
// working directory stays as it is, since version managers go by it.
func (w *workspace) terraform(ctx context.Context, environ []string, args ...string) ([]byte, error) {
	return output(command(ctx, slices.Concat(w.environ, w.settings, environ), w.engine.path,
		append([]string{"-chdir=" + w.configuration()}, args...)...))
}
