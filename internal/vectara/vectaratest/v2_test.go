package vectaratest_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const (
	usersPathV2    = "/v2/users"
	appClientsPath = "/v2/app_clients"
	apiKey         = "a-personal-key"
)

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// newFakeV2 returns a mock server with the corpora manuals and contracts, and with users whose IDs are 1 to n.
func newFakeV2(n int) *vectaratest.Fake {
	fake := vectaratest.New(customerID, token)
	fake.APIKeys = []string{"another-key", apiKey}
	fake.Corpora = []string{"manuals", "contracts"}
	var users []vectaratest.User
	for id := range n {
		users = append(users, vectaratest.User{ID: uint32(id + 1)})
	}
	fake.SetUsers(users)
	return fake
}

// get requests v2's users with a valid token.
func get(t *testing.T, url, query string) response {
	t.Helper()
	return do(t, http.MethodGet, url+usersPathV2+"?"+query, "", bearer(token))
}

// pageV2 returns the IDs of a page without usr_, separated by spaces, and the key of the next page.
func pageV2(t *testing.T, r response) (ids, key string) {
	t.Helper()
	var response struct {
		Users []struct {
			ID string `json:"id"`
		} `json:"users"`
		Metadata struct {
			PageKey string `json:"page_key"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal([]byte(r.body), &response); err != nil || r.status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", r.status, err, r.body)
	}
	var list []string
	for _, u := range response.Users {
		list = append(list, strings.TrimPrefix(u.ID, "usr_"))
	}
	return strings.Join(list, " "), response.Metadata.PageKey
}

func TestResponseTextV2(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(0)
	ada := team[0]
	ada.UpdatedAt = time.Date(2026, 2, 3, 4, 5, 6, 7e6, time.FixedZone("", 3600))
	ada.CorpusRoles = []vectaratest.CorpusRole{{CorpusKey: "manuals", Role: "editor"}}
	ada.AgentRoles = []vectaratest.AgentRole{{AgentKey: "bot", Role: "agent_user"}}
	ada.APIPolicy = &vectaratest.APIPolicy{Name: "exports", AllowedOperations: map[string]*vectaratest.OperationPolicy{
		"listUsers":   nil,
		"createAgent": {AllowAnyResource: true},
		"queryCorpus": {AllowedResources: map[string][]string{"path.corpus_key": {"manuals"}}},
	}}
	fake.SetUsers([]vectaratest.User{
		ada,
		{ID: 4294967295, UserStatus: "USER_STATUS__DISABLED", APIRoles: []string{}, CorpusRoles: []vectaratest.CorpusRole{}, APIPolicy: &vectaratest.APIPolicy{}},
		{ID: 3, UserStatus: "USER_STATUS__NONE", Roles: []string{"CustomerRole_None"}},
	})
	server := vectaratest.NewServer(t, fake)
	const users = `{"users":[` +
		`{"id":"usr_1","email":"ada@northwind.example","username":"ada","enabled":true,"description":"founder",` +
		`"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-02-03T04:05:06.007+01:00","api_roles":["owner"],` +
		`"corpus_roles":[{"corpus_key":"manuals","role":"editor"}],"agent_roles":[{"agent_key":"bot","role":"agent_user"}],` +
		`"api_policy":{"name":"exports","allowed_operations":{"createAgent":{"allow_any_resource":true},"listUsers":null,` +
		`"queryCorpus":{"allow_any_resource":false,"allowed_resources":{"path.corpus_key":["manuals"]}}}}},` +
		`{"id":"usr_4294967295","enabled":false,"api_roles":[],"corpus_roles":[],"api_policy":{"name":"","allowed_operations":{}}},` +
		`{"id":"usr_3"}],`
	for _, want := range []string{users + `"metadata":{"page_key":""}}`, users + `"metadata":{"page_key":null}}`} {
		got := get(t, server.URL, "")
		if got.status != http.StatusOK || got.body != want || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("got  %+v\nwant %s", got, want)
		}
		fake.NullPageKey = true
	}
	fake.SetUsers(nil)
	if got, want := get(t, server.URL, "").body, `{"users":[],"metadata":{"page_key":null}}`; got != want {
		t.Errorf("no users: got %s, want %s", got, want)
	}
}

func TestAPIRoles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		user vectaratest.User
		want string
	}{
		"roles of v1": {
			vectaratest.User{Roles: []string{
				"CustomerRole_Owner", "CustomerRole_Admin", "CustomerRole_None", "CustomerRole_Billing_Admin", "CustomerRole_Corpus_Admin",
			}},
			`"api_roles":["owner","administrator","billing_administrator","corpus_administrator"]`,
		},
		"roles of v2": {
			vectaratest.User{Roles: []string{"CustomerRole_Owner"}, APIRoles: []string{"agent_viewer"}},
			`"api_roles":["agent_viewer"]`,
		},
		"no role in v2": {
			vectaratest.User{Roles: []string{"CustomerRole_Owner"}, APIRoles: []string{}},
			`"api_roles":[]`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newFakeV2(0)
			fake.SetUsers([]vectaratest.User{test.user})
			want := `{"users":[{"id":"usr_0",` + test.want + `}],"metadata":{"page_key":""}}`
			if got := get(t, vectaratest.NewServer(t, fake).URL, ""); got.body != want {
				t.Errorf("got %s, want %s", got.body, want)
			}
		})
	}
}

func TestRefusalsV2(t *testing.T) {
	t.Parallel()
	type call struct {
		method, path, query string // default GET, usersPathV2
		headers             map[string]string
	}
	query := func(s string) call { return call{query: s, headers: bearer(token)} }
	clients := func(s string) call { return call{path: appClientsPath, query: s, headers: bearer(token)} }
	headers := func(pairs ...string) call {
		c := call{headers: map[string]string{}}
		for pair := range slices.Chunk(pairs, 2) {
			c.headers[pair[0]] = pair[1]
		}
		return c
	}
	// 32 bytes instead of the signature, and a position.
	madeUp := "+/+/" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32)+`{"at":1}`))
	tests := map[string]struct {
		call
		status int
		field  string // the key in field_errors
	}{
		"no credential":                 {headers(), 401, ""},
		"another token":                 {headers("Authorization", "Bearer other"), 401, ""},
		"no bearer":                     {headers("Authorization", token), 401, ""},
		"API key as a token":            {headers("Authorization", "Bearer "+apiKey), 401, ""},
		"another API key":               {headers("x-api-key", "other"), 403, ""},
		"token as an API key":           {headers("x-api-key", token), 403, ""},
		"both":                          {headers("x-api-key", apiKey, "Authorization", "Bearer "+token), 400, ""},
		"another path":                  {call{path: "/v2/corpora"}, 404, ""},
		"slash at the end":              {call{path: "/v2/users/"}, 404, ""},
		"POST":                          {call{method: "POST"}, 405, ""},
		"PUT":                           {call{method: "PUT"}, 405, ""},
		"unknown parameter":             {query("numResults=1"), 400, "numResults"},
		"in camelCase":                  {query("pageKey=1"), 400, "pageKey"},
		"malformed":                     {query("limit=%zz"), 400, ""},
		"limit 0":                       {query("limit=0"), 400, "limit"},
		"limit 101":                     {query("limit=101"), 400, "limit"},
		"limit negative":                {query("limit=-1"), 400, "limit"},
		"limit with a sign":             {query("limit=%2B1"), 400, "limit"},
		"limit a fraction":              {query("limit=1.0"), 400, "limit"},
		"limit far too large":           {query("limit=99999999999999999999"), 400, "limit"},
		"limit empty":                   {query("limit="), 400, "limit"},
		"limit twice":                   {query("limit=1&limit=1"), 400, "limit"},
		"page_key empty":                {query("page_key="), 400, "page_key"},
		"page_key no base64":            {query("page_key=%2B/%2B/%3F"), 400, "page_key"},
		"page_key too short":            {query("page_key=%2B/%2B/eHg%3D"), 400, "page_key"},
		"page_key made up":              {query("page_key=" + url.QueryEscape(madeUp)), 400, "page_key"},
		"corpus_key empty":              {query("corpus_key="), 400, "corpus_key"},
		"unknown corpus":                {query("corpus_key=other"), 404, ""},
		"timeout 0":                     {headers("Request-Timeout", "0", "x-api-key", apiKey), 400, "Request-Timeout"},
		"timeout negative":              {headers("Request-Timeout", "-1", "x-api-key", apiKey), 400, "Request-Timeout"},
		"timeout in the format of gRPC": {headers("Request-Timeout", "30S", "x-api-key", apiKey), 400, "Request-Timeout"},
		"timeout a fraction":            {headers("Request-Timeout", "1.5", "x-api-key", apiKey), 400, "Request-Timeout"},
		"milliseconds 0":                {headers("Request-Timeout-Millis", "0", "x-api-key", apiKey), 400, "Request-Timeout-Millis"},
		"two timeouts":                  {headers("Request-Timeout", "1", "Request-Timeout-Millis", "1000", "x-api-key", apiKey), 400, ""},
		"corpus_key no key":             {query("corpus_key=manuals%2F"), 400, "corpus_key"},
		"corpus_key too long":           {query("corpus_key=" + strings.Repeat("k", 51)), 400, "corpus_key"},
		"filter":                        {query("filter=a"), 400, "filter"},

		"app clients, no credential":    {call{path: appClientsPath}, 401, ""},
		"app clients, another token":    {call{path: appClientsPath, headers: bearer("other")}, 401, ""},
		"app clients, another API key":  {call{path: appClientsPath, headers: map[string]string{"x-api-key": "other"}}, 403, ""},
		"app clients, POST":             {call{path: appClientsPath, method: "POST"}, 405, ""},
		"app clients, one by its id":    {call{path: appClientsPath + "/app_1"}, 404, ""},
		"app clients, timeout 0":        {call{path: appClientsPath, headers: map[string]string{"Request-Timeout": "0", "x-api-key": apiKey}}, 400, "Request-Timeout"},
		"app clients, corpus_key":       {clients("corpus_key=manuals"), 400, "corpus_key"},
		"app clients, unknown":          {clients("name=a"), 400, "name"},
		"app clients, limit 0":          {clients("limit=0"), 400, "limit"},
		"app clients, limit 101":        {clients("limit=101"), 400, "limit"},
		"app clients, limit twice":      {clients("limit=1&limit=1"), 400, "limit"},
		"app clients, page_key made up": {clients("page_key=" + url.QueryEscape(madeUp)), 400, "page_key"},
		"app clients, page_key empty":   {clients("page_key="), 400, "page_key"},
		"app clients, filter empty":     {clients("filter="), 400, "filter"},
		"app clients, filter twice":     {clients("filter=a&filter=a"), 400, "filter"},
		"app clients, filter malformed": {clients("filter=%28"), 400, "filter"},
	}
	server := vectaratest.NewServer(t, newFakeV2(3))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, path := test.method, test.path
			if method == "" {
				method = http.MethodGet
			}
			if path == "" {
				path = usersPathV2
			}
			got := do(t, method, server.URL+path+"?"+test.query, "", test.headers)
			var body struct {
				Messages    []string          `json:"messages"`
				FieldErrors map[string]string `json:"field_errors"`
				RequestID   string            `json:"request_id"`
			}
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatalf("%v: %s", err, got.body)
			}
			if got.status != test.status || len(body.Messages) != 1 || body.Messages[0] == "" || body.RequestID == "" {
				t.Fatalf("got status %d, %s, want %d", got.status, got.body, test.status)
			}
			if !strings.HasPrefix(body.Messages[0], test.field) {
				t.Errorf("got %s, want a message of %s", got.body, test.field)
			}
			if want := test.field != ""; (len(body.FieldErrors) == 1) != want || (body.FieldErrors[test.field] != "") != want {
				t.Errorf("got %s, want an error of the field %q", got.body, test.field)
			}
			if allow := got.header.Get("Allow"); (test.status == 405) != (allow == "GET") {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

// This test does not use do, which sends a header only once.
func TestHeaderTwice(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(1)
	for _, path := range []string{usersPathV2, appClientsPath} {
		for _, name := range []string{"X-Api-Key", "Authorization", "Request-Timeout", "Request-Timeout-Millis"} {
			values := map[string]string{"X-Api-Key": apiKey, "Authorization": "Bearer " + token}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			if _, credential := values[name]; !credential {
				r.Header.Set("X-Api-Key", apiKey)
			}
			for range 2 {
				r.Header.Add(name, cmp.Or(values[name], "30"))
			}
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), name+" is sent twice") {
				t.Errorf("%s, %s: got %d %s", path, name, w.Code, w.Body)
			}
		}
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	t.Parallel()
	server := vectaratest.NewServer(t, newFakeV2(0))
	if first, second := get(t, server.URL, "limit=0"), get(t, server.URL, "limit=0"); first.body == second.body {
		t.Errorf("twice %s", first.body)
	}
}

func TestAuthorizationV2(t *testing.T) {
	t.Parallel()
	server := vectaratest.NewServer(t, newFakeV2(3))
	for name, headers := range map[string]map[string]string{
		"token":               bearer(token),
		"API key":             {"x-api-key": apiKey},
		"another API key":     {"x-api-key": "another-key"},
		"another customer id": {"x-api-key": apiKey, "customer-id": "1"},
		"timeout":             {"x-api-key": apiKey, "Request-Timeout": "30"},
	} {
		if got := do(t, "GET", server.URL+usersPathV2, "", headers); got.status != http.StatusOK {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	missing := do(t, "GET", server.URL+usersPathV2, "", nil)
	wrong := do(t, "GET", server.URL+usersPathV2, "", bearer("other"))
	if !strings.Contains(missing.body, "neither") || strings.Contains(wrong.body, "neither") {
		t.Errorf("missing: %s, wrong: %s", missing.body, wrong.body)
	}
	// v1 does not accept an API key.
	if got := send(t, server.URL, call{headers: map[string]string{"Authorization": "", "x-api-key": apiKey}}); got.status != http.StatusUnauthorized {
		t.Errorf("v1 with an API key: got %+v", got)
	}
}

// follow reads the pages of a listing, at most 99.
func follow(t *testing.T, url, query string) (pages []string) {
	t.Helper()
	ids, key := pageV2(t, get(t, url, query))
	for pages = append(pages, ids); key != "" && len(pages) < 99; pages = append(pages, ids) {
		ids, key = pageV2(t, get(t, url, query+"&page_key="+escape(key)))
	}
	return pages
}

func escape(key string) string { return url.QueryEscape(key) }

func TestPagesV2(t *testing.T) {
	t.Parallel()
	server := vectaratest.NewServer(t, newFakeV2(101))
	for query, want := range map[string]struct{ pages, last int }{
		"":          {11, 1},
		"limit=10":  {11, 1},
		"limit=1":   {101 - 2, 1}, // follow reads at most 99 pages
		"limit=50":  {3, 1},
		"limit=100": {2, 1},
	} {
		got := follow(t, server.URL, query)
		if len(got) != want.pages || len(strings.Fields(got[len(got)-1])) != want.last {
			t.Errorf("%s: got %d pages: %q", query, len(got), got)
		}
		for i, id := range strings.Fields(strings.Join(got, " ")) {
			if id != strconv.Itoa(i+1) {
				t.Errorf("%s: user %d is %s", query, i+1, id)
				break
			}
		}
	}
	if got := follow(t, vectaratest.NewServer(t, newFakeV2(4)).URL, "limit=2"); !slices.Equal(got, []string{"1 2", "3 4"}) {
		t.Errorf("got %q, want no empty page at the end", got)
	}
}

func TestMaxResultsV2(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(5)
	fake.MaxResults = 2
	if got := follow(t, vectaratest.NewServer(t, fake).URL, "limit=100"); !slices.Equal(got, []string{"1 2", "3 4", "5"}) {
		t.Errorf("got %q", got)
	}
}

func TestPageKeyV2(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(0)
	fake.SetUsers(slices.Repeat([]vectaratest.User{{ID: 1, Roles: []string{"CustomerRole_Owner"}}}, 3))
	server := vectaratest.NewServer(t, fake)
	_, key := pageV2(t, get(t, server.URL, "limit=1"))
	_, ofManuals := pageV2(t, get(t, server.URL, "limit=1&corpus_key=manuals"))
	_, ofV1 := page(t, send(t, server.URL, call{body: `{"listUsersType": 3, "numResults": 1}`}))
	for query, want := range map[string]int{
		"page_key=" + escape(key):                                    200,
		"limit=2&page_key=" + escape(key):                            200, // a key is valid for any limit
		"corpus_key=manuals&page_key=" + escape(ofManuals):           200,
		"page_key=" + key:                                            400, // an unescaped + is a space
		"page_key=" + escape(strings.TrimPrefix(key, "+/+/")):        400,
		"page_key=" + escape(key[:len(key)-4]):                       400,
		"page_key=" + escape(ofV1):                                   400,
		"page_key=" + escape("+/+/"+ofV1):                            400,
		"corpus_key=manuals&page_key=" + escape(key):                 400,
		"page_key=" + escape(ofManuals):                              400,
		"corpus_key=contracts&page_key=" + escape(ofManuals):         400,
		"page_key=" + escape(key) + "&page_key=" + escape(key):       400,
		"corpus_key=other&page_key=" + escape(ofManuals) + "&limit=": 400,
	} {
		if got := get(t, server.URL, query); got.status != want {
			t.Errorf("%s: got %+v, want %d", query, got, want)
		}
	}
	if got := send(t, server.URL, call{body: `{"pageKey": "` + key + `"}`}); got.status != http.StatusBadRequest {
		t.Errorf("v1 with a key of v2: got %+v", got)
	}
}

func TestCorpusKey(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(0)
	on := func(keys ...string) (roles []vectaratest.CorpusRole) {
		for _, key := range keys {
			roles = append(roles, vectaratest.CorpusRole{CorpusKey: key, Role: "a_role"})
		}
		return roles
	}
	fake.SetUsers([]vectaratest.User{
		{ID: 1, Roles: []string{"CustomerRole_Owner"}},
		{ID: 2, Roles: []string{"CustomerRole_Admin"}},
		{ID: 3, Roles: []string{"CustomerRole_Corpus_Admin"}, UserStatus: "USER_STATUS__DISABLED"},
		{ID: 4, Roles: []string{"CustomerRole_Billing_Admin"}},
		{ID: 5, Roles: []string{"CustomerRole_None"}, CorpusRoles: on("manuals")},
		{ID: 6, CorpusRoles: on("contracts", "manuals")},
		{ID: 7, CorpusRoles: on("gone")},
		{ID: 8},
		{ID: 9, Roles: []string{"CustomerRole_Owner"}, APIRoles: []string{"agent_administrator", "pipeline_viewer", "agent_viewer"}},
		{ID: 10, APIRoles: []string{"billing_administrator", "corpus_developer"}},
		{ID: 11, APIRoles: []string{"corpus_viewer"}},
		{ID: 12, APIRoles: []string{"viewer"}},
		{ID: 13, AgentRoles: []vectaratest.AgentRole{{AgentKey: "manuals", Role: "agent_user"}}},
	})
	server := vectaratest.NewServer(t, fake)
	for query, want := range map[string]string{
		"limit=100":                      "1 2 3 4 5 6 7 8 9 10 11 12 13",
		"limit=100&corpus_key=manuals":   "1 2 3 5 6 10 11 12",
		"limit=3&corpus_key=manuals":     "1 2 3|5 6 10|11 12",
		"limit=100&corpus_key=contracts": "1 2 3 6 10 11 12",
	} {
		if got := strings.Join(follow(t, server.URL, query), "|"); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	// The corpus does not exist, although a user has a role in it.
	if got := get(t, server.URL, "corpus_key=gone"); got.status != http.StatusNotFound {
		t.Errorf("got %+v", got)
	}
}

// The test calls the handler directly, without a network, so that synctest can control the time.
func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeV2(1)
		fake.Latency = 10 * time.Second
		for timeout, want := range map[string]struct {
			status int
			after  time.Duration
		}{
			"":           {200, 10 * time.Second},
			"11":         {200, 10 * time.Second},
			"2147483647": {200, 10 * time.Second},
			"9":          {504, 9 * time.Second},
			"1":          {504, time.Second},
			"10001 ms":   {200, 10 * time.Second},
			"9999 ms":    {504, 9999 * time.Millisecond},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, usersPathV2, http.NoBody)
			r.Header.Set("x-api-key", apiKey)
			if milliseconds, ok := strings.CutSuffix(timeout, " ms"); ok {
				r.Header.Set("Request-Timeout-Millis", milliseconds)
			} else if timeout != "" {
				r.Header.Set("Request-Timeout", timeout)
			}
			w := httptest.NewRecorder()
			start := time.Now()
			fake.ServeHTTP(w, r)
			if got := time.Since(start); w.Code != want.status || got != want.after {
				t.Errorf("%q: got %d after %v, want %d after %v", timeout, w.Code, got, want.status, want.after)
			}
			if want.status != 200 && !strings.Contains(w.Body.String(), `"messages":["`) {
				t.Errorf("got %s", w.Body)
			}
		}
	})
}

// The end of the test closes the server, which waits for the handlers. If a handler ignores that the client closes the
// connection, the test hangs.
func TestLatencyEndsWithTheClient(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(1)
	fake.Latency = time.Hour
	server := vectaratest.NewServer(t, fake)
	for _, path := range []string{usersPathV2, vectaratest.TokenPath} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, %v", path, resp, err)
		}
	}
}
