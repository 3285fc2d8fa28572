package vectara_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// account returns the users of an account with people and app clients.
func account(people, clients int) []vectaratest.User {
	var users []vectaratest.User
	for i := range people + clients {
		user := vectaratest.User{ID: uint32(i + 100), Handle: fmt.Sprint("name-", i), Roles: []string{"CustomerRole_Admin"}}
		if i >= people {
			user.Type = vectaratest.TypeAppClient
		}
		users = append(users, user)
	}
	return users
}

// The result has the same app clients with either version. It has no app clients if the query excludes them.
func TestAppClients(t *testing.T) {
	t.Parallel()
	key := ""
	for name, test := range map[string]struct {
		query vectara.Query
		among bool // v2 also lists app clients with the users
		want  int
		v1    bool // the query is valid for v1
	}{
		"all":                                {query: vectara.Query{AppClients: true}, want: 17, v1: true},
		"all, in small pages":                {query: vectara.Query{AppClients: true, NumResults: 3}, want: 17, v1: true},
		"without app clients":                {query: vectara.Query{}, want: 12, v1: true},
		"also among the users":               {query: vectara.Query{AppClients: true, NumResults: 3}, among: true, want: 17},
		"excluded, although among the users": {query: vectara.Query{}, among: true, want: 12},
		"one page":                           {query: vectara.Query{AppClients: true, PageKey: &key}, want: 12},
		"one page without app clients":       {query: vectara.Query{PageKey: &key}, among: true, want: 12},
		"the users of a corpus":              {query: vectara.Query{AppClients: true, CorpusKey: "handbook"}, want: 12},
		"one page, also among the users":     {query: vectara.Query{AppClients: true, PageKey: &key}, among: true, want: 17},
	} {
		for _, version := range []string{vectara.V1, vectara.V2} {
			if version == vectara.V1 && !test.v1 {
				continue
			}
			client, _ := newFakeClient(t, func(f *vectaratest.Fake, _ *vectara.Config) {
				f.SetUsers(account(12, 5))
				f.AppClientsAmongUsers, f.Corpora = test.among, []string{"handbook"}
			})
			query := test.query
			query.Version, query.CustomerID = version, customerID
			got, err := client.Users(t.Context(), query)
			clients := 0
			for _, user := range got.Users {
				if user.AppClient != (user.Type != nil && *user.Type == vectaratest.TypeAppClient) || !slices.Equal(user.APIRoles(), []string{"administrator"}) {
					t.Errorf("%s, %s: got %+v", name, version, user)
				}
				if user.AppClient {
					clients++
				}
			}
			if err != nil || len(got.Users) != test.want || clients != max(0, test.want-12) {
				t.Errorf("%s, %s: %d users, %d of them app clients, and %v; want %d", name, version, len(got.Users), clients, err, test.want)
			}
			if version == vectara.V2 && len(got.Users) == 17 && !slices.ContainsFunc(got.Users, func(u vectara.User) bool { return *u.ID == "app_115" && *u.Handle == "name-15" }) {
				t.Errorf("%s: there is no app_115 in %v", name, ids(got.Users))
			}
		}
	}
}

// If the listing of the users or of the app clients fails, the result has no users, and the error names the listing.
func TestAppClientsFail(t *testing.T) {
	t.Parallel()
	of := func(path string, respond func(w http.ResponseWriter)) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.URL.Path != path {
				return false
			}
			respond(w)
			return true
		}
	}
	for name, test := range map[string]struct {
		change    func(*vectaratest.Fake)
		err       string
		ofClients bool
	}{
		"denied": {change: func(f *vectaratest.Fake) { f.DenyAppClients = true }, err: "the app clients of the Vectara account, page 1: GET", ofClients: true},
		"the users denied": {change: func(f *vectaratest.Fake) {
			f.Intercept = of("/v2/users", func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) })
		}, err: "the users of the Vectara account, page 1: GET"},
		"both denied": {change: func(f *vectaratest.Fake) {
			f.DenyAppClients = true
			f.Intercept = of("/v2/users", func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) })
		}, err: "the users of the Vectara account, page 1: GET"},
		"another shape": {change: func(f *vectaratest.Fake) {
			f.Intercept = of("/v2/app_clients", func(w http.ResponseWriter) {
				fmt.Fprint(w, `{"users": [], "client_secret": "s3cret-of-another"}`)
			})
		}, err: `no list "app_clients"`, ofClients: true},
		"HTML": {change: func(f *vectaratest.Fake) {
			f.Intercept = of("/v2/app_clients", func(w http.ResponseWriter) { fmt.Fprint(w, `<html>s3cret-of-another`) })
		}, err: `the response is not JSON`, ofClients: true},
		"an endless listing": {change: func(f *vectaratest.Fake) {
			f.Intercept = of("/v2/app_clients", func(w http.ResponseWriter) {
				fmt.Fprint(w, `{"app_clients": [], "metadata": {"page_key": "again"}}`)
			})
		}, err: `the listing would never end`, ofClients: true},
		"the client's own secret as a name": {change: func(f *vectaratest.Fake) {
			f.SetUsers([]vectaratest.User{{ID: 1, Type: vectaratest.TypeAppClient, Handle: "is " + clientSecret}})
		}, err: "the response repeats the credential", ofClients: true},
		// The log would contain the key, in the path of the next request.
		"the client's own secret as the next page key": {change: func(f *vectaratest.Fake) {
			f.Intercept = of("/v2/app_clients", func(w http.ResponseWriter) {
				fmt.Fprintf(w, `{"app_clients": [{"id": "app_1"}], "metadata": {"page_key": %q}}`, clientSecret)
			})
		}, err: "the response repeats the credential", ofClients: true},
	} {
		client, _ := newFakeClient(t, func(f *vectaratest.Fake, _ *vectara.Config) {
			f.SetUsers(account(12, 5))
			test.change(f)
		})
		got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V2, AppClients: true})
		if _, ok := errors.AsType[*rest.Error](err); !ok || !strings.Contains(err.Error(), test.err) || got.Users != nil || vectara.OfAppClients(err) != test.ofClients {
			t.Errorf("%s: got %v and %v, want an error with %q", name, ids(got.Users), err, test.err)
		}
		if strings.Contains(fmt.Sprintf("%+v", err), "s3cret") || strings.Contains(fmt.Sprintf("%+v", err), vectaratest.SecretPrefix) {
			t.Errorf("%s: a secret is in %v", name, err)
		}
	}
}

// The client accepts a response with the secret of its own app client. The result contains no secret.
func TestAppClientSecrets(t *testing.T) {
	t.Parallel()
	client, _ := newFakeClient(t, func(f *vectaratest.Fake, _ *vectara.Config) {
		users := account(2, 3)
		users[2].ClientID, users[2].ClientSecret = clientID, clientSecret
		f.SetUsers(users)
	})
	got, err := client.Users(t.Context(), vectara.Query{Version: vectara.V2, AppClients: true})
	if err != nil || len(got.Users) != 5 {
		t.Fatalf("%d users and %v", len(got.Users), err)
	}
	var all strings.Builder
	for _, user := range got.Users {
		for _, text := range []*string{user.ID, user.Handle, user.Email, user.Comment} {
			if text != nil {
				all.WriteString(*text + "\n")
			}
		}
		fmt.Fprintf(&all, "%+v %+v", user, user.Entitlements())
	}
	for _, secret := range []string{clientSecret, vectaratest.SecretPrefix, clientID} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%s is in %s", secret, &all)
		}
	}
}

// The users and the app clients may both be large listings, since the listings of one call share its lease.
func TestTwoLargeListings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, number, next := "users", 1, "2"
		if strings.HasSuffix(r.URL.Path, "/app_clients") {
			name = "app_clients"
		}
		if r.URL.Query().Get("page_key") != "" {
			number, next = 2, ""
		}
		fmt.Fprintf(w, `{"%s": [{"id": "%[1]s-%d", "description": "%s"}], "metadata": {"page_key": "%s"}}`, name, number, long, next)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := vectara.New(vectara.Config{BaseURL: server.URL, APIKey: "some-api-key"})
	got, err := client.Users(ctx, vectara.Query{Version: vectara.V2, AppClients: true})
	if err != nil || len(got.Users) != 4 {
		t.Errorf("got %d users and %v, want 4", len(got.Users), err)
	}
}
