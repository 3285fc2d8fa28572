package rest

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// start starts a request as soon as the throttle allows it. started waits until every goroutine is blocked, and then
// returns whether the request has started.
func start(t *testing.T, th *Throttle) (started func() bool) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		if th.acquire(t.Context()) == nil {
			close(done)
		}
	}()
	return func() bool {
		synctest.Wait()
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

// A vendor rejects two of four requests. After the waits of both, the limit is two, the number of requests that the
// vendor served. It grows by one after recoverAfter.
func TestThrottle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		th := NewThrottle(4)
		for range 4 {
			if !start(t, th)() {
				t.Fatal("one of the first four requests waits")
			}
		}
		th.release(true)
		th.release(true)
		waiting := start(t, th)
		th.release(false)
		th.release(false)
		th.resume()
		if waiting() {
			t.Error("a request starts before the waits of both rejected requests are over")
		}
		th.resume()
		if !waiting() {
			t.Error("no request starts after the waits of both rejected requests")
		}
		if !start(t, th)() {
			t.Error("only one request is in flight, but the limit is two")
		}
		third := start(t, th)
		if third() {
			t.Error("three requests are in flight, but the limit is two")
		}
		time.Sleep(recoverAfter)
		fourth := start(t, th)
		if !fourth() {
			t.Error("the limit has not grown")
		}
		th.release(false)
		if !third() {
			t.Error("the third request still waits after the end of another one")
		}
		for range 3 {
			th.release(false)
		}
		if th.inFlight != 0 || th.pauses != 0 || th.limit != 3 {
			t.Errorf("got %d requests in flight, %d pauses and a limit of %d", th.inFlight, th.pauses, th.limit)
		}
	})
}

// A request whose context ends while it waits does not count as in flight.
func TestThrottleCanceled(t *testing.T) {
	t.Parallel()
	th := NewThrottle(2)
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if th.acquire(ctx) == nil {
				th.release(false)
			}
		})
	}
	all.Wait()
	if th.inFlight != 0 {
		t.Errorf("%d requests are in flight", th.inFlight)
	}
}

// While a rate limited request waits for its next attempt, the throttle is paused, so that no other request starts.
func TestPause(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		header http.Header
		want   int // pauses during the wait
	}{
		"429":                      {status: 429, want: 1},
		"503":                      {status: 503},
		"503 with Retry-After":     {status: 503, header: http.Header{"Retry-After": {"1"}}, want: 1},
		"503, invalid Retry-After": {status: 503, header: http.Header{"Retry-After": {"soon"}}, want: 1},
		"500, with Retry-After":    {status: 500, header: http.Header{"Retry-After": {"1"}}},
	} {
		var client *Client
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), test.header)
			w.WriteHeader(test.status)
		}))
		t.Cleanup(server.Close)
		waits := 0
		client = New(Config{
			BaseURL: server.URL, Credential: StaticCredential{Name: "x-api-key", Secret: "key"},
			Options: Options{MaxRetries: 2, Throttle: NewThrottle(3), Sleep: func(context.Context, time.Duration) {
				waits++
				if th := client.config.Throttle; th.pauses != test.want || th.inFlight != 0 {
					t.Errorf("%s: %d pauses and %d requests in flight", name, th.pauses, th.inFlight)
				}
			}},
		})
		err := client.Do(t.Context(), Request{
			Method: http.MethodPost, Timeout: time.Minute,
			Decode:   func([]byte) (int, error) { return 0, nil },
			APIError: func(int, []byte) *Error { return &Error{} },
		})
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Attempts != 3 || waits != 2 {
			t.Errorf("%s: got %v after %d waits", name, err, waits)
		}
		if th := client.config.Throttle; th.pauses != 0 || th.inFlight != 0 {
			t.Errorf("%s: after the last attempt, %d pauses and %d requests in flight", name, th.pauses, th.inFlight)
		}
	}
}
