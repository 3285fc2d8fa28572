// Package rest sends the requests of both vendor clients. It sends a JSON request, reads the whole response, and
// retries a retryable failure. It does not depend on Terraform or on a vendor.
//
// A vendor's client decodes the response and extracts the vendor's error. This package decides which failures are
// retryable and how long to wait. It limits the size of a response and the number of requests in flight. It follows no
// redirect, and keeps credentials out of results, errors and logs.
package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Options are the options that the clients of both vendors share.
type Options struct {
	// UserAgent is sent with every request.
	UserAgent string
	// MaxRetries is the maximum number of retries of a request.
	MaxRetries int
	// Throttle limits the requests in flight, together with other clients that have the same Throttle. With nil, the
	// client sends one request at a time.
	Throttle *Throttle
	// Memory limits the large responses and the large listings of all clients that share it. If it is nil, the client has
	// its own limits.
	Memory *Memory
	// Sleep replaces the wait between two requests in tests. It returns early if the context ends. It may be nil.
	Sleep func(ctx context.Context, wait time.Duration)
	// Log is called once for each attempt that sent the request. It has the signature of tflog.Debug, and may be nil.
	Log func(ctx context.Context, message string, fields ...map[string]any)
}

// Config has the [Options] and the settings of one vendor's client.
type Config struct {
	Options
	// BaseURL is the URL before every path, without a slash at its end.
	BaseURL string
	// Credential is sent with every request.
	Credential Credential
}

// Client sends requests to one vendor. It is safe for concurrent use.
type Client struct {
	config       Config
	transport    *http.Transport
	proxySecrets []string
}

// New returns a client with its own connection pool.
func New(config Config) *Client {
	if config.Throttle == nil {
		config.Throttle = NewThrottle(1)
	}
	if config.Memory == nil {
		config.Memory = NewMemory()
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert,forbidigo // A copy; net/http documents the type.
	// One connection for each request in flight stays open until the next page.
	transport.MaxIdleConnsPerHost = config.Throttle.maxLimit
	transport.MaxResponseHeaderBytes = maxHeader
	transport.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: maxReceiveBuffer}
	return &Client{
		config:       config,
		transport:    transport,
		proxySecrets: proxySecrets(config.BaseURL),
	}
}

// Concurrency returns the maximum number of requests in flight.
func (c *Client) Concurrency() int { return c.config.Throttle.maxLimit }

// Request is one request to a vendor.
type Request struct {
	// Name says in errors what the request reads, for example "the users of …, page 3".
	Name string
	// Path is empty, or starts with a slash. It follows the base URL.
	Method, Path string
	Query        url.Values
	// Body is sent as a form if it is a url.Values, and as JSON otherwise. If it is nil, the request has no body.
	Body any
	// Timeout is the vendor's time limit for a response. Header returns the headers with this limit, and may be nil.
	// An attempt fails after Timeout plus Grace, not counting a wait for another large response.
	Timeout, Grace time.Duration
	Header         func(timeout time.Duration) http.Header
	// Poll is true if a 202 means that the response is not ready yet. Otherwise a 202 is a failure.
	Poll bool
	// Kept is for an API that documents secrets in the body. It returns the part of the body that Decode kept. Only this
	// part is searched for credentials, and errors do not quote the body. If it is nil, the whole body is searched.
	Kept func() []byte
	// Decode decodes the body of a response with the status 200, and returns the number of users for the log. It must
	// not keep the body, whose memory the next response may reuse. Its error describes the difference from the vendor's
	// document, or is an [*Error] as APIError returns it.
	Decode func(body []byte) (users int, err error)
	// APIError decodes the body of a response with an error status. It returns an error with what the response says: its
	// Code, its Message, and the fields from Retryable to RateLimited. Without a message, the error quotes the body.
	APIError func(status int, body []byte) *Error
}

// limit returns the time limit of an attempt.
func (r Request) limit() time.Duration { return r.Timeout + r.Grace }

// Do sends the request until an attempt succeeds or no further attempt can succeed. Every error is an [*Error].
//
// Another attempt follows a retryable failure (after a backoff, at most MaxRetries times), a 202 if Poll is true (until
// the context ends), and a rejected credential (once, if there is a new credential).
func (c *Client) Do(ctx context.Context, r Request) error {
	var result *Error // a failure after the end of the context does not replace it, since it would hide the reason
	attempts, retries, polls, renewed := 0, 0, 0, false
	for {
		credential, sent, failure := c.attempt(ctx, r, attempts+1)
		if failure == nil {
			return nil
		}
		if sent {
			attempts++
		}
		if ctx.Err() == nil || result == nil {
			result = failure
		}
		if !result.ForCredential {
			result.Attempts = attempts
		}

		wait, again := time.Duration(0), true
		switch {
		case ctx.Err() != nil:
			result.Kind, again = EndOf(ctx), false
		case failure.Kind == KindStatus && failure.Status == http.StatusAccepted:
			wait = cmp.Or(failure.retryAfter, exponentialWait(firstPoll, 1.5, polls))
			polls++
		case failure.Unauthorized && !renewed && c.config.Credential.Invalidate(credential):
			renewed = true // an expired token does not count as a retry
		case failure.Retryable && retries < c.config.MaxRetries:
			retries++
			wait = cmp.Or(failure.retryAfter, backoff(retries))
			if failure.DeadlineExceeded && r.Timeout < maxDoubled {
				r.Timeout *= 2
			}
		default:
			again = false
		}
		if deadline, ok := ctx.Deadline(); again && ok && time.Until(deadline) < wait {
			result.Kind, result.Wait, again = KindDeadline, wait, false // waiting until the deadline would not help
		}
		if again {
			c.sleep(ctx, wait) // if the context ends, the next attempt fails at once
		}
		if failure.RateLimited {
			c.config.Throttle.resume()
		}
		if !again {
			return result
		}
	}
}

// Complete completes the error of a request or a listing. It adds the request, and removes credentials and unprintable
// characters. It truncates long texts, since an error stays in memory while Do waits for the next attempt. An error that
// has a URL is already complete.
func (c *Client) Complete(r Request, err error) *Error {
	failure, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		failure = &Error{Kind: KindRequest, Err: err}
	case failure.URL != "":
		return failure
	}
	complete := *failure // others may have the same error
	complete.Name, complete.Method, complete.URL = r.Name, r.Method, c.config.BaseURL+r.Path
	complete.Code = c.redactText(complete.Code, maxQuote)
	complete.Message = c.redactText(complete.Message, maxMessage)
	complete.quote = c.redactText(complete.quote, maxQuote)
	if complete.Err != nil {
		complete.Err = errors.New(c.redactText(complete.Err.Error(), maxMessage))
	}
	return &complete
}

// Ended returns the error of a request or a listing whose context has ended.
func Ended(ctx context.Context, reason error) *Error { return &Error{Kind: EndOf(ctx), Err: reason} }

// EndOf returns the kind of error of a context that has ended.
func EndOf(ctx context.Context) Kind {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return KindDeadline
	}
	return KindCanceled
}

func (c *Client) sleep(ctx context.Context, wait time.Duration) {
	if c.config.Sleep != nil {
		c.config.Sleep(ctx, wait)
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}
