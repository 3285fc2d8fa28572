// Package workspace is a temporary folder in which a real Terraform or OpenTofu works with programs
// that are built from source: the provider, and the sandbox that it reads. It does not depend on the
// settings of the user who runs it, does not change them, and is removed in the end. The demo, the
// benchmarks and the acceptance tests use it.
package workspace

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

// ProviderName is the name of the provider's program.
const ProviderName = "terraform-provider-llmusers"

// A source address without a host has another one in each of the two engines.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// Workspace is the folder, with a CLI configuration under which Terraform finds the provider there
// and nowhere else, and no other provider.
type Workspace struct {
	// Root is the folder of the checkout.
	Root   string
	Engine Engine

	dir     string
	environ []string // of all child processes
	// settings are the engine's part of the environment.
	settings []string
	// strayFolder is one that OpenTofu makes, and leaves empty, in a home that does not have it.
	strayFolder string
}

// Engine is the Terraform or OpenTofu that runs.
type Engine struct {
	Name, Version string // as it calls itself
	Command       string // what a user types

	path         string
	goos, goarch string // what its providers are built for, which an emulator makes differ from Go's
}

// New makes the folder, within another one, for a Terraform that is a name in PATH or a path.
// environ is as [os.Environ] gives it.
func New(ctx context.Context, within, terraform string, environ []string) (*Workspace, error) {
	path, err := exec.LookPath(terraform)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fmt.Errorf("there is no Terraform to run (%w). Name one with -terraform; "+
			"make takes the one in PATH, and builds OpenTofu where there is none", err)
	}
	// Absolute, since the child processes run in different folders.
	if within, err = filepath.Abs(within); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(within, "llmusers-")
	if err != nil {
		return nil, err
	}
	w := &Workspace{
		dir:      dir,
		environ:  cleanEnviron(environ),
		settings: []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(dir, "cli.tfrc"), "CHECKPOINT_DISABLE=1"},
	}
	config := filepath.Join(Lookup(environ, "HOME"), ".terraform.d")
	if _, err := os.Stat(config); filepath.IsAbs(config) && errors.Is(err, fs.ErrNotExist) {
		w.strayFolder = config
	}
	if err := w.fill(ctx, path); err != nil {
		return nil, errors.Join(err, w.Remove())
	}
	return w, nil
}

// Remove removes the folder. The child processes must have ended.
func (w *Workspace) Remove() error {
	if w.strayFolder != "" {
		_ = os.Remove(w.strayFolder) // if it is there, and empty
	}
	return os.RemoveAll(w.dir)
}

// fill finds out what there is, and writes the CLI configuration.
func (w *Workspace) fill(ctx context.Context, terraform string) error {
	goMod, err := Output(Command(ctx, w.environ, "go", "env", "GOMOD"))
	if err != nil {
		return err
	}
	w.Root = filepath.Dir(strings.TrimSpace(string(goMod)))

	if err := os.WriteFile(w.Path("cli.tfrc"), []byte(MirrorConfig(w.mirror())), 0o600); err != nil {
		return err
	}
	printed, err := Output(Command(ctx, slices.Concat(w.environ, w.settings), terraform, "version"))
	if err != nil {
		return err
	}
	w.Engine, err = ParseVersion(terraform, string(printed))
	return err
}

// MirrorConfig is a CLI configuration that installs providers from a folder and from nowhere else.
func MirrorConfig(folder string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(folder))
}

// RequireVersion is a configuration that requires a version of the provider. Without one, Terraform installs
// the newest, and never one like 1.2.3-snapshot.
func RequireVersion(version string) string {
	return fmt.Sprintf("terraform {\n  required_providers {\n    llmusers = {\n"+
		"      source  = \"seed-f6cb25c4/llmusers\"\n      version = %q\n    }\n  }\n}\n", version)
}

func (w *Workspace) mirror() string { return filepath.Join(w.dir, "mirror") }

// Path is the path of a file or folder within the workspace.
func (w *Workspace) Path(name ...string) string {
	return filepath.Join(append([]string{w.dir}, name...)...)
}

// platform is the engine's, as registries write it.
func (e Engine) platform() string { return e.goos + "_" + e.goarch }

var versionText = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\s+on (\w+?)_(\w+)$`)

// ParseVersion reads the output of "version" of an engine at a path.
func ParseVersion(path, printed string) (Engine, error) {
	match := versionText.FindStringSubmatch(printed)
	if match == nil {
		return Engine{}, fmt.Errorf("%s is neither Terraform nor OpenTofu; it prints %q as its version", path, printed)
	}
	e := Engine{path: path, Name: match[1], Version: match[2], Command: "terraform", goos: match[3], goarch: match[4]}
	if e.Name == "OpenTofu" {
		e.Command = "tofu"
	}
	return e, nil
}

// Build builds packages of a module into programs of a folder of the workspace, each with the name
// of its own folder, or of its module.
func (w *Workspace) Build(ctx context.Context, module, folder string, packages ...string) error {
	// A path that ends in a separator is a folder to go build.
	bin := w.Path(folder) + string(filepath.Separator)
	// -mod and -buildvcs: neither change go.mod nor run git, whatever GOFLAGS says. -s -w: without what
	// debuggers need, as in a release, since Terraform reads the whole program each time to check its hash.
	cmd := w.Command(ctx, module, []string{"GOOS=" + w.Engine.goos, "GOARCH=" + w.Engine.goarch},
		"go", slices.Concat([]string{"build", "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w", "-o", bin}, packages)...)
	_, err := Output(cmd)
	return err
}

// Install puts a program, which is a file of the workspace, where Terraform looks for a version of
// the provider.
func (w *Workspace) Install(program, version string) error {
	return w.offer(program, filepath.Join(version, w.Engine.platform(), ProviderName+"_v"+version))
}

var archiveName = regexp.MustCompile(`^` + ProviderName + `_(\S+?)_(\w+?_\w+)\.zip$`)

// InstallArchive puts an archive of a release there as it is, and returns its version. Terraform takes
// the version and the platform from its name, and unpacks it.
func (w *Workspace) InstallArchive(archive string) (version string, err error) {
	name := filepath.Base(archive)
	match := archiveName.FindStringSubmatch(name)
	if match == nil {
		return "", fmt.Errorf("%s is not named as the archive of a release: %s_VERSION_OS_ARCH.zip", archive, ProviderName)
	}
	if match[2] != w.Engine.platform() {
		return "", fmt.Errorf("%s is for %s, and %s runs on %s", archive, match[2], w.Engine.Name, w.Engine.platform())
	}
	// Copied, since the archive may be on another file system, which no link can reach.
	bytes, err := os.ReadFile(archive)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(w.Path(name), bytes, 0o600); err != nil {
		return "", err
	}
	return match[1], w.offer(w.Path(name), name)
}

// offer puts a file under a name into the provider's folder of each registry in the mirror.
func (w *Workspace) offer(file, name string) error {
	for _, registry := range registries {
		offered := filepath.Join(w.mirror(), registry, "seed-f6cb25c4", "llmusers", name)
		if err := os.MkdirAll(filepath.Dir(offered), 0o700); err != nil {
			return err
		}
		if err := os.Link(file, offered); err != nil {
			return err
		}
	}
	return nil
}

// Terraform prepares the engine to run in a folder, with further variables of the environment. The
// working directory stays as it is, since version managers go by it.
func (w *Workspace) Terraform(ctx context.Context, folder string, environ []string, args ...string) *exec.Cmd {
	return Command(ctx, slices.Concat(w.environ, w.settings, environ), w.Engine.path, append([]string{"-chdir=" + folder}, args...)...)
}

// Command prepares another program to run in a folder, with further variables of the environment.
func (w *Workspace) Command(ctx context.Context, folder string, environ []string, name string, args ...string) *exec.Cmd {
	cmd := Command(ctx, slices.Concat(w.environ, environ), name, args...)
	cmd.Dir = folder
	return cmd
}
