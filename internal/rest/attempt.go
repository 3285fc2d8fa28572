package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// attempt is one attempt of a request, and what came of it.
type attempt struct {
	client      *Client
	request     Request
	body        []byte
	contentType string
	number      int

	credential string      // that was sent
	sent       bool        // it got as far as being sent
	header     http.Header // of the response
	failure    *Error      // nil: the response is good

	// What the failure means for the next attempt.
	retryable, pending, unauthorized, deadlineExceeded, rateLimited bool

	resume func() // lets other requests go on, after a pause
}

// attemptTimeoutError is the end of an attempt that has taken as long as it may.
type attemptTimeoutError struct{ limit time.Duration }

func (e *attemptTimeoutError) Error() string {
	return fmt.Sprintf("no complete response within %s", e.limit)
}

// buffers hold one response after another.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largestBuffer is the size up to which a buffer is kept, in bytes.
const largestBuffer = 1 << 20

// do makes the attempt. It counts as one request in flight from the connection to the decoded response.
func (a *attempt) do(ctx context.Context) {
	started := time.Now()
	a.resume = func() {}
	users, err := a.send(ctx)
	if failure, ok := errors.AsType[*Error](err); ok { // of the request for a credential
		a.failure = failure.forCredential(a.request.Name)
	} else if err != nil {
		a.fail(KindConnection, 0, err)
		a.classify(ctx, err)
	}
	a.log(ctx, users, time.Since(started))
}

// send sends the request and reads the response. Its error is that of an attempt without a whole response;
// all others are in a.failure.
func (a *attempt) send(ctx context.Context) (users int, err error) {
	c := a.client
	name, value, err := c.config.Credential.Header(ctx)
	if err != nil {
		return 0, err
	}
	a.credential = value
	if err := c.throttle.acquire(ctx); err != nil {
		return 0, errNotSent
	}
	defer func() { a.resume = c.throttle.release(a.rateLimited) }()
	if err := c.config.Limiter.acquire(ctx); err != nil {
		return 0, errNotSent
	}
	defer c.config.Limiter.release()

	limit := a.request.Timeout + a.request.Grace
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &attemptTimeoutError{limit})
	defer cancel()
	request, err := a.newRequest(ctx, name, value)
	if err != nil {
		return 0, err
	}
	a.sent = true
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return 0, causeOf(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols { // the body is the connection, which ctx does not end
		a.fail(KindMalformed, response.StatusCode, errors.New("the server switches to another protocol"))
		return 0, nil
	}
	buffer := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // There is nothing else in the pool.
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= largestBuffer {
			buffers.Put(buffer)
		}
	}()
	body := c.config.Limiter.body(response.Body)
	defer body.release()
	if _, err := buffer.ReadFrom(body); err != nil {
		return 0, causeOf(ctx, err)
	}
	if err := body.reserve(decodedSize(buffer.Bytes())); err != nil {
		return 0, err
	}
	a.header = response.Header
	return a.check(response.StatusCode, buffer.Bytes()), nil
}

func (a *attempt) newRequest(ctx context.Context, credentialHeader, credential string) (*http.Request, error) {
	target := a.client.config.BaseURL + a.request.Path
	if len(a.request.Query) > 0 {
		target += "?" + a.request.Query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, a.request.Method, target, bytes.NewReader(a.body))
	if err != nil {
		return nil, err
	}
	if a.request.Header != nil {
		maps.Copy(request.Header, a.request.Header(a.request.Timeout))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache") // a second pass shows nothing if a proxy repeats the first
	request.Header.Set("User-Agent", a.client.config.UserAgent)
	if a.contentType != "" {
		request.Header.Set("Content-Type", a.contentType)
	}
	if credentialHeader != "" {
		request.Header.Set(credentialHeader, credential)
	}
	// Not sent. It lets net/http send a request once more by itself when an idle connection turns out to be
	// closed: all requests only read.
	request.Header["X-Idempotency-Key"] = nil
	return request, nil
}

// check judges a response that has arrived in full, and counts its users.
func (a *attempt) check(status int, body []byte) (users int) {
	switch {
	case status == http.StatusAccepted && a.request.Poll:
		a.fail(KindStatus, status, nil)
		a.pending = true
	case status == http.StatusOK:
		return a.decode(body)
	case status >= 200 && status < 300:
		a.fail(KindMalformed, status, errors.New("only a response of 200 is a whole one"))
	case status >= 300 && status < 400:
		a.fail(KindRedirect, status, nil)
		a.failure.Message = a.header.Get("Location")
	default:
		apiError := a.client.config.APIError(status, body)
		a.fail(KindStatus, status, nil)
		a.failAPI(apiError)
		if apiError.Message == "" && !a.request.Confidential {
			a.failure.body = inspected(body)
		}
		a.retryable = (a.retryable || retryableStatus(status)) && !finalStatus(status)
		a.unauthorized = a.unauthorized || status == http.StatusUnauthorized
		a.rateLimited = a.rateLimited || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != ""
	}
	return users
}

// decode decodes a response of 200, and counts its users.
func (a *attempt) decode(body []byte) (users int) {
	users, err := a.request.Decode(body)
	if err != nil {
		a.failDecode(http.StatusOK, body, err)
		return 0
	}
	kept := body
	if a.request.Kept != nil {
		kept = a.request.Kept()
	}
	if a.client.secrets().foundIn(kept) {
		// As a user's name, say, it would get into the state.
		a.fail(KindMalformed, http.StatusOK, errors.New("the response repeats the credential"))
		return 0
	}
	a.client.config.Credential.Accepted(a.credential)
	return users
}

// failDecode records a response of 200 that is not one.
func (a *attempt) failDecode(status int, body []byte, err error) {
	if apiError, ok := errors.AsType[*APIError](err); ok {
		a.fail(KindAPI, status, nil)
		a.failAPI(*apiError)
		return
	}
	a.fail(KindMalformed, status, err)
	if !a.request.Confidential {
		a.failure.body = inspected(body)
	}
	// JSON that ends too early was cut short on its way. HTML, or another shape, is what this server
	// says however often it is asked.
	a.retryable = errors.Is(err, errEndsEarly) || errors.Is(err, errEmpty)
}

// failAPI adds the vendor's words to the failure.
func (a *attempt) failAPI(e APIError) {
	a.failure.Code, a.failure.Message = inspected(e.Code), inspected(e.Message)
	a.retryable, a.unauthorized, a.deadlineExceeded, a.rateLimited = e.Retryable, e.Unauthorized, e.DeadlineExceeded, e.RateLimited
}

// classify says what the lack of a whole response means.
func (a *attempt) classify(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil && a.sent:
		a.failure.Err = errors.New("no response yet")
	case errors.Is(err, errTooLarge):
		a.failure.Kind, a.retryable = KindTooLarge, errors.Is(err, errTogether)
	case isAttemptTimeout(err):
		a.failure.Kind, a.retryable = KindAttemptTimeout, true
	default:
		a.retryable = a.sent && !isCertificateError(err)
	}
}

func isAttemptTimeout(err error) bool {
	_, ok := errors.AsType[*attemptTimeoutError](err)
	return ok
}

func (a *attempt) fail(kind Kind, status int, err error) {
	failure := a.client.failure(a.request)
	failure.Kind, failure.Status, failure.Err = kind, status, err
	if err != nil && len(err.Error()) > maxInspected { // it names a part of the response
		failure.Err = errors.New(inspected(err.Error()))
	}
	a.failure = &failure
}

// errNotSent is for a request whose context ended before its turn came.
var errNotSent = errors.New("the request was not sent: it was still waiting")

// causeOf words the ways in which a response fails to arrive that net/http words for programmers.
func causeOf(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection ended in the middle of the response")
	case errors.Is(err, io.EOF):
		return errors.New("the connection ended before there was a response")
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok { // it repeats method and URL, with the query
		return wrapped.Err
	}
	return err
}

// log writes one line for the attempt.
func (a *attempt) log(ctx context.Context, users int, duration time.Duration) {
	if a.client.config.Log == nil {
		return
	}
	path := cmp.Or(a.request.Path, a.client.config.BaseURL) // a token endpoint is all base
	if len(a.request.Query) > 0 {
		path += "?" + a.request.Query.Encode() // which distinguishes the pages
	}
	fields := map[string]any{
		"method":      a.request.Method,
		"path":        path,
		"status":      0,
		"duration_ms": duration.Milliseconds(),
		"attempt":     a.number,
		"users":       users,
	}
	if a.failure == nil {
		fields["status"] = http.StatusOK
	} else {
		fields["status"] = a.failure.Status
		fields["error"] = a.client.shown(*a.failure).Outcome()
	}
	a.client.config.Log(ctx, "Sent a request", fields)
}
