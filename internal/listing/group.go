package listing

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// maxAge is the time after the start of a read in which other callers may join it. Calls that Terraform starts
// together come within this time. The longer it is, the more likely a call joins a read that began before a change which
// the call depends on.
const maxAge = 100 * time.Millisecond

// errorWait is the time that a caller waits for the error of its own read after its context has ended. This error has
// more details than the context's error. It comes at once, unless the read is decoding a large response.
const errorWait = 500 * time.Millisecond

// Group lets callers with the same key share a read and its result. Its zero value is ready to use. It is safe for
// concurrent use.
type Group[R any] struct {
	reads singleflight.Group
}

// shared is the result of a read, and its lease.
type shared[R any] struct {
	result R
	lease  *rest.Lease
}

// Read returns the result of read. A caller joins a read with the same key if the read is not complete and began less
// than [maxAge] ago. It gets the same result, which it must not change. It shares the lease of the read, since it may
// use the result longer than the caller that started the read.
//
// A read uses the context of the caller that started it. If the read fails because this context ended, or would have
// ended during a wait, the other callers start a new read, since they may have more time. A caller that has joined a read
// gets an error as soon as its own context ends.
func (g *Group[R]) Read(ctx context.Context, client *rest.Client, key string, read func(context.Context, *rest.Lease) (R, error)) (result R, err error) {
	for {
		var own atomic.Bool // whether this caller started the read; DoChan sets it in a goroutine
		outcome := g.reads.DoChan(key, func() (any, error) {
			own.Store(true)
			defer time.AfterFunc(maxAge, func() { g.reads.Forget(key) }).Stop()
			lease := client.NewLease(ctx)
			result, err := read(ctx, lease)
			return shared[R]{result, lease}, err
		})
		var r singleflight.Result
		select {
		case r = <-outcome:
		case <-ctx.Done():
			patience := time.Duration(0)
			if own.Load() {
				patience = errorWait
			}
			select {
			case r = <-outcome:
			case <-time.After(patience):
				r.Err = rest.Ended(ctx, errors.New("the listing was not complete"))
			}
		}
		if r.Err == nil {
			s := r.Val.(shared[R]) //nolint:forcetypeassert // It is the result of the function above.
			if !own.Load() {
				s.lease.Share(ctx)
			}
			return s.result, nil
		}
		failure, _ := errors.AsType[*rest.Error](r.Err)
		ended := failure != nil && (failure.Kind == rest.KindDeadline || failure.Kind == rest.KindCanceled)
		if own.Load() || !ended || ctx.Err() != nil {
			return result, r.Err
		}
	}
}
