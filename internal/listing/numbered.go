package listing

import (
	"context"
	"math"
	"slices"
)

// lookahead is how many pages a pass begins with, so that a listing of one page takes no longer than that
// page, and how many more may be in flight after each full page.
const lookahead = 2

// Numbered is a listing whose pages are numbered, counted from 1.
type Numbered[U any] struct {
	// PerPage is how many users a page is requested to hold. A server may hold its pages smaller.
	PerPage int
	// Concurrency is how many pages may be in flight, at least 1.
	Concurrency int
	// Fetch fetches a page. Where the response has the checksum of the page before, which has the same number
	// in the pass before, it need not be decoded again.
	Fetch func(ctx context.Context, number int, before Page[U]) (Page[U], error)
	// Identity distinguishes users.
	Identity Identity[U]
}

// Read reads the whole listing. Users who were in it all the time that it was read are in the result, once;
// otherwise there is an error: that of Fetch, [ErrTooLarge], or an [*InconsistentError].
func (l Numbered[U]) Read(ctx context.Context) ([]U, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the requests for pages behind the end
	return readConsistent(func(before *pass[U]) (*pass[U], error) {
		p := newPass(l.Identity)
		for {
			if err := l.collect(ctx, p, before); err != nil {
				return nil, err
			}
			if p.oneMoment {
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

// response is a page that was fetched.
type response[U any] struct {
	number int
	page   Page[U]
	err    error
}

// collect fetches pages in parallel and takes them in the order of their numbers, until one is not full or
// brings no user who is not known. That one is left for confirm, since it may have been fetched too early.
// A pass that follows another one leaves the page that was the last then, too.
func (l Numbered[U]) collect(ctx context.Context, p, before *pass[U]) error {
	window, end := min(lookahead, l.Concurrency), math.MaxInt // how far to look ahead
	last := math.MaxInt                                       // the page to stop behind
	if before != nil {
		window = l.Concurrency
		if full := before.full(); p.next() <= full {
			last, end = full, full
		}
	}
	responses := make(chan response[U], l.Concurrency) // so that no request waits that is no longer needed
	arrived := map[int]response[U]{}
	inFlight, requested := 0, p.next()
	for p.next() <= last {
		for inFlight < window && requested < p.next()+window && (requested <= end || requested == p.next()) {
			go func(number int, before Page[U]) {
				page, err := l.Fetch(ctx, number, before)
				responses <- response[U]{number, page, err}
			}(requested, before.page(requested))
			requested++
			inFlight++
		}
		r := <-responses
		inFlight--
		arrived[r.number] = r
		if r.err == nil {
			if err := p.received(r.page); err != nil {
				return err
			}
			if len(r.page.Users) < max(p.size, 1) || r.number == 1 && len(r.page.Users) < l.PerPage {
				end = min(end, max(r.number, 2)) // nothing is expected behind it
			}
		}
		for number := p.next(); ; number++ {
			r, ok := arrived[number]
			if !ok {
				break
			}
			if r.err != nil {
				return r.err
			}
			if number > 1 && !p.continues(r.page) {
				for _, r := range arrived {
					p.leave(r.page)
				}
				// A second page that is empty, behind a first one that is shorter than requested.
				p.oneMoment = number == 2 && len(r.page.Users) == 0 && len(p.pages[0].Users) < l.PerPage
				return nil
			}
			if err := p.take(r.page); err != nil {
				return err
			}
			delete(arrived, number)
			before.release(number, r.page.Sum)
			if number > 1 || len(r.page.Users) >= l.PerPage {
				window = min(window+lookahead, l.Concurrency)
			}
			if number >= end {
				end = math.MaxInt // it goes on behind what looked like the end
			}
		}
	}
	return nil
}

// confirm fetches the page that looked like the end once more, now that all pages before it have arrived,
// and the one behind it. It returns true where the listing ends there: where the page is not full or brings
// no user who is not known, and the one behind it is empty. A server may also repeat its last page for
// whatever is behind it; a page far behind shows whether it does.
func (l Numbered[U]) confirm(ctx context.Context, p *pass[U]) (ended bool, err error) {
	number := p.next()
	pages, err := l.fetch(ctx, p, number, number+1)
	if err != nil {
		return false, err
	}
	if p.continues(pages[0]) {
		p.leave(pages[1])
		return false, p.take(pages[0])
	}
	behind := pages
	if p.brings(pages[0]) {
		if p.size == 0 {
			return false, inconsistent("page 1 is empty, and page %d is not", number)
		}
		if err := p.take(pages[0]); err != nil {
			return false, err
		}
		behind = pages[1:]
	}
	empty := func(page Page[U]) bool { return len(page.Users) == 0 }
	if !slices.ContainsFunc(behind, func(page Page[U]) bool { return !empty(page) }) {
		return true, nil
	}
	far, err := l.fetch(ctx, p, number*10)
	if err != nil {
		return false, err
	}
	last := p.pages[len(p.pages)-1]
	for _, page := range append(behind, far...) {
		same := slices.EqualFunc(page.Users, last.Users, func(a, b U) bool { return p.hash(&a) == p.hash(&b) })
		if !same || empty(page) {
			return false, inconsistent("page %d looked like the end, and there are users on a page behind it", number)
		}
	}
	p.repeated = true
	return true, nil
}

// fetch fetches pages in parallel.
func (l Numbered[U]) fetch(ctx context.Context, p *pass[U], numbers ...int) ([]Page[U], error) {
	responses := make(chan response[U], len(numbers))
	for i, number := range numbers {
		go func() {
			page, err := l.Fetch(ctx, number, Page[U]{})
			responses <- response[U]{i, page, err}
		}()
	}
	pages := make([]Page[U], len(numbers))
	for range numbers {
		r := <-responses
		if r.err != nil {
			return nil, r.err
		}
		if err := p.received(r.page); err != nil {
			return nil, err
		}
		pages[r.number] = r.page
	}
	return pages, nil
}
