package rest

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// Lease is the right of a call to have large listings. One call at a time has it, since a large listing may need a third
// of the provider's memory, and the listings of ten calls together could need any amount. It is safe for concurrent use.
type Lease struct {
	call  context.Context //nolint:containedctx // The lease ends with the call.
	calls *semaphore.Weighted
	mu    sync.Mutex
	held  bool
}

// Lease returns a lease for the listings of one call, which does not hold it yet. A call that holds it keeps it until
// its context ends. So the context must not end while the provider still makes the result.
func (c *Client) Lease(call context.Context) *Lease {
	return &Lease{call: call, calls: c.config.Memory.largeCalls}
}

// Try acquires the lease, unless another call holds it. It returns whether the call holds it.
func (l *Lease) Try() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held && l.calls.TryAcquire(1) {
		l.hold()
	}
	return l.held
}

// Wait acquires the lease as soon as no other call holds it. It returns the context's error if the context ends first.
func (l *Lease) Wait(ctx context.Context) error {
	l.mu.Lock() // another listing of the call waits here, and then has the lease, too
	defer l.mu.Unlock()
	if l.held {
		return nil
	}
	err := l.calls.Acquire(ctx, 1)
	if err == nil {
		l.hold()
	}
	return err
}

func (l *Lease) hold() {
	l.held = true
	context.AfterFunc(l.call, func() { l.calls.Release(1) })
}
