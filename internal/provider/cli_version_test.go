package provider

import (
	"fmt"
	"regexp"
	"testing"

	goversion "github.com/hashicorp/go-version"
)

// The CLI of the acceptance tests, as it calls itself. Without TF_ACC there is none.
var (
	accEngine  string // Terraform or OpenTofu
	accVersion *goversion.Version
)

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)$`)

// rememberCLI reads what a CLI answers to "version".
func rememberCLI(told string) (err error) {
	match := versionLine.FindStringSubmatch(told)
	if match == nil {
		return fmt.Errorf("neither Terraform nor OpenTofu: %q", told)
	}
	accEngine = match[1]
	accVersion, err = goversion.NewVersion(match[2])
	return err
}

// skipWithoutEphemeral skips an acceptance test that needs ephemeral resources, if the CLI is older
// than they are.
func skipWithoutEphemeral(t *testing.T) {
	t.Helper()
	since := map[string]string{"Terraform": "1.10.0", "OpenTofu": "1.11.0"}[accEngine]
	if accVersion != nil && accVersion.Core().LessThan(goversion.Must(goversion.NewVersion(since))) {
		t.Skipf("%s has ephemeral resources since %s, and this is %s", accEngine, since, accVersion)
	}
}
