package rest

import (
	"context"
	"sync"
	"time"
)

// recoverAfter is how long after the last 429 a client has one more request in flight.
const recoverAfter = 5 * time.Second

// throttle bounds how many requests of one client are in flight, to what its vendor serves. When a request
// is rate limited, no other one starts until it is sent again, and from then on there are only as many in
// flight as were served beside it. One more is allowed every recoverAfter.
type throttle struct {
	mu       sync.Mutex
	limit    int // of requests in flight
	most     int // what limit may recover to
	inFlight int
	pauses   int           // rate limited requests that wait for their next attempt
	limited  time.Time     // when limit changed last
	changed  chan struct{} // is closed, and replaced, when a request may start
}

func newThrottle(most int) *throttle {
	return &throttle{limit: most, most: most, changed: make(chan struct{})}
}

// acquire waits until a request may start; its error is the context's.
func (t *throttle) acquire(ctx context.Context) error {
	for {
		t.mu.Lock()
		if t.limit < t.most && time.Since(t.limited) >= recoverAfter {
			t.limit, t.limited = t.limit+1, time.Now()
		}
		free := t.pauses == 0 && t.inFlight < t.limit
		if free {
			t.inFlight++
		}
		changed := t.changed
		t.mu.Unlock()
		if free {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// release ends a request. If it was rate limited, no other one starts until resume is called.
func (t *throttle) release(rateLimited bool) (resume func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
	if !rateLimited {
		t.notify()
		return func() {}
	}
	t.limit, t.limited = max(1, min(t.limit, t.inFlight)), time.Now()
	t.pauses++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.pauses--
		t.notify()
	}
}

// notify wakes the requests that wait. The caller holds the lock.
func (t *throttle) notify() {
	close(t.changed)
	t.changed = make(chan struct{})
}
