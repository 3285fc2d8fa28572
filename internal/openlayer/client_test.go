package openlayer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

const (
	pipeline = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	apiKey   = "ol-key-3b7d"
)

// clock records the waits instead of waiting.
type clock struct{ waits []time.Duration }

func (c *clock) sleep(_ context.Context, wait time.Duration) { c.waits = append(c.waits, wait) }

func newClient(t *testing.T, fake *openlayertest.Fake) (*openlayer.Client, *clock) {
	t.Helper()
	c := &clock{}
	client := openlayer.New(openlayer.Config{
		BaseURL: openlayertest.NewServer(t, fake).URL + openlayertest.BasePath,
		APIKey:  apiKey,
		Options: rest.Options{UserAgent: "test", MaxRetries: 2, Sleep: c.sleep},
	})
	return client, c
}

// team returns n users. Their order is not the order of their ids.
func team(n int) []openlayertest.User {
	users := make([]openlayertest.User, n)
	for i := range users {
		users[i] = openlayertest.User{ID: fmt.Sprintf("user-%03d", (i*7)%n), Cost: float64(i)}
	}
	return users
}

func ids(users []openlayer.User) []string {
	ids := []string{}
	for _, user := range users {
		ids = append(ids, user.ID)
	}
	return ids
}

func TestWholeListing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		users    int
		perPage  int64
		capped   int
		repeats  bool // the server repeats its last page
		requests int  // with one request at a time
	}{
		"no users":                               {users: 0, requests: 2},
		"one user":                               {users: 1, requests: 2},
		"one user on a repeated page":            {users: 1, repeats: true, requests: 2 + 3 + 1 + 3},
		"a page without one user":                {users: 99, requests: 2},
		"a full page":                            {users: 100, requests: 2 + 2 + 1 + 2},
		"a full page and one user":               {users: 101, requests: 2 + 2 + 1 + 2},
		"pages of 7":                             {users: 30, perPage: 7, requests: 5 + 2 + 4 + 2},
		"pages of 1":                             {users: 3, perPage: 1, requests: 4 + 2 + 3 + 2},
		"pages smaller than requested":           {users: 101, capped: 25, requests: 5 + 2 + 4 + 2},
		"a repeated last page":                   {users: 130, repeats: true, requests: 2 + 3 + 1 + 3},
		"a repeated full last page":              {users: 200, repeats: true, requests: 3 + 3 + 2 + 3},
		"smaller pages, repeated last page":      {users: 60, capped: 25, repeats: true, requests: 3 + 3 + 2 + 3},
		"smaller pages, repeated full last page": {users: 50, capped: 25, repeats: true, requests: 3 + 3 + 2 + 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New(apiKey)
			fake.MaxPerPage, fake.RepeatLastPage = test.capped, test.repeats
			users := team(test.users)
			fake.SetUsers(pipeline, users)
			client, _ := newClient(t, fake)

			got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline, PerPage: test.perPage})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{}
			for _, user := range users {
				want = append(want, user.ID)
			}
			slices.Sort(want)
			if !slices.Equal(ids(got), want) {
				t.Errorf("got %v, want %v", ids(got), want)
			}
			if n := len(fake.Requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

// A listing is an error if each pass finds other users.
func TestInconsistentListing(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.SetUsers(pipeline, nil)
	fake.Intercept = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if r.URL.Query().Get("page") > "3" {
			return false
		}
		fmt.Fprintf(w, `{"items": [{"id": "user-%d"}]}`, n)
		return true
	}
	client, _ := newClient(t, fake)
	got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline, PerPage: 1})
	failure, ok := errors.AsType[*rest.Error](err)
	if !ok || failure.Kind != rest.KindInconsistent || !strings.Contains(err.Error(), "inconsistent in each of 4 passes") || got != nil {
		t.Errorf("got %v and %v", got, err)
	}
}

func TestSortedListingKeepsTheServersOrder(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.SetUsers(pipeline, team(5))
	client, _ := newClient(t, fake)
	descending := false
	got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline, PerPage: 2, SortColumn: "cost", Asc: &descending})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"user-003", "user-001", "user-004", "user-002", "user-000"}; !slices.Equal(ids(got), want) {
		t.Errorf("got %v, want %v", ids(got), want)
	}
}

// A query for one page returns the users of the API's response in the same order, with duplicates, and sends one
// request.
func TestOnePage(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.SetUsers(pipeline, []openlayertest.User{{ID: "b"}, {ID: "a"}, {ID: "a"}, {ID: "c"}})
	client, _ := newClient(t, fake)
	for _, test := range []struct {
		page, perPage int64
		want          []string
		query         string
	}{
		{page: 1, want: []string{"b", "a", "a", "c"}, query: "page=1"},
		{page: 1, perPage: 3, want: []string{"b", "a", "a"}, query: "page=1&perPage=3"},
		{page: 2, perPage: 3, want: []string{"c"}, query: "page=2&perPage=3"},
		{page: 9, want: []string{}, query: "page=9"},
	} {
		got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline, Page: test.page, PerPage: test.perPage})
		if err != nil {
			t.Fatal(err)
		}
		requests := fake.Requests()
		if last := requests[len(requests)-1].Query.Encode(); last != test.query {
			t.Errorf("page %d: sent %s, want %s", test.page, last, test.query)
		}
		if !slices.Equal(ids(got), test.want) {
			t.Errorf("page %d: got %v, want %v", test.page, ids(got), test.want)
		}
	}
	if n := len(fake.Requests()); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

func TestLoading(t *testing.T) {
	t.Parallel()
	const second = time.Second
	for name, test := range map[string]struct {
		loading    int
		retryAfter string
		want       []time.Duration
	}{
		"once":                 {loading: 1, want: []time.Duration{second}},
		"growing to a limit":   {loading: 8, want: []time.Duration{second, 1500 * time.Millisecond, 2250 * time.Millisecond, 3375 * time.Millisecond, 5062500 * time.Microsecond, 7593750 * time.Microsecond, 10 * second, 10 * second}},
		"Retry-After of 3":     {loading: 2, retryAfter: "3", want: []time.Duration{3 * second, 3 * second}},
		"Retry-After of 0":     {loading: 1, retryAfter: "0", want: []time.Duration{second / 2}},
		"Retry-After of a day": {loading: 1, retryAfter: "86400", want: []time.Duration{time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New(apiKey)
			fake.Loading, fake.LoadingRetryAfter = test.loading, test.retryAfter
			fake.SetUsers(pipeline, team(3))
			client, clock := newClient(t, fake)
			got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline})
			if err != nil || len(got) != 3 {
				t.Fatalf("got %v and %v", ids(got), err)
			}
			if !slices.Equal(clock.waits, test.want) {
				t.Errorf("waited %v, want %v", clock.waits, test.want)
			}
		})
	}
}

// If the API still returns 202 when the deadline does not allow another wait, the result is an error, and not an empty
// listing.
func TestLoadingForEver(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.Loading = 1 << 30
	fake.SetUsers(pipeline, team(3))
	client := openlayer.New(openlayer.Config{
		BaseURL: openlayertest.NewServer(t, fake).URL + openlayertest.BasePath,
		APIKey:  apiKey,
		Options: rest.Options{Sleep: func(context.Context, time.Duration) {}},
	})
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second) // the longest wait, of 10 seconds, would be longer
	defer cancel()
	got, err := client.Users(ctx, openlayer.Query{PipelineID: pipeline})
	failure, ok := errors.AsType[*rest.Error](err)
	if !ok || failure.Kind != rest.KindDeadline || failure.Status != http.StatusAccepted || got != nil {
		t.Errorf("got %v and %v, want an error with the status 202", got, err)
	}
	if n := len(fake.Requests()); n > 7 { // the deadline allows the waits up to the sixth, of 7.6 seconds
		t.Errorf("%d requests, want at most 7", n)
	}
}

// The request has every argument of the query, in the form of the API's document. It does not have the arguments that
// are not set.
func TestRequest(t *testing.T) {
	t.Parallel()
	yes := true
	for name, test := range map[string]struct {
		query      openlayer.Query
		parameters string
		body       string
	}{
		"nothing": {
			parameters: "page=1&perPage=100",
			body:       `{}`,
		},
		"everything": {
			query: openlayer.Query{
				Page: 2, PerPage: 5, SortColumn: "cost", Asc: &yes,
				Body: openlayer.DatasetFilter{
					ColumnFilters: []openlayer.ColumnFilter{
						{Measurement: "cost", Operator: ">=", Value: json.Number("0.1")},
						{Measurement: "tokens", Operator: "is"},
						{Measurement: "id", Operator: "one_of", Value: []any{"a", json.Number("1")}},
					},
					SearchQueryOr:     []string{"a", "b"},
					SearchQueryAnd:    []string{},
					NotSearchQueryOr:  []string{"c"},
					NotSearchQueryAnd: []string{"d"},
					RowIDList:         []int64{9007199254740993},
					ExcludeRowIDList:  []int64{-1},
				},
			},
			parameters: "asc=true&page=2&perPage=5&sortColumn=cost",
			body: `{"columnFilters": [{"measurement": "cost", "operator": ">=", "value": 0.1}, {"measurement": "tokens", "operator": "is", "value": null},
				{"measurement": "id", "operator": "one_of", "value": ["a", 1]}], "searchQueryOr": ["a", "b"], "searchQueryAnd": [], "notSearchQueryOr": ["c"],
				"notSearchQueryAnd": ["d"], "rowIdList": [9007199254740993], "excludeRowIdList": [-1]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New(apiKey)
			fake.SetUsers(pipeline, nil)
			client, _ := newClient(t, fake)
			test.query.PipelineID = pipeline
			if _, err := client.Users(t.Context(), test.query); err != nil {
				t.Fatal(err)
			}
			request := fake.Requests()[0]
			if got := request.Query.Encode(); got != test.parameters {
				t.Errorf("parameters %s, want %s", got, test.parameters)
			}
			if got, want := decodeJSON(t, string(request.Body)), decodeJSON(t, test.body); !reflect.DeepEqual(got, want) {
				t.Errorf("body %s, want %s", request.Body, test.body)
			}
			if got := request.Header.Get("User-Agent"); got != "test" {
				t.Errorf("user agent %q", got)
			}
			if got := request.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

// decodeJSON decodes JSON, and keeps the digits of its numbers.
func decodeJSON(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// A response that differs from the API's document is decoded if its meaning is clear. Otherwise it is an error that
// describes the difference.
func TestResponses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want []openlayer.User
		err  string
	}{
		"a user": {
			body: `{"items": [{"id": "u", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00.5+01:00",
				"sessions": 3, "records": 15, "tokens": 5250, "cost": 0.1, "plan": "unknown field"}]}`,
			want: []openlayer.User{{ID: "u", DateOfFirstRecord: "2021-12-31T08:00:00Z", DateOfLastRecord: "2022-01-02T08:00:00.5+01:00",
				Sessions: "3", Records: "15", Tokens: "5250", Cost: "0.1"}},
		},
		"nulls": {
			body: `{"items": [{"id": "", "dateOfFirstRecord": null, "dateOfLastRecord": "", "sessions": null, "tokens": null}]}`,
			want: []openlayer.User{{ID: ""}},
		},
		"whole numbers in other forms": {
			body: `{"items": [{"id": "u", "sessions": 3.0, "records": 1.5e1, "tokens": 1e3, "cost": 12345678901234567.123}]}`,
			want: []openlayer.User{{ID: "u", Sessions: "3", Records: "15", Tokens: "1e3", Cost: "12345678901234567.123"}},
		},
		"zeros in other forms": {
			body: `{"items": [{"id": "u", "sessions": 0e99999999999, "records": -0, "tokens": 0e-9999, "cost": 0.00}]}`,
			want: []openlayer.User{{ID: "u", Sessions: "0", Records: "0", Tokens: "0", Cost: "0.00"}},
		},
		"half a session":        {body: `{"items": [{"id": "u", "sessions": 2.5}]}`, err: `/items/0/sessions: is not a whole number that fits 64 bits: 2.5`},
		"too many sessions":     {body: `{"items": [{"id": "u", "sessions": 1e300}]}`, err: `/items/0/sessions: is not a whole number that fits 64 bits: 1e300`},
		"endless cost":          {body: `{"items": [{"id": "u", "cost": 1e999999}]}`, err: `1e999999`},
		"endlessly small":       {body: `{"items": [{"id": "u", "cost": 1e-999999}]}`, err: `1e-999999`},
		"cost of many digits":   {body: `{"items": [{"id": "u", "cost": 0.` + strings.Repeat("1", 2_000_000) + `}]}`, err: `/items/0/cost: is a number of 2000002 characters, and may have at most 1000`},
		"many sessions":         {body: `{"items": [{"id": "u", "sessions": ` + strings.Repeat("1", 2_000_000) + `}]}`, err: `/items/0/sessions: is a number of 2000000 characters`},
		"cost that is a string": {body: `{"items": [{"id": "u", "cost": "1"}]}`, err: `/items/0/cost: is not a number`},
		"two ids in NFC":        {body: `{"items": [{"id": "e\u0301"}, {"id": "\u00e9"}]}`, err: `the ids "e\u0301" and "\u00e9" of two users are the same in Unicode NFC`},
		"another form of an id": {body: `{"items": [{"id": "e\u0301"}, {"id": "e\u0301"}, {"id": "e"}]}`, want: []openlayer.User{{ID: "é"}, {ID: "é"}, {ID: "e"}}},
		"no id":                 {body: `{"items": [{"id": "u"}, {"sessions": 1}]}`, err: "item 2 of the response has no id"},
		"null user":             {body: `{"items": [null]}`, err: "item 1 of the response has no id"},
		"id that is a number":   {body: `{"items": [{"id": 7}]}`, err: `/items/0/id holds a number`},
		"no items":              {body: `{"success": true}`, err: `no list "items"`},
		"null items":            {body: `{"items": null}`, err: `no list "items"`},
		"null":                  {body: `null`, err: `no list "items"`},
		"items of an object":    {body: `{"items": {}}`, err: `/items holds an object`},
		"a list":                {body: `[]`, err: "the response is a list, not an object"},
		"html":                  {body: `<html>sign in</html>`, err: "the response is not JSON"},
		"nothing":               {body: ` `, err: "the response is empty"},
		"names in another case": {body: `{"items": [{"id": "u", "ID": "v", "Sessions": "many"}], "Items": []}`, want: []openlayer.User{{ID: "u"}}},
		"a name twice":          {body: `{"items": [{"id": "u"}], "items": []}`, err: "duplicate"},
		"not UTF-8":             {body: "{\"items\": [{\"id\": \"caf\xe9\"}]}", err: "the response is not UTF-8"},
		"half a character":      {body: `{"items": [{"id": "\ud800"}]}`, err: "the response is not JSON at /items/0/id"},
		"nothing as items":      {body: `{"items": }`, err: "the response is not JSON at /items"},
		"nothing as an id":      {body: `{"items": [{"id": }]}`, err: "the response is not JSON at /items/0/id"},
		"a fraction":            {body: `{"items": [{"id": "a", "sessions": 3.00000000000000000000001}]}`, err: "is not a whole number"},
		"a tiny fraction":       {body: `{"items": [{"id": "a", "sessions": 3.` + strings.Repeat("0", 990) + `1}]}`, err: "is not a whole number"},
		"a count near 0":        {body: `{"items": [{"id": "a", "sessions": 1e-999999999}]}`, err: "is not a number that a 64-bit float can hold"},
		"400 digits":            {body: `{"items": [{"id": "a", "cost": ` + strings.Repeat("9", 400) + `}]}`, err: "is not a number that a 64-bit float can hold"},
		"400 zeros":             {body: `{"items": [{"id": "a", "cost": 0.` + strings.Repeat("0", 400) + `1}]}`, err: "is not a number that a 64-bit float can hold"},
		"html after a break":    {body: "\n\n\n\n\n\n\n\n<p>x</p>", err: "the response is not JSON"},
		"half a response":       {body: `{"items": [{"id": "u"`, err: "ends in the middle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New(apiKey)
			fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprint(w, test.body)
				return true
			}
			client, _ := newClient(t, fake)
			got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline, Page: 1})
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want an error with %q", err, test.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v and %v, want %+v", got, err, test.want)
			}
		})
	}
}

// The code of an error is the text of a string, or the JSON of any other value.
func TestErrorCodes(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"code": 12345678, "error": "no"}`:   "12345678",
		`{"code": "E\u0031", "error": "no"}`:  "E1",
		`{"code": {"a": [1]}, "error": "no"}`: `{"a": [1]}`,
		`{"code": null, "error": "no"}`:       "",
		`{"error": "no"}`:                     "",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, body)
		}))
		t.Cleanup(server.Close)
		client := openlayer.New(openlayer.Config{BaseURL: server.URL, APIKey: "some-key"})
		_, err := client.Users(t.Context(), openlayer.Query{PipelineID: "p"})
		if failure, ok := errors.AsType[*rest.Error](err); !ok || failure.Code != want || failure.Message != "no" {
			t.Errorf("%s: got %v, want the code %q", body, err, want)
		}
	}
}
