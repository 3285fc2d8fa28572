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
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

// users is a response with users in JSON, on each page that is not behind the end.
func (l testListing) users(list string) fault {
	return func(w http.ResponseWriter, r *http.Request, _ testListing) {
		if page := r.URL.Query().Get("page"); page != "" && page != "1" {
			fmt.Fprintf(w, l.rows, "[]")
			return
		}
		fmt.Fprintf(w, l.rows, list)
	}
}

// readFault reads a listing from a server with a fault, and returns the result and the diagnostics.
func (l testListing) readFault(ctx context.Context, t *testing.T, kind string, f fault, arguments ...string) (map[string]any, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, l) }))
	t.Cleanup(server.Close)
	s := newServer(t, newTestProvider(l.environment(server.URL)))
	s.configure(t, `{}`)
	result, diagnostics := s.readAs(ctx, t, kind, l.typeName, l.with(arguments...))
	return result, text(diagnostics)
}

// A vendor who gives the credential as the name of a user, in whatever form, does not get it into state or plan.
func TestCredentialAsAUser(t *testing.T) {
	t.Parallel()
	forms := map[string]func(secret string) string{
		"as it is":           func(secret string) string { return secret },
		"within a text":      func(secret string) string { return "Bearer " + secret + "!" },
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
			// The ids of v1 are numbers.
			list := fmt.Sprintf(`[{"id": 1, "handle": %q}]`, form(secret))
			if l.fields["id"] == nil {
				list = fmt.Sprintf(`[{"id": %q}]`, form(secret))
			}
			result, got := l.readFault(t.Context(), t, kind, l.users(list))
			if result != nil || !strings.Contains(got, "the response repeats the credential") || strings.Contains(got, secret[:8]) || strings.Contains(got, form(secret)) {
				t.Errorf("%s: got %v and\n%s", name, users(result), got)
			}
		}
	})
}

// Nothing that a vendor sends moves the cursor of a terminal, is invisible there, or fills it.
func TestDiagnosticsAreFitForATerminal(t *testing.T) {
	t.Parallel()
	const odd = "\u202e\u2066\u200b\u2028\u0007\u009b2J"
	long := strings.Repeat("x", 1<<20)
	escaped := fmt.Sprintf("%+q", odd)
	escaped = strings.ReplaceAll(strings.Trim(escaped, `"`), `\a`, `\u0007`)
	for _, test := range []struct {
		name, only string
		fault      func(l testListing) fault
		arguments  string
		want       string // in the error, so that it is the one that is meant
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
		{name: "a name that is there twice", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"%s": 1, "%[1]s": 2}]`, escaped+long))
		}, want: "not JSON at"},
		{name: "a value after an odd name", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"%s": {"a": }}]`, escaped+long))
		}, want: "not JSON at"},
		{name: "HTML", fault: func(testListing) fault { return body("<p>" + odd + long) }, want: "not JSON"},
		{name: "a redirect", fault: func(testListing) fault {
			return status(http.StatusFound, "Location", "https://"+strings.Repeat("x", 100<<10))
		}, want: "points to another address"},
		{name: "an id", only: "vectara_users v1", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s"}]`, escaped+long))
		}, want: "is not a whole number"},
		{name: "an id that is there twice", only: "vectara_users v2", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s"}, {"id": "%[1]s", "email": "x"}]`, escaped+long))
		}, want: "with different data"},
		{name: "an id that is there twice", only: "Openlayer", fault: func(l testListing) fault {
			return l.users(fmt.Sprintf(`[{"id": "%s"}, {"id": "%[1]s", "cost": 1}]`, escaped+long))
		}, want: "with different data"},
		{name: "two ids in NFC", only: "Openlayer", fault: func(l testListing) fault {
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
					t.Errorf("want an error with %q, got %v and\n%.2000s", test.want, users(result), got)
				}
				if len(got) > 5000 {
					t.Errorf("it has %d characters", len(got))
				}
				for _, r := range got {
					if r != '\n' && !unicode.IsPrint(r) {
						t.Errorf("it has the character %U", r)
					}
				}
			})
		})
	}
}

// interrupter is a log that interrupts when a listing has been read, and is about to be filtered.
type interrupter struct {
	interrupt func()
	at        *time.Time
}

func (i interrupter) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "Read a listing") && i.at.IsZero() {
		*i.at = time.Now()
		i.interrupt()
	}
	return len(line), nil
}

// A regular expression that takes seconds on a long text does not keep an interrupt waiting, nor the
// time limit.
func TestInterruptionWhileFiltering(t *testing.T) {
	t.Parallel()
	argument := map[string]string{"Openlayer": "user_id_regex", "Vectara": "email_regex"}
	for _, l := range listings[:2] {
		field := map[string]string{"Openlayer": "id", "Vectara": "email"}[l.vendor]
		list := fmt.Sprintf(`[{%q: "%s"}]`, field, strings.Repeat("x", 150_000)) // some two seconds or three
		pattern := fmt.Sprintf(`%q: "(x+x+)+y|(a?){500}b|[^z]{900}z"`, argument[l.vendor])
		var at time.Time
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		result, got := l.readFault(tflogtest.RootLogger(ctx, interrupter{interrupt, &at}), t, "data", l.users(list), pattern)
		if late := time.Since(at); at.IsZero() || late > time.Second || result != nil || !strings.Contains(got, "was interrupted") {
			t.Errorf("after %s, got %v and\n%s", late, users(result), got)
		}
		started := time.Now()
		result, got = l.readFault(t.Context(), t, "ephemeral", l.users(list), pattern, `"timeouts": {"read": "500ms"}`)
		if took := time.Since(started); took > 2*time.Second || result != nil || !strings.Contains(got, "Time limit reached") || !strings.Contains(got, "still being filtered") {
			t.Errorf("after %s, got %v and\n%s", took, users(result), got)
		}
	}
}
