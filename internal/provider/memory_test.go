package provider

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// maxMemory is the limit for the provider's peak memory, in MiB.
const maxMemory = 512

// writeList writes a JSON list of n elements to a response, between a head and a tail.
func writeList(w io.Writer, head string, n int, element func(i int) string, tail string) {
	var b bytes.Buffer
	b.WriteString(head)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(element(i))
	}
	b.WriteString(tail)
	_, _ = w.Write(b.Bytes())
}

// compressed compresses a string with gzip.
func compressed(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}

// The provider's peak memory stays below maxMemory for every response of a server. Each case runs in a separate
// process.
func TestMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("is slow")
	}
	if withRaceDetector() {
		t.Skip("the race detector adds to the peak memory")
	}
	if _, err := os.ReadFile("/proc/self/status"); err != nil {
		t.Skip("needs /proc to see a process's peak memory")
	}
	const openlayer, v1, v2 = 0, 1, 2 // indexes in listings
	// items serves a listing with page numbers. If pages is 0, the listing has no end.
	items := func(pages, n int, item func(page, i int) string) fault {
		return func(w http.ResponseWriter, r *http.Request, l testListing) {
			page, n := l.number(r), n
			if pages > 0 && page > pages {
				n = 0
			}
			writeList(w, `{"items": [`, n, func(i int) string { return item(page, i) }, `]}`)
		}
	}
	// keyed serves a listing with page keys. If pages is 0, the listing has no end.
	keyed := func(head, tail string, pages, n int, user func(page, i int) string) fault {
		return func(w http.ResponseWriter, r *http.Request, _ testListing) {
			request, _ := io.ReadAll(r.Body)
			page, next := 1, ""
			if key := keyNumber.FindStringSubmatch(string(request) + r.URL.RawQuery); key != nil {
				page, _ = strconv.Atoi(key[1])
			}
			if page != pages {
				next = fmt.Sprint("key-", page+1, "-")
			}
			writeList(w, head, n, func(i int) string { return user(page, i) }, fmt.Sprintf(tail, next))
		}
	}
	names := func(n int) fault {
		return func(w http.ResponseWriter, _ *http.Request, _ testListing) {
			writeList(w, `{"items": [], "x": {`, n, func(i int) string { return fmt.Sprintf(`"%x":1`, i) }, `}}`)
		}
	}
	const (
		headV1, tailV1 = `{"user": [`, `], "pageKey": %q, "status": null}`
		headV2, tailV2 = `{"users": [`, `], "metadata": {"page_key": %q}}`
	)
	megabyte := strings.Repeat("x", 1<<20)
	sevenMegabytes := strings.Repeat(megabyte, 7)
	longName := func(page, _ int) string { return fmt.Sprintf(`{"id": "%d%s"}`, page, sevenMegabytes) }
	search := func(text string) string { return fmt.Sprintf(`"search_query_or": [%q]`, text) }
	digits := strings.Repeat("7", 900)
	bomb := compressed(`{"items": [], "x": "` + strings.Repeat("y", 62<<20) + `"}`)
	ordinary := func(page, i int) string {
		id := page*1000 + i
		return fmt.Sprintf(`{"id": "user-%07d@northwind.example", "dateOfFirstRecord": "2025-10-03T08:15:00Z", "dateOfLastRecord": "2026-01-10T17:45:00Z", `+
			`"sessions": %d, "records": %d, "tokens": %d, "cost": %d.%04d}`, id, id%40, id%400, id*7%90000, id%50, id%10000)
	}
	var policies strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&policies, `,"%d":{"allowed_resources":{"c":[]}}`, i)
	}
	// numbers returns different numbers, separated by commas.
	numbers := func(n int) string {
		var list strings.Builder
		for i := range n {
			fmt.Fprintf(&list, ",%d", 1_000_000+i)
		}
		return list.String()[1:]
	}
	resources := func(n int) func(page, i int) string {
		keys := `"` + strings.ReplaceAll(numbers(n), ",", `","`) + `"`
		return func(page, _ int) string {
			return fmt.Sprintf(`{"id": "%d", "api_policy": {"allowed_operations": {"queryCorpusWithAPolicy": {"allowed_resources": {"k": [%s]}}}}}`, page, keys)
		}
	}
	var escaped atomic.Int64 // the requests for pages with escapes
	together := make(chan struct{})
	var salt atomic.Int64
	var afterSlow atomic.Int64 // the large responses after the slow page
	enough := make(chan struct{})
	var pastEnd atomic.Int64 // the requests for the page past the end of the listing
	complete := make(chan struct{})
	for name, test := range map[string]struct {
		listing int
		serve   fault
		configs []string // of calls at the same time; nil for one call without arguments
		want    string   // part of the error; empty for no error
		most    int      // the limit for the peak memory, in MiB; 0 for maxMemory
	}{
		"pages of 100 MiB": {listing: openlayer, serve: items(0, 100, func(_, i int) string { return fmt.Sprintf(`{"id": "%d%s"}`, i, megabyte) }), want: "more than 32 MiB"},
		"gzip": {listing: openlayer, serve: func(w http.ResponseWriter, _ *http.Request, _ testListing) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		}, want: "more than 32 MiB"},
		"pages of 2 MiB": {listing: openlayer, serve: items(0, 2, func(page, i int) string { return fmt.Sprintf(`{"id": "%d-%d%s"}`, page, i, megabyte) }), want: "more than 160 MiB"},
		"endless":        {listing: openlayer, serve: items(0, 1000, ordinary), want: "more than 160 MiB"},
		"small users":    {listing: openlayer, serve: items(0, 50_000, func(page, i int) string { return fmt.Sprintf(`{"id":"%x"}`, page*50_000+i) }), want: "more than"},
		"nulls":          {listing: openlayer, serve: items(0, 6_000_000, func(int, int) string { return "null" }), want: "more than 96 MiB"},
		"long numbers": {listing: openlayer, serve: items(0, 1000, func(page, i int) string {
			return fmt.Sprintf(`{"id":"%d-%d","cost":0.%s,"tokens":0.%[3]s}`, page, i, digits)
		}), want: "more than 160 MiB"},
		"too many names": {listing: openlayer, serve: names(2_500_000), want: "more than 96 MiB"},
		"many names":     {listing: openlayer, configs: []string{`"page": 1`}, serve: names(1_500_000)},
		"errors of 15 MiB": {listing: openlayer, configs: []string{`"per_page": 1`}, serve: func(w http.ResponseWriter, r *http.Request, l testListing) {
			if page := l.number(r); page <= 20 {
				fmt.Fprintf(w, `{"items": [{"id": "%d"}]}`, page)
				return
			}
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprintf(w, `{"error": "%s"}`, strings.Repeat(megabyte, 15))
		}, want: "HTTP 500"},
		"pages that change": {listing: openlayer, serve: items(140, 1, func(int, int) string {
			return fmt.Sprintf(`{"id": "%d%s"}`, salt.Add(1), megabyte)
		}), want: "inconsistent in each of 4 passes"},
		"100,000 users of Openlayer": {listing: openlayer, serve: items(100, 1000, ordinary), most: 110},
		"300,000 users of Openlayer": {listing: openlayer, serve: items(300, 1000, ordinary)},
		"300,000 users of Vectara": {listing: v1, serve: keyed(headV1, tailV1, 300, 1000, func(page, i int) string {
			id := page*1000 + i
			return fmt.Sprintf(`{"id": %d, "handle": "user-%[1]d", "type": "USER_TYPE__USER", "comment": "", "tsCreate": "1769846400", "idCreate": 1000, `+
				`"email": "user-%[1]d@northwind.example", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Admin"]}`, id)
		})},
		"an object close to the limit": {listing: openlayer, serve: items(140, 1, func(page, _ int) string { return fmt.Sprintf(`{"id": "%d%s"}`, page, megabyte) })},
		"page keys":                    {listing: v1, serve: keyed(headV1, strings.Replace(tailV1, "%q", `"%s`+strings.Repeat(megabyte, 10)+`"`, 1), 0, 0, nil), want: "may have at most 65536"},
		"roles": {listing: v1, serve: keyed(headV1, tailV1, 0, 10, func(page, i int) string {
			return fmt.Sprintf(`{"id": %d, "role": [1%s]}`, page*10+i, strings.Repeat(",1", 90_000))
		}), want: "more than 160 MiB"},
		"8 users with 95,000 roles": {listing: v1, serve: keyed(headV1, tailV1, 2, 4, func(page, i int) string {
			return fmt.Sprintf(`{"id": %d, "role": [%s]}`, page*10+i, numbers(95_000))
		}), want: "different roles"},
		"too many roles":     {listing: v1, serve: keyed(headV1, tailV1, 1, 1, func(int, int) string { return `{"id": 1, "role": [` + numbers(1_900_000) + `]}` }), want: "at most 100000"},
		"too many resources": {listing: v2, serve: keyed(headV2, tailV2, 1, 1, resources(1_650_000)), want: "at most 100000"},
		"90,000 resources":   {listing: v2, serve: keyed(headV2, tailV2, 6, 1, resources(90_000))},
		"corpus roles": {listing: v2, serve: keyed(headV2, tailV2, 0, 1, func(page, _ int) string {
			return fmt.Sprintf(`{"id": "%d", "corpus_roles": [{"corpus_key": "%s"}]}`, page, strings.Repeat(megabyte, 10))
		}), want: "more than 160 MiB"},
		"a user without an id": {listing: v1, serve: keyed(headV1, tailV1, 1, 1, func(int, int) string {
			return `{"comment": "` + strings.Repeat("<", 31<<20) + `"}`
		})},
		"a page of app clients": {listing: v2, configs: []string{`"include_app_clients": true`}, serve: func(w http.ResponseWriter, r *http.Request, _ testListing) {
			if strings.Contains(r.URL.Path, "app_clients") {
				fmt.Fprintf(w, `{"app_clients": [{"id": "app_1", "description": "%s"}], "metadata": {"page_key": ""}}`, strings.Repeat("<", 31<<20))
				return
			}
			fmt.Fprint(w, `{"users": [], "metadata": {"page_key": ""}}`)
		}},
		"policies": {listing: v2, configs: []string{`"include_users": false`}, serve: keyed(headV2, tailV2, 0, 100, func(page, i int) string {
			return fmt.Sprintf(`{"id": "%d-%d", "api_policy": {"allowed_operations": {"a": {"allowed_resources": {"b": []}}%s}}}`, page, i, policies.String())
		}), want: "more than 160 MiB"},
		"escapes": {listing: openlayer, serve: func(w http.ResponseWriter, r *http.Request, l testListing) {
			switch page := l.number(r); {
			case page <= 70:
				fmt.Fprintf(w, `{"items": [{"id": "%d%s"}, {"id": "%[1]d-%[2]s"}]}`, page, megabyte)
			case page <= 73:
				if escaped.Add(1) == 3 {
					close(together)
				}
				<-together // so that all three responses are in flight at the same time
				fmt.Fprintf(w, `{"items": [{"id": "%d"}, {"id": "%[1]d-%s"}]}`, page, strings.Repeat("&", 31<<20))
			default:
				fmt.Fprint(w, `{"items": []}`)
			}
		}, want: "more than"},
		"8 calls share a listing":               {listing: openlayer, configs: make([]string, 8), serve: items(300, 1000, ordinary)},
		"3 calls share a listing of long names": {listing: openlayer, configs: make([]string, 3), serve: items(19, 1, longName)},
		"3 listings of long names":              {listing: openlayer, configs: []string{"", search("a"), search("b")}, serve: items(19, 1, longName)},
		"pages after a slow page": {listing: openlayer, configs: []string{`"per_page": 1`}, serve: func(w http.ResponseWriter, r *http.Request, l testListing) {
			switch page := l.number(r); {
			case page < 12:
				fmt.Fprintf(w, `{"items": [{"id": "%d"}]}`, page)
			case page == 12:
				<-enough
				fmt.Fprint(w, `{"items": [{"id": "12"}]}`)
			default:
				fmt.Fprintf(w, `{"items": [{"id": "%d-%s"}]}`, page, strings.Repeat(megabyte, 25))
				if afterSlow.Add(1) == 25 {
					close(enough)
				}
			}
		}, want: "more than 160 MiB"},
		// The pages arrive while the result of the listing is made.
		"a listing of long names, then pages of 28 MiB": {listing: openlayer, configs: append(pagesFrom(100, 8), ""), serve: func(w http.ResponseWriter, r *http.Request, l testListing) {
			switch page := l.number(r); {
			case page >= 100:
				<-complete
				fmt.Fprintf(w, `{"items": [{"id": "%d-%s"}]}`, page, strings.Repeat(megabyte, 28))
			case page <= 19:
				fmt.Fprintf(w, `{"items": [{"id": "%d-%s"}]}`, page, sevenMegabytes)
			default:
				fmt.Fprint(w, `{"items": []}`)
				// The first pass prefetches page 20, and each pass confirms it. So the third request ends the second pass.
				if page == 20 && pastEnd.Add(1) == 3 {
					close(complete)
				}
			}
		}},
		"unknown roles": {listing: v2, serve: keyed(headV2, tailV2, 10, 1000, func(page, i int) string {
			return fmt.Sprintf(`{"id": "%d-%d", "api_roles": ["%[1]d-%[2]d-1", "%[1]d-%[2]d-2", "%[1]d-%[2]d-3"]}`, page, i)
		}), want: "different roles"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listings[test.listing]
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { test.serve(w, r, l) }))
			t.Cleanup(server.Close)
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryOfAProcess$", "-test.v")
			child.Env = append(os.Environ(), "TF_ACC=", "GOMEMLIMIT=", "GOGC=", "MEMORY_LISTING="+strconv.Itoa(test.listing), "MEMORY_URL="+server.URL, "MEMORY_CONFIGS="+strings.Join(test.configs, "\n"))
			printed, err := child.CombinedOutput()
			peak := peakMemory.FindSubmatch(printed)
			if err != nil || peak == nil {
				t.Fatalf("%v\n%.2000s", err, printed)
			}
			t.Logf("%s MiB", peak[1])
			if mib, _ := strconv.Atoi(string(peak[1])); mib > cmp.Or(test.most, maxMemory) {
				t.Errorf("the peak memory is %d MiB, want at most %d", mib, cmp.Or(test.most, maxMemory))
			}
			if got := string(printed); !strings.Contains(got, test.want) || strings.Contains(got, "ERROR") != (test.want != "") {
				t.Errorf("want an error with %q, got\n%.2000s", test.want, got)
			}
		})
	}
}

// pagesFrom returns the configs of n calls. Each reads a page, and the first call reads the page with the number.
func pagesFrom(number, n int) (configs []string) {
	for i := range n {
		configs = append(configs, fmt.Sprintf(`"page": %d`, number+i))
	}
	return configs
}

// withRaceDetector returns whether the test was built with the race detector.
func withRaceDetector() bool {
	build, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(build.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

var (
	keyNumber  = regexp.MustCompile(`key-(\d+)-`)
	peakMemory = regexp.MustCompile(`PEAK (\d+) MiB`)
)

// TestMemoryOfAProcess runs in the process that TestMemory starts. It makes the calls, and prints the errors and the
// peak memory of the process.
func TestMemoryOfAProcess(t *testing.T) {
	row, err := strconv.Atoi(os.Getenv("MEMORY_LISTING"))
	if err != nil {
		t.Skip("runs only in a process of TestMemory")
	}
	LimitMemory() // as the program does
	l := listings[row]
	env := l.environment(os.Getenv("MEMORY_URL"))
	env[envMaxRetries] = "1"
	p := newTestProvider(env)
	p.sleep = nil
	s := newServer(t, p)
	s.configure(t, `{}`)
	configs := strings.Split(os.Getenv("MEMORY_CONFIGS"), "\n") // one per line
	problems := make([]string, len(configs))
	var all sync.WaitGroup
	for i, config := range configs {
		all.Go(func() {
			object, diagnostics := s.object(t.Context(), t, "data", l.typeName, l.with(config))
			if object != nil {
				sent := bytes.Clone(object.MsgPack) // gRPC copies the object, and has the copy until Terraform has received it
				time.AfterFunc(time.Second/2, func() { runtime.KeepAlive(sent) })
			}
			problems[i] = text(diagnostics)
		})
	}
	all.Wait()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kib int
	_, _ = fmt.Sscan(after, &kib)
	t.Logf("%s\nPEAK %d MiB", strings.Join(problems, "\n"), kib>>10)
}
