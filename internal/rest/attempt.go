package rest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// attempt is one attempt of a request, and what came of it.
type attempt struct {
	client  *Client
	request Request
	number  int

	credential string      // that was sent
	sent       bool        // it got as far as being sent
	header     http.Header // of the response
	users      int         // in the response
	failure    *Error      // nil: the response is good
	meaning    APIError    // of the failure for the next attempt
	resume     func()      // lets other requests go on, after a pause
}

// errAttemptTimeout is the end of an attempt that has taken as long as it may.
var errAttemptTimeout = errors.New("no complete response")

// buffers hold one response after another.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largestBuffer is the size up to which a buffer is kept, in bytes.
const largestBuffer = 1 << 20

// do makes the attempt.
func (a *attempt) do(ctx context.Context) {
	started := time.Now()
	a.resume = func() {}
	a.send(ctx)
	if a.failure != nil {
		a.failure = a.client.shown(*a.failure)
	}
	a.log(ctx, time.Since(started))
}

// send sends the request, and reads and checks the response. It counts as one request in flight from the connection
// to the decoded response.
func (a *attempt) send(ctx context.Context) {
	c := a.client
	name, value, failure := c.config.Credential.Header(ctx)
	if failure != nil {
		of := *failure // which may be that of other requests as well
		of.Name, of.ForCredential = a.request.Name, true
		a.failure = &of
		return
	}
	a.credential = value
	if c.throttle.acquire(ctx) != nil {
		a.fail(EndOf(ctx), 0, errNotSent)
		return
	}
	defer func() { a.resume = c.throttle.release(a.meaning.RateLimited) }()
	if c.config.Limiter.acquire(ctx) != nil {
		a.fail(EndOf(ctx), 0, errNotSent)
		return
	}
	defer c.config.Limiter.release()

	limit := a.request.Timeout + a.request.Grace
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w within %s", errAttemptTimeout, limit))
	defer cancel()
	request, err := a.newRequest(ctx, name, value)
	if err != nil {
		a.fail(KindRequest, 0, err)
		return
	}
	a.sent = true
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		a.failIncomplete(ctx, err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols { // the body is the connection, which ctx does not end
		a.fail(KindMalformed, response.StatusCode, errors.New("the server switches to another protocol"))
		return
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
	if _, err = buffer.ReadFrom(body); err == nil {
		err = body.reserve(decodedSize(buffer.Bytes()))
	}
	if err != nil {
		a.failIncomplete(ctx, err)
		return
	}
	a.header = response.Header
	a.check(response.StatusCode, buffer.Bytes())
}

func (a *attempt) newRequest(ctx context.Context, credentialHeader, credential string) (*http.Request, error) {
	target := a.client.config.BaseURL + a.request.Path
	if len(a.request.Query) > 0 {
		target += "?" + a.request.Query.Encode()
	}
	body, contentType, err := encode(a.request.Body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, a.request.Method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if a.request.Header != nil {
		maps.Copy(request.Header, a.request.Header(a.request.Timeout))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache") // a second pass shows nothing if a proxy repeats the first
	request.Header.Set("User-Agent", a.client.config.UserAgent)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if credentialHeader != "" {
		request.Header.Set(credentialHeader, credential)
	}
	// Not sent. It lets net/http send a request once more by itself when an idle connection turns out to be
	// closed: all requests only read.
	request.Header["X-Idempotency-Key"] = nil
	return request, nil
}

// encode gives a body and its content type.
func encode(body any) (encoded []byte, contentType string, err error) {
	switch body := body.(type) {
	case nil:
		return nil, "", nil
	case url.Values:
		return []byte(body.Encode()), "application/x-www-form-urlencoded", nil
	}
	encoded, err = json.Marshal(body)
	return encoded, "application/json", err
}

// failIncomplete records the lack of a whole response. It words what net/http words for programmers.
func (a *attempt) failIncomplete(ctx context.Context, err error) {
	kind, cause := KindConnection, context.Cause(ctx)
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err) // which will be the same next time
	retryable := !badCertificate
	switch {
	case errors.Is(cause, errAttemptTimeout):
		kind, err = KindAttemptTimeout, cause
	case cause != nil:
		err = errors.New("no response yet")
	case errors.Is(err, errTooLarge):
		kind, retryable = KindTooLarge, errors.Is(err, errTogether)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the connection ended in the middle of the response")
	case errors.Is(err, io.EOF):
		err = errors.New("the connection ended before the response")
	}
	a.fail(kind, 0, err)
	a.meaning.Retryable = retryable
}

// check judges a response that has arrived in full.
func (a *attempt) check(status int, body []byte) {
	switch {
	case status == http.StatusOK:
		a.decode(body)
	case status == http.StatusAccepted && a.request.Poll:
		a.fail(KindStatus, status, nil)
	case status >= 200 && status < 300:
		a.fail(KindMalformed, status, errors.New("the status is not 200"))
	case status >= 300 && status < 400:
		a.fail(KindRedirect, status, nil)
		a.failure.Message = a.header.Get("Location")
	default:
		m := a.client.config.APIError(status, body)
		m.Retryable = (m.Retryable || retryableStatus(status)) && !finalStatus(status)
		m.Unauthorized = m.Unauthorized || status == http.StatusUnauthorized
		m.RateLimited = m.RateLimited || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != ""
		if a.meaning = m; m.Message == "" {
			a.failQuoting(body, KindStatus, status, nil)
		} else {
			a.fail(KindStatus, status, nil)
		}
	}
}

// decode decodes a response of 200.
func (a *attempt) decode(body []byte) {
	users, err := a.request.Decode(body)
	if apiError, ok := errors.AsType[*APIError](err); ok {
		a.meaning = *apiError
		a.fail(KindAPI, http.StatusOK, nil)
		return
	}
	if err != nil {
		a.failQuoting(body, KindMalformed, http.StatusOK, err)
		// JSON that ends too early was cut short on its way. HTML, or another shape, is what this server
		// says however often it is asked.
		a.meaning.Retryable = errors.Is(err, errEndsEarly) || errors.Is(err, errEmpty)
		return
	}
	kept := body
	if a.request.Kept != nil {
		kept = a.request.Kept()
	}
	if a.client.secrets().foundIn(kept) {
		// As a user's name, say, it would get into the state.
		a.fail(KindMalformed, http.StatusOK, errors.New("the response repeats the credential"))
		return
	}
	a.client.config.Credential.Accepted(a.credential)
	a.users = users
}

// fail records a failure, with the vendor's words about it.
func (a *attempt) fail(kind Kind, status int, err error) {
	failure := a.client.failure(a.request, kind, err)
	failure.Status, failure.Code, failure.Message = status, a.meaning.Code, a.meaning.Message
	a.failure = &failure
	a.meaning.Code, a.meaning.Message = "", "" // since they may be long, and the attempt is kept until the next one
}

// failQuoting records a failure that only the body itself explains.
func (a *attempt) failQuoting(body []byte, kind Kind, status int, err error) {
	a.fail(kind, status, err)
	if a.request.Kept == nil {
		a.failure.quote = a.client.show(string(body[:min(len(body), maxInspected)]), maxQuote, strconv.Quote)
	}
}

// log writes one line for the attempt.
func (a *attempt) log(ctx context.Context, duration time.Duration) {
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
		"status":      http.StatusOK,
		"duration_ms": duration.Milliseconds(),
		"attempt":     a.number,
		"users":       a.users,
	}
	if a.failure != nil {
		fields["status"], fields["error"] = a.failure.Status, a.failure.Outcome()
	}
	a.client.config.Log(ctx, "Sent a request", fields)
}
