package fakehttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

func TestJournal(t *testing.T) {
	t.Parallel()
	var journal fakehttp.Journal
	intercept := func(w http.ResponseWriter, r *http.Request, n int) bool {
		if _, err := io.ReadAll(r.Body); err != nil { // next must still be able to read the body
			t.Errorf("intercept: %v", err)
		}
		if n == 2 {
			http.Error(w, "broken", http.StatusBadGateway)
		}
		return n == 2
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		journal.Serve(w, r, intercept, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, r.Body) // The client checks the response.
		})
	}))
	t.Cleanup(server.Close)

	for _, want := range []string{"first", "broken\n", "third"} {
		sent := strings.TrimSuffix(want, "\n")
		resp, err := server.Client().Post(server.URL+"/p?a=1", "text/plain", strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(got) != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}

	requests := journal.Requests()
	if len(requests) != 3 {
		t.Fatalf("%d requests, want 3", len(requests))
	}
	for i, want := range []fakehttp.Request{
		{Body: []byte("first"), Status: 200},
		{Body: []byte("broken"), Status: 502},
		{Body: []byte("third"), Status: 200},
	} {
		got := requests[i]
		if string(got.Body) != string(want.Body) || got.Status != want.Status ||
			got.Method != "POST" || got.Path != "/p" || got.Query.Get("a") != "1" || got.Header.Get("Content-Type") != "text/plain" {
			t.Errorf("request %d: got %+v", i+1, got)
		}
	}

	requests[0].Body[0] = 'F'
	requests[0].Query["a"][0] = "2"
	requests[0].Header.Set("Content-Type", "changed")
	again := journal.Requests()[0]
	if string(again.Body) != "first" || again.Query.Get("a") != "1" || again.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("the journal shares memory with what it returns: %+v", again)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := fakehttp.Wait(t.Context(), time.Minute); err != nil || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if err := fakehttp.Wait(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if err := fakehttp.Wait(ctx, 0); err == nil {
			t.Error("no wait hides that the context has ended")
		}
	})
}

func TestDecodeObject(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:          "",
		`{"name": 1}`: "",
		`null`:        "",
		`{"Name": 1}`: `unknown field "Name"`,
		`[]`:          "not a JSON object",
		``:            "not JSON: unexpected end of JSON input",
		`{}{}`:        "not JSON: invalid character '{' after top-level value",
	} {
		_, err := fakehttp.DecodeObject([]byte(body), "name")
		if got := errorText(err); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
