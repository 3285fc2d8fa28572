package provider

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Ten data sources and ephemeral resources with the same requests share a read, even if their filters differ. If a
// block reaches its time limit, only this block returns an error.
func TestOneReadForTenBlocks(t *testing.T) {
	t.Parallel()
	for _, l := range listings {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			arrived, outOfTime := make(chan struct{}), make(chan struct{}) // the first response waits for outOfTime
			gate := func(w http.ResponseWriter, r *http.Request, n int) bool {
				if n == 1 {
					close(arrived)
					<-outOfTime
				}
				l.users(l.three)(w, r, l)
				return true
			}
			f.openlayer.Intercept, f.vectara.Intercept = gate, gate
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
			together := len(f.openlayer.Requests()) + len(f.vectara.Requests())

			alone := newServer(t, newTestProvider(l.fakeEnvironment(f)))
			alone.configure(t, `{}`)
			if _, diagnostics := alone.readAs(t.Context(), t, "data", l.typeName, l.with()); len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			if one := len(f.openlayer.Requests()) + len(f.vectara.Requests()) - together; together != one || one == 0 {
				t.Errorf("ten blocks sent %d requests, want the %d of one block", together, one)
			}
			if _, diagnostics := s.readAs(t.Context(), t, "data", l.typeName, l.with(l.size)); len(diagnostics) > 0 || len(f.openlayer.Requests())+len(f.vectara.Requests()) != 3*together {
				t.Errorf("a block with other requests does not send them: %s", text(diagnostics))
			}
		})
	}
}
