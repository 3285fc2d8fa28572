package listing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// MaxAge is how long after its beginning a listing is shared with callers who come later: long enough for callers
// that Terraform starts together. What a caller gets may be that much older than the call.
const MaxAge = time.Second

// errorWait is how long a caller whose context has ended waits for the error of its own read. That comes at
// once, unless the read is decoding a large response.
const errorWait = 500 * time.Millisecond

// Group lets callers with the same key share one result. Its zero value is ready to use, by several
// goroutines at a time.
type Group[R any] struct {
	mu     sync.Mutex
	recent map[string]*shared[R] // reads that a caller may join
}

// shared is one read. Its other fields are set when done is closed.
type shared[R any] struct {
	done   chan struct{}
	result R
	err    error
	ended  bool // the context of the caller that started the read has ended, or a wait would have passed its deadline
}

// Read returns what read returns for a key. A caller that comes within [MaxAge] of the beginning of
// another caller's read joins it, and gets the same result, which must not be changed.
//
// A read has the context of the caller that started it. If that context ends, the other callers start a new
// one. A caller whose own context ends first gets that context's error.
func (g *Group[R]) Read(ctx context.Context, key string, read func(context.Context) (R, error)) (R, error) {
	for {
		s, own := g.join(ctx, key, read)
		select {
		case <-s.done:
		case <-ctx.Done():
			wait := time.Duration(0)
			if own {
				wait = errorWait // since its error says more
			}
			select {
			case <-s.done:
			case <-time.After(wait):
				var none R
				return none, ctx.Err()
			}
		}
		if own || !s.ended || ctx.Err() != nil {
			return s.result, s.err
		}
	}
}

// join returns a recent read, or else starts the caller's own.
func (g *Group[R]) join(ctx context.Context, key string, read func(context.Context) (R, error)) (s *shared[R], own bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s, ok := g.recent[key]; ok {
		return s, false
	}
	s = &shared[R]{done: make(chan struct{})}
	if g.recent == nil {
		g.recent = map[string]*shared[R]{}
	}
	g.recent[key] = s
	time.AfterFunc(MaxAge, func() { g.forget(key, s) })
	go func() {
		defer close(s.done)
		s.result, s.err = read(ctx)
		if s.err != nil {
			failure, _ := errors.AsType[*rest.Error](s.err)
			s.ended = ctx.Err() != nil || failure != nil && failure.Kind == rest.KindDeadline
			g.forget(key, s)
		}
	}()
	return s, true
}

// forget has later callers start a new read.
func (g *Group[R]) forget(key string, s *shared[R]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.recent[key] == s {
		delete(g.recent, key)
	}
}
