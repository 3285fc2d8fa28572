package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Kind is the kind of an [Error].
type Kind int

const (
	// KindRequest is a request that cannot be built.
	KindRequest Kind = iota
	// KindConnection is an attempt without a whole response: no connection, a broken connection or a bad certificate.
	KindConnection
	// KindStatus is a response without a result: a 4xx or 5xx, a 3xx with its target in Message, a 202 that was
	// polled, or a 200 with the vendor's error in its body.
	KindStatus
	// KindMalformed is a response with a status below 300 that differs from the vendor's document.
	KindMalformed
	// KindAttemptTimeout is an attempt that has reached its time limit.
	KindAttemptTimeout
	// KindTooLarge is a response that would need too much memory.
	KindTooLarge
	// KindListingTooLarge is a listing whose users would need too much memory.
	KindListingTooLarge
	// KindDeadline is the end of the caller's time limit, or a wait that would end after it.
	KindDeadline
	// KindCanceled is the cancellation of the caller's context.
	KindCanceled
	// KindInconsistent is a listing of which no pass was complete, or that never ends.
	KindInconsistent
	// KindDuplicateID is a listing with two ids that Terraform cannot distinguish.
	KindDuplicateID
)

// Error is the error of a request or a listing. The code that finds an error sets the fields that only it knows, for
// example the vendor's Code. [Client] adds the request, Status and Attempts.
type Error struct {
	Kind Kind
	// Name is the name of the request.
	Name string
	// ForCredential is true if the request for the credential failed. Then all fields but Name describe that request.
	ForCredential bool
	// URL has no query.
	Method, URL string
	// Status is the HTTP status of the response, or 0 without a whole response.
	Status int
	// Code and Message are the vendor's code and message in the last response.
	Code, Message string
	// Attempts is the number of attempts that sent the request.
	Attempts int
	// Wait is the wait that would have ended after the time limit, or 0.
	Wait time.Duration
	// Err is the cause: of the connection, of the decoding, or of the listing.
	Err error
	// Retryable is true if another attempt, or another pass of a listing, may succeed. [Client] sets it to false for a
	// status of [Error.Final].
	Retryable bool
	// Unauthorized is true if the vendor rejected the credential. [Client] also sets it for a 401.
	Unauthorized bool
	// DeadlineExceeded is true if the vendor's own time limit was too short. The next attempt has twice the Timeout, if it
	// was less than an hour.
	DeadlineExceeded bool
	// RateLimited is true if the vendor received too many requests. [Client] also sets it for a 429, and for a 503 with
	// Retry-After.
	RateLimited bool

	quote      string        // the start of the body, if there is no other explanation
	retryAfter time.Duration // the server's Retry-After, or 0
}

// Error describes the request and its failure. After [Client.Complete], it never contains a credential.
func (e *Error) Error() string {
	return fmt.Sprintf("reading %s: %s %s: %s (attempts: %d)", e.Name, e.Method, e.URL, e.Outcome(), e.Attempts)
}

// Outcome describes the failure of the last attempt in one line.
func (e *Error) Outcome() string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("HTTP %d %s", e.Status, http.StatusText(e.Status))))
	}
	if e.Code != "" {
		parts = append(parts, "code "+e.Code)
	}
	if e.Message != "" {
		parts = append(parts, fmt.Sprintf("%q", e.Message))
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if e.quote != "" {
		parts = append(parts, fmt.Sprintf("the body begins %q", e.quote))
	}
	return strings.Join(parts, ", ")
}

// Final returns whether every retry of the request would fail, even if the vendor's code is retryable.
func (e *Error) Final() bool { return slices.Contains([]int{400, 401, 403, 404}, e.Status) }

const (
	maxQuote     = 200      // characters of a quoted body, or of a vendor's code
	maxMessage   = 500      // characters of a vendor's message
	maxInspected = 64 << 10 // bytes of a text that redactText searches for credentials; the rest is dropped
	withheld     = "[withheld: it repeats a credential]"
)

// redactText returns the start of a text, with spaces instead of unprintable characters, which could move a terminal's
// cursor or change the writing direction. If the text contains a credential, redactText returns withheld.
func (c *Client) redactText(text string, limit int) string {
	text = text[:min(len(text), maxInspected)]
	if c.foundInError(text) {
		return withheld
	}
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case i == limit:
			return string(runes[:limit]) + "…"
		case !unicode.IsPrint(r):
			runes[i] = ' '
		}
	}
	return string(runes)
}
