package vectara_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

const apiKey = "zut_key-77"

func newV2Client(t *testing.T, fake *vectaratest.Fake) *vectara.Client {
	t.Helper()
	fake.APIKeys = []string{apiKey}
	client := vectara.New(vectara.Config{
		BaseURL: vectaratest.NewServer(t, fake).URL,
		APIKey:  apiKey,
		Options: rest.Options{UserAgent: "test", MaxRetries: 2, Sleep: noSleep},
	})
	return client
}

func TestV2WholeListing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		users      int
		numResults int64
		null       bool // the last page key is null
		requests   int
	}{
		"no users":        {users: 0, requests: 1},
		"a page":          {users: 100, requests: 1},
		"a page and one":  {users: 101, requests: 4},
		"pages of 7":      {users: 30, numResults: 7, requests: 10},
		"a null page key": {users: 30, numResults: 20, null: true, requests: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := vectaratest.New(customerID, token)
			fake.SetUsers(team(test.users))
			fake.NullPageKey = test.null
			got, err := newV2Client(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V2, NumResults: test.numResults})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{}
			for i := range test.users {
				want = append(want, fmt.Sprintf("usr_%d", i+95))
			}
			slices.Sort(want)
			if !slices.Equal(ids(got.Users), want) {
				t.Errorf("got %v, want %v", ids(got.Users), want)
			}
			if n := len(fake.Requests()); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

func TestV2Request(t *testing.T) {
	t.Parallel()
	fake := vectaratest.New(customerID, token)
	fake.SetUsers(team(5))
	fake.Corpora = []string{"handbook"}
	client := newV2Client(t, fake)
	first := ""
	page, err := client.Users(t.Context(), vectara.Query{Version: vectara.V2, CustomerID: customerID, ListUsersType: vectara.ListNone, CorpusKey: "handbook", NumResults: 3, PageKey: &first, Timeout: 90 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Users(t.Context(), vectara.Query{Version: vectara.V2, CorpusKey: "handbook", NumResults: 3, PageKey: &page.NextPageKey}); err != nil {
		t.Fatal(err)
	}
	if got := fake.Requests()[1].Query.Get("page_key"); got == "" || got != page.NextPageKey {
		t.Errorf("the second page was requested with the key %q, want %q", got, page.NextPageKey)
	}
	request := fake.Requests()[0]
	if got, want := request.Method+" "+request.Path+"?"+request.Query.Encode(), "GET /v2/users?corpus_key=handbook&limit=3"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	for header, want := range map[string]string{"X-Api-Key": apiKey, "Authorization": "", "Request-Timeout": "90", "Content-Type": "", "Customer-Id": ""} {
		if got := request.Header.Get(header); got != want {
			t.Errorf("header %s: %q, want %q", header, got, want)
		}
	}
	if len(request.Body) != 0 {
		t.Errorf("the body is %s", request.Body)
	}
}

func TestV2Responses(t *testing.T) {
	t.Parallel()
	p := func(text string) *string { return &text }
	n := func(seconds int64) *int64 { return &seconds }
	yes, no := true, false
	noCorpusRoles, noAgentRoles := []vectara.CorpusRole{}, []vectara.AgentRole{}
	for name, test := range map[string]struct {
		body string
		want []vectara.User
		err  string
	}{
		"a user": {
			body: `{"users": [{"id": "usr_1", "email": "e@x.example", "username": "u", "enabled": true, "description": "d", "created_at": "2026-01-31T09:00:00+01:00",
				"updated_at": "2026-02-01T00:00:00Z", "api_roles": ["owner", null, "new_role"], "corpus_roles": [{"corpus_key": "c", "role": "editor", "x": 1}],
				"agent_roles": [{"agent_key": "a", "role": null}], "api_policy": {"name": "p"}}], "metadata": {"page_key": null}}`,
			want: []vectara.User{{ID: p("usr_1"), Email: p("e@x.example"), Handle: p("u"), Enabled: &yes, UserStatus: p("USER_STATUS__ACTIVE"), Comment: p("d"),
				CreatedAt: p("2026-01-31T09:00:00+01:00"), TsCreate: n(1769846400), UpdatedAt: p("2026-02-01T00:00:00Z"), Roles: []string{"new_role", "owner"},
				CorpusRoles: []vectara.CorpusRole{{CorpusKey: p("c"), Role: p("editor")}}, AgentRoles: []vectara.AgentRole{{AgentKey: p("a")}}, APIPolicy: &vectara.APIPolicy{Name: p("p")}}},
		},
		"no fields":           {body: `{"users": [{}], "metadata": {}}`, want: []vectara.User{{Roles: []string{}, CorpusRoles: noCorpusRoles, AgentRoles: noAgentRoles}}},
		"disabled":            {body: `{"users": [{"id": "a", "enabled": false, "created_at": "yesterday"}]}`, want: []vectara.User{{ID: p("a"), Enabled: &no, UserStatus: p("USER_STATUS__DISABLED"), CreatedAt: p("yesterday"), Roles: []string{}, CorpusRoles: noCorpusRoles, AgentRoles: noAgentRoles}}},
		"a Kelvin sign":       {body: `{"users": [{"email": "a@des\u212a.example", "username": "\u212a"}]}`, want: []vectara.User{{Email: p("a@des\ufffd.example"), Handle: p("\ufffd"), Roles: []string{}, CorpusRoles: noCorpusRoles, AgentRoles: noAgentRoles}}},
		"no users":            {body: `{"users": [], "metadata": null}`, want: []vectara.User{}},
		"no list":             {body: `{"metadata": {"page_key": ""}}`, err: `no list "users"`},
		"null list":           {body: `{"users": null}`, err: `no list "users"`},
		"v1's response":       {body: `{"user": [], "pageKey": "", "status": null}`, err: `no list "users"`},
		"enabled as a word":   {body: `{"users": [{"enabled": "yes"}]}`, err: `/users/0/enabled holds a string`},
		"two ids in NFC":      {body: `{"users": [{"id": "e\u0301"}, {"id": "\u00e9"}]}`, err: `the ids "e\u0301" and "\u00e9" of two users are the same in Unicode NFC`},
		"id that is a number": {body: `{"users": [{"id": 7}]}`, err: `/users/0/id holds a number`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := vectaratest.New(customerID, token)
			fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprint(w, test.body)
				return true
			}
			got, err := newV2Client(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V2})
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want an error with %q", err, test.err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got.Users, test.want) {
				t.Errorf("got %+v and %v, want %+v", got.Users, err, test.want)
			}
		})
	}
}

func TestV2Errors(t *testing.T) {
	t.Parallel()
	fake := vectaratest.New(customerID, token)
	fake.Corpora = []string{"handbook"}
	fake.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if r.URL.Query().Get("corpus_key") != "secret" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"messages": ["no", "really"], "field_errors": {"limit": "too large", "b": "c"}, "request_id": "r-1"}`)
		return true
	}
	client := newV2Client(t, fake)
	for corpus, want := range map[string]string{
		"secret":  `HTTP 403 Forbidden, "no; really; b: c; limit: too large (request r-1)"`,
		"unknown": `HTTP 404 Not Found, "`,
	} {
		_, err := client.Users(t.Context(), vectara.Query{Version: vectara.V2, CorpusKey: corpus})
		if _, ok := errors.AsType[*rest.Error](err); !ok || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "with access to corpus "+corpus) {
			t.Errorf("corpus %s: got %v, want %s", corpus, err, want)
		}
	}
}

// Both versions return the same users. Only the format of IDs, the names of roles, and fields that a version does not
// have differ.
func TestVersionsAgree(t *testing.T) {
	t.Parallel()
	fake := vectaratest.New(customerID, token)
	fake.ClientID, fake.ClientSecret = clientID, clientSecret
	roles := map[string]string{"CustomerRole_Owner": "owner", "CustomerRole_Admin": "administrator", "CustomerRole_Billing_Admin": "billing_administrator", "CustomerRole_Corpus_Admin": "corpus_administrator"}
	var members []vectaratest.User
	for i, role := range []string{"CustomerRole_Owner", "CustomerRole_Admin", "CustomerRole_Billing_Admin", "CustomerRole_Corpus_Admin"} {
		members = append(members, vectaratest.User{
			ID: uint32(1000 + i), Handle: "handle", Email: "e@x.example", Type: "USER_TYPE__USER", Comment: "comment", TsCreate: 1769846400 + int64(i),
			UserStatus: []string{"USER_STATUS__ACTIVE", "USER_STATUS__DISABLED"}[i%2], Roles: []string{role},
		})
	}
	fake.SetUsers(members)
	url := vectaratest.NewServer(t, fake).URL
	read := func(version string) []vectara.User {
		client := vectara.New(vectara.Config{BaseURL: url, ClientID: clientID, ClientSecret: clientSecret, TokenURL: url + vectaratest.TokenPath})
		got, err := client.Users(t.Context(), vectara.Query{Version: version, CustomerID: customerID})
		if err != nil {
			t.Fatalf("%s: %v", version, err)
		}
		return got.Users
	}
	one, two := read(vectara.V1), read(vectara.V2)
	if len(one) != len(members) || len(two) != len(members) {
		t.Fatalf("%d and %d users", len(one), len(two))
	}
	for i := range one {
		if *one[i].Type != "USER_TYPE__USER" || two[i].Type != nil || one[i].IDCreate == nil || two[i].IDCreate != nil ||
			one[i].CorpusRoles != nil || two[i].CorpusRoles == nil || one[i].AgentRoles != nil || two[i].AgentRoles == nil || one[i].UpdatedAt != nil {
			t.Errorf("user %d: a field that only one version has: %+v and %+v", i, one[i], two[i])
		}
		if "usr_"+*one[i].ID != *two[i].ID || roles[one[i].Roles[0]] != two[i].Roles[0] {
			t.Errorf("user %d: the ID or the role: %+v and %+v", i, one[i], two[i])
		}
		a, b := one[i], two[i]
		for _, u := range []*vectara.User{&a, &b} {
			u.ID, u.Roles, u.Type, u.IDCreate, u.CorpusRoles, u.AgentRoles, u.UpdatedAt = nil, nil, nil, nil, nil, nil, nil
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("user %d: %+v and %+v", i, a, b)
		}
	}
}

// Two responses that differ only in orders without a meaning have the same result.
func TestOrdersWithoutMeaning(t *testing.T) {
	t.Parallel()
	for name, bodies := range map[string][2]string{
		"users without an ID":        {`{"id": "a"}, {"username": "u", "description": "1"}, {"username": "u", "description": "2"}`, `{"username": "u", "description": "2"}, {"username": "u", "description": "1"}, {"id": "a"}`},
		"users with an empty ID":     {`{"id": "", "email": "1"}, {"id": "", "email": "2"}`, `{"id": "", "email": "2"}, {"id": "", "email": "1"}`},
		"account-level roles":        {`{"api_roles": ["a", "b"]}`, `{"api_roles": ["b", "a"]}`},
		"corpora":                    {`{"corpus_roles": [{"corpus_key": "a", "role": "r"}, {"corpus_key": "b"}]}`, `{"corpus_roles": [{"corpus_key": "b"}, {"corpus_key": "a", "role": "r"}]}`},
		"roles on a corpus":          {`{"corpus_roles": [{"corpus_key": "a", "role": "r"}, {"corpus_key": "a", "role": "s"}]}`, `{"corpus_roles": [{"corpus_key": "a", "role": "s"}, {"corpus_key": "a", "role": "r"}]}`},
		"agents":                     {`{"agent_roles": [{"agent_key": "a", "role": "r"}, {"agent_key": "b"}]}`, `{"agent_roles": [{"agent_key": "b"}, {"agent_key": "a", "role": "r"}]}`},
		"roles on an agent":          {`{"agent_roles": [{"agent_key": "a", "role": "r"}, {"agent_key": "a", "role": "s"}]}`, `{"agent_roles": [{"agent_key": "a", "role": "s"}, {"agent_key": "a", "role": "r"}]}`},
		"resources of an operation":  {`{"api_policy": {"allowed_operations": {"o": {"allowed_resources": {"p": ["a", "b"]}}, "any": null}}}`, `{"api_policy": {"allowed_operations": {"any": null, "o": {"allowed_resources": {"p": ["b", "a"]}}}}}`},
		"an app client of two lists": {`{"id": "app_1", "api_roles": ["b", "a"]}`, `{"id": "app_1", "api_roles": ["a", "b"]}`},
		"users without an ID, roles": {`{"email": "e", "api_roles": ["a"]}, {"email": "e", "api_roles": ["b"]}`, `{"email": "e", "api_roles": ["b"]}, {"email": "e", "api_roles": ["a"]}`},
		"users without an ID, keys":  {`{"corpus_roles": [{"corpus_key": "a"}]}, {"agent_roles": [{"agent_key": "a"}]}`, `{"agent_roles": [{"agent_key": "a"}]}, {"corpus_roles": [{"corpus_key": "a"}]}`},
		"a missing and an empty key": {`{"corpus_roles": [{"corpus_key": ""}, {}]}`, `{"corpus_roles": [{}, {"corpus_key": ""}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var results [2]vectara.Listing
			for i, body := range bodies {
				fake := vectaratest.New(customerID, token)
				fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
					fmt.Fprintf(w, `{"users": [%s], "app_clients": [{"id": "app_1", "api_roles": ["c"]}]}`, body)
					return true
				}
				var err error
				if results[i], err = newV2Client(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V2, AppClients: true}); err != nil {
					t.Fatal(err)
				}
			}
			if !reflect.DeepEqual(results[0], results[1]) {
				t.Errorf("the results differ: %+v and %+v", results[0], results[1])
			}
		})
	}
}

// A filter may have a role of the other version only if both versions have the role.
func TestRolesOfVersions(t *testing.T) {
	t.Parallel()
	var got []string
	for _, role := range slices.Concat(vectara.RolesV1, vectara.RolesV2, []string{"new"}) {
		got = append(got, fmt.Sprintf("%s %t %t", role, vectara.HasRole(vectara.V1, role), vectara.HasRole(vectara.V2, role)))
	}
	want := []string{
		"CustomerRole_Owner true true", "CustomerRole_Admin true true", "CustomerRole_Billing_Admin true true", "CustomerRole_Corpus_Admin true true",
		"CustomerRole_None true false",
		"owner true true", "administrator true true", "billing_administrator true true", "corpus_administrator true true",
		"corpus_developer false true", "corpus_viewer false true", "viewer false true", "agent_administrator false true", "agent_developer false true",
		"agent_viewer false true", "agent_user false true", "pipeline_administrator false true", "pipeline_viewer false true",
		"new true true",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
