package rest

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		header      string
		least, most time.Duration // both 0: there is none
	}{
		"none":                 {header: ""},
		"seconds":              {header: "7", least: 7 * time.Second, most: 7 * time.Second},
		"zero":                 {header: "0", least: firstWait, most: firstWait},
		"a date":               {header: in(30 * time.Second), least: 25 * time.Second, most: 31 * time.Second},
		"a date that is gone":  {header: in(-time.Hour), least: firstWait, most: firstWait},
		"a date next year":     {header: in(365 * 24 * time.Hour), least: time.Minute, most: time.Minute},
		"a day":                {header: "86400", least: time.Minute, most: time.Minute},
		"more than a Duration": {header: "9223372037", least: time.Minute, most: time.Minute},
		"more than 64 bits":    {header: strings.Repeat("9", 40), least: time.Minute, most: time.Minute},
		"negative":             {header: "-5"},
		"words":                {header: "soon"},
	} {
		got, ok := RetryAfter(http.Header{"Retry-After": {test.header}})
		if ok != (test.most > 0) || got < test.least || got > test.most {
			t.Errorf("%s: RetryAfter(%q) = %s, %v; want %s to %s", name, test.header, got, ok, test.least, test.most)
		}
	}
}

// The waits double up to the longest, and half of each is left to chance.
func TestWaitBeforeTry(t *testing.T) {
	t.Parallel()
	for n, whole := range map[int]time.Duration{
		2: 500 * time.Millisecond, 3: time.Second, 4: 2 * time.Second, 6: 8 * time.Second, 7: longestWait, 11: longestWait, 80: longestWait,
	} {
		seen := map[time.Duration]bool{}
		for range 50 {
			got := waitBeforeTry(n, nil)
			if got < whole/2 || got > whole {
				t.Errorf("before try %d: %s, want %s to %s", n, got, whole/2, whole)
			}
			seen[got] = true
		}
		if len(seen) < 10 {
			t.Errorf("before try %d: only %d different waits", n, len(seen))
		}
	}
	if got := waitBeforeTry(2, http.Header{"Retry-After": {"9"}}); got != 9*time.Second {
		t.Errorf("with Retry-After: %s", got)
	}
}

// A server may send back the credential that it got, in whatever form.
func TestErrorsHaveNoCredentials(t *testing.T) {
	t.Parallel()
	const secret = `ey"J+/=?&s3cret key`
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"in the vendor's message": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "message: ", r.Header.Get("Authorization"))
		},
		"in the vendor's code": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "code: ", r.Header.Get("Authorization"))
		},
		"in a body that is no JSON": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<html>", strings.Repeat("x", 180), r.Header.Get("Authorization"))
		},
		"in upper case": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<b>", strings.ToUpper(secret)) },
		"in HTML":       func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<b>", html.EscapeString(secret)) },
		"in base64": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", base64.StdEncoding.EncodeToString([]byte(secret)))
		},
		"in JSON with escaped slashes": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>", strings.ReplaceAll(strings.ReplaceAll(secret, `"`, `\"`), "/", `\/`))
		},
		"in JSON with escapes for everything": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "<b>")
			for _, c := range secret {
				fmt.Fprintf(w, `\u%04X`, c)
			}
		},
		"in a mixture": func(w http.ResponseWriter, _ *http.Request) {
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
			server := httptest.NewServer(http.HandlerFunc(answer))
			t.Cleanup(server.Close)
			var logged strings.Builder
			client := New(Config{
				BaseURL:    server.URL,
				Credential: Fixed{Name: "Authorization", Scheme: "Bearer ", Secret: secret},
				Refusal: func(body []byte) Refusal {
					if code, ok := strings.CutPrefix(string(body), "code: "); ok {
						return Refusal{Code: code, Message: "no"}
					}
					message, _ := strings.CutPrefix(string(body), "message: ")
					return Refusal{Message: message}
				},
				Options: Options{Log: func(_ context.Context, message string, fields ...map[string]any) {
					fmt.Fprint(&logged, message, fields)
				}},
			})
			err := client.Do(t.Context(), Request{Method: "POST", Path: "/x", Judge: func(answer Answer) (int, error) {
				var v struct{}
				return 0, Decode(answer.Body, &v)
			}})
			if err == nil {
				t.Fatal("no error")
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), logged.String()} {
				for _, part := range []string{"s3cret", "S3CRET", "ey\"J", `ey\"J`, "eyJ", "ey%22J", "&#34;J", base64.StdEncoding.EncodeToString([]byte(secret))[:8]} {
					if strings.Contains(text, part) {
						t.Errorf("the credential shows: %s", text)
					}
				}
			}
			if logged.Len() == 0 {
				t.Error("nothing was logged")
			}
		})
	}
}

// do sends a request to a server, and gives the waits between its tries.
func do(t *testing.T, options Options, request Request, handler http.HandlerFunc) (*Error, []time.Duration) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	var waits []time.Duration
	options.Pace = func(wait time.Duration) time.Duration {
		waits = append(waits, wait)
		return 0
	}
	client := New(Config{Options: options, BaseURL: server.URL, Credential: Fixed{Name: "x-api-key", Secret: "k"}, Refusal: func([]byte) Refusal { return Refusal{} }})
	request.Method = http.MethodPost
	request.Judge = func(Answer) (int, error) { return 0, nil }
	err := client.Do(t.Context(), request)
	client.CloseIdle()
	failure, _ := err.(*Error)
	return failure, waits
}

// A try that takes too long is given up for another one, and the error says so.
func TestTryTimeout(t *testing.T) {
	t.Parallel()
	var tries atomic.Int64
	slow := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		tries.Add(1)
		<-r.Context().Done()
	}
	failure, _ := do(t, Options{MaxRetries: 2}, Request{TryTimeout: 100 * time.Millisecond}, slow)
	if failure == nil || failure.Kind != Slow || failure.Tries != 3 || tries.Load() != 3 || !strings.Contains(failure.Error(), "no complete answer within 100ms") {
		t.Errorf("got %v after %d tries", failure, tries.Load())
	}
}

// So it is where the caller gets more time meanwhile than it had when the try began.
func TestTryTimeoutAndGrowingDeadline(t *testing.T) {
	t.Parallel()
	bounded, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ctx := (&growing{Context: bounded}).in(50 * time.Millisecond)
	var tries atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if tries.Add(1) == 1 {
			_, _ = io.Copy(io.Discard, r.Body)
			ctx.in(time.Minute)
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	client := New(Config{
		BaseURL: server.URL, Credential: Fixed{Name: "x-api-key", Secret: "k"}, Refusal: func([]byte) Refusal { return Refusal{} },
		Options: Options{MaxRetries: 1, Pace: func(time.Duration) time.Duration { return 0 }},
	})
	t.Cleanup(client.CloseIdle)
	request := Request{Method: http.MethodPost, TryTimeout: 200 * time.Millisecond, Judge: func(Answer) (int, error) { return 0, nil }}
	if err := client.Do(ctx, request); err != nil || tries.Load() != 2 {
		t.Errorf("got %v after %d tries", err, tries.Load())
	}
}

// A Retry-After is for the one try that it came with.
func TestRetryAfterIsForgotten(t *testing.T) {
	t.Parallel()
	n := 0
	failure, waits := do(t, Options{MaxRetries: 2}, Request{}, func(w http.ResponseWriter, r *http.Request) {
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

// A server that gives the credential as data does not get it into the state.
func TestCredentialAsData(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"name": "long/enough"}`, `{"name": "a long\/enough name"}`, `{"\u006cong/enough": 1}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		t.Cleanup(server.Close)
		client := New(Config{BaseURL: server.URL, Credential: Fixed{Name: "x-api-key", Secret: "long/enough"}})
		err := client.Do(t.Context(), Request{Method: http.MethodGet, Judge: func(Answer) (int, error) { return 1, nil }})
		if failure, ok := err.(*Error); !ok || failure.Kind != Malformed || !strings.Contains(err.Error(), "repeats the credential") || strings.Contains(err.Error(), "enough") {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// What a redirect names is not looked at, so it may be anything.
func TestOddRedirect(t *testing.T) {
	t.Parallel()
	failure, waits := do(t, Options{MaxRetries: 2}, Request{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://[::1")
		w.WriteHeader(http.StatusFound)
	})
	if failure == nil || failure.Kind != Redirected || len(waits) != 0 {
		t.Errorf("got %v after the waits %v", failure, waits)
	}
}

func TestRedactor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		secrets    []string
		text, want string
	}{
		{[]string{"abcd", "abcd-efgh"}, "x abcd-efgh abcd y", "x [credential] [credential] y"},
		{[]string{"schlüssel"}, `schlüssel schl\u00fcssel schl%C3%BCssel`, "[credential] [credential] [credential]"},
		{[]string{"", ""}, "nothing", "nothing"},
		{nil, "nothing", "nothing"},
	} {
		if got := redactor(test.secrets)(test.text); got != test.want {
			t.Errorf("%q without %q: got %q, want %q", test.text, test.secrets, got, test.want)
		}
	}
}

// A quotation is short and cannot move a terminal's cursor.
func TestQuotations(t *testing.T) {
	t.Parallel()
	c := New(Config{Credential: Fixed{}})
	long := c.shown(Error{body: []byte("<p>" + strings.Repeat("é", 300)), Message: "\x1b[2Jgone\n" + strings.Repeat("é", 2000)})
	if got := long.Answer(); strings.ContainsAny(got, "\x1b\n") || strings.Count(got, "é") != longestQuote-3+longestMessage-9 {
		t.Errorf("%d times é in %s", strings.Count(got, "é"), got)
	}
	if got := c.shown(Error{body: []byte{'<', 0xff, 0x1b, '[', 'J'}}).Answer(); strings.ContainsAny(got, "\x1b") {
		t.Errorf("got %q", got)
	}
}
