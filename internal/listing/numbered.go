package listing

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

const (
	// lookahead is the number of pages in flight at first, in the first pass. With two pages, a listing of one page
	// needs only the time of one response.
	lookahead = 2
	// growth is the number of pages that each full page adds to the pages in flight. With a larger growth, a short listing
	// would cause more requests past its end.
	growth = 3
)

// Numbered is a listing with page numbers, counted from 1.
type Numbered[U any] struct {
	// PerPage is the number of users that each request specifies. A server may return smaller pages.
	PerPage int
	// Concurrency is the maximum number of pages in flight, at least 1. confirm always fetches two pages at a time, of which
	// the client may delay one.
	Concurrency int
	Identity    Identity[U]
	// Fetch fetches the page with a number. before is the same page in the pass before. Fetch may return before if the
	// response has the same checksum.
	Fetch func(ctx context.Context, number int, before Page[U]) (Page[U], error)
}

// Read returns every user who was in the listing from the first request to the last, once. Otherwise it returns the
// error of Fetch or an error about the listing, both as a [*rest.Error]. All listings of a call share the lease.
//
// In three cases Read misses a user without an error. pass.checkComplete describes the first case. In the second case, a
// server returns smaller pages than PerPage, and its second page is empty when Read fetches it, possibly before page 1.
// Then page 1 looks like the whole listing. In the third case, all users of a page move to the end of the listing. If the
// server repeats its last page, they look like the last page.
func (l Numbered[U]) Read(ctx context.Context, lease *rest.Lease) ([]U, error) {
	passes := 0
	return readConsistent(ctx, lease, func(before *pass[U]) (*pass[U], error) {
		p := newPass(l.Identity, lease, before)
		passes++
		for {
			if err := l.collect(ctx, p, before); err != nil {
				return nil, err
			}
			if passes > 1 {
				p.oneResponse = false // an earlier pass may have seen more pages
			}
			if p.oneResponse {
				return p, nil
			}
			if ended, err := l.confirm(ctx, p); err != nil {
				return nil, err
			} else if ended {
				return p, nil
			}
		}
	})
}

type fetchResult[U any] struct {
	page Page[U]
	err  error
}

// start starts to fetch a page, and returns a channel for the result.
func (l Numbered[U]) start(ctx context.Context, p *pass[U], number int, before Page[U]) <-chan fetchResult[U] {
	result := make(chan fetchResult[U], 1) // has a buffer, since collect may no longer receive the page
	go func() {
		page, err := l.Fetch(ctx, number, before)
		if err == nil {
			err = p.countMemory(page)
		}
		if err != nil {
			page = Page[U]{} // collect may receive it much later, for example after a slow page
		}
		result <- fetchResult[U]{page, err}
	}()
	return result
}

// collect fetches pages in parallel, and adds them to the pass in order. It stops at the first page that is not full or
// has no new user. It does not add this page, because users may have moved to the page after it was fetched. A second
// pass also stops after as many pages as were full in the pass before. In both cases, confirm fetches the next page and
// decides whether the listing ends.
func (l Numbered[U]) collect(ctx context.Context, p, before *pass[U]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the requests for pages past the end
	limit, lastNumber := lookahead, math.MaxInt
	if p.nextNumber() <= before.fullPages {
		limit, lastNumber = l.Concurrency, before.fullPages
	}
	var inFlight []<-chan fetchResult[U] // the next pages, in order
	for p.nextNumber() <= lastNumber {
		for number := p.nextNumber() + len(inFlight); len(inFlight) < min(limit, l.Concurrency) && number <= lastNumber; number++ {
			inFlight = append(inFlight, l.start(ctx, p, number, before.take(number)))
		}
		number, result := p.nextNumber(), <-inFlight[0]
		inFlight = inFlight[1:]
		if result.err != nil {
			return result.err
		}
		if more, err := p.mayContinue(result.page); err != nil {
			return err
		} else if !more {
			// If page 1 has fewer than PerPage users and page 2 is empty, one response has all users.
			p.oneResponse = number == 2 && len(result.page.Users) == 0 && p.pageSize() < l.PerPage
			p.discard(result.page)
			for _, prefetched := range inFlight {
				select {
				case result := <-prefetched:
					p.discard(result.page)
				default:
				}
			}
			return nil
		}
		if err := p.add(result.page); err != nil {
			return err
		}
		limit += growth
		if number == 1 && p.pageSize() < l.PerPage && before.fullPages == 0 {
			limit = 1 // page 1 is probably the only page, unless the pass before had more
		}
	}
	return nil
}

// confirm fetches the page after those that collect has added, after all of them have arrived. It also fetches the page
// after it. The listing ends if the page is empty, or is not full and has only new users, and the page after it is empty.
// The listing also ends if the server repeats its last page for every later number. To detect this, confirm fetches a
// page far past the end.
func (l Numbered[U]) confirm(ctx context.Context, p *pass[U]) (ended bool, err error) {
	number := p.nextNumber()
	atEnd, afterEnd := l.start(ctx, p, number, Page[U]{}), l.start(ctx, p, number+1, Page[U]{})
	end, after := <-atEnd, <-afterEnd
	if err := cmp.Or(end.err, after.err); err != nil {
		return false, err
	}
	if more, err := p.mayContinue(end.page); err != nil {
		return false, err
	} else if more {
		p.discard(after.page)
		return false, p.add(end.page)
	}
	pastEnd := []Page[U]{end.page, after.page}
	if p.hasNew(end.page) {
		if err := p.add(end.page); err != nil {
			return false, err
		}
		pastEnd = pastEnd[1:]
	}
	if !slices.ContainsFunc(pastEnd, func(page Page[U]) bool { return len(page.Users) > 0 }) {
		return true, nil
	}
	far := <-l.start(ctx, p, number*10, Page[U]{})
	if far.err != nil {
		return false, far.err
	}
	for _, page := range append(pastEnd, far.page) {
		if !p.repeatsLast(page) {
			return false, inconsistent("page %d looked like the last page, but a later page has users", number)
		}
	}
	switch {
	case len(p.pages) == 1 && p.pageSize() >= l.PerPage:
		return false, inconsistent("page 1 is full, and the later pages repeat it, as if the server ignored the page number")
	case len(p.pages) > 1 && p.pageSize() == 1:
		return false, inconsistent("the server repeats its last page, or the only user of page %d has moved to the later pages", number-1)
	}
	p.repeats = true
	return true, nil
}
