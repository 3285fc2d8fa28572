package rest

import "context"

// Credential is what a client shows to its vendor.
type Credential interface {
	// Header gives the name and the value of the header that a try carries. An [*Error] that it
	// returns is the error of the request.
	Header(ctx context.Context) (name, value string, err error)
	// Refused is told of a value that the vendor did not accept, and tells whether Header may
	// give another one now.
	Refused(value string) bool
	// Secrets are what must not be shown: the value and all that it was made of.
	Secrets() []string
}

// Fixed is a credential that never changes.
type Fixed struct {
	// Name is the header; its value is the Scheme, such as "Bearer ", followed by the Secret.
	Name, Scheme, Secret string
}

// Header gives the fixed value.
func (f Fixed) Header(context.Context) (name, value string, err error) {
	return f.Name, f.Scheme + f.Secret, nil
}

// Refused tells that there is no other.
func (f Fixed) Refused(string) bool { return false }

// Secrets are the one secret.
func (f Fixed) Secrets() []string { return []string{f.Secret} }
