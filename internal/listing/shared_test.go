package listing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errFailed = errors.New("failed")

// Ten callers at the same time get the answer of one reading, and so does one who comes a moment
// later; whoever comes after that gets a new one.
func TestShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[int]
		readings := 0
		read := func(context.Context) (int, time.Time, error) {
			readings++
			since := time.Now()
			time.Sleep(300 * time.Millisecond)
			return readings, since, nil
		}
		ask := func(question string, want int) {
			t.Helper()
			if got, err := shared.Read(t.Context(), question, read); got != want || err != nil {
				t.Errorf("got %d and %v, want %d", got, err, want)
			}
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { ask("a", 1) })
		}
		all.Wait()
		ask("a", 1)
		ask("b", 2)
		time.Sleep(Lag - 600*time.Millisecond - 1) // almost the lag after the first reading began
		ask("a", 1)
		time.Sleep(2 * time.Nanosecond)
		ask("a", 3)
		time.Sleep(Lag)
		synctest.Wait()
		if len(shared.readings) != 0 {
			t.Errorf("%d readings are kept", len(shared.readings))
		}
	})
}

// Who asks when a reading has been under way for longer than the lag is not served by what it may
// have found before.
func TestSharedTooOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[string]
		readings := 0
		read := func(context.Context) (string, time.Time, error) {
			readings++
			since := time.Now()
			time.Sleep(3 * time.Second)
			return fmt.Sprint("reading ", readings), since, nil
		}
		var all sync.WaitGroup
		for after, want := range map[time.Duration]string{0: "reading 1", Lag: "reading 1", Lag + 1: "reading 2", 2 * time.Second: "reading 2"} {
			all.Go(func() {
				time.Sleep(after)
				if got, err := shared.Read(t.Context(), "", read); got != want || err != nil {
					t.Errorf("after %s: got %q and %v, want %q", after, got, err, want)
				}
			})
		}
		all.Wait()
	})
}

// An error goes to all who wait for it, and is not kept.
func TestSharedError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[int]
		err := errFailed
		read := func(context.Context) (int, time.Time, error) {
			time.Sleep(time.Millisecond)
			return 1, time.Now(), err
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := shared.Read(t.Context(), "", read); !errors.Is(err, errFailed) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		err = nil
		if got, err := shared.Read(t.Context(), "", read); got != 1 || err != nil {
			t.Errorf("after the error: got %d and %v", got, err)
		}
	})
}

// A caller leaves at its own time, with its own error, and the others go on; the reading has the
// longest of their times, and ends when nobody waits any more, for the reason of the last.
func TestSharedLeaving(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[int]
		ended := make(chan error, 1)
		started := time.Now()
		read := func(ctx context.Context) (int, time.Time, error) {
			if deadline, ok := ctx.Deadline(); !ok || deadline.Sub(started) != time.Second {
				t.Errorf("at first, the reading may take until %v, %v", deadline, ok)
			}
			time.Sleep(500 * time.Millisecond)
			if deadline, ok := ctx.Deadline(); !ok || deadline.Sub(started) != time.Minute {
				t.Errorf("the reading may take until %v, %v", deadline, ok)
			}
			child, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			<-child.Done()
			ended <- context.Cause(child)
			return 0, time.Time{}, errFailed
		}
		leave := func(begin, limit, interrupt time.Duration, want error) {
			time.Sleep(begin)
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			time.AfterFunc(interrupt, cancel)
			_, err := shared.Read(ctx, "", read)
			if took := time.Since(started); !errors.Is(err, want) || took != begin+min(limit, interrupt) {
				t.Errorf("got %v after %s, want %v", err, took, want)
			}
		}
		var all sync.WaitGroup
		all.Go(func() { leave(0, time.Second, time.Hour, context.DeadlineExceeded) })
		all.Go(func() { leave(100*time.Millisecond, 5*time.Second, 2*time.Second, context.Canceled) })
		all.Go(func() { leave(200*time.Millisecond, time.Minute-200*time.Millisecond, time.Hour, errFailed) })
		all.Wait()
		if cause := <-ended; !errors.Is(cause, context.DeadlineExceeded) {
			t.Errorf("the reading ended with %v", cause)
		}
		if len(shared.readings) != 0 {
			t.Error("the reading that was given up is kept")
		}
	})
}

// Who asks right after the last caller has left gets a reading of its own.
func TestSharedGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared Shared[int]
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = shared.Read(ctx, "", func(ctx context.Context) (int, time.Time, error) {
				<-ctx.Done()
				time.Sleep(Lag / 2) // it takes its time to end
				return 0, time.Time{}, errFailed
			})
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		got, err := shared.Read(t.Context(), "", func(context.Context) (int, time.Time, error) { return 2, time.Now(), nil })
		if got != 2 || err != nil {
			t.Errorf("got %d and %v", got, err)
		}
		time.Sleep(Lag / 2) // until the first one has ended
		if shared.readings[""] == nil {
			t.Error("the end of the first reading has taken the second one with it")
		}
	})
}
