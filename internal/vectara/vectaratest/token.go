package vectaratest

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// TokenPath is the path of the token endpoint, which issues OAuth tokens for client credentials.
const TokenPath = "/oauth2/token"

// defaultTokenLifetime is the documented lifetime.
const defaultTokenLifetime = 30 * time.Minute

// issuedToken is a token that the token endpoint has issued.
type issuedToken struct {
	value   string
	expires time.Time
	calls   int // API calls so far
	killed  bool
}

// Tokens returns all tokens so far, in order. They include expired tokens.
func (f *Fake) Tokens() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	values := make([]string, 0, len(f.issued))
	for _, token := range f.issued {
		values = append(values, token.value)
	}
	return values
}

// ExpireTokens makes all tokens so far invalid.
func (f *Fake) ExpireTokens() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, token := range f.issued {
		token.killed = true
	}
}

// authenticates reports whether the Authorization header of an API call has a valid token. It counts the call.
func (f *Fake) authenticates(authorization string) bool {
	value, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return false
	}
	if value == f.token {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.issued, func(token *issuedToken) bool { return token.value == value })
	if i < 0 {
		return false
	}
	token := f.issued[i]
	if token.killed || !f.now().Before(token.expires) || f.TokenCalls > 0 && token.calls >= f.TokenCalls {
		return false
	}
	token.calls++
	return true
}

func (f *Fake) now() time.Time {
	if f.Now != nil {
		return f.Now()
	}
	return time.Now()
}

// issue returns a new token and its lifetime.
func (f *Fake) issue() (string, time.Duration) {
	lifetime := f.TokenLifetime
	if lifetime == 0 {
		lifetime = defaultTokenLifetime
	}
	// Three random parts, so that the token looks like a JWT.
	value := rand.Text() + "." + rand.Text() + "." + rand.Text()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued = append(f.issued, &issuedToken{value: value, expires: f.now().Add(lifetime)})
	return value, lifetime
}

// tokenResponse is the body of a 200.
type tokenResponse struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"` // whole seconds
}

// tokenError is the body of an error response (RFC 6749, section 5.2).
type tokenError struct {
	status      int
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func refuseToken(status int, code, format string, args ...any) *tokenError {
	return &tokenError{status: status, Code: code, Description: fmt.Sprintf(format, args...)}
}

func (f *Fake) serveToken(w http.ResponseWriter, r *http.Request) {
	f.wait(r)
	w.Header().Set("Cache-Control", "no-store")
	if refused := f.checkTokenRequest(r); refused != nil {
		switch refused.status {
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", http.MethodPost)
		case http.StatusUnauthorized:
			w.Header().Set("WWW-Authenticate", "Basic")
		}
		fakehttp.WriteJSON(w, refused.status, refused)
		return
	}
	token, lifetime := f.issue()
	fakehttp.WriteJSON(w, http.StatusOK, tokenResponse{
		AccessToken: token,
		TokenType:   "Bearer",
		ExpiresIn:   max(0, int64(lifetime/time.Second)),
	})
}

// checkTokenRequest checks a request against RFC 6749, sections 2.3.1 and 4.4.2. The RFC requires a server to ignore
// unknown parameters, but the mock server rejects them, including scope.
func (f *Fake) checkTokenRequest(r *http.Request) *tokenError {
	malformed := func(format string, args ...any) *tokenError {
		return refuseToken(http.StatusBadRequest, "invalid_request", format, args...)
	}
	if r.Method != http.MethodPost {
		return refuseToken(http.StatusMethodNotAllowed, "invalid_request", "the method is POST, not %s", r.Method)
	}
	if r.URL.RawQuery != "" {
		return malformed("parameters belong in the body, not in the URL")
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/x-www-form-urlencoded" {
		return malformed("the body is not declared as a form")
	}
	if err := r.ParseForm(); err != nil {
		return malformed("the body is not a form")
	}
	known := 0
	for _, name := range []string{"grant_type", "client_id", "client_secret"} {
		if len(r.PostForm[name]) > 1 {
			return malformed("the parameter %s stands there twice", name)
		}
		if r.PostForm.Has(name) {
			known++
		}
	}
	if len(r.PostForm) > known {
		return malformed("the body has a parameter that is not known")
	}
	if refused := f.checkClient(r); refused != nil {
		return refused
	}
	// In the RFC, an empty parameter is a missing parameter.
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
		return nil
	case "":
		return malformed("grant_type is missing")
	default:
		return refuseToken(http.StatusBadRequest, "unsupported_grant_type", "the one grant type is client_credentials")
	}
}

// checkClient checks the app client's ID and secret, from the form or from Basic authentication.
func (f *Fake) checkClient(r *http.Request) *tokenError {
	const code = "invalid_client"
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	status := http.StatusBadRequest
	if r.Header.Get("Authorization") != "" {
		if id != "" || secret != "" {
			return refuseToken(http.StatusBadRequest, "invalid_request", "the client authenticates in two ways")
		}
		status = http.StatusUnauthorized // required by the RFC for Basic authentication, optional for the form
		user, password, ok := r.BasicAuth()
		if !ok {
			return refuseToken(status, code, "the client does not authenticate by Basic")
		}
		// The RFC requires form encoding for both, so that they may contain a colon.
		var err1, err2 error
		id, err1 = url.QueryUnescape(user)
		secret, err2 = url.QueryUnescape(password)
		if err1 != nil || err2 != nil {
			return refuseToken(status, code, "the client's id or secret is not encoded as in a form")
		}
	}
	switch {
	case id == "" && secret == "":
		return refuseToken(status, code, "the client does not authenticate")
	case f.ClientID == "", !equal(id, f.ClientID), !equal(secret, f.ClientSecret):
		return refuseToken(status, code, "the client or its secret is not known")
	}
	return nil
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
