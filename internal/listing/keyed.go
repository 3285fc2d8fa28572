package listing

import (
	"context"
	"fmt"
)

// eachKey is about how much memory a page takes beside its users and the text of its key, in bytes.
const eachKey = 200

// Keyed is a listing whose pages each give the key of the next one.
type Keyed[U any] struct {
	// Fetch fetches the page at a key, which is empty for the first; its number, counted from 1, is for errors.
	// The next key is empty where there is no other page.
	Fetch func(ctx context.Context, key string, number int) (page Page[U], next string, err error)
	// Identity distinguishes users.
	Identity Identity[U]
}

// Read reads the whole listing, as [Numbered.Read] does. A page key that was there before is an [ErrEndless].
func (l Keyed[U]) Read(ctx context.Context) ([]U, error) {
	return readConsistent(func(before *pass[U]) (*pass[U], error) {
		before.pages = nil // what is compared is in known
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
			if len(page.Users) > 0 && !p.hasNew(page) {
				return nil, inconsistent("page %d has only users who were on earlier pages", number)
			}
			if err := p.take(page); err != nil {
				return nil, err
			}
			if next == "" {
				p.single = number == 1
				return p, nil
			}
			key, pages[next] = next, number
		}
	})
}
