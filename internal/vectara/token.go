package vectara

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// DefaultTokenURL is the URL of Vectara's token endpoint. Vectara also documents token URLs at auth.vectara.com and, for
// each customer, at amazoncognito.com.
const DefaultTokenURL = "https://auth.vectara.io/oauth2/token"

const (
	// renewBefore is the time between the renewal of a token and its expiry, as in Vectara's SDK. A token that lives
	// less than 4 minutes is renewed after half of its life. Vectara's tokens live 30 minutes.
	renewBefore = 2 * time.Minute
	// tokenTimeout is the time limit of a token request.
	tokenTimeout = 30 * time.Second
	// maxToken is the maximum length of a token, in bytes. A token of Vectara has about 1 KiB, and many servers accept no
	// longer header. The search for a token in a response may need a thousand times its length.
	maxToken = 8 << 10
	// maxSecrets is the maximum number of secrets to search for. An earlier token has usually expired, or was rejected.
	maxSecrets = 5
)

// clientCredentials fetches tokens for a client ID and secret (RFC 6749, section 4.4). It uses a token until shortly
// before it expires, or until the vendor rejects it.
type clientCredentials struct {
	id, secret string
	rest       *rest.Client

	// fetching allows a single token request at a time. It is a semaphore and not a mutex, so that waiting for it ends
	// with the caller's context.
	fetching *semaphore.Weighted

	mu       sync.Mutex
	token    string    // empty for no token
	renewAt  time.Time // zero for a token with unknown expiry
	accepted bool      // the vendor has accepted the token
	secrets  []string  // the client secret, and the latest tokens
	failed   *rest.Error
}

var _ rest.Credential = (*clientCredentials)(nil)

func newClientCredentials(id, secret, tokenURL string, options rest.Options) *clientCredentials {
	c := &clientCredentials{id: id, secret: secret, fetching: semaphore.NewWeighted(1), secrets: []string{secret}}
	c.rest = rest.New(rest.Config{
		Options:    options,
		BaseURL:    tokenURL,
		Credential: tokenEndpoint{c},
	})
	return c
}

// tokenEndpoint is the credential of a token request. It sends no header, since the client secret is in the body. Its
// Secrets also include the tokens, since an error of the token endpoint may repeat a token.
type tokenEndpoint struct{ *clientCredentials }

func (tokenEndpoint) Header(context.Context) (_, _ string, _ *rest.Error) { return "", "", nil }
func (tokenEndpoint) Accepted(string)                                     {}
func (tokenEndpoint) Invalidate(string) bool                              { return false }

// Header returns the header with the current token, or with a new token. It keeps a final error, and returns it to all
// later callers without a request.
func (c *clientCredentials) Header(ctx context.Context) (name, value string, failure *rest.Error) {
	if err := c.fetching.Acquire(ctx, 1); err != nil {
		return "", "", c.rest.Complete(rest.Request{Method: http.MethodPost}, rest.Ended(ctx, errors.New("another request for a token was still in flight")))
	}
	defer c.fetching.Release(1)
	c.mu.Lock()
	token, failed := c.token, c.failed
	if !c.renewAt.IsZero() && !time.Now().Before(c.renewAt) {
		token = ""
	}
	c.mu.Unlock()
	switch {
	case failed != nil:
		return "", "", failed
	case token == "":
		if token, failed = c.fetch(ctx); failed != nil {
			return "", "", failed
		}
	}
	return "Authorization", "Bearer " + token, nil
}

// fetch fetches a token.
func (c *clientCredentials) fetch(ctx context.Context) (string, *rest.Error) {
	type tokenResponse struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
		Error       string          `json:"error"`
		Description string          `json:"error_description"`
	}
	var response tokenResponse
	err := c.rest.Do(ctx, rest.Request{
		Name:   "a Vectara token",
		Method: http.MethodPost,
		// The client ID and secret are form fields, as in Vectara's documentation.
		Body:     url.Values{"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {c.secret}},
		Timeout:  tokenTimeout,
		APIError: tokenError,
		Kept:     func() []byte { return nil }, // the token is a credential
		Decode: func(body []byte) (int, error) {
			response = tokenResponse{} // clear the values of an earlier attempt
			if err := rest.Decode(body, &response); err != nil {
				return 0, err
			}
			token := response.AccessToken
			if len(token) > maxToken {
				return 0, fmt.Errorf(`the "access_token" of the response has %d bytes, and may have at most %d`, len(token), maxToken)
			}
			c.remember(token) // before any error of the server, which may repeat the token
			switch {
			case response.Error != "":
				return 0, &rest.Error{Code: response.Error, Message: response.Description}
			case token == "":
				return 0, errors.New(`the response has no "access_token"`)
			case !rest.IsCredential(token) || strings.TrimSpace(token) != token:
				return 0, errors.New(`the "access_token" of the response has white space at an end, or a character that is not printable ASCII`)
			}
			return 0, nil
		},
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if failure, ok := errors.AsType[*rest.Error](err); ok {
		if failure.Final() {
			c.failed = failure
		}
		return "", failure
	}
	c.token, c.renewAt, c.accepted = response.AccessToken, time.Time{}, false
	// expires_in is a number in RFC 6749, but some servers send a string. If it is missing or invalid, the client uses
	// the token until the vendor rejects it.
	if seconds, err := strconv.ParseInt(strings.Trim(string(response.ExpiresIn), `"`), 10, 32); err == nil && seconds > 0 {
		life := time.Duration(seconds) * time.Second
		c.renewAt = time.Now().Add(life - min(renewBefore, life/2))
	}
	return c.token, nil
}

// remember adds a token to the secrets.
func (c *clientCredentials) remember(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if token != "" && !slices.Contains(c.secrets, token) {
		c.secrets = append(c.secrets, token)
	}
	if len(c.secrets) > maxSecrets {
		c.secrets = slices.Delete(c.secrets, 1, 2) // the oldest token
	}
}

// Accepted records that the vendor has accepted a token.
func (c *clientCredentials) Accepted(value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accepted = c.accepted || value == "Bearer "+c.token
}

// Invalidate drops a token that the vendor rejects. It reports whether a retry with another token may help: if the
// vendor accepted this token before, or if another request has replaced it.
func (c *clientCredentials) Invalidate(value string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value != "Bearer "+c.token {
		return true
	}
	if !c.accepted {
		return false
	}
	c.token = ""
	return true
}

// Secrets returns the client secret and the latest tokens.
func (c *clientCredentials) Secrets() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.secrets...)
}

// tokenError decodes an error of a token endpoint (RFC 6749, section 5.2).
func tokenError(_ int, body []byte) *rest.Error {
	var e struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if rest.Decode(body, &e) != nil {
		return &rest.Error{}
	}
	return &rest.Error{Code: e.Error, Message: e.Description}
}
