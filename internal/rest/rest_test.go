package rest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		header      string
		least, most time.Duration // both 0 without a valid header
	}{
		"none":                 {header: ""},
		"seconds":              {header: "7", least: 7 * time.Second, most: 7 * time.Second},
		"zero":                 {header: "0", least: firstWait, most: firstWait},
		"a date":               {header: in(30 * time.Second), least: 25 * time.Second, most: 31 * time.Second},
		"a date in the past":   {header: in(-time.Hour), least: firstWait, most: firstWait},
		"a date next year":     {header: in(365 * 24 * time.Hour), least: time.Minute, most: time.Minute},
		"a day":                {header: "86400", least: time.Minute, most: time.Minute},
		"more than a Duration": {header: "9223372037", least: time.Minute, most: time.Minute},
		"more than 64 bits":    {header: strings.Repeat("9", 40), least: time.Minute, most: time.Minute},
		"more than a float64":  {header: strings.Repeat("9", 400), least: time.Minute, most: time.Minute},
		"negative":             {header: "-5"},
		"words":                {header: "soon"},
	} {
		got := retryAfter(http.Header{"Retry-After": {test.header}})
		if got < test.least || got > test.most {
			t.Errorf("%s: retryAfter(%q) = %s; want %s to %s", name, test.header, got, test.least, test.most)
		}
	}
}

// The wait doubles with each retry, up to maxWait. Half of it is random.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for retry, whole := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 5: 8 * time.Second, 6: maxWait, 10: maxWait, 80: maxWait,
	} {
		seen := map[time.Duration]bool{}
		for range 50 {
			got := backoff(retry)
			if got < whole/2 || got > whole {
				t.Errorf("before retry %d: %s, want %s to %s", retry, got, whole/2, whole)
			}
			seen[got] = true
		}
		if len(seen) < 10 {
			t.Errorf("before retry %d: only %d different waits", retry, len(seen))
		}
	}
}

// Errors and logs do not contain the credential, even if a response repeats it in one of these forms.
func TestErrorsHaveNoCredentials(t *testing.T) {
	t.Parallel()
	const secret = `ey"J+/=?&s3cret key`
	for name, respond := range map[string]func(w http.ResponseWriter, r *http.Request){
		"in the vendor's message": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "message: ", r.Header.Get("Authorization"))
		},
		"in the vendor's code": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "code: ", r.Header.Get("Authorization"))
		},
		"in a body that is not JSON": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<html>", strings.Repeat("x", 180), r.Header.Get("Authorization"))
		},
		"in upper case": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<b>", strings.ToUpper(secret)) },
		"in HTML":       func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<b>", html.EscapeString(secret)) },
		"in base64": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", base64.StdEncoding.EncodeToString([]byte(secret)))
		},
		"in base64 without padding, for URLs": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", base64.RawURLEncoding.EncodeToString([]byte("user:"+secret+"\n")))
		},
		"in base64 for URLs": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", base64.URLEncoding.EncodeToString([]byte("x"+secret))) // has an underscore, unlike the standard alphabet
		},
		"in base64, twice": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", base64.StdEncoding.EncodeToString([]byte("Basic "+base64.StdEncoding.EncodeToString([]byte("id:"+secret)))))
		},
		"in hex": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "<b>%X", secret) },
		"in hex, in base64": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString([]byte("Bearer "+secret)))))
		},
		"in a URL, twice": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", url.QueryEscape(url.QueryEscape("x="+secret)))
		},
		"in JSON with escaped slashes": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", strings.ReplaceAll(strings.ReplaceAll(secret, `"`, `\"`), "/", `\/`))
		},
		"in JSON with every character escaped": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>")
			for _, c := range secret {
				fmt.Fprintf(w, `\u%04X`, c)
			}
		},
		"in a mixture of escapes": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", strings.NewReplacer(`"`, `\u0022`, "+", "%2b", "/", `\/`, "&", "&amp;", " ", "+").Replace(secret))
		},
		"in JSON":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "[%q]", r.Header.Get("Authorization")) },
		"in a URL": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<a href='?"+url.QueryEscape(secret)+"'>") },
		"in a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://evil.example/?t="+url.QueryEscape(secret))
			w.WriteHeader(http.StatusFound)
		},
		"in a path of a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://evil.example/"+url.PathEscape(secret))
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(respond))
			t.Cleanup(server.Close)
			var logged strings.Builder
			client := New(Config{
				BaseURL:    server.URL,
				Credential: StaticCredential{Name: "Authorization", Scheme: "Bearer ", Secret: secret},
				Options: Options{Log: func(_ context.Context, message string, fields ...map[string]any) {
					fmt.Fprint(&logged, message, fields)
				}},
			})
			err := client.Do(t.Context(), Request{
				Method: "POST", Path: "/x", Timeout: time.Minute,
				Decode: func(body []byte) (int, error) {
					var v struct{}
					return 0, Decode(body, &v)
				},
				APIError: func(_ int, body []byte) *Error {
					if code, ok := strings.CutPrefix(string(body), "code: "); ok {
						return &Error{Code: code, Message: "no"}
					}
					message, _ := strings.CutPrefix(string(body), "message: ")
					return &Error{Message: message}
				},
			})
			if err == nil {
				t.Fatal("no error")
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), logged.String()} {
				for _, part := range []string{"s3cret", "S3CRET", "ey\"J", `ey\"J`, "eyJ", "ey%22J", "&#34;J", base64.StdEncoding.EncodeToString([]byte(secret))[:8], "73336372", "czNjcm"} {
					if strings.Contains(text, part) {
						t.Errorf("part of the credential is in: %s", text)
					}
				}
				if !strings.Contains(text, withheld) {
					t.Errorf("nothing is withheld: %s", text)
				}
			}
			if logged.Len() == 0 {
				t.Error("nothing was logged")
			}
		})
	}
}

// do sends a request to a server with this handler. It returns the error, and the waits between the attempts.
func do(t *testing.T, options Options, request Request, handler http.HandlerFunc) (*Error, []time.Duration) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	var waits []time.Duration
	options.Sleep = func(_ context.Context, wait time.Duration) { waits = append(waits, wait) }
	client := New(Config{
		Options: options, BaseURL: server.URL, Credential: StaticCredential{Name: "x-api-key", Secret: "key"},
	})
	request.Method = http.MethodPost
	request.APIError = func(_ int, body []byte) *Error { return &Error{DeadlineExceeded: string(body) == "too slow"} }
	if request.Timeout == 0 {
		request.Timeout = time.Minute
	}
	if request.Decode == nil {
		request.Decode = func([]byte) (int, error) { return 0, nil }
	}
	err := client.Do(t.Context(), request)
	failure, _ := err.(*Error)
	return failure, waits
}

// A request that is not sent is not logged as sent, for example a prefetch that the end of a listing cancels.
func TestUnsentRequestIsNotLogged(t *testing.T) {
	t.Parallel()
	logged := 0
	client := New(Config{
		BaseURL: "http://127.0.0.1:1", Credential: StaticCredential{Name: "x-api-key", Secret: "key"},
		Options: Options{Log: func(context.Context, string, ...map[string]any) { logged++ }},
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := client.Do(ctx, Request{Method: http.MethodGet, Timeout: time.Minute}); err == nil || logged > 0 {
		t.Errorf("got %v and %d lines", err, logged)
	}
}

// An attempt ends at its time limit, and is retried. The error names the time limit.
func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int64
	slow := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		attempts.Add(1)
		<-r.Context().Done()
	}
	failure, _ := do(t, Options{MaxRetries: 2}, Request{Timeout: 60 * time.Millisecond, Grace: 40 * time.Millisecond}, slow)
	if failure == nil || failure.Kind != KindAttemptTimeout || failure.Attempts != 3 || attempts.Load() == 0 || !strings.Contains(failure.Error(), "no complete response within 100ms") {
		t.Errorf("got %v after %d attempts", failure, attempts.Load())
	}
}

// If the vendor's own time limit was too short, the next attempt has twice the Timeout, unless the Timeout is long.
func TestDeadlineExceeded(t *testing.T) {
	t.Parallel()
	header := func(timeout time.Duration) http.Header { return http.Header{"Limit": {timeout.String()}} }
	for timeout, want := range map[time.Duration]string{30 * time.Second: "30s 1m0s 1m0s", 59 * time.Minute: "59m0s 1h58m0s 1h58m0s", 99_999_999 * time.Second: "27777h46m39s 27777h46m39s 27777h46m39s"} {
		var limits []string
		failure, _ := do(t, Options{MaxRetries: 2}, Request{Timeout: timeout, Header: header}, func(w http.ResponseWriter, r *http.Request) {
			limits = append(limits, r.Header.Get("Limit"))
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, map[bool]string{true: "too slow", false: "broken"}[len(limits) < 2])
		})
		if got := strings.Join(limits, " "); failure == nil || got != want {
			t.Errorf("got %v, with the limits %s, want %s", failure, got, want)
		}
	}
}

// A request asks caches for a new response, since the second pass must not get the responses of the first pass again.
func TestRequestHeader(t *testing.T) {
	t.Parallel()
	var got http.Header
	failure, _ := do(t, Options{UserAgent: "agent"}, Request{}, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() })
	want := http.Header{"Accept": {"application/json"}, "Cache-Control": {"no-cache"}, "User-Agent": {"agent"}, "X-Api-Key": {"key"}, "Accept-Encoding": {"gzip"}, "Content-Length": {"0"}}
	if failure != nil || !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %v and %v, want %v", got, failure, want)
	}
}

// A Retry-After applies only to the wait after its own response.
func TestRetryAfterIsForgotten(t *testing.T) {
	t.Parallel()
	n := 0
	failure, waits := do(t, Options{MaxRetries: 2}, Request{}, func(w http.ResponseWriter, _ *http.Request) {
		n++
		switch n {
		case 1:
			w.Header().Set("Retry-After", "30")
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			panic(http.ErrAbortHandler)
		}
	})
	if failure != nil || len(waits) != 2 || waits[0] != 30*time.Second || waits[1] > time.Second {
		t.Errorf("got %v after the waits %v", failure, waits)
	}
}

// The only successful status is 200. A 202 is polled if Poll is true.
func TestSuccess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statuses []int
		poll     bool
		kind     Kind
		waits    int
		ok       bool
	}{
		"200":             {statuses: []int{200}, ok: true},
		"206":             {statuses: []int{206, 200}, kind: KindMalformed},
		"204":             {statuses: []int{204, 200}, kind: KindMalformed},
		"202":             {statuses: []int{202, 200}, kind: KindMalformed},
		"202, polled":     {statuses: []int{202, 202, 202, 202, 200}, poll: true, waits: 4, ok: true},
		"202, then a 503": {statuses: []int{202, 503, 202, 200}, poll: true, waits: 3, ok: true},
		"202, then a 404": {statuses: []int{202, 404}, poll: true, waits: 1, kind: KindStatus},
	} {
		n := 0
		failure, waits := do(t, Options{MaxRetries: 1}, Request{Poll: test.poll}, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(test.statuses[n])
			n++
		})
		if (failure == nil) != test.ok || failure != nil && failure.Kind != test.kind || len(waits) != test.waits {
			t.Errorf("%s: got %v after %d waits", name, failure, len(waits))
		}
	}
}

// A response that repeats the credential in a name, in any of these forms, is an error.
func TestCredentialAsData(t *testing.T) {
	t.Parallel()
	const key = "Key;long/enough?é"
	for secret, names := range map[string][]string{
		key: {
			key, `a Key;long\/enough?é name`, `Key;long/enough\u003f\u00e9`, "Key;long%2Fenough%3F%C3%A9", "Key;long%252Fenough%253F%25C3%25A9",
			"\u212aey\u037elong/enough?é", `\u212aey;long/enough?é`, // the same in Unicode NFC
			base64.StdEncoding.EncodeToString([]byte(key)), base64.RawURLEncoding.EncodeToString([]byte("x" + key + "y")),
			strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte("xy"+key)), "/", `\/`),
			base64.RawURLEncoding.EncodeToString([]byte(key)), // has an underscore, unlike the standard alphabet
			hex.EncodeToString([]byte(key)), strings.ToUpper(hex.EncodeToString([]byte(key))), html.EscapeString(key),
		},
		// These look escaped before a server escapes them.
		"enough/abc%41xyz":   {"enough/abc%41xyz", `enough\/abc%41xyz`, "enough%2Fabc%2541xyz", `enough\\/abc%41xyz`},
		"enough/abc%2541xyz": {`enough\/abc%2541xyz`, `enough\\\/abc%2541xyz`},
		"enough/abc&amp;xyz": {`enough\/abc&amp;xyz`, `enough/abc\u0026amp;xyz`, "enough/abc&amp;amp;xyz"},
	} {
		for _, name := range names {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"name": "%s"}`, name) }))
			t.Cleanup(server.Close)
			client := New(Config{BaseURL: server.URL, Credential: StaticCredential{Name: "x-api-key", Secret: secret}})
			err := client.Do(t.Context(), Request{Method: http.MethodGet, Timeout: time.Minute, Decode: func([]byte) (int, error) { return 1, nil }})
			if failure, ok := err.(*Error); !ok || failure.Kind != KindMalformed || !strings.Contains(err.Error(), "repeats the credential") || strings.Contains(err.Error(), "enough") {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
}

// If the server switches to another protocol and then sends nothing, the request fails, and is not retried.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	failure, waits := do(t, Options{MaxRetries: 2}, Request{}, func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprint(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		select {
		case <-end:
		case <-time.After(10 * time.Second): // only if the client waits for the body
			t.Error("the request did not fail within 10s")
		}
		_ = connection.Close()
	})
	if failure == nil || failure.Kind != KindMalformed || failure.Status != http.StatusSwitchingProtocols || len(waits) > 0 {
		t.Errorf("got %v after the waits %v", failure, waits)
	}
}

// A response with a header larger than maxHeader is an error.
func TestLargeHeader(t *testing.T) {
	t.Parallel()
	failure, _ := do(t, Options{}, Request{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", strings.Repeat("x", maxHeader))
		w.WriteHeader(http.StatusFound)
	})
	if failure == nil || failure.Kind != KindConnection || !strings.Contains(failure.Error(), "exceeded") {
		t.Errorf("got %.300v", failure)
	}
}

// A failure keeps only the start of a long text of the response, because it stays in memory until the next attempt.
func TestErrorsKeepLittle(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*maxInspected)
	for name, test := range map[string]struct {
		status int
		body   string
	}{
		"a message": {500, `{"message": "` + long + `"}`},
		"a code":    {500, `{"code": "` + long + `"}`},
		"HTML":      {500, "<p>" + long},
		"a 200":     {200, "<p>" + long},
		"a name":    {200, `{"` + long + `": 1, "` + long + `": 2}`},
	} {
		request := Request{
			Decode: func(body []byte) (int, error) {
				var v struct{}
				return 0, Decode(body, &v)
			},
			APIError: func(_ int, body []byte) *Error {
				var v struct{ Code, Message string }
				_ = json.Unmarshal(body, &v)
				return &Error{Code: v.Code, Message: v.Message}
			},
		}
		client := New(Config{Credential: StaticCredential{}})
		var failure *Error
		if test.status == http.StatusOK {
			_, failure = client.decode(request, []byte(test.body))
		} else {
			failure = client.statusFailure(request, &http.Response{StatusCode: test.status}, []byte(test.body))
		}
		failure = client.Complete(Request{}, failure)
		kept := len(failure.Code) + len(failure.Message) + len(failure.quote)
		if failure.Err != nil {
			kept += len(failure.Err.Error())
		}
		if kept == 0 || kept > maxMessage+maxQuote+100 {
			t.Errorf("%s: the failure keeps %d bytes", name, kept)
		}
	}
}

// An error must not contain the password of a proxy. A result may contain it, because the proxy's password is not sent
// to the vendor.
func TestProxySecrets(t *testing.T) {
	t.Parallel()
	c := New(Config{Credential: StaticCredential{Secret: "key"}})
	c.proxySecrets = []string{"pr0xy-password", "user:pr0xy-password"}
	for _, text := range []string{"user pr0xy-password", base64.StdEncoding.EncodeToString([]byte("user:pr0xy-password"))} {
		if got := c.Complete(Request{}, &Error{Message: text}).Outcome(); !strings.Contains(got, withheld) {
			t.Errorf("%s: got %s", text, got)
		}
		if c.foundInResult([]byte(text)) {
			t.Errorf("%s: it is not allowed in a result", text)
		}
	}
}

// If a proxy repeats its password in a 407, neither the error nor the log contains it. net/http reads the environment
// only once, so the client runs in a separate process.
func TestProxyRepeatsItsPassword(t *testing.T) {
	t.Parallel()
	const user, password = "proxy-user", "pr0xy-password"
	pair := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	requests := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Header.Get("Proxy-Authorization")
		connection, _, err := http.NewResponseController(w).Hijack() // net/http would replace the status text
		if err != nil {
			t.Error(err)
			return
		}
		fmt.Fprintf(connection, "HTTP/1.1 407 Neither %s nor Basic %s is known\r\n\r\n", password, pair)
		_ = connection.Close()
	}))
	t.Cleanup(proxy.Close)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyOfAProcess$", "-test.v")
	child.Env = append(os.Environ(), "PROXY_TEST=1", "NO_PROXY=", "no_proxy=", "HTTPS_PROXY=http://"+user+":"+password+"@"+proxy.Listener.Addr().String())
	printed, err := child.CombinedOutput()
	if got := string(printed); err != nil || strings.Count(got, withheld) != 2 || strings.Contains(got, password) || strings.Contains(got, pair) {
		t.Errorf("%v\n%s", err, got)
	}
	select {
	case got := <-requests:
		if got != "Basic "+pair {
			t.Errorf("the proxy got %q", got)
		}
	default:
		t.Error("the proxy got no request")
	}
}

// TestProxyOfAProcess prints an error and a line of the log, in the process that TestProxyRepeatsItsPassword starts.
func TestProxyOfAProcess(t *testing.T) {
	if os.Getenv("PROXY_TEST") == "" {
		t.Skip("runs only in the process that TestProxyRepeatsItsPassword starts")
	}
	client := New(Config{BaseURL: "https://vendor.invalid", Credential: StaticCredential{Name: "x-api-key", Secret: "key"}, Options: Options{
		Log: func(_ context.Context, message string, fields ...map[string]any) { t.Log(message, fields) },
	}})
	t.Log(client.Do(t.Context(), Request{Method: http.MethodGet, Timeout: time.Minute}))
}

// pageOfUsers returns the JSON of 100 ordinary users, the number of users on a page.
func pageOfUsers() []byte {
	var page strings.Builder
	for i := range 100 {
		fmt.Fprintf(&page, `{"id": "dXNlci0wMDAwMDA%d", "dateOfFirstRecord": "2025-10-03T08:15:00Z", "dateOfLastRecord": "2026-01-10T17:45:00Z", "sessions": %[1]d, `+
			`"records": %[1]d, "tokens": %[1]d, "cost": 0.%[1]d, "name": "100%% R\u0026D &amp; co", "hash": "%064[1]x"}, `, i)
	}
	return []byte(page.String())
}

// several is a credential with several secrets.
type several struct {
	StaticCredential
	secrets []string
}

func (s several) Secrets() []string { return s.secrets }

// withSecrets returns a client with these secrets.
func withSecrets(secrets ...string) *Client {
	return New(Config{Credential: several{secrets: secrets}})
}

// The search finds no secret in ordinary users, whose ids look like base64 and whose hashes look like hex.
func TestOrdinaryUsersHaveNoSecrets(t *testing.T) {
	t.Parallel()
	if withSecrets("ol-0123456789abcdef0123456789abcdef", "northwind").foundInResult(pageOfUsers()) {
		t.Error("found a secret")
	}
}

func BenchmarkSecrets(b *testing.B) {
	c, page := withSecrets("ol-0123456789abcdef0123456789abcdef"), pageOfUsers()
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		c.foundInResult(page)
	}
}

// The client does not parse the target of a redirect, which may be an invalid URL.
func TestOddRedirect(t *testing.T) {
	t.Parallel()
	failure, waits := do(t, Options{MaxRetries: 2}, Request{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[::1")
		w.WriteHeader(http.StatusFound)
	})
	if failure == nil || failure.Status != http.StatusFound || failure.Message != "http://[::1" || len(waits) != 0 {
		t.Errorf("got %v after the waits %v", failure, waits)
	}
}

func TestFoundInText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		secrets []string
		text    string
		want    bool
	}{
		{[]string{"abcd", "abcd-efgh"}, "x abcd-efgh abcd y", true},
		{[]string{"schlüssel"}, `schl\u00fcssel`, true},
		{[]string{"schlüssel"}, `schl%C3%BCssel`, true},
		{[]string{"key 🔑 key"}, `key \ud83d\udd11 key`, true},
		{[]string{"key with space"}, "key+with+space", true},
		{[]string{"abc8Q~1def+/gh"}, "abc8Q~1def%2B%2Fgh", true},
		{[]string{`abc8Q~0def"gh&x`}, `abc8Q~0def\"gh&amp;x`, true},
		{[]string{"long?enough?key"}, "/items/0/bG9uZz9lbm91Z2g~1a2V5", true}, // base64 with a slash, in a JSON pointer
		{[]string{"key/abc%41xyz"}, `key\/abc%41xyz`, true},                   // looks escaped before the server escapes it
		{[]string{"%41%42"}, "AB", false},                                     // too short when it is unescaped
		{[]string{"abcdefgh"}, `bad escapes: \u12 \ud83d \ %4 %zz &#`, false},
		{[]string{"", ""}, "nothing", false},
		{nil, "nothing", false},
	} {
		if got := withSecrets(test.secrets...).foundInError(test.text); got != test.want {
			t.Errorf("%q in %q: %v", test.secrets, test.text, got)
		}
	}
}

// An error has only the start of a long text of a response. It has no characters that move a terminal's cursor or are
// invisible.
func TestQuotations(t *testing.T) {
	t.Parallel()
	c := New(Config{Credential: StaticCredential{}})
	quote := func(body string) string { return quote(Request{}, []byte(body)) }
	if got := quote(" \n"); got != "" {
		t.Errorf("got %s for an empty body", got)
	}
	long := c.Complete(Request{}, &Error{quote: quote("<p>" + strings.Repeat("é", 300)), Message: "\x1b[2Jgone\n" + strings.Repeat("é", 2000)})
	if got := long.Outcome(); strings.ContainsAny(got, "\x1b\n") || strings.Count(got, "é") != maxQuote-3+maxMessage-9 {
		t.Errorf("got %d times é in %s", strings.Count(got, "é"), got)
	}
	odd := "\u202e\u2066\u200b\u2028\x1b[J\xff"
	shown := c.Complete(Request{}, &Error{quote: quote("<" + odd), Code: odd, Message: odd, Err: errors.New("/items/" + odd)}).Outcome()
	if strings.ContainsAny(shown, "\u202e\u2066\u200b\u2028\x1b") {
		t.Errorf("got %q", shown)
	}
	if got := c.Complete(Request{}, &Error{Err: errors.New(strings.Repeat("x", 1<<20))}).Outcome(); len(got) > maxMessage+10 {
		t.Errorf("%d characters", len(got))
	}
}

// The memory of a response is limited. A retry would get the same response.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body io.Reader
		want string
	}{
		"a long body":  {endless{' '}, "the response is too large: more than 32 MiB"},
		"many objects": {io.LimitReader(endless{'{'}, 1<<20), "the response is too large: it would need more than 96 MiB"},
		"many nulls":   {strings.NewReader("[" + strings.Repeat("null,", 1<<20)), "the response is too large: it would need more than 96 MiB"},
		"many lists":   {strings.NewReader(strings.Repeat(`"0":[],`, 1<<20)), "the response is too large: it would need more than 96 MiB"},
		"many numbers": {strings.NewReader("[" + strings.Repeat("1,", 4<<20)), "the response is too large: it would need more than 96 MiB"},
	} {
		memory := NewMemory()
		failure, waits := do(t, Options{MaxRetries: 2, Memory: memory}, Request{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, test.body) })
		if failure == nil || failure.Kind != KindTooLarge || len(waits) > 0 || !strings.Contains(failure.Error(), test.want) {
			t.Errorf("%s: got %v", name, failure)
		}
		if len(memory.largeResponses) > 0 {
			t.Errorf("%s: the response keeps its place", name)
		}
	}
}

// Only one large response at a time is in memory: another one waits in the middle of its body. A small one does not wait.
func TestLargeResponses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const large, limit = 2 * largeResponse, time.Minute
		memory := NewMemory()
		read := func(ctx context.Context, size int64) (release func(), done chan error) {
			var complete func()
			timer := time.AfterFunc(limit, func() { t.Error("a wait counted against the time limit of the attempt") })
			done = make(chan error, 1)
			go func() {
				var buffer bytes.Buffer
				var err error
				complete, err = memory.readBody(ctx, &buffer, io.LimitReader(endless{' '}, size), timer, time.Hour)
				if err == nil && !timer.Stop() {
					t.Error("the time limit did not start again after the wait")
				}
				if err == nil && int64(buffer.Len()) != size {
					t.Errorf("got %d bytes, want %d", buffer.Len(), size)
				}
				done <- err
			}()
			synctest.Wait()
			return func() { complete() }, done
		}
		interrupted, interrupt := context.WithCancel(t.Context())
		releaseFirst, firstDone := read(t.Context(), large)
		releaseSmall, smallDone := read(t.Context(), largeResponse)
		releaseSecond, secondDone := read(t.Context(), large)
		releaseThird, thirdDone := read(interrupted, large)
		if len(firstDone) != 1 || len(smallDone) != 1 || len(secondDone) != 0 || len(thirdDone) != 0 {
			t.Errorf("complete: %d, %d small, %d and %d", len(firstDone), len(smallDone), len(secondDone), len(thirdDone))
		}
		<-time.After(2 * limit)
		interrupt()
		if err := <-thirdDone; !errors.Is(err, context.Canceled) {
			t.Errorf("the interrupted response ended with %v", err)
		}
		releaseThird()
		releaseSmall()
		if synctest.Wait(); len(secondDone) != 0 {
			t.Error("the second response is complete before the first is released")
		}
		releaseFirst()
		if err := <-secondDone; err != nil {
			t.Errorf("the second response ended with %v", err)
		}
		releaseSecond()
		if len(memory.largeResponses) > 0 {
			t.Error("a response keeps its place")
		}
	})
}

// A response of HTTP/2 may be larger than maxReceiveBuffer.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s%s", r.Proto, strings.Repeat(" ", 10*maxReceiveBuffer))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := New(Config{BaseURL: server.URL, Credential: StaticCredential{}})
	client.transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	var got string
	err := client.Do(t.Context(), Request{Method: http.MethodGet, Timeout: time.Minute, Decode: func(body []byte) (int, error) {
		got = string(body)
		return 0, nil
	}})
	if err != nil || strings.TrimSpace(got) != "HTTP/2.0" || len(got) < 10*maxReceiveBuffer {
		t.Errorf("got %.20q and %v", got, err)
	}
}

// endless is a reader that repeats one character without end.
type endless struct{ char byte }

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.char
	}
	return len(p), nil
}

// counted is a credential that counts the calls of Invalidate.
type counted struct {
	StaticCredential
	invalidated *atomic.Int64
}

func (c counted) Invalidate(string) bool {
	c.invalidated.Add(1)
	return true
}

// A request invalidates its credential at most once, because other requests may use the next token successfully.
func TestInvalidatesOnce(t *testing.T) {
	t.Parallel()
	for status, requests := range map[int]int{http.StatusUnauthorized: 2, http.StatusInternalServerError: 4} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(server.Close)
		waits := 0
		credential := counted{StaticCredential{Name: "x-api-key", Secret: "key"}, new(atomic.Int64)}
		client := New(Config{
			BaseURL: server.URL, Credential: credential,
			Options: Options{MaxRetries: 2, Sleep: func(context.Context, time.Duration) {
				if waits++; waits > 10 {
					t.Fatal("the request retries without end")
				}
			}},
		})
		err := client.Do(t.Context(), Request{
			Method: http.MethodGet, Timeout: time.Minute, APIError: func(int, []byte) *Error { return &Error{Unauthorized: true} },
		})
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Attempts != requests || credential.invalidated.Load() != 1 {
			t.Errorf("%d: invalidated %d times, and %v", status, credential.invalidated.Load(), err)
		}
	}
}

// A server may close an idle connection when the next request arrives. The client then uses a new connection, without a
// retry.
func TestClosedIdleConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { // responds to one request, and closes the connection after the second
				defer func() { _ = conn.Close() }()
				reader := bufio.NewReader(conn)
				if _, err := http.ReadRequest(reader); err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
				_, _ = http.ReadRequest(reader)
			}()
		}
	}()
	client := New(Config{BaseURL: "http://" + listener.Addr().String(), Credential: StaticCredential{Name: "x-api-key", Secret: "key"}})
	for range 2 {
		if err := client.Do(t.Context(), Request{Method: http.MethodPost, Timeout: time.Minute, Decode: func([]byte) (int, error) { return 0, nil }}); err != nil {
			t.Error(err)
		}
	}
}
