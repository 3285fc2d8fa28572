// Package listing reads listings of several pages whole. Neither vendor says how many users there are,
// or gives all pages as of one moment. Where a user joins between two requests, others move to a later page
// and may be on two pages. Where a user leaves, others move to an earlier page and may be on none. The first
// shows in one pass over the pages, the second only in comparison with another pass.
//
// [Numbered] and [Keyed] are the two ways of paging. A new listing has a function that fetches a page
// and one that identifies a user. [Group] lets callers share a listing.
package listing

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"sync/atomic"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

const (
	// maxPasses is how often a listing is read before it is an error that no two passes agree.
	maxPasses = 4
	// MaxBytes is how much memory the users of a listing may take, in bytes. 300,000 ordinary users take some
	// two thirds of it.
	MaxBytes = 160 << 20
)

// Page is one page of a listing.
type Page[U any] struct {
	Users []U
	// Sum is a checksum of the response. A page with the sum of an earlier one may reuse its users.
	Sum uint64
	// Bytes is about how much memory the users take.
	Bytes int
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
	full      int            // how many pages are that large
	count     int            // users on all pages
	known     map[uint64]int // which of these users has an identity first, by its hash
	again     map[int]bool   // which of them has the id of another one on the same page
	discarded []uint64       // users on pages that were fetched and not taken, by the hash
	bytes     atomic.Int64
	// single says that all users come from one response.
	single bool
	// repeated says that the server repeats its last page behind it, which hides how long the listing is.
	repeated bool
}

func newPass[U any](identity Identity[U]) *pass[U] {
	return &pass[U]{identity: identity, known: map[uint64]int{}, again: map[int]bool{}}
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
	return p.size > 0 && len(page.Users) >= p.size && p.hasNew(page)
}

// take adds the next page. A user with an id who is on it twice, with the same data, is taken once. It
// returns an [inconsistentError] where the listing has changed: where a user was on another page before.
func (p *pass[U]) take(page Page[U]) error {
	number := p.next()
	for i := range page.Users {
		text, unique := p.identity(&page.Users[i])
		hash, here := maphash.String(seed, text), p.count+i
		switch first, known := p.known[hash]; {
		case !known:
			p.known[hash] = here
		case first < p.count:
			return inconsistent("the user %.40q was on page %d and on page %d", text, p.pageOf(first), number)
		case unique && !reflect.DeepEqual(page.Users[first-p.count], page.Users[i]):
			return inconsistent("page %d has the user %.40q twice, with different data", number, text)
		case unique:
			p.again[here] = true
		}
	}
	if number == 1 {
		p.size = len(page.Users)
	}
	if len(page.Users) >= p.size {
		p.full++
	}
	p.count += len(page.Users)
	p.pages = append(p.pages, page)
	return nil
}

// pageOf is the number of the page that one of the users is on.
func (p *pass[U]) pageOf(user int) (number int) {
	for number = 1; user >= len(p.pages[number-1].Users); number++ {
		user -= len(p.pages[number-1].Users)
	}
	return number
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

// page is the page with a number, or none.
func (p *pass[U]) page(number int) (page Page[U]) {
	if number <= len(p.pages) {
		page = p.pages[number-1]
	}
	return page
}

// release frees the users of a page whose successor has other ones.
func (p *pass[U]) release(number int, sum uint64) {
	if number <= len(p.pages) && p.pages[number-1].Sum != sum {
		p.pages[number-1].Users = nil
	}
}

// users are the users of all pages.
func (p *pass[U]) users() []U {
	users := make([]U, 0, len(p.known))
	at := 0
	for _, page := range p.pages {
		for _, user := range page.Users {
			if !p.again[at] {
				users = append(users, user)
			}
			at++
		}
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
	for _, hash := range slices.Concat(p.discarded, before.discarded) {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user was on a prefetched page, but not on a page of the listing")
		}
	}
	if p.repeated && len(before.pages) > 0 && !slices.EqualFunc(before.pages, p.pages, func(a, b Page[U]) bool { return a.Sum == b.Sum }) {
		return inconsistent("the server repeats its last page, and the pages of two passes differ")
	}
	for hash := range before.known {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user of one pass was missing from the next pass")
		}
	}
	return nil
}

// inconsistentError is what shows that the listing has changed while it was read.
type inconsistentError string

func (e inconsistentError) Error() string { return string(e) }

func inconsistent(format string, args ...any) error {
	return inconsistentError(fmt.Sprintf(format, args...))
}

// readConsistent passes over a listing until a pass agrees with the one before, or has all users from one
// response. It returns a [*Failure] after some passes without that.
func readConsistent[U any](read func(before *pass[U]) (*pass[U], error)) ([]U, error) {
	none := new(pass[U])
	before := none
	var reason inconsistentError
	for range maxPasses {
		current, err := read(before)
		if err == nil {
			err = current.agrees(before)
		}
		switch {
		case errors.As(err, &reason):
		case err != nil:
			return nil, err
		case current.single || before != none:
			return current.users(), nil
		}
		before = cmp.Or(current, none) // none where the pass itself was inconsistent
	}
	return nil, &Failure{rest.KindInconsistent, fmt.Sprintf("the listing was inconsistent in each of %d passes: %s", maxPasses, reason)}
}

// NormalizeIDs writes the ids of users in Unicode NFC, in which Terraform stores every string. It returns a
// [*Failure] where that makes two ids one; a nil id is none.
func NormalizeIDs[U any](users []U, id func(*U) *string) error {
	normal := true
	for i := range users {
		text := id(&users[i])
		normal = normal && (text == nil || norm.NFC.IsNormalString(*text))
	}
	if normal {
		return nil // as almost always, without a map of all ids
	}
	given := map[string]string{} // by the id in NFC
	for i := range users {
		text := id(&users[i])
		if text == nil {
			continue
		}
		normal := norm.NFC.String(*text)
		if other, ok := given[normal]; ok && other != *text {
			return &Failure{rest.KindDuplicateID, fmt.Sprintf("the ids %+.40q and %+.40q of two users are the same in Unicode NFC", other, *text)}
		}
		given[normal], *text = *text, normal
	}
	return nil
}
