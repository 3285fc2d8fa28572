package listing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
)

type user struct {
	name string // empty: without a key
	cost int
}

func byName(u user) (string, bool) { return u.name, u.name != "" }

func TestPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pages [][]user
		fresh bool // of the last page
		want  []user
		moved string
	}{
		"no pages":                   {},
		"an empty page":              {pages: [][]user{{{"a", 1}}, {}}, want: []user{{"a", 1}}},
		"two pages":                  {pages: [][]user{{{"a", 1}}, {{"b", 1}}}, fresh: true, want: []user{{"a", 1}, {"b", 1}}},
		"a page again":               {pages: [][]user{{{"a", 1}, {"b", 1}}, {{"a", 1}, {"b", 1}}}, want: []user{{"a", 1}, {"b", 1}}},
		"a page again, with changes": {pages: [][]user{{{"a", 1}}, {{"a", 2}}}, want: []user{{"a", 1}}},
		"an overlap":                 {pages: [][]user{{{"a", 1}, {"b", 1}}, {{"b", 1}, {"c", 1}}}, moved: `user "b" was on two pages`},
		"twice on one page":          {pages: [][]user{{{"a", 1}, {"a", 1}}}, fresh: true, want: []user{{"a", 1}}},
		"twice, with other figures":  {pages: [][]user{{{"a", 1}, {"a", 2}}}, moved: `user "a" twice, with different figures`},
		"users without keys":         {pages: [][]user{{{"", 1}, {"", 1}}, {{"", 1}}}, fresh: true, want: []user{{"", 1}, {"", 1}, {"", 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pages := listing.New(byName)
			var fresh bool
			var err error
			for _, page := range test.pages {
				if fresh, err = pages.Add(page); err != nil {
					break
				}
			}
			if test.moved != "" {
				if moved, ok := errors.AsType[*listing.MovedError](err); !ok || !strings.Contains(moved.Reason, test.moved) {
					t.Errorf("got %v, want a listing that moved with %q", err, test.moved)
				}
				return
			}
			if err != nil || fresh != test.fresh || !slices.Equal(pages.Users(), test.want) || pages.Users() == nil {
				t.Errorf("got %v, fresh %v, %v; want %v, fresh %v", pages.Users(), fresh, err, test.want, test.fresh)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	moved := &listing.MovedError{Reason: "it moved"}
	other := errors.New("no network")
	for name, test := range map[string]struct {
		errs     []error // of one reading after another
		readings int
		err      string
	}{
		"at once":         {errs: []error{nil}, readings: 1},
		"after a while":   {errs: []error{moved, moved, nil}, readings: 3},
		"never":           {errs: []error{moved, moved, moved, nil}, readings: 3, err: "the listing changed in each of 3 readings: it moved"},
		"another failure": {errs: []error{moved, other, nil}, readings: 2, err: "no network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readings := 0
			got, err := listing.Settle(func() ([]user, error) {
				readings++
				return []user{{"a", 1}}, test.errs[readings-1]
			})
			if readings != test.readings {
				t.Errorf("%d readings, want %d", readings, test.readings)
			}
			if test.err == "" && (err != nil || len(got) != 1) || test.err != "" && (err == nil || err.Error() != test.err || got != nil) {
				t.Errorf("got %v and %v, want the error %q", got, err, test.err)
			}
		})
	}
}
