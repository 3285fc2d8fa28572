package workspace

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestCleanEnviron(t *testing.T) {
	t.Parallel()
	got := cleanEnviron([]string{
		"PATH=/bin", "TF_LOG=trace", "TF_VAR_x=1", "TOFU_X=1", "OPENTOFU_X=1", "TERRAFORM_CONFIG=/nowhere", "OPENLAYER_API_KEY=mine",
		"VECTARA_CUSTOMER_ID=1", "LLMUSERS_MAX_RETRIES=none", "HOME=/home/me", "MY_TF_VAR_x=kept", "TFENV_ROOT=/kept",
	})
	want := []string{"PATH=/bin", "HOME=/home/me", "MY_TF_VAR_x=kept", "TFENV_ROOT=/kept"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestReadExports(t *testing.T) {
	t.Parallel()
	// The pipe stays open, as with the sandbox, so readExports must stop after the last name.
	from, to := io.Pipe()
	defer to.Close()
	go func() {
		_, _ = io.WriteString(to, "export A='1 = 2'\nexport OTHER='x'\nexport B='it'\\''s'\nexport C=plain\n")
	}()
	got, err := readExports(from, []string{"C", "A", "B"})
	if want := []string{"A=1 = 2", "B=it's", "C=plain"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q and error %v, want %q", got, err, want)
	}
	if _, err := readExports(strings.NewReader("export A='1'\n"), []string{"A", "B"}); err == nil {
		t.Error("no error for a sandbox that ends before the last variable")
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]Engine{
		"Terraform v1.5.7\non darwin_arm64\n\nYour version of Terraform is out of date!\n": {
			Name: "Terraform", Version: "1.5.7", Command: "terraform", goos: "darwin", goarch: "arm64",
		},
		"OpenTofu v1.12.6-dev\non linux_amd64\n": {Name: "OpenTofu", Version: "1.12.6-dev", Command: "tofu", goos: "linux", goarch: "amd64"},
	} {
		if got, err := ParseVersion("", output); err != nil || got != want {
			t.Errorf("%q: got %+v and error %v", output, got, err)
		}
	}
	if _, err := ParseVersion("/bin/true", ""); err == nil {
		t.Error("no error for a program that is not Terraform or OpenTofu")
	}
}

// InstallArchive rejects an archive that Terraform would ignore.
func TestArchiveNames(t *testing.T) {
	t.Parallel()
	w := &Workspace{Engine: Engine{Name: "Terraform", goos: "linux", goarch: "amd64"}}
	for archive, problem := range map[string]string{
		"dist/terraform-provider-llmusers_1.2.3_linux_arm64.zip":    "is for linux_arm64, and Terraform runs on linux_amd64",
		"dist/terraform-provider-llmusers_1.2.3_linux_amd64.tar.gz": "is not named as the archive of a release",
		"dist/terraform-provider-llmusers_linux_amd64.zip":          "is not named as the archive of a release",
		"dist/*_linux_amd64.zip":                                    "is not named as the archive of a release",
		"terraform-provider-llmusers_1.2.3-x.y_linux_amd64.zip":     "no such file",
	} {
		if _, err := w.InstallArchive(archive); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: got %v, want %q", archive, err, problem)
		}
	}
}

func TestFailureShowsOutput(t *testing.T) {
	t.Parallel()
	_, err := Output(Command(t.Context(), os.Environ(), "go", "no-such-command"))
	if err == nil || !strings.HasPrefix(err.Error(), "go no-such-command failed: exit status 2\n\n") || !strings.Contains(err.Error(), "unknown command") {
		t.Errorf("got %v", err)
	}
}
