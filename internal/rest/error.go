package rest

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says in which way a request failed.
type Kind int

const (
	// Unsent is a request that could not be built.
	Unsent Kind = iota
	// Unreachable is a try without a whole answer: no connection, a broken one, a bad certificate.
	Unreachable
	// Status is an answer with a status of 4xx or 5xx.
	Status
	// InBody is an answer with a status of 2xx that carries a failure in its body.
	InBody
	// Redirected is an answer that points elsewhere; its target is in Message.
	Redirected
	// Malformed is an answer with a status of 2xx that does not have the documented shape.
	Malformed
	// Slow is a try that was given up because its answer took too long.
	Slow
	// TooLarge is an answer that is larger than any listing.
	TooLarge
	// TimedOut is the end of the caller's time limit, or a wait that would pass it.
	TimedOut
	// Interrupted is the caller's own cancellation.
	Interrupted
	// Unsteady is a listing that was different at each reading, or that never ends.
	Unsteady
)

// Error is a request, or a listing of several requests, that failed for good.
type Error struct {
	// Kind is the way in which it failed.
	Kind Kind
	// Reading names what was read.
	Reading string
	// ForCredential says that it was the request for a credential that failed, before the one for
	// what was to be read.
	ForCredential bool
	// Method and URL of the request; the URL is without the query.
	Method, URL string
	// Status is the HTTP status of the last answer, 0 when the last try brought none.
	Status int
	// Code and Message are the vendor's own words in that answer, as far as it had any.
	Code, Message string
	// Tries is how often the request was sent.
	Tries int
	// Wait is the wait that would have passed the time limit, when there was one.
	Wait time.Duration
	// Err says what is wrong with the connection, or with the answer.
	Err error

	body         []byte // to be quoted, where the vendor's own words are missing
	quote        string // of the body, fit to be shown
	unauthorized bool   // the vendor did not accept the credential
}

// Error tells what was read, how it failed and how often it was tried. It never holds a
// credential.
func (e *Error) Error() string {
	return fmt.Sprintf("reading %s: %s %s: %s (tries: %d)", e.Reading, e.Method, e.URL, e.Answer(), e.Tries)
}

// Answer words the last answer, or the failure to get one, in one line.
func (e *Error) Answer() string {
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
		return "no answer"
	}
	return strings.Join(parts, ", ")
}

// as returns a copy of the error with its kind and cause.
func (e Error) as(kind Kind, err error) *Error {
	e.Kind, e.Err = kind, err
	return &e
}

// refusedError is a failure that a 2xx answer carries in its body.
type refusedError struct{ Refusal }

func (e *refusedError) Error() string { return e.Code + ": " + e.Message }

// Refused is what a Judge returns for a 2xx answer that carries a failure in its body.
func Refused(refusal Refusal) error { return &refusedError{refusal} }

const (
	longestQuote   = 200     // characters of a body that is not what it should be
	longestMessage = 500     // characters of a vendor's own message
	longestSearch  = 1 << 20 // bytes of a body in which credentials are looked for before it is cut
)

// shown makes the failure fit to be shown: without credentials, control characters, or more of
// an answer than helps. What is cut is cut last, so that no half of a credential is left.
func (c *Client) shown(failure Error) *Error {
	redact := redactor(c.config.Credential.Secrets())
	failure.Code = printable(redact(failure.Code), longestQuote)
	failure.Message = printable(redact(failure.Message), longestMessage)
	if len(failure.body) > 0 {
		body := failure.body[:min(len(failure.body), longestSearch)]
		failure.quote = strconv.Quote(cut(redact(strings.ToValidUTF8(string(body), "\uFFFD")), longestQuote))
		failure.body = nil
	}
	if failure.Err != nil {
		failure.Err = errors.New(printable(redact(failure.Err.Error()), longestMessage))
	}
	return &failure
}

// redactor returns what cuts the credentials out of a text, since a server may repeat the request's
// headers in its answer: in upper or lower case, and escaped in any of the ways of JSON, HTML and
// URLs, or in base64.
func redactor(secrets []string) func(text string) string {
	var forms []string
	// The longest first, where one is the beginning of another.
	for _, secret := range slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return cmp.Compare(len(b), len(a)) }) {
		if secret == "" {
			continue
		}
		for _, text := range []string{"Bearer " + secret, secret} {
			forms = append(forms, regexp.QuoteMeta(base64.StdEncoding.EncodeToString([]byte(text))))
		}
		var escaped strings.Builder
		for _, c := range secret {
			escaped.WriteString(escapedRune(c))
		}
		forms = append(forms, escaped.String())
	}
	if len(forms) == 0 {
		return func(text string) string { return text }
	}
	pattern := regexp.MustCompile("(?i)" + strings.Join(forms, "|"))
	return func(text string) string { return pattern.ReplaceAllLiteralString(text, "[credential]") }
}

// escapedRune is a regular expression for a character of a credential, and all that may be written in
// its place.
func escapedRune(c rune) string {
	percent := ""
	for _, b := range []byte(string(c)) {
		percent += fmt.Sprintf("%%%02x", b)
	}
	forms := []string{`\\?` + regexp.QuoteMeta(string(c)), fmt.Sprintf(`\\+u%04x`, c), percent}
	if !unicode.IsLetter(c) && !unicode.IsDigit(c) { // what HTML may escape
		forms = append(forms, fmt.Sprintf("&#0*%d;", c), fmt.Sprintf("&#x0*%x;", c))
	}
	switch c {
	case '&':
		forms = append(forms, "&amp;")
	case '<':
		forms = append(forms, "&lt;")
	case '>':
		forms = append(forms, "&gt;")
	case '"':
		forms = append(forms, "&quot;")
	case '\'':
		forms = append(forms, "&apos;")
	case ' ':
		forms = append(forms, `\+`)
	}
	return "(?:" + strings.Join(forms, "|") + ")"
}

// printable replaces what would move a terminal's cursor, and shortens the text.
func printable(text string, longest int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return cut(text, longest)
}

func cut(text string, longest int) string {
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "…"
}
