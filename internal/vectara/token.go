package vectara

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/semaphore"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// DefaultTokenURL is where Vectara gives out tokens. Its documents name two more, at
// auth.vectara.com and, for each customer, at amazoncognito.com.
const DefaultTokenURL = "https://auth.vectara.io/oauth2/token"

const (
	// A token is renewed this long before it ends, as Vectara's own client does, or at half of its
	// life if that is shorter. It lives 30 minutes.
	renewBefore = 2 * time.Minute
	// tokenTimeout is when a request for a token is given up for another one.
	tokenTimeout = 30 * time.Second
)

// clientCredentials gets tokens for a client ID and secret, one at a time, and shares each until it
// ends or is refused.
type clientCredentials struct {
	config clientcredentials.Config
	rest   *rest.Client

	// fetching is held by the one request that asks for a token. It is not a mutex, since whoever
	// waits for it can be interrupted.
	fetching *semaphore.Weighted
	refused  *rest.Error // for good; only whoever holds fetching looks at it

	mu      sync.Mutex
	current string
	renewAt time.Time // zero for a token that does not say when it ends
	given   []string  // all tokens so far
}

var _ rest.Credential = (*clientCredentials)(nil)

func newClientCredentials(id, secret, tokenURL string, options rest.Options) *clientCredentials {
	return &clientCredentials{
		config: clientcredentials.Config{
			ClientID:     id,
			ClientSecret: secret,
			TokenURL:     tokenURL,
			// As Vectara's documents show it. Trying both ways would ask twice.
			AuthStyle: oauth2.AuthStyleInParams,
		},
		rest: rest.New(rest.Config{
			Options:    options,
			BaseURL:    tokenURL,
			Credential: clientSecret(secret),
			Refusal:    tokenRefusal,
		}),
		fetching: semaphore.NewWeighted(1),
	}
}

// Header gives the current token, or a new one.
func (c *clientCredentials) Header(ctx context.Context) (name, value string, err error) {
	if token := c.token(); token != "" {
		return "Authorization", "Bearer " + token, nil
	}
	if err := c.fetching.Acquire(ctx, 1); err != nil {
		return "", "", c.rest.Failed(rest.Request{Method: http.MethodPost}, rest.TimedOut, errors.New("none; another request for a token was still under way"))
	}
	defer c.fetching.Release(1)
	if c.refused != nil { // and would be again, as often as there are data sources
		return "", "", c.refused
	}
	if token := c.token(); token != "" { // somebody else's, in the meantime
		return "Authorization", "Bearer " + token, nil
	}
	token, err := c.config.Token(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: (*tokenTransport)(c.rest)}))
	if err != nil {
		if failure, ok := errors.AsType[*rest.Error](err); ok {
			if rest.FinalStatus(failure.Status) {
				c.refused = failure
			}
			return "", "", failure
		}
		// The OAuth library's own, about an answer that it cannot read.
		return "", "", c.rest.Failed(rest.Request{Method: http.MethodPost}, rest.Malformed, err)
	}
	c.keep(token)
	return "Authorization", "Bearer " + token.AccessToken, nil
}

// token is the current token, empty when there is none or it is about to end.
func (c *clientCredentials) token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.renewAt.IsZero() && !time.Now().Before(c.renewAt) {
		return ""
	}
	return c.current
}

func (c *clientCredentials) keep(token *oauth2.Token) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current, c.renewAt = token.AccessToken, time.Time{}
	c.given = append(c.given, token.AccessToken)
	if !token.Expiry.IsZero() {
		c.renewAt = token.Expiry.Add(-min(renewBefore, time.Until(token.Expiry)/2))
	}
}

// Refused drops the token, unless it is another one by now.
func (c *clientCredentials) Refused(value string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value == "Bearer "+c.current {
		c.current = ""
	}
	return true
}

// Secrets are the client's secret and all tokens so far.
func (c *clientCredentials) Secrets() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{c.config.ClientSecret}, c.given...)
}

// clientSecret is the credential of a request for a token: it is in the form, and in no header.
type clientSecret string

func (clientSecret) Header(context.Context) (name, value string, err error) { return "", "", nil }
func (clientSecret) Refused(string) bool                                    { return false }
func (s clientSecret) Secrets() []string                                    { return []string{string(s)} }

// tokenTransport carries the requests of the OAuth library, so that they are retried, limited,
// logged and worded as all others.
type tokenTransport rest.Client

func (t *tokenTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, err
	}
	var answer rest.Answer
	err = (*rest.Client)(t).Do(request.Context(), rest.Request{
		Reading:      "a token of Vectara",
		Method:       request.Method,
		Body:         form,
		TryTimeout:   tokenTimeout,
		Confidential: true,
		Judge: func(given rest.Answer) (int, error) {
			answer = given
			answer.Body = bytes.Clone(given.Body)
			var token struct {
				AccessToken string `json:"access_token"`
				Error       string `json:"error"`
				Description string `json:"error_description"`
			}
			if err := rest.Decode(given.Body, &token); err != nil {
				return 0, err
			}
			switch {
			case token.Error != "":
				return 0, rest.Refused(rest.Refusal{Code: token.Error, Message: token.Description})
			case token.AccessToken == "":
				return 0, errors.New(`the answer has no "access_token"`)
			case !httpguts.ValidHeaderFieldValue(token.AccessToken) || strings.TrimSpace(token.AccessToken) != token.AccessToken:
				return 0, errors.New(`the "access_token" of the answer cannot be sent in a header`)
			}
			return 0, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: answer.Status,
		// What Judge has read is JSON, whatever it is labelled.
		Header:  http.Header{"Content-Type": {"application/json"}},
		Body:    io.NopCloser(bytes.NewReader(answer.Body)),
		Request: request,
	}, nil
}

// tokenRefusal reads the error of an OAuth token endpoint (RFC 6749, section 5.2).
func tokenRefusal(body []byte) rest.Refusal {
	var refused struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if rest.Decode(body, &refused) != nil {
		return rest.Refusal{}
	}
	return rest.Refusal{Code: refused.Error, Message: refused.Description}
}
