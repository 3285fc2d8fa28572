package openlayer_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/leaktest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// client returns a client that may have this number of requests in flight. Its waits are the usual waits divided by
// speed.
func client(url string, concurrency int, speed time.Duration) *openlayer.Client {
	return openlayer.New(openlayer.Config{BaseURL: url, APIKey: apiKey, Options: rest.Options{
		MaxRetries: 4, Throttle: rest.NewThrottle(concurrency), Sleep: func(ctx context.Context, wait time.Duration) {
			select {
			case <-time.After(wait / speed):
			case <-ctx.Done():
			}
		},
	}})
}

// The client has as many requests in flight as its concurrency allows. The number of requests for pages past the end is
// limited.
func TestPagesInParallel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		users, concurrency int
		capped             int
		repeats            bool
		fewest, most       int // requests
	}{
		{users: 10, concurrency: 32, fewest: 2, most: 2},
		{users: 99, concurrency: 32, fewest: 2, most: 2},
		{users: 100, concurrency: 32, fewest: 7, most: 7 + 4},
		{users: 101, concurrency: 32, fewest: 7, most: 7 + 4},
		{users: 200, concurrency: 32, fewest: 9, most: 9 + 7},
		{users: 300, concurrency: 32, fewest: 11, most: 11 + 10},
		{users: 2000, concurrency: 8, fewest: 42, most: 42 + 8 + 2},
		{users: 2050, concurrency: 32, fewest: 44, most: 44 + 32 + 2},
		{users: 2050, concurrency: 8, repeats: true, fewest: 46, most: 46 + 8 + 2},
		{users: 2000, concurrency: 8, repeats: true, fewest: 44, most: 44 + 8 + 2},
		{users: 1010, concurrency: 8, capped: 25, fewest: 84, most: 84 + 8 + 2},
	} {
		t.Run(fmt.Sprintf("%d users, concurrency %d, a cap of %d, repeated last page %v", test.users, test.concurrency, test.capped, test.repeats), func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New(apiKey)
			fake.MaxPerPage, fake.RepeatLastPage = test.capped, test.repeats
			users := team(test.users)
			fake.SetUsers(pipeline, users)
			var now, peak atomic.Int64
			full := make(chan struct{}) // closed when test.concurrency requests are in flight
			var once sync.Once
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := now.Add(1)
				defer now.Add(-1)
				for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
				}
				if int(n) == test.concurrency {
					once.Do(func() { close(full) })
				}
				// After four full pages, the client has eight requests in flight, even if page 1 is shorter than requested.
				if page, _ := strconv.Atoi(r.URL.Query().Get("page")); page >= 5 && test.concurrency == 8 {
					<-full
				}
				fake.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			got, err := client(server.URL+openlayertest.BasePath, test.concurrency, 1).Users(t.Context(), openlayer.Query{PipelineID: pipeline})
			if err != nil || len(got) != test.users {
				t.Fatalf("%d users and %v", len(got), err)
			}
			if n := len(fake.Requests()); n < test.fewest || n > test.most {
				t.Errorf("%d requests, want %d to %d", n, test.fewest, test.most)
			}
			// The server may still handle a canceled request when the next request arrives.
			if got := int(peak.Load()); got > 2*test.concurrency {
				t.Errorf("%d requests at the same time, want %d", got, test.concurrency)
			}
		})
	}
}

// The client reads a whole listing with the default number of retries, although the server has a strict rate limit of
// 20 requests a second. To save time, the limit and the waits of the client are 16 times as fast. They are slower on a
// machine that cannot send as many requests.
func TestStrictLimit(t *testing.T) {
	t.Parallel()
	for speed := 16; speed >= 1; speed /= 2 {
		requests, rejected := readWithLimit(t, speed)
		t.Logf("at speed %d, %d requests, %d of them rate limited", speed, requests, rejected)
		if rejected > 0 || t.Failed() {
			return
		}
	}
	t.Error("no request was rate limited")
}

// readWithLimit reads a whole listing from a server with a rate limit of 20 requests a second, times speed.
func readWithLimit(t *testing.T, speed int) (requests, rejected int) {
	t.Helper()
	var mu sync.Mutex
	tokens, last := 20.0, time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		tokens = min(20, tokens+time.Since(last).Seconds()*float64(20*speed))
		last = time.Now()
		allowed := tokens >= 1
		requests++
		if allowed {
			tokens--
		} else {
			rejected++
		}
		mu.Unlock()
		if !allowed {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		items := []string{}
		for i := (page - 1) * 100; i < min(page*100, 20_000); i++ {
			items = append(items, fmt.Sprintf(`{"id": "%d"}`, i))
		}
		fmt.Fprintf(w, `{"items": [%s]}`, strings.Join(items, ","))
	}))
	t.Cleanup(server.Close)
	got, err := client(server.URL, 32, time.Duration(speed)).Users(t.Context(), openlayer.Query{PipelineID: pipeline})
	if err != nil || len(got) != 20_000 {
		t.Errorf("%d users and %v", len(got), err)
	}
	mu.Lock() // the server may still handle a canceled request
	defer mu.Unlock()
	return requests, rejected
}

// The error is that of the first page that fails, even if later pages fail too. The failure of a page past the end is
// not an error, unless the client needs the page to confirm the end. No goroutine remains. The test is not parallel,
// because it counts goroutines.
func TestErrorsInParallel(t *testing.T) {
	defer leaktest.VerifyNone(t, goleak.IgnoreCurrent())
	for name, test := range map[string]struct {
		fails func(page int) bool
		page  string // in the name of the error; "" for no error
	}{
		"two pages":              {fails: func(page int) bool { return page == 12 || page == 14 }, page: "page 12"},
		"all from page 5":        {fails: func(page int) bool { return page >= 5 }, page: "page 5"},
		"the page after the end": {fails: func(page int) bool { return page >= 22 }, page: "page 22"},
		"the page at the end":    {fails: func(page int) bool { return page >= 21 }, page: "page 21"},
		"later pages":            {fails: func(page int) bool { return page > 22 }},
	} {
		fake := openlayertest.New(apiKey)
		fake.SetUsers(pipeline, team(2000))
		fake.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			if test.fails(page) {
				w.WriteHeader(http.StatusNotFound)
				return true
			}
			return false
		}
		server := httptest.NewServer(fake)
		reader := openlayer.New(openlayer.Config{BaseURL: server.URL + openlayertest.BasePath, APIKey: apiKey, Options: rest.Options{Throttle: rest.NewThrottle(16)}})
		got, err := reader.Users(t.Context(), openlayer.Query{PipelineID: pipeline})
		server.Close()
		switch failure, _ := err.(*rest.Error); {
		case test.page == "":
			if err != nil || len(got) != 2000 {
				t.Errorf("%s: %d users and %v", name, len(got), err)
			}
		case failure == nil || failure.Name != "the users of Openlayer inference pipeline "+pipeline+", "+test.page || got != nil:
			t.Errorf("%s: %d users and %v, want an error of %s", name, len(got), err, test.page)
		}
	}
}

// Callers with the same query share the requests of a listing. A caller with another query does not.
func TestCallersShareAListing(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.Latency = 20 * time.Millisecond
	fake.SetUsers(pipeline, team(250))
	url := openlayertest.NewServer(t, fake).URL + openlayertest.BasePath
	reader := client(url, 1, 1)
	yes := true
	queries := []openlayer.Query{
		{PipelineID: pipeline}, {PipelineID: pipeline, PerPage: 100}, // equal, since 100 is the default
		{PipelineID: pipeline, Asc: &yes},
	}
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			got, err := reader.Users(t.Context(), queries[i%3])
			if err != nil || len(got) != 250 || !slices.IsSortedFunc(got, func(a, b openlayer.User) int { return len(a.ID) - len(b.ID) }) {
				t.Errorf("%d users and %v", len(got), err)
			}
		})
	}
	all.Wait()
	if n := len(fake.Requests()); n != 2*9 {
		t.Errorf("%d requests, want 18, for two listings", n)
	}
}
