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

var (
	// errNotSent is the error of a request whose context ended while it waited for its turn.
	errNotSent = errors.New("the request was not sent: it was still waiting for other requests")
	// errAttemptTimeout is the error of an attempt that has reached its time limit.
	errAttemptTimeout = errors.New("no complete response")
)

// buffers are for the bodies of responses.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largestBuffer is the size up to which a buffer is kept, in bytes.
const largestBuffer = 1 << 20

// attempt makes one attempt, and logs it. It returns nil for a good response.
func (c *Client) attempt(ctx context.Context, r Request, number int) *Error {
	started := time.Now()
	users, failure := c.attemptInTurn(ctx, r)
	if failure != nil {
		failure = c.shown(failure)
	}
	if c.config.Log == nil {
		return failure
	}
	path := cmp.Or(r.Path, c.config.BaseURL) // a token endpoint is all base
	if len(r.Query) > 0 {
		path += "?" + r.Query.Encode() // which distinguishes the pages
	}
	fields := map[string]any{
		"method":      r.Method,
		"path":        path,
		"status":      http.StatusOK,
		"duration_ms": time.Since(started).Milliseconds(),
		"attempt":     number,
		"users":       users,
	}
	if failure != nil {
		fields["status"], fields["error"] = failure.Status, failure.Outcome()
	}
	c.config.Log(ctx, "Sent a request", fields)
	return failure
}

// attemptInTurn sends a request as soon as there is a credential and the throttle allows it. The request is in flight
// until its response is decoded.
func (c *Client) attemptInTurn(ctx context.Context, r Request) (users int, failure *Error) {
	name, value, failure := c.config.Credential.Header(ctx)
	if failure != nil {
		own := *failure // a copy, since other requests may have the same failure
		own.Name, own.ForCredential, own.next = r.Name, true, next{}
		return 0, &own
	}
	if c.throttle.acquire(ctx) != nil {
		return 0, c.failure(r, EndOf(ctx), 0, errNotSent)
	}
	defer func() { c.throttle.release(failure != nil && failure.next.paused) }()
	limit := r.Timeout + r.Grace
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w within %s", errAttemptTimeout, limit))
	defer cancel()
	request, err := c.newRequest(ctx, r, name, value)
	if err != nil {
		return 0, c.failure(r, KindRequest, 0, err)
	}
	users, failure = c.send(r, request)
	if failure == nil {
		c.config.Credential.Accepted(value)
		return users, nil
	}
	failure.next.sent = true
	failure.next.renewed = failure.next.renewed && c.config.Credential.Invalidate(value)
	return 0, failure
}

// send sends a request, and reads and checks the response.
func (c *Client) send(r Request, request *http.Request) (users int, failure *Error) {
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return 0, c.incomplete(request.Context(), r, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols { // the body is the connection, which no context ends
		return 0, c.failure(r, KindMalformed, response.StatusCode, errors.New("the server switches to another protocol"))
	}
	buffer := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // There is nothing else in the pool.
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= largestBuffer {
			buffers.Put(buffer)
		}
	}()
	body := &body{Reader: response.Body, memory: c.config.Memory}
	defer body.release()
	if _, err = buffer.ReadFrom(body); err == nil {
		err = body.reserve(decodedSize(buffer.Bytes()))
	}
	if err != nil {
		return 0, c.incomplete(request.Context(), r, err)
	}
	if response.StatusCode == http.StatusOK {
		return c.decode(r, buffer.Bytes())
	}
	return 0, c.statusFailure(r, response, buffer.Bytes())
}

func (c *Client) newRequest(ctx context.Context, r Request, credentialHeader, credential string) (*http.Request, error) {
	target := c.config.BaseURL + r.Path
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	body, contentType, err := encode(r.Body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.Header != nil {
		maps.Copy(request.Header, r.Header(r.Timeout))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache") // from a proxy's cache, a second pass would be a copy of the first
	request.Header.Set("User-Agent", c.config.UserAgent)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if credentialHeader != "" {
		request.Header.Set(credentialHeader, credential)
	}
	// This header is not sent. With it, net/http repeats a request by itself if an idle connection turns out to be
	// closed. Every request only reads.
	request.Header["X-Idempotency-Key"] = nil
	return request, nil
}

// encode returns the body of a request, and its content type.
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

// incomplete is the failure of an attempt without a whole response. It replaces net/http's wording, which is for
// programmers.
func (c *Client) incomplete(ctx context.Context, r Request, err error) *Error {
	kind, cause := KindConnection, context.Cause(ctx)
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err) // which does not change
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
	failure := c.failure(r, kind, 0, err)
	failure.next.retryable = retryable
	return failure
}

// statusFailure is the failure of a response with another status than 200.
func (c *Client) statusFailure(r Request, response *http.Response, body []byte) *Error {
	status, wait := response.StatusCode, retryAfter(response.Header)
	failure := c.failure(r, KindStatus, status, nil)
	switch {
	case status == http.StatusAccepted && r.Poll:
		failure.next.retryAfter = wait
	case status < 300:
		failure.Kind, failure.Err = KindMalformed, errors.New("the status is not 200")
	case status < 400:
		failure.Message = response.Header.Get("Location")
	default:
		e := c.config.APIError(status, body)
		e.Retryable = (e.Retryable || retryableStatus(status)) && !finalStatus(status)
		e.Unauthorized = e.Unauthorized || status == http.StatusUnauthorized
		e.RateLimited = e.RateLimited || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && wait > 0
		failure.fromVendor(e)
		failure.next.retryAfter = wait
		if e.Message == "" {
			failure.quote = c.quote(r, body)
		}
	}
	return failure
}

// fromVendor adds the vendor's code and message, and what they mean for the next attempt.
func (e *Error) fromVendor(a APIError) {
	e.Code, e.Message = a.Code, a.Message
	e.next = next{retryable: a.Retryable, renewed: a.Unauthorized, moreTime: a.DeadlineExceeded, paused: a.RateLimited}
}

// decode decodes a response of 200.
func (c *Client) decode(r Request, body []byte) (users int, failure *Error) {
	users, err := r.Decode(body)
	if apiError, ok := errors.AsType[*APIError](err); ok {
		failure = c.failure(r, KindStatus, http.StatusOK, nil)
		failure.fromVendor(*apiError)
		return 0, failure
	}
	if err != nil {
		failure = c.failure(r, KindMalformed, http.StatusOK, err)
		failure.quote = c.quote(r, body)
		// JSON that ends too early was cut short on its way. HTML, or JSON of another shape, comes again.
		failure.next.retryable = errors.Is(err, errEndsEarly) || errors.Is(err, errEmpty)
		return 0, failure
	}
	kept := body
	if r.Kept != nil {
		kept = r.Kept()
	}
	if c.secrets().foundIn(kept) {
		// As the name of a user, for example, it would get into the state.
		return 0, c.failure(r, KindMalformed, http.StatusOK, errors.New("the response repeats the credential"))
	}
	return users, nil
}

// quote is the beginning of a body, for a failure that nothing else explains. A body with secrets is not quoted.
func (c *Client) quote(r Request, body []byte) string {
	if r.Kept != nil {
		return ""
	}
	return c.show(string(body[:min(len(body), maxInspected)]), maxQuote, strconv.Quote)
}
