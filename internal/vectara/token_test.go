package vectara_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const (
	clientID     = "client-4711"
	clientSecret = "s3cret/+=&?"
)

// newFakeClient returns a client, and a mock server that accepts the client's ID and secret.
func newFakeClient(t *testing.T, change func(*vectaratest.Fake, *vectara.Config)) (*vectara.Client, *vectaratest.Fake) {
	t.Helper()
	fake := vectaratest.New(customerID, token)
	fake.ClientID, fake.ClientSecret = clientID, clientSecret
	fake.SetUsers(team(25))
	url := vectaratest.NewServer(t, fake).URL
	config := vectara.Config{
		BaseURL:  url,
		ClientID: clientID, ClientSecret: clientSecret, TokenURL: url + vectaratest.TokenPath,
		Options: rest.Options{UserAgent: "test", MaxRetries: 2, Sleep: noSleep},
	}
	if change != nil {
		change(fake, &config)
	}
	client := vectara.New(config)
	return client, fake
}

// All requests use the same token, also the requests of concurrent listings and of both versions.
func TestOneTokenForAll(t *testing.T) {
	t.Parallel()
	client, fake := newFakeClient(t, nil)
	var all sync.WaitGroup
	for range 10 {
		for _, version := range []string{vectara.V1, vectara.V2} {
			all.Go(func() {
				got, err := client.Users(t.Context(), vectara.Query{Version: version, CustomerID: customerID, NumResults: 10})
				if err != nil || len(got.Users) != 25 || strings.HasPrefix(*got.Users[0].ID, "usr_") != (version == vectara.V2) {
					t.Errorf("%s: the users %v and %v", version, ids(got.Users), err)
				}
			})
		}
	}
	all.Wait()
	requests := fake.TokenRequests()
	if len(requests) != 1 {
		t.Fatalf("%d token requests, want 1", len(requests))
	}
	if got, want := string(requests[0].Body), "client_id=client-4711&client_secret=s3cret%2F%2B%3D%26%3F&grant_type=client_credentials"; got != want {
		t.Errorf("the form is %s, want %s", got, want)
	}
	if got := requests[0].Header.Get("User-Agent"); got != "test" {
		t.Errorf("the user agent is %s", got)
	}
}

func TestTokensThatEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*vectaratest.Fake, *vectara.Config)
		again  func(*vectaratest.Fake) // runs between two listings
		tokens int
		err    string
	}{
		"a valid token":                       {tokens: 1},
		"expired between two listings":        {again: (*vectaratest.Fake).ExpireTokens, tokens: 2},
		"expired after each call":             {change: func(f *vectaratest.Fake, _ *vectara.Config) { f.TokenCalls = 1 }, tokens: 12},
		"expired after two calls, no retries": {change: func(f *vectaratest.Fake, c *vectara.Config) { f.TokenCalls, c.Options.MaxRetries = 2, 0 }, tokens: 6},
		"rejected from the start": {change: func(f *vectaratest.Fake, _ *vectara.Config) {
			f.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(http.StatusUnauthorized)
				return true
			}
		}, tokens: 1, err: "HTTP 401"},
		"without expires_in": {change: func(f *vectaratest.Fake, _ *vectara.Config) {
			f.InterceptToken = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer"}`, token)
				return true
			}
		}, tokens: 1},
		"expires_in repeats the token": {change: func(f *vectaratest.Fake, _ *vectara.Config) {
			f.InterceptToken = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprintf(w, `{"access_token": %q, "expires_in": %[1]q}`, token)
				return true
			}
		}, tokens: 1},
		"expires after 100 seconds": {change: func(f *vectaratest.Fake, _ *vectara.Config) {
			f.InterceptToken = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer", "expires_in": 100}`, token)
				return true
			}
		}, tokens: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, fake := newFakeClient(t, test.change)
			for round := range 2 { // with different queries, so that they do not share a listing
				timeout := time.Duration(30+round) * time.Second
				got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID, NumResults: 10, Timeout: timeout})
				if test.err != "" {
					if err == nil || !strings.Contains(err.Error(), test.err) || got.Users != nil {
						t.Errorf("got %v and %v, want an error with %q", got.Users, err, test.err)
					}
					break
				}
				if err != nil || len(got.Users) != 25 {
					t.Fatalf("%d users and %v", len(got.Users), err)
				}
				if test.again != nil {
					test.again(fake)
				}
			}
			if n := len(fake.TokenRequests()); n != test.tokens {
				t.Errorf("%d tokens, want %d", n, test.tokens)
			}
		})
	}
}

// The renewal of a rejected token does not count as a retry.
func TestRenewalIsNotARetry(t *testing.T) {
	t.Parallel()
	client, fake := newFakeClient(t, func(f *vectaratest.Fake, _ *vectara.Config) {
		f.Intercept = func(w http.ResponseWriter, _ *http.Request, n int) bool {
			if n == 1 {
				return false
			}
			w.WriteHeader(map[bool]int{true: http.StatusUnauthorized, false: http.StatusServiceUnavailable}[n == 2])
			return true
		}
	})
	if _, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID, NumResults: 10}); err == nil {
		t.Error("no error")
	}
	if n := len(fake.Requests()); n != 5 { // a page, a 401, and three attempts
		t.Errorf("%d requests, want 5", n)
	}
}

// v2 may send a 403 for an expired token, so the client fetches a new token if v2 accepted this token before.
// Otherwise, and with v1, the 403 is final.
func TestForbiddenToken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version string
		calls   int // that succeed with a token
		tokens  int
		err     string
	}{
		{version: vectara.V2, calls: 2, tokens: 3},
		{version: vectara.V1, calls: 2, tokens: 1, err: "HTTP 403"},
		{version: vectara.V2, calls: 0, tokens: 1, err: "HTTP 403"},
	} {
		client, fake := newFakeClient(t, func(f *vectaratest.Fake, _ *vectara.Config) {
			calls := map[string]int{} // by token
			f.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				token := r.Header.Get("Authorization")
				calls[token]++
				if calls[token] <= test.calls {
					return false
				}
				w.WriteHeader(http.StatusForbidden)
				return true
			}
		})
		got, err := client.Users(t.Context(), vectara.Query{Version: test.version, CustomerID: customerID, NumResults: 10})
		if test.err == "" && (err != nil || len(got.Users) != 25) || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s, a token of %d calls: %d users and %v", test.version, test.calls, len(got.Users), err)
		}
		if n := len(fake.TokenRequests()); n != test.tokens {
			t.Errorf("%s, a token of %d calls: %d tokens, want %d", test.version, test.calls, n, test.tokens)
		}
	}
}

// If the token endpoint rejects the app client, all listings share the error of a single request.
func TestRejectedClientRequestsOneToken(t *testing.T) {
	t.Parallel()
	client, fake := newFakeClient(t, func(_ *vectaratest.Fake, config *vectara.Config) { config.ClientSecret = "wrong" })
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID}); err == nil || !strings.Contains(err.Error(), "invalid_client") {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if n := len(fake.TokenRequests()); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}

// A token from the configuration cannot be renewed, so a 401 is final.
func TestGivenTokenIsNotRenewed(t *testing.T) {
	t.Parallel()
	client, fake := newFakeClient(t, func(_ *vectaratest.Fake, config *vectara.Config) { config.OAuthToken = "expired" })
	if _, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID}); err == nil || !strings.Contains(err.Error(), "HTTP 401") {
		t.Errorf("got %v", err)
	}
	if len(fake.Requests()) != 1 || len(fake.TokenRequests()) != 0 {
		t.Errorf("%d requests, %d for tokens", len(fake.Requests()), len(fake.TokenRequests()))
	}
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	respondWith := func(status int, body string) func(*vectaratest.Fake, *vectara.Config) {
		return func(f *vectaratest.Fake, _ *vectara.Config) {
			f.InterceptToken = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
				return true
			}
		}
	}
	for name, test := range map[string]struct {
		change   func(*vectaratest.Fake, *vectara.Config)
		kind     rest.Kind
		code     string
		text     string
		requests int
	}{
		"a wrong secret":                  {change: func(_ *vectaratest.Fake, c *vectara.Config) { c.ClientSecret = "wrong-s3cret" }, kind: rest.KindStatus, code: "invalid_client", requests: 1},
		"a wrong secret, 401":             {change: respondWith(401, `{"error": "invalid_client"}`), kind: rest.KindStatus, code: "invalid_client", requests: 1},
		"a wrong id":                      {change: func(_ *vectaratest.Fake, c *vectara.Config) { c.ClientID = "nobody" }, kind: rest.KindStatus, code: "invalid_client", requests: 1},
		"a wrong address":                 {change: func(_ *vectaratest.Fake, c *vectara.Config) { c.TokenURL += "s" }, kind: rest.KindStatus, text: "HTTP 404"},
		"a temporary failure":             {change: respondWith(503, "busy"), kind: rest.KindStatus, text: "HTTP 503", requests: 3},
		"html":                            {change: respondWith(200, "<html>"), kind: rest.KindMalformed, text: "not JSON", requests: 1},
		"a number as a token":             {change: respondWith(200, `{"access_token": 73337, "expires_in": 1}`), kind: rest.KindMalformed, text: "/access_token holds a number", requests: 1},
		"an error in a 200":               {change: respondWith(200, `{"access_token": "s3cret", "error": "invalid_client", "error_description": "no"}`), kind: rest.KindStatus, code: "invalid_client", text: `"no"`, requests: 1},
		"a token with a break":            {change: respondWith(200, `{"access_token": "s3cret\ntoken"}`), kind: rest.KindMalformed, text: "a character that is not printable ASCII", requests: 1},
		"a token outside ASCII":           {change: respondWith(200, `{"access_token": "s3cret-tokén"}`), kind: rest.KindMalformed, text: "a character that is not printable ASCII", requests: 1},
		"a long token":                    {change: respondWith(200, `{"access_token": "`+strings.Repeat("s3cret-", 2000)+`"}`), kind: rest.KindMalformed, text: "has 14000 bytes, and may have at most 8192", requests: 1},
		"no token":                        {change: respondWith(200, `{"token_type": "Bearer"}`), kind: rest.KindMalformed, text: `no "access_token"`, requests: 1},
		"a truncated token":               {change: respondWith(200, `{"access_token": "s3cret-tok`), kind: rest.KindMalformed, text: "ends in the middle", requests: 3},
		"a redirect":                      {change: respondWith(302, ""), kind: rest.KindStatus, text: "HTTP 302", requests: 1},
		"an error that repeats the token": {change: respondWith(200, `{"access_token": "eyJ-s3cret-token", "error": "odd", "error_description": "eyJ-s3cret-token is odd"}`), kind: rest.KindStatus, code: "odd", text: "[withheld: it repeats a credential]", requests: 1},
		"an echo of the form": {change: func(f *vectaratest.Fake, _ *vectara.Config) {
			f.InterceptToken = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				_ = r.ParseForm()
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"error": "invalid_request", "error_description": %q}`, "got "+r.Form.Encode()+" "+r.Form.Get("client_secret"))
				return true
			}
		}, kind: rest.KindStatus, code: "invalid_request", text: "[withheld: it repeats a credential]", requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, fake := newFakeClient(t, test.change)
			_, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
			failure, ok := errors.AsType[*rest.Error](err)
			if !ok || failure.Kind != test.kind || failure.Code != test.code || !failure.ForCredential || !strings.Contains(err.Error(), test.text) ||
				!strings.HasPrefix(failure.Name, "the users of Vectara account "+customerID) {
				t.Errorf("got %+v", err)
			}
			if strings.Contains(fmt.Sprint(err), "s3cret") {
				t.Errorf("the secret is in %v", err)
			}
			if n := len(fake.TokenRequests()); test.requests > 0 && n != test.requests {
				t.Errorf("%d token requests, want %d", n, test.requests)
			}
			if n := len(fake.Requests()); n != 0 && name != "a wrong address" {
				t.Errorf("%d requests without a token", n)
			}
		})
	}
}
