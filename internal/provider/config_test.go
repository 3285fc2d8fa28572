package provider

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
)

const (
	readOpenlayer = `{"inference_pipeline_id": "` + testPipeline + `"}`
	readVectara   = `{}`
)

// An argument of the block has precedence over the provider's configuration, and the configuration over the
// environment. An empty string counts as unset. The test checks the values in the requests.
func TestConfigurationPrecedence(t *testing.T) {
	t.Parallel()
	type sent struct{ path, auth, customer string }
	for name, test := range map[string]struct {
		config  string
		env     map[string]string
		source  string
		read    string
		request sent
	}{
		"openlayer from the configuration": {
			config:  `{"openlayer_api_key": "k1", "openlayer_base_url": "URL/one"}`,
			source:  "openlayer_pipeline_users",
			read:    readOpenlayer,
			request: sent{path: "/one", auth: "Bearer k1"},
		},
		"openlayer from the environment": {
			config:  `{}`,
			env:     map[string]string{"OPENLAYER_API_KEY": "k2", "OPENLAYER_BASE_URL": "URL/two"},
			source:  "openlayer_pipeline_users",
			read:    readOpenlayer,
			request: sent{path: "/two", auth: "Bearer k2"},
		},
		"openlayer's configuration before the environment": {
			config:  `{"openlayer_api_key": "k1", "openlayer_base_url": "URL/one"}`,
			env:     map[string]string{"OPENLAYER_API_KEY": "k2", "OPENLAYER_BASE_URL": "URL/two"},
			source:  "openlayer_pipeline_users",
			read:    readOpenlayer,
			request: sent{path: "/one", auth: "Bearer k1"},
		},
		"openlayer's empty strings are left out": {
			config:  `{"openlayer_api_key": "", "openlayer_base_url": ""}`,
			env:     map[string]string{"OPENLAYER_API_KEY": "k2", "OPENLAYER_BASE_URL": "URL/two/"},
			source:  "openlayer_pipeline_users",
			read:    readOpenlayer,
			request: sent{path: "/two", auth: "Bearer k2"},
		},
		"vectara from the configuration": {
			config:  `{"vectara_customer_id": "11", "vectara_oauth_token": "t1", "vectara_base_url": "URL/one"}`,
			source:  "vectara_users",
			read:    readVectara,
			request: sent{path: "/one", auth: "Bearer t1", customer: "11"},
		},
		"vectara from the environment": {
			config:  `{"vectara_customer_id": "", "vectara_oauth_token": "", "vectara_base_url": ""}`,
			env:     map[string]string{"VECTARA_CUSTOMER_ID": "22", "VECTARA_OAUTH_TOKEN": "t2", "VECTARA_BASE_URL": "URL/two"},
			source:  "vectara_users",
			read:    readVectara,
			request: sent{path: "/two", auth: "Bearer t2", customer: "22"},
		},
		"vectara's configuration before the environment": {
			config:  `{"vectara_customer_id": "11", "vectara_oauth_token": "t1", "vectara_base_url": "URL/one"}`,
			env:     map[string]string{"VECTARA_CUSTOMER_ID": "22", "VECTARA_OAUTH_TOKEN": "t2", "VECTARA_BASE_URL": "URL/two"},
			source:  "vectara_users",
			read:    readVectara,
			request: sent{path: "/one", auth: "Bearer t1", customer: "11"},
		},
		"the data source's customer id before both": {
			config:  `{"vectara_customer_id": "11", "vectara_oauth_token": "t1", "vectara_base_url": "URL"}`,
			env:     map[string]string{"VECTARA_CUSTOMER_ID": "22"},
			source:  "vectara_users",
			read:    `{"customer_id": "33"}`,
			request: sent{auth: "Bearer t1", customer: "33"},
		},
		"the data source's customer id alone": {
			config:  `{"vectara_oauth_token": "t1", "vectara_base_url": "URL"}`,
			source:  "vectara_users",
			read:    `{"customer_id": "33"}`,
			request: sent{auth: "Bearer t1", customer: "33"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New("")
			fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(http.StatusBadRequest)
				return true
			}
			url := openlayertest.NewServer(t, fake).URL
			env := maps.Clone(test.env)
			for variable, value := range env {
				env[variable] = strings.Replace(value, "URL", url, 1)
			}
			s := newServer(t, newTestProvider(env))
			if diagnostics := s.configure(t, strings.Replace(test.config, "URL", url, 1)); len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			s.read(t.Context(), t, test.source, test.read)
			requests := fake.Requests()
			if len(requests) == 0 {
				t.Error("the provider sent no request")
			}
			for _, r := range requests {
				got := sent{auth: r.Header.Get("Authorization"), customer: r.Header.Get("Customer-Id")}
				got.path, _, _ = strings.Cut(r.Path, "/inference-pipelines")
				got.path, _, _ = strings.Cut(got.path, "/v1/list-users")
				if got != test.request {
					t.Errorf("sent %+v, want %+v", got, test.request)
				}
			}
		})
	}
}

// max_retries comes from the configuration, from the environment or from the default, in this order of precedence.
func TestConfigurationNumbers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config   string
		env      string
		attempts int
	}{
		"default":                               {config: `{}`, attempts: 5},
		"environment":                           {config: `{}`, env: "2", attempts: 3},
		"configuration before the environment":  {config: `{"max_retries": 1}`, env: "2", attempts: 2},
		"zero in the configuration is a number": {config: `{"max_retries": 0}`, env: "2", attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(http.StatusInternalServerError)
				return true
			}
			env := f.environment()
			env[envMaxRetries], env[envMaxConcurrency] = test.env, "1"
			s := newServer(t, newTestProvider(env))
			if diagnostics := s.configure(t, test.config); len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			s.read(t.Context(), t, "openlayer_pipeline_users", readOpenlayer)
			if got := len(f.openlayer.Requests()); got != test.attempts {
				t.Errorf("%d attempts, want %d", got, test.attempts)
			}
		})
	}
}

func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config string
		env    map[string]string
		want   []string // parts of the only error
	}{
		"api key with a line break": {
			config: `{"openlayer_api_key": "s3cret-key\n"}`,
			want:   []string{"openlayer_api_key begins or ends with white space or a line break", "trimspace()"},
		},
		"api key with a header in it": {
			config: `{"openlayer_api_key": "s3cret-key\r\nX-Evil: 1"}`,
			want:   []string{"openlayer_api_key has a line break, another control character"},
		},
		"api key with its scheme": {
			config: `{"openlayer_api_key": "bearer s3cret-key"}`,
			want:   []string{"openlayer_api_key begins with \"Bearer\""},
		},
		"base url with a key in its query": {
			config: `{"openlayer_base_url": "https://api.openlayer.com/v1?key=s3cret"}`,
			want:   []string{"openlayer_base_url must not have a query"},
		},
		"base url over http with a key in its query": {
			config: `{"openlayer_base_url": "http://api.openlayer.com/v1?key=s3cret"}`,
			want:   []string{"openlayer_base_url must not have a query"},
		},
		"a token for a customer id": {
			config: `{"vectara_customer_id": "s3cret.s3cret.s3cret.s3cret"}`,
			want:   []string{"vectara_customer_id must be a Vectara customer ID", "It has 27 characters"},
		},
		"token with a curly quote": {
			config: `{"vectara_oauth_token": "s3cret-key”"}`,
			want:   []string{"vectara_oauth_token has", "a character outside ASCII such as a curly quote"},
		},
		"token with a control character": {
			config: `{"vectara_oauth_token": "s3cret-key\u0000"}`,
			want:   []string{"vectara_oauth_token has a line break, another control character"},
		},
		"api key in the environment with a line break": {
			config: `{}`,
			env:    map[string]string{envOpenlayerAPIKey: "s3cret-key\n"},
			want:   []string{"The environment variable OPENLAYER_API_KEY, which sets openlayer_api_key", "begins or ends with white space"},
		},
		"customer id that is not a number": {
			config: `{"vectara_customer_id": "acme"}`,
			want:   []string{"vectara_customer_id must be a Vectara customer ID", "It has 4 characters"},
		},
		"customer id in the environment that is not a number": {
			config: `{}`,
			env:    map[string]string{envVectaraCustomerID: "1526 022105"},
			want:   []string{"The environment variable VECTARA_CUSTOMER_ID", "digits only", "It has 11 characters"},
		},
		"base url over http": {
			config: `{"openlayer_base_url": "http://api.openlayer.com/v1"}`,
			want:   []string{"openlayer_base_url must begin with https://", "Only a loopback address may begin with http://"},
		},
		"base url of another scheme": {
			config: `{"openlayer_base_url": "ftp://api.openlayer.com/v1"}`,
			want:   []string{"openlayer_base_url must begin with https://"},
		},
		"base url without a scheme": {
			config: `{"openlayer_base_url": "api.openlayer.com/v1"}`,
			want:   []string{"openlayer_base_url must be a URL"},
		},
		"base url with v1": {
			config: `{"vectara_base_url": "https://api.vectara.io/v1"}`,
			want:   []string{"vectara_base_url must not end in /v1, because the provider adds the version of the API (vectara_api_version)"},
		},
		"base url with v2 and a slash, from the environment": {
			config: `{}`,
			env:    map[string]string{envVectaraBaseURL: "https://proxy.example.com/vectara/V2/"},
			want:   []string{"VECTARA_BASE_URL, which sets vectara_base_url, must not end in /v2"},
		},
		"base url with a query": {
			config: `{"vectara_base_url": "https://api.vectara.io?x=1"}`,
			want:   []string{"vectara_base_url must not have a query"},
		},
		"base url with a fragment": {
			config: `{"vectara_base_url": "https://api.vectara.io#x"}`,
			want:   []string{"vectara_base_url must not have a query (?) or a fragment (#)"},
		},
		"base url with a password": {
			config: `{"vectara_base_url": "https://me:s3cret-key@api.vectara.io"}`,
			want:   []string{"vectara_base_url must not have a user or password"},
		},
		"base url in the environment over http": {
			config: `{}`,
			env:    map[string]string{envVectaraBaseURL: "http://api.vectara.io"},
			want:   []string{"The environment variable VECTARA_BASE_URL", "must begin with https://"},
		},
		"too many retries": {
			config: `{"max_retries": 11}`,
			want:   []string{"The value of max_retries must be a whole number from 0 to 10. It is 11."},
		},
		"no concurrency": {
			config: `{"max_concurrency": 0}`,
			want:   []string{"The value of max_concurrency must be a whole number from 1 to 32. It is 0."},
		},
		"retries in the environment that are not a number": {
			config: `{}`,
			env:    map[string]string{envMaxRetries: "many"},
			want:   []string{"The environment variable LLMUSERS_MAX_RETRIES", "must be a whole number from 0 to 10", `It is "many"`},
		},
		"concurrency in the environment out of range": {
			config: `{}`,
			env:    map[string]string{envMaxConcurrency: "33"},
			want:   []string{"The environment variable LLMUSERS_MAX_CONCURRENCY", "must be a whole number from 1 to 32", `It is "33"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diagnostics := newServer(t, newTestProvider(test.env)).configure(t, test.config)
			if len(diagnostics) != 1 || !hasError(diagnostics) || diagnostics[0].Summary != invalidValue {
				t.Fatalf("got %d diagnostics, want one error about a value:\n%s", len(diagnostics), text(diagnostics))
			}
			got := text(diagnostics)
			for _, part := range test.want {
				if !strings.Contains(strings.Join(strings.Fields(got), " "), part) {
					t.Errorf("the error lacks %q:\n%s", part, got)
				}
			}
			if strings.Contains(got, "s3cret") {
				t.Errorf("the error has the credential:\n%s", got)
			}
		})
	}
}

func TestConfigurationReportsEverything(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTestProvider(map[string]string{envMaxRetries: "x", envOpenlayerBaseURL: "x", envVectaraCustomerID: "x"}))
	if got := s.configure(t, `{}`); len(got) != 3 {
		t.Errorf("got %d diagnostics, want 3:\n%s", len(got), text(got))
	}
}

// checkBaseURL accepts http only for a loopback address, and rejects an invalid URL.
func TestLoopback(t *testing.T) {
	t.Parallel()
	for url, good := range map[string]bool{
		"http://LOCALHOST:8080":     true,
		"https://example.com/ ":     false,
		"https://example.com:0":     false,
		"http://localhost:8080/v1":  true,
		"http://127.0.0.1":          true,
		"http://127.8.8.8:1/v1":     true,
		"http://[::1]:8080":         true,
		"https://example.com/v1/":   true,
		"http://localhost.evil.io":  false,
		"http://127.0.0.1.evil.io":  false,
		"http://10.0.0.1":           false,
		"http://[::2]":              false,
		"https://":                  false,
		"https:///v1":               false,
		"https://a b":               false,
		"https://example.com:x":     false,
		"https://example.com:99999": false,
	} {
		if err := checkBaseURL(url); (err == nil) != good {
			t.Errorf("checkBaseURL(%q) = %v", url, err)
		}
	}
}

// A missing or unknown setting is an error only for a data source that needs it. If Terraform allows deferral, a data
// source that needs an unknown setting is deferred instead.
func TestMissingAndUnknownCredentials(t *testing.T) {
	t.Parallel()
	deferral := &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true}
	for name, test := range map[string]struct {
		config  string
		unknown []string
		without []string // unset variables
		source  string
		read    string
		allowed *tfprotov6.ReadDataSourceClientCapabilities
		want    []string // parts of the errors; nil if the read succeeds or is deferred
		defers  bool
	}{
		"openlayer without vectara": {
			without: []string{envVectaraCustomerID, envVectaraOAuthToken},
			source:  "openlayer_pipeline_users", read: readOpenlayer,
		},
		"vectara without openlayer": {
			without: []string{envOpenlayerAPIKey},
			source:  "vectara_users", read: readVectara,
		},
		"no api key": {
			without: []string{envOpenlayerAPIKey},
			source:  "openlayer_pipeline_users", read: readOpenlayer,
			want: []string{"Openlayer API key missing", "openlayer_api_key", "OPENLAYER_API_KEY"},
		},
		"no token": {
			without: []string{envVectaraOAuthToken},
			source:  "vectara_users", read: readVectara,
			want: []string{"Vectara credential missing", "vectara_oauth_token, or vectara_client_id and vectara_client_secret", "VECTARA_OAUTH_TOKEN"},
		},
		"no token and no customer id are two errors of v1": {
			without: []string{envVectaraOAuthToken, envVectaraCustomerID}, config: `{"vectara_api_version": "v1"}`,
			source: "vectara_users", read: readVectara,
			want: []string{"Vectara credential missing", "Vectara customer ID missing", `The provider uses REST v1, because vectara_api_version is "v1"`,
				"vectara_customer_id", "VECTARA_CUSTOMER_ID", "customer_id in this block", `To use v2, set vectara_api_version = "v2"`},
		},
		"unknown api key": {
			config: `{}`, unknown: []string{"openlayer_api_key"},
			source: "openlayer_pipeline_users", read: readOpenlayer,
			want: []string{"Openlayer API key not known yet", "openlayer_api_key", "OPENLAYER_API_KEY"},
		},
		"unknown api key, deferred": {
			config: `{}`, unknown: []string{"openlayer_api_key"},
			source: "openlayer_pipeline_users", read: readOpenlayer,
			allowed: deferral, defers: true,
		},
		"unknown retries": {
			unknown: []string{"max_retries"},
			source:  "vectara_users", read: readVectara,
			want: []string{"Number of retries not known yet", "max_retries", "LLMUSERS_MAX_RETRIES"},
		},
		"unknown concurrency, deferred": {
			unknown: []string{"max_concurrency"},
			source:  "openlayer_pipeline_users", read: readOpenlayer,
			allowed: deferral, defers: true,
		},
		"unknown openlayer, vectara works": {
			unknown: []string{"openlayer_api_key", "openlayer_base_url"},
			source:  "vectara_users", read: readVectara,
		},
		"unknown customer id": {
			config: `{}`, unknown: []string{"vectara_customer_id"},
			source: "vectara_users", read: readVectara,
			want: []string{"Vectara customer ID not known yet"},
		},
		"unknown customer id, deferred": {
			config: `{}`, unknown: []string{"vectara_customer_id"},
			source: "vectara_users", read: readVectara,
			allowed: deferral, defers: true,
		},
		"unknown customer id, but the data source's own": {
			config: `{}`, unknown: []string{"vectara_customer_id"},
			source: "vectara_users", read: `{"customer_id": "` + testCustomerID + `"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.SetUsers(testPipeline, nil)
			env := f.environment()
			for _, variable := range test.without {
				delete(env, variable)
			}
			s := newServer(t, newTestProvider(env))
			if test.config == "" {
				test.config = `{}`
			}
			if diagnostics := s.configure(t, test.config, test.unknown...); len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			state, response := s.readWith(context.Background(), t, test.source, test.read, test.allowed)
			got := text(response.Diagnostics)
			for _, part := range test.want {
				if !strings.Contains(got, part) {
					t.Errorf("the error lacks %q:\n%s", part, got)
				}
			}
			if (len(test.want) > 0) != hasError(response.Diagnostics) {
				t.Errorf("got an error: %v, want %v\n%s", hasError(response.Diagnostics), len(test.want) > 0, got)
			}
			if (response.Deferred != nil) != test.defers {
				t.Errorf("deferred: %v, want %v", response.Deferred, test.defers)
			}
			if works := len(test.want) == 0 && !test.defers; works != (users(state) != nil) {
				t.Errorf("got the users %v, want users: %v", users(state), works)
			}
		})
	}
}

// The data sources of a vendor together have up to max_concurrency requests in flight, and no more.
func TestMaxConcurrency(t *testing.T) {
	t.Parallel()
	const limit = 3
	var now, peak atomic.Int64
	full := make(chan struct{}) // closed when limit requests are in flight
	f := newFakes(t)
	f.vectara.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			old := peak.Load()
			if n <= old || peak.CompareAndSwap(old, n) {
				if n == limit && old < limit {
					close(full)
				}
				break
			}
		}
		<-full
		return false
	}
	s := newServer(t, newTestProvider(f.environment()))
	if diagnostics := s.configure(t, fmt.Sprintf(`{"max_concurrency": %d}`, limit)); len(diagnostics) > 0 {
		t.Fatal(text(diagnostics))
	}
	var all sync.WaitGroup
	for i := range 20 { // with different arguments, so that reads do not share a listing
		all.Go(func() {
			config := fmt.Sprintf(`{"num_results": %d}`, 50+i)
			if state, response := s.read(t.Context(), t, "vectara_users", config); users(state) == nil {
				t.Error(text(response.Diagnostics))
			}
		})
	}
	all.Wait()
	if got := peak.Load(); got != limit {
		t.Errorf("%d requests at the same time, want %d", got, limit)
	}
}
