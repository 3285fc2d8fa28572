package provider

import (
	"testing"

	goversion "github.com/hashicorp/go-version"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// The CLI of the acceptance tests. Without TF_ACC there is none.
var (
	accEngine  workspace.Engine
	accVersion *goversion.Version
)

// rememberCLI reads what a CLI answers to "version".
func rememberCLI(cli, told string) (err error) {
	if accEngine, err = workspace.ParseVersion(cli, told); err != nil {
		return err
	}
	accVersion, err = goversion.NewVersion(accEngine.Version)
	return err
}

// skipWithoutEphemeral skips an acceptance test that needs ephemeral resources, if the CLI is older
// than they are.
func skipWithoutEphemeral(t *testing.T) {
	t.Helper()
	since := map[string]string{"Terraform": "1.10.0", "OpenTofu": "1.11.0"}[accEngine.Name]
	if accVersion != nil && accVersion.Core().LessThan(goversion.Must(goversion.NewVersion(since))) {
		t.Skipf("%s has ephemeral resources since %s, and this is %s", accEngine.Name, since, accVersion)
	}
}
