package rest

import (
	"context"
	"sync"
)

// Lease is the right of a call, or of calls with the same listing, to have a large listing. There is one at a time, since
// a large listing may need a third of the provider's memory, and the listings of ten calls together could need any amount.
// It is safe for concurrent use.
type Lease struct {
	memory *Memory
	mu     sync.Mutex
	calls  []context.Context //nolint:containedctx // The contexts of the calls: the lease ends with them.
}

// NewLease returns a lease for the listings of a call. The call does not hold it before TryAcquire or Acquire. Then it
// keeps it until its context ends. So the context should not end while the provider still makes the result.
func (c *Client) NewLease(call context.Context) *Lease {
	return &Lease{memory: c.config.Memory, calls: []context.Context{call}}
}

// Share keeps the lease until the context of another call has ended, too. It has no effect if the lease has ended before.
func (l *Lease) Share(call context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call)
}

// TryAcquire acquires the lease, unless other calls hold theirs. It returns whether the lease is held, and does not block.
func (l *Lease) TryAcquire() bool { return l.acquire() == l }

// Acquire acquires the lease as soon as no other calls hold theirs. It returns the context's error if the context ends
// first.
func (l *Lease) Acquire(ctx context.Context) error {
	for holder := l.acquire(); holder != l; holder = l.acquire() {
		if call := holder.running(); call != nil {
			select {
			case <-call.Done():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// acquire acquires the lease, unless other calls hold theirs. It returns the lease that is held then.
func (l *Lease) acquire() *Lease {
	for {
		latest := l.memory.lease.Load()
		if latest != nil && latest.running() != nil {
			return latest
		}
		if l.memory.lease.CompareAndSwap(latest, l) {
			return l
		}
	}
}

// running returns the context of a call that has not ended, or nil.
func (l *Lease) running() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, call := range l.calls {
		if call.Err() == nil {
			return call
		}
	}
	return nil
}
