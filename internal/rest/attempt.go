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
	"sync"
	"time"
)

// buffers keeps the buffers of responses for later responses, except large ones. Without it, a listing of 300,000 users
// needs 70 MiB more.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// attempt gets a credential, waits for the throttle, sends the request, and logs the attempt. The credential comes first:
// a request for a token also waits for the throttle, and if the limit is one, it would wait for this request forever. The
// request is in flight until attempt returns. After a rate limited failure, the throttle is paused until the caller calls
// resume. attempt returns the credential of the request, whether it sent the request, and nil for a good response.
func (c *Client) attempt(ctx context.Context, r Request, number int) (credential string, sent bool, failure *Error) {
	started := time.Now()
	name, credential, failure := c.config.Credential.Header(ctx)
	if failure != nil {
		failureCopy := *failure // other requests may have the same failure
		failureCopy.Name, failureCopy.ForCredential = r.Name, true
		failureCopy.Retryable, failureCopy.Unauthorized, failureCopy.RateLimited = false, false, false // it has had its own retries
		return "", false, &failureCopy
	}
	if c.config.Throttle.acquire(ctx) != nil {
		return credential, false, c.Complete(r, Ended(ctx, errors.New("the request was not sent: it was still waiting for other requests")))
	}
	defer func() { c.config.Throttle.release(failure != nil && failure.RateLimited) }()
	attemptCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(r.limit(), func() { // not a deadline, since a wait of the provider stops the timer
		cancel(&Error{Kind: KindAttemptTimeout, Retryable: true, Err: fmt.Errorf("no complete response within %s", r.limit())})
	})
	defer timer.Stop()
	request, err := c.newRequest(attemptCtx, r, name, credential)
	if err != nil {
		return credential, false, c.Complete(r, err)
	}
	path := cmp.Or(r.Path, c.config.BaseURL) // a token endpoint has no path after the base URL
	if request.URL.RawQuery != "" {
		path += "?" + request.URL.RawQuery // has the number of the page
	}
	fields := map[string]any{"method": r.Method, "path": path, "status": http.StatusOK, "attempt": number}
	fields["users"], failure = c.send(r, request, timer)
	fields["duration_ms"] = time.Since(started).Milliseconds()
	if failure == nil {
		c.config.Credential.Accepted(credential)
	} else {
		failure = c.Complete(r, failure)
		fields["status"], fields["error"] = failure.Status, failure.Outcome()
	}
	if c.config.Log != nil {
		c.config.Log(ctx, "Sent a request", fields)
	}
	return credential, true, failure
}

// send sends a request, and reads and decodes the response. The timer ends the context of the request.
func (c *Client) send(r Request, request *http.Request, timer *time.Timer) (users int, failure *Error) {
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return 0, incompleteFailure(request.Context(), err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols { // the end of the context would not close this body
		return 0, &Error{Kind: KindMalformed, Status: response.StatusCode, Err: errors.New("the server switches to another protocol")}
	}
	buffer := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // There is nothing else in the pool.
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= largeResponse {
			buffers.Put(buffer)
		}
	}()
	release, err := c.config.Memory.readBody(request.Context(), buffer, response.Body, timer, r.limit())
	defer release()
	if err != nil {
		return 0, incompleteFailure(request.Context(), err)
	}
	if response.StatusCode == http.StatusOK {
		users, failure = c.decode(r, buffer.Bytes())
	} else {
		failure = c.statusFailure(r, response, buffer.Bytes())
	}
	if failure != nil {
		failure.Status, failure.retryAfter = response.StatusCode, retryAfter(response.Header)
	}
	return users, failure
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
	request.Header.Set("Cache-Control", "no-cache") // a proxy's cache would return the first pass again as the second
	request.Header.Set("User-Agent", c.config.UserAgent)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if credentialHeader != "" {
		request.Header.Set(credentialHeader, credential)
	}
	// With this header, net/http repeats a request if the idle connection was closed. This is safe, because every request
	// only reads. net/http does not send a header that is nil.
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

// incompleteFailure returns the failure of an attempt without a whole response. net/http's texts for a connection that
// ended are for programmers, so incompleteFailure replaces them.
func incompleteFailure(ctx context.Context, err error) *Error {
	cause := context.Cause(ctx)
	if failure, ok := errors.AsType[*Error](cmp.Or(cause, err)); ok {
		return failure // of an attempt that has reached its time limit, or of a response that is too large
	}
	_, badCertificate := errors.AsType[*tls.CertificateVerificationError](err) // a retry gets the same certificate
	failure := &Error{Kind: KindConnection, Err: err, Retryable: !badCertificate}
	switch {
	case cause != nil:
		failure.Err = errors.New("no complete response yet")
	case errors.Is(err, io.ErrUnexpectedEOF):
		failure.Err = errors.New("the connection ended in the middle of the response")
	case errors.Is(err, io.EOF):
		failure.Err = errors.New("the connection ended before the response")
	}
	return failure
}

// statusFailure returns the failure of a response whose status is not 200.
func (c *Client) statusFailure(r Request, response *http.Response, body []byte) *Error {
	status := response.StatusCode
	switch {
	case status == http.StatusAccepted && r.Poll:
		return &Error{Kind: KindStatus}
	case status < 300:
		return &Error{Kind: KindMalformed, Err: errors.New("the status is not 200")}
	case status < 400:
		return &Error{Kind: KindStatus, Message: response.Header.Get("Location")}
	}
	failure := r.APIError(status, body)
	failure.Kind, failure.Status = KindStatus, status // for Final
	failure.Retryable = (failure.Retryable || retryableStatus(status)) && !failure.Final()
	failure.Unauthorized = failure.Unauthorized || status == http.StatusUnauthorized
	failure.RateLimited = failure.RateLimited || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != ""
	if failure.Message == "" {
		failure.quote = quote(r, body)
	}
	return failure
}

// decode decodes a response with the status 200, and searches it for credentials.
func (c *Client) decode(r Request, body []byte) (users int, failure *Error) {
	users, err := r.Decode(body)
	if failure, ok := errors.AsType[*Error](err); ok {
		failure.Kind = KindStatus
		return 0, failure
	}
	if err != nil {
		// The network may have lost a part of the response. After any other error, a retry would get the same response.
		retryable := errors.Is(err, errEndsEarly) || errors.Is(err, errEmpty)
		return 0, &Error{Kind: KindMalformed, Err: err, Retryable: retryable, quote: quote(r, body)}
	}
	kept := body
	if r.Kept != nil {
		kept = r.Kept()
	}
	if c.foundInResult(kept) {
		// The credential would reach the state, for example as the name of a user.
		return 0, &Error{Kind: KindMalformed, Err: errors.New("the response repeats the credential")}
	}
	return users, nil
}

// quote returns the start of a body, for a failure without another explanation. It returns no text if r.Kept is set,
// since the body has secrets.
func quote(r Request, body []byte) string {
	if r.Kept != nil {
		return ""
	}
	return string(bytes.TrimSpace(body[:min(len(body), maxInspected)]))
}
