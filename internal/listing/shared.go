package listing

import (
	"context"
	"sync"
	"time"
)

// Lag is how much older than a caller's question a reading may be that the caller shares. It is
// long enough for callers that Terraform starts together, and short enough that nobody who has been
// in a listing for longer can be missing from an answer.
const Lag = time.Second

// Shared lets callers who ask the same question share one reading. Its zero value is ready to use,
// by several goroutines at a time. It differs from golang.org/x/sync/singleflight in that a caller
// can leave, that a reading ends when its last caller has left, and that its answer is of use for a
// moment longer.
type Shared[R any] struct {
	mu       sync.Mutex
	readings map[string]*reading[R] // by question, while others may join
}

// reading is one that callers share.
type reading[R any] struct {
	context.Context // ends when the last caller has left
	cancel          context.CancelCauseFunc
	shared          *Shared[R]
	question        string
	callers         map[context.Context]int // those who wait, and how often

	done  chan struct{} // is closed when the rest is there
	given R
	since time.Time
	err   error
}

// Read gives the answer to a question: that of a reading that is under way, or that has brought one
// a moment ago, or else of a new one. One that is under way, and turns out to have begun longer than
// [Lag] before, has been waited for in vain, and there is a new one after it. Everybody gets the same answer, which nobody may change. An
// error goes to those who wait for it, and is not kept.
//
// The function reads. It returns, with its answer, a time since when nobody who stayed can have been
// missed. Its context has the values of the first caller's, and the latest of all callers'
// deadlines; it is cancelled when all callers have left, with the cause of the last one.
//
// A caller leaves when its own context ends, and gets that context's error, or that of the reading
// if it was the last.
func (s *Shared[R]) Read(ctx context.Context, question string, read func(context.Context) (R, time.Time, error)) (R, error) {
	oldest := time.Now().Add(-Lag)
	for {
		r := s.join(ctx, question, read)
		select {
		case <-r.done:
		case <-ctx.Done():
			if others := r.leave(ctx); others {
				var none R
				return none, ctx.Err()
			}
			<-r.done // soon, and it says more
		}
		if r.err != nil || !r.since.Before(oldest) {
			return r.given, r.err
		}
	}
}

// join finds a reading for a caller, or begins one.
func (s *Shared[R]) join(ctx context.Context, question string, read func(context.Context) (R, time.Time, error)) *reading[R] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.readings[question]; r != nil {
		select {
		case <-r.done:
			if time.Since(r.since) <= Lag {
				return r
			}
		default:
			r.callers[ctx]++
			return r
		}
	}
	r := &reading[R]{shared: s, question: question, callers: map[context.Context]int{ctx: 1}, done: make(chan struct{})}
	r.Context, r.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	if s.readings == nil {
		s.readings = map[string]*reading[R]{}
	}
	s.readings[question] = r
	go func() {
		given, since, err := read(r)
		s.mu.Lock()
		defer s.mu.Unlock()
		r.given, r.since, r.err = given, since, err
		if err != nil {
			r.forget()
		} else {
			time.AfterFunc(time.Until(since.Add(Lag)), func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				r.forget()
			})
		}
		r.cancel(nil)
		close(r.done)
	}()
	return r
}

// forget lets nobody join any more. The caller holds the lock.
func (r *reading[R]) forget() {
	if r.shared.readings[r.question] == r {
		delete(r.shared.readings, r.question)
	}
}

// leave tells whether there are others who wait for the reading. If there are none, it is over.
func (r *reading[R]) leave(ctx context.Context) (others bool) {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	if r.callers[ctx]--; r.callers[ctx] == 0 {
		delete(r.callers, ctx)
	}
	if len(r.callers) > 0 {
		return true
	}
	r.cancel(context.Cause(ctx))
	select {
	case <-r.done: // it has an answer, which is still good
	default:
		r.forget()
	}
	return false
}

// Deadline is the latest of the callers'.
func (r *reading[R]) Deadline() (latest time.Time, ok bool) {
	r.shared.mu.Lock()
	defer r.shared.mu.Unlock()
	for caller := range r.callers {
		deadline, ok := caller.Deadline()
		if !ok {
			return time.Time{}, false
		}
		if deadline.After(latest) {
			latest = deadline
		}
	}
	return latest, len(r.callers) > 0
}
