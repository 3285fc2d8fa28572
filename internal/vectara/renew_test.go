package vectara

import (
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// A token is used until two minutes before its end, or for half of its life if that is shorter.
func TestWhenTokensAreRenewed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		life, used time.Duration
	}{
		{30 * time.Minute, 28 * time.Minute},
		{4 * time.Minute, 2 * time.Minute},
		{time.Minute, 30 * time.Second},
	} {
		c := newClientCredentials("id", "secret", DefaultTokenURL, rest.Options{})
		c.keep(&oauth2.Token{AccessToken: "t", Expiry: time.Now().Add(test.life)})
		if got := time.Until(c.renewAt); got > test.used || got < test.used-10*time.Second {
			t.Errorf("a token of %s is used for %s, want %s", test.life, got, test.used)
		}
		if c.token() != "t" {
			t.Errorf("a token of %s is not used", test.life)
		}
	}
	c := newClientCredentials("id", "secret", DefaultTokenURL, rest.Options{})
	c.keep(&oauth2.Token{AccessToken: "old", Expiry: time.Now().Add(-time.Second)})
	if c.token() != "" {
		t.Error("a token that has ended is used")
	}
	c.keep(&oauth2.Token{AccessToken: "new"})
	if c.Refused("Bearer old"); c.token() != "new" {
		t.Error("the refusal of an old token has dropped the new one")
	}
	if c.Refused("Bearer new"); c.token() != "" {
		t.Error("a token that was refused is used")
	}
	if got := c.Secrets(); len(got) != 3 {
		t.Errorf("the secrets are %q", got)
	}
}
