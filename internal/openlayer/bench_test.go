package openlayer

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// body returns a page of users in the format of the API.
func body(from, to int) string {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"user-%07d@northwind.example","dateOfFirstRecord":"2025-%02d-03T08:15:00Z","dateOfLastRecord":"2026-01-%02dT17:45:00Z","sessions":%d,"records":%d,"tokens":%d,"cost":%d.%04d}`,
			i, i%12+1, i%28+1, i%40, i%400, i*7%90000, i%50, i%10000)
	}
	b.WriteString(`]}`)
	return b.String()
}

// pagesServer starts a server that returns a listing from memory.
func pagesServer(b *testing.B, users int) *httptest.Server {
	var pages []string
	for from := 0; from < users; from += MaxPerPage {
		pages = append(pages, body(from, min(from+MaxPerPage, users)))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if number > len(pages) {
			fmt.Fprint(w, `{"items":[]}`)
			return
		}
		_, _ = w.Write([]byte(pages[number-1]))
	}))
	b.Cleanup(server.Close)
	return server
}

// BenchmarkUsers reads a whole listing over loopback. A listing with several pages needs two passes.
func BenchmarkUsers(b *testing.B) {
	for _, users := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(users), func(b *testing.B) {
			server := pagesServer(b, users)
			client := New(Config{BaseURL: server.URL, APIKey: "sk-0123456789abcdef", Options: rest.Options{Throttle: rest.NewThrottle(32)}})
			b.ReportAllocs()
			for b.Loop() {
				ctx, end := context.WithCancel(b.Context()) // ends the lease of a large listing
				got, err := client.Users(ctx, Query{PipelineID: "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"})
				if err != nil || len(got) != users {
					b.Fatalf("%d users and %v", len(got), err)
				}
				end()
			}
		})
	}
}

// BenchmarkDecode decodes one page.
func BenchmarkDecode(b *testing.B) {
	text := []byte(body(0, MaxPerPage))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeUsers(text); err != nil {
			b.Fatal(err)
		}
	}
}
