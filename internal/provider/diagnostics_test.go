package provider

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// Every error is explained on the page about troubleshooting, under either vendor's name.
func TestTroubleshootingExplainsEveryError(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var all []rest.Error
	for kind := rest.Unsent; kind <= rest.Unsteady; kind++ {
		all = append(all, rest.Error{Kind: kind})
	}
	for status := 400; status < 600; status++ {
		all = append(all, rest.Error{Kind: rest.Status, Status: status})
	}
	for _, code := range []string{"UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "NEW"} {
		all = append(all, rest.Error{Kind: rest.InBody, Status: http.StatusOK, Code: code})
	}
	vendors := []failures{openlayerFailures(nil), tokenFailures}
	for _, version := range []string{vectara.V1, vectara.V2} {
		for _, config := range []vectara.Config{{OAuthToken: "t"}, {ClientID: "c"}, {APIKey: "k"}} {
			vendors = append(vendors, vectaraFailures(vectaraRead{version: version, credential: vectaraCredential{config: config}}, nil))
		}
	}
	for _, f := range vendors {
		for _, failure := range all {
			summary, advice, _ := f.explain(&failure)
			if advice == "" {
				t.Errorf("%s, kind %d, status %d: there is no advice", f.vendor, failure.Kind, failure.Status)
			}
			if failure.Kind == rest.Unsent || failure.Kind == rest.Unsteady && f.unsteady == "" {
				continue // a bug, for which the page has one sentence, and what cannot be
			}
			if !strings.Contains(string(page), strings.ReplaceAll(summary, f.vendor, "Openlayer")) &&
				!strings.Contains(string(page), strings.ReplaceAll(summary, f.vendor, "Vectara")) {
				t.Errorf("the page has no %q", summary)
			}
		}
	}
}

// What a code in the body of Vectara's 200 means is told like the HTTP status that means the same.
func TestVectaraCodes(t *testing.T) {
	t.Parallel()
	for code, summary := range map[string]string{
		"UNAUTHENTICATED": "does not accept the credential", "16": "does not accept the credential", "UNAUTHORIZED": "does not accept the credential",
		"PERMISSION_DENIED": "denies access", "FORBIDDEN": "denies access", "DISABLED_CUSTOMER": "denies access", "INVALID_CUSTOMER_ID": "denies access",
		"INVALID_ARGUMENT": "refuses the request", "BAD_REQUEST": "refuses the request",
		"TOO_MANY_REQUESTS": "limits the rate", "RESOURCE_EXHAUSTED": "limits the rate",
		"UNIMPLEMENTED": "does not have this API", "NOT_FOUND": "does not have this API",
		"UNAVAILABLE": "is not available", "SOMETHING_NEW": "reports a failure", "1101": "denies access", "EXPIRED_API_KEY": "does not accept the credential",
		"DEADLINE_EXCEEDED": "takes too long",
	} {
		if got := vectaraFailures(vectaraRead{version: vectara.V1}, nil).diagnostic(&rest.Error{Kind: rest.InBody, Status: http.StatusOK, Code: code}).Summary(); !strings.Contains(got, summary) {
			t.Errorf("%s: %q, want %q", code, got, summary)
		}
	}
}

func TestUnexpectedError(t *testing.T) {
	t.Parallel()
	if got := openlayerFailures(nil).diagnostic(errors.New("odd")); !strings.Contains(got.Detail(), "odd\n\nThis is a bug") {
		t.Errorf("got %s", got.Detail())
	}
}
