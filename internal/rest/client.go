// Package rest carries the requests of both vendor clients: it sends one JSON request, reads the
// answer to its end, tries again where another try can help, and otherwise returns an [Error]
// that tells the whole story. It knows nothing of Terraform and nothing of either vendor.
//
// What a vendor's client decides for itself is in [Request] and [Config]: which answers are good
// (Judge) and how a refusal is worded (Refusal). What is the same for both is decided here:
// which statuses are worth another try, how long to wait, how large an answer may be, that no
// redirect is followed, and that no credential gets into an error or a log.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
)

// Options are what the clients of both vendors share.
type Options struct {
	// UserAgent is sent with every request.
	UserAgent string
	// MaxRetries is how often a failed request is sent again; 0 sends it once.
	MaxRetries int
	// Slots bound how many requests are under way at the same time, over every client that holds
	// the same Slots. Nil is a single one, of the client's own.
	Slots *Slots
	// Pace, where set, replaces every wait between two requests by the one that it returns.
	// Tests use it to look at waits without sitting through them.
	Pace func(wait time.Duration) time.Duration
	// Log, where set, gets one line a try. Its form is that of terraform-plugin-log's tflog.Debug.
	Log func(ctx context.Context, message string, fields ...map[string]any)
}

// Config is what one vendor's client adds to the [Options].
type Config struct {
	Options
	// BaseURL is what every path is appended to, without a slash at its end.
	BaseURL string
	// Credential is sent with every request, and cut out of every text that an error quotes.
	Credential Credential
	// Refusal reads the vendor's own words from the body of an answer that is not a success.
	Refusal func(body []byte) Refusal
}

// Refusal is what a vendor says in the body of an answer that is not a success. All of it may be
// empty: the body is quoted then.
type Refusal struct {
	// Code is the vendor's own error code.
	Code string
	// Message is the vendor's sentence.
	Message string
	// Again says that the vendor's code, whatever the HTTP status, is worth another try.
	Again bool
	// Unauthorized says that the vendor did not accept the credential, as the HTTP status 401 does.
	Unauthorized bool
}

// Client sends requests to one vendor. It is safe for concurrent use.
type Client struct {
	config Config
	pool   *http.Transport
	window *window
}

// New returns a client with a connection pool of its own.
func New(config Config) *Client {
	if config.Slots == nil {
		config.Slots = NewSlots(1)
	}
	pool := cleanhttp.DefaultPooledTransport()
	// As many connections as there are slots stay open between two pages.
	pool.MaxIdleConnsPerHost = config.Slots.size
	return &Client{config: config, pool: pool, window: newWindow(config.Slots.size)}
}

// Width is how many requests may be under way at this moment: as many as there are slots, or fewer
// while the vendor turns requests away because there are too many.
func (c *Client) Width() int { return c.window.width() }

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.pool.CloseIdleConnections() }

// Request is one question to a vendor.
type Request struct {
	// Reading names what is read, for errors: "page 3 of the users of …".
	Reading string
	// Method and Path, which is appended to the base URL and starts with a slash.
	Method, Path string
	Query        url.Values
	Header       http.Header
	// Body is sent as a form if it is a url.Values, and as JSON otherwise; nil sends none.
	Body any
	// TryTimeout bounds one try, from the connection to the last byte of its answer.
	TryTimeout time.Duration
	// Confidential keeps a good answer's body out of errors: it holds a credential.
	Confidential bool
	// Judge takes an answer with a status of 2xx apart and counts the users in it, for the log.
	// The error it returns says what is wrong with the answer: [Malformed] for one that does not
	// have the documented shape, [Refused] for one that carries a failure in its body.
	Judge func(Answer) (users int, err error)
}

// Answer is what a server sent, read to its end. The body is only lent: it is overwritten once the
// Judge that gets it has returned.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends the request until an answer is good, or until another try cannot help. Any error is an
// [*Error].
func (c *Client) Do(ctx context.Context, r Request) error {
	run := &run{client: c, request: r, failure: c.failure(r), buffer: buffers.Get().(*bytes.Buffer)} //nolint:forcetypeassert // There is nothing else in the pool.
	defer run.close()
	body, contentType, err := encode(r.Body)
	if err != nil {
		return run.failure.as(Unsent, err)
	}
	target := run.failure.URL
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	request, err := retryablehttp.NewRequestWithContext(ctx, r.Method, target, body)
	if err != nil {
		return run.failure.as(Unsent, err)
	}
	maps.Copy(request.Header, r.Header)
	request.Header.Set("Accept", "application/json")
	// Tells Go's transport, and nobody else, that a request may be sent again by itself when a
	// connection that was open turns out to be closed: all that is sent here only reads.
	request.Header["X-Idempotency-Key"] = nil
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("User-Agent", c.config.UserAgent)

	sender := retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: run},
		RetryMax:     math.MaxInt, // check counts them
		CheckRetry:   run.check,
		Backoff:      run.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// What came of it is in run, which has seen every answer and every error. All that the
	// sender could add is that the context ended between two tries.
	if response, err := sender.Do(request); err == nil {
		_ = response.Body.Close()
	}
	if run.done {
		return nil
	}
	if ctx.Err() != nil {
		run.failure.Kind = endOf(ctx)
	}
	return c.shown(run.failure)
}

// Ended returns the error of a caller whose context has ended before a request, or a listing of
// several, was read; the reason says how far it was.
func (c *Client) Ended(ctx context.Context, r Request, reason error) error {
	return c.Failed(r, endOf(ctx), reason)
}

// encode gives a body and its content type.
func encode(body any) (encoded any, contentType string, err error) {
	switch body := body.(type) {
	case nil:
		return nil, "", nil
	case url.Values:
		return []byte(body.Encode()), "application/x-www-form-urlencoded", nil
	}
	text, err := json.Marshal(body)
	return text, "application/json", err
}

// failure is the beginning of an error about the request.
func (c *Client) failure(r Request) Error {
	return Error{Reading: r.Reading, Method: r.Method, URL: c.config.BaseURL + r.Path}
}

// Failed returns the error of a request, or of a listing of several, whose answers were good one by
// one; the reason says what is wrong.
func (c *Client) Failed(r Request, kind Kind, reason error) error {
	return c.shown(*c.failure(r).as(kind, reason))
}

// endOf tells a time limit from an interruption. It goes by the cause, since what is read for several
// callers ends with the last of them, whatever ended that one.
func endOf(ctx context.Context) Kind {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return TimedOut
	}
	return Interrupted
}
