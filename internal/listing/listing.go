// Package listing reads every user of a listing that has several pages and may change between two requests. If a user
// joins, a pass over all pages may find another user on two pages. If a user leaves, a pass may miss another user. Only
// the comparison of two passes shows that, since neither vendor returns the number of users.
//
// [Numbered] is a listing with page numbers. [Keyed] is a listing with page keys. [Group] lets callers share a read.
package listing

import (
	"cmp"
	"context"
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
	// maxPasses is the maximum number of passes over a listing.
	maxPasses = 4
	// MaxBytes is the maximum memory of the users of a listing, in bytes. 300,000 ordinary users need about two thirds.
	MaxBytes = 160 << 20
	// largeListing is the memory above which a listing needs the lease of its call, in bytes. About 20,000 ordinary users
	// need as much.
	largeListing = 8 << 20
)

// Page is one page of a listing.
type Page[U any] struct {
	Users []U
	// Checksum is the [Checksum] of the response. Two pages with the same checksum may share Users. Keyed does not use it.
	Checksum uint64
	// Bytes is an estimate of the memory of the users.
	Bytes int
}

// Identity returns a text that identifies a user, and whether the text is unique. An id is unique. The text of a user
// without an id consists of all attributes. It is not unique, since several users may have the same attributes.
type Identity[U any] func(*U) (text string, unique bool)

// pass is one pass over all pages of a listing.
type pass[U any] struct {
	identity    Identity[U]
	lease       *rest.Lease
	pages       []Page[U]
	fullPages   int
	userCount   int                  // of all pages
	known       map[uint64]knownUser // by the hash of the identity
	discarded   []uint64             // the hashes of the users on prefetched pages that were not added
	bytes       atomic.Int64         // the memory of the users on all fetched pages
	oneResponse bool                 // all users come from one response
	repeats     bool                 // the server repeats its last page for every later number, which hides the end of the listing
}

// knownUser is the entry of an identity. Its fields have 32 bits because a listing has an entry for each user.
type knownUser struct {
	first int32 // the index of the first user with this identity
	count int32 // the number of users with this identity, 1 for a unique one
}

// newPass returns a pass without pages. It has space for as many users as the pass before.
func newPass[U any](identity Identity[U], lease *rest.Lease, before *pass[U]) *pass[U] {
	return &pass[U]{identity: identity, lease: lease, known: make(map[uint64]knownUser, len(before.known))}
}

// seed makes the hashes of 64 bits random, so that a server cannot construct two users or responses with the same hash.
var seed = maphash.MakeSeed()

// Checksum returns the checksum of a response for [Page]. It is different in each process.
func Checksum(response []byte) uint64 { return maphash.Bytes(seed, response) }

func (p *pass[U]) hash(user *U) uint64 {
	text, _ := p.identity(user)
	return maphash.String(seed, text)
}

// pageSize returns the number of users on the first page. A full page has as many users. Only the last page may have
// fewer.
func (p *pass[U]) pageSize() int { return len(p.pages[0].Users) }

// nextNumber returns the number of the next page to add, counted from 1.
func (p *pass[U]) nextNumber() int { return len(p.pages) + 1 }

// countMemory counts the memory of a fetched page. It returns errLarge if the listing is large and another call holds
// the lease. It is safe for concurrent use.
func (p *pass[U]) countMemory(page Page[U]) error {
	switch total := p.bytes.Add(int64(page.Bytes)); {
	case total > MaxBytes:
		return ErrTooLarge
	case total > largeListing && !p.lease.TryAcquire():
		return errLarge
	}
	return nil
}

// hasNew returns whether a page has a user who is not on the pages added so far.
func (p *pass[U]) hasNew(page Page[U]) bool {
	for i := range page.Users {
		if _, known := p.known[p.hash(&page.Users[i])]; !known {
			return true
		}
	}
	return false
}

// mayContinue returns whether the listing may continue after a page: the page is page 1, or is full and has a new user.
// It returns an [inconsistent] error if the page has more users than page 1, since page 1 may lack users then.
func (p *pass[U]) mayContinue(page Page[U]) (bool, error) {
	if len(p.pages) == 0 {
		return true, nil
	}
	if len(page.Users) > p.pageSize() {
		return false, inconsistent("page %d has more users than page 1", p.nextNumber())
	}
	return len(page.Users) == p.pageSize() && p.hasNew(page), nil
}

// add adds the next page. It returns an [inconsistent] error if a user of the page is also on an earlier page, or is
// twice on the page with different data.
func (p *pass[U]) add(page Page[U]) error {
	for i := range page.Users {
		text, unique := p.identity(&page.Users[i])
		hash := maphash.String(seed, text)
		user, known := p.known[hash]
		switch first := int(user.first); {
		case !known:
			user.first = int32(p.userCount + i) //nolint:gosec // A listing of MaxBytes has fewer users.
		case first < p.userCount:
			return inconsistent("the user %.40q was on an earlier page and on page %d", text, p.nextNumber())
		case unique && !reflect.DeepEqual(page.Users[first-p.userCount], page.Users[i]):
			return inconsistent("page %d has the user %.40q twice, with different data", p.nextNumber(), text)
		}
		if !unique || !known {
			user.count++
			p.known[hash] = user
		}
	}
	p.userCount += len(page.Users)
	p.pages = append(p.pages, page)
	if len(page.Users) == p.pageSize() {
		p.fullPages++
	}
	return nil
}

// repeatsLast returns whether a page has the same users as the last page of the pass.
func (p *pass[U]) repeatsLast(page Page[U]) bool {
	last := p.pages[len(p.pages)-1]
	return len(page.Users) > 0 && slices.EqualFunc(page.Users, last.Users, func(a, b U) bool { return p.hash(&a) == p.hash(&b) })
}

// discard keeps the hashes of the users of a prefetched page that is not added. checkComplete requires that these users
// are on a page of the pass.
func (p *pass[U]) discard(page Page[U]) {
	for i := range page.Users {
		p.discarded = append(p.discarded, p.hash(&page.Users[i]))
	}
}

// take moves the page with a number out of the pass, except for its checksum. If there is no such page, take returns an
// empty page.
func (p *pass[U]) take(number int) (page Page[U]) {
	if number <= len(p.pages) {
		page = p.pages[number-1]
		p.pages[number-1].Users = nil
	}
	return page
}

// users returns the users of all pages. If a page has the same id twice, users returns the first user.
func (p *pass[U]) users() []U {
	users := make([]U, 0, p.userCount)
	index := 0
	for _, page := range p.pages {
		for i := range page.Users {
			if text, unique := p.identity(&page.Users[i]); !unique || int(p.known[maphash.String(seed, text)].first) == index {
				users = append(users, page.Users[i])
			}
			index++
		}
	}
	return users
}

// checkComplete compares the pass with the pass before. It returns an [inconsistent] error if the pass may miss a user.
//
// All pages but the last are full, and the last page is fetched after all others. So a pass has as many users as the
// listing had at that moment. If a pass misses a user who was in the listing then, it has another user, who had left
// before. The next pass does not have that user. So it is an error if a user of the pass before is missing.
//
// The discarded pages are a second check: they show a missing user whom the server has already returned.
//
// It does not detect a missing user if a user left during each pass, after the fetch of the user's page, and the user
// who left during the first pass is back in the second pass.
func (p *pass[U]) checkComplete(before *pass[U]) error {
	for _, hash := range slices.Concat(p.discarded, before.discarded) {
		if _, known := p.known[hash]; !known {
			return inconsistent("a user was on a prefetched page, but not on a page of the listing")
		}
	}
	if p.repeats && len(before.pages) > 0 && !slices.EqualFunc(before.pages, p.pages, func(a, b Page[U]) bool { return a.Checksum == b.Checksum }) {
		return inconsistent("the server repeats its last page, and the pages of two passes differ")
	}
	for hash, user := range before.known {
		if p.known[hash].count < user.count {
			return inconsistent("a user of one pass was missing from the next pass")
		}
	}
	return nil
}

// inconsistent returns the error of a listing that has changed during a pass. It is retryable: another pass may succeed.
func inconsistent(format string, args ...any) error {
	return &rest.Error{Kind: rest.KindInconsistent, Err: fmt.Errorf(format, args...), Retryable: true}
}

// Endless returns the error of a listing whose page keys repeat.
func Endless(format string, args ...any) error {
	return &rest.Error{Kind: rest.KindInconsistent, Err: fmt.Errorf(format+": the listing would never end", args...)}
}

// ErrTooLarge is the error of a listing whose users need more memory than MaxBytes.
var ErrTooLarge = &rest.Error{Kind: rest.KindListingTooLarge, Err: fmt.Errorf("the users of the listing would need more than %d MiB of memory", MaxBytes>>20)}

// errLarge is the error of a large listing without the lease.
var errLarge = errors.New("the provider was still reading another large listing")

// readConsistent calls read, which makes a pass, until checkComplete accepts a pass or a single response has all users.
// After maxPasses, it returns an [inconsistent] error. If a pass needs the lease, readConsistent drops it and the pass
// before, waits for the lease, and starts the pass again.
func readConsistent[U any](ctx context.Context, lease *rest.Lease, read func(before *pass[U]) (*pass[U], error)) ([]U, error) {
	noPass := new(pass[U])
	before := noPass
	var reason error
	for range maxPasses {
		current, err := read(before)
		for errors.Is(err, errLarge) {
			before = noPass // releases its users during the wait
			if lease.Acquire(ctx) != nil {
				return nil, rest.Ended(ctx, err)
			}
			current, err = read(before)
		}
		if err == nil {
			err = current.checkComplete(before)
		}
		switch failure, _ := errors.AsType[*rest.Error](err); {
		case failure != nil && failure.Kind == rest.KindInconsistent && failure.Retryable:
			reason = failure.Err // makes another pass
		case err != nil:
			return nil, err
		case current.oneResponse || before != noPass:
			return current.users(), nil
		}
		before = cmp.Or(current, noPass) // current is nil if read found the pass inconsistent
	}
	return nil, inconsistent("the listing was inconsistent in each of %d passes: %w", maxPasses, reason)
}

// NormalizeIDs converts the ids of users to Unicode NFC, because Terraform stores every string in NFC. It returns an
// error of [rest.KindDuplicateID] if two different ids become the same. A user without an id has a nil id.
func NormalizeIDs[U any](users []U, id func(*U) *string) error {
	allNormal := true
	for i := range users {
		text := id(&users[i])
		allNormal = allNormal && (text == nil || norm.NFC.IsNormalString(*text))
	}
	if allNormal {
		return nil // without the memory of a map of all ids
	}
	original := map[string]string{} // id in NFC -> id of the vendor
	for i := range users {
		text := id(&users[i])
		if text == nil {
			continue
		}
		normalized := norm.NFC.String(*text)
		if other, ok := original[normalized]; ok && other != *text {
			return &rest.Error{Kind: rest.KindDuplicateID, Err: fmt.Errorf("the ids %+.40q and %+.40q of two users are the same in Unicode NFC", other, *text)}
		}
		original[normalized], *text = *text, normalized
	}
	return nil
}
