package rest

import (
	"context"
	"sync"
)

// Lease is the right of a call to have large listings. One call at a time has it, since a large listing may need a third
// of the provider's memory, and the listings of ten calls together could need any amount. It is safe for concurrent use.
type Lease struct {
	call  context.Context //nolint:containedctx // The lease ends with the call.
	calls chan struct{}   // full while a call holds the lease
	held  chan struct{}   // closed when this call holds it
	first sync.Once       // closes held: Wait may acquire the lease again after the end of the call
}

// Lease returns a lease for the listings of one call, which does not hold it yet. A call that holds it keeps it until
// its context ends. So the context must not end while the provider still makes the result.
func (c *Client) Lease(call context.Context) *Lease {
	return &Lease{call: call, calls: c.config.Memory.largeCalls, held: make(chan struct{})}
}

// Try acquires the lease, unless another call holds it. It returns whether the call holds it, and does not block. It may
// return false while another goroutine of the call acquires the lease. Then Wait returns at once.
func (l *Lease) Try() bool {
	select {
	case <-l.held:
		return true
	default:
	}
	select {
	case l.calls <- struct{}{}:
		l.hold()
		return true
	default:
		return false
	}
}

// Wait acquires the lease as soon as no other call holds it. It returns the context's error if the context ends first.
func (l *Lease) Wait(ctx context.Context) error {
	select {
	case <-l.held: // by another listing of the call
	case l.calls <- struct{}{}:
		l.hold()
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (l *Lease) hold() {
	l.first.Do(func() { close(l.held) })
	context.AfterFunc(l.call, func() { <-l.calls })
}
