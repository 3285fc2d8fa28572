// Package workspace provides a temporary folder in which a real Terraform or OpenTofu runs, with the provider and the
// sandbox built from source. It neither uses nor changes the user's settings. The demo, the benchmarks and the
// acceptance tests use it.
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

// registries are the hosts that Terraform and OpenTofu add to a source address without a host.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// Workspace is the folder. Its CLI configuration makes Terraform install providers only from this folder.
type Workspace struct {
	// Root is the folder of the checkout.
	Root   string
	Engine Engine

	dir     string
	environ []string // of all child processes
	// settings are additional variables for the engine.
	settings []string
	// strayFolder is an empty folder that OpenTofu may create in the home folder. It is "" if the folder already exists.
	strayFolder string
}

// Engine is the Terraform or OpenTofu that runs.
type Engine struct {
	Name, Version string // from the output of "version"
	Command       string // the name of the command

	path         string
	goos, goarch string // the platform of its providers; under an emulator, it differs from Go's
}

// New makes a workspace in the folder within. terraform is a name in PATH or a path. environ has the format of
// [os.Environ].
func New(ctx context.Context, within, terraform string, environ []string) (*Workspace, error) {
	path, err := exec.LookPath(terraform)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fmt.Errorf("there is no Terraform to run (%w). Name one with -terraform; "+
			"make takes the one in PATH, and builds OpenTofu where there is none", err)
	}
	// An absolute path, since the child processes run in different folders.
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
		_ = os.Remove(w.strayFolder) // fails if it does not exist or is not empty
	}
	return os.RemoveAll(w.dir)
}

// fill sets Root and Engine, and writes the CLI configuration.
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

// MirrorConfig returns a CLI configuration that installs providers only from a folder.
func MirrorConfig(folder string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(folder))
}

// RequireVersion returns a configuration that requires a version of the provider. Without it, Terraform installs the
// newest version that is not a prerelease, such as 1.2.3-snapshot.
func RequireVersion(version string) string {
	return fmt.Sprintf("terraform {\n  required_providers {\n    llmusers = {\n"+
		"      source  = \"seed-f6cb25c4/llmusers\"\n      version = %q\n    }\n  }\n}\n", version)
}

func (w *Workspace) mirror() string { return filepath.Join(w.dir, "mirror") }

// Path returns the path of a file or folder in the workspace.
func (w *Workspace) Path(name ...string) string {
	return filepath.Join(append([]string{w.dir}, name...)...)
}

// platform returns the platform of the engine in the format of registries, such as linux_amd64.
func (e Engine) platform() string { return e.goos + "_" + e.goarch }

var versionText = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)\s+on (\w+?)_(\w+)$`)

// ParseVersion parses the output of "version" of the engine at a path.
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

// Build builds packages of a module. It puts the programs into a folder of the workspace. The name of a program is that
// of its folder, or of its module.
func (w *Workspace) Build(ctx context.Context, module, folder string, packages ...string) error {
	// For go build, a path that ends in a separator is a folder.
	bin := w.Path(folder) + string(filepath.Separator)
	// -mod and -buildvcs override GOFLAGS, so that go build neither changes go.mod nor runs git. -s -w leave out debug
	// information, as in a release, since Terraform reads the whole program each time to check its hash.
	cmd := w.Command(ctx, module, []string{"GOOS=" + w.Engine.goos, "GOARCH=" + w.Engine.goarch},
		"go", slices.Concat([]string{"build", "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w", "-o", bin}, packages)...)
	_, err := Output(cmd)
	return err
}

// Install installs a program of the workspace as a version of the provider.
func (w *Workspace) Install(program, version string) error {
	return w.offer(program, filepath.Join(version, w.Engine.platform(), ProviderName+"_v"+version))
}

var archiveName = regexp.MustCompile(`^` + ProviderName + `_(\S+?)_(\w+?_\w+)\.zip$`)

// InstallArchive installs an archive of a release, and returns its version. Terraform gets the version and the platform
// from the name of the archive, and unpacks it.
func (w *Workspace) InstallArchive(archive string) (version string, err error) {
	name := filepath.Base(archive)
	match := archiveName.FindStringSubmatch(name)
	if match == nil {
		return "", fmt.Errorf("%s is not named as the archive of a release: %s_VERSION_OS_ARCH.zip", archive, ProviderName)
	}
	if match[2] != w.Engine.platform() {
		return "", fmt.Errorf("%s is for %s, and %s runs on %s", archive, match[2], w.Engine.Name, w.Engine.platform())
	}
	// Copy the archive, since it may be on another file system, where os.Link fails.
	bytes, err := os.ReadFile(archive)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(w.Path(name), bytes, 0o600); err != nil {
		return "", err
	}
	return match[1], w.offer(w.Path(name), name)
}

// offer links a file, with this name, into the provider's folder of each registry in the mirror.
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

// Terraform prepares the engine to run in a folder, with additional environment variables. It does not change the
// working directory, which version managers use.
func (w *Workspace) Terraform(ctx context.Context, folder string, environ []string, args ...string) *exec.Cmd {
	return Command(ctx, slices.Concat(w.environ, w.settings, environ), w.Engine.path, append([]string{"-chdir=" + folder}, args...)...)
}

// Command prepares another program to run in a folder, with additional environment variables.
func (w *Workspace) Command(ctx context.Context, folder string, environ []string, name string, args ...string) *exec.Cmd {
	cmd := Command(ctx, slices.Concat(w.environ, environ), name, args...)
	cmd.Dir = folder
	return cmd
}
