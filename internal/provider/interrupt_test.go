package provider

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"go.uber.org/goleak"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/leaktest"
)

// An interrupt of Terraform ends every wait, every request and every goroutine of a read. The test is not parallel,
// because goleak finds the goroutines of all tests.
func TestInterruption(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request, _ testListing) { <-r.Context().Done() }
	hangInBody := func(w http.ResponseWriter, r *http.Request, l testListing) {
		fmt.Fprint(w, l.page(2, 2)[:10])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	for _, test := range []struct {
		name  string
		only  string
		fault fault
		waits bool // the interrupt comes between two requests
	}{
		{name: "before a retry", fault: status(429, "Retry-After", "60"), waits: true},
		{name: "while the data are loading", only: "Openlayer", fault: status(202, "Retry-After", "60"), waits: true},
		{name: "before a response", fault: hang},
		{name: "in the middle of a body", fault: hangInBody},
		{name: "in a body that trickles", fault: trickle},
	} {
		for _, l := range listings {
			if !l.matches(test.only) {
				continue
			}
			for _, kind := range kinds {
				t.Run(test.name+", "+l.name+", "+kind, func(t *testing.T) {
					defer leaktest.VerifyNone(t, goleak.IgnoreCurrent())
					ctx, interrupt := context.WithCancel(t.Context())
					defer interrupt()
					var interrupted time.Time
					stop := func() {
						interrupted = time.Now()
						interrupt()
					}
					server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						number := l.number(r)
						// A server notices that the client closes the connection only after it has read the body.
						_, _ = io.Copy(io.Discard, r.Body)
						if number == 1 {
							fmt.Fprint(w, l.page(1, 2))
							return
						}
						if !test.waits {
							stop()
						}
						test.fault(w, r, l)
					}))
					defer server.Close()
					p := newTestProvider(l.environment(server.URL))
					p.sleep = func(context.Context, time.Duration) { stop() }
					provider := newServer(t, p)
					provider.configure(t, `{}`)

					result, diagnostics := provider.readAs(ctx, t, kind, l.typeName, l.with())
					if late := time.Since(interrupted); late > time.Second {
						t.Errorf("the read ended %s after the interrupt", late)
					}
					if got := text(diagnostics); !strings.Contains(got, "Reading from "+l.vendor+" was interrupted") || l.listed(result) != nil {
						t.Errorf("got %v and\n%s", l.listed(result), got)
					}
				})
			}
		}
	}
}

// After an interrupt, Terraform still opens the ephemeral resources that were waiting. They send no request. A provider
// with a debugger serves further runs.
func TestReadAfterStop(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{true, false} {
		eachListing(t, "", func(t *testing.T, l testListing, kind string) {
			f := l.threeUsers(t)
			provider := newServer(t, newTestProvider(l.fakeEnvironment(f)))
			if !early {
				provider.configure(t, `{}`)
			}
			if _, err := provider.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Fatal(err)
			}
			if early {
				provider.configure(t, `{}`)
			}
			result, diagnostics := provider.readAs(t.Context(), t, kind, l.typeName, l.with())
			if got := text(diagnostics); !strings.Contains(got, "Reading from "+l.vendor+" was interrupted") || result != nil {
				t.Errorf("got %v and\n%s", result, got)
			}
			if n := len(f.openlayer.Requests()) + len(f.vectara.Requests()); n > 0 {
				t.Errorf("the provider sent %d requests", n)
			}

			provider.configure(t, `{}`)
			if result, diagnostics := provider.readAs(t.Context(), t, kind, l.typeName, l.with()); hasError(diagnostics) || len(l.listed(result)) != 3 {
				t.Errorf("the next run got %v and\n%s", result, text(diagnostics))
			}
		})
	}
}

// While max_concurrency requests are in flight, a read that waits ends at its time limit, and when Terraform interrupts
// it.
func TestInterruptionAtMaxConcurrency(t *testing.T) {
	defer leaktest.VerifyNone(t, goleak.IgnoreCurrent())
	arrived := make(chan struct{})
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		requests++
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	p := newTestProvider(map[string]string{envVectaraOAuthToken: testToken, envVectaraBaseURL: server.URL, envMaxConcurrency: "1"})
	provider := newServer(t, p)
	provider.configure(t, `{}`)

	first, interruptFirst := context.WithCancel(t.Context())
	second, interruptSecond := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		provider.read(first, t, "vectara_users", `{"customer_id": "`+testCustomerID+`"}`)
	}()
	<-arrived
	// The error for the time limit contains the reason for the wait. (Both versions of Vectara's API share the limit: the
	// first data source reads v1, and the others read v2.)
	_, waited := provider.read(t.Context(), t, "vectara_users", `{"num_results": 2, "timeouts": {"read": "50ms"}}`)
	if got := text(waited.Diagnostics); !strings.Contains(got, "still waiting") || !strings.Contains(got, "raise max_concurrency") || strings.Contains(got, "Attempts:") {
		t.Errorf("got\n%s", got)
	}
	const interruptAfter = 50 * time.Millisecond // the read waits by then, as the one above did
	time.AfterFunc(interruptAfter, interruptSecond)
	started := time.Now()
	_, response := provider.read(second, t, "vectara_users", `{"num_results": 3}`)
	if late := time.Since(started) - interruptAfter; late > time.Second {
		t.Errorf("the read ended %s after the interrupt", late)
	}
	if got := text(response.Diagnostics); !strings.Contains(got, "was interrupted") {
		t.Errorf("got\n%s", got)
	}
	interruptFirst()
	<-done
	if requests != 1 {
		t.Errorf("the server received %d requests, want 1", requests)
	}
}

// quietContext has an error after its end, but its channel never shows the end.
type quietContext struct{ context.Context }

func (quietContext) Done() <-chan struct{} { return nil }

// If the work ends because the context has ended, its result is incomplete. The end of the work may be seen before the
// end of the context.
func TestInterruptible(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	if interruptible(quietContext{ctx}, interrupt) {
		t.Error("the result counts as complete")
	}
}
