package listing

import (
	"context"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// pageOverhead is an estimate of the memory of a page without its users and its key, in bytes.
const pageOverhead = 200

// Keyed is a listing in which each page has the key of the next page.
type Keyed[U any] struct {
	// Fetch fetches the page with a key, and returns the key of the next page. The first page has the key "", and the last
	// page returns "". The number of the page, counted from 1, is for errors.
	Fetch    func(ctx context.Context, key string, number int) (page Page[U], next string, err error)
	Identity Identity[U]
}

// Read returns every user of the listing, as [Numbered.Read] does. A page key that comes twice is an [Endless] error.
// If a key is a place in an order that changes, Read misses a user who moves from after this place to before it in each
// of two successive passes.
func (l Keyed[U]) Read(ctx context.Context, lease *rest.Lease) ([]U, error) {
	return readConsistent(ctx, lease, func(before *pass[U]) (*pass[U], error) {
		before.pages = nil // releases the users: without repeats, checkComplete needs no pages
		p := newPass(l.Identity, lease, before)
		key, pageWithNext := "", map[string]int{}
		for {
			number := p.nextNumber()
			page, next, err := l.Fetch(ctx, key, number)
			if err != nil {
				return nil, err
			}
			if earlier, used := pageWithNext[next]; used {
				return nil, Endless("page %d has the same next page key as page %d", number, earlier)
			}
			page.Bytes += len(next) + pageOverhead
			if err := p.countMemory(page); err != nil {
				return nil, err
			}
			if err := p.add(page); err != nil {
				return nil, err
			}
			if next == "" {
				p.oneResponse = number == 1
				return p, nil
			}
			key, pageWithNext[next] = next, number
		}
	})
}

// ReadPage returns the users of a single page, as fetch returns them. It is a listing without a second page. Its users
// have no identity, since a page may have a user twice.
func ReadPage[U any](ctx context.Context, lease *rest.Lease, fetch func() (Page[U], error)) ([]U, error) {
	return Keyed[U]{
		Fetch: func(context.Context, string, int) (page Page[U], next string, err error) {
			page, err = fetch()
			return page, "", err
		},
		Identity: func(*U) (string, bool) { return "", false },
	}.Read(ctx, lease)
}
