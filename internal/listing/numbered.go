package listing

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// lookahead is how many pages are in flight at first, and how many more may be in flight after each full page. With
// two pages at first, a listing of one page needs no more time than its page.
const lookahead = 2

// Numbered is a listing with page numbers, counted from 1.
type Numbered[U any] struct {
	// PerPage is the requested number of users of a page. A server may return smaller pages.
	PerPage int
	// Concurrency is how many pages may be in flight, at least 1.
	Concurrency int
	// Fetch fetches a page. before is the page with this number in the pass before. Fetch may return it instead of
	// decoding a response that has the same checksum.
	Fetch func(ctx context.Context, number int, before Page[U]) (Page[U], error)
	// Identity distinguishes users.
	Identity Identity[U]
}

// Read returns every user who was in the listing from the first request to the last, once. Otherwise it returns an
// error: that of Fetch, or a [*Failure]. It cannot detect two cases. pass.checkComplete describes the first. The second
// is a server that returns smaller pages than PerPage: if its second page is empty for a moment, the first page
// looks like the whole listing.
func (l Numbered[U]) Read(ctx context.Context) ([]U, error) {
	return readConsistent(func(before *pass[U]) (*pass[U], error) {
		p := newPass(l.Identity)
		for {
			if err := l.collect(ctx, p, before); err != nil {
				return nil, err
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

// response is a page, or the error of Fetch.
type response[U any] struct {
	page Page[U]
	err  error
}

// start starts to fetch a page.
func (l Numbered[U]) start(ctx context.Context, p *pass[U], number int, before Page[U]) <-chan response[U] {
	fetched := make(chan response[U], 1) // with a buffer, since collect may no longer need the page
	go func() {
		page, err := l.Fetch(ctx, number, before)
		if err == nil {
			err = p.received(page)
		}
		fetched <- response[U]{page, err}
	}()
	return fetched
}

// collect fetches pages in parallel, and takes them in the order of their numbers. It stops at the first page that is
// not full or has no new user. It does not take that page, since other users may have moved there after it was
// fetched: confirm fetches it again. A second pass stops after as many pages as were full in the pass before.
func (l Numbered[U]) collect(ctx context.Context, p, before *pass[U]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the requests for pages past the end
	window, last := lookahead, math.MaxInt
	if p.next() <= before.fullPages {
		window, last = l.Concurrency, before.fullPages
	}
	var inFlight []<-chan response[U] // the next pages, in order
	for p.next() <= last {
		for number := p.next() + len(inFlight); len(inFlight) < min(window, l.Concurrency) && number <= last; number++ {
			inFlight = append(inFlight, l.start(ctx, p, number, before.page(number)))
		}
		number, r := p.next(), <-inFlight[0]
		inFlight = inFlight[1:]
		if r.err != nil {
			return r.err
		}
		if number > 1 && !p.continues(r.page) {
			// If the first page is shorter than requested and the second is empty, one response has all users.
			p.oneResponse = number == 2 && len(r.page.Users) == 0 && p.size() < l.PerPage
			p.discard(r.page)
			for _, ahead := range inFlight {
				select {
				case r := <-ahead:
					p.discard(r.page)
				default:
				}
			}
			return nil
		}
		if err := p.take(r.page); err != nil {
			return err
		}
		before.free(number, r.page.Sum)
		if window += lookahead; number == 1 && p.size() < l.PerPage {
			window = 1 // the first page is probably the only page
		}
	}
	return nil
}

// confirm fetches the page at which collect has stopped again, now that all pages before it have arrived, and the page
// after it. The listing ends there if the page is still not full or has no new user, and the page after it is empty.
// It also ends there if the server repeats its last page for every later number: then confirm fetches a page far past
// the end as well.
func (l Numbered[U]) confirm(ctx context.Context, p *pass[U]) (ended bool, err error) {
	number := p.next()
	atEnd, afterEnd := l.start(ctx, p, number, Page[U]{}), l.start(ctx, p, number+1, Page[U]{})
	end, after := <-atEnd, <-afterEnd
	if err := cmp.Or(end.err, after.err); err != nil {
		return false, err
	}
	if p.continues(end.page) {
		p.discard(after.page)
		return false, p.take(end.page)
	}
	later := []Page[U]{end.page, after.page} // than the last page
	if p.hasNew(end.page) {
		if p.size() == 0 {
			return false, inconsistent("page 1 is empty, but page %d is not", number)
		}
		if err := p.take(end.page); err != nil {
			return false, err
		}
		later = later[1:]
	}
	if !slices.ContainsFunc(later, func(page Page[U]) bool { return len(page.Users) > 0 }) {
		return true, nil
	}
	far := <-l.start(ctx, p, number*10, Page[U]{})
	if far.err != nil {
		return false, far.err
	}
	for _, page := range append(later, far.page) {
		if !p.repeatsLast(page) {
			return false, inconsistent("page %d looked like the last page, but a later page has users", number)
		}
	}
	if len(p.pages) == 1 && p.size() >= l.PerPage {
		return false, inconsistent("page 1 is full, and the later pages repeat it, as if the server ignored the page number")
	}
	p.repeats = true
	return true, nil
}
