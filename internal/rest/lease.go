package rest

import "context"

// Lease is the right of a call, or of calls with the same listing, to have a large listing. There is one at a time, since
// a large listing may need a third of the provider's memory, and the listings of ten calls together could need any amount.
// It is safe for concurrent use.
type Lease struct {
	memory *Memory
	calls  []context.Context //nolint:containedctx // The contexts of the calls: the lease ends with them.
}

// NewLease returns a lease for the listings of a call. The call holds it from TryAcquire or Acquire until its context
// ends. So the context should last until the provider has made the result.
func (c *Client) NewLease(call context.Context) *Lease {
	return &Lease{memory: c.config.Memory, calls: []context.Context{call}}
}

// Share keeps the lease until the context of another call has ended, too. It has no effect if the lease has ended before.
func (l *Lease) Share(call context.Context) {
	l.memory.leases.Lock()
	defer l.memory.leases.Unlock()
	l.calls = append(l.calls, call)
}

// TryAcquire acquires the lease, unless other calls hold theirs. It returns whether the lease is held, and does not block.
func (l *Lease) TryAcquire() bool { return l.acquire() == nil }

// Acquire acquires the lease as soon as no other calls hold theirs. It returns the context's error if the context ends
// first.
func (l *Lease) Acquire(ctx context.Context) error {
	for holder := l.acquire(); holder != nil; holder = l.acquire() {
		select {
		case <-holder.Done():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// acquire acquires the lease, unless other calls hold theirs. It returns the context of one of these calls, or nil.
func (l *Lease) acquire() (holder context.Context) {
	l.memory.leases.Lock()
	defer l.memory.leases.Unlock()
	if latest := l.memory.lease; latest != nil && latest != l {
		for _, call := range latest.calls {
			if call.Err() == nil {
				return call
			}
		}
	}
	l.memory.lease = l
	return nil
}
