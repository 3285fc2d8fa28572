// Package fakehttp provides the common parts of the vendors' mock servers: the journal of requests, a wait that ends
// with the context, a strict JSON decoder, and JSON responses. It has no code for a particular vendor.
package fakehttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Request is a recorded request.
type Request struct {
	Method string
	Path   string // without the query, unescaped
	Query  url.Values
	Header http.Header
	Body   []byte
	Status int // of the response; 0 for no response
}

func (r Request) clone() Request {
	r.Query = maps.Clone(r.Query)
	for name, values := range r.Query {
		r.Query[name] = slices.Clone(values)
	}
	r.Header = r.Header.Clone()
	r.Body = bytes.Clone(r.Body)
	return r
}

// Intercept handles a request before the mock server. The request is already in the journal, and its body is unread. n
// counts the mock server's requests from 1. It returns true if it has responded.
//
// It simulates faults: a broken body, a 500, or a closed connection (panic with [http.ErrAbortHandler], or use
// [http.ResponseController.Hijack]).
type Intercept func(w http.ResponseWriter, r *http.Request, n int) bool

// Journal records the requests of a mock server. Its zero value is ready to use. It is safe for concurrent use.
type Journal struct {
	mu       sync.Mutex
	requests []Request
}

// Requests returns copies of all requests so far, in order.
func (j *Journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	requests := make([]Request, 0, len(j.requests))
	for _, r := range j.requests {
		requests = append(requests, r.clone())
	}
	return requests
}

// Serve records the request and calls intercept, which may be nil. If intercept does not respond, it calls next. Both
// can read the whole body.
func (j *Journal) Serve(w http.ResponseWriter, r *http.Request, intercept Intercept, next http.HandlerFunc) {
	body, err := io.ReadAll(r.Body)
	n := j.add(Request{
		Method: r.Method,
		Path:   r.URL.Path,
		Query:  r.URL.Query(),
		Header: r.Header.Clone(),
		Body:   body,
	})
	if err != nil {
		panic(http.ErrAbortHandler) // the client closed the connection before the end of the body
	}

	w = &statusWriter{ResponseWriter: w, wrote: func(status int) { j.setStatus(n, status) }}
	if intercept != nil && intercept(w, withBody(r, body), n) {
		return
	}
	next(w, withBody(r, body))
}

// add records a request, and returns its number, from 1.
func (j *Journal) add(r Request) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, r)
	return len(j.requests)
}

func (j *Journal) setStatus(n, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests[n-1].Status = status
}

// withBody returns a shallow copy of the request with a copy of the body, because a handler must not change its
// request, and the journal keeps the original body.
func withBody(r *http.Request, body []byte) *http.Request {
	r = r.WithContext(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(bytes.Clone(body)))
	return r
}

// statusWriter records the status in the journal before the first byte of the response, so that the status is in the
// journal when the client has the response.
type statusWriter struct {
	http.ResponseWriter
	wrote func(status int)
	done  bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.done {
		w.done = true
		w.wrote(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if !w.done {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController, which needs the underlying writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Wait returns nil after d, or the error of ctx as soon as ctx ends.
func Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WriteJSON responds with v in JSON. It panics if json.Marshal fails, which is a mistake in the test's data.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("fakehttp: response without a JSON form: %v", err))
	}
	WriteEncoded(w, status, body)
}

// WriteEncoded responds with a body that is already JSON.
func WriteEncoded(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // An error means that the client has closed the connection.
}

// Object is a JSON object whose values are not decoded.
type Object map[string]json.RawMessage

// DecodeObject decodes a JSON object, and rejects fields that are not in fields. Names are case-sensitive, unlike in
// encoding/json. For null, it returns a nil Object.
func DecodeObject(data []byte, fields ...string) (Object, error) {
	var object Object
	if err := json.Unmarshal(data, &object); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, errors.New("not a JSON object")
		}
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(fields, name) {
			return nil, fmt.Errorf("unknown field %q", name)
		}
	}
	return object, nil
}
