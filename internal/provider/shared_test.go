package provider

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// Ten blocks that ask the same question, a twin among them, cost the requests of one, whatever each
// makes of the answer; and another time limit ends one of them alone.
func TestOneReadingForTenBlocks(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "a"}, {ID: "b"}, {ID: "c"}})
	f.vectara.SetUsers([]vectaratest.User{{ID: 1}, {ID: 2}, {ID: 3}})
	var begun sync.WaitGroup
	begun.Add(2) // the first request to each vendor waits for the block that is out of time
	gate := func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 1 {
			begun.Wait()
		}
		return false
	}
	f.openlayer.Intercept, f.vectara.Intercept = gate, gate
	s, _ := configuredServer(t, f)
	var all sync.WaitGroup
	for typeName, arguments := range map[string]string{
		"openlayer_pipeline_users": `"inference_pipeline_id": "` + testPipeline + `"`,
		"vectara_users":            `"num_results": 100`, // which is the default
	} {
		own := map[string]string{"openlayer_pipeline_users": `"user_ids": ["b"]`, "vectara_users": `"emails": ["nobody"]`}[typeName]
		matched := map[string]int{"openlayer_pipeline_users": 1}[typeName]
		for i := range 9 {
			all.Go(func() {
				config, want := arguments, 3
				if i%2 == 1 {
					config, want = arguments+`, "max_users": 5, `+own, matched
				}
				if state, response := s.read(t.Context(), t, typeName, "{"+config+"}"); users(state) == nil || len(users(state)) != want {
					t.Errorf("%s: %v instead of %d, and %s", typeName, users(state), want, text(response.Diagnostics))
				}
			})
		}
		all.Go(func() {
			if state, diagnostics := s.open(t, typeName, "{"+arguments+"}"); len(users(state)) != 3 {
				t.Errorf("%s, ephemeral: %v and %s", typeName, users(state), text(diagnostics))
			}
		})
		all.Go(func() {
			defer begun.Done()
			config := fmt.Sprintf(`{%s, "timeouts": {"read": "100ms"}}`, arguments)
			if _, response := s.read(t.Context(), t, typeName, config); !strings.Contains(text(response.Diagnostics), "Time limit reached") {
				t.Errorf("%s, out of time: %s", typeName, text(response.Diagnostics))
			}
		})
	}
	all.Wait()
	if n := len(f.openlayer.Requests()); n != 2 {
		t.Errorf("%d requests to Openlayer, want 2", n)
	}
	if n := len(f.vectara.Requests()); n != 1 {
		t.Errorf("%d requests to Vectara, want 1", n)
	}
}
