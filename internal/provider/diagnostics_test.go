package provider

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// The guide Troubleshooting has the summary of every error, with the name of either vendor. Every error has advice.
func TestTroubleshootingExplainsEveryError(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var all []rest.Error
	for kind := rest.KindRequest; kind <= rest.KindDuplicateID; kind++ {
		all = append(all, rest.Error{Kind: kind})
	}
	for status := 300; status < 600; status++ {
		all = append(all, rest.Error{Kind: rest.KindStatus, Status: status})
	}
	for _, code := range []string{"UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "NEW"} {
		all = append(all, rest.Error{Kind: rest.KindStatus, Status: http.StatusOK, Code: code})
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
			if failure.Kind == rest.KindRequest || f.vendor == tokenFailures.vendor && (failure.Kind == rest.KindListingTooLarge || failure.Kind >= rest.KindInconsistent) {
				continue // a bug in the provider, or for a token request the errors of a listing
			}
			if advice == "" {
				t.Errorf("%s, kind %d, status %d: there is no advice", f.vendor, failure.Kind, failure.Status)
			}
			if !strings.Contains(string(page), strings.ReplaceAll(summary, f.vendor, "Openlayer")) &&
				!strings.Contains(string(page), strings.ReplaceAll(summary, f.vendor, "Vectara")) {
				t.Errorf("the guide does not have the summary %q", summary)
			}
		}
	}
}

// If a 200 from Vectara has an error code in its body, the error has the summary of the HTTP status with the same
// meaning.
func TestVectaraCodes(t *testing.T) {
	t.Parallel()
	for code, summary := range map[string]string{
		"UNAUTHENTICATED": "does not accept the credential", "16": "does not accept the credential", "UNAUTHORIZED": "does not accept the credential",
		"PERMISSION_DENIED": "denies access", "FORBIDDEN": "denies access", "DISABLED_CUSTOMER": "denies access", "INVALID_CUSTOMER_ID": "denies access",
		"INVALID_ARGUMENT": "rejects the request", "BAD_REQUEST": "rejects the request",
		"TOO_MANY_REQUESTS": "limits the rate", "RESOURCE_EXHAUSTED": "limits the rate",
		"UNIMPLEMENTED": "does not have this API", "NOT_FOUND": "does not have this API",
		"UNAVAILABLE": "is not available", "SOMETHING_NEW": "reports a failure", "1101": "denies access", "EXPIRED_API_KEY": "does not accept the credential",
		"DEADLINE_EXCEEDED": "takes too long",
	} {
		if got := vectaraFailures(vectaraRead{version: vectara.V1}, nil).diagnostic(&rest.Error{Kind: rest.KindStatus, Status: http.StatusOK, Code: code}).Summary(); !strings.Contains(got, summary) {
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

// The guide Troubleshooting contains these messages of the provider, word for word.
func TestTroubleshootingShowsTheMessages(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	// Join the lines, and remove the frame that Terraform draws around the text.
	shown := strings.Join(strings.Fields(strings.ReplaceAll(string(page), "│", " ")), " ")
	expect := func(message string) {
		t.Helper()
		if message = strings.Join(strings.Fields(message), " "); !strings.Contains(shown, message) {
			t.Errorf("the guide does not contain: %s", message)
		}
	}

	// Invalid configurations, of the provider and of a block.
	for _, config := range []string{
		`{"openlayer_api_key": "key\n"}`, `{"openlayer_base_url": "http://llm.example.com/v1"}`, `{"vectara_base_url": "https://api.vectara.io/v2"}`,
		`{"vectara_oauth_token": "t", "vectara_client_id": "i"}`,
	} {
		for _, d := range newServer(t, newTestProvider(nil)).configure(t, config) {
			expect(d.Detail)
		}
	}
	for _, d := range newServer(t, newTestProvider(map[string]string{envMaxRetries: "20"})).configure(t, `{}`) {
		expect(d.Detail)
	}
	for source, configs := range map[string][]string{
		"openlayer_pipeline_users": {
			`"inference_pipeline_id": "support-bot"`, `"per_page": 500`, `"user_id_regex": "^(?!test-)"`, `"active_since": "2026-02-30"`, `"user_ids": []`, `"asc": false`,
			`"column_filters": [{"measurement": "m", "operator": "is"}]`, `"column_filters": [{"measurement": "m", "operator": "is", "string_values": ["a"]}]`,
			`"column_filters": [{"measurement": "m", "operator": "is", "string_value": "a", "number_value": 1}]`,
		},
		"vectara_users": {`"list_users_type": "ALL"`, `"request_timeout": "500ms"`, `"roles": ["CustomerRole_Admins"]`, `"timeouts": {"read": "30"}`, `"statuses": ["ACTIVE"]`, `"min_users": 10, "max_users": 5`},
	} {
		for _, config := range configs {
			if source == "openlayer_pipeline_users" && !strings.Contains(config, "inference_pipeline_id") {
				config += `, "inference_pipeline_id": "` + testPipeline + `"`
			}
			diagnostics := newServer(t, newTestProvider(nil)).validateAs(t, "data", source, "{"+config+"}")
			if len(diagnostics) == 0 {
				t.Errorf("%s: there is no diagnostic for %s", source, config)
			}
			for _, d := range diagnostics {
				expect(d.Detail)
			}
		}
	}

	// Settings and arguments that are missing or not allowed.
	for name, test := range map[string]struct {
		env                   map[string]string
		config, source, block string
		unknown               []string
	}{
		"a key":            {nil, `{}`, "openlayer_pipeline_users", readOpenlayer, nil},
		"an unknown key":   {nil, `{}`, "openlayer_pipeline_users", readOpenlayer, []string{"openlayer_api_key"}},
		"a credential":     {map[string]string{envVectaraAPIVersion: "v1", envVectaraAPIKey: "k", envVectaraCustomerID: "1"}, `{}`, "vectara_users", `{}`, nil},
		"two credentials":  {map[string]string{envVectaraClientID: "i", envVectaraOAuthToken: "t"}, `{}`, "vectara_users", `{}`, nil},
		"v2's customer ID": {nil, `{"vectara_api_version": "v2", "vectara_oauth_token": "t"}`, "vectara_users", `{"customer_id": "1"}`, nil},
		"v1's arguments":   {nil, `{"vectara_oauth_token": "t"}`, "vectara_users", `{"list_users_type": "LIST_USERS_TYPE__CUSTOMER", "num_results": 500, "types": ["USER_TYPE__USER"], "statuses": ["USER_STATUS__NONE"]}`, nil},
		"v1's corpus":      {nil, `{"vectara_oauth_token": "t", "vectara_customer_id": "1"}`, "vectara_users", `{"corpus_key": "c"}`, nil},
		"v2's roles":       {nil, `{"vectara_oauth_token": "t", "vectara_customer_id": "1"}`, "vectara_users", `{"roles": ["owner", "agent_administrator"]}`, nil},
	} {
		s := newServer(t, newTestProvider(test.env))
		if diagnostics := s.configure(t, test.config, test.unknown...); len(diagnostics) > 0 {
			t.Fatalf("%s: %s", name, text(diagnostics))
		}
		_, response := s.read(t.Context(), t, test.source, test.block)
		if len(response.Diagnostics) == 0 {
			t.Errorf("%s: there is no diagnostic", name)
		}
		for _, d := range response.Diagnostics {
			expect(d.Detail)
		}
	}

	// The advice for errors of the requests to a vendor.
	v1 := vectaraRead{version: vectara.V1, because: "vectara_customer_id is set", account: "vectara_customer_id", credential: vectaraCredential{config: vectara.Config{OAuthToken: "t"}}}
	v2 := vectaraRead{version: vectara.V2, because: "no customer ID is set", credential: vectaraCredential{config: vectara.Config{ClientID: "i"}}}
	key := vectaraRead{version: vectara.V2, credential: vectaraCredential{apiKey: "vectara_api_key", config: vectara.Config{APIKey: "k"}}}
	filters := map[string]attr.Value{"column_filters": types.ListValueMust(types.StringType, nil)}
	for _, test := range []struct {
		failures failures
		kinds    []rest.Kind
		statuses []int
	}{
		{openlayerFailures(filters), []rest.Kind{rest.KindConnection, rest.KindMalformed, rest.KindDeadline, rest.KindInconsistent}, []int{302, 400, 401, 404, 429, 503}},
		{vectaraFailures(v1, nil), []rest.Kind{rest.KindAttemptTimeout, rest.KindTooLarge, rest.KindCanceled}, []int{401, 403, 410}},
		{vectaraFailures(v2, nil), nil, []int{401}},
		{vectaraFailures(key, nil), nil, []int{401, 403}},
		{tokenFailures, []rest.Kind{rest.KindConnection}, []int{401}},
	} {
		for _, kind := range test.kinds {
			_, advice, _ := test.failures.explain(&rest.Error{Kind: kind, Attempts: 1})
			expect(advice)
		}
		for _, status := range test.statuses {
			_, advice, _ := test.failures.explain(&rest.Error{Kind: rest.KindStatus, Status: status, Attempts: 5})
			expect(advice)
		}
	}
}
