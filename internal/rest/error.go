package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says in which way a request failed.
type Kind int

const (
	// KindRequest is a request that could not be built.
	KindRequest Kind = iota
	// KindConnection is an attempt without a whole response: no connection, a broken one, a bad certificate.
	KindConnection
	// KindStatus is a response whose status or body says what is wrong: a 4xx or 5xx, a 3xx with its target in
	// Message, a 202 that was polled, or a 200 with a failure in its body.
	KindStatus
	// KindMalformed is a response with a status of 2xx that is not as the vendor documents it.
	KindMalformed
	// KindAttemptTimeout is an attempt that was given up because its response took too long.
	KindAttemptTimeout
	// KindTooLarge is a response that would take too much memory.
	KindTooLarge
	// KindListingTooLarge is a listing that would take too much memory, although each response does not.
	KindListingTooLarge
	// KindDeadline is the end of the caller's time limit, or a wait that would pass it.
	KindDeadline
	// KindCanceled is the caller's own cancellation.
	KindCanceled
	// KindInconsistent is a listing that was different in each pass, or that never ends.
	KindInconsistent
	// KindDuplicateID is a listing with two ids that Terraform cannot distinguish.
	KindDuplicateID
)

// Error is a request, or a listing of several requests, that failed for good.
type Error struct {
	// Kind is the way in which it failed.
	Kind Kind
	// Name says what was read.
	Name string
	// ForCredential says that it was the request for a credential that failed, before the one for
	// what was to be read.
	ForCredential bool
	// Method and URL of the request; the URL is without the query.
	Method, URL string
	// Status is the HTTP status of the last response, 0 when the last attempt brought none.
	Status int
	// Code and Message are the vendor's own words in that response, as far as it had any.
	Code, Message string
	// Attempts is how often the request was sent.
	Attempts int
	// Wait is the wait that would have passed the time limit, when there was one.
	Wait time.Duration
	// Err says what is wrong with the connection, or with the response.
	Err error

	quote string // of the body, where only that explains the failure; fit to be shown
	next  next
}

// next is what a failed attempt means for the next attempt.
type next struct {
	sent       bool          // the attempt was sent, and counts
	retryable  bool          // the same request may succeed
	retryAfter time.Duration // the wait that the server demands, or 0
	renewed    bool          // the credential was rejected, and there is a new one
	moreTime   bool          // the vendor's time limit was too short
	paused     bool          // other requests wait until throttle.resume
}

// Error says what was read, how it failed and how often it was attempted. It never holds a credential.
func (e *Error) Error() string {
	return fmt.Sprintf("reading %s: %s %s: %s (attempts: %d)", e.Name, e.Method, e.URL, e.Outcome(), e.Attempts)
}

// Outcome describes the last response, or the failure to get one, in one line.
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
		parts = append(parts, "the body begins "+e.quote)
	}
	if len(parts) == 0 {
		return "no response"
	}
	return strings.Join(parts, ", ")
}

// Final says that the same request will fail again, however often it is sent.
func (e *Error) Final() bool { return finalStatus(e.Status) }

const (
	maxQuote     = 200      // characters of a body that is not what it should be, or of a code
	maxMessage   = 500      // characters of a vendor's own message
	maxInspected = 64 << 10 // bytes of either in which credentials are looked for
	withheld     = "[withheld: it repeats a credential]"
)

// shown makes a failure fit to be shown: without credentials, without characters that move a terminal's cursor,
// and without more of a response than helps, since it may be kept while its request waits for the next attempt.
func (c *Client) shown(failure *Error) *Error {
	failure.Code = c.show(failure.Code, maxQuote, printable)
	failure.Message = c.show(failure.Message, maxMessage, printable)
	if failure.Err != nil {
		failure.Err = errors.New(c.show(failure.Err.Error(), maxMessage, printable))
	}
	return failure
}

// show writes the beginning of a text, unless there is a credential in it.
func (c *Client) show(text string, limit int, write func(string) string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxInspected)], "\uFFFD")
	if c.secrets().foundInText(text) {
		return withheld
	}
	return write(truncate(text, limit))
}

// printable replaces what is no visible character or ASCII space: control characters, changes of the writing
// direction, invisible ones.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

func truncate(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit]) + "…"
}
