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
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// No credential is in anything that a run leaves behind: what is printed, the log at its highest
// level, the plan, the state. Not even when the vendors send the credential back. The provider is
// its real binary here, since what it logs goes through Terraform.
func TestAccNoCredentialIsLeftBehind(t *testing.T) {
	t.Parallel()
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if os.Getenv("TF_ACC") == "" || terraform == "" {
		t.Skip("needs TF_ACC and TF_ACC_TERRAFORM_PATH")
	}
	terraform, err := exec.LookPath(terraform)
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", filepath.Join(bin, "terraform-provider-llmusers"), "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

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
	for name, intercept := range map[string]func(http.ResponseWriter, *http.Request, int) bool{
		"a good run": nil, "an echo in the vendor's message": echo, "an echo in HTML": echoInBody,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "somebody"}})
			f.vectara.SetUsers([]vectaratest.User{{ID: 1, Email: "somebody@northwind.example"}})
			f.openlayer.Intercept, f.vectara.Intercept = intercept, intercept

			dir := t.TempDir()
			write(t, dir, "main.tf", `
				terraform {
					required_providers {
						llmusers = { source = "seed-f6cb25c4/llmusers" }
					}
				}
				data "openlayer_pipeline_users" "all" {
					provider              = llmusers
					inference_pipeline_id = "`+testPipeline+`"
				}
				data "vectara_users" "all" {
					provider = llmusers
				}`)
			config := write(t, t.TempDir(), "cli.tfrc", fmt.Sprintf(`provider_installation {
				dev_overrides {
					"registry.terraform.io/seed-f6cb25c4/llmusers" = %q
					"registry.opentofu.org/seed-f6cb25c4/llmusers" = %q
				}
				direct {}
			}`, bin, bin))
			env := append(os.Environ(), "TF_CLI_CONFIG_FILE="+config, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(dir, "trace.log"), "CHECKPOINT_DISABLE=1")
			for variable, value := range f.environment() {
				env = append(env, variable+"="+value)
			}

			var printed bytes.Buffer
			for _, args := range [][]string{{"validate"}, {"plan", "-out=saved"}, {"show", "-json", "saved"}, {"apply", "saved"}, {"show", "-json"}} {
				cmd := exec.CommandContext(t.Context(), terraform, args...)
				cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &printed, &printed
				if err := cmd.Run(); err != nil {
					if intercept != nil && args[0] == "plan" {
						break
					}
					t.Fatalf("%s: %v\n%s", args, err, &printed)
				}
			}
			write(t, dir, "printed", printed.String())

			all := everything(t, dir)
			for _, secret := range []string{testAPIKey, testToken} {
				for file, content := range all {
					if i := bytes.Index(content, []byte(secret)); i >= 0 {
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
			} else if strings.Count(string(all["printed"]), "Bearer [credential]") < 2 {
				t.Errorf("the echoes are not in what was printed:\n%s", all["printed"])
			}
		})
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

// everything reads all files below a folder, and what is in those that are archives, as a plan is.
func everything(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
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
			return nil // not an archive
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
