package provider

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	goversion "github.com/hashicorp/go-version"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// accWorkspace is the workspace in which the acceptance tests run a real CLI. It is nil without TF_ACC.
var accWorkspace *workspace.Workspace

func TestMain(m *testing.M) {
	status := 1
	err := prepareCLI()
	if err == nil {
		status = m.Run()
	}
	if accWorkspace != nil {
		err = errors.Join(err, accWorkspace.Remove())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance tests:", err)
		status = 1
	}
	os.Exit(status)
}

// prepareCLI isolates the CLI from the settings and the accounts of the user who runs the tests. It also sets the
// variables from which plugin-testing reads the path of the CLI and the provider's address.
func prepareCLI() error {
	settings := regexp.MustCompile(`^(TF|TOFU|OPENTOFU|OPENLAYER|VECTARA|LLMUSERS)_`)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if settings.MatchString(name) && !strings.HasPrefix(name, "TF_ACC") { // plugin-testing needs TF_ACC*
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	if os.Getenv("TF_ACC") == "" {
		return nil // all acceptance tests are skipped
	}
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); cli == "" && err == nil {
			cli = path
		}
	}
	if cli == "" {
		// Without this error, plugin-testing would download a CLI.
		return errors.New("neither terraform nor tofu is in PATH; set TF_ACC_TERRAFORM_PATH, or run make test")
	}
	var err error
	if accWorkspace, err = workspace.New(context.Background(), os.TempDir(), cli, os.Environ()); err != nil {
		return err
	}
	registry := "registry.terraform.io"
	if accWorkspace.Engine.Name == "OpenTofu" {
		registry = "registry.opentofu.org"
	}
	for name, value := range map[string]string{
		"CHECKPOINT_DISABLE":        "1",
		"TF_CLI_CONFIG_FILE":        accWorkspace.Path("cli.tfrc"),
		"TF_ACC_TERRAFORM_PATH":     cli,
		"TF_ACC_PROVIDER_NAMESPACE": "seed-f6cb25c4",
		"TF_ACC_PROVIDER_HOST":      registry,
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// hasSince returns whether the CLI has at least the version in since, which has a version for Terraform and OpenTofu
// each.
func hasSince(t *testing.T, since map[string]string) bool {
	t.Helper()
	engine := accWorkspace.Engine
	version, err := goversion.NewVersion(engine.Version)
	if err != nil {
		t.Fatal(err)
	}
	return !version.Core().LessThan(goversion.Must(goversion.NewVersion(since[engine.Name])))
}

// skipOlder skips an acceptance test if the CLI is too old for a feature.
func skipOlder(t *testing.T, since map[string]string, feature string) {
	t.Helper()
	if accWorkspace != nil && !hasSince(t, since) {
		engine := accWorkspace.Engine
		t.Skipf("%s has %s since %s, and this is %s", engine.Name, feature, since[engine.Name], engine.Version)
	}
}

var ephemeralSince = map[string]string{"Terraform": "1.10.0", "OpenTofu": "1.11.0"}

func skipWithoutEphemeral(t *testing.T) {
	t.Helper()
	skipOlder(t, ephemeralSince, "ephemeral resources")
}

// The installed versions of the provider. loggingVersion appends its log to the file that PROVIDER_LOG names.
const (
	installedVersion = "99.0.0"
	loggingVersion   = "98.0.0"
)

// install builds the provider and the sandbox once, and installs both versions of the provider for the CLI.
var install = sync.OnceValue(func() error {
	w := accWorkspace
	if err := w.Build(context.Background(), w.Root, "bin", ".", "./internal/sandbox"); err != nil {
		return err
	}
	program, logging := w.Path("bin", workspace.ProviderName), w.Path("bin", "logging")
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" 2>>\"$PROVIDER_LOG\"\n", program)
	if err := os.WriteFile(logging, []byte(script), 0o700); err != nil {
		return err
	}
	return errors.Join(w.Install(program, installedVersion), w.Install(logging, loggingVersion))
})

// cli runs a real CLI in a folder of its own. The CLI starts the provider's program.
type cli struct {
	dir     string
	env     []string // added to the environment of the workspace
	printed bytes.Buffer
}

// emptyCLI returns a cli with an empty folder. It skips the test if there is no CLI.
func emptyCLI(t *testing.T) *cli {
	t.Helper()
	if accWorkspace == nil {
		t.Skip("needs TF_ACC, and terraform or tofu in PATH or in TF_ACC_TERRAFORM_PATH")
	}
	if err := install(); err != nil {
		t.Fatal(err)
	}
	return &cli{dir: t.TempDir()}
}

// newCLI returns a cli with an initialized configuration. Its environment configures the provider for the fakes.
func newCLI(t *testing.T, f *fakes, config string) *cli {
	t.Helper()
	return newCLIOf(t, installedVersion, f, config)
}

func newCLIOf(t *testing.T, version string, f *fakes, config string) *cli {
	t.Helper()
	c := emptyCLI(t)
	write(t, c.dir, "main.tf", workspace.RequireVersion(version)+config)
	c.must(t, "init", "-input=false", "-no-color")
	c.printed.Reset()
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(c.dir, "trace.log"))
	for variable, value := range f.environment() {
		c.env = append(c.env, variable+"="+value)
	}
	return c
}

func (c *cli) run(t *testing.T, args ...string) error {
	t.Helper()
	cmd := accWorkspace.Terraform(t.Context(), c.dir, c.env, args...)
	cmd.Stdout, cmd.Stderr = &c.printed, &c.printed
	return cmd.Run()
}

// must runs a command, and returns its output. If the command fails, the test fails.
func (c *cli) must(t *testing.T, args ...string) string {
	t.Helper()
	before := c.printed.Len()
	err := c.run(t, args...)
	printed := c.printed.String()[before:]
	if err != nil {
		t.Fatalf("%s: %v\n%s", args, err, printed)
	}
	return printed
}

// plan decodes a saved plan.
func (c *cli) plan(t *testing.T, file string) *tfjson.Plan {
	t.Helper()
	plan := &tfjson.Plan{}
	if err := json.Unmarshal([]byte(c.must(t, "show", "-json", file)), plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

// actions returns the action of a plan on each managed resource, by address, such as create or delete+create. It leaves
// out resources without changes.
func actions(plan *tfjson.Plan) map[string]string {
	changes := map[string]string{}
	for _, change := range plan.ResourceChanges {
		if change.Mode != tfjson.ManagedResourceMode || change.Change.Actions.NoOp() {
			continue
		}
		var words []string
		for _, action := range change.Change.Actions {
			words = append(words, string(action))
		}
		changes[change.Address] = strings.Join(words, "+")
	}
	return changes
}

// leftBehind returns the files in the folder by path. The file "printed" has the output of all commands.
func (c *cli) leftBehind(t *testing.T) map[string][]byte {
	t.Helper()
	write(t, c.dir, "printed", c.printed.String())
	return everything(t, c.dir)
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// everything returns the content of all files in a folder and its subfolders, by path, and of the files in archives,
// such as a saved plan. It ignores links, such as the link to an installed provider.
func everything(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if files[name], err = os.ReadFile(path); err != nil {
			return err
		}
		archive, err := zip.NewReader(bytes.NewReader(files[name]), int64(len(files[name])))
		if err != nil {
			return nil //nolint:nilerr // not an archive
		}
		for _, member := range archive.File {
			reader, err := member.Open()
			if err != nil {
				return err
			}
			if files[name+"/"+member.Name], err = io.ReadAll(reader); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
