package provider

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// cli runs a real CLI, with the real binary of the provider, in a folder of its own.
type cli struct {
	terraform, dir string
	env            []string
	printed        bytes.Buffer
}

// mirroredVersion is the one as which the provider is installed from the mirror.
const mirroredVersion = "99.0.0"

// built are the programs, which are built once: the sandbox, and the provider in a mirror, from which
// the CLI installs it as from a registry.
var built = sync.OnceValues(func() (programs struct{ sandbox, mirror, provider string }, err error) {
	bin := filepath.Join(accDir, "bin") + string(filepath.Separator)
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "../..", "../sandbox").CombinedOutput(); err != nil {
		return programs, fmt.Errorf("%w\n%s", err, out)
	}
	programs.sandbox, programs.mirror = filepath.Join(bin, "sandbox"), filepath.Join(accDir, "mirror")
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		programs.provider = filepath.Join(programs.mirror, registry, "seed-f6cb25c4", "llmusers", mirroredVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(programs.provider, 0o700); err != nil {
			return programs, err
		}
		if err := os.Link(filepath.Join(bin, "terraform-provider-llmusers"), filepath.Join(programs.provider, "terraform-provider-llmusers_v"+mirroredVersion)); err != nil {
			return programs, err
		}
	}
	return programs, nil
})

// newCLI writes a configuration, and points it to the fakes through the environment.
func newCLI(t *testing.T, f *fakes, config string) *cli {
	t.Helper()
	requireCLI(t)
	programs, err := built()
	if err != nil {
		t.Fatal(err)
	}
	c := startCLI(t, fmt.Sprintf(`dev_overrides {
		"registry.terraform.io/seed-f6cb25c4/llmusers" = %q
		"registry.opentofu.org/seed-f6cb25c4/llmusers" = %q
	}
	direct {}`, programs.provider, programs.provider))
	write(t, c.dir, "main.tf", `
		terraform {
			required_providers {
				llmusers = { source = "seed-f6cb25c4/llmusers" }
			}
		}
`+config)
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(c.dir, "trace.log"))
	for variable, value := range f.environment() {
		c.env = append(c.env, variable+"="+value)
	}
	return c
}

// requireCLI skips a test where there is no CLI to run.
func requireCLI(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("needs TF_ACC and TF_ACC_TERRAFORM_PATH")
	}
}

// startCLI makes the CLI's folder, and its settings, which say how it installs the provider.
func startCLI(t *testing.T, installation string) *cli {
	t.Helper()
	terraform, err := exec.LookPath(os.Getenv("TF_ACC_TERRAFORM_PATH"))
	if err != nil {
		t.Fatal(err)
	}
	settings := write(t, t.TempDir(), "cli.tfrc", "provider_installation {\n"+installation+"\n}\n")
	return &cli{terraform: terraform, dir: t.TempDir(), env: append(os.Environ(), "TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1")}
}

func (c *cli) run(t *testing.T, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.terraform, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &c.printed, &c.printed
	return cmd.Run()
}

// leftBehind is all that the runs have printed and written, by file.
func (c *cli) leftBehind(t *testing.T) map[string][]byte {
	t.Helper()
	write(t, c.dir, "printed", c.printed.String())
	return everything(t, c.dir)
}

// The provider's program logs where somebody asks for it, and nowhere else. A script in its place keeps
// what it writes, which Terraform would drop.
func TestAccNoLogInVain(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	for name, test := range map[string]struct {
		setting string
		logs    bool
	}{
		"nobody asks": {"TF_LOG_CORE=TRACE", false}, "somebody asks": {"TF_LOG_PROVIDER=DEBUG", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "somebody"}})
			c := newCLI(t, f, `
				data "openlayer_pipeline_users" "all" {
					provider              = llmusers
					inference_pipeline_id = "`+testPipeline+`"
				}`)
			programs, err := built()
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			log := filepath.Join(folder, "log")
			write(t, folder, "terraform-provider-llmusers", fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" 2>>'%s'\n",
				filepath.Join(programs.provider, "terraform-provider-llmusers_v"+mirroredVersion), log))
			if err := os.Chmod(filepath.Join(folder, "terraform-provider-llmusers"), 0o700); err != nil {
				t.Fatal(err)
			}
			settings := write(t, folder, "cli.tfrc", fmt.Sprintf(`provider_installation {
				dev_overrides {
					"registry.terraform.io/seed-f6cb25c4/llmusers" = %q
					"registry.opentofu.org/seed-f6cb25c4/llmusers" = %q
				}
			}`, folder, folder))
			c.env = append(c.env, "TF_CLI_CONFIG_FILE="+settings, "TF_LOG=", test.setting)
			if err := c.run(t, "plan"); err != nil {
				t.Fatalf("%v\n%s", err, &c.printed)
			}
			written, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{"Sent a request", "tf_rpc"} { // the provider's, the framework's
				if strings.Contains(string(written), line) != test.logs {
					t.Errorf("%q is in the log: %t, want %t", line, !test.logs, test.logs)
				}
			}
		})
	}
}

// No credential is in anything that a run leaves behind: what is printed, the log at its highest
// level, the plan, the state. Not even when the vendors send the credential back.
func TestAccNoCredentialIsLeftBehind(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		w.WriteHeader(http.StatusUnauthorized)
		header := r.Header.Get("Authorization")
		fmt.Fprintf(w, `{"code": 16, "message": %q, "error": %q}`, "not good: "+header, "not good: "+header)
		return true
	}
	echoInBody := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		fmt.Fprintf(w, "<html>%s</html>", r.Header)
		return true
	}
	echoInNumber := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		header := r.Header.Get("Authorization")
		fmt.Fprintf(w, `{"items": [{"id": "a", "sessions": %q}], "user": [{"id": %q}], "pageKey": ""}`, header, header)
		return true
	}
	for name, intercept := range map[string]func(http.ResponseWriter, *http.Request, int) bool{
		"a good run": nil, "an echo in the vendor's message": echo, "an echo in HTML": echoInBody, "an echo in a number": echoInNumber,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "somebody"}})
			f.vectara.SetUsers([]vectaratest.User{{ID: 1, Email: "somebody@northwind.example"}})
			f.openlayer.Intercept, f.vectara.Intercept = intercept, intercept
			c := newCLI(t, f, `
				data "openlayer_pipeline_users" "all" {
					provider              = llmusers
					inference_pipeline_id = "`+testPipeline+`"
				}
				data "vectara_users" "all" {
					provider = llmusers
				}`)
			for _, args := range [][]string{{"validate"}, {"plan", "-out=saved"}, {"show", "-json", "saved"}, {"apply", "saved"}, {"show", "-json"}} {
				if err := c.run(t, args...); err != nil {
					if intercept != nil && args[0] == "plan" {
						break
					}
					t.Fatalf("%s: %v\n%s", args, err, &c.printed)
				}
			}
			all := c.leftBehind(t)
			for _, secret := range []string{testAPIKey, testToken} {
				for file, content := range all {
					// A part of a credential is too much as well.
					if i := bytes.Index(content, []byte(secret[:10])); i >= 0 {
						t.Errorf("%s holds a credential: …%s…", file, content[max(0, i-200):min(len(content), i+100)])
					}
				}
			}
			// That there was something to be found.
			if log := string(all["trace.log"]); !strings.Contains(log, "Sent a request") || !strings.Contains(log, "TRACE") {
				t.Errorf("the log has no request at the level TRACE: %d bytes", len(log))
			}
			if intercept == nil {
				if !strings.Contains(string(all["terraform.tfstate"]), "somebody@northwind.example") {
					t.Error("there is no state")
				}
				if _, ok := all["saved/tfplan"]; !ok {
					t.Error("there is no plan")
				}
			} else if strings.Count(string(all["printed"]), "[credential]") < 2 {
				t.Errorf("the echoes are not in what was printed:\n%s", all["printed"])
			}
		})
	}
}

// Of what an ephemeral twin reads, and of a data source without its users, no mail address and no
// name is in plan or state, although a policy has looked at them.
func TestAccNobodyIsLeftBehind(t *testing.T) {
	t.Parallel()
	skipWithoutEphemeral(t)
	names := []string{"ada@northwind.example", "ada-handle", "cust-ada"}
	f := newFakes(t)
	f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: names[2], Cost: 7}})
	f.vectara.SetUsers([]vectaratest.User{{ID: 1, Email: names[0], Handle: names[1], Roles: []string{"CustomerRole_Owner"}}})
	config := func(owners int) string {
		return fmt.Sprintf(`
			ephemeral "vectara_users" "team" {
				provider = llmusers
				lifecycle {
					postcondition {
						condition     = length([for u in self.users : u if endswith(u.email, "@northwind.example") && contains(u.roles, "CustomerRole_Owner")]) == %d
						error_message = "The number of owners is another one."
					}
				}
			}
			ephemeral "openlayer_pipeline_users" "bot" {
				provider              = llmusers
				inference_pipeline_id = %q
				lifecycle {
					postcondition {
						condition     = alltrue([for u in self.users : u.cost < 10])
						error_message = "Somebody costs too much."
					}
				}
			}
			data "vectara_users" "team" {
				provider      = llmusers
				include_users = false
			}
			output "members" {
				value = data.vectara_users.team.summary.matched
			}`, owners, testPipeline)
	}
	c := newCLI(t, f, config(1))
	// Not "show -json": Terraform 1.11 crashes at the result of a condition in an ephemeral block.
	for _, args := range [][]string{{"plan", "-out=saved"}, {"show", "saved"}, {"apply", "saved"}, {"show"}} {
		if err := c.run(t, args...); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, &c.printed)
		}
	}
	all := c.leftBehind(t)
	for file, content := range all {
		for _, name := range names {
			if bytes.Contains(content, []byte(name)) {
				t.Errorf("%s has %s", file, name)
			}
		}
	}
	if state := string(all["terraform.tfstate"]); !strings.Contains(state, `"matched": 1`) {
		t.Errorf("there is no summary in the state: %s", state)
	}

	broken := newCLI(t, f, config(2))
	if err := broken.run(t, "plan"); err == nil || !strings.Contains(broken.printed.String(), "The number of owners is another one.") {
		t.Errorf("the policy does not hold, and the plan says %v:\n%s", err, &broken.printed)
	}
}

func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// everything reads all files below a folder, and what is in those that are archives, as a plan is. It
// does not follow a link, such as the one to an installed provider.
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
