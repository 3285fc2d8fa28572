// Package rest sends the requests of both vendor clients: it sends one JSON request, reads the whole
// response, sends it again where that can help, and otherwise returns an [Error] that says what was
// read, what came back and how often it was attempted. It knows nothing of Terraform and nothing of
// either vendor.
//
// A vendor's client decides how a response is decoded and how the vendor words an error. The rest is
// the same for both: which failures are retryable, how long to wait, how large a response may be, how
// many requests are in flight, that no redirect is followed, and that no credential gets into a
// result, an error or a log.
package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Options are what the clients of both vendors share.
type Options struct {
	// UserAgent is sent with every request.
	UserAgent string
	// MaxRetries is how often a failed request is sent again; 0 sends it once.
	MaxRetries int
	// Concurrency is how many requests of the client may be in flight. 0 is 1.
	Concurrency int
	// Memory bounds the responses in flight, together with those of other clients that have the same Memory. With
	// nil, the client has its own.
	Memory *Memory
	// Sleep, where set, replaces the waits between two requests, for tests. It returns the context's error
	// if that ends first.
	Sleep func(ctx context.Context, wait time.Duration) error
	// Log, where set, gets one line an attempt. Its form is that of terraform-plugin-log's tflog.Debug.
	Log func(ctx context.Context, message string, fields ...map[string]any)
}

// Config is what one vendor's client adds to the [Options].
type Config struct {
	Options
	// BaseURL is what every path is appended to, without a slash at its end.
	BaseURL string
	// Credential is sent with every request.
	Credential Credential
	// APIError reads the vendor's code and message from a response with an error status. The zero value says
	// that there is none; the body is quoted then.
	APIError func(status int, body []byte) APIError
}

// APIError is a failure in the vendor's own words.
type APIError struct {
	// Code and Message are the vendor's.
	Code, Message string
	// Retryable says that the code, whatever the HTTP status, is documented as temporary.
	Retryable bool
	// Unauthorized says that the vendor did not accept the credential, as the HTTP status 401 does.
	Unauthorized bool
	// DeadlineExceeded says that the vendor's own time limit was too short: the next attempt gets twice as much.
	DeadlineExceeded bool
	// RateLimited says that the vendor is requested too often, as the HTTP status 429 does.
	RateLimited bool
}

// Error gives code and message. A [Request]'s Decode returns an APIError where a response with the status
// 200 carries a failure.
func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// Client sends requests to one vendor. It is safe for concurrent use.
type Client struct {
	config       Config
	transport    *http.Transport
	throttle     *throttle
	proxySecrets []string

	mu     sync.Mutex
	filter *secretFilter // for the secrets so far
}

// New returns a client with a connection pool of its own.
func New(config Config) *Client {
	config.Concurrency = max(1, config.Concurrency)
	if config.Memory == nil {
		config.Memory = new(Memory)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert,forbidigo // A copy; net/http documents the type.
	// As many connections as there may be requests stay open between two pages.
	transport.MaxIdleConnsPerHost = config.Concurrency
	transport.MaxResponseHeaderBytes = maxHeader
	return &Client{
		config:       config,
		transport:    transport,
		throttle:     newThrottle(config.Concurrency),
		proxySecrets: proxySecrets(config.BaseURL),
	}
}

// Concurrency is how many requests may be in flight.
func (c *Client) Concurrency() int { return c.config.Concurrency }

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.transport.CloseIdleConnections() }

// Request is one request to a vendor.
type Request struct {
	// Name says what is read, for errors: "page 3 of the users of …".
	Name string
	// Method and Path, which is appended to the base URL and starts with a slash.
	Method, Path string
	Query        url.Values
	// Body is sent as a form if it is a url.Values, and as JSON otherwise; nil sends none.
	Body any
	// Timeout is how long the vendor may take for a response, and Header gives the headers that say so to the
	// vendor; nil sends none. An attempt takes at most Timeout and Grace, until the last byte.
	Timeout, Grace time.Duration
	Header         func(timeout time.Duration) http.Header
	// Poll says that a 202 is no failure, but means that the response is not ready yet.
	Poll bool
	// Kept is what Decode has kept of the body, where that leaves out secrets which the API documents there. Credentials
	// are looked for in it, and no body is quoted. Nil is the whole body.
	Kept func() []byte
	// Decode decodes the body of a response with the status 200, which it must not keep, and counts the users in
	// it, for the log. Its error says what is not as documented, or is an [*APIError].
	Decode func(body []byte) (users int, err error)
}

// Do sends the request until a response is good, or until another attempt cannot help. Any error is an
// [*Error].
//
// Three kinds of attempt are followed by another one: a retryable failure, after a backoff and at most
// MaxRetries times; a 202 that is polled, until the context ends; and, once, a credential that the vendor
// no longer accepts, where there is a new one.
func (c *Client) Do(ctx context.Context, r Request) error {
	var last *Error
	attempts, retries, polls, renewed := 0, 0, 0, false
	for {
		failure := c.attempt(ctx, r, attempts+1)
		if failure == nil {
			return nil
		}
		if failure.next.sent {
			attempts++
		}
		if ctx.Err() == nil || last == nil {
			last = failure // after the end of the context, the failure before it has the reason
		}
		if !last.ForCredential {
			last.Attempts = attempts
		}

		var wait time.Duration
		again := ctx.Err() == nil
		switch next := failure.next; {
		case !again:
			last.Kind = EndOf(ctx)
		case failure.Kind == KindStatus && failure.Status == http.StatusAccepted:
			polls++
			wait = cmp.Or(next.retryAfter, pollInterval(polls))
		case next.renewed && !renewed:
			renewed = true // a dead token is no failed attempt
		case next.retryable && retries < c.config.MaxRetries:
			retries++
			wait = cmp.Or(next.retryAfter, backoff(retries))
			if next.moreTime {
				r.Timeout *= 2
			}
		default:
			again = false
		}
		if deadline, ok := ctx.Deadline(); again && ok && time.Until(deadline) < wait {
			// Waiting would only use up the time that is left.
			last.Kind, last.Wait, again = KindDeadline, wait, false
		}
		if again && c.sleep(ctx, wait) != nil {
			last.Kind, again = EndOf(ctx), false
		}
		if failure.next.paused {
			c.throttle.resume()
		}
		if !again {
			return last
		}
	}
}

// Failed returns the error of a request, or of a listing of several, whose responses were good one by
// one; the reason says what is wrong.
func (c *Client) Failed(r Request, kind Kind, reason error) *Error {
	return c.shown(c.failure(r, kind, 0, reason))
}

// failure is an error about the request, which is not fit to be shown yet.
func (c *Client) failure(r Request, kind Kind, status int, reason error) *Error {
	return &Error{Kind: kind, Name: r.Name, Method: r.Method, URL: c.config.BaseURL + r.Path, Status: status, Err: reason}
}

// EndOf is the kind of error of a context that has ended.
func EndOf(ctx context.Context) Kind {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return KindDeadline
	}
	return KindCanceled
}

func (c *Client) sleep(ctx context.Context, wait time.Duration) error {
	if c.config.Sleep != nil {
		return c.config.Sleep(ctx, wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
