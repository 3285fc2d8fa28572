package rest

import "context"

// Credential is what a client shows to its vendor.
type Credential interface {
	// Header gives the name and the value of the header that an attempt sends, none where the name is
	// empty. A failure becomes that of the request.
	Header(ctx context.Context) (name, value string, failure *Error)
	// Accepted says that the vendor has accepted a value.
	Accepted(value string)
	// Invalidate says that the vendor has not accepted a value, and returns whether Header may give
	// another one now.
	Invalidate(value string) bool
	// Secrets are what must not be shown: the value and all that it was made of.
	Secrets() []string
}

// StaticCredential is a credential that never changes.
type StaticCredential struct {
	// Name is the header; its value is the Scheme, such as "Bearer ", followed by the Secret. Without a name,
	// no header is sent: the secret is in the body.
	Name, Scheme, Secret string
}

// Header gives the fixed value.
func (s StaticCredential) Header(context.Context) (name, value string, failure *Error) {
	return s.Name, s.Scheme + s.Secret, nil
}

// Accepted does nothing.
func (s StaticCredential) Accepted(string) {}

// Invalidate returns false: there is no other one.
func (s StaticCredential) Invalidate(string) bool { return false }

// Secrets are the one secret.
func (s StaticCredential) Secrets() []string { return []string{s.Secret} }
