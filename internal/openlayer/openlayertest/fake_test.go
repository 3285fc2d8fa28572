package openlayertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
)

const (
	apiKey     = "a-key"
	pipelineID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	usersPath  = "/v1/inference-pipelines/" + pipelineID + "/users"
)

var day = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// people are the users of the mock server in most tests.
var people = []openlayertest.User{
	{
		ID: "ada", FirstRecord: day, LastRecord: day.Add(time.Hour), Sessions: 3, Records: 15, Tokens: 5250, Cost: 0.125,
		Columns: map[string]any{"country": "Germany", "age": 31.0, "vip": true, "tags": []string{"cat", "dog"}, "scores": []float64{1, 2}},
		RowIDs:  []int64{1, 2},
	},
	{
		ID: "Bo", FirstRecord: day, LastRecord: day, Sessions: 1, Records: 1, Tokens: 10, Cost: 20,
		Columns: map[string]any{"country": "Ghana", "age": 25.0, "vip": false, "tags": []string{"dog"}},
		RowIDs:  []int64{3},
	},
	{ID: "cy", FirstRecord: day, LastRecord: day, Sessions: 2, Columns: map[string]any{"country": "Germany"}, RowIDs: []int64{4}},
	{ID: "dee", FirstRecord: day, LastRecord: day, Sessions: 2},
}

func newFake() *openlayertest.Fake {
	fake := openlayertest.New(apiKey)
	fake.SetUsers(pipelineID, people)
	return fake
}

type call struct {
	method  string // default POST
	path    string // default usersPath
	query   string
	body    string
	headers map[string]string // override a valid Authorization and Content-Type; "" removes a header
}

type response struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, url string, c call) response {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodPost
	}
	if c.path == "" {
		c.path = usersPath
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, url+c.path+"?"+c.query, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Content-Type", "application/json")
	for name, value := range c.headers {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // does not follow redirects
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

// ids returns the IDs of a page, separated by spaces.
func ids(t *testing.T, r response) string {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(r.body), &page); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	var list []string
	for _, item := range page.Items {
		list = append(list, item.ID)
	}
	return strings.Join(list, " ")
}

func TestResponseText(t *testing.T) {
	t.Parallel()
	server := openlayertest.NewServer(t, newFake())
	got := send(t, server.URL, call{query: "perPage=1"})
	want := `{"items":[{"id":"ada","dateOfFirstRecord":"2026-03-01T08:00:00Z","dateOfLastRecord":"2026-03-01T09:00:00Z",` +
		`"sessions":3,"records":15,"tokens":5250,"cost":0.125}]}`
	if got.status != http.StatusOK || got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("got  %+v\nwant %s", got, want)
	}
	if got := send(t, server.URL, call{query: "page=9"}); got.body != `{"items":[]}` {
		t.Errorf("past the end: got %s", got.body)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	filter := func(operator, value string) string {
		return `{"columnFilters": [{"measurement": "cost", "operator": "` + operator + `", "value": ` + value + `}]}`
	}
	one := `{"measurement": "cost", "operator": "is", "value": 1}`
	tests := map[string]struct {
		call
		status int
	}{
		"no key":                  {call{headers: map[string]string{"Authorization": ""}}, 401},
		"another key":             {call{headers: map[string]string{"Authorization": "Bearer other"}}, 401},
		"not a bearer":            {call{headers: map[string]string{"Authorization": apiKey}}, 401},
		"another path":            {call{path: "/v1/projects"}, 404},
		"without /v1":             {call{path: strings.TrimPrefix(usersPath, "/v1")}, 404},
		"double slash":            {call{path: "/" + usersPath}, 404},
		"deeper path":             {call{path: "/v1/inference-pipelines/a/b/users"}, 404},
		"unknown pipeline":        {call{path: strings.Replace(usersPath, "182b", "282b", 1)}, 404},
		"not a UUID":              {call{path: "/v1/inference-pipelines/support-bot/users"}, 400},
		"GET":                     {call{method: "GET"}, 405},
		"not JSON":                {call{body: `{"columnFilters"`}, 400},
		"two documents":           {call{body: `{}{}`}, 400},
		"not an object":           {call{body: `[]`}, 400},
		"unknown field":           {call{body: `{"filters": []}`}, 400},
		"field in another case":   {call{body: `{"columnfilters": []}`}, 400},
		"form":                    {call{body: `{}`, headers: map[string]string{"Content-Type": "text/plain"}}, 415},
		"no content type":         {call{body: `{}`, headers: map[string]string{"Content-Type": ""}}, 415},
		"unknown parameter":       {call{query: "per_page=5"}, 400},
		"repeated parameter":      {call{query: "page=1&page=1"}, 400},
		"malformed query":         {call{query: "page=%zz"}, 400},
		"page 0":                  {call{query: "page=0"}, 400},
		"page x":                  {call{query: "page=x"}, 400},
		"page empty":              {call{query: "page="}, 400},
		"perPage 0":               {call{query: "perPage=0"}, 400},
		"perPage 101":             {call{query: "perPage=101"}, 400},
		"perPage 2.5":             {call{query: "perPage=2.5"}, 400},
		"asc 1":                   {call{query: "asc=1"}, 400},
		"asc True":                {call{query: "asc=True"}, 400},
		"sort by unknown":         {call{query: "sortColumn=name"}, 400},
		"sort by nothing":         {call{query: "sortColumn="}, 400},
		"sort by lists":           {call{query: "sortColumn=tags"}, 400},
		"six filters":             {call{body: `{"columnFilters": [` + strings.Repeat(one+",", 5) + one + `]}`}, 400},
		"unknown measurement":     {call{body: strings.Replace(filter("is", "1"), "cost", "price", 1)}, 400},
		"filters no list":         {call{body: `{"columnFilters": ` + one + `}`}, 400},
		"filter null":             {call{body: `{"columnFilters": [null]}`}, 400},
		"filter a string":         {call{body: `{"columnFilters": ["cost"]}`}, 400},
		"filter with extra":       {call{body: `{"columnFilters": [{"measurement": "cost", "operator": "is", "value": 1, "title": ""}]}`}, 400},
		"no value":                {call{body: `{"columnFilters": [{"measurement": "cost", "operator": "is"}]}`}, 400},
		"no operator":             {call{body: `{"columnFilters": [{"measurement": "cost", "value": 1}]}`}, 400},
		"measurement null":        {call{body: `{"columnFilters": [{"measurement": null, "operator": "is", "value": 1}]}`}, 400},
		"unknown operator":        {call{body: filter("==", "1")}, 400},
		"> string":                {call{body: filter(">", `"1"`)}, 400},
		"< bool":                  {call{body: filter("<", `true`)}, 400},
		"is list":                 {call{body: filter("is", `[1]`)}, 400},
		"is object":               {call{body: filter("is", `{}`)}, 400},
		"one_of number":           {call{body: filter("one_of", `1`)}, 400},
		"contains_any null":       {call{body: filter("contains_any", `null`)}, 400},
		"one_of bools":            {call{body: filter("one_of", `[true]`)}, 400},
		"one_of nulls":            {call{body: filter("one_of", `[null]`)}, 400},
		"search of 301":           {call{body: `{"searchQueryOr": ["` + strings.Repeat("é", 301) + `"]}`}, 400},
		"search a string":         {call{body: `{"searchQueryAnd": "a"}`}, 400},
		"search for numbers":      {call{body: `{"notSearchQueryOr": [1]}`}, 400},
		"search for null":         {call{body: `{"notSearchQueryAnd": [null]}`}, 400},
		"row ids as strings":      {call{body: `{"rowIdList": ["1"]}`}, 400},
		"row ids with a fraction": {call{body: `{"excludeRowIdList": [1.5]}`}, 400},
		"row ids null":            {call{body: `{"rowIdList": [null]}`}, 400},
	}
	server := openlayertest.NewServer(t, newFake())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := send(t, server.URL, test.call)
			var body struct {
				Code  int    `json:"code"`
				Error string `json:"error"`
			}
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatalf("%v: %s", err, got.body)
			}
			if got.status != test.status || body.Code != test.status || body.Error == "" {
				t.Errorf("got status %d, %s, want %d", got.status, got.body, test.status)
			}
			if allow := got.header.Get("Allow"); (test.status == 405) != (allow == "POST") {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	filter := func(measurement, operator, value string) string {
		return `{"columnFilters": [{"measurement": "` + measurement + `", "operator": "` + operator + `", "value": ` + value + `}]}`
	}
	tests := map[string]struct {
		query, body, want string
	}{
		"empty body":        {"", ``, "ada Bo cy dee"},
		"null body":         {"", `null`, "ada Bo cy dee"},
		"empty filter":      {"", `{}`, "ada Bo cy dee"},
		"null lists":        {"", `{"columnFilters": null, "searchQueryOr": null, "searchQueryAnd": null, "notSearchQueryOr": null, "notSearchQueryAnd": null, "rowIdList": null, "excludeRowIdList": null}`, "ada Bo cy dee"},
		"empty lists":       {"", `{"columnFilters": [], "searchQueryOr": [], "searchQueryAnd": [], "notSearchQueryOr": [], "notSearchQueryAnd": [], "rowIdList": [], "excludeRowIdList": []}`, "ada Bo cy dee"},
		"page":              {"page=2&perPage=3", ``, "dee"},
		"exact last page":   {"page=2&perPage=2", ``, "cy dee"},
		"past the end":      {"page=3&perPage=2", ``, ""},
		"far past the end":  {"page=9223372036854775807&perPage=100", ``, ""},
		"sort numbers":      {"sortColumn=cost", ``, "cy dee ada Bo"},
		"sort descending":   {"sortColumn=cost&asc=false", ``, "Bo ada cy dee"},
		"sort is stable":    {"sortColumn=sessions&asc=true", ``, "Bo cy dee ada"},
		"sort strings":      {"sortColumn=id", ``, "Bo ada cy dee"},
		"sort nulls last":   {"sortColumn=age", ``, "Bo ada cy dee"},
		"also descending":   {"sortColumn=age&asc=false", ``, "ada Bo cy dee"},
		"sort bools":        {"sortColumn=vip", ``, "Bo ada cy dee"},
		"asc alone":         {"asc=false", ``, "ada Bo cy dee"},
		"sort then page":    {"sortColumn=id&perPage=1&page=2", ``, "ada"},
		">":                 {"", filter("sessions", ">", "2"), "ada"},
		">=":                {"", filter("sessions", ">=", "2"), "ada cy dee"},
		"<":                 {"", filter("cost", "<", "0.125"), "cy dee"},
		"<=":                {"", filter("cost", "<=", "0.125"), "ada cy dee"},
		"is":                {"", filter("cost", "is", "20"), "Bo"},
		"!=":                {"", filter("records", "!=", "0"), "ada Bo"},
		"> null":            {"", filter("cost", ">", "null"), ""},
		"> of null":         {"", filter("age", ">", "0"), "ada Bo"},
		"> of a string":     {"", filter("country", ">", "0"), ""},
		"is null":           {"", filter("age", "is", "null"), "cy dee"},
		"!= null":           {"", filter("age", "!=", "null"), "ada Bo"},
		"is string":         {"", filter("country", "is", `"Germany"`), "ada cy"},
		"!= string":         {"", filter("country", "!=", `"Germany"`), "Bo dee"},
		"is bool":           {"", filter("vip", "is", "true"), "ada"},
		"!= bool":           {"", filter("vip", "!=", "true"), "Bo cy dee"},
		"is of a list":      {"", filter("tags", "is", `"dog"`), ""},
		"is date":           {"", filter("dateOfLastRecord", "is", `"2026-03-01T09:00:00Z"`), "ada"},
		"contains_any":      {"", filter("tags", "contains_any", `["cat", "cow"]`), "ada"},
		"contains_all":      {"", filter("tags", "contains_all", `["cat", "dog"]`), "ada"},
		"contains_none":     {"", filter("tags", "contains_none", `["cat"]`), "Bo cy dee"},
		"numbers":           {"", filter("scores", "contains_any", `[2, "cat"]`), "ada"},
		"one_of":            {"", filter("country", "one_of", `["Ghana", "Chile"]`), "Bo"},
		"none_of":           {"", filter("country", "none_of", `["Ghana"]`), "ada cy dee"},
		"none of the ids":   {"", filter("id", "none_of", `["ada", "cy"]`), "Bo dee"},
		"one of the counts": {"", filter("sessions", "one_of", `[1, 3]`), "ada Bo"},
		"two filters":       {"", `{"columnFilters": [{"measurement": "country", "operator": "is", "value": "Germany"}, {"measurement": "age", "operator": "is", "value": null}]}`, "cy"},
		"search or":         {"", `{"searchQueryOr": ["ADA", "ghan"]}`, "ada Bo"},
		"search and":        {"", `{"searchQueryAnd": ["germ", "c"]}`, "cy"},
		"not search or":     {"", `{"notSearchQueryOr": ["ada", "ghana"]}`, "cy dee"},
		"not search and":    {"", `{"notSearchQueryAnd": ["germany", "a"]}`, "Bo dee"},
		"search of 300":     {"", `{"searchQueryOr": ["` + strings.Repeat("é", 300) + `"]}`, ""},
		"rows":              {"", `{"rowIdList": [2, 4, 9]}`, "ada cy"},
		"some rows out":     {"", `{"excludeRowIdList": [1, 3]}`, "ada cy dee"},
		"all rows out":      {"", `{"excludeRowIdList": [1, 2, 3]}`, "cy dee"},
		"row in and out":    {"", `{"rowIdList": [1, 4], "excludeRowIdList": [1]}`, "cy"},
		"all together":      {"", `{"columnFilters": [{"measurement": "country", "operator": "is", "value": "Germany"}], "searchQueryOr": ["a"], "rowIdList": [4]}`, "cy"},
	}
	server := openlayertest.NewServer(t, newFake())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ids(t, send(t, server.URL, call{query: test.query, body: test.body})); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPerPage(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.SetUsers(strings.ToUpper(pipelineID), slices.Repeat(people, 10))
	server := openlayertest.NewServer(t, fake)
	for query, want := range map[string]int{"": 25, "perPage=100": 40, "page=2": 15} {
		if got := len(strings.Fields(ids(t, send(t, server.URL, call{query: query})))); got != want {
			t.Errorf("%q: %d users, want %d", query, got, want)
		}
	}
}

// The mock server sorts 50 users stably. With few users, an unstable sort could pass.
func TestSortIsStable(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	var users []openlayertest.User
	var none, one []string
	for n := range 50 {
		id := strconv.Itoa(n)
		if n%2 == 0 {
			users = append(users, openlayertest.User{ID: id, Sessions: 0})
			none = append(none, id)
		} else {
			users = append(users, openlayertest.User{ID: id, Sessions: 1})
			one = append(one, id)
		}
	}
	fake.SetUsers(pipelineID, users)
	server := openlayertest.NewServer(t, fake)
	if got := ids(t, send(t, server.URL, call{query: "perPage=100&sortColumn=sessions"})); got != strings.Join(append(none, one...), " ") {
		t.Errorf("got %s", got)
	}
}

func TestMaxPerPage(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.MaxPerPage = 3
	server := openlayertest.NewServer(t, fake)
	for query, want := range map[string]string{"perPage=100": "ada Bo cy", "perPage=100&page=2": "dee", "perPage=1": "ada"} {
		if got := ids(t, send(t, server.URL, call{query: query})); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

func TestRepeatLastPage(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.RepeatLastPage = true
	server := openlayertest.NewServer(t, fake)
	if got := ids(t, send(t, server.URL, call{query: "perPage=3&page=7"})); got != "dee" {
		t.Errorf("got %q, want the last page again", got)
	}
	fake.SetUsers(pipelineID, nil)
	if got := send(t, server.URL, call{query: "page=7"}); got.body != `{"items":[]}` {
		t.Errorf("no users at all: got %s", got.body)
	}
}

func TestLoading(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.Loading = 2
	fake.LoadingRetryAfter = "3"
	server := openlayertest.NewServer(t, fake)

	send(t, server.URL, call{method: "GET"}) // a rejected request does not count
	for range 2 {
		got := send(t, server.URL, call{})
		if got.status != http.StatusAccepted || got.body != `{"success":true}` || got.header.Get("Retry-After") != "3" {
			t.Errorf("got %+v", got)
		}
	}
	if got := ids(t, send(t, server.URL, call{})); got != "ada Bo cy dee" {
		t.Errorf("got %q", got)
	}

	var statuses []int
	for _, r := range fake.Requests() {
		statuses = append(statuses, r.Status)
	}
	if want := []int{405, 202, 202, 200}; !slices.Equal(statuses, want) {
		t.Errorf("recorded %v, want %v", statuses, want)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.Latency = time.Hour
	server := openlayertest.NewServer(t, fake)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+usersPath, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v", resp, err)
	}
	// The end of the test closes the server, which waits for the handler. If the handler ignores that the client closes
	// the connection, the test hangs.
}

// The test calls the handler directly, without a network, so that synctest can control the time.
func TestMaxConcurrent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		max      int
		requests int
		rejected int
	}{
		"no limit": {0, 9, 0},
		"within":   {3, 3, 0},
		"beyond":   {3, 5, 2},
		"one":      {1, 5, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fake := newFake()
				fake.Latency = time.Second
				fake.MaxConcurrent = test.max
				fake.RejectedRetryAfter = "7"
				for round := 1; round <= 2; round++ { // requests of the first round no longer count in the second
					start := time.Now()
					responses := make(chan *httptest.ResponseRecorder, test.requests)
					for range test.requests {
						go func() { responses <- serve(t.Context(), fake) }()
					}
					rejected := 0
					for range test.requests {
						switch w := <-responses; {
						case w.Code == http.StatusTooManyRequests:
							rejected++
							if !strings.HasPrefix(w.Body.String(), `{"code":429,"error":"`) || w.Header().Get("Retry-After") != "7" || time.Since(start) > 0 {
								t.Errorf("got %s, Retry-After %q, after %v", w.Body, w.Header().Get("Retry-After"), time.Since(start))
							}
						case w.Code != http.StatusOK || w.Header().Get("Retry-After") != "" || time.Since(start) != time.Second:
							t.Errorf("got %d, Retry-After %q, after %v", w.Code, w.Header().Get("Retry-After"), time.Since(start))
						}
					}
					if rejected != test.rejected || fake.Rejected() != round*test.rejected {
						t.Errorf("round %d: rejected %d, and counted %d, want %d in each round", round, rejected, fake.Rejected(), test.rejected)
					}
				}
			})
		})
	}
}

// MaxConcurrent does not count a request whose client has closed the connection.
func TestMaxConcurrentAfterCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFake()
		fake.Latency = time.Second
		fake.MaxConcurrent = 1
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("got the panic %v", got)
				}
			}()
			serve(ctx, fake)
		}()
		if got := serve(t.Context(), fake).Code; got != http.StatusOK {
			t.Errorf("got %d", got)
		}
		fake.RejectedRetryAfter = ""
		served := make(chan *httptest.ResponseRecorder)
		go func() { served <- serve(t.Context(), fake) }()
		synctest.Wait()
		if got := serve(t.Context(), fake); got.Code != http.StatusTooManyRequests || got.Header().Values("Retry-After") != nil {
			t.Errorf("got %d, Retry-After %q, want 429 without it", got.Code, got.Header().Values("Retry-After"))
		}
		if got := (<-served).Code; got != http.StatusOK {
			t.Errorf("got %d for the request in flight", got)
		}
	})
}

// serve sends a valid request to the handler, without a network.
func serve(ctx context.Context, fake *openlayertest.Fake) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, usersPath, http.NoBody)
	r.Header.Set("Authorization", "Bearer "+apiKey)
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, r)
	return w
}

func TestIntercept(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.Intercept = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n == 1
	}
	server := openlayertest.NewServer(t, fake)
	if got := send(t, server.URL, call{}).status; got != http.StatusServiceUnavailable {
		t.Errorf("got %d", got)
	}
	if got := ids(t, send(t, server.URL, call{body: `{"searchQueryOr": ["dee"]}`})); got != "dee" {
		t.Errorf("got %q", got)
	}
}

func TestSetUsersRefusesColumnType(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an int column was accepted")
		}
	}()
	newFake().SetUsers(pipelineID, []openlayertest.User{{ID: "a", Columns: map[string]any{"age": 31}}})
}
