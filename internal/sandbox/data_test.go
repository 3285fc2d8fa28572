package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// count returns the number of elements for which is returns true.
func count[T any](list []T, is func(T) bool) int {
	n := 0
	for _, v := range list {
		if is(v) {
			n++
		}
	}
	return n
}

func TestBotUsers(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 5, 6, 60, 420} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%d users, seed %d", n, seed), func(t *testing.T) {
				t.Parallel()
				checkBotUsers(t, botUsers(n, seed, now), n)
			})
		}
	}
}

func checkBotUsers(t *testing.T, users []openlayertest.User, n int) {
	t.Helper()
	if len(users) != n {
		t.Fatalf("%d users, want %d", len(users), n)
	}
	costly := count(users, func(u openlayertest.User) bool { return u.Cost > 100 })
	moderate := count(users, func(u openlayertest.User) bool { return u.Cost < 40 })
	if costly != min(n, 2) || costly+moderate != n {
		t.Errorf("%d users cost over 100 and %d under 40", costly, moderate)
	}
	dormant := count(users, func(u openlayertest.User) bool { return u.LastRecord.Before(now.Add(-dormantAfter)) })
	active := count(users, func(u openlayertest.User) bool { return u.LastRecord.After(now.Add(-activeWithin - time.Second)) })
	if want := min(max(n-2, 0), max(3, n/60)); dormant != want || dormant+active != n {
		t.Errorf("%d users are dormant and %d active, want %d dormant and no other", dormant, active, want)
	}

	ids := make(map[string]bool)
	rows := make(map[int64]bool)
	addresses := 0
	for _, u := range users {
		ids[u.ID] = true
		if strings.Contains(u.ID, "@") {
			addresses++
		}
		for _, row := range u.RowIDs {
			rows[row] = true
		}
		perMillion := u.Cost / u.Tokens * 1e6
		switch {
		case u.FirstRecord.After(u.LastRecord), u.LastRecord.After(now):
			t.Errorf("records out of order: %+v", u.ID)
		case u.Sessions < 1, u.Records < u.Sessions, u.Records != int64(len(u.RowIDs)):
			t.Errorf("%s has %d sessions, %d records and %d rows", u.ID, u.Sessions, u.Records, len(u.RowIDs))
		case perMillion < 4.9, perMillion > 7.1:
			t.Errorf("%s pays %v for a million tokens", u.ID, perMillion)
		}
	}
	total := 0
	for _, u := range users {
		total += len(u.RowIDs)
	}
	if len(ids) != n || len(rows) != total {
		t.Errorf("%d different ids of %d users, %d different ids of %d rows", len(ids), n, len(rows), total)
	}
	recent := count(users, func(u openlayertest.User) bool {
		return strings.HasSuffix(u.ID, "@northwind.example") && u.LastRecord.After(now.Add(-14*day))
	})
	if n >= 60 && recent != len(staff) {
		t.Errorf("%d of %d colleagues used the bot in the last 14 days", recent, len(staff))
	}
	if n >= 420 && (addresses == 0 || addresses > n/4) {
		t.Errorf("%d ids are addresses", addresses)
	}
}

func TestTeamMembers(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 5, 6, 7, 13, 15, 20, 36, 1000} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%d members, seed %d", n, seed), func(t *testing.T) {
				t.Parallel()
				checkTeamMembers(t, teamMembers(n, seed, now), n)
			})
		}
	}
}

func checkTeamMembers(t *testing.T, members []vectaratest.User, n int) {
	t.Helper()
	if len(members) != n {
		t.Fatalf("%d members, want %d", len(members), n)
	}
	if n >= 6 {
		for what, found := range map[string]struct{ got, want int }{
			"owners": {count(members, func(u vectaratest.User) bool { return slices.Contains(u.Roles, "CustomerRole_Owner") }), 2},
			"foreign administrators": {count(members, func(u vectaratest.User) bool {
				return slices.Contains(u.Roles, "CustomerRole_Admin") && strings.HasSuffix(u.Email, "@freelance.example")
			}), 1},
			"disabled with a role": {count(members, func(u vectaratest.User) bool { return u.UserStatus == "USER_STATUS__DISABLED" && len(u.Roles) > 0 }), 2},
			"clients without a status or a role": {count(members, func(u vectaratest.User) bool {
				return u.Type == "USER_TYPE__APP_CLIENT" && u.UserStatus == "USER_STATUS__NONE" && len(u.Roles) == 0 && u.Handle == "support-bot"
			}), 1},
		} {
			if found.got != found.want {
				t.Errorf("%s: %d, want %d", what, found.got, found.want)
			}
		}
	}
	checkMissedByAudits(t, members, n)
	if n >= 36 {
		if federated := count(members, func(u vectaratest.User) bool { return u.Type == "USER_TYPE__FEDERATED_USER" }); federated != 1 {
			t.Errorf("%d federated users, want 1", federated)
		}
		for _, role := range []string{"CustomerRole_Admin", "CustomerRole_Billing_Admin", "CustomerRole_Corpus_Admin"} {
			if !slices.ContainsFunc(members, func(u vectaratest.User) bool {
				return u.UserStatus == "USER_STATUS__ACTIVE" && slices.Contains(u.Roles, role)
			}) {
				t.Errorf("no active member is a %s", role)
			}
		}
	}

	checkAccess(t, members, n)

	handles := make(map[string]bool)
	for i, u := range members {
		handles[u.Handle] = true
		if u.IDCreate != members[0].ID || u.TsCreate > now.Unix() {
			t.Errorf("created by %d at %d: %+v", u.IDCreate, u.TsCreate, u)
		}
		if i > 0 && (u.ID <= members[i-1].ID || u.TsCreate < members[i-1].TsCreate) {
			t.Errorf("id or time of creation does not ascend: %+v", u)
		}
	}
	if len(handles) != n {
		t.Errorf("%d handles of %d members", len(handles), n)
	}
}

// checkMissedByAudits checks members 16 to 20. Each has a problem that no other member has.
func checkMissedByAudits(t *testing.T, members []vectaratest.User, n int) {
	t.Helper()
	for place, kind := range []struct {
		name string
		is   func(vectaratest.User) bool
	}{
		{"an app client that is an administrator", func(u vectaratest.User) bool {
			return u.Type == "USER_TYPE__APP_CLIENT" && slices.Equal(u.Roles, []string{"CustomerRole_Admin"}) && u.Email == "" &&
				u.ClientID == vectaraClientID && u.ClientSecret == vectaraClientSecret
		}},
		{"a user with an API policy", func(u vectaratest.User) bool {
			return u.APIPolicy != nil && u.APIPolicy.Name != "" && len(u.APIPolicy.AllowedOperations) == 3 &&
				u.UserStatus == "USER_STATUS__ACTIVE" && len(u.Roles) == 0 && strings.HasSuffix(u.Email, "@northwind.example")
		}},
		{"a disabled administrator of a corpus", func(u vectaratest.User) bool {
			return u.UserStatus == "USER_STATUS__DISABLED" && len(u.Roles) == 0 && slices.Equal(u.CorpusRoles, []vectaratest.CorpusRole{{CorpusKey: "contracts", Role: "administrator"}})
		}},
		{"an outsider who is only the administrator of an agent", func(u vectaratest.User) bool {
			return strings.HasSuffix(u.Email, "@agency.example") && len(u.Roles)+len(u.APIRoles)+len(u.CorpusRoles) == 0 &&
				slices.Equal(u.AgentRoles, []vectaratest.AgentRole{{AgentKey: "returns-desk", Role: "agent_administrator"}})
		}},
		{"a domain that looks like the company's", func(u vectaratest.User) bool {
			return strings.HasSuffix(u.Email, "@northwİnd.example") && len(u.Roles) > 0
		}},
	} {
		want := 0
		if n > 15+place {
			want = 1
		}
		if got := count(members, kind.is); got != want {
			t.Errorf("%s: %d, want %d", kind.name, got, want)
		}
	}
	// Members 3, 19 and 20 have an address at another domain.
	outsiders := count(members, func(u vectaratest.User) bool {
		return u.Email != "" && !strings.HasSuffix(u.Email, "@northwind.example")
	})
	want := 0
	for _, from := range []int{3, 19, 20} {
		if n >= from {
			want++
		}
	}
	if outsiders != want {
		t.Errorf("%d foreign addresses, want %d", outsiders, want)
	}
	clients := count(members, func(u vectaratest.User) bool { return u.Type == "USER_TYPE__APP_CLIENT" })
	policies := count(members, func(u vectaratest.User) bool { return u.APIPolicy != nil })
	if clients > 3 || policies > 1 {
		t.Errorf("%d app clients and %d API policies", clients, policies)
	}
}

// checkAccess checks the fields that only v2 has.
func checkAccess(t *testing.T, members []vectaratest.User, n int) {
	t.Helper()
	keys, leftovers := make(map[string]bool), 0
	for _, u := range members {
		if u.UpdatedAt.Unix() < u.TsCreate || u.UpdatedAt.After(now) {
			t.Errorf("changed at %v: %+v", u.UpdatedAt, u)
		}
		held := make(map[string]bool)
		for _, role := range u.CorpusRoles {
			held[role.CorpusKey], keys[role.CorpusKey] = true, true
			if !slices.Contains(corpora, role.CorpusKey) || !slices.Contains([]string{"viewer", "editor", "administrator"}, role.Role) {
				t.Errorf("an unknown corpus or role: %+v", role)
			}
		}
		for _, role := range u.AgentRoles {
			keys[role.AgentKey] = true
		}
		access := len(u.CorpusRoles) + len(u.AgentRoles) + len(u.APIRoles)
		switch {
		case len(held) != len(u.CorpusRoles):
			t.Errorf("two roles in one corpus: %+v", u)
		case u.UserStatus == "USER_STATUS__DISABLED", len(u.Roles) > 0:
			if access > 0 {
				leftovers++
			}
		case len(u.CorpusRoles) == 0 && !strings.HasSuffix(u.Email, "@agency.example"):
			t.Errorf("has access to no corpus: %+v", u)
		}
	}
	if want := min(1, max(0, n-17)); leftovers != want {
		t.Errorf("%d members who are disabled or have Roles also have CorpusRoles, AgentRoles or APIRoles, want %d", leftovers, want)
	}
	if want := len(corpora) + len(agents); n >= 36 && len(keys) != want {
		t.Errorf("the members have roles in %v, want roles in all %d corpora and agents", keys, want)
	}
}

// On another day, only the dates of the data differ.
func TestDataDependsOnSeedAlone(t *testing.T) {
	t.Parallel()
	later := now.Add(365 * day)
	moveBot := func(users []openlayertest.User) []openlayertest.User {
		for i := range users {
			users[i].FirstRecord = users[i].FirstRecord.Add(-365 * day)
			users[i].LastRecord = users[i].LastRecord.Add(-365 * day)
		}
		return users
	}
	if !reflect.DeepEqual(botUsers(100, 7, now), moveBot(botUsers(100, 7, later))) {
		t.Error("the same seed gives different bot users")
	}
	if reflect.DeepEqual(botUsers(100, 7, now), botUsers(100, 8, now)) {
		t.Error("different seeds give the same bot users")
	}

	moveTeam := func(members []vectaratest.User) []vectaratest.User {
		for i := range members {
			members[i].TsCreate -= int64(365 * day / time.Second)
			members[i].UpdatedAt = members[i].UpdatedAt.Add(-365 * day)
		}
		return members
	}
	if !reflect.DeepEqual(teamMembers(36, 7, now), moveTeam(teamMembers(36, 7, later))) {
		t.Error("the same seed gives different teams")
	}
	if reflect.DeepEqual(teamMembers(36, 7, now), teamMembers(36, 8, now)) {
		t.Error("different seeds give the same team")
	}
}

// Exactly one address is in both listings, for configurations that join them.
func TestMemberAmongBotUsers(t *testing.T) {
	t.Parallel()
	o, err := parseOptions(nil, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	members := teamMembers(o.team, o.seed, o.now)
	both := count(botUsers(o.users, o.seed, o.now), func(u openlayertest.User) bool {
		return count(members, func(m vectaratest.User) bool { return m.Email == u.ID }) > 0
	})
	if both != 1 {
		t.Errorf("%d addresses are in both listings, want 1", both)
	}
}
