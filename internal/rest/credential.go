package rest

import (
	"context"
	"strings"
)

// Credential is the credential of a client, for example an API key or OAuth tokens.
type Credential interface {
	// Header returns the name and the value of the header that an attempt sends. If the name is empty, the attempt sends
	// no header. If Header returns a failure, the request fails with it.
	Header(ctx context.Context) (name, value string, failure *Error)
	// Accepted is called with a value that the vendor has accepted.
	Accepted(value string)
	// Invalidate is called with a value that the vendor has rejected. It returns whether Header may return a new value.
	Invalidate(value string) bool
	// Secrets returns the texts that must not appear in results, errors and logs.
	Secrets() []string
}

// IsCredential returns whether a text can be a credential: it has only printable characters of ASCII, as RFC 6749 and RFC
// 6750 require of secrets and tokens. The search for secrets depends on it, since Terraform changes other characters.
func IsCredential(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// StaticCredential is a credential that never changes.
type StaticCredential struct {
	// Name is the name of the header. Its value is the Scheme, for example "Bearer ", and the Secret.
	Name, Scheme, Secret string
}

// Header returns the fixed header.
func (s StaticCredential) Header(context.Context) (name, value string, failure *Error) {
	return s.Name, s.Scheme + s.Secret, nil
}

// Accepted does nothing.
func (s StaticCredential) Accepted(string) {}

// Invalidate returns false, because there is no new value.
func (s StaticCredential) Invalidate(string) bool { return false }

// Secrets returns the secret.
func (s StaticCredential) Secrets() []string { return []string{s.Secret} }
