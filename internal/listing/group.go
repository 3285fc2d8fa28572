package listing

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

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
	flight singleflight.Group

	mu     sync.Mutex
	recent map[string]R // complete, and not older than MaxAge
}

// outcome is what came of a read.
type outcome[R any] struct {
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
		began := make(chan struct{})
		calls := g.flight.DoChan(key, func() (any, error) {
			close(began)
			return g.read(ctx, key, read), nil
		})
		var call singleflight.Result
		select {
		case call = <-calls:
		case <-ctx.Done():
			var wait time.Duration
			select {
			case <-began: // this caller's own read, whose error says more
				wait = errorWait
			default:
			}
			select {
			case call = <-calls:
			case <-time.After(wait):
				var none R
				return none, ctx.Err()
			}
		}
		o := call.Val.(outcome[R]) //nolint:forcetypeassert // That is what the function above returns.
		own := false
		select {
		case <-began:
			own = true
		default:
		}
		if !o.ended || own || ctx.Err() != nil {
			return o.result, o.err
		}
	}
}

// read reads, unless there is a recent result, and shares it until it is [MaxAge] old.
func (g *Group[R]) read(ctx context.Context, key string, read func(context.Context) (R, error)) outcome[R] {
	g.mu.Lock()
	result, ok := g.recent[key]
	g.mu.Unlock()
	if ok {
		return outcome[R]{result: result}
	}
	expired := false
	time.AfterFunc(MaxAge, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		expired = true
		delete(g.recent, key)
		g.flight.Forget(key) // nobody joins this read any more
	})
	result, err := read(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil && !expired {
		if g.recent == nil {
			g.recent = map[string]R{}
		}
		g.recent[key] = result
	}
	failure, _ := errors.AsType[*rest.Error](err)
	ended := err != nil && ctx.Err() != nil || failure != nil && failure.Kind == rest.KindDeadline
	return outcome[R]{result, err, ended}
}
