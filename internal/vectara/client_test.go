package vectara_test

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

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const (
	customerID = "1526022105"
	token      = "jwt-6d3c"
)

// noSleep replaces the waits between requests. It returns at once.
func noSleep(context.Context, time.Duration) {}

func newClient(t *testing.T, fake *vectaratest.Fake) *vectara.Client {
	t.Helper()
	client := vectara.New(vectara.Config{
		BaseURL:    vectaratest.NewServer(t, fake).URL,
		OAuthToken: token,
		Options:    rest.Options{UserAgent: "test", MaxRetries: 2, Sleep: noSleep},
	})
	return client
}

// team returns n members, not sorted by ID.
func team(n int) []vectaratest.User {
	users := make([]vectaratest.User, n)
	for i := range users {
		users[i] = vectaratest.User{ID: uint32((i*7)%n + 95), Roles: []string{"CustomerRole_Admin"}}
	}
	return users
}

func ids(users []vectara.User) []string {
	ids := []string{}
	for _, user := range users {
		if user.ID == nil {
			ids = append(ids, "none")
			continue
		}
		ids = append(ids, *user.ID)
	}
	return ids
}

func TestWholeListing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		users, cap int
		numResults int64
		nullStatus bool
		requests   int
	}{
		"no users":                     {users: 0, requests: 1},
		"one user":                     {users: 1, requests: 1},
		"a full page":                  {users: 100, requests: 1},
		"a full page and one user":     {users: 101, requests: 4},
		"pages of 7":                   {users: 30, numResults: 7, requests: 10},
		"pages smaller than requested": {users: 30, cap: 10, requests: 6},
		"a status of null":             {users: 30, cap: 10, nullStatus: true, requests: 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := vectaratest.New(customerID, token)
			fake.SetUsers(team(test.users))
			fake.NullStatus = test.nullStatus
			if test.cap > 0 {
				fake.MaxResults = test.cap
			}
			got, err := newClient(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID, NumResults: test.numResults})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{}
			for i := range test.users {
				want = append(want, fmt.Sprint(i+95)) // 99 comes before 100, so the order is numeric
			}
			if !slices.Equal(ids(got.Users), want) || got.NextPageKey != "" {
				t.Errorf("got %v with key %q, want %v", ids(got.Users), got.NextPageKey, want)
			}
			if n := len(fake.Requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

// A single page has the key of the next page. An empty key reads the first page.
func TestPages(t *testing.T) {
	t.Parallel()
	fake := vectaratest.New(customerID, token)
	users := team(5)
	fake.SetUsers(users)
	client := newClient(t, fake)
	var seen []string
	key := ""
	for page := range 3 {
		got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID, NumResults: 2, PageKey: &key})
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, ids(got.Users)...)
		key = got.NextPageKey
		if last := page == 2; last != (key == "") {
			t.Errorf("page %d: next key %q", page+1, key)
		}
	}
	slices.Sort(seen)
	if len(seen) != 5 || len(slices.Compact(seen)) != 5 || len(fake.Requests()) != 3 {
		t.Errorf("got %v in %d requests", seen, len(fake.Requests()))
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	key := "" // set from the first response
	for name, test := range map[string]struct {
		query   vectara.Query
		body    string
		timeout string
	}{
		"nothing": {
			body:    `{"listUsersType": "LIST_USERS_TYPE__ALL", "numResults": 100}`,
			timeout: "30S",
		},
		"everything": {
			query:   vectara.Query{ListUsersType: vectara.ListCustomer, NumResults: 7, PageKey: &key, Timeout: 2 * time.Minute},
			body:    `{"listUsersType": "LIST_USERS_TYPE__CUSTOMER", "numResults": 7}`,
			timeout: "120S",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := vectaratest.New(customerID, token)
			test.query.Version, test.query.CustomerID = vectara.V1, customerID
			if _, err := newClient(t, fake).Users(t.Context(), test.query); err != nil {
				t.Fatal(err)
			}
			request := fake.Requests()[0]
			var got, want any
			if err := errors.Join(json.Unmarshal(request.Body, &got), json.Unmarshal([]byte(test.body), &want)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("body %s, want %s", request.Body, test.body)
			}
			for header, want := range map[string]string{
				"Customer-Id": customerID, "Grpc-Timeout": test.timeout, "Timeout": test.timeout,
				"Authorization": "Bearer " + token, "User-Agent": "test", "Content-Type": "application/json",
			} {
				if got := request.Header.Get(header); got != want {
					t.Errorf("header %s: %q, want %q", header, got, want)
				}
			}
		})
	}
}

// newClientWithBodies returns a client and a mock server that sends these bodies in order, and then repeats the last.
func newClientWithBodies(t *testing.T, bodies ...string) (*vectara.Client, *vectaratest.Fake) {
	t.Helper()
	fake := vectaratest.New(customerID, token)
	fake.Intercept = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		fmt.Fprint(w, bodies[min(n, len(bodies))-1])
		return true
	}
	return newClient(t, fake), fake
}

func page(key string, ids ...int) string {
	users := []string{}
	for _, id := range ids {
		users = append(users, fmt.Sprintf(`{"id": %d}`, id))
	}
	return fmt.Sprintf(`{"user": [%s], "pageKey": %q, "status": {"code": "OK"}}`, strings.Join(users, ","), key)
}

func TestInconsistentPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bodies []string
		err    string
	}{
		"a key that does not change": {
			bodies: []string{page("A", 1), page("A", 2)},
			err:    "page 2 has the same next page key as page 1",
		},
		"a cycle of three": {
			bodies: []string{page("A", 1), page("B", 2), page("C", 3), page("A", 4)},
			err:    "page 4 has the same next page key as page 1",
		},
		"the same users under new keys": {
			bodies: []string{page("A", 1), page("B", 1), page("C", 1), page("D", 1), page("E", 1), page("F", 1), page("G", 1), page("H", 1)},
			err:    `the user "1" was on an earlier page and on page 2`,
		},
		"a user on two pages": {
			bodies: []string{page("A", 1, 2), page("", 2, 3), page("A", 1, 2), page("", 2, 3), page("A", 1, 2), page("", 2, 3), page("A", 1, 2), page("", 2, 3)},
			err:    `the user "2" was on an earlier page and on page 2`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClientWithBodies(t, test.bodies...)
			got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
			failure, ok := errors.AsType[*rest.Error](err)
			if !ok || failure.Kind != rest.KindInconsistent || !strings.Contains(err.Error(), test.err) || got.Users != nil {
				t.Errorf("got %v and %v, want an error with %q", ids(got.Users), err, test.err)
			}
		})
	}
}

// An ID of 0 is an unset ID, and comes last. A single page whose next page key is its own key is an error.
func TestOddIDsAndKeys(t *testing.T) {
	t.Parallel()
	client, _ := newClientWithBodies(t, page("", 0, 0, 1))
	if got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID}); err != nil || !slices.Equal(ids(got.Users), []string{"1", "0", "0"}) {
		t.Errorf("got %v and %v", ids(got.Users), err)
	}
	key := "A"
	client, _ = newClientWithBodies(t, page("A", 1))
	if got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID, PageKey: &key}); err == nil || !strings.Contains(err.Error(), "its own page key") || got.Users != nil {
		t.Errorf("got %v and %v", ids(got.Users), err)
	}
}

// If a listing changes during a pass, the client makes further passes. An empty page with a next page key is not the
// end of the listing.
func TestListingThatChanges(t *testing.T) {
	t.Parallel()
	client, fake := newClientWithBodies(t, page("A", 1, 2), page("", 2, 3), page("A", 9, 1), page("B"), page("", 2, 3), page("A", 9, 1), page("B"), page("", 2, 3))
	got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
	if want := []string{"1", "2", "3", "9"}; err != nil || !slices.Equal(ids(got.Users), want) {
		t.Errorf("got %v and %v, want %v", ids(got.Users), err, want)
	}
	if n := len(fake.Requests()); n != 8 {
		t.Errorf("%d requests, want 8", n)
	}
}

// Two passes compare all attributes of users without an id, and not only their number. The users with an odd number
// have no id.
func TestUsersWithoutIDs(t *testing.T) {
	t.Parallel()
	numbered := func(key string, numbers ...int) string {
		users := []string{}
		for _, n := range numbers {
			id := ""
			if n%2 == 0 {
				id = fmt.Sprintf(`"id": %d, `, n+1000)
			}
			users = append(users, fmt.Sprintf(`{%s"handle": "%d"}`, id, n))
		}
		return fmt.Sprintf(`{"user": [%s], "pageKey": %q}`, strings.Join(users, ","), key)
	}
	for name, test := range map[string]struct {
		bodies []string
		want   string
	}{
		"one leaves, one joins": {
			bodies: []string{
				numbered("A", 0, 1, 3, 4), numbered("", 5, 6, 7, 8),
				numbered("A", 0, 1, 3, 4), numbered("", 6, 7, 8, 9),
				numbered("A", 1, 3, 4, 5), numbered("", 6, 7, 8, 9),
				numbered("A", 1, 3, 4, 5), numbered("", 6, 7, 8, 9),
			},
			want: "4 6 8 1 3 5 7 9",
		},
		"one joins": {
			bodies: []string{
				numbered("A", 0, 1, 2, 3), numbered("", 4, 5),
				numbered("A", 0, 1, 2, 3), numbered("", 3, 4, 5),
				numbered("A", 8, 0, 1, 2), numbered("", 3, 4, 5),
				numbered("A", 8, 0, 1, 2), numbered("", 3, 4, 5),
			},
			want: "0 2 4 8 1 3 5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClientWithBodies(t, test.bodies...)
			got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
			if err != nil {
				t.Fatal(err)
			}
			handles := []string{}
			for _, user := range got.Users {
				handles = append(handles, *user.Handle)
			}
			if got := strings.Join(handles, " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A 200 is an error if the status in its body is a failure.
func TestStatusInBody(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status   string
		good     bool
		requests int
		code     string
	}{
		"OK":                    {status: `{"code": "OK"}`, good: true, requests: 1},
		"OK as a number":        {status: `{"code": 0}`, good: true, requests: 1},
		"null":                  {status: `null`, good: true, requests: 1},
		"empty":                 {status: `{}`, good: true, requests: 1},
		"null code":             {status: `{"code": null}`, good: true, requests: 1},
		"a permanent failure":   {status: `{"code": "PERMISSION_DENIED", "statusDetail": "because"}`, requests: 1, code: "PERMISSION_DENIED"},
		"an unknown failure":    {status: `{"code": "NEW__FAILURE", "statusDetail": "because"}`, requests: 1, code: "NEW__FAILURE"},
		"a temporary failure":   {status: `{"code": "UNAVAILABLE", "statusDetail": "because"}`, requests: 3, code: "UNAVAILABLE"},
		"FAILURE is temporary":  {status: `{"code": "FAILURE", "statusDetail": "because"}`, requests: 3, code: "FAILURE"},
		"a failure as a number": {status: `{"code": 14, "statusDetail": "because"}`, requests: 3, code: "14"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, fake := newClientWithBodies(t, fmt.Sprintf(`{"user": [{"id": 1}], "pageKey": "", "status": %s}`, test.status))
			got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
			if n := len(fake.Requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
			if test.good {
				if err != nil || len(got.Users) != 1 {
					t.Errorf("got %v and %v", ids(got.Users), err)
				}
				return
			}
			failure, ok := errors.AsType[*rest.Error](err)
			if !ok || failure.Kind != rest.KindStatus || failure.Code != test.code || failure.Message != "because" || failure.Attempts != test.requests || got.Users != nil {
				t.Errorf("got %v and %+v", ids(got.Users), err)
			}
		})
	}
}

// An HTTP error is retryable if its gRPC code is retryable, even if its status is not.
func TestGRPCErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		http, grpc, requests int
	}{
		{401, 16, 1}, {403, 7, 1}, {400, 3, 1}, {404, 5, 1}, {501, 12, 1}, {499, 1, 1},
		{409, 10, 3}, {429, 8, 3}, {503, 14, 3}, {504, 4, 3}, {500, 13, 3}, {500, 2, 3},
	} {
		fake := vectaratest.New(customerID, token)
		fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			w.WriteHeader(test.http)
			fmt.Fprintf(w, `{"code": %d, "message": "because", "details": []}`, test.grpc)
			return true
		}
		_, err := newClient(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
		failure, ok := errors.AsType[*rest.Error](err)
		if !ok || failure.Status != test.http || failure.Code != fmt.Sprint(test.grpc) || failure.Message != "because" {
			t.Errorf("HTTP %d, code %d: got %v", test.http, test.grpc, err)
		}
		if n := len(fake.Requests()); n != test.requests {
			t.Errorf("HTTP %d, code %d: %d requests, want %d", test.http, test.grpc, n, test.requests)
		}
	}
}

// After DEADLINE_EXCEEDED, each attempt has twice the time limit of the previous attempt.
func TestDeadlineExceeded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   string // the limits of the attempts
	}{
		"a status by name":         {200, `{"user": [], "status": {"code": "DEADLINE_EXCEEDED", "statusDetail": "because"}}`, "45S 90S 180S"},
		"a status by number":       {200, `{"user": [], "status": {"code": 4}}`, "45S 90S 180S"},
		"a gRPC code":              {504, `{"code": 4, "message": "because", "details": []}`, "45S 90S 180S"},
		"another failure":          {504, `{"code": 14, "message": "because", "details": []}`, "45S 45S 45S"},
		"a gateway without a code": {504, `<html>`, "45S 45S 45S"},
	} {
		fake := vectaratest.New(customerID, token)
		fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.body)
			return true
		}
		_, err := newClient(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID, Timeout: 45 * time.Second})
		var limits []string
		for _, request := range fake.Requests() {
			limits = append(limits, request.Header.Get("Timeout"))
			if other := request.Header.Get("Grpc-Timeout"); other != request.Header.Get("Timeout") {
				t.Errorf("%s: the header Grpc-Timeout differs: %s", name, other)
			}
		}
		if got := strings.Join(limits, " "); err == nil || got != test.want {
			t.Errorf("%s: got %v, with the limits %s, want %s", name, err, got, test.want)
		}
	}
}

// The client decodes the JSON format of protocol buffers: a number may be a string, a string may be a number, and a
// missing field has no value.
func TestResponses(t *testing.T) {
	t.Parallel()
	p := func(text string) *string { return &text }
	n := func(seconds int64) *int64 { return &seconds }
	yes := true
	for name, test := range map[string]struct {
		body string
		want []vectara.User
		err  string
	}{
		"a user": {
			body: `{"user": [{"id": 4294967295, "handle": "h", "type": "USER_TYPE__USER", "comment": "", "tsCreate": "1700000000", "idCreate": 7,
				"email": "e@x.example", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Owner", "CustomerRole_New"], "sub": "?"}],
				"pageKey": "", "status": {"code": "OK", "statusDetail": ""}}`,
			want: []vectara.User{{ID: p("4294967295"), IDCreate: p("7"), Handle: p("h"), Email: p("e@x.example"), Comment: p(""), Type: p("USER_TYPE__USER"),
				UserStatus: p("USER_STATUS__ACTIVE"), Enabled: &yes, Roles: []string{"CustomerRole_New", "CustomerRole_Owner"}, TsCreate: n(1700000000), CreatedAt: p("2023-11-14T22:13:20Z")}},
		},
		"fields left out":   {body: `{"user": [{"id": 1}]}`, want: []vectara.User{{ID: p("1"), Roles: []string{}}}},
		"fields of null":    {body: `{"user": [{"id": 1, "role": null, "tsCreate": null, "type": null, "email": null}]}`, want: []vectara.User{{ID: p("1"), Roles: []string{}}}},
		"enums as numbers":  {body: `{"user": [{"id": 1, "type": 9, "userStatus": 8, "role": [7, null]}]}`, want: []vectara.User{{ID: p("1"), Type: p("9"), UserStatus: p("8"), Roles: []string{"7"}}}},
		"numbers as text":   {body: `{"user": [{"id": "010", "tsCreate": 5}]}`, want: []vectara.User{{ID: p("10"), TsCreate: n(5), CreatedAt: p("1970-01-01T00:00:05Z"), Roles: []string{}}}},
		"no users":          {body: `{"pageKey": "", "status": {"code": "OK"}}`},
		"users without ids": {body: `{"user": [{"handle": "a"}, {"handle": "a"}, {"id": 1}], "pageKey": ""}`, want: []vectara.User{{ID: p("1"), Roles: []string{}}, {Handle: p("a"), Roles: []string{}}, {Handle: p("a"), Roles: []string{}}}},
		"another object":    {body: `{"message": "welcome"}`, err: `none of "user", "pageKey" and "status"`},
		"null":              {body: `null`, err: `none of "user"`},
		"user of an object": {body: `{"user": {}}`, err: `/user holds an object`},
		"id with letters":   {body: `{"user": [{"id": "abc"}]}`, err: `/user/0/id: the id is not a whole number`},
		"long page key":     {body: `{"user": [], "pageKey": "` + strings.Repeat("k", 65537) + `"}`, err: "the key of the next page has 65537 bytes, and may have at most 65536"},
		"negative id":       {body: `{"user": [{"id": -1}]}`, err: `/user/0/id: the id is not a whole number`},
		"role of an object": {body: `{"user": [{"role": [{}]}]}`, err: `neither a string nor a number`},
		"time as a word":    {body: `{"user": [{"tsCreate": "now"}]}`, err: `/user/0/tsCreate: the time is not a whole number of seconds`},
		"key as a number":   {body: `{"user": [], "pageKey": 7}`, err: `/pageKey holds a number`},
		"html":              {body: `<html>`, err: "the response is not JSON"},
		"nothing":           {body: ``, err: "the response is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClientWithBodies(t, test.body)
			got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want an error with %q", err, test.err)
				}
				return
			}
			if err != nil || len(got.Users) != len(test.want) || len(test.want) > 0 && !reflect.DeepEqual(got.Users, test.want) {
				t.Errorf("got %v and %v, want %v", got.Users, err, test.want)
			}
		})
	}
}

// If a value is not a number, the error has no part of it, since the value may be a credential that is longer than the
// error.
func TestErrorHasNoPartOfACredential(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("s3cret-", 20)
	for _, user := range []string{`"id": %q`, `"id": [%q]`, `"id": 1, "tsCreate": %q`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"user": [{`+user+`}]}`, long)
		}))
		t.Cleanup(server.Close)
		client := vectara.New(vectara.Config{BaseURL: server.URL, OAuthToken: long})
		_, err := client.Users(t.Context(), vectara.Query{Version: vectara.V1, CustomerID: customerID})
		if failure, ok := errors.AsType[*rest.Error](err); !ok || failure.Kind != rest.KindMalformed || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v", user, err)
		}
	}
}
