// Package fakehttp holds what the fakes of the vendors' APIs have in common: the journal of the
// requests they got, a wait that heeds cancellation, and JSON read strictly and written plainly.
//
// It knows nothing of any vendor. What a vendor accepts and refuses, and what it responds with, is in
// that vendor's fake alone.
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

// Request is what a fake keeps of one request.
type Request struct {
	Method string
	Path   string // without the query, unescaped
	Query  url.Values
	Header http.Header
	Body   []byte
	Status int // of the response; 0 while, and if, there is none
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

// Intercept sees a request before the fake does, already in the journal and with its body still
// readable. n counts the fake's requests from 1. If it returns true, it has responded.
//
// It is for faults: a broken body, a 500, a connection that is cut (panic with
// [http.ErrAbortHandler], or [http.ResponseController.Hijack]).
type Intercept func(w http.ResponseWriter, r *http.Request, n int) bool

// Journal records the requests of one fake. Its zero value is ready to use, by several
// goroutines at a time.
type Journal struct {
	mu       sync.Mutex
	requests []Request
}

// Requests returns copies of the requests so far, in the order in which they came.
func (j *Journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	requests := make([]Request, 0, len(j.requests))
	for _, r := range j.requests {
		requests = append(requests, r.clone())
	}
	return requests
}

// Serve records the request, offers it to intercept, which may be nil, and if that lets it pass
// to next. Both find the whole body.
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
		panic(http.ErrAbortHandler) // the client went away before it had said everything
	}

	w = &statusWriter{ResponseWriter: w, wrote: func(status int) { j.setStatus(n, status) }}
	if intercept != nil && intercept(w, withBody(r, body), n) {
		return
	}
	next(w, withBody(r, body))
}

// add returns the number of the request, from 1.
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

// withBody returns a shallow copy, because a handler must not change the request it is given.
// The bytes are copied too: the journal keeps the original.
func withBody(r *http.Request, body []byte) *http.Request {
	r = r.WithContext(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(bytes.Clone(body)))
	return r
}

// statusWriter records the status in the journal before the first byte leaves, so that a client that
// has its response also finds the status in the journal.
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

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Wait returns nil after d, or the error of ctx as soon as that has ended.
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

// WriteJSON responds with v. It panics if v has no JSON form, which is a mistake in the test's
// data.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("fakehttp: response without a JSON form: %v", err))
	}
	WriteEncoded(w, status, body)
}

// WriteEncoded responds with what is JSON already.
func WriteEncoded(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // A client that has gone misses nothing.
}

// Object is a JSON object whose values are yet to be read.
type Object map[string]json.RawMessage

// DecodeObject reads a JSON object that may have these fields and no others. Unlike
// encoding/json it distinguishes upper and lower case, as the vendors do. JSON's null gives a nil
// Object.
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
