package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// largestBody is how many bytes of an answer are read. A page of a hundred users takes some 30
// KiB, so only something that is not a listing, or a Vectara page of a hundred thousand users and
// more, comes near it.
const largestBody = 64 << 20

// errTooLarge is the end of an answer that is larger than [largestBody].
var errTooLarge = errors.New("the answer is larger than 64 MiB")

// slowError is the end of a try that has taken as long as it may.
type slowError struct{ limit time.Duration }

func (e *slowError) Error() string { return fmt.Sprintf("no complete answer within %s", e.limit) }

// run is one request with all its tries. It is the transport that makes a try, and the policy
// that judges it.
type run struct {
	client  *Client
	request Request

	buffer     *bytes.Buffer // of the body
	started    time.Time     // of the last try
	sent       time.Time     // when the last try got as far as being sent, or zero
	credential string        // that the last try had
	body       []byte        // of the last try's answer
	header     http.Header   // of the last try's answer
	location   string        // where the last try's answer points
	failure    Error         // of the last try
	done       bool          // the last try's answer was good
	entered    bool          // the try has its turn in the client's window
	renewed    bool          // there was one more try with another credential
	wait       time.Duration // before the next try
}

var _ http.RoundTripper = (*run)(nil)

// buffers are used for one answer after another.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// leave ends a try's turn in the window, when it is known what the answer means for the next ones.
func (r *run) leave() {
	if r.entered {
		r.entered = false
		r.client.window.leave()
	}
}

// close gives the buffer back, unless it has grown to a size that is rarely needed.
func (r *run) close() {
	r.leave()
	if r.buffer.Cap() <= 1<<20 {
		buffers.Put(r.buffer)
	}
}

// RoundTrip makes one try. It reads the answer's body to its end before it hands the answer on, so
// that a body that breaks off is a failure of that try, like a connection that was refused. A slot
// is held from the connection to the last byte, and not while the run waits for its next try.
func (r *run) RoundTrip(request *http.Request) (*http.Response, error) {
	r.started, r.sent = time.Now(), time.Time{}
	ctx := request.Context()
	name, value, err := r.client.config.Credential.Header(ctx)
	if err != nil {
		return nil, err
	}
	request = request.Clone(ctx)
	if name != "" {
		request.Header.Set(name, value)
	}
	r.credential = value
	if err := r.client.window.enter(ctx, r.failure.Tries); err != nil {
		return nil, err
	}
	r.entered = true
	slots := r.client.config.Slots.free
	if err := slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer slots.Release(1)
	r.sent = time.Now()
	if limit := r.request.TryTimeout; limit > 0 {
		// Not as a deadline: one that is later than the parent's is never kept, and the parent's may
		// be put off.
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		defer time.AfterFunc(limit, func() { cancel(&slowError{limit}) }).Stop()
	}
	response, err := r.client.pool.RoundTrip(request.WithContext(ctx))
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the connection ended before there was an answer")
	}
	if err != nil {
		return nil, causeOf(ctx, err)
	}
	r.buffer.Reset()
	_, err = r.buffer.ReadFrom(io.LimitReader(response.Body, largestBody+1))
	r.body = r.buffer.Bytes()
	_ = response.Body.Close()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("the connection ended in the middle of the answer")
	}
	if err != nil {
		return nil, causeOf(ctx, err)
	}
	if len(r.body) > largestBody {
		return nil, errTooLarge
	}
	response.Body = http.NoBody
	// A redirect would carry the credential to wherever it points. Without its target it is an
	// answer like any other.
	r.location = response.Header.Get("Location")
	response.Header.Del("Location")
	return response, nil
}

// causeOf words the end of a try's own time limit, which would otherwise read as the end of the
// whole operation's.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// check judges one try; it is the one place that decides whether there will be another.
func (r *run) check(ctx context.Context, response *http.Response, err error) (bool, error) {
	defer r.leave()
	sent := !r.sent.IsZero()
	if sent {
		r.failure.Tries++
	}
	users, again := 0, false
	rejected, _ := errors.AsType[*Error](err) // of the request for a credential
	switch {
	case rejected != nil:
		r.failure = *rejected
		r.failure.Reading, r.failure.ForCredential = r.request.Reading, true
	case err == nil:
		users, again = r.answered(response)
	case ctx.Err() != nil:
		// The caller's own limit has cut the try off. Keep the failure before it, if any.
		switch {
		case r.failure.Err != nil || r.failure.Status != 0:
		case sent:
			r.failure.Err = errors.New("none came in time")
		default:
			r.failure.Err = errors.New("none; the request was still waiting for its turn, since as many others were under way as may be")
		}
	case errors.Is(err, errPause):
		r.paused()
	default:
		again = r.broken(err)
	}
	if r.done {
		r.client.window.widen(r.sent)
	}
	r.log(ctx, response, users)

	if rejected == nil && !again && ctx.Err() == nil && r.renew() {
		r.wait = 0
		return true, nil
	}
	tries := r.failure.Tries
	if r.renewed {
		tries-- // a dead token is not a failed try
	}
	if !again || ctx.Err() != nil || tries > r.client.config.MaxRetries {
		return false, nil
	}
	r.wait = r.client.pace(waitBeforeTry(r.failure.Tries+1, r.header))
	if r.turnedAway() {
		r.client.window.narrow(r.sent, r.wait)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < r.wait {
		// Waiting would only use up the time that is left.
		r.failure.Kind, r.failure.Wait = TimedOut, r.wait
		return false, nil
	}
	return true, nil
}

// turnedAway tells whether the last answer says that the vendor is asked too much.
func (r *run) turnedAway() bool {
	return r.failure.Status == http.StatusTooManyRequests ||
		r.failure.Status == http.StatusServiceUnavailable && r.header.Get("Retry-After") != ""
}

// paused records that the request was kept back until after the time limit.
func (r *run) paused() {
	if r.failure.Err == nil && r.failure.Status == 0 {
		r.failure.Err = errPause
	}
	r.failure.Kind, r.failure.Wait = TimedOut, r.client.window.pause()
}

// renew tells whether a request that failed for its credential may have another one: once, and only
// where the client gets its credentials itself.
func (r *run) renew() bool {
	if r.renewed || r.done || !r.failure.unauthorized {
		return false
	}
	r.renewed = r.client.config.Credential.Refused(r.credential)
	return r.renewed
}

// backoff gives the wait that check has found.
func (r *run) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return r.wait }

// broken records a try that brought no whole answer, and tells whether another may.
func (r *run) broken(err error) (again bool) {
	// The url.Error around it repeats method and URL, with the query.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	r.header = nil
	r.fail(Unreachable, 0, err)
	if errors.Is(err, errTooLarge) {
		r.failure.Kind = TooLarge
		return false
	}
	if _, ok := errors.AsType[*slowError](err); ok {
		r.failure.Kind = Slow
	}
	return !isCertificateError(err)
}

// answered records an answer, and tells whether another try may bring a better one.
func (r *run) answered(response *http.Response) (users int, again bool) {
	r.header = response.Header
	status := response.StatusCode
	switch {
	case status >= 200 && status < 300 && r.repeatsCredential():
		// As a user's name, say, it would get into the state.
		return 0, r.judgedBad(status, errors.New("the answer repeats the credential"))
	case status >= 200 && status < 300:
		users, err := r.request.Judge(Answer{Status: status, Header: response.Header, Body: r.body})
		if err == nil {
			r.done = true
			return users, false
		}
		return 0, r.judgedBad(status, err)
	case status >= 300 && status < 400:
		r.fail(Redirected, status, nil)
		r.failure.Message = r.location
		return 0, false
	default:
		r.fail(Status, status, nil)
		r.failure.unauthorized = status == http.StatusUnauthorized
		again = r.refused(r.client.config.Refusal(r.body)) || retryStatus(status)
		return 0, again && !FinalStatus(status)
	}
}

// repeatsCredential tells whether the answer holds one of the credentials, as it is or in a text of
// its JSON. A short one, which is none in earnest, may well be part of a name.
func (r *run) repeatsCredential() bool {
	var secrets []string
	for _, secret := range r.client.config.Credential.Secrets() {
		if len(secret) >= 8 {
			secrets = append(secrets, secret)
		}
	}
	holds := func(text []byte) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return bytes.Contains(text, []byte(secret)) })
	}
	if holds(r.body) {
		return true
	}
	if len(secrets) == 0 || !bytes.Contains(r.body, []byte(`\`)) {
		return false // nothing is escaped
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(r.body))
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return false // its end, or what Judge will find
		}
		if token.Kind() == '"' && holds([]byte(token.String())) {
			return true
		}
	}
}

// judgedBad records a 2xx answer that is not one.
func (r *run) judgedBad(status int, err error) (again bool) {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		r.fail(InBody, status, nil)
		return r.refused(refused.Refusal)
	}
	r.fail(Malformed, status, err)
	if !r.request.Confidential {
		r.failure.body = bytes.Clone(r.body) // the next try overwrites it
	}
	// JSON that ends too early is a transfer that something in between cut short; HTML or another
	// shape is what this server says, however often it is asked.
	return errors.Is(err, errEndsEarly) || errors.Is(err, errEmpty)
}

// refused records the vendor's words.
func (r *run) refused(refusal Refusal) (again bool) {
	r.failure.Code, r.failure.Message = refusal.Code, refusal.Message
	r.failure.unauthorized = r.failure.unauthorized || refusal.Unauthorized
	if refusal.Message == "" && r.failure.Kind == Status {
		r.failure.body = bytes.Clone(r.body) // the next try overwrites it
	}
	return refusal.Again
}

// fail begins the record of a failed try; nothing of the try before it remains but the count.
func (r *run) fail(kind Kind, status int, err error) {
	tries := r.failure.Tries
	r.failure = r.client.failure(r.request)
	r.failure.Tries, r.failure.Kind, r.failure.Status, r.failure.Err = tries, kind, status, err
}

// log writes one line a try.
func (r *run) log(ctx context.Context, response *http.Response, users int) {
	if r.client.config.Log == nil {
		return
	}
	status := 0
	if response != nil {
		status = response.StatusCode
	}
	path := cmp.Or(r.request.Path, r.client.config.BaseURL) // a token endpoint is all base
	if len(r.request.Query) > 0 {
		path += "?" + r.request.Query.Encode() // which tells one page from another
	}
	fields := map[string]any{
		"method":      r.request.Method,
		"path":        path,
		"status":      status,
		"duration_ms": time.Since(r.started).Milliseconds(),
		"try":         r.failure.Tries,
		"users":       users,
	}
	if !r.done {
		fields["error"] = r.client.shown(r.failure).Answer()
	}
	r.client.config.Log(ctx, "Sent a request", fields)
}
