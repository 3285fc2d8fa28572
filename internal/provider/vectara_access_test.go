package provider

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// responding starts a server that responds with a token to token requests, and with a status to all other requests.
// path returns the path of the last request that is not for a token or for app clients.
func responding(t *testing.T, status int) (url string, path func() string) {
	t.Helper()
	var last atomic.Value
	last.Store("")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			fmt.Fprint(w, `{"access_token": "issued-token", "token_type": "Bearer", "expires_in": 1800}`)
			return
		}
		if r.URL.Path != "/v2/app_clients" { // the provider requests it together with the users
			last.Store(r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string { return last.Load().(string) }
}

// readError reads a data source from a server that responds with a status. It returns the error, the argument that the
// error points at, and the path of the request.
func readError(t *testing.T, status int, env map[string]string, config, source, block string) (got, at, path string) {
	t.Helper()
	url, last := responding(t, status)
	variables := map[string]string{
		envOpenlayerAPIKey: testAPIKey, envOpenlayerBaseURL: url, envVectaraBaseURL: url, envVectaraTokenURL: url + "/token", envMaxRetries: "0",
	}
	maps.Copy(variables, env)
	s := newServer(t, newTestProvider(variables))
	if diagnostics := s.configure(t, config); len(diagnostics) > 0 {
		t.Fatal(text(diagnostics))
	}
	_, response := s.read(t.Context(), t, source, block)
	if len(response.Diagnostics) != 1 {
		t.Fatalf("want one error, got:\n%s", text(response.Diagnostics))
	}
	return text(response.Diagnostics), attributePath(response.Diagnostics[0]), last()
}

// The settings choose the version of the API. If the version may be the reason for an error, the error says why the
// provider uses this version, and how to use the other version.
func TestVectaraVersion(t *testing.T) {
	t.Parallel()
	const (
		v1, v2  = "/v1/list-users", "/v2/users"
		readV2  = `To use v2, set vectara_api_version = "v2" (or VECTARA_API_VERSION=v2).`
		readV1  = `To use v1, set vectara_api_version = "v1" (or VECTARA_API_VERSION=v1) and vectara_customer_id.`
		withID  = `To use v1, set vectara_api_version = "v1" (or VECTARA_API_VERSION=v1).`
		fromKey = `To use v1, set vectara_api_version = "v1" and vectara_customer_id, and an OAuth token or an app client, because v1 does not accept an API key.`
	)
	token := map[string]string{envVectaraOAuthToken: testToken}
	client := map[string]string{envVectaraClientID: "client", envVectaraClientSecret: "client-secret"}
	tokenAnd := func(variable, value string) map[string]string {
		return map[string]string{envVectaraOAuthToken: testToken, variable: value}
	}
	for name, test := range map[string]struct {
		env           map[string]string
		config, block string
		path, want    string
	}{
		"a token":                             {token, `{}`, `{}`, v2, "The provider uses REST v2, because no customer ID is set. " + readV1},
		"an app client":                       {client, `{}`, `{}`, v2, "The provider uses REST v2, because no customer ID is set. " + readV1},
		"a customer ID":                       {token, `{"vectara_customer_id": "1"}`, `{}`, v1, "The provider uses REST v1, because vectara_customer_id is set. " + readV2},
		"a customer ID, by variable":          {tokenAnd(envVectaraCustomerID, "1"), `{}`, `{}`, v1, "The provider uses REST v1, because VECTARA_CUSTOMER_ID is set. " + readV2},
		"an app client and a customer ID":     {client, `{"vectara_customer_id": "1"}`, `{}`, v1, "The provider uses REST v1, because vectara_customer_id is set. " + readV2},
		"an empty customer ID":                {token, `{"vectara_customer_id": ""}`, `{}`, v2, "The provider uses REST v2, because no customer ID is set. " + readV1},
		"a customer ID in the block":          {token, `{}`, `{"customer_id": "1"}`, v1, `The provider uses REST v1, because customer_id is set. To use v2, remove customer_id, and set vectara_api_version = "v2" (or VECTARA_API_VERSION=v2).`},
		"a customer ID in provider and block": {token, `{"vectara_customer_id": "1"}`, `{"customer_id": "2"}`, v1, "The provider uses REST v1, because customer_id is set."},
		"an API key":                          {nil, `{"vectara_api_key": "key"}`, `{}`, v2, "The provider uses REST v2, because vectara_api_key is set. " + fromKey},
		"an API key and a customer ID":        {map[string]string{envVectaraAPIKey: "key"}, `{"vectara_customer_id": "1"}`, `{}`, v2, "The provider uses REST v2, because VECTARA_API_KEY is set. To use v1, set vectara_api_version = \"v1\", and an OAuth token"},
		"a token before a key in a variable":  {map[string]string{envVectaraAPIKey: "key"}, `{"vectara_oauth_token": "t", "vectara_customer_id": "1"}`, `{}`, v1, "The provider uses REST v1, because vectara_customer_id is set."},
		"v2, with a customer ID":              {token, `{"vectara_api_version": "v2", "vectara_customer_id": "1"}`, `{}`, v2, `The provider uses REST v2, because vectara_api_version is "v2". ` + withID},
		"v1, with a customer ID":              {token, `{"vectara_api_version": "v1", "vectara_customer_id": "1"}`, `{}`, v1, `The provider uses REST v1, because vectara_api_version is "v1". ` + readV2},
		"v1, with a customer ID in the block": {token, `{"vectara_api_version": "v1"}`, `{"customer_id": "1"}`, v1, `The provider uses REST v1, because vectara_api_version is "v1".`},
		"v2, by variable":                     {tokenAnd(envVectaraAPIVersion, "v2"), `{"vectara_customer_id": "1"}`, `{}`, v2, `The provider uses REST v2, because VECTARA_API_VERSION is "v2".`},
		"the configured version comes first":  {tokenAnd(envVectaraAPIVersion, "v1"), `{"vectara_api_version": "v2"}`, `{}`, v2, `The provider uses REST v2, because vectara_api_version is "v2".`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, path := readError(t, http.StatusGone, test.env, test.config, "vectara_users", test.block)
			if path != test.path || !strings.Contains(got, test.want) {
				t.Errorf("requested %s, want %s, and an error with %q:\n%s", path, test.path, test.want, got)
			}
		})
	}
}

// The error names the version of the API if the version may be the reason for the response. It does not name the
// version for other responses: if the vendor rejects the request, limits the rate, is not available, or rejects an API
// key, which only v2 accepts.
func TestResponsesOfTheWrongVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config string
		silent []int // statuses whose error does not name the version
	}{
		"v1":         {`{"vectara_customer_id": "1", "vectara_oauth_token": "token"}`, []int{400, 429, 500, 503}},
		"v2":         {`{"vectara_oauth_token": "token"}`, []int{400, 429, 500, 503}},
		"v2's key":   {`{"vectara_api_key": "key"}`, []int{400, 401, 403, 429, 500, 503}},
		"v1, client": {`{"vectara_customer_id": "1", "vectara_client_id": "i", "vectara_client_secret": "s"}`, []int{400, 429, 500, 503}},
	} {
		for _, status := range []int{400, 401, 403, 404, 405, 410, 429, 500, 501, 503} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				t.Parallel()
				silent := false
				for _, s := range test.silent {
					silent = silent || s == status
				}
				got, _, _ := readError(t, status, nil, test.config, "vectara_users", `{}`)
				if says := strings.Contains(got, "uses REST "+name[:2]+", because "); says == silent {
					t.Errorf("the error names the version: %v\n%s", says, got)
				}
			})
		}
	}
}

// The advice names only arguments and settings that are set.
func TestAdviceNamesWhatIsSet(t *testing.T) {
	t.Parallel()
	const pipeline = `"inference_pipeline_id": "` + testPipeline + `"`
	for name, test := range map[string]struct {
		status                int
		source, config, block string
		at, want, not         string
	}{
		"v1, no arguments":        {400, "vectara_users", `{"vectara_customer_id": "1"}`, `{}`, "", "The response above gives the reason.\n", "Check"},
		"v1, all arguments":       {400, "vectara_users", `{}`, `{"customer_id": "1", "num_results": 2, "page_key": "", "list_users_type": "LIST_USERS_TYPE__ALL"}`, "", "Check customer_id, list_users_type, num_results and page_key.\n", "corpus_key"},
		"v1, provider's account":  {403, "vectara_users", `{"vectara_customer_id": "1"}`, `{}`, "", "Also check vectara_customer_id.", "Check customer_id"},
		"v1, block's account":     {403, "vectara_users", `{}`, `{"customer_id": "1"}`, "", "Also check customer_id.", "Check vectara_customer_id"},
		"v2, no arguments":        {400, "vectara_users", `{}`, `{}`, "", "The response above gives the reason.\n", "Check"},
		"v2, an argument":         {400, "vectara_users", `{}`, `{"num_results": 2, "roles": ["owner"]}`, "num_results", "The response above gives the reason. Check num_results.\n", "roles"},
		"v2, a corpus":            {404, "vectara_users", `{}`, `{"corpus_key": "c"}`, "corpus_key", "Not found by Vectara\n", ""},
		"v2, no corpus":           {404, "vectara_users", `{}`, `{}`, "", "Vectara does not have this API\n", "corpus"},
		"openlayer, no arguments": {400, "openlayer_pipeline_users", `{}`, `{` + pipeline + `}`, "", "The response above gives the reason.\n", "Check"},
		"openlayer, a search":     {400, "openlayer_pipeline_users", `{}`, `{` + pipeline + `, "search_query_or": ["a"], "user_ids": ["a"]}`, "search_query_or", "Check search_query_or.\n", "column"},
		"openlayer, a proxy":      {407, "openlayer_pipeline_users", `{}`, `{` + pipeline + `, "search_query_or": ["a"]}`, "", "rejects the request", ""},
		"openlayer, a sorting":    {422, "openlayer_pipeline_users", `{}`, `{` + pipeline + `, "sort_column": "a", "page": 1}`, "", "Check page and sort_column. The provider cannot check the names of columns", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, at, _ := readError(t, test.status, map[string]string{envVectaraOAuthToken: testToken}, test.config, test.source, test.block)
			if at != test.at || !strings.Contains(got, test.want) || test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("want an error at %q with %q and without %q, got one at %q:\n%s", test.at, test.want, test.not, at, got)
			}
		})
	}
}

// Blocks of both versions use the same token, and a response of one version must not repeat a token that the other
// version has received.
func TestVersionsShareTokens(t *testing.T) {
	t.Parallel()
	var tokens atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/token":
			fmt.Fprintf(w, `{"access_token": "issued-token-%d", "token_type": "Bearer", "expires_in": 1800}`, tokens.Add(1))
		case "/v1/list-users":
			fmt.Fprint(w, `{"user": [{"id": 1}], "pageKey": ""}`)
		default:
			fmt.Fprint(w, `{"users": [{"id": "usr_1", "username": "issued-token-1"}], "app_clients": [], "metadata": {"page_key": ""}}`)
		}
	}))
	t.Cleanup(server.Close)
	s := newServer(t, newTestProvider(map[string]string{
		envVectaraClientID: "client", envVectaraClientSecret: "secret-of-client", envVectaraTokenURL: server.URL + "/token", envVectaraBaseURL: server.URL,
	}))
	if diagnostics := s.configure(t, `{}`); len(diagnostics) > 0 {
		t.Fatal(text(diagnostics))
	}
	if _, first := s.read(t.Context(), t, "vectara_users", `{"customer_id": "1"}`); len(first.Diagnostics) > 0 {
		t.Error(text(first.Diagnostics))
	}
	if _, second := s.read(t.Context(), t, "vectara_users", `{}`); !strings.Contains(text(second.Diagnostics), "the response repeats the credential") {
		t.Errorf("got %s", text(second.Diagnostics))
	}
	if n := tokens.Load(); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}
