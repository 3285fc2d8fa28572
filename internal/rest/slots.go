package rest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Slots bound how many requests are under way at the same time, over every client that holds them.
type Slots struct {
	size int
	free *semaphore.Weighted
}

// NewSlots returns a number of slots, at least one.
func NewSlots(size int) *Slots {
	return &Slots{size: size, free: semaphore.NewWeighted(int64(size))}
}

// errPause is for a request whose turn comes only after its caller's time limit.
var errPause = errors.New("none; the request was not sent, since no request may be until then")

// window bounds how many requests of one client are under way, to what its vendor can bear. That is
// as many as there are slots, until the vendor turns a request away because there are too many.
// From then on it does what TCP does (RFC 5681): all wait for as long as the request that was turned
// away has to, then one goes first, with each good answer there may be one more, up to half of what
// was too many, and after that one more for each round.
//
// Without it, requests that are turned away together would come back together, and a vendor with a
// strict limit would use up the tries of one of them.
type window struct {
	most int

	mu        sync.Mutex
	size      float64   // how many may be under way
	threshold float64   // the size above which it grows slowly
	under     int       // how many are under way
	narrowed  time.Time // when it was made smaller last
	closed    time.Time // nobody goes before
	queue     []*queued // those who waited longest for another try first
}

// queued is a request that waits for its turn.
type queued struct {
	ctx   context.Context // its caller's, whose deadline may be put off
	tries int             // that it has had
	turn  chan struct{}   // is closed when it may go
	late  bool            // it may not go, since its turn comes after the deadline
}

func newWindow(most int) *window {
	return &window{most: most, size: float64(most), threshold: float64(most)}
}

// enter waits for the turn of a request that has had a number of tries. After it, leave must be
// called, unless there was an error: that of the context, or [errPause].
func (w *window) enter(ctx context.Context, tries int) error {
	q := &queued{ctx: ctx, tries: tries, turn: make(chan struct{})}
	w.mu.Lock()
	at := len(w.queue)
	for at > 0 && w.queue[at-1].tries < tries {
		at--
	}
	w.queue = slices.Insert(w.queue, at, q)
	w.refuse()
	w.admit()
	w.mu.Unlock()

	select {
	case <-q.turn:
	case <-ctx.Done():
		w.mu.Lock()
		defer w.mu.Unlock()
		if at := slices.Index(w.queue, q); at >= 0 {
			w.queue = slices.Delete(w.queue, at, at+1)
		} else if !q.late { // its turn came at the same moment
			w.under--
			w.admit()
		}
		return ctx.Err()
	}
	if q.late {
		return errPause
	}
	return nil
}

// leave ends the turn of a request.
func (w *window) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.under--
	w.admit()
}

// admit lets in as many as may be under way. The caller holds the lock.
func (w *window) admit() {
	for len(w.queue) > 0 && w.under < int(w.size) && !time.Now().Before(w.closed) {
		close(w.queue[0].turn)
		w.queue = w.queue[1:]
		w.under++
	}
}

// refuse sends those away whose time is up before anybody may go. The caller holds the lock.
func (w *window) refuse() {
	w.queue = slices.DeleteFunc(w.queue, func(q *queued) bool {
		deadline, ok := q.ctx.Deadline()
		q.late = ok && deadline.Before(w.closed)
		if q.late {
			close(q.turn)
		}
		return q.late
	})
}

// narrow takes note of a request that was sent at a time, was turned away, and waits before it
// comes again.
func (w *window) narrow(sent time.Time, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if sent.After(w.narrowed) { // the others that were under way then say nothing new
		w.threshold, w.size, w.narrowed = max(1, w.size/2), 1, now
	}
	if until := now.Add(wait); until.After(w.closed) {
		w.closed = until
		w.refuse()
		time.AfterFunc(wait, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.admit()
		})
	}
}

// widen takes note of a good answer to a request that was sent at a time. One that was under way when
// another was turned away says nothing of how many the vendor can bear now.
func (w *window) widen(sent time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !sent.After(w.narrowed) {
		return
	}
	if w.size < w.threshold {
		w.size++
	} else {
		w.size += 1 / w.size
	}
	w.size = min(w.size, float64(w.most))
}

// width is how many requests may be under way.
func (w *window) width() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.size)
}

// pause is how long nobody may go.
func (w *window) pause() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(0, time.Until(w.closed))
}
