package provider

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fault is a handler that simulates a fault of the network or a vendor.
type fault func(w http.ResponseWriter, r *http.Request, l testListing)

func status(code int, header ...string) fault {
	return func(w http.ResponseWriter, _ *http.Request, l testListing) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, l.failure)
	}
}

func body(text string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ testListing) { fmt.Fprint(w, text) }
}

// cut sends half of the bytes that its Content-Length announces, and closes the connection.
func cut(w http.ResponseWriter, _ *http.Request, l testListing) {
	text := l.page(2, 2)
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	fmt.Fprint(w, text[:len(text)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func reset(http.ResponseWriter, *http.Request, testListing) { panic(http.ErrAbortHandler) }

// resetInBody closes the connection in the middle of a body without Content-Length.
func resetInBody(w http.ResponseWriter, _ *http.Request, l testListing) {
	fmt.Fprint(w, l.page(2, 2)[:10])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func halfJSON(w http.ResponseWriter, _ *http.Request, l testListing) {
	text := l.page(2, 2)
	fmt.Fprint(w, text[:len(text)-2])
}

// huge sends 200 MiB, or less if the client stops reading.
func huge(w http.ResponseWriter, _ *http.Request, _ testListing) {
	block := []byte(strings.Repeat(" ", 1<<20))
	for range 200 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// trickle sends a byte every 20 ms until the client closes the connection.
func trickle(w http.ResponseWriter, r *http.Request, _ testListing) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			fmt.Fprint(w, " ")
			_ = http.NewResponseController(w).Flush()
		}
	}
}

func inAnHour() string { return time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) }

// TestFaults checks the error and the retries for each fault of the network or a vendor. In a summary, "%s" stands for
// the vendor's name.
func TestFaults(t *testing.T) {
	t.Parallel()
	const (
		attempts = 5 // the default is 4 retries
		backoff  = -1
	)
	minute := time.Minute
	unavailable := "%s is not available"
	for _, test := range []struct {
		name    string
		fault   fault
		only    string // the vendor or the listing; empty for all
		retried bool
		wait    time.Duration // before each retry, or backoff
		limit   string        // timeouts.read
		summary string
		detail  []string
		at      string
		large   bool // skipped with the race detector, which makes it so slow that other tests reach their time limits
	}{
		{name: "429 with Retry-After in seconds", fault: status(429, "Retry-After", "7"), retried: true, wait: 7 * time.Second,
			summary: "%s limits the rate of requests", detail: []string{"HTTP 429 Too Many Requests", "max_retries"}},
		{name: "429 with Retry-After as a date", fault: status(429, "Retry-After", inAnHour()), retried: true, wait: minute,
			summary: "%s limits the rate of requests", detail: []string{"HTTP 429"}},
		{name: "429 with a Retry-After of 30 digits", fault: status(429, "Retry-After", strings.Repeat("9", 30)), retried: true, wait: minute,
			summary: "%s limits the rate of requests", detail: []string{"HTTP 429"}},
		{name: "429 without Retry-After", fault: status(429), retried: true, wait: backoff,
			summary: "%s limits the rate of requests", detail: []string{"HTTP 429"}},
		{name: "500", fault: status(500), retried: true, wait: backoff, summary: unavailable, detail: []string{"HTTP 500 Internal Server Error", "max_retries"}},
		{name: "502", fault: status(502), retried: true, wait: backoff, summary: unavailable, detail: []string{"HTTP 502"}},
		{name: "503 with Retry-After", fault: status(503, "Retry-After", "2"), retried: true, wait: 2 * time.Second, summary: unavailable, detail: []string{"HTTP 503"}},
		{name: "504", fault: status(504), retried: true, wait: backoff, summary: unavailable, detail: []string{"HTTP 504"}},
		{name: "408", fault: status(408), retried: true, wait: backoff, summary: unavailable, detail: []string{"HTTP 408"}},
		{name: "connection reset before the response", fault: reset, retried: true, wait: backoff, summary: "%s cannot be reached", detail: []string{"the connection ended before the response", "base_url"}},
		{name: "connection reset in the body", fault: resetInBody, retried: true, wait: backoff, summary: "%s cannot be reached", detail: []string{"the connection ended in the middle of the response"}},
		{name: "a body cut short", fault: cut, retried: true, wait: backoff, summary: "%s cannot be reached", detail: []string{"the connection ended in the middle of the response"}},
		{name: "JSON cut short", fault: halfJSON, retried: true, wait: backoff, summary: "Unexpected response from %s", detail: []string{"HTTP 200 OK", "ends in the middle of its JSON"}},
		{name: "an empty body", fault: body(""), retried: true, wait: backoff, summary: "Unexpected response from %s", detail: []string{"the response is empty"}},
		{name: "HTML", fault: body("<html>" + strings.Repeat("sign in ", 100) + "</html>"), summary: "Unexpected response from %s", detail: []string{"the response is not JSON"}},
		{name: "HTML, quoted", fault: body("<html>" + strings.Repeat("sign in ", 100) + "</html>"), summary: "Unexpected response from %s", detail: []string{`the body begins "<html>sign in`, `…"`}, only: "Openlayer"},
		{name: "another shape", fault: body(`{"success": true}`), summary: "Unexpected response from %s", detail: []string{`the response has no`, `{\"success\": true}`}, only: "Openlayer"},
		{name: "items of null", fault: body(`{"items": null}`), summary: "Unexpected response from %s", detail: []string{`no list "items"`}, only: "Openlayer"},
		{name: "another shape", fault: body(`{"success": true}`), summary: "Unexpected response from %s", detail: []string{`none of "user", "pageKey" and "status"`}, only: "vectara_users v1"},
		{name: "another shape", fault: body(`{"success": true}`), summary: "Unexpected response from %s", detail: []string{`no list "users"`}, only: "vectara_users v2"},
		{name: "users of null", fault: body(`{"users": null}`), summary: "Unexpected response from %s", detail: []string{`no list "users"`}, only: "vectara_users v2"},
		{name: "user of an object", fault: body(`{"user": {}, "pageKey": "", "status": null}`), summary: "Unexpected response from %s", detail: []string{`/user holds an object`}, only: "vectara_users v1"},
		{name: "200 MiB", fault: huge, summary: "Response from %s too large", detail: []string{"more than 32 MiB", "smaller number"}, large: true},
		{name: "a body that trickles", fault: trickle, limit: "3s", summary: "Time limit reached while reading from %s", detail: []string{"Response: no complete response yet", "timeouts.read"}, at: "timeouts.read"},
		{name: "endless 202", fault: status(202, "Retry-After", "30"), only: "Openlayer", limit: "10s",
			summary: "Time limit reached while reading from %s", detail: []string{"HTTP 202 Accepted", "still loading", "does not mean that there are no users"}, at: "timeouts.read"},
		{name: "a redirect", fault: status(302, "Location", "https://elsewhere.example/path"), summary: "%s redirects to another address", detail: []string{"HTTP 302 Found", `"https://elsewhere.example/path"`, "base_url"}},
		{name: "304", fault: status(304), summary: "%s redirects to another address", detail: []string{"HTTP 304"}},
		{name: "400", fault: status(400), summary: "%s rejects the request", detail: []string{"HTTP 400 Bad Request", "the vendor's reason"}},
		{name: "401", fault: status(401), only: "Openlayer", summary: "%s does not accept the credential", detail: []string{"HTTP 401", "openlayer_api_key", "OPENLAYER_API_KEY"}},
		{name: "401", fault: status(401), only: "Vectara", summary: "%s does not accept the credential", detail: []string{"HTTP 401", "vectara_oauth_token", "VECTARA_OAUTH_TOKEN", "30 minutes"}},
		{name: "403", fault: status(403), summary: "%s denies access", detail: []string{"HTTP 403 Forbidden"}},
		{name: "404", fault: status(404), only: "Openlayer", summary: "Not found by %s", detail: []string{"HTTP 404", "Check inference_pipeline_id"}, at: "inference_pipeline_id"},
		{name: "404", fault: status(404), only: "vectara_users v1", summary: "%s does not have this API", detail: []string{"HTTP 404", "REST v1", "2025-08-16", "vectara_base_url"}},
		{name: "404", fault: status(404), only: "vectara_users v2", summary: "%s does not have this API", detail: []string{"HTTP 404", "The provider uses REST v2", "vectara_base_url"}},
		{name: "405", fault: status(405), only: "vectara_users v1", summary: "%s does not have this API", detail: []string{"HTTP 405", "REST v1"}},
		{name: "410", fault: status(410), only: "vectara_users v1", summary: "%s does not have this API", detail: []string{"HTTP 410", "REST v1"}},
		{name: "501", fault: status(501), only: "vectara_users v1", summary: "%s does not have this API", detail: []string{"HTTP 501", "REST v1"}},
		{name: "501", fault: status(501), only: "Openlayer", summary: unavailable, detail: []string{"HTTP 501"}},
		{name: "403 with a retryable code", only: "vectara_users v1", fault: func(w http.ResponseWriter, _ *http.Request, _ testListing) {
			w.WriteHeader(403)
			fmt.Fprint(w, `{"code": 14, "message": "the vendor's reason"}`)
		}, summary: "%s denies access", detail: []string{"HTTP 403", "code 14"}},
		{name: "504 with a code for a time limit", only: "vectara_users v1", fault: func(w http.ResponseWriter, _ *http.Request, _ testListing) {
			w.WriteHeader(504)
			fmt.Fprint(w, `{"code": 4, "message": "too slow"}`)
		}, retried: true, wait: backoff, summary: "%s takes too long to respond", detail: []string{"HTTP 504", "request_timeout", "num_results"}},
		{name: "a code and a message in other fields", only: "Openlayer", fault: func(w http.ResponseWriter, _ *http.Request, _ testListing) {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"code": 400, "detail": "the vendor's reason"}`)
		}, summary: "%s rejects the request", detail: []string{"code 400", "the vendor's reason"}},
		{name: "a code and a message in other fields", only: "vectara_users v1", fault: func(w http.ResponseWriter, _ *http.Request, _ testListing) {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"code": 400, "detail": "the vendor's reason"}`)
		}, summary: "%s rejects the request", detail: []string{"code 400", "the vendor's reason"}},
		{name: "a failure in the body", only: "vectara_users v1", fault: body(`{"user": [{"id": 9}], "pageKey": "", "status": {"code": "UNAUTHENTICATED", "statusDetail": "the vendor's reason"}}`),
			summary: "%s does not accept the credential", detail: []string{"HTTP 200 OK, code UNAUTHENTICATED", "the vendor's reason", "vectara_oauth_token"}},
		{name: "a retryable failure in the body", only: "vectara_users v1", fault: body(`{"user": [], "pageKey": "", "status": {"code": "RESOURCE_EXHAUSTED", "statusDetail": "the vendor's reason"}}`),
			retried: true, wait: backoff, summary: "%s limits the rate of requests", detail: []string{"RESOURCE_EXHAUSTED"}},
		{name: "a retryable failure in the body, with Retry-After", only: "vectara_users v1", fault: func(w http.ResponseWriter, r *http.Request, l testListing) {
			w.Header().Set("Retry-After", "7")
			body(`{"user": [], "pageKey": "", "status": {"code": "RESOURCE_EXHAUSTED"}}`)(w, r, l)
		}, retried: true, wait: 7 * time.Second, summary: "%s limits the rate of requests", detail: []string{"RESOURCE_EXHAUSTED"}},
	} {
		for _, l := range listings {
			if !l.matches(test.only) || test.large && withRaceDetector() {
				continue
			}
			run := func(t *testing.T, kind string, times int) (string, []string, []time.Duration) {
				t.Helper()
				var faults atomic.Int64
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					number := l.number(r)
					if number == 2 && faults.Add(1) <= int64(times) {
						test.fault(w, r, l)
						return
					}
					fmt.Fprint(w, l.page(number, 2))
				}))
				t.Cleanup(server.Close)
				state, diagnostics, waits := l.readFrom(t, kind, server.URL, test.limit)
				ids := []string{}
				for _, id := range l.ids(state) {
					ids = append(ids, fmt.Sprint(id))
				}
				want := 1
				if test.retried {
					want = min(times+2, attempts) // the faults, a success, and the request of the second pass
				}
				// If the server closes a reused connection, Go's transport itself sends the request again.
				replayed := strings.HasPrefix(test.name, "connection reset before")
				if got := int(faults.Load()); got != want && !(replayed && got >= want-1 && got <= want+1) && test.limit == "" {
					t.Errorf("page 2 was requested %d times, want %d", got, want)
				}
				return diagnostics, ids, waits
			}
			for _, kind := range kinds {
				name := fmt.Sprintf("%s, %s, %s", test.name, l.name, kind)
				t.Run(name+", always", func(t *testing.T) {
					t.Parallel()
					got, ids, waits := run(t, kind, 1000)
					want := append([]string{
						fmt.Sprintf(test.summary, l.vendor) + "\n", "Could not read the " + l.spoken() + " of ", ", page 2. The provider does not return a partial listing",
						"Request: " + l.method + " http://127.0.0.1",
					}, test.detail...)
					if test.retried {
						want = append(want, fmt.Sprintf("Attempts: %d\n", attempts))
					}
					for _, part := range want {
						if !strings.Contains(got, part) {
							t.Errorf("the error lacks %q", part)
						}
					}
					if !strings.HasPrefix(got, "ERROR at "+test.at+"\n") {
						t.Errorf("the error is not at %q", test.at)
					}
					if len(ids) > 0 {
						t.Errorf("got the users %v in addition to the error", ids)
					}
					if t.Failed() {
						t.Log(got)
					}
					checkWaits(t, waits, test.retried, test.wait)
				})
				if test.retried {
					t.Run(name+", twice", func(t *testing.T) {
						t.Parallel()
						got, ids, _ := run(t, kind, 2)
						if got != "" || !slices.Equal(ids, []string{"1", "2"}) {
							t.Errorf("got the users %v and\n%s", ids, got)
						}
					})
				}
			}
		}
	}
}

func checkWaits(t *testing.T, waits []time.Duration, retried bool, want time.Duration) {
	t.Helper()
	if !retried {
		return
	}
	if len(waits) != 4 {
		t.Errorf("got the waits %v, want four", waits)
	}
	longest := 500 * time.Millisecond
	for _, wait := range waits {
		switch {
		case want > 0 && wait != want:
			t.Errorf("waited %s, want %s", wait, want)
		case want < 0 && (wait < longest/2 || wait > longest):
			t.Errorf("waited %s, want %s to %s", wait, longest/2, longest)
		}
		longest *= 2
	}
}

// readFrom reads a listing from a server. It returns the result, the diagnostics as text, and the waits between
// requests.
func (l testListing) readFrom(t *testing.T, kind, url, limit string) (map[string]any, string, []time.Duration) {
	t.Helper()
	env := l.environment(url)
	env[envMaxConcurrency] = "1" // so that all waits belong to the same request
	p := newTestProvider(env)
	server := newServer(t, p)
	if diagnostics := server.configure(t, `{}`); len(diagnostics) > 0 {
		t.Fatal(text(diagnostics))
	}
	timeouts := ""
	if limit != "" {
		timeouts = `"timeouts": {"read": "` + limit + `"}`
	}
	result, diagnostics := server.readAs(t.Context(), t, kind, l.typeName, l.with(timeouts))
	close(p.waits)
	var waits []time.Duration
	for wait := range p.waits {
		waits = append(waits, wait)
	}
	var got strings.Builder
	for _, d := range diagnostics {
		fmt.Fprintf(&got, "%s at %s\n%s\n%s\n", d.Severity, attributePath(d), d.Summary, d.Detail)
	}
	return result, got.String(), waits
}

// If the provider cannot connect to a server, the error has the reason and the number of attempts.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // discard the log of the failed handshake
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for name, test := range map[string]struct {
		url      string
		detail   []string
		attempts int
	}{
		"connection refused":       {url: closed.URL, detail: []string{"connection refused"}, attempts: 5},
		"no such host":             {url: "https://no..such..host", detail: []string{"no such host"}, attempts: 5},
		"an untrusted certificate": {url: untrusted.URL, detail: []string{"certificate signed by unknown authority", "SSL_CERT_FILE"}, attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachListing(t, "", func(t *testing.T, l testListing, kind string) {
				_, got, waits := l.readFrom(t, kind, test.url, "")
				for _, part := range append(test.detail, l.vendor+" cannot be reached", l.baseURL, fmt.Sprintf("Attempts: %d\n", test.attempts)) {
					if !strings.Contains(got, part) {
						t.Errorf("the error lacks %q:\n%s", part, got)
					}
				}
				checkWaits(t, waits, test.attempts > 1, -1)
			})
		})
	}
}

// If a wait would exceed the time limit, the provider returns an error at once, with the last response.
func TestWaitPastTheTimeLimit(t *testing.T) {
	t.Parallel()
	eachListing(t, "", func(t *testing.T, l testListing, kind string) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			status(429, "Retry-After", "50")(w, r, l)
		}))
		t.Cleanup(server.Close)
		p := newTestProvider(l.environment(server.URL))
		p.sleep = nil // real waits
		provider := newServer(t, p)
		provider.configure(t, `{}`)
		started := time.Now()
		_, diagnostics := provider.readAs(t.Context(), t, kind, l.typeName, l.with(`"timeouts": {"read": "40s"}`))
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("the read took %s, want an error at once", took)
		}
		got := text(diagnostics)
		for _, part := range []string{"Time limit reached", "HTTP 429", "the vendor's reason", "Attempts: 1\n", "the next request was due in 50s, after the time limit"} {
			if !strings.Contains(got, part) {
				t.Errorf("the error lacks %q:\n%s", part, got)
			}
		}
	})
}
