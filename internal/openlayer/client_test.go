package openlayer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
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

// pace writes the waits down and shortens them to nothing.
type pace struct{ waits []time.Duration }

func (p *pace) wait(wait time.Duration) time.Duration {
	p.waits = append(p.waits, wait)
	return 0
}

func newClient(t *testing.T, fake *openlayertest.Fake) (*openlayer.Client, *pace) {
	t.Helper()
	p := &pace{}
	client := openlayer.New(openlayer.Config{
		BaseURL: openlayertest.NewServer(t, fake).URL + openlayertest.BasePath,
		APIKey:  apiKey,
		Options: rest.Options{UserAgent: "test", MaxRetries: 2, Pace: p.wait},
	})
	t.Cleanup(client.CloseIdle)
	return client, p
}

// team makes users whose order in the listing is not that of their ids.
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
		repeats  bool // the last page
		requests int
	}{
		"nobody":                                 {users: 0, requests: 1},
		"one":                                    {users: 1, requests: 2},
		"one, again and again":                   {users: 1, repeats: true, requests: 6},
		"a page but one":                         {users: 99, requests: 2},
		"a page":                                 {users: 100, requests: 3},
		"a page and one":                         {users: 101, requests: 5},
		"pages of 7":                             {users: 30, perPage: 7, requests: 11},
		"pages of 1":                             {users: 3, perPage: 1, requests: 7},
		"a cap below what was asked":             {users: 101, capped: 25, requests: 11},
		"the last page again and again":          {users: 130, repeats: true, requests: 8},
		"the last page, a full one, again":       {users: 100, repeats: true, requests: 6},
		"a cap, and the last page again":         {users: 60, capped: 25, repeats: true, requests: 10},
		"a cap, and a last page of the cap size": {users: 50, capped: 25, repeats: true, requests: 8},
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

// One page is what the API gives: not sorted, not made unique, and not followed by another.
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

// pages serves pages that a script makes, whatever is asked for.
func pages(t *testing.T, script func(reading, page int) []string) (*openlayer.Client, *int) {
	t.Helper()
	readings := 0
	fake := openlayertest.New(apiKey)
	fake.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if page == 1 {
			readings++
		}
		items := []string{}
		for _, id := range script(readings, page) {
			items = append(items, fmt.Sprintf(`{"id": %q}`, id))
		}
		fmt.Fprintf(w, `{"items": [%s]}`, strings.Join(items, ","))
		return true
	}
	client, _ := newClient(t, fake)
	return client, &readings
}

func TestListingThatMoves(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script   func(reading, page int) []string
		want     []string
		readings int
		err      string
	}{
		"a user shifts onto the next page once": {
			script: func(reading, page int) []string {
				switch {
				case page == 1 && reading == 1:
					return []string{"a", "b"}
				case page == 1:
					return []string{"new", "a"}
				case page == 2:
					return []string{"b", "c"}
				}
				return nil
			},
			want: []string{"a", "b", "c", "new"}, readings: 3,
		},
		"a user vanishes from a page that was read": {
			script: func(reading, page int) []string {
				if reading == 1 {
					return [][]string{{"a", "b"}, {"d"}, {}}[page-1] // c has moved onto page 1
				}
				return [][]string{{"b", "c"}, {"d"}, {}}[page-1]
			},
			want: []string{"b", "c", "d"}, readings: 3,
		},
		"users vanish at every reading": {
			script: func(reading, page int) []string {
				return [][]string{{fmt.Sprint("r", reading), "b"}, {"d"}, {}}[page-1]
			},
			readings: 4, err: `changed in each of 4 readings: user "r3" was there at one reading, and not at the next`,
		},
		"a newcomer at every reading": {
			script: func(reading, page int) []string {
				return [][]string{{"a", "b"}, append([]string{"c"}, []string{"r1", "r2"}[:reading-1]...), {}}[page-1]
			},
			want: []string{"a", "b", "c", "r1"}, readings: 2,
		},
		"users shift at every reading": {
			script: func(reading, page int) []string {
				if page > 2 {
					return nil
				}
				return []string{fmt.Sprint("r", reading), "a", fmt.Sprint("p", page)}
			},
			readings: 4, err: `changed in each of 4 readings: user "r4" was on two pages`,
		},
		"a whole page of new users at the front": {
			// Page 2 is then what page 1 was, which looks like a last page that is repeated.
			script: func(reading, page int) []string {
				all := []string{"new", "a", "b", "c"}
				if reading == 1 && page == 1 {
					return []string{"a"}
				}
				if page > len(all) {
					return nil
				}
				return all[page-1 : page]
			},
			want: []string{"a", "b", "c", "new"}, readings: 3,
		},
		"the one user of the last page moves to the front": {
			// Page 2 is then short, and its user is known.
			script: func(reading, page int) []string {
				switch {
				case reading == 1 && page == 1:
					return []string{"a", "b"}
				case page == 1:
					return []string{"c", "a"}
				case page == 2:
					return []string{"b"}
				}
				return nil
			},
			want: []string{"a", "b", "c"}, readings: 3,
		},
		"two whole pages of new users at the front": {
			script: func(reading, page int) []string {
				all := []string{"new", "newer", "a", "b", "c"}
				if reading == 1 && page < 3 {
					return []string{[]string{"a", "b"}[page-1]}
				}
				if page > len(all) {
					return nil
				}
				return all[page-1 : page]
			},
			want: []string{"a", "b", "c", "new", "newer"}, readings: 3,
		},
		"past the end comes the first page again": {
			script: func(_, page int) []string {
				return [][]string{{"a", "b"}, {"c", "d"}, {"e"}}[(page-1)%3]
			},
			want: []string{"a", "b", "c", "d", "e"}, readings: 2,
		},
		"the same user twice on a page": {
			script: func(_, page int) []string {
				if page == 1 {
					return []string{"b", "a", "b"}
				}
				return nil
			},
			want: []string{"a", "b"}, readings: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, readings := pages(t, test.script)
			got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline, PerPage: 1})
			if test.err == "" {
				if err != nil || !slices.Equal(ids(got), test.want) {
					t.Errorf("got %v and %v, want %v", ids(got), err, test.want)
				}
			} else {
				failure, ok := errors.AsType[*rest.Error](err)
				if !ok || failure.Kind != rest.Unsteady || !strings.Contains(err.Error(), test.err) || got != nil {
					t.Errorf("got %v and %v, want an error with %q", got, err, test.err)
				}
			}
			if *readings != test.readings {
				t.Errorf("%d readings, want %d", *readings, test.readings)
			}
		})
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
		"once":                {loading: 1, want: []time.Duration{second}},
		"growing to a limit":  {loading: 8, want: []time.Duration{second, 1500 * time.Millisecond, 2250 * time.Millisecond, 3375 * time.Millisecond, 5062500 * time.Microsecond, 7593750 * time.Microsecond, 10 * second, 10 * second}},
		"as the server says":  {loading: 2, retryAfter: "3", want: []time.Duration{3 * second, 3 * second}},
		"not without a pause": {loading: 1, retryAfter: "0", want: []time.Duration{second / 2}},
		"not for ever":        {loading: 1, retryAfter: "86400", want: []time.Duration{time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := openlayertest.New(apiKey)
			fake.Loading, fake.LoadingRetryAfter = test.loading, test.retryAfter
			fake.SetUsers(pipeline, team(3))
			client, pace := newClient(t, fake)
			got, err := client.Users(t.Context(), openlayer.Query{PipelineID: pipeline})
			if err != nil || len(got) != 3 {
				t.Fatalf("got %v and %v", ids(got), err)
			}
			if !slices.Equal(pace.waits, test.want) {
				t.Errorf("waited %v, want %v", pace.waits, test.want)
			}
		})
	}
}

// A listing that is loading until the time is up is an error, and never nobody.
func TestLoadingForEver(t *testing.T) {
	t.Parallel()
	fake := openlayertest.New(apiKey)
	fake.Loading = 1 << 30
	fake.SetUsers(pipeline, team(3))
	client := openlayer.New(openlayer.Config{
		BaseURL: openlayertest.NewServer(t, fake).URL + openlayertest.BasePath,
		APIKey:  apiKey,
		Options: rest.Options{Pace: func(time.Duration) time.Duration { return time.Hour }},
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got, err := client.Users(ctx, openlayer.Query{PipelineID: pipeline})
	failure, ok := errors.AsType[*rest.Error](err)
	if !ok || failure.Kind != rest.TimedOut || failure.Status != http.StatusAccepted || got != nil {
		t.Errorf("got %v and %v, want a time-out that says 202", got, err)
	}
}

// Everything that a query can hold is in the request as the API's document has it; what is left out
// is not in it.
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
				Filter: openlayer.Filter{
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
			if got, want := number(t, string(request.Body)), number(t, test.body); !reflect.DeepEqual(got, want) {
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

// number reads JSON with its numbers as they are written.
func number(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// Answers with odd contents are read, or are an error that says what is wrong with them.
func TestAnswers(t *testing.T) {
	t.Parallel()
	p := func(n int64) *int64 { return &n }
	s := func(text string) *string { return &text }
	n := func(text json.Number) *json.Number { return &text }
	for name, test := range map[string]struct {
		body string
		want []openlayer.User
		err  string
	}{
		"a user": {
			body: `{"items": [{"id": "u", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00.5+01:00",
				"sessions": 3, "records": 15, "tokens": 5250, "cost": 0.1, "plan": "unknown field"}]}`,
			want: []openlayer.User{{ID: "u", DateOfFirstRecord: s("2021-12-31T08:00:00Z"), DateOfLastRecord: s("2022-01-02T08:00:00.5+01:00"),
				Sessions: p(3), Records: p(15), Tokens: n("5250"), Cost: n("0.1")}},
		},
		"nulls": {
			body: `{"items": [{"id": "", "dateOfFirstRecord": null, "sessions": null, "tokens": null}]}`,
			want: []openlayer.User{{ID: ""}},
		},
		"whole numbers in other forms": {
			body: `{"items": [{"id": "u", "sessions": 3.0, "records": 1.5e1, "tokens": 1e3, "cost": 12345678901234567.123}]}`,
			want: []openlayer.User{{ID: "u", Sessions: p(3), Records: p(15), Tokens: n("1e3"), Cost: n("12345678901234567.123")}},
		},
		"half a session":        {body: `{"items": [{"id": "u", "sessions": 2.5}]}`, err: `/items/0/sessions: 2.5 is not a whole number`},
		"too many sessions":     {body: `{"items": [{"id": "u", "sessions": 1e300}]}`, err: `/items/0/sessions: 1e300 is not a whole number`},
		"endless cost":          {body: `{"items": [{"id": "u", "cost": 1e999999}]}`, err: `1e999999`},
		"endlessly small":       {body: `{"items": [{"id": "u", "cost": 1e-999999}]}`, err: `1e-999999`},
		"no id":                 {body: `{"items": [{"id": "u"}, {"sessions": 1}]}`, err: "item 2 of the answer has no id"},
		"null user":             {body: `{"items": [null]}`, err: "item 1 of the answer has no id"},
		"id that is a number":   {body: `{"items": [{"id": 7}]}`, err: `/items/0/id holds a number`},
		"no items":              {body: `{"success": true}`, err: `no list "items"`},
		"null items":            {body: `{"items": null}`, err: `no list "items"`},
		"null":                  {body: `null`, err: `no list "items"`},
		"items of an object":    {body: `{"items": {}}`, err: `/items holds an object`},
		"a list":                {body: `[]`, err: "the answer is a list, not an object"},
		"html":                  {body: `<html>sign in</html>`, err: "the answer is not JSON"},
		"nothing":               {body: ` `, err: "the answer is empty"},
		"names in another case": {body: `{"items": [{"id": "u", "ID": "v", "Sessions": "many"}], "Items": []}`, want: []openlayer.User{{ID: "u"}}},
		"a name twice":          {body: `{"items": [{"id": "u"}], "items": []}`, err: "duplicate"},
		"not UTF-8":             {body: "{\"items\": [{\"id\": \"caf\xe9\"}]}", err: "the answer is not UTF-8"},
		"half a character":      {body: `{"items": [{"id": "\ud800"}]}`, err: "the answer is not JSON at /items/0/id"},
		"nothing as items":      {body: `{"items": }`, err: "the answer is not JSON at /items"},
		"nothing as an id":      {body: `{"items": [{"id": }]}`, err: "the answer is not JSON at /items/0/id"},
		"a fraction":            {body: `{"items": [{"id": "a", "sessions": 3.00000000000000000000001}]}`, err: "is not a whole number"},
		"html after a break":    {body: "\n\n\n\n\n\n\n\n<p>x</p>", err: "the answer is not JSON"},
		"half":                  {body: `{"items": [{"id": "u"`, err: "ends in the middle"},
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
