package rest

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

// One call at a time holds the lease, until its context ends. TryAcquire does not block while another listing of
// the call waits: a blocked prefetch would keep its page in memory.
func TestLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New(Config{Credential: StaticCredential{}})
		first, endFirst := context.WithCancel(t.Context())
		second, endSecond := context.WithCancel(t.Context())
		a, b, c := client.NewLease(first), client.NewLease(second), client.NewLease(t.Context())
		if held := []bool{a.TryAcquire(), a.TryAcquire(), b.TryAcquire()}; !slices.Equal(held, []bool{true, true, false}) || a.Acquire(t.Context()) != nil {
			t.Errorf("the first call does not hold the lease alone: %v", held)
		}
		waits := make(chan error, 2) // two listings of the second call
		for range cap(waits) {
			go func() { waits <- b.Acquire(second) }()
		}
		synctest.Wait()
		if b.TryAcquire() || len(waits) > 0 {
			t.Error("the second call has the lease before the first call has ended")
		}
		endFirst()
		for range cap(waits) {
			if err := <-waits; err != nil || !b.TryAcquire() || c.TryAcquire() {
				t.Errorf("the second call does not hold the lease alone: %v", err)
			}
		}
		endSecond()
		synctest.Wait()
		if !c.TryAcquire() {
			t.Error("the lease did not end with the second call")
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if d := client.NewLease(ended); d.Acquire(ended) == nil {
			t.Error("a wait ended without an error")
		}
	})
}
