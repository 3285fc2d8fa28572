package listing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
)

type user struct {
	name string // empty: without a key
	cost int
}

func byName(u user) (string, bool) { return u.name, u.name != "" }

// reading is what one reading of a listing finds: its pages, or an error.
type reading struct {
	pages     [][]user
	doubt     string
	oneMoment bool
	err       error
}

func TestSettle(t *testing.T) {
	t.Parallel()
	a1, a2, b1, c1 := user{"a", 1}, user{"a", 2}, user{"b", 1}, user{"c", 1}
	const moved = "the listing changed in each of 4 readings: "
	for name, test := range map[string]struct {
		readings []reading // one after another, the last for ever
		want     []user
		taken    int // readings
		err      string
	}{
		"one page and an end":  {readings: []reading{{pages: [][]user{{b1, a1}, {}}, oneMoment: true}}, want: []user{b1, a1}, taken: 1},
		"nobody":               {readings: []reading{{pages: [][]user{{}}, oneMoment: true}}, want: []user{}, taken: 1},
		"two pages and an end": {readings: []reading{{pages: [][]user{{b1}, {a1}, {}}}}, want: []user{b1, a1}, taken: 2},
		"the last page again":  {readings: []reading{{pages: [][]user{{a1, b1}, {c1}, {c1}}}}, want: []user{a1, b1, c1}, taken: 2},
		"with other data":      {readings: []reading{{pages: [][]user{{a1}, {a2}}}}, want: []user{a1}, taken: 2},
		"twice on one page":    {readings: []reading{{pages: [][]user{{a1, b1, a1}}, oneMoment: true}}, want: []user{a1, b1}, taken: 1},
		"users without keys":   {readings: []reading{{pages: [][]user{{{"", 1}, {"", 1}}, {{"", 1}}}}}, want: []user{{"", 1}, {"", 1}, {"", 1}}, taken: 2},
		"keys that run together": {
			readings: []reading{{pages: [][]user{{{`a"`, 1}, {`"b`, 1}}, {{`a""b`, 1}}}}}, want: []user{{`a"`, 1}, {`"b`, 1}, {`a""b`, 1}}, taken: 2,
		},
		"a newcomer":       {readings: []reading{{pages: [][]user{{a1}}}, {pages: [][]user{{b1}, {a1}}}}, want: []user{b1, a1}, taken: 2},
		"somebody is gone": {readings: []reading{{pages: [][]user{{a1}, {b1}}}, {pages: [][]user{{b1}, {c1}}}}, want: []user{b1, c1}, taken: 3},
		"somebody is always gone": {
			readings: []reading{{pages: [][]user{{a1}}}, {pages: [][]user{{b1}}}, {pages: [][]user{{c1}}}, {pages: [][]user{{b1}}}},
			taken:    4, err: moved + `user "c" was there at one reading, and not at the next`,
		},
		"the same after an overlap is not the reading before": {
			readings: []reading{{pages: [][]user{{a1}}}, {pages: [][]user{{a1}, {a1, b1}}}, {pages: [][]user{{a1}}}}, want: []user{a1}, taken: 4,
		},
		"somebody without a key is gone": {
			readings: []reading{{pages: [][]user{{{"", 1}}, {{"", 2}}}}, {pages: [][]user{{{"", 2}}}}}, want: []user{{"", 2}}, taken: 3,
		},
		"an overlap, once": {
			readings: []reading{{pages: [][]user{{a1}, {a1, b1}}}, {pages: [][]user{{a1}, {b1}}}}, want: []user{a1, b1}, taken: 3,
		},
		"an overlap, always": {
			readings: []reading{{pages: [][]user{{a1, b1}, {b1, c1}}}}, taken: 4, err: moved + `user "b" was on two pages`,
		},
		"twice on one page, with other figures": {
			readings: []reading{{pages: [][]user{{a1, a2}}}}, taken: 4, err: moved + `one page holds user "a" twice, with different data`,
		},
		"the first page again, twice the same": {
			readings: []reading{{pages: [][]user{{a1}, {b1}, {a1}}}}, want: []user{a1, b1}, taken: 2,
		},
		"the first page again, then another order": {
			readings: []reading{{pages: [][]user{{a1}, {b1}, {a1}}}, {pages: [][]user{{b1}, {a1}, {b1}}}, {pages: [][]user{{a1}, {b1}, {a1}}}, {pages: [][]user{{b1}, {a1}, {b1}}}},
			taken:    4, err: moved + `user "b" was on two pages`,
		},
		"a doubt, twice the same": {
			readings: []reading{{pages: [][]user{{a1}}, doubt: "odd"}}, want: []user{a1}, taken: 2,
		},
		"a doubt, then none": {
			readings: []reading{{pages: [][]user{{a1}}, doubt: "odd"}, {pages: [][]user{{b1}}, oneMoment: true}}, want: []user{b1}, taken: 2,
		},
		"another error": {
			readings: []reading{{pages: [][]user{{a1}}, doubt: "odd"}, {err: errors.New("no network")}}, taken: 2, err: "no network",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taken := 0
			got, since, err := listing.Settle(func() (*listing.Pages[user], error) {
				reading := test.readings[min(taken, len(test.readings)-1)]
				taken++
				pages := listing.New(byName)
				pages.Since(time.Unix(int64(taken), 0))
				for _, page := range reading.pages {
					if _, err := pages.Add(page); err != nil {
						return nil, err
					}
				}
				if reading.oneMoment {
					pages.OneMoment()
				}
				if reading.doubt != "" {
					pages.Doubt(reading.doubt)
				}
				return pages, reading.err
			})
			if taken != test.taken {
				t.Errorf("%d readings, want %d", taken, test.taken)
			}
			if test.err != "" {
				if err == nil || err.Error() != test.err || got != nil {
					t.Errorf("got %v and %v, want the error %q", got, err, test.err)
				}
				return
			}
			if err != nil || !slices.Equal(got, test.want) || got == nil {
				t.Errorf("got %v and %v, want %v", got, err, test.want)
			}
			// Of two readings, nobody is missing who was there when the first began.
			begun := test.taken - 1
			if test.readings[min(taken, len(test.readings))-1].oneMoment {
				begun = test.taken
			}
			if want := time.Unix(int64(begun), 0); !since.Equal(want) {
				t.Errorf("nobody is missing since %v, want %v", since, want)
			}
		})
	}
}

// The pages tell whether they brought anybody new, which is what ends a listing.
func TestFresh(t *testing.T) {
	t.Parallel()
	pages := listing.New(byName)
	for i, step := range []struct {
		page  []user
		fresh bool
	}{{[]user{{"a", 1}}, true}, {[]user{{"a", 1}}, false}, {nil, false}, {[]user{{"b", 1}}, true}, {[]user{{"", 1}}, true}} {
		if fresh, err := pages.Add(step.page); fresh != step.fresh || err != nil {
			t.Errorf("page %d: fresh %v and %v, want %v", i+1, fresh, err, step.fresh)
		}
	}
}
