package openlayer_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

func lastSeen(id, last string) openlayer.User {
	return openlayer.User{ID: id, DateOfLastRecord: &last}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	users := []openlayer.User{
		lastSeen("test-1", "2026-01-01T00:00:00Z"),
		lastSeen("ada", "2026-02-01T01:00:00+01:00"), // 2026-02-01T00:00:00Z
		lastSeen("Ada", "2026-03-01T00:00:00.5Z"),
	}
	undated := append(slices.Clone(users), openlayer.User{ID: "undated"}, lastSeen("odd", "yesterday"))
	for name, test := range map[string]struct {
		users    []openlayer.User
		criteria openlayer.Criteria
		want     []string
		err      string
	}{
		"nothing asked":             {users: undated, want: []string{"test-1", "ada", "Ada", "undated", "odd"}},
		"ids":                       {users: undated, criteria: openlayer.Criteria{IDs: []string{"ada", "nobody"}}, want: []string{"ada"}},
		"no ids":                    {users: users, criteria: openlayer.Criteria{IDs: []string{}}, want: []string{}},
		"a pattern":                 {users: users, criteria: openlayer.Criteria{IDPattern: regexp.MustCompile("da$")}, want: []string{"ada", "Ada"}},
		"active since, at the time": {users: users, criteria: openlayer.Criteria{ActiveSince: at("2026-02-01T00:00:00Z")}, want: []string{"ada", "Ada"}},
		"inactive since, before":    {users: users, criteria: openlayer.Criteria{InactiveSince: at("2026-02-01T00:00:00Z")}, want: []string{"test-1"}},
		"between":                   {users: users, criteria: openlayer.Criteria{ActiveSince: at("2026-01-15T00:00:00Z"), InactiveSince: at("2026-03-01T00:00:00Z")}, want: []string{"ada"}},
		"all at once":               {users: users, criteria: openlayer.Criteria{IDs: []string{"ada", "Ada"}, IDPattern: regexp.MustCompile("^A"), ActiveSince: at("2026-01-15T00:00:00Z")}, want: []string{"Ada"}},
		"no date":                   {users: undated[:4], criteria: openlayer.Criteria{ActiveSince: at("2026-01-01T00:00:00Z")}, err: `the last record of user "undated" has no date`},
		"an odd date":               {users: undated[4:], criteria: openlayer.Criteria{InactiveSince: at("2026-01-01T00:00:00Z")}, err: `has the date "yesterday"`},
		"no date, and not asked":    {users: undated, criteria: openlayer.Criteria{IDs: []string{"ada"}, ActiveSince: at("2026-01-01T00:00:00Z")}, want: []string{"ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := openlayer.Select(test.users, test.criteria)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || got != nil {
					t.Errorf("got %v and %v, want an error with %q", ids(got), err, test.err)
				}
				return
			}
			if err != nil || !slices.Equal(ids(got), test.want) || got == nil {
				t.Errorf("got %v and %v, want %v", ids(got), err, test.want)
			}
		})
	}
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	user := func(first, last string, sessions int64, cost json.Number) openlayer.User {
		return openlayer.User{DateOfFirstRecord: &first, DateOfLastRecord: &last, Sessions: &sessions, Records: &sessions, Tokens: &cost, Cost: &cost}
	}
	a := user("2026-01-02T00:00:00Z", "2026-01-03T00:00:00+02:00", 1, "0.1")
	b := user("2026-01-02T00:00:00+01:00", "2026-01-02T23:00:00Z", 9223372036854775807, "0.2")
	c := user("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", 2, "1e-7")
	for name, test := range map[string]struct {
		users []openlayer.User
		want  string // sessions, cost, first, last
	}{
		"nobody":          {want: "0 0 none none"},
		"one":             {users: []openlayer.User{a}, want: "1 0.1 2026-01-02T00:00:00Z 2026-01-03T00:00:00+02:00"},
		"exactly":         {users: []openlayer.User{a, b, c}, want: "9223372036854775810 0.3000001 2026-01-02T00:00:00+01:00 2026-01-06T00:00:00Z"},
		"not all known":   {users: []openlayer.User{a, {}}, want: "none none none none"},
		"an odd date":     {users: []openlayer.User{a, user("x", "y", 1, "1")}, want: "2 1.1 none none"},
		"times, not text": {users: []openlayer.User{a, b}, want: "9223372036854775808 0.3 2026-01-02T00:00:00+01:00 2026-01-02T23:00:00Z"},
	} {
		s := openlayer.Summarize(test.users)
		text := func(known bool, value func() string) string {
			if !known {
				return "none"
			}
			return value()
		}
		got := fmt.Sprint(
			text(s.Sessions != nil, func() string { return s.Sessions.String() }), " ",
			text(s.Cost != nil, func() string { return s.Cost.String() }), " ",
			text(s.DateOfFirstRecord != nil, func() string { return *s.DateOfFirstRecord }), " ",
			text(s.DateOfLastRecord != nil, func() string { return *s.DateOfLastRecord }))
		if got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
		if (s.Records == nil) != (s.Sessions == nil) || (s.Tokens == nil) != (s.Cost == nil) || s.Tokens != nil && s.Tokens.String() != s.Cost.String() || s.Records != nil && s.Records.String() != s.Sessions.String() {
			t.Errorf("%s: records and tokens: %v, %v", name, s.Records, s.Tokens)
		}
	}
}

// The sum is what adding up one decimal after the other gives, in digits.
func TestSumIsExact(t *testing.T) {
	t.Parallel()
	some := []json.Number{"0", "-0", "0.1", "0.2", "-0.3", "1e-7", "1E3", "1.5e300", "-1.5e-300", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
		"922337203685477.5807", "-922337203685477.5808", "0.000000000000001", "0.0000000000000001", "0.12345678901234567890", "12345678901234567890.5", "1.50"}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		var want, wantWhole decimal.Decimal
		users := make([]openlayer.User, r.IntN(50))
		for i := range users {
			cost, sessions := some[r.IntN(len(some))], int64(r.Uint64())
			users[i].Cost, users[i].Sessions = &cost, &sessions
			want = want.Add(decimal.RequireFromString(cost.String()))
			wantWhole = wantWhole.Add(decimal.NewFromInt(sessions))
		}
		if got := openlayer.Summarize(users); got.Cost.String() != want.String() || got.Sessions.String() != wantWhole.String() {
			t.Errorf("seed %d: got %s and %s, want %s and %s", seed, got.Cost, got.Sessions, want, wantWhole)
		}
	}
	bad := json.Number("x")
	if got := openlayer.Summarize([]openlayer.User{{Cost: &bad}}); got.Cost != nil {
		t.Errorf("what is no number adds up to %s", got.Cost)
	}
}
