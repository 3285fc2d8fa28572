package listing

import (
	"context"
	"fmt"
)

// eachKey is an estimate of the memory of a page without its users and the text of its key, in bytes.
const eachKey = 200

// Keyed is a listing in which each page has the key of the next page.
type Keyed[U any] struct {
	// Fetch fetches the page at a key. The key of the first page is "". The number of the page, counted from 1, is for
	// errors. The last page returns "" as the next key.
	Fetch func(ctx context.Context, key string, number int) (page Page[U], next string, err error)
	// Identity distinguishes users.
	Identity Identity[U]
}

// Read returns every user of the listing, as [Numbered.Read] does. A page key that comes twice is an [ErrEndless].
func (l Keyed[U]) Read(ctx context.Context) ([]U, error) {
	return readConsistent(func(before *pass[U]) (*pass[U], error) {
		before.pages = nil // frees the users: before.known is enough for the comparison
		p := newPass(l.Identity)
		key, pages := "", map[string]int{}
		for {
			number := p.next()
			page, next, err := l.Fetch(ctx, key, number)
			if err != nil {
				return nil, err
			}
			if at, used := pages[next]; used {
				return nil, fmt.Errorf("page %d has the same next page key as page %d: %w", number, at, ErrEndless)
			}
			page.Bytes += len(next) + eachKey
			if err := p.received(page); err != nil {
				return nil, err
			}
			if err := p.take(page); err != nil {
				return nil, err
			}
			if next == "" {
				p.oneResponse = number == 1
				return p, nil
			}
			key, pages[next] = next, number
		}
	})
}
