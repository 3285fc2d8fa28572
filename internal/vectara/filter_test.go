package vectara_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

func member(id, email, status, kind string, roles ...string) vectara.User {
	set := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	return vectara.User{ID: &id, Email: set(email), UserStatus: set(status), Type: set(kind), Roles: roles}
}

var auditTeam = []vectara.User{
	member("1", "Ada@Northwind.example", "ACTIVE", "USER", "Owner", "Admin", "Admin"),
	member("2", "bo@northwind.example", "DISABLED", "USER", "Admin"),
	member("3", "cy@elsewhere.example", "ACTIVE", "FEDERATED"),
	member("4", "", "", ""),
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		filter vectara.Filter
		want   []string
	}{
		"no filter":                      {want: []string{"1", "2", "3", "4"}},
		"a role":                         {filter: vectara.Filter{Roles: []string{"Owner"}}, want: []string{"1"}},
		"one of two roles":               {filter: vectara.Filter{Roles: []string{"Owner", "Admin"}}, want: []string{"1", "2"}},
		"a role in another case":         {filter: vectara.Filter{Roles: []string{"owner"}}, want: []string{}},
		"no roles":                       {filter: vectara.Filter{Roles: []string{}}, want: []string{}},
		"statuses":                       {filter: vectara.Filter{Statuses: []string{"ACTIVE"}}, want: []string{"1", "3"}},
		"types":                          {filter: vectara.Filter{Types: []string{"FEDERATED", "x"}}, want: []string{"3"}},
		"an address in another case":     {filter: vectara.Filter{Emails: []string{"ADA@northwind.EXAMPLE"}}, want: []string{"1"}},
		"an address, other i":            {filter: vectara.Filter{Emails: []string{"ada@northw\u0130nd.example", "ada@northw\u0131nd.example"}}, want: []string{}},
		"a pattern":                      {filter: vectara.Filter{EmailPattern: regexp.MustCompile(`(?i)@northwind\.example$`)}, want: []string{"1", "2"}},
		"a pattern for an empty address": {filter: vectara.Filter{EmailPattern: regexp.MustCompile(`^$`)}, want: []string{"4"}},
		"all at once":                    {filter: vectara.Filter{Roles: []string{"Admin"}, Statuses: []string{"DISABLED"}, Types: []string{"USER"}, Emails: []string{"bo@northwind.example"}, EmailPattern: regexp.MustCompile("bo")}, want: []string{"2"}},
		"all but one":                    {filter: vectara.Filter{Roles: []string{"Admin"}, Statuses: []string{"DISABLED"}, Types: []string{"FEDERATED"}}, want: []string{}},
	} {
		if got, err := test.filter.Apply(t.Context(), auditTeam); err != nil || !slices.Equal(ids(got), test.want) || got == nil {
			t.Errorf("%s: got %v and %v, want %v", name, ids(got), err, test.want)
		}
	}
}

// Only ASCII letters match in upper and lower case, so that an address does not match an address of another domain.
func TestFilterFoldsASCII(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ada@northwİnd.example", "ada@northwınd.example", "ada@northwind.ex\u212aample", "ada@northwind.example\u017f"} {
		fake := vectaratest.New(customerID, token)
		fake.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			fmt.Fprintf(w, `{"users": [{"email": %q}]}`, address)
			return true
		}
		listing, err := newV2Client(t, fake).Users(t.Context(), vectara.Query{Version: vectara.V2})
		if err != nil {
			t.Fatal(err)
		}
		team := listing.Users
		plain := strings.NewReplacer("İ", "i", "ı", "i", "\u212a", "k", "\u017f", "s").Replace(address)
		for name, filter := range map[string]vectara.Filter{
			"emails": {Emails: []string{plain}}, "pattern": {EmailPattern: regexp.MustCompile("(?i)^" + regexp.QuoteMeta(plain) + "$")},
		} {
			if got, err := filter.Apply(t.Context(), team); err != nil || len(got) > 0 {
				t.Errorf("%s: %s matches %s", name, address, plain)
			}
		}
		if got, err := (vectara.Filter{Emails: []string{*team[0].Email}}).Apply(t.Context(), team); err != nil || len(got) != 1 {
			t.Errorf("%s does not match itself", address)
		}
	}
}

// Filters with very many addresses or roles stay fast.
func TestFilterOfMany(t *testing.T) {
	t.Parallel()
	many := make([]string, 300_000)
	for i := range many {
		many[i] = fmt.Sprintf("name-%d@northwind.example", i)
	}
	last := many[len(many)-1]
	team := slices.Repeat([]vectara.User{member("1", last, "", "", last)}, 100_000)
	for name, filter := range map[string]vectara.Filter{"emails": {Emails: many}, "roles": {Roles: many}} {
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second) // too short to compare each user with all addresses
		if got, err := filter.Apply(ctx, team); err != nil || len(got) != len(team) {
			t.Errorf("%s: got %d users and %v, want %d users in time", name, len(got), err, len(team))
		}
		cancel()
	}
}

func TestFilterEnabled(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	team := []vectara.User{member("1", "", "", ""), member("2", "", "", ""), member("3", "", "", "")}
	team[0].Enabled, team[1].Enabled = &yes, &no
	for want, filter := range map[string]vectara.Filter{"1": {Enabled: &yes}, "2": {Enabled: &no}} {
		if got, err := filter.Apply(t.Context(), team); err != nil || !slices.Equal(ids(got), []string{want}) {
			t.Errorf("got %v and %v, want %s", ids(got), err, want)
		}
	}
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	want := vectara.Summary{
		WithoutRole: 2,
		Privileged:  2,
		ByRole:      map[string]int64{"Owner": 1, "Admin": 2},
		ByStatus:    map[string]int64{"ACTIVE": 2, "DISABLED": 1},
		ByType:      map[string]int64{"USER": 2, "FEDERATED": 1},
	}
	if got := vectara.Summarize(auditTeam); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	none := map[string]int64{}
	if got := vectara.Summarize(nil); !reflect.DeepEqual(got, vectara.Summary{ByRole: none, ByStatus: none, ByType: none}) {
		t.Errorf("of no users: %v", got)
	}
}
