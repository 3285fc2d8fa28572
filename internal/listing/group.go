package listing

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// MaxAge is the time after the start of a read in which other callers may join it. Calls that Terraform starts
// together come within this time. The longer it is, the more likely a call joins a read that began before a change which
// the call depends on.
const MaxAge = 100 * time.Millisecond

// errorWait is the time that a caller waits for the error of its own read after its context has ended. This error has
// more details than the context's error. It comes at once, unless the read is decoding a large response.
const errorWait = 500 * time.Millisecond

// Group lets callers with the same key share a read and its result. Its zero value is ready to use. It is safe for
// concurrent use.
type Group[R any] struct {
	recent sync.Map // key -> *shared[R], the reads that a caller may join
}

// shared is a read that callers share.
type shared[R any] struct {
	callers *callers
	done    chan struct{}
	// The fields below are valid after done is closed.
	result R
	err    error
	// callerEnded is true if the read failed because the context of the caller that started it ended, or would have ended
	// during a wait. The other callers may have more time.
	callerEnded bool
}

// Read returns the result of read. A caller joins a read with the same key if the read is not complete and began less
// than [MaxAge] ago. It gets the same result, which it must not change.
//
// A read uses the context of the caller that started it. If this context ends, the other callers start a new read. A
// caller that has joined a read gets its own context's error if its own context ends first. The lease of a read ends when
// the read fails, or when the contexts of all its callers have ended, since each of them may still use the result.
func (g *Group[R]) Read(ctx context.Context, client *rest.Client, key string, read func(context.Context, *rest.Lease) (R, error)) (result R, err error) {
	for {
		s, own := g.join(ctx, client, key, read)
		select {
		case <-s.done:
		case <-ctx.Done():
			if !own {
				return result, notComplete(ctx)
			}
			select {
			case <-s.done:
			case <-time.After(errorWait):
				return result, notComplete(ctx)
			}
		}
		if own || !s.callerEnded || ctx.Err() != nil {
			return s.result, s.err
		}
	}
}

// notComplete returns the error of a caller whose context has ended.
func notComplete(ctx context.Context) error {
	return &rest.Error{Kind: rest.EndOf(ctx), Err: errors.New("the listing was not complete")}
}

// join returns a recent read of another caller, or starts the caller's own read.
func (g *Group[R]) join(ctx context.Context, client *rest.Client, key string, read func(context.Context, *rest.Lease) (R, error)) (s *shared[R], own bool) {
	calls, end := context.WithCancel(context.Background())
	s = &shared[R]{callers: &callers{end: end}, done: make(chan struct{})}
	recent, joined := g.recent.LoadOrStore(key, s)
	s = recent.(*shared[R]) //nolint:forcetypeassert // There is nothing else in the map.
	s.callers.add(ctx)
	if joined {
		return s, false
	}
	forget := func() { g.recent.CompareAndDelete(key, s) }
	time.AfterFunc(MaxAge, forget)
	go func() {
		defer close(s.done)
		defer forget()
		s.result, s.err = read(ctx, client.Lease(calls))
		failure, _ := errors.AsType[*rest.Error](s.err)
		s.callerEnded = s.err != nil && ctx.Err() != nil || failure != nil && failure.Kind == rest.KindDeadline
		if s.err != nil {
			end() // a new read may need the lease
		}
	}()
	return s, true
}

// callers are the callers of a read whose contexts have not ended. It has no reference to the result, since a caller
// releases the result before its context ends.
type callers struct {
	count atomic.Int64
	end   context.CancelFunc // is called when there are none left
}

func (c *callers) add(ctx context.Context) {
	c.count.Add(1)
	context.AfterFunc(ctx, func() {
		if c.count.Add(-1) == 0 {
			c.end()
		}
	})
}
