package listing

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// lookahead is how many pages are requested at first, so that a listing of one page takes no longer than that
// page, and how many more may be in flight after each full page.
const lookahead = 2

// Numbered is a listing whose pages are numbered, counted from 1.
type Numbered[U any] struct {
	// PerPage is how many users a page is requested to hold. A server may hold its pages smaller.
	PerPage int
	// Concurrency is how many pages may be in flight, at least 1.
	Concurrency int
	// Fetch fetches a page. before is the page with this number in the pass before. If the response has the same
	// checksum, Fetch may return it instead of decoding the response.
	Fetch func(ctx context.Context, number int, before Page[U]) (Page[U], error)
	// Identity distinguishes users.
	Identity Identity[U]
}

// Read reads the whole listing. Users who were in it all the time that it was read are in the result, once;
// otherwise there is an error: that of Fetch, or a [*Failure]. Of two cases a listing
// shows nothing: the one that pass.agrees describes, and a first page that is shorter than PerPage, with an empty
// second one, of a server that holds its pages that small: it is taken for the whole listing.
func (l Numbered[U]) Read(ctx context.Context) ([]U, error) {
	return readConsistent(func(before *pass[U]) (*pass[U], error) {
		p := newPass(l.Identity)
		for {
			if err := l.collect(ctx, p, before); err != nil {
				return nil, err
			}
			if p.single {
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

// response is a page, or the error of fetching it.
type response[U any] struct {
	page Page[U]
	err  error
}

// start starts to fetch a page.
func (l Numbered[U]) start(ctx context.Context, p *pass[U], number int, before Page[U]) <-chan response[U] {
	fetched := make(chan response[U], 1) // so that nothing waits where the page is no longer needed
	go func() {
		page, err := l.Fetch(ctx, number, before)
		if err == nil {
			err = p.received(page)
		}
		fetched <- response[U]{page, err}
	}()
	return fetched
}

// collect fetches pages in parallel and takes them in the order of their numbers. It stops at the first page that
// is not full or has no new user, and leaves that page to confirm, since it may have been fetched too early. A
// pass that follows another one stops behind the full pages of that one.
func (l Numbered[U]) collect(ctx context.Context, p, before *pass[U]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the requests for pages behind the end, which may wait for others
	window, last := lookahead, math.MaxInt
	if p.next() <= before.full {
		window, last = l.Concurrency, before.full
	}
	var inFlight []<-chan response[U] // the next pages, in their order
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
			// The first page is shorter than requested, and the second is empty: one response has all users.
			p.single = number == 2 && len(r.page.Users) == 0 && p.size < l.PerPage
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
		before.release(number, r.page.Sum)
		if window += lookahead; number == 1 && p.size < l.PerPage {
			window = 1 // it is likely to be the only page
		}
	}
	return nil
}

// confirm fetches the page that looked like the end once more, now that all pages before it have arrived, and the
// one behind it. It returns true at the end: where the page is not full or has no new user, and behind it is an
// empty page, or nothing but the last page repeated, which a page far behind shows.
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
	behind := []Page[U]{end.page, after.page}
	if p.hasNew(end.page) {
		if p.size == 0 {
			return false, inconsistent("page 1 is empty, but page %d is not", number)
		}
		if err := p.take(end.page); err != nil {
			return false, err
		}
		behind = behind[1:]
	}
	if !slices.ContainsFunc(behind, func(page Page[U]) bool { return len(page.Users) > 0 }) {
		return true, nil
	}
	far := <-l.start(ctx, p, number*10, Page[U]{})
	if far.err != nil {
		return false, far.err
	}
	for _, page := range append(behind, far.page) {
		if !p.repeatsLast(page) {
			return false, inconsistent("page %d looked like the last page, but a later page has users", number)
		}
	}
	if len(p.pages) == 1 && p.size >= l.PerPage {
		return false, inconsistent("page 1 is full, and the later pages repeat it, as if the server ignored the page number")
	}
	p.repeated = true
	return true, nil
}
