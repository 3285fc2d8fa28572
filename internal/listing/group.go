package listing

import (
	"context"
	"errors"
	"sync"
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

// shared is a read that callers share. The other fields are valid after done is closed.
type shared[R any] struct {
	done   chan struct{}
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
// caller that has joined a read gets its own context's error if its own context ends first.
func (g *Group[R]) Read(ctx context.Context, key string, read func(context.Context) (R, error)) (result R, err error) {
	for {
		s, own := g.join(ctx, key, read)
		select {
		case <-s.done:
		case <-ctx.Done():
			if !own {
				return result, ctx.Err()
			}
			select {
			case <-s.done:
			case <-time.After(errorWait):
				return result, ctx.Err()
			}
		}
		if own || !s.callerEnded || ctx.Err() != nil {
			return s.result, s.err
		}
	}
}

// join returns a recent read of another caller, or starts the caller's own read.
func (g *Group[R]) join(ctx context.Context, key string, read func(context.Context) (R, error)) (s *shared[R], own bool) {
	s = &shared[R]{done: make(chan struct{})}
	if other, ok := g.recent.LoadOrStore(key, s); ok {
		return other.(*shared[R]), false //nolint:forcetypeassert // There is nothing else in the map.
	}
	forget := func() { g.recent.CompareAndDelete(key, s) }
	time.AfterFunc(MaxAge, forget)
	go func() {
		defer close(s.done)
		defer forget()
		s.result, s.err = read(ctx)
		failure, _ := errors.AsType[*rest.Error](s.err)
		s.callerEnded = s.err != nil && ctx.Err() != nil || failure != nil && failure.Kind == rest.KindDeadline
	}()
	return s, true
}
