// Package listing puts the pages of a listing together without losing anybody. Neither vendor says
// how many users there are, or gives all pages of one moment. A listing that changes between two
// pages shifts the users behind the change: to the right, and somebody is on two pages; to the left,
// and somebody is on none. The first shows in one reading, the second only in comparison with
// another one.
package listing

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"time"
)

// readings is how often a listing is read before it is an error that no two readings agree.
const readings = 4

// MovedError says that a listing changed while its pages were read.
type MovedError struct {
	// Reason is what showed it.
	Reason string
}

// Error gives the reason.
func (e *MovedError) Error() string { return e.Reason }

// Settle reads a listing until nobody can be missing from it, and returns a [*MovedError] after some
// readings in which somebody could. Nobody means nobody who was in the listing at the time that it
// returns, and has stayed. A reading is accepted
//   - if all of its users come from one moment;
//   - if it has everybody whom the reading before it had: then nobody has left the listing in the
//     meantime, so that nobody was shifted onto a page that had been read already. Newcomers do not
//     matter;
//   - and, where its end was in doubt, if it has the same pages as the reading before it.
//
// One thing does not show, however often a listing is read: somebody who left and came back, and did so
// in both readings between the same two pages, looks like one who stayed.
func Settle[U any](read func() (*Pages[U], error)) (users []U, since time.Time, err error) {
	var before *Pages[U]
	for n := 1; ; n++ {
		pages, err := read()
		moved, ok := errors.AsType[*MovedError](err)
		switch {
		case ok:
			pages = nil
		case err != nil:
			return nil, since, err
		case pages.doubt != nil && (before == nil || !slices.Equal(pages.order, before.order)):
			moved = pages.doubt
		case pages.oneMoment:
			return pages.users(), pages.since, nil
		case before != nil:
			gone, left := before.missingFrom(pages)
			if !left {
				// Whoever was there when the reading before ended is in it, and so in this one.
				return pages.users(), before.since, nil
			}
			moved = &MovedError{Reason: gone + " was there at one reading, and not at the next"}
		default:
			moved = &MovedError{Reason: "there was no second reading to compare with"}
		}
		if n == readings {
			return nil, since, &MovedError{Reason: fmt.Sprintf("the listing changed in each of %d readings: %s", readings, moved.Reason)}
		}
		before = pages
	}
}

// Pages collects the users of page after page.
type Pages[U any] struct {
	key     func(U) (key string, ok bool)
	known   map[string]int // the index among all users
	keyless int            // how many users have no key
	pages   [][]U          // the users of each page who were new

	since     time.Time
	order     []uint64 // a sum over the keys of each page
	doubt     *MovedError
	oneMoment bool
}

// New returns an empty collection of users who are told apart by a key. Users without one are never
// taken for the same.
func New[U any](key func(U) (key string, ok bool)) *Pages[U] {
	return &Pages[U]{key: key, known: map[string]int{}, since: time.Now()}
}

// users are all users in one list, which is made only now: one that grows would be copied several
// times over.
func (p *Pages[U]) users() []U {
	users := make([]U, 0, p.count())
	for _, page := range p.pages {
		users = append(users, page...)
	}
	return users
}

func (p *Pages[U]) count() int { return len(p.known) + p.keyless }

// Since sets when the first page was asked for; without it, that is when the collection was made.
func (p *Pages[U]) Since(at time.Time) { p.since = at }

// Add takes the users of the next page, which nobody may change from then on, and tells whether there
// was anybody new among them. A user who is on a page twice with the same data is taken once.
//
// It returns a [*MovedError] when some users of the page are new and others were on an earlier one,
// and when a user is on it twice with different data. A page of users who are all known is the
// last page once more, or leaves a doubt.
func (p *Pages[U]) Add(page []U) (fresh bool, err error) {
	before := p.count()
	added := make([]U, 0, len(page))
	var repeated *MovedError
	var keys maphash.Hash
	keys.SetSeed(seed)
	for _, user := range page {
		key, ok := p.key(user)
		maphash.WriteComparable(&keys, key)
		at, known := p.known[key]
		switch {
		case !ok:
			added = append(added, user)
			p.keyless++
		case !known:
			p.known[key] = before + len(added)
			added = append(added, user)
		case at < before:
			repeated = cmp.Or(repeated, &MovedError{Reason: fmt.Sprintf("user %q was on two pages", key)})
		case !reflect.DeepEqual(added[at-before], user):
			return false, &MovedError{Reason: fmt.Sprintf("one page holds user %q twice, with different data", key)}
		}
	}
	if len(added) == len(page) {
		added = page // which the caller may have kept, so that there is no need for a copy
	}
	p.pages = append(p.pages, added)
	fresh = len(added) > 0
	if fresh && repeated != nil {
		return false, repeated
	}
	sum := keys.Sum64()
	if repeated != nil && sum != p.order[len(p.order)-1] {
		p.doubt = repeated
	}
	p.order = append(p.order, sum)
	return fresh, nil
}

// seed is what the sums of keys depend on: nobody outside can make two lists with the same one.
var seed = maphash.MakeSeed()

// Brings tells whether there is anybody new among the users of a page.
func (p *Pages[U]) Brings(page []U) bool {
	return slices.ContainsFunc(page, func(user U) bool {
		key, ok := p.key(user)
		_, known := p.known[key]
		return !ok || !known
	})
}

// Doubt records that the end of the listing is not certain, and why.
func (p *Pages[U]) Doubt(reason string) { p.doubt = &MovedError{Reason: reason} }

// OneMoment records that all users come from a single page, so that no change can have come between
// them.
func (p *Pages[U]) OneMoment() { p.oneMoment = true }

// missingFrom names one of the users who are not in another reading.
func (p *Pages[U]) missingFrom(other *Pages[U]) (who string, missing bool) {
	if p == other { // a reading that found all pages unchanged gives the collection of the one before
		return "", false
	}
	for key := range p.known {
		if _, there := other.known[key]; !there {
			return fmt.Sprintf("user %q", key), true
		}
	}
	return "a user without an id", p.keyless > other.keyless
}
