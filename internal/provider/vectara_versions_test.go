package provider

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// If several credentials are set, the provider uses the one with precedence. A credential in the configuration has
// precedence over one in the environment. The test checks the credential in the requests.
func TestVectaraCredential(t *testing.T) {
	t.Parallel()
	pair := map[string]string{envVectaraClientID: "env-id", envVectaraClientSecret: "env-secret"}
	with := func(base map[string]string, more ...string) map[string]string {
		env := maps.Clone(base)
		if env == nil {
			env = map[string]string{}
		}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	for name, test := range map[string]struct {
		config  string // of the provider, as JSON without braces
		env     map[string]string
		unknown []string
		form    string   // of the token request, as id:secret
		sent    string   // header of the API request
		want    []string // parts of the error
		not     string   // a text that the error must not contain
	}{
		"token":                                       {config: `"vectara_oauth_token": "t"`, sent: "Bearer t"},
		"token from the environment":                  {env: with(nil, envVectaraOAuthToken, "t"), sent: "Bearer t"},
		"client":                                      {config: `"vectara_client_id": "i", "vectara_client_secret": "s"`, form: "i:s", sent: "Bearer issued"},
		"client from the environment":                 {env: pair, form: "env-id:env-secret", sent: "Bearer issued"},
		"client from both":                            {config: `"vectara_client_id": "i"`, env: pair, form: "i:env-secret", sent: "Bearer issued"},
		"configured token before the client":          {config: `"vectara_oauth_token": "t"`, env: pair, sent: "Bearer t"},
		"configured client before the token":          {config: `"vectara_client_id": "i", "vectara_client_secret": "s"`, env: with(nil, envVectaraOAuthToken, "t"), form: "i:s", sent: "Bearer issued"},
		"configured id before the token":              {config: `"vectara_client_id": "i"`, env: with(pair, envVectaraOAuthToken, "t"), form: "i:env-secret", sent: "Bearer issued"},
		"empty strings are left out":                  {config: `"vectara_oauth_token": "", "vectara_client_id": "i", "vectara_client_secret": "s", "vectara_api_key": ""`, form: "i:s", sent: "Bearer issued"},
		"v2 with a token":                             {config: `"vectara_api_version": "v2", "vectara_oauth_token": "t"`, sent: "Bearer t"},
		"v2 with a client":                            {config: `"vectara_api_version": "v2"`, env: pair, form: "env-id:env-secret", sent: "Bearer issued"},
		"v2 with a key":                               {config: `"vectara_api_version": "v2", "vectara_api_key": "k"`, sent: "key k"},
		"v2 from the environment":                     {env: with(nil, envVectaraAPIVersion, "v2", envVectaraAPIKey, "k"), sent: "key k"},
		"v2's configured key before configured token": {config: `"vectara_api_version": "v2", "vectara_api_key": "k", "vectara_oauth_token": "t"`, sent: "key k"},
		"v2's configured token before the key":        {config: `"vectara_api_version": "v2", "vectara_oauth_token": "t"`, env: with(nil, envVectaraAPIKey, "k"), sent: "Bearer t"},
		"a key chooses v2 despite a customer ID":      {config: `"vectara_api_key": "k"`, env: with(nil, envVectaraOAuthToken, "t"), sent: "key k"},
		"v1 ignores a key":                            {config: `"vectara_api_key": "k", "vectara_api_version": "v1"`, env: with(nil, envVectaraOAuthToken, "t"), sent: "Bearer t"},
		"configured version before the variable": {config: `"vectara_api_version": "v1", "vectara_oauth_token": "t"`, env: with(nil, envVectaraAPIVersion, "v2"),
			sent: "Bearer t"},

		"two credentials in the environment": {env: with(pair, envVectaraOAuthToken, "t"),
			want: []string{"Two Vectara credentials", "VECTARA_OAUTH_TOKEN", "VECTARA_CLIENT_ID", "VECTARA_CLIENT_SECRET"}},
		"an ID without a secret": {config: `"vectara_client_id": "i"`, want: []string{"Vectara client secret missing", "needs the Vectara client secret, because vectara_client_id is set. Set vectara_client_secret", "VECTARA_CLIENT_SECRET"}},
		"a secret without an ID": {env: with(nil, envVectaraClientSecret, "s"), want: []string{"Vectara client ID missing", "vectara_client_id", "VECTARA_CLIENT_ID"}},
		"no credential":          {want: []string{"Vectara credential missing", "vectara_oauth_token, or vectara_client_id and vectara_client_secret", "VECTARA_OAUTH_TOKEN"}},
		"no credential for v2":   {config: `"vectara_api_version": "v2"`, want: []string{"Vectara credential missing", "set vectara_oauth_token, or vectara_client_id and vectara_client_secret, or vectara_api_key."}},
		"only a key for v1": {config: `"vectara_api_key": "k"`, env: with(nil, envVectaraAPIVersion, "v1"),
			want: []string{"Vectara credential missing", `vectara_api_key is set, but REST v1 does not accept an API key. The provider uses v1, because VECTARA_API_VERSION is "v1". To use the key, set vectara_api_version = "v2".`}},
		"an unknown token":                      {unknown: []string{"vectara_oauth_token"}, want: []string{"Vectara OAuth token not known yet"}},
		"an unknown secret":                     {config: `"vectara_client_id": "i"`, unknown: []string{"vectara_client_secret"}, want: []string{"Vectara client secret not known yet"}},
		"an unknown client beside a token":      {config: `"vectara_oauth_token": "t"`, unknown: []string{"vectara_client_id"}, want: []string{"Vectara client ID not known yet"}, not: "environment has"},
		"an unknown version":                    {config: `"vectara_oauth_token": "t"`, unknown: []string{"vectara_api_version"}, want: []string{"Vectara API version not known yet"}},
		"v2's configured client before the key": {config: `"vectara_api_version": "v2", "vectara_client_id": "i", "vectara_client_secret": "s"`, env: with(nil, envVectaraAPIKey, "k"), form: "i:s", sent: "Bearer issued"},
		"an unknown version and a key":          {config: `"vectara_api_key": "k"`, unknown: []string{"vectara_api_version"}, want: []string{"Vectara API version not known yet"}, not: "missing"},
		"an unknown token url":                  {config: `"vectara_client_id": "i", "vectara_client_secret": "s"`, unknown: []string{"vectara_token_url"}, want: []string{"Vectara token URL not known yet"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var form, sent string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if r.URL.Path == "/token" {
					form = r.PostFormValue("client_id") + ":" + r.PostFormValue("client_secret")
					fmt.Fprint(w, `{"access_token": "issued", "token_type": "Bearer", "expires_in": 1800}`)
					return
				}
				if sent = r.Header.Get("Authorization"); sent == "" {
					sent = "key " + r.Header.Get("X-Api-Key")
				}
				if strings.HasPrefix(r.URL.Path, "/v2/") {
					fmt.Fprint(w, `{"users": [], "app_clients": []}`)
				} else {
					fmt.Fprint(w, `{"user": [], "pageKey": ""}`)
				}
			}))
			t.Cleanup(server.Close)
			env := with(test.env, envVectaraBaseURL, server.URL, envVectaraCustomerID, testCustomerID)
			if len(test.unknown) == 0 || test.unknown[0] != "vectara_token_url" {
				env[envVectaraTokenURL] = server.URL + "/token"
			}
			s := newServer(t, newTestProvider(env))
			if diagnostics := s.configure(t, `{`+test.config+`}`, test.unknown...); len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			state, response := s.read(t.Context(), t, "vectara_users", `{}`)
			got := text(response.Diagnostics)
			for _, part := range test.want {
				if !strings.Contains(got, part) {
					t.Errorf("the error lacks %q:\n%s", part, got)
				}
			}
			if test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("the error has %q:\n%s", test.not, got)
			}
			if (len(test.want) == 0) != (users(state) != nil) || form != test.form || sent != test.sent {
				t.Errorf("sent %q with the form %q, want %q and %q; users %v\n%s", sent, form, test.sent, test.form, users(state), got)
			}
		})
	}
}

func TestVectaraConfigurationErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config, at, want string
		env              map[string]string
	}{
		"token and client id":          {config: `"vectara_oauth_token": "t", "vectara_client_id": "i", "vectara_client_secret": "s"`, at: "vectara_client_id", want: "vectara_oauth_token and vectara_client_id are both set"},
		"token and client secret":      {config: `"vectara_oauth_token": "t", "vectara_client_secret": "s"`, at: "vectara_client_secret", want: "vectara_oauth_token and vectara_client_secret are both set"},
		"unknown version":              {config: `"vectara_api_version": "v3"`, at: "vectara_api_version", want: `must be v1 or v2. It is "v3"`},
		"version in upper case":        {config: `"vectara_api_version": "V2"`, at: "vectara_api_version", want: `must be v1 or v2. It is "V2"`},
		"version in the environment":   {env: map[string]string{envVectaraAPIVersion: "2"}, want: `VECTARA_API_VERSION, which sets vectara_api_version, must be v1 or v2. It is "2"`},
		"token url over http":          {config: `"vectara_token_url": "http://auth.vectara.io/oauth2/token"`, at: "vectara_token_url", want: "must begin with https://"},
		"token url with a query":       {config: `"vectara_token_url": "https://auth.vectara.io/oauth2/token?a=b"`, at: "vectara_token_url", want: "must not have a query"},
		"secret with a line break":     {config: `"vectara_client_secret": "s3cret\n"`, at: "vectara_client_secret", want: "begins or ends with white space"},
		"id with a line break":         {config: `"vectara_client_id": "a\nb"`, at: "vectara_client_id", want: "has a line break"},
		"key with a line break":        {config: `"vectara_api_key": "s3cret\r\nX-Evil: 1"`, at: "vectara_api_key", want: "has a line break"},
		"token url in the environment": {env: map[string]string{envVectaraTokenURL: "auth"}, want: "The environment variable VECTARA_TOKEN_URL, which sets vectara_token_url, must be a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diagnostics := newServer(t, newTestProvider(test.env)).configure(t, `{`+test.config+`}`)
			got := text(diagnostics)
			if len(diagnostics) != 1 || attributePath(diagnostics[0]) != test.at || !strings.Contains(got, test.want) || strings.Contains(got, "s3cret") {
				t.Errorf("want one error at %s with %q, got:\n%s", test.at, test.want, got)
			}
		})
	}
}

// A token in the configuration and an app client in the environment are valid together, even if one of them is unknown
// while Terraform validates.
func TestOneVectaraCredentialIsValid(t *testing.T) {
	t.Parallel()
	for _, unknown := range [][]string{nil, {"vectara_oauth_token"}, {"vectara_client_id"}, {"vectara_client_secret"}} {
		s := newServer(t, newTestProvider(map[string]string{envVectaraClientID: "i", envVectaraClientSecret: "s"}))
		v := value(t, s.schemas.Provider, `{"vectara_oauth_token": "t", "vectara_client_id": ""}`, unknown...)
		response, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: v})
		if err != nil || len(response.Diagnostics) > 0 {
			t.Errorf("unknown %v: %v\n%s", unknown, err, text(response.Diagnostics))
		}
	}
}

// An argument that the version of the API does not have is an error at the argument. For corpus_key and num_results,
// the error says how to use the other version.
func TestVectaraArgumentsOfAVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ version, config, at, want string }{
		"corpus_key with v1":      {"v1", `{"corpus_key": "handbook"}`, "corpus_key", `set vectara_api_version = "v2"`},
		"customer_id with v2":     {"v2", `{"customer_id": "1526022105"}`, "customer_id", "finds the account by the credential"},
		"list_users_type with v2": {"v2", `{"list_users_type": "LIST_USERS_TYPE__ALL"}`, "list_users_type", "REST v2"},
		"num_results with v2":     {"v2", `{"num_results": 101}`, "num_results", `must be at most 100 with REST v2. It is 101. The provider uses REST v2, because VECTARA_API_VERSION is "v2". To use v1, set vectara_api_version = "v1"`},
		"corpus_key with v2":      {"v2", `{"corpus_key": "handbook"}`, "", ""},
		"num_results with v1":     {"v1", `{"num_results": 101}`, "", ""},
		"unknown corpus":          {"v2", `{"corpus_key": "nowhere"}`, "corpus_key", "Check corpus_key. The account may have no corpus"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.vectara.Corpora = []string{"handbook"}
			env := f.environment()
			env[envVectaraAPIVersion] = test.version
			s := newServer(t, newTestProvider(env))
			s.configure(t, `{}`)
			state, response := s.read(t.Context(), t, "vectara_users", test.config)
			if test.at == "" {
				if len(response.Diagnostics) > 0 || users(state) == nil {
					t.Error(text(response.Diagnostics))
				}
				return
			}
			if len(response.Diagnostics) != 1 || attributePath(response.Diagnostics[0]) != test.at || !strings.Contains(text(response.Diagnostics), test.want) {
				t.Errorf("want one error at %s with %q, got:\n%s", test.at, test.want, text(response.Diagnostics))
			}
		})
	}
}

// An error of the token endpoint names the settings to check. It does not contain the secret.
func TestVectaraTokenErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"invalid client":             {401, `{"error": "invalid_client", "error_description": "unknown s3cret"}`, []string{"does not accept the credential", "vectara_client_id and vectara_client_secret", "[withheld: it repeats a credential]"}},
		"invalid client, 400":        {400, `{"error": "invalid_client"}`, []string{"does not accept the credential", "VECTARA_CLIENT_SECRET"}},
		"not allowed":                {400, `{"error": "unauthorized_client"}`, []string{"denies access", "vectara_client_id"}},
		"another grant":              {400, `{"error": "unsupported_grant_type"}`, []string{"rejects the request", "vectara_token_url"}},
		"not found":                  {404, `nothing here`, []string{"Not found by Vectara's token endpoint", "vectara_token_url"}},
		"html":                       {200, `<html>`, []string{"Unexpected response", "vectara_token_url"}},
		"not available":              {503, ``, []string{"is not available"}},
		"not available, with a code": {503, `{"error": "temporarily_unavailable"}`, []string{"is not available"}},
		"rate limit":                 {429, `{"error": "TooManyRequestsException"}`, []string{"limits the rate of requests"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.vectara.InterceptToken = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
				return true
			}
			env := f.environment()
			delete(env, envVectaraOAuthToken)
			env[envVectaraClientID], env[envVectaraClientSecret], env[envVectaraTokenURL] = "client", "s3cret", f.vectaraServer.URL+vectaratest.TokenPath
			s := newServer(t, newTestProvider(env))
			s.configure(t, `{}`)
			_, response := s.read(t.Context(), t, "vectara_users", `{}`)
			got := text(response.Diagnostics)
			for _, part := range append(test.want, "Vectara's token endpoint", "Could not read the users of Vectara account", "Request: POST http://127.0.0.1", "/oauth2/token") {
				if !strings.Contains(got, part) {
					t.Errorf("the error lacks %q:\n%s", part, got)
				}
			}
			if strings.Contains(got, "s3cret") {
				t.Errorf("the error contains the secret:\n%s", got)
			}
		})
	}
}
