package openlayer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// simulation is a source whose requests are answered one at a time, in whatever order a script says,
// and whose listing changes between any two of them. It runs in a bubble of synctest, which tells
// when every request that will be sent for now has been sent.
type simulation struct {
	*moving
	requests int // that may be under way
	pending  []*call
	sent     int
	faults   map[int64]error // for good, by page
	loading  map[int64]int   // how often a page is still loading
}

// call is a request that has not been answered yet.
type call struct {
	number int64
	given  chan answer
}

func (s *simulation) width() int { return s.requests }

func (s *simulation) ask(ctx context.Context, number int64, before pages) answer {
	c := &call{number: number, given: make(chan answer, 1)}
	s.mu.Lock()
	s.pending = append(s.pending, c)
	s.sent++
	s.mu.Unlock()
	select {
	case given := <-c.given:
		if known, ok := before[given.sum]; ok && given.users != nil && !reflect.DeepEqual(known, given.users) {
			return answer{err: fmt.Errorf("page %d is not the page of before with the same sum", number)}
		}
		return given
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pending = slices.DeleteFunc(s.pending, func(other *call) bool { return other == c })
		return answer{err: ctx.Err()}
	}
}

func (s *simulation) await(ctx context.Context, number int64, before pages, given answer) answer {
	for given.loading != nil {
		given = s.ask(ctx, number, before)
	}
	return given
}

// serve answers one of the requests, and lets the listing change.
func (s *simulation) serve(perPage int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortStableFunc(s.pending, func(a, b *call) int { return int(a.number - b.number) })
	at := int(s.byte()) % len(s.pending)
	c := s.pending[at]
	s.pending = slices.Delete(s.pending, at, at+1)
	switch {
	case s.loading[c.number] > 0:
		s.loading[c.number]--
		c.given <- answer{loading: &rest.Answer{}}
	case s.faults[c.number] != nil:
		c.given <- answer{err: s.faults[c.number]}
	default:
		given := answer{users: []User{}}
		for _, id := range s.page(int(c.number), perPage) {
			given.users = append(given.users, User{ID: id})
		}
		given.sum = uint64(len(given.users))
		for _, user := range given.users {
			for _, b := range []byte(user.ID + "\n") {
				given.sum = (given.sum ^ uint64(b)) * 1099511628211
			}
		}
		c.given <- given
	}
	s.change(s.byte())
}

// run reads the whole listing.
func (s *simulation) run(t *testing.T, perPage int64) (users []User, err error) {
	t.Helper()
	s.serveTo(t, perPage, func(ctx context.Context) { users, _, err = whole(ctx, s, perPage) })
	return users, err
}

// once reads the listing a single time.
func (s *simulation) once(t *testing.T, perPage int64) (users []User, err error) {
	t.Helper()
	s.serveTo(t, perPage, func(ctx context.Context) {
		pages, _, first := read(ctx, s, perPage, outline{})
		users, _, err = listing.Settle(func() (*listing.Pages[User], error) {
			if first == nil {
				pages.OneMoment() // so that it is not asked for again
				first = errors.New("in doubt")
				return pages, nil
			}
			return nil, fmt.Errorf("%v", first) // not one that has it asked for again, either
		})
	})
	return users, err
}

// serveTo answers the requests of a reader until it has come to its end.
func (s *simulation) serveTo(t *testing.T, perPage int64, read func(context.Context)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			read(t.Context())
		}()
		for range 100_000 {
			synctest.Wait()
			select {
			case <-done:
				return
			default:
			}
			if len(s.pending) == 0 {
				t.Fatal("the reading waits, and has asked for nothing")
			}
			if len(s.pending) > s.requests {
				t.Errorf("%d requests under way, and %d may be", len(s.pending), s.requests)
			}
			s.serve(int(perPage))
		}
		t.Fatal("the reading does not end")
	})
}

// Whatever happens between two of the pages that are asked for at the same time, and in whatever
// order they are served, a listing has everybody who was in it all the time, nobody twice, and nobody
// who never was; or it is an error.
func FuzzPagesAtTheSameTime(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(0), uint8(3), false, []byte{})
	f.Add(uint8(9), uint8(2), uint8(0), uint8(4), false, []byte{0, 0, 2, 3, 0, 17, 1, 26, 1, 3})
	f.Add(uint8(30), uint8(3), uint8(2), uint8(9), true, []byte{0, 1, 2, 4, 8, 16, 32, 64, 128, 255})
	f.Add(uint8(12), uint8(2), uint8(0), uint8(32), true, []byte{3, 7, 2, 2, 1, 11, 0, 19, 0, 1, 1, 0})
	f.Fuzz(func(t *testing.T, n, perPage, cap, width uint8, repeat bool, script []byte) {
		// What the comparison of two readings rests on: a reading during which nobody has left has
		// everybody. (Where the last page is repeated, its end may be mistaken.)
		first := &simulation{moving: newMoving(n%40, cap%10, false, script[:min(len(script), 400)]), requests: int(width%32) + 1}
		all := slices.Clone(first.users)
		if users, err := first.once(t, int64(perPage%12)+1); err == nil && len(first.left) == 0 {
			first.check(t, all, users)
		}

		s := &simulation{moving: newMoving(n%40, cap%10, repeat, script[:min(len(script), 400)]), requests: int(width%32) + 1}
		stayed := slices.Clone(s.users)
		users, err := s.run(t, int64(perPage%12)+1)
		if limit := 4*(3*(len(s.ever)+3)+3*s.requests) + len(script); s.sent > limit {
			t.Errorf("%d requests for %d users, more than %d", s.sent, len(s.ever), limit)
		}
		if err != nil {
			if users != nil {
				t.Errorf("got %v with %v", users, err)
			}
			return
		}
		s.check(t, stayed, users)
	})
}

// A listing that stands still is read alike, page after page or many pages at the same time: the
// same users in the same order, or the same error, however odd the server is.
func FuzzSameAsOneByOne(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(0), uint8(3), false, uint8(0), uint8(0), []byte{})
	f.Add(uint8(30), uint8(3), uint8(2), uint8(9), true, uint8(4), uint8(2), []byte{0, 1, 2, 4, 8, 16, 32, 64, 128, 255})
	f.Add(uint8(30), uint8(3), uint8(0), uint8(32), false, uint8(11), uint8(9), []byte{5, 4, 3, 2, 1})
	f.Add(uint8(31), uint8(3), uint8(0), uint8(32), false, uint8(14), uint8(14), []byte{5, 4, 3, 2, 1})
	f.Fuzz(func(t *testing.T, n, perPage, cap, width uint8, repeat bool, fault, loading uint8, script []byte) {
		// The script orders the answers, and changes nothing.
		still := []byte{}
		for _, pick := range script[:min(len(script), 200)] {
			still = append(still, pick, 0)
		}
		var got [2][]User
		var err [2]error
		for i, requests := range []int{1, int(width%32) + 1} {
			s := &simulation{moving: newMoving(n%80, cap%10, repeat, still), requests: requests}
			s.faults = map[int64]error{int64(fault): fmt.Errorf("page %d", fault), int64(fault) + 2: fmt.Errorf("page %d", fault+2)}
			s.loading = map[int64]int{int64(loading): 2, int64(loading) + 1: 1}
			got[i], err[i] = s.run(t, int64(perPage%12)+1)
		}
		if !reflect.DeepEqual(got[0], got[1]) || fmt.Sprint(err[0]) != fmt.Sprint(err[1]) {
			t.Errorf("one by one %v and %v, at the same time %v and %v", ids(got[0]), err[0], ids(got[1]), err[1])
		}
	})
}

// clocked is a listing of three users, whose requests are a second apart.
type clocked struct{ seconds int64 }

func (c *clocked) width() int { return 1 }

func (c *clocked) ask(_ context.Context, number int64, _ pages) answer {
	c.seconds++
	all := []User{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	from := min(int(number-1)*2, len(all))
	return answer{at: time.Unix(c.seconds, 0), users: all[from:min(from+2, len(all))], sum: uint64(number)}
}

func (c *clocked) await(_ context.Context, _ int64, _ pages, first answer) answer { return first }

// Callers who share a reading rely on when it began: with the first request of the first reading.
func TestSince(t *testing.T) {
	t.Parallel()
	users, since, err := whole(t.Context(), &clocked{}, 2)
	if err != nil || len(users) != 3 || !since.Equal(time.Unix(1, 0)) {
		t.Errorf("%d users, nobody missing since %v, and %v", len(users), since, err)
	}
}

// impatient is a listing of five users, whose first page is answered in the second reading only when the
// third and last has been asked for.
type impatient struct{ third chan struct{} }

func (i *impatient) width() int { return 32 }

func (i *impatient) ask(_ context.Context, number int64, before pages) answer {
	if before != nil { // the second reading
		switch number {
		case 1:
			<-i.third
		case 3:
			close(i.third)
		}
	}
	all := []User{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}, {ID: "e"}}
	from := min(int(number-1)*2, len(all))
	return answer{users: all[from:min(from+2, len(all))], sum: uint64(number)}
}

func (i *impatient) await(_ context.Context, _ int64, _ pages, first answer) answer { return first }

// The second reading waits for no page before it asks for the last one, though that is not full.
func TestSecondReadingAsksForAllAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		users, _, err := whole(t.Context(), &impatient{make(chan struct{})}, 2)
		if err != nil || len(users) != 5 {
			t.Errorf("%d users and %v", len(users), err)
		}
	})
}

func ids(users []User) []string {
	ids := []string{}
	for _, user := range users {
		ids = append(ids, user.ID)
	}
	return ids
}

// Where a second reading may end behind the last user.
func TestPlain(t *testing.T) {
	t.Parallel()
	some := []User{{ID: "a"}}
	for name, test := range map[string]struct {
		end, last int64
		behind    []User // on the page that brings nobody new
		want      bool
	}{
		"full pages and an empty one":           {end: 4, last: 4, want: true},
		"a last page that is not full":          {end: 3, last: 4, want: true},
		"a page in between that is not full":    {end: 2, last: 4},
		"the last page once more":               {end: 4, last: 4, behind: some},
		"a single page, and it is empty":        {end: 1, last: 1},
		"a reading that did not come to an end": {},
	} {
		o := outline{end: test.end, last: test.last, sums: []uint64{1, 1, 1, 1}, pages: pages{1: some}}
		if test.last > 0 {
			o.sums[test.last-1] = 2
			o.pages[2] = test.behind
		}
		if got := o.plain(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
