package rest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// enter lets a request into the window, or says that it has to wait.
func enter(t *testing.T, w *window, tries int) (entered func() bool) {
	t.Helper()
	var in atomic.Bool
	go func() {
		if w.enter(t.Context(), tries) == nil {
			in.Store(true)
		}
	}()
	synctest.Wait()
	return in.Load
}

// The window follows RFC 5681: from one to the threshold by one for each answer, then by one for each
// round, and up to the slots.
func TestWindow(t *testing.T) {
	t.Parallel()
	w := newWindow(8)
	sent := time.Now()
	later := sent.Add(time.Hour) // than any note that is taken here
	w.narrow(sent, 0)
	for i, want := range []int{1, 2, 3, 4, 4, 4, 4, 4, 5} {
		if got := w.width(); got != want {
			t.Errorf("after %d answers: %d, want %d", i, got, want)
		}
		w.widen(later)
	}
	for range 100 {
		w.widen(later)
	}
	if got := w.width(); got != 8 {
		t.Errorf("at last: %d, want 8", got)
	}
	w.narrow(sent, 0) // of the same round as the first
	if got := w.width(); got != 8 {
		t.Errorf("after an old answer: %d, want 8", got)
	}
	w.narrow(later, 0)
	for range 8 {
		w.widen(sent) // good ones that were under way at that time
	}
	if got := w.width(); got != 1 {
		t.Errorf("after old good answers: %d, want 1", got)
	}
}

// growing is a context whose deadline is put off, as that of a reading is when another caller joins.
type growing struct {
	context.Context
	deadline atomic.Pointer[time.Time]
}

func (g *growing) Deadline() (time.Time, bool) { return *g.deadline.Load(), true }

func (g *growing) in(limit time.Duration) *growing {
	deadline := time.Now().Add(limit)
	g.deadline.Store(&deadline)
	return g
}

// A request that waits its turn goes by the deadline that its caller has when there is a pause.
func TestPauseAndGrowingDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(1)
		enter(t, w, 0)
		ctx := (&growing{Context: t.Context()}).in(time.Second)
		waiting := make(chan error)
		go func() { waiting <- w.enter(ctx, 0) }()
		synctest.Wait()
		ctx.in(time.Minute)
		time.Sleep(time.Millisecond)
		w.narrow(time.Now(), 10*time.Second)
		w.leave()
		if err := <-waiting; err != nil {
			t.Errorf("got %v", err)
		}
	})
}

// While a vendor has asked for a pause nobody goes; then one goes, who has had the most tries, and
// the others follow as the answers come.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(4)
		if first, second := enter(t, w, 0), enter(t, w, 0); !first() || !second() {
			t.Fatal("two requests have to wait")
		}
		time.Sleep(time.Millisecond) // of the bubble's clock
		w.narrow(time.Now(), 10*time.Second)
		w.leave()
		w.leave()
		fresh, again := enter(t, w, 0), enter(t, w, 1)
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if fresh() || again() {
			t.Error("one goes before the pause is over")
		}
		// One whose time is up before the pause is over learns of it at once.
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond/2)
		defer cancel()
		if err := w.enter(ctx, 0); !errors.Is(err, errPause) || ctx.Err() != nil {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if fresh() || !again() {
			t.Errorf("after the pause: a fresh one goes: %v; one that was turned away: %v", fresh(), again())
		}
		w.widen(time.Now())
		w.leave()
		synctest.Wait()
		if !fresh() {
			t.Error("the other one still waits after an answer")
		}
		w.leave()
		if w.under != 0 || len(w.queue) != 0 {
			t.Errorf("%d under way, %d waiting", w.under, len(w.queue))
		}
	})
}

// A caller who gives up while waiting leaves nothing behind, whenever that is.
func TestWindowCancelled(t *testing.T) {
	t.Parallel()
	w := newWindow(2)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if w.enter(ctx, i%3) == nil {
				w.leave()
			}
		})
	}
	all.Wait()
	if w.under != 0 || len(w.queue) != 0 {
		t.Errorf("%d under way, %d waiting", w.under, len(w.queue))
	}
}

// Nobody slips past an answer that asks for a pause: the request that waits for its turn goes when the
// one that was turned away has been heard.
func TestNobodySlipsPastAPause(t *testing.T) {
	t.Parallel()
	const pause = 200 * time.Millisecond
	arrived, turnedAway := make(chan time.Time, 3), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- time.Now()
		if len(arrived) == 1 {
			<-turnedAway
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	t.Cleanup(server.Close)
	client := New(Config{
		BaseURL: server.URL, Credential: Fixed{Name: "x-api-key", Secret: "k"}, Refusal: func([]byte) Refusal { return Refusal{} },
		Options: Options{MaxRetries: 1, Slots: NewSlots(1), Pace: func(time.Duration) time.Duration { return pause }},
	})
	t.Cleanup(client.CloseIdle)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := client.Do(t.Context(), Request{Method: http.MethodPost, Judge: func(Answer) (int, error) { return 0, nil }}); err != nil {
				t.Error(err)
			}
		})
	}
	for late := time.Now().Add(10 * time.Second); ; { // until the second one waits
		client.window.mu.Lock()
		waiting := len(client.window.queue)
		client.window.mu.Unlock()
		if waiting == 1 {
			break
		}
		if time.Now().After(late) {
			t.Error("no request waits for its turn")
			break
		}
		runtime.Gosched()
	}
	close(turnedAway)
	both.Wait()
	first, second := <-arrived, <-arrived
	if gap := second.Sub(first); gap < pause {
		t.Errorf("a request came %s after the one that was turned away, want %s", gap, pause)
	}
}

// limiter is a vendor that answers so many requests a second, and turns the others away.
type limiter struct {
	mu     sync.Mutex
	rate   float64
	tokens float64
	last   time.Time
	away   int
}

func (l *limiter) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tokens = min(l.rate/2, l.tokens+now.Sub(l.last).Seconds()*l.rate)
	l.last = now
	if l.tokens < 1 {
		l.away++
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	l.tokens--
}

// Thirty-two readers at once come to an end at a vendor with a strict limit, with the retries of the
// default. Time is twenty times as fast: for 20 requests a second the limit is 400.
func TestStrictLimit(t *testing.T) {
	t.Parallel()
	const factor = 20
	l := &limiter{rate: 20 * factor, last: time.Now()}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	client := New(Config{
		BaseURL: server.URL, Credential: Fixed{Name: "x-api-key", Secret: "k"}, Refusal: func([]byte) Refusal { return Refusal{} },
		Options: Options{MaxRetries: 4, Slots: NewSlots(32), Pace: func(wait time.Duration) time.Duration { return wait / factor }},
	})
	t.Cleanup(client.CloseIdle)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range 20 {
				if err := client.Do(t.Context(), Request{Method: http.MethodPost, Judge: func(Answer) (int, error) { return 0, nil }}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if l.away == 0 {
		t.Error("nobody was turned away")
	}
	t.Logf("%d requests were turned away", l.away)
}
