package vectaratest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// account has two people and three app clients. The credentials of the second app client are not made up by the mock
// server.
var account = []vectaratest.User{
	{ID: 1, Handle: "ada", Email: "ada@northwind.example", Type: "USER_TYPE__USER", UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_Owner"}},
	{ID: 2, Handle: "indexer", Type: "USER_TYPE__APP_CLIENT", Comment: "nightly", CorpusRoles: []vectaratest.CorpusRole{{CorpusKey: "manuals", Role: "editor"}}},
	{
		ID: 3, Handle: "deploy", Email: "deploy@northwind.example", Type: "USER_TYPE__APP_CLIENT", TsCreate: 1767225600, UserStatus: "USER_STATUS__ACTIVE",
		Roles: []string{"CustomerRole_Admin"}, AgentRoles: []vectaratest.AgentRole{{AgentKey: "bot", Role: "agent_user"}},
		APIPolicy: &vectaratest.APIPolicy{Name: "agents", AllowedOperations: map[string]*vectaratest.OperationPolicy{"createAgent": nil}},
		ClientID:  "its-id", ClientSecret: "its-secret",
	},
	{ID: 4, Handle: "bob", Type: "USER_TYPE__FEDERATED_USER"},
	{ID: 5, Type: "USER_TYPE__APP_CLIENT"},
}

func newFakeWithAppClients() *vectaratest.Fake {
	fake := newFakeV2(0)
	fake.SetUsers(account)
	return fake
}

func getAppClients(t *testing.T, url, query string) response {
	t.Helper()
	return do(t, http.MethodGet, url+appClientsPath+"?"+query, "", bearer(token))
}

func TestAppClientsText(t *testing.T) {
	t.Parallel()
	const (
		indexer = `{"id":"app_2","name":"indexer","description":"nightly","client_id":"client-id-of-app_2","client_secret":"made-up-client-secret-of-app_2",` +
			`"corpus_roles":[{"corpus_key":"manuals","role":"editor"}]}`
		deploy = `{"id":"app_3","name":"deploy","client_id":"its-id","client_secret":"its-secret","api_roles":["administrator"],` +
			`"agent_roles":[{"agent_key":"bot","role":"agent_user"}],"api_policy":{"name":"agents","allowed_operations":{"createAgent":null}}}`
		nameless = `{"id":"app_5","client_id":"client-id-of-app_5","client_secret":"made-up-client-secret-of-app_5"}`
		all      = `{"app_clients":[` + indexer + `,` + deploy + `,` + nameless + `],"metadata":{"page_key":""}}`
	)
	tests := map[string]struct {
		set  func(*vectaratest.Fake)
		want string
	}{
		"all":           {func(*vectaratest.Fake) {}, all},
		"no more pages": {func(f *vectaratest.Fake) { f.NullPageKey = true }, strings.Replace(all, `{"page_key":""}`, `{"page_key":null}`, 1)},
		"empty fields": {func(f *vectaratest.Fake) {
			f.EmptyFields = true
			f.SetUsers(account[4:])
		}, `{"app_clients":[{"id":"app_5","name":"","description":"","client_id":"client-id-of-app_5","client_secret":"made-up-client-secret-of-app_5",` +
			`"api_policy":null}],"metadata":{"page_key":""}}`},
		"among the users": {func(f *vectaratest.Fake) { f.AppClientsAmongUsers = true }, all},
		"none":            {func(f *vectaratest.Fake) { f.SetUsers(account[:1]) }, `{"app_clients":[],"metadata":{"page_key":""}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newFakeWithAppClients()
			test.set(fake)
			got := getAppClients(t, vectaratest.NewServer(t, fake).URL, "")
			if got.status != http.StatusOK || got.body != test.want || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("got  %+v\nwant %s", got, test.want)
			}
		})
	}
}

// The listing of users contains app clients only with AppClientsAmongUsers. It never contains a secret.
func TestAppClientsAmongUsers(t *testing.T) {
	t.Parallel()
	const (
		ada     = `{"id":"usr_1","email":"ada@northwind.example","username":"ada","enabled":true,"api_roles":["owner"]}`
		indexer = `{"id":"app_2","username":"indexer","description":"nightly","corpus_roles":[{"corpus_key":"manuals","role":"editor"}]}`
		deploy  = `{"id":"app_3","email":"deploy@northwind.example","username":"deploy","enabled":true,"created_at":"2026-01-01T00:00:00Z","api_roles":["administrator"],` +
			`"agent_roles":[{"agent_key":"bot","role":"agent_user"}],"api_policy":{"name":"agents","allowed_operations":{"createAgent":null}}}`
		bob   = `{"id":"usr_4","username":"bob"}`
		empty = `{"id":"app_5"}`
	)
	for name, test := range map[string]struct {
		among bool
		query string
		want  []string
	}{
		"apart":           {false, "", []string{ada, bob}},
		"apart, a corpus": {false, "corpus_key=manuals", []string{ada}},
		"among":           {true, "", []string{ada, indexer, deploy, bob, empty}},
		"among, a corpus": {true, "corpus_key=manuals", []string{ada, indexer, deploy}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newFakeWithAppClients()
			fake.AppClientsAmongUsers = test.among
			got := get(t, vectaratest.NewServer(t, fake).URL, test.query)
			if want := `{"users":[` + strings.Join(test.want, ",") + `],"metadata":{"page_key":""}}`; got.body != want {
				t.Errorf("got  %s\nwant %s", got.body, want)
			}
		})
	}
	// v1 lists app clients with the users.
	server := vectaratest.NewServer(t, newFakeWithAppClients())
	if ids, _ := page(t, send(t, server.URL, call{})); ids != "1 2 3 4 5" {
		t.Errorf("v1: got %s", ids)
	}
}

func TestEmptyFields(t *testing.T) {
	t.Parallel()
	fake := newFakeV2(1)
	fake.EmptyFields = true
	want := `{"users":[{"id":"usr_1","email":"","username":"","description":"","api_policy":null}],"metadata":{"page_key":""}}`
	if got := get(t, vectaratest.NewServer(t, fake).URL, ""); got.body != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
}

// names returns the names of a page of app clients, separated by spaces, and the key of the next page.
func names(t *testing.T, r response) (names, key string) {
	t.Helper()
	var response struct {
		AppClients []struct{ Name string } `json:"app_clients"`
		Metadata   struct {
			PageKey string `json:"page_key"`
		}
	}
	if err := json.Unmarshal([]byte(r.body), &response); err != nil || r.status != http.StatusOK {
		t.Fatalf("status %d, %v: %s", r.status, err, r.body)
	}
	var list []string
	for _, client := range response.AppClients {
		list = append(list, client.Name)
	}
	return strings.Join(list, " "), response.Metadata.PageKey
}

func TestAppClientsPages(t *testing.T) {
	t.Parallel()
	var clients []vectaratest.User
	for i := range 12 { // a person after each client, so that positions in the account and in the listing differ
		clients = append(clients,
			vectaratest.User{ID: uint32(100 + i), Type: "USER_TYPE__APP_CLIENT", Handle: "c" + strconv.Itoa(i)},
			vectaratest.User{ID: uint32(200 + i), Type: "USER_TYPE__USER", Handle: "c" + strconv.Itoa(i)})
	}
	for name, test := range map[string]struct {
		query      string
		maxResults int
		want       []string
	}{
		"default":          {"", 0, []string{"c0 c1 c2 c3 c4 c5 c6 c7 c8 c9", "c10 c11"}},
		"limit":            {"limit=6", 0, []string{"c0 c1 c2 c3 c4 c5", "c6 c7 c8 c9 c10 c11"}}, // the last page is full
		"limit 100":        {"limit=100", 0, []string{"c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11"}},
		"MaxResults":       {"limit=100", 8, []string{"c0 c1 c2 c3 c4 c5 c6 c7", "c8 c9 c10 c11"}},
		"filter":           {"filter=1&limit=2", 0, []string{"c1 c10", "c11"}},
		"filter, anchored": {"filter=" + escape("^C1$") + "&limit=2", 0, []string{""}},
		"filter, both":     {"filter=" + escape("^c(1|7)$"), 0, []string{"c1 c7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newFakeV2(0)
			fake.SetUsers(clients)
			fake.MaxResults = test.maxResults
			server := vectaratest.NewServer(t, fake)
			list, key := names(t, getAppClients(t, server.URL, test.query))
			got := []string{list}
			for key != "" && len(got) < 9 {
				list, key = names(t, getAppClients(t, server.URL, test.query+"&page_key="+escape(key)))
				got = append(got, list)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A page key is valid only for its listing with the same filter.
func TestAppClientsPageKey(t *testing.T) {
	t.Parallel()
	fake := newFakeWithAppClients()
	server := vectaratest.NewServer(t, fake)
	_, key := names(t, getAppClients(t, server.URL, "limit=1"))
	_, filtered := names(t, getAppClients(t, server.URL, "limit=1&filter=e"))
	_, ofUsers := pageV2(t, get(t, server.URL, "limit=1"))
	if key == "" || filtered == "" || ofUsers == "" {
		t.Fatalf("keys %q, %q, %q", key, filtered, ofUsers)
	}
	for query, want := range map[string]int{
		"page_key=" + escape(key):                              200,
		"limit=2&page_key=" + escape(key):                      200, // a key is valid for any limit
		"filter=e&page_key=" + escape(filtered):                200,
		"page_key=" + escape(filtered):                         400,
		"filter=e&page_key=" + escape(key):                     400,
		"filter=d&page_key=" + escape(filtered):                400,
		"page_key=" + escape(ofUsers):                          400,
		"page_key=" + key:                                      400, // an unescaped + is a space
		"page_key=" + escape(key) + "&page_key=" + escape(key): 400,
	} {
		if got := getAppClients(t, server.URL, query); got.status != want {
			t.Errorf("%s: got %+v, want %d", query, got, want)
		}
	}
	if got := get(t, server.URL, "page_key="+escape(key)); got.status != http.StatusBadRequest {
		t.Errorf("users with a key of app clients: got %+v", got)
	}
}

func TestDenyAppClients(t *testing.T) {
	t.Parallel()
	fake := newFakeWithAppClients()
	fake.DenyAppClients = true
	server := vectaratest.NewServer(t, fake)
	want := `{"messages":["Permissions do not allow listing App Clients."],"request_id":"req_000001"}`
	if got := getAppClients(t, server.URL, ""); got.status != http.StatusForbidden || got.body != want {
		t.Errorf("got %+v, want %s", got, want)
	}
	if got := get(t, server.URL, ""); got.status != http.StatusOK {
		t.Errorf("users: got %+v", got)
	}
	// The mock server checks the credential first.
	if got := do(t, http.MethodGet, server.URL+appClientsPath, "", nil); got.status != http.StatusUnauthorized {
		t.Errorf("no credential: got %+v", got)
	}
}

// SetUsers copies the users, so later changes to them do not change the account.
func TestSetUsersCopies(t *testing.T) {
	t.Parallel()
	allowed := []string{"manuals"}
	policy := &vectaratest.APIPolicy{AllowedOperations: map[string]*vectaratest.OperationPolicy{
		"a": {AllowedResources: map[string][]string{"path.corpus_key": allowed}},
	}}
	fake := newFakeV2(0)
	fake.SetUsers([]vectaratest.User{{ID: 1, APIPolicy: policy}})
	server := vectaratest.NewServer(t, fake)
	before := get(t, server.URL, "").body
	allowed[0] = "contracts"
	policy.AllowedOperations["a"].AllowedResources["path.agent_key"] = nil
	policy.AllowedOperations["a"].AllowAnyResource = true
	policy.AllowedOperations["b"] = nil
	policy.Name = "changed"
	if after := get(t, server.URL, "").body; after != before {
		t.Errorf("got %s, want %s", after, before)
	}
}
