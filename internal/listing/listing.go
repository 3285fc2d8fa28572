// Package listing reads every user of a listing that has several pages. Neither vendor returns the number of users,
// and a listing may change between two requests. If a user joins, other users move to a later page, and one of them
// may be on two of the fetched pages. If a user leaves, other users move to an earlier page, and one of them may be
// on no fetched page. A pass over all pages shows the first change. Only a comparison of two passes shows the second.
//
// [Numbered] and [Keyed] are the two ways of paging. A new listing needs a function that fetches a page and a
// function that identifies a user. [Group] lets callers share a listing.
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
	// maxPasses is how many passes there are before it is an error that none is complete.
	maxPasses = 4
	// MaxBytes is the limit for the memory of the users of a listing, in bytes. 300,000 ordinary users need about two
	// thirds of it.
	MaxBytes = 160 << 20
)

// Page is one page of a listing.
type Page[U any] struct {
	Users []U
	// Sum is a checksum of the response. Two pages with the same Sum may share Users.
	Sum uint64
	// Bytes is an estimate of the memory of the users.
	Bytes int
}

// Identity returns a text that identifies a user. An id is unique. The text of a user without an id has all of the
// user's attributes and is not unique: a page may have several of these users with the same attributes.
type Identity[U any] func(*U) (text string, unique bool)

// pass is one pass over all pages of a listing.
type pass[U any] struct {
	identity  Identity[U]
	pages     []Page[U]
	fullPages int
	count     int            // of the users on all pages
	known     map[uint64]int // the hash of an identity -> the index of the first user with this identity
	discarded []uint64       // the hashes of the users on pages that were fetched too early and not taken
	bytes     atomic.Int64   // of the users on all fetched pages
	// oneResponse is true if all users come from one response.
	oneResponse bool
	// repeats is true if the server repeats its last page, which hides how long the listing is.
	repeats bool
}

func newPass[U any](identity Identity[U]) *pass[U] {
	return &pass[U]{identity: identity, known: map[uint64]int{}}
}

// seed is the random seed of the hashes. They have 64 bits, and a server cannot construct two users with the same hash.
var seed = maphash.MakeSeed()

func (p *pass[U]) hash(user *U) uint64 {
	text, _ := p.identity(user)
	return maphash.String(seed, text)
}

// size is the number of users on the first page. Only the last page may have fewer.
func (p *pass[U]) size() int { return len(p.page(1).Users) }

// next is the number of the next page to take, counted from 1.
func (p *pass[U]) next() int { return len(p.pages) + 1 }

// received counts the memory of a fetched page. It is safe for concurrent use.
func (p *pass[U]) received(page Page[U]) error {
	if p.bytes.Add(int64(page.Bytes)) > MaxBytes {
		return ErrTooLarge
	}
	return nil
}

// hasNew returns whether a page has a user who is not on the pages before.
func (p *pass[U]) hasNew(page Page[U]) bool {
	for i := range page.Users {
		if _, known := p.known[p.hash(&page.Users[i])]; !known {
			return true
		}
	}
	return false
}

// continues returns whether the listing goes on after a page: whether the page is full and has a new user.
func (p *pass[U]) continues(page Page[U]) bool {
	return p.size() > 0 && len(page.Users) >= p.size() && p.hasNew(page)
}

// take adds the next page. It returns an [inconsistentError] if the page shows that the listing has changed: if one of
// its users is on an earlier page, or is on it twice with different data.
func (p *pass[U]) take(page Page[U]) error {
	for i := range page.Users {
		text, unique := p.identity(&page.Users[i])
		hash := maphash.String(seed, text)
		switch first, known := p.known[hash]; {
		case !known:
			p.known[hash] = p.count + i
		case first < p.count:
			return inconsistent("the user %.40q was on an earlier page and on page %d", text, p.next())
		case unique && !reflect.DeepEqual(page.Users[first-p.count], page.Users[i]):
			return inconsistent("page %d has the user %.40q twice, with different data", p.next(), text)
		}
	}
	p.count += len(page.Users)
	p.pages = append(p.pages, page)
	if len(page.Users) >= p.size() {
		p.fullPages++
	}
	return nil
}

// repeatsLast returns whether a page has the same users as the last page taken.
func (p *pass[U]) repeatsLast(page Page[U]) bool {
	last := p.pages[len(p.pages)-1]
	return len(page.Users) > 0 && slices.EqualFunc(page.Users, last.Users, func(a, b U) bool { return p.hash(&a) == p.hash(&b) })
}

// discard keeps the hashes of the users of a page that is not taken. They must be on another page.
func (p *pass[U]) discard(page Page[U]) {
	for i := range page.Users {
		p.discarded = append(p.discarded, p.hash(&page.Users[i]))
	}
}

// page is the page with a number, or an empty page.
func (p *pass[U]) page(number int) (page Page[U]) {
	if number <= len(p.pages) {
		page = p.pages[number-1]
	}
	return page
}

// free lets the memory of a page's users be collected, if the same page of the next pass has a different checksum.
func (p *pass[U]) free(number int, sum uint64) {
	if number <= len(p.pages) && p.pages[number-1].Sum != sum {
		p.pages[number-1].Users = nil
	}
}

// users returns the users of all pages. Of several users with the same id, it returns the first.
func (p *pass[U]) users() []U {
	users := make([]U, 0, len(p.known))
	index := 0
	for _, page := range p.pages {
		for i := range page.Users {
			if text, unique := p.identity(&page.Users[i]); !unique || p.known[maphash.String(seed, text)] == index {
				users = append(users, page.Users[i])
			}
			index++
		}
	}
	return users
}

// checkComplete returns an [inconsistentError] if a user may be missing from the pass. It compares the pass with the
// pass before.
//
// All pages but the last are full, and the last page is fetched after all others. So a pass has as many users, each
// once, as the listing had at the end of the pass. If the pass misses a user, it has another user who had left by
// then. That user is missing from the next pass, and this is an error.
//
// Two passes do not show a missing user if in each of them a user left after being read, and the user who left during
// the first pass is back in the second.
func (p *pass[U]) checkComplete(before *pass[U]) error {
	for _, hash := range slices.Concat(p.discarded, before.discarded) {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user was on a prefetched page, but not on a page of the listing")
		}
	}
	if p.repeats && len(before.pages) > 0 && !slices.EqualFunc(before.pages, p.pages, func(a, b Page[U]) bool { return a.Sum == b.Sum }) {
		return inconsistent("the server repeats its last page, and the pages of two passes differ")
	}
	for hash := range before.known {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user of one pass was missing from the next pass")
		}
	}
	return nil
}

// inconsistentError is the error of a listing that has changed during a pass. Another pass may succeed.
type inconsistentError string

func (e inconsistentError) Error() string { return string(e) }

func inconsistent(format string, args ...any) error {
	return inconsistentError(fmt.Sprintf(format, args...))
}

// readConsistent reads a listing until a pass is complete in comparison with the pass before, or has all users from
// one response. After maxPasses, it returns a [*Failure].
func readConsistent[U any](read func(before *pass[U]) (*pass[U], error)) ([]U, error) {
	none := new(pass[U])
	before := none
	var reason inconsistentError
	for range maxPasses {
		current, err := read(before)
		if err == nil {
			err = current.checkComplete(before)
		}
		switch {
		case errors.As(err, &reason):
		case err != nil:
			return nil, err
		case current.oneResponse || before != none:
			return current.users(), nil
		}
		before = cmp.Or(current, none) // there is no current pass if it was inconsistent in itself
	}
	return nil, &Failure{rest.KindInconsistent, fmt.Sprintf("the listing was inconsistent in each of %d passes: %s", maxPasses, reason)}
}

// NormalizeIDs converts the ids of users to Unicode NFC, in which Terraform stores every string. It returns a
// [*Failure] if two different ids become the same. A user whose id is nil has none.
func NormalizeIDs[U any](users []U, id func(*U) *string) error {
	normal := true
	for i := range users {
		text := id(&users[i])
		normal = normal && (text == nil || norm.NFC.IsNormalString(*text))
	}
	if normal {
		return nil // the usual case needs no map of all ids
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
