package provider

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Ten data sources and ephemeral resources with the same requests share a read, even if their filters differ. If a
// block reaches its time limit, only this block returns an error.
//
// The test is not parallel: on a busy machine, the ten blocks may start too far apart to share a read, and then need more
// reads.
//
//nolint:paralleltest // See above.
func TestOneReadForTenBlocks(t *testing.T) {
	for _, l := range listings {
		t.Run(l.name, func(t *testing.T) {
			for range 30 {
				if together, alone := readTenBlocks(t, l); together == alone || t.Failed() {
					return
				}
			}
			t.Error("ten blocks always sent more requests than one block")
		})
	}
}

// readTenBlocks reads ten blocks at the same time, and then one alone. It returns the numbers of requests.
func readTenBlocks(t *testing.T, l testListing) (together, alone int) {
	t.Helper()
	f := newFakes(t)
	var first sync.Once
	arrived, outOfTime := make(chan struct{}), make(chan struct{})
	gate := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		first.Do(func() { close(arrived) })
		<-outOfTime
		l.users(l.three)(w, r, l)
		return true
	}
	f.openlayer.Intercept, f.vectara.Intercept = gate, gate
	requests := func() int { return len(f.openlayer.Requests()) + len(f.vectara.Requests()) }
	s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
	s.configure(t, `{}`)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			config, want := l.with(), 3
			if i%3 == 1 {
				config, want = l.with(l.about("max", 5), l.only), 0
			}
			if result, diagnostics := s.readAs(t.Context(), t, kinds[i%2], l.typeName, config); l.listed(result) == nil || len(l.listed(result)) != want {
				t.Errorf("%s: got the users %v, want %d, and the diagnostics %s", config, l.listed(result), want, text(diagnostics))
			}
		})
	}
	all.Go(func() {
		defer close(outOfTime)
		<-arrived // so that the block joins the read
		if _, diagnostics := s.readAs(t.Context(), t, "data", l.typeName, l.with(`"timeouts": {"read": "100ms"}`)); !strings.Contains(text(diagnostics), "Time limit reached") {
			t.Errorf("want the error for the time limit, got %s", text(diagnostics))
		}
	})
	all.Wait()
	together = requests()

	if _, diagnostics := s.readAs(t.Context(), t, "data", l.typeName, l.with(l.size)); len(diagnostics) > 0 {
		t.Error(text(diagnostics))
	}
	return together, requests() - together
}
