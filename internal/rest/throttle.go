package rest

import (
	"context"
	"sync"
	"time"
)

// recoverAfter is the time from a change of a throttle's limit until the limit may grow by one.
const recoverAfter = 5 * time.Second

// Throttle limits the requests in flight of all clients that share it, which are those of one vendor. If the vendor
// rejects a request because of its rate limit, no other request starts until the wait of the rejected request is over, or
// the request gives up. After that, the limit is the number of other requests that were in flight at the rejection, at
// least one and no more than before. A request that starts at least recoverAfter after the last change raises it by one.
type Throttle struct {
	mu           sync.Mutex
	mayStart     *sync.Cond // wakes the requests that wait to start
	limit        int        // for inFlight
	maxLimit     int
	limitChanged time.Time
	inFlight     int
	pauses       int // rate limited requests that wait for their next attempt; no request starts until there is none
}

// NewThrottle returns a throttle that allows at most maxLimit requests in flight.
func NewThrottle(maxLimit int) *Throttle {
	maxLimit = max(1, maxLimit)
	t := &Throttle{limit: maxLimit, maxLimit: maxLimit}
	t.mayStart = sync.NewCond(&t.mu)
	return t
}

// acquire waits until a request may start. It returns the context's error if the context ends first. The limit needs no
// timer to grow: as long as a request waits, there is another one whose release or resume wakes it.
func (t *Throttle) acquire(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() {
		t.mu.Lock() // the context must not end between ctx.Err and Wait below
		defer t.mu.Unlock()
		t.mayStart.Broadcast()
	})()
	t.mu.Lock()
	defer t.mu.Unlock()
	for ctx.Err() == nil {
		if t.limit < t.maxLimit && time.Since(t.limitChanged) >= recoverAfter {
			t.limit, t.limitChanged = t.limit+1, time.Now()
		}
		if t.pauses == 0 && t.inFlight < t.limit {
			t.inFlight++
			return nil
		}
		t.mayStart.Wait()
	}
	return ctx.Err()
}

// release ends a request. After a rate limited request, no request starts until the caller calls resume.
func (t *Throttle) release(rateLimited bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
	if rateLimited {
		t.limit, t.limitChanged = max(1, min(t.limit, t.inFlight)), time.Now()
		t.pauses++
	}
	t.mayStart.Broadcast()
}

// resume ends the wait of a rate limited request.
func (t *Throttle) resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pauses--
	t.mayStart.Broadcast()
}
