package vectara

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// The client uses a token until two minutes before it expires, or for half of its life, if the token lives less than
// four minutes.
func TestWhenTokensAreRenewed(t *testing.T) {
	t.Parallel()
	for expiresIn, used := range map[string]time.Duration{
		`1800`: 28 * time.Minute, `"1800"`: 28 * time.Minute, `240`: 2 * time.Minute, `60`: 30 * time.Second,
		`null`: 0, `{}`: 0, `"soon"`: 0, `-5`: 0, `0`: 0, `1e3`: 0, // until the vendor rejects it
	} {
		tokens := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			tokens++
			fmt.Fprintf(w, `{"access_token": "token-%d", "expires_in": %s}`, tokens, expiresIn)
		}))
		t.Cleanup(server.Close)
		c := newClientCredentials("id", "secret-of-the-client", server.URL, rest.Options{})
		get := func(want string) {
			t.Helper()
			if _, value, err := c.Header(t.Context()); err != nil || value != "Bearer "+want {
				t.Errorf("%s: got %q and %v, want %s", expiresIn, value, err, want)
			}
		}
		get("token-1")
		get("token-1")
		if got := time.Until(c.renewAt); used == 0 && !c.renewAt.IsZero() || used > 0 && (got > used || got < used-10*time.Second) {
			t.Errorf("%s: the token is used for %s, want %s", expiresIn, got, used)
		}
		c.renewAt = time.Now()
		get("token-2")
		c.renewAt = time.Time{}
		if !c.Invalidate("Bearer token-1") {
			t.Errorf("%s: Invalidate returns false for a token that was replaced", expiresIn)
		}
		get("token-2")
		if c.Invalidate("Bearer token-2") {
			t.Errorf("%s: Invalidate returns true for a token that was never accepted", expiresIn)
		}
		c.Accepted("Bearer token-1") // no longer the current token
		if c.Invalidate("Bearer token-2") {
			t.Errorf("%s: the current token counts as accepted, because an old token was accepted", expiresIn)
		}
		c.Accepted("Bearer token-2")
		if !c.Invalidate("Bearer token-2") {
			t.Errorf("%s: Invalidate returns false for a token that was accepted", expiresIn)
		}
		get("token-3")
		if got := c.Secrets(); len(got) != 4 {
			t.Errorf("%s: the secrets are %q", expiresIn, got)
		}
	}
}

// The client remembers its secret and only the latest tokens, since the search for each of them takes time.
func TestSecretsAreLimited(t *testing.T) {
	t.Parallel()
	c := newClientCredentials("id", "secret-of-the-client", "", rest.Options{})
	for i := range 20 {
		c.remember(fmt.Sprint("token-", i))
	}
	if got, want := fmt.Sprint(c.Secrets()), "[secret-of-the-client token-16 token-17 token-18 token-19]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
