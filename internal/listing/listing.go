// Package listing reads listings of several pages whole. Neither vendor says how many users there are,
// or gives all pages as of one moment. Where a user joins between two requests, others move to a later page
// and may be on two pages. Where a user leaves, others move to an earlier page and may be on none. The first
// shows in one pass over the pages, the second only in comparison with another pass.
//
// [Numbered] and [Keyed] are the two ways of paging. A new listing hasNew a function that fetches a page
// and one that identifies a user. [Group] lets callers share a listing.
package listing

import (
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"sync/atomic"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxPasses is how often a listing is read before it is an error that no two passes agree.
	maxPasses = 4
	// MaxBytes is how much memory the users of a listing may take, in bytes. 300,000 ordinary users take some
	// two thirds of it.
	MaxBytes = 160 << 20
)

// ErrEndless is the error of a listing whose pages follow one another in a circle.
var ErrEndless = errors.New("the listing would never end")

// InconsistentError says that no two passes over a listing agree.
type InconsistentError struct {
	// Reason is what showed it.
	Reason string
}

// Error gives the reason.
func (e *InconsistentError) Error() string { return e.Reason }

func inconsistent(format string, args ...any) error {
	return &InconsistentError{Reason: fmt.Sprintf(format, args...)}
}

// ErrTooLarge is the error of a listing whose users take more memory than they may.
var ErrTooLarge = fmt.Errorf("the users of the listing would take more than %d MiB of memory", MaxBytes>>20)

// DuplicateIDError says that two users have ids that Terraform cannot distinguish.
type DuplicateIDError struct {
	// First and Second are the ids as the server gives them.
	First, Second string
}

// Error names both ids.
func (e *DuplicateIDError) Error() string {
	return fmt.Sprintf("the ids %+.40q and %+.40q of two users are the same in Unicode NFC, in which Terraform stores every string", e.First, e.Second)
}

// Page is one page of a listing.
type Page[U any] struct {
	Users []U
	// Sum is a checksum of the response. A page with the sum of an earlier one may reuse its users.
	Sum uint64
	// Bytes is about how much memory the users take.
	Bytes int

	size int // how many users the response has, where one who is there twice counts twice
}

// Identity distinguishes users. The text is unique where no other user has it, such as an id. Users
// without one are distinguished by all that is known of them; on one page, there may be several of whom
// the same is known.
type Identity[U any] func(*U) (text string, unique bool)

// pass is what one pass over a listing finds.
type pass[U any] struct {
	identity  Identity[U]
	pages     []Page[U]
	size      int            // of the first page: no page but the last is shorter
	known     map[uint64]int // the number of the page that a user is on, by the hash of the identity
	discarded []uint64       // users on pages that were fetched and not taken, likewise
	bytes     atomic.Int64
	// single says that all users come from one response.
	single bool
	// repeated says that the server repeats its last page behind it, which hides how long the listing is.
	repeated bool
}

func newPass[U any](identity Identity[U]) *pass[U] {
	return &pass[U]{identity: identity, known: map[uint64]int{}}
}

// seed is what the hashes of identities depend on. They have 64 bits, and no server can choose two users
// with the same one.
var seed = maphash.MakeSeed()

func (p *pass[U]) hash(user *U) uint64 {
	text, _ := p.identity(user)
	return maphash.String(seed, text)
}

// next is the number of the page to be taken next, counted from 1.
func (p *pass[U]) next() int { return len(p.pages) + 1 }

// received counts the memory of a response. It is safe for concurrent use.
func (p *pass[U]) received(page Page[U]) error {
	if p.bytes.Add(int64(page.Bytes)) > MaxBytes {
		return ErrTooLarge
	}
	return nil
}

// hasNew says whether a page has a user who is not known.
func (p *pass[U]) hasNew(page Page[U]) bool {
	for i := range page.Users {
		if _, known := p.known[p.hash(&page.Users[i])]; !known {
			return true
		}
	}
	return false
}

// continues says whether a page is like one that another page follows: full, with users who are not known.
func (p *pass[U]) continues(page Page[U]) bool {
	return p.size > 0 && max(page.size, len(page.Users)) >= p.size && p.hasNew(page)
}

// take adds the next page. A user with an id who is on it twice, with the same data, is taken once. It
// returns an [*InconsistentError] where the listing has changed: where some users of the page are new and
// others are known.
func (p *pass[U]) take(page Page[U]) error {
	number, users := p.next(), make([]U, 0, len(page.Users))
	page.size = max(page.size, len(page.Users)) // it is set on a page that was decoded for the pass before
	index := map[uint64]int{}                   // of a user of this page
	var repeated error
	for i := range page.Users {
		user := &page.Users[i]
		text, unique := p.identity(user)
		hash := maphash.String(seed, text)
		switch on := p.known[hash]; {
		case on == 0 || on == number && !unique:
			p.known[hash], index[hash] = number, len(users)
			users = append(users, *user)
		case on == number:
			if !reflect.DeepEqual(users[index[hash]], *user) {
				return inconsistent("page %d has the user %.40q twice, with different data", number, text)
			}
		default:
			repeated = inconsistent("the user %.40q was on page %d and on page %d", text, on, number)
		}
	}
	if len(users) > 0 && repeated != nil {
		return repeated
	}
	if number == 1 {
		p.size = page.size
	}
	if len(users) == len(page.Users) {
		users = page.Users // so that equal pages of two passes share their users
	}
	page.Users = users
	p.pages = append(p.pages, page)
	return nil
}

// repeatsLast says whether a page has the users of the last one.
func (p *pass[U]) repeatsLast(page Page[U]) bool {
	last := p.pages[len(p.pages)-1]
	return len(page.Users) > 0 && slices.EqualFunc(page.Users, last.Users, func(a, b U) bool { return p.hash(&a) == p.hash(&b) })
}

// discard notes the users of a page that was fetched and is not taken.
func (p *pass[U]) discard(page Page[U]) {
	for i := range page.Users {
		p.discarded = append(p.discarded, p.hash(&page.Users[i]))
	}
}

// page is the page with a number, or none. A nil pass has none.
func (p *pass[U]) page(number int) Page[U] {
	if p == nil || number > len(p.pages) {
		return Page[U]{}
	}
	return p.pages[number-1]
}

// full is how many pages are full. A nil pass has none.
func (p *pass[U]) full() int {
	if p == nil {
		return 0
	}
	full := len(p.pages)
	if full > 0 && p.pages[full-1].size < p.size {
		full--
	}
	return full
}

// release frees the users of a page whose successor has other ones.
func (p *pass[U]) release(number int, sum uint64) {
	if p != nil && number <= len(p.pages) && p.pages[number-1].Sum != sum {
		p.pages[number-1].Users = nil
	}
}

// users are the users of all pages.
func (p *pass[U]) users() []U {
	users := make([]U, 0, len(p.known))
	for _, page := range p.pages {
		users = append(users, page.Users...)
	}
	return users
}

// agrees returns an error where a user may be missing from the pass, as far as it and the one before show.
//
// All pages but the last are full, and the last one is fetched after the others. So a pass has as many users,
// each once, as the listing had when the pass ended. If it misses a user who was there then, it has one who had
// left. If all its users are in the next pass, none had left, unless one came back in between. So everyone who
// stayed is in both passes.
//
// Two passes do not show it if in each of them a user who had been read was away when the end was confirmed, be it
// the same one twice, and the first of them has come back in between.
func (p *pass[U]) agrees(before *pass[U]) error {
	seen := p.discarded
	if before != nil {
		seen = slices.Concat(seen, before.discarded)
	}
	for _, hash := range seen {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user was on a page that was fetched ahead, and not on the pages up to the end")
		}
	}
	if before == nil {
		return nil
	}
	if p.repeated && !slices.EqualFunc(before.pages, p.pages, func(a, b Page[U]) bool { return a.Sum == b.Sum }) {
		return inconsistent("the server repeats its last page, and the pages of two passes differ")
	}
	for hash := range before.known {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user of one pass was missing from the next one")
		}
	}
	return nil
}

// readConsistent passes over a listing until a pass agrees with the one before, or has all users from one
// response. It returns an [*InconsistentError] after some passes without that.
func readConsistent[U any](read func(before *pass[U]) (*pass[U], error)) ([]U, error) {
	var before *pass[U]
	var reason *InconsistentError
	for range maxPasses {
		current, err := read(before)
		if err == nil {
			err = current.agrees(before)
		}
		switch {
		case errors.As(err, &reason):
		case err != nil:
			return nil, err
		case current.single || before != nil:
			return current.users(), nil
		}
		before = current // nil where the pass itself was inconsistent
	}
	return nil, inconsistent("the listing was inconsistent in each of %d passes: %s", maxPasses, reason.Reason)
}

// NormalizeIDs writes the ids of users in Unicode NFC, in which Terraform stores every string. It returns a
// [*DuplicateIDError] where that makes two ids one; a nil id is none.
func NormalizeIDs[U any](users []U, id func(*U) *string) error {
	var given map[string]string
	for i := range users {
		if text := id(&users[i]); text != nil && !norm.NFC.IsNormalString(*text) {
			given = map[string]string{}
			break
		}
	}
	if given == nil {
		return nil
	}
	for i := range users {
		text := id(&users[i])
		if text == nil {
			continue
		}
		normal := norm.NFC.String(*text)
		if other, ok := given[normal]; ok && other != *text {
			return &DuplicateIDError{First: other, Second: *text}
		}
		given[normal], *text = *text, normal
	}
	return nil
}
