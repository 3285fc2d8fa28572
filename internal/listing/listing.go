// Package listing puts the pages of a listing together without losing anybody. Neither vendor
// says how many users there are, so a whole listing can only be told by the users themselves: the
// same one on two pages shows that the listing moved while it was read, and that somebody else may
// have been passed over.
package listing

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// readings is how often a listing that moves is read before that becomes an error.
const readings = 3

// MovedError says that a listing changed while its pages were read.
type MovedError struct {
	// Reason is what showed it.
	Reason string
}

// Error gives the reason.
func (e *MovedError) Error() string { return e.Reason }

// Settle reads a listing, and reads it again from its first page when it moved; after some
// readings it returns the last [*MovedError]. Pages that leave a doubt about their end are taken
// when two readings in a row have brought the same.
func Settle[U any](read func() (*Pages[U], error)) ([]U, error) {
	before := ""
	for n := 1; ; n++ {
		pages, err := read()
		moved, _ := errors.AsType[*MovedError](err)
		if err == nil {
			if pages.doubt == nil || pages.order.String() == before {
				return pages.users, nil
			}
			before, moved = pages.order.String(), pages.doubt
		}
		switch {
		case moved == nil:
			return nil, err
		case n == readings:
			return nil, &MovedError{Reason: fmt.Sprintf("the listing changed in each of %d readings: %s", readings, moved.Reason)}
		}
	}
}

// Pages collects the users of page after page.
type Pages[U any] struct {
	key   func(U) (key string, ok bool)
	known map[string]int // the index in users
	users []U

	order strings.Builder // the keys of all pages
	last  string          // those of the last page
	doubt *MovedError
}

// New returns an empty collection of users who are told apart by a key. Users without one are never
// taken for the same.
func New[U any](key func(U) (key string, ok bool)) *Pages[U] {
	return &Pages[U]{key: key, known: map[string]int{}, users: []U{}}
}

// Add takes the users of the next page, and tells whether there was anybody new among them. A user
// who is on a page twice with the same figures is taken once.
//
// It returns a [*MovedError] when some users of the page are new and others were on an earlier one,
// and when a user is on it twice with different figures. A page of users who are all known is the
// last page once more, or leaves a doubt.
func (p *Pages[U]) Add(page []U) (fresh bool, err error) {
	before := len(p.users)
	var repeated *MovedError
	var keys strings.Builder
	for _, user := range page {
		key, ok := p.key(user)
		keys.WriteString(strconv.Quote(key))
		at, known := p.known[key]
		switch {
		case !ok:
			p.users = append(p.users, user)
		case !known:
			p.known[key] = len(p.users)
			p.users = append(p.users, user)
		case at < before:
			repeated = cmp.Or(repeated, &MovedError{Reason: fmt.Sprintf("user %q was on two pages", key)})
		case !reflect.DeepEqual(p.users[at], user):
			return false, &MovedError{Reason: fmt.Sprintf("one page holds user %q twice, with different figures", key)}
		}
	}
	fresh = len(p.users) > before
	if fresh && repeated != nil {
		return false, repeated
	}
	if repeated != nil && keys.String() != p.last {
		p.doubt = repeated
	}
	p.last = keys.String()
	p.order.WriteString(p.last + "\n")
	return fresh, nil
}

// Doubt records that the end of the listing is not certain, and why.
func (p *Pages[U]) Doubt(reason string) { p.doubt = &MovedError{Reason: reason} }
