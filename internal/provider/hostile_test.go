package provider

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// users returns a handler that responds with these users, in JSON. A page with a number above 1 is empty.
func (l testListing) users(list string) fault {
	return func(w http.ResponseWriter, r *http.Request, _ testListing) {
		if page := r.URL.Query().Get("page"); page != "" && page != "1" {
			fmt.Fprintf(w, l.rows, "[]")
			return
		}
		fmt.Fprintf(w, l.rows, list)
	}
}

// readFault reads a listing from a server that responds with a fault. It returns the result and the diagnostics.
func (l testListing) readFault(ctx context.Context, t *testing.T, kind string, f fault, arguments ...string) (map[string]any, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, l) }))
	t.Cleanup(server.Close)
	s := newServer(t, newTestProvider(l.environment(server.URL)))
	s.configure(t, `{}`)
	result, diagnostics := s.readAs(ctx, t, kind, l.typeName, l.with(arguments...))
	return result, text(diagnostics)
}

// If a vendor sends the credential as the ID or the handle of a user, in plain text or in one of these encodings, the
// provider returns an error that does not contain the credential.
func TestCredentialAsAUser(t *testing.T) {
	t.Parallel()
	forms := map[string]func(secret string) string{
		"in plain text":      func(secret string) string { return secret },
		"in a longer text":   func(secret string) string { return "Bearer " + secret + "!" },
		"in base64":          func(secret string) string { return base64.StdEncoding.EncodeToString([]byte(secret)) },
		"in base64 for URLs": func(secret string) string { return base64.RawURLEncoding.EncodeToString([]byte("x:" + secret)) },
		"in hex":             func(secret string) string { return hex.EncodeToString([]byte(secret)) },
		"in upper-case hex":  func(secret string) string { return strings.ToUpper(hex.EncodeToString([]byte(secret))) },
		"in a URL":           func(secret string) string { return "https://x.example/?key=" + url.QueryEscape(secret) },
		"in a URL, twice":    func(secret string) string { return strings.ReplaceAll(url.QueryEscape(secret), "-", "%252D") },
		"in HTML":            func(secret string) string { return strings.ReplaceAll(secret, "-", "&#45;") },
	}
	eachListing(t, "", func(t *testing.T, l testListing, kind string) {
		secret := map[string]string{"Openlayer": testAPIKey, "Vectara": testToken}[l.vendor]
		for name, form := range forms {
			// v1 has numbers as IDs.
			list := fmt.Sprintf(`[{"id": 1, "handle": %q}]`, form(secret))
			if l.fields["id"] == nil {
				list = fmt.Sprintf(`[{"id": %q}]`, form(secret))
			}
			result, got := l.readFault(t.Context(), t, kind, l.users(list))
			if result != nil || !strings.Contains(got, "the response repeats the credential") || strings.Contains(got, secret[:8]) || strings.Contains(got, form(secret)) {
				t.Errorf("%s: got %v and\n%s", name, l.listed(result), got)
			}
		}
	})
}

// The diagnostics for a vendor's response have at most 5,000 bytes. Except for line breaks, every character is
// printable.
func TestDiagnosticsAreFitForATerminal(t *testing.T) {
	t.Parallel()
	const odd = "\u202e\u2066\u200b\u2028\u0007\u009b2J"
	long := strings.Repeat("x", 256<<10)
	escaped := fmt.Sprintf("%+q", odd)
	escaped = strings.ReplaceAll(strings.Trim(escaped, `"`), `\a`, `\u0007`)
	for _, test := range []struct {
		name, only string
		fault      func(l testListing) fault
		arguments  string
		want       string // part of the error
	}{
		{name: "a code", only: "Openlayer", fault: func(testListing) fault {
			return func(w http.ResponseWriter, _ *http.Request, _ testListing) {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"code": "%s", "error": "%[1]s"}`, escaped+long)
			}
		}, want: "HTTP 400"},
		{name: "a code in a 200", only: "vectara_users v1", fault: func(testListing) fault {
			return body(fmt.Sprintf(`{"user": [], "status": {"code": "%s", "statusDetail": "%[1]s"}}`, escaped+long))
		}, want: "reports a failure"},
		{name: "a message", only: "vectara_users v2", fault: func(testListing) fault {
			return func(w http.ResponseWriter, _ *http.Request, _ testListing) {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"messages": ["%s"], "field_errors": {"%[1]s": "%[1]s"}, "request_id": "%[1]s"}`, escaped+long)
			}
		}, want: "HTTP 400"},
		{name: "a duplicate field", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"%s": 1, "%[1]s": 2}]`, escaped+long))
		}, want: "not JSON at"},
		{name: "an invalid value in an unprintable field", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"%s": {"a": }}]`, escaped+long))
		}, want: "not JSON at"},
		{name: "HTML", fault: func(testListing) fault { return body("<p>" + odd + long) }, want: "not JSON"},
		{name: "a redirect", fault: func(testListing) fault {
			return status(http.StatusFound, "Location", "https://"+strings.Repeat("x", 100<<10))
		}, want: "redirects to another address"},
		{name: "an id", only: "vectara_users v1", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s"}]`, escaped+long))
		}, want: "is not a whole number"},
		{name: "a duplicate id", only: "vectara_users v2", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s"}, {"id": "%[1]s", "email": "x"}]`, escaped+long))
		}, want: "with different data"},
		{name: "a duplicate id", only: "Openlayer", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s"}, {"id": "%[1]s", "cost": 1}]`, escaped+long))
		}, want: "with different data"},
		{name: "two ids that are equal in NFC", only: "Openlayer", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "e\u0301%s"}, {"id": "\u00e9%[1]s"}]`, escaped+long))
		}, want: "are the same in Unicode NFC"},
		{name: "a user without a date", only: "Openlayer", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s", "dateOfLastRecord": "%[1]s"}]`, escaped+long))
		}, arguments: `"active_since": "2026-01-31T08:00:00Z"`, want: "active_since"},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachListing(t, test.only, func(t *testing.T, l testListing, kind string) {
				result, got := l.readFault(t.Context(), t, kind, test.fault(l), test.arguments)
				if result != nil || !strings.Contains(got, test.want) {
					t.Errorf("want an error with %q, got %v and\n%.2000s", test.want, l.listed(result), got)
				}
				if len(got) > 5000 {
					t.Errorf("the diagnostics have %d bytes", len(got))
				}
				for _, r := range got {
					if r != '\n' && !unicode.IsPrint(r) {
						t.Errorf("the diagnostics have the unprintable character %U", r)
					}
				}
			})
		})
	}
}

// interrupter is a log writer that calls interrupt when it writes the first line that contains text.
type interrupter struct {
	text      string
	interrupt func()

	once sync.Once
	at   time.Time // time of the interrupt
}

func (i *interrupter) Write(line []byte) (int, error) {
	if strings.Contains(string(line), i.text) {
		i.once.Do(func() {
			i.at = time.Now()
			i.interrupt()
		})
	}
	return len(line), nil
}

// An interrupt ends reads that wait a minute before a retry, before the next poll after a 202, or for a token. Two of
// the three reads have the same arguments, so one waits for the read of the other.
func TestInterruptionOfAllThatWait(t *testing.T) {
	for _, test := range []struct {
		name  string
		only  string
		fault fault
		text  string // log text before the wait
		token bool   // the fault is for the token request
	}{
		{name: "429", fault: status(429, "Retry-After", "60"), text: `"status":429`},
		{name: "500", fault: status(500, "Retry-After", "60"), text: `"status":500`},
		{name: "202", only: "Openlayer", fault: status(202, "Retry-After", "60"), text: `"status":202`},
		{name: "a token", only: "Vectara", fault: status(503, "Retry-After", "60"), text: `"status":503`, token: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachListing(t, test.only, func(t *testing.T, l testListing, kind string) {
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if number := l.number(r); number == 1 && !test.token {
						fmt.Fprint(w, l.page(1, 2))
						return
					}
					test.fault(w, r, l)
				}))
				t.Cleanup(server.Close)
				env := l.environment(server.URL)
				if test.token {
					env[envVectaraOAuthToken] = ""
					env[envVectaraClientID], env[envVectaraClientSecret], env[envVectaraTokenURL] = "client", "secret-of-the-client", server.URL
				}
				p := newTestProvider(env)
				p.sleep = nil // real waits
				s := newServer(t, p)
				s.configure(t, `{}`)

				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				log := &interrupter{text: test.text, interrupt: interrupt}
				ctx = tflogtest.RootLogger(ctx, log)
				var all sync.WaitGroup
				for _, arguments := range []string{"", "", l.size} {
					all.Go(func() {
						result, diagnostics := s.readAs(ctx, t, kind, l.typeName, l.with(arguments))
						if got := text(diagnostics); result != nil || !strings.Contains(got, "was interrupted") {
							t.Errorf("got %v and\n%s", l.listed(result), got)
						}
					})
				}
				all.Wait()
				if late := time.Since(log.at); log.at.IsZero() || late > time.Second {
					t.Errorf("the reads ended %s after the interrupt", late)
				}
			})
		})
	}
}

// An interrupt and the time limit end a read at once, even while the provider matches a slow regular expression.
func TestInterruptionWhileFiltering(t *testing.T) {
	t.Parallel()
	argument := map[string]string{"Openlayer": "user_id_regex", "Vectara": "email_regex"}
	for _, l := range listings[:2] {
		field := map[string]string{"Openlayer": "id", "Vectara": "email"}[l.vendor]
		list := fmt.Sprintf(`[{%q: "%s"}]`, field, strings.Repeat("x", 150_000)) // matching lasts two or three seconds
		pattern := fmt.Sprintf(`%q: "(x+x+)+y|(a?){500}b|[^z]{900}z"`, argument[l.vendor])
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		log := &interrupter{text: "Read a listing", interrupt: interrupt}
		result, got := l.readFault(tflogtest.RootLogger(ctx, log), t, "data", l.users(list), pattern)
		if late := time.Since(log.at); log.at.IsZero() || late > time.Second || result != nil || !strings.Contains(got, "was interrupted") {
			t.Errorf("after %s, got %v and\n%s", late, l.listed(result), got)
		}
		started := time.Now()
		result, got = l.readFault(t.Context(), t, "ephemeral", l.users(list), pattern, `"timeouts": {"read": "500ms"}`)
		if took := time.Since(started); took > 2*time.Second || result != nil || !strings.Contains(got, "Time limit reached") || !strings.Contains(got, "still filtering") {
			t.Errorf("after %s, got %v and\n%s", took, l.listed(result), got)
		}
	}
}
