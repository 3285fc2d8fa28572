package rest

import (
	"context"
	"sync"
	"time"
)

// recoverAfter is how long after the last 429 a client has one more request in flight.
const recoverAfter = 5 * time.Second

// throttle bounds how many requests of one client are in flight. When a request is rate limited, no other request
// starts before the wait for its next attempt is over. From then on, only as many are in flight as the vendor served at
// that time, and one more after each recoverAfter.
type throttle struct {
	mu       sync.Mutex
	free     *sync.Cond // signals that a request may be able to start
	limit    int        // of requests in flight
	most     int        // what limit may recover to
	inFlight int
	pauses   int       // rate limited requests that wait for their next attempt
	changed  time.Time // when limit changed last
}

func newThrottle(most int) *throttle {
	t := &throttle{limit: most, most: most}
	t.free = sync.NewCond(&t.mu)
	return t
}

// acquire waits until a request may start; its error is the context's.
func (t *throttle) acquire(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		t.mu.Lock() // so that the context does not end between the check below and Wait
		defer t.mu.Unlock()
		t.free.Broadcast()
	})()
	t.mu.Lock()
	defer t.mu.Unlock()
	for ctx.Err() == nil {
		if t.limit < t.most && time.Since(t.changed) >= recoverAfter {
			t.limit, t.changed = t.limit+1, time.Now()
		}
		if t.pauses == 0 && t.inFlight < t.limit {
			t.inFlight++
			return nil
		}
		t.free.Wait()
	}
	return ctx.Err()
}

// release ends a request. After a rate limited request, no request starts until the caller calls resume.
func (t *throttle) release(rateLimited bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
	if rateLimited {
		t.limit, t.changed = max(1, min(t.limit, t.inFlight)), time.Now()
		t.pauses++
	}
	t.free.Broadcast()
}

// resume ends the wait of a rate limited request.
func (t *throttle) resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pauses--
	t.free.Broadcast()
}
