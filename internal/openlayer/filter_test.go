package openlayer_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

func lastSeen(id, last string) openlayer.User {
	return openlayer.User{ID: id, DateOfLastRecord: last}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	at := func(text string) *time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &at
	}
	users := []openlayer.User{
		lastSeen("test-1", "2026-01-01T00:00:00Z"),
		lastSeen("ada", "2026-02-01T01:00:00+01:00"), // 2026-02-01T00:00:00Z
		lastSeen("Ada", "2026-03-01T00:00:00.5Z"),
	}
	undated := append(slices.Clone(users), openlayer.User{ID: "undated"}, lastSeen("odd", "yesterday"))
	for name, test := range map[string]struct {
		users  []openlayer.User
		filter openlayer.Filter
		want   []string
		err    string
	}{
		"no filter":                 {users: undated, want: []string{"test-1", "ada", "Ada", "undated", "odd"}},
		"ids":                       {users: undated, filter: openlayer.Filter{IDs: []string{"ada", "other"}}, want: []string{"ada"}},
		"no ids":                    {users: users, filter: openlayer.Filter{IDs: []string{}}, want: []string{}},
		"a pattern":                 {users: users, filter: openlayer.Filter{IDPattern: regexp.MustCompile("da$")}, want: []string{"ada", "Ada"}},
		"active since, at the time": {users: users, filter: openlayer.Filter{ActiveSince: at("2026-02-01T00:00:00Z")}, want: []string{"ada", "Ada"}},
		"inactive since, before":    {users: users, filter: openlayer.Filter{InactiveSince: at("2026-02-01T00:00:00Z")}, want: []string{"test-1"}},
		"between":                   {users: users, filter: openlayer.Filter{ActiveSince: at("2026-01-15T00:00:00Z"), InactiveSince: at("2026-03-01T00:00:00Z")}, want: []string{"ada"}},
		"all at once":               {users: users, filter: openlayer.Filter{IDs: []string{"ada", "Ada"}, IDPattern: regexp.MustCompile("^A"), ActiveSince: at("2026-01-15T00:00:00Z")}, want: []string{"Ada"}},
		"inactive since year 1":     {users: users, filter: openlayer.Filter{InactiveSince: at("0001-01-01T00:00:00Z")}, want: []string{}},
		"active since year 1":       {users: undated[:4], filter: openlayer.Filter{ActiveSince: at("0001-01-01T00:00:00Z")}, err: `the last record of user "undated" has no date`},
		"no date":                   {users: undated[:4], filter: openlayer.Filter{ActiveSince: at("2026-01-01T00:00:00Z")}, err: `the last record of user "undated" has no date`},
		"an odd date":               {users: undated[4:], filter: openlayer.Filter{InactiveSince: at("2026-01-01T00:00:00Z")}, err: `has the date "yesterday"`},
		"no date, and not needed":   {users: undated, filter: openlayer.Filter{IDs: []string{"ada"}, ActiveSince: at("2026-01-01T00:00:00Z")}, want: []string{"ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.filter.Apply(t.Context(), test.users)
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

// Apply returns an error if the context ends.
func TestFilterStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := (openlayer.Filter{IDs: []string{"a"}}).Apply(ctx, []openlayer.User{{ID: "a"}}); !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("got %v and %v", got, err)
	}
}
