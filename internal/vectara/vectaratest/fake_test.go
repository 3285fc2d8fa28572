package vectaratest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const (
	customerID = "1526022105"
	token      = "a-token"
	usersPath  = "/v1/list-users"
)

// team has users whose IDs are not sorted.
var team = []vectaratest.User{
	{
		ID: 1, Handle: "ada", Email: "ada@northwind.example", Type: "USER_TYPE__USER", Comment: "founder",
		TsCreate: 1767225600, IDCreate: 1, UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_Owner"},
	},
	{ID: 2, Roles: []string{"CustomerRole_None"}},
	{ID: 4294967295, Roles: []string{"CustomerRole_None", "CustomerRole_Admin"}},
	{ID: 4},
}

func newFake() *vectaratest.Fake {
	fake := vectaratest.New(customerID, token)
	fake.SetUsers(team)
	return fake
}

type call struct {
	method  string            // default POST
	path    string            // default usersPath
	body    string            // default {"listUsersType": "LIST_USERS_TYPE__ALL"}
	headers map[string]string // override a valid Authorization and customer-id; "" removes a header
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
	if c.body == "" {
		c.body = `{"listUsersType": "LIST_USERS_TYPE__ALL"}`
	}
	headers := map[string]string{"Authorization": "Bearer " + token, "customer-id": customerID}
	maps.Copy(headers, c.headers)
	return do(t, c.method, url+c.path, c.body, headers)
}

// do sends a request. It leaves out empty headers.
func do(t *testing.T, method, url, body string, headers map[string]string) response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // does not follow redirects
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{status: resp.StatusCode, header: resp.Header, body: string(got)}
}

// page returns the IDs of a page, separated by spaces, and the key of the next page.
func page(t *testing.T, r response) (ids, key string) {
	t.Helper()
	if r.status != http.StatusOK {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	var response struct {
		User []struct {
			ID uint32 `json:"id"`
		} `json:"user"`
		PageKey string `json:"pageKey"`
	}
	if err := json.Unmarshal([]byte(r.body), &response); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	var list []string
	for _, u := range response.User {
		list = append(list, strconv.FormatUint(uint64(u.ID), 10))
	}
	return strings.Join(list, " "), response.PageKey
}

func TestResponseText(t *testing.T) {
	t.Parallel()
	fake := vectaratest.New(customerID, token)
	fake.SetUsers([]vectaratest.User{team[0], {ID: 4}})
	server := vectaratest.NewServer(t, fake)
	got := send(t, server.URL, call{headers: map[string]string{"Content-Type": "text/plain"}}) // a gateway ignores it
	want := `{"user":[` +
		`{"id":1,"handle":"ada","type":"USER_TYPE__USER","comment":"founder","tsCreate":"1767225600","idCreate":1,` +
		`"email":"ada@northwind.example","userStatus":"USER_STATUS__ACTIVE","role":["CustomerRole_Owner"]},` +
		`{"id":4,"handle":"","type":"USER_TYPE__NONE","comment":"","tsCreate":"0","idCreate":0,` +
		`"email":"","userStatus":"USER_STATUS__NONE","role":[]}],` +
		`"pageKey":"","status":{"code":"OK","statusDetail":""}}`
	if got.status != http.StatusOK || got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("got  %+v\nwant %s", got, want)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	headers := func(name, value string) call { return call{headers: map[string]string{name: value}} }
	body := func(s string) call { return call{body: s} }
	tests := map[string]struct {
		call
		status, code int
	}{
		"no token":                  {headers("Authorization", ""), 401, 16},
		"another token":             {headers("Authorization", "Bearer other"), 401, 16},
		"not a bearer":              {headers("Authorization", token), 401, 16},
		"no customer-id":            {headers("customer-id", ""), 400, 3},
		"customer-id no number":     {headers("customer-id", "northwind"), 400, 3},
		"another customer-id":       {headers("customer-id", "1"), 403, 7},
		"another path":              {call{path: "/v1/list-corpora"}, 404, 5},
		"double slash":              {call{path: "/" + usersPath}, 404, 5},
		"GET":                       {call{method: "GET"}, 405, 12},
		"timeout in words":          {headers("timeout", "30s"), 400, 3},
		"grpc-timeout without unit": {headers("grpc-timeout", "30"), 400, 3},
		"grpc-timeout too long":     {headers("grpc-timeout", "123456789S"), 400, 3},
		"no body":                   {body(" "), 400, 3},
		"not JSON":                  {body(`{`), 400, 3},
		"not an object":             {body(`[]`), 400, 3},
		"null":                      {body(`null`), 400, 3},
		"unknown field":             {body(`{"limit": 10}`), 400, 3},
		"field in snake_case":       {body(`{"num_results": 10}`), 400, 3},
		"unknown type":              {body(`{"listUsersType": "LIST_USERS_TYPE__SOME"}`), 400, 3},
		"unknown type number":       {body(`{"listUsersType": 1}`), 400, 3},
		"type a list":               {body(`{"listUsersType": []}`), 400, 3},
		"numResults negative":       {body(`{"numResults": -1}`), 400, 3},
		"numResults too large":      {body(`{"numResults": 4294967296}`), 400, 3},
		"numResults far too large":  {body(`{"numResults": 1e999}`), 400, 3},
		"numResults a fraction":     {body(`{"numResults": 1.5}`), 400, 3},
		"numResults a word":         {body(`{"numResults": "ten"}`), 400, 3},
		"numResults a bool":         {body(`{"numResults": true}`), 400, 3},
		"pageKey a number":          {body(`{"pageKey": 1}`), 400, 3},
		"pageKey not base64":        {body(`{"pageKey": "?"}`), 400, 3},
		"pageKey made up":           {body(`{"pageKey": "` + base64.StdEncoding.EncodeToString([]byte(`{"at":1,"size":1}`)) + `"}`), 400, 3},
	}
	server := vectaratest.NewServer(t, newFake())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := send(t, server.URL, test.call)
			var body struct {
				Code    int    `json:"code"`
				Message string `json:"message"`
				Details []any  `json:"details"`
			}
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatalf("%v: %s", err, got.body)
			}
			if got.status != test.status || body.Code != test.code || body.Message == "" || body.Details == nil {
				t.Errorf("got status %d, %s, want %d with code %d", got.status, got.body, test.status, test.code)
			}
			if allow := got.header.Get("Allow"); (test.status == 405) != (allow == "POST") {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"all users":            {`{"listUsersType": "LIST_USERS_TYPE__ALL"}`, "1 2 4294967295 4"},
		"by number":            {`{"listUsersType": 3}`, "1 2 4294967295 4"},
		"with a role":          {`{"listUsersType": "LIST_USERS_TYPE__CUSTOMER"}`, "1 4294967295"},
		"no users":             {`{"listUsersType": "LIST_USERS_TYPE__NONE"}`, ""},
		"no users by default":  {`{}`, ""},
		"null is the default":  {`{"listUsersType": 3, "pageKey": null, "numResults": null}`, "1 2 4294967295 4"},
		"numResults":           {`{"listUsersType": 3, "numResults": 3}`, "1 2 4294967295"},
		"numResults in quotes": {`{"listUsersType": 3, "numResults": "2"}`, "1 2"},
		"numResults as 2e0":    {`{"listUsersType": 3, "numResults": 2e0}`, "1 2"},
		"numResults 0":         {`{"listUsersType": 3, "numResults": 0}`, "1 2 4294967295 4"},
		"numResults largest":   {`{"listUsersType": 3, "numResults": 4294967295}`, "1 2 4294967295 4"},
	}
	server := vectaratest.NewServer(t, newFake())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, _ := page(t, send(t, server.URL, call{body: test.body})); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPageKeys(t *testing.T) {
	t.Parallel()
	fake := newFake()
	server := vectaratest.NewServer(t, fake)
	follow := func(first string) (pages []string) {
		ids, key := page(t, send(t, server.URL, call{body: first}))
		for pages = append(pages, ids); key != "" && len(pages) < 9; pages = append(pages, ids) {
			// The mock server ignores the other fields.
			body := `{"pageKey": "` + key + `", "numResults": 1, "listUsersType": "LIST_USERS_TYPE__NONE"}`
			ids, key = page(t, send(t, server.URL, call{body: body}))
		}
		return pages
	}
	for first, want := range map[string][]string{
		`{"listUsersType": 3, "numResults": 3}`: {"1 2 4294967295", "4"},
		`{"listUsersType": 3, "numResults": 2}`: {"1 2", "4294967295 4"}, // the last page is full
		`{"listUsersType": 2, "numResults": 1}`: {"1", "4294967295"},
		`{"listUsersType": 3, "numResults": 4}`: {"1 2 4294967295 4"},
	} {
		if got := follow(first); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", first, got, want)
		}
	}

	fake.SetUsers(slices.Repeat(team, 6))
	if got := follow(`{"listUsersType": 3}`); len(got) != 3 || len(strings.Fields(got[0])) != 10 {
		t.Errorf("24 users without numResults: got %q, want pages of 10", got)
	}
}

func TestPageKeyCannotBeChanged(t *testing.T) {
	t.Parallel()
	server := vectaratest.NewServer(t, newFake())
	_, key := page(t, send(t, server.URL, call{body: `{"listUsersType": 3, "numResults": 2}`}))
	data, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, changed := range [][]byte{
		bytes.Replace(data, []byte(`"at":2`), []byte(`"at":1`), 1),
		data[:len(data)-1],
		data[:10],
	} {
		body := `{"pageKey": "` + base64.StdEncoding.EncodeToString(changed) + `"}`
		if got := send(t, server.URL, call{body: body}); got.status != http.StatusBadRequest {
			t.Errorf("%q: got %+v", changed, got)
		}
	}
}

func TestMaxResults(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.MaxResults = 2
	server := vectaratest.NewServer(t, fake)
	ids, key := page(t, send(t, server.URL, call{body: `{"listUsersType": 3, "numResults": 100}`}))
	if ids != "1 2" || key == "" {
		t.Errorf("got %q and the key %q", ids, key)
	}
	if ids, key = page(t, send(t, server.URL, call{body: `{"pageKey": "` + key + `"}`})); ids != "4294967295 4" || key != "" {
		t.Errorf("got %q and the key %q", ids, key)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.Status = &vectaratest.Status{Code: "RESOURCE_EXHAUSTED", Detail: "too much", Times: 2}
	fake.NullStatus = true
	server := vectaratest.NewServer(t, fake)
	for range 2 {
		got := send(t, server.URL, call{})
		if want := `{"user":[],"pageKey":"","status":{"code":"RESOURCE_EXHAUSTED","statusDetail":"too much"}}`; got.status != http.StatusOK || got.body != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
	got := send(t, server.URL, call{body: `{"listUsersType": 3, "numResults": 0}`})
	if ids, _ := page(t, got); ids == "" || !strings.HasSuffix(got.body, `"status":null}`) {
		t.Errorf("got %s, want users and a null status", got.body)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	fake := newFake()
	fake.Latency = time.Hour
	server := vectaratest.NewServer(t, fake)

	got := send(t, server.URL, call{headers: map[string]string{"grpc-timeout": "5m"}})
	if got.status != http.StatusGatewayTimeout || !strings.Contains(got.body, `"code":4,`) {
		t.Errorf("got %+v", got)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+usersPath, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("grpc-timeout", "99999999H")
	if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v", resp, err)
	}
	// The end of the test closes the server, which waits for the handler. If the handler ignores that the client closes
	// the connection, the test hangs.
}

func TestTimeoutForms(t *testing.T) {
	t.Parallel()
	server := vectaratest.NewServer(t, newFake())
	for _, timeout := range []string{"1H", "1M", "30S", "30000m", "30000000u", "99999999n", "99999999H"} {
		got := send(t, server.URL, call{headers: map[string]string{"timeout": timeout, "grpc-timeout": timeout}})
		if got.status != http.StatusOK {
			t.Errorf("%s: got %+v", timeout, got)
		}
	}
}

// With V1Gone, v1 sends the same response to every request, and v2 still works.
func TestV1Gone(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]int{404: 5, 405: 12, 410: 5, 501: 12} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			fake := newFake()
			fake.V1Gone = status
			server := vectaratest.NewServer(t, fake)
			for _, c := range []call{
				{},
				{method: "GET"},
				{path: "/v1/list-corpora"},
				{headers: map[string]string{"Authorization": ""}},
				{headers: map[string]string{"grpc-timeout": "30s"}},
			} {
				got := send(t, server.URL, c)
				want := fmt.Sprintf(`{"code":%d,"message":%q,"details":[]}`, code, http.StatusText(status))
				if got.status != status || got.body != want || got.header.Get("Allow") != "" {
					t.Errorf("%+v: got %+v, want %d %s", c, got, status, want)
				}
			}
			if got := do(t, "GET", server.URL+usersPathV2, "", bearer(token)); got.status != http.StatusOK {
				t.Errorf("v2: got %+v", got)
			}
		})
	}
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
	server := vectaratest.NewServer(t, fake)
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		if got := send(t, server.URL, call{}).status; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	requests := fake.Requests()
	if len(requests) != 2 || requests[0].Status != 503 || requests[1].Status != 200 ||
		requests[0].Header.Get("customer-id") != customerID || string(requests[1].Body) != `{"listUsersType": "LIST_USERS_TYPE__ALL"}` {
		t.Errorf("recorded %+v", requests)
	}
}
