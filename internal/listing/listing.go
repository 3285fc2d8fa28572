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
// readings it returns the last [*MovedError].
func Settle[U any](read func() ([]U, error)) ([]U, error) {
	for n := 1; ; n++ {
		users, err := read()
		if moved, ok := errors.AsType[*MovedError](err); ok {
			if n < readings {
				continue
			}
			return nil, &MovedError{Reason: fmt.Sprintf("the listing changed in each of %d readings: %s", readings, moved.Reason)}
		}
		if err != nil {
			return nil, err
		}
		return users, nil
	}
}

// Pages collects the users of page after page.
type Pages[U any] struct {
	key   func(U) (key string, ok bool)
	known map[string]int // the index in users
	users []U
}

// New returns an empty collection of users who are told apart by a key. Users without one are never
// taken for the same.
func New[U any](key func(U) (key string, ok bool)) *Pages[U] {
	return &Pages[U]{key: key, known: map[string]int{}, users: []U{}}
}

// Add takes the users of the next page, and tells whether there was anybody new among them. It
// returns a [*MovedError] when some are new and others were on an earlier page, and when a page
// holds one user twice with different figures. A user who is on a page twice with the same figures
// is taken once.
func (p *Pages[U]) Add(page []U) (fresh bool, err error) {
	before := len(p.users)
	repeated := ""
	for _, user := range page {
		key, ok := p.key(user)
		at, known := p.known[key]
		switch {
		case !ok:
			p.users = append(p.users, user)
		case !known:
			p.known[key] = len(p.users)
			p.users = append(p.users, user)
		case at < before:
			repeated = cmp.Or(repeated, fmt.Sprintf("user %q was on two pages", key))
		case !reflect.DeepEqual(p.users[at], user):
			return false, &MovedError{Reason: fmt.Sprintf("one page holds user %q twice, with different figures", key)}
		}
	}
	fresh = len(p.users) > before
	if fresh && repeated != "" {
		return false, &MovedError{Reason: repeated}
	}
	return fresh, nil
}

// Users gives the users of all pages, each once, in the order in which they came.
func (p *Pages[U]) Users() []U { return p.users }
