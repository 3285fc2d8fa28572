package openlayer

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// source is where a reading has its pages from.
type source interface {
	// ask sends the request for a page. The pages of the reading before need not be decoded again.
	ask(ctx context.Context, number int64, before pages) answer
	// await goes on asking for a page that the API is still loading.
	await(ctx context.Context, number int64, before pages, first answer) answer
	// width is how many requests may be under way.
	width() int
}

// answer is what comes of the request for a page.
type answer struct {
	at      time.Time // when it was asked for
	users   []User
	sum     uint64       // of the body
	loading *rest.Answer // where the API is still loading the page
	err     error
}

// pages are decoded pages, by the sum of their bodies.
type pages map[uint64][]User

// outline is what a reading learns of a listing for the next one. The zero value is nothing.
type outline struct {
	size  int      // how many users a full page has
	end   int64    // the first page that is not full, or brings nobody new
	last  int64    // the page that brings nobody new
	sums  []uint64 // of the pages up to that one
	pages pages
	seen  *listing.Pages[User]
}

// plain tells whether the users were on full pages, and perhaps on one more that is not, with an empty
// page behind them. Of any other listing it is not certain where it ends.
func (o outline) plain() bool {
	return o.last > 1 && o.end >= o.last-1 && len(o.pages[o.sums[o.last-1]]) == 0
}

// noEnd is the end of a listing whose end is not known.
const noEnd = math.MaxInt64

// reading reads page after page until one brings nobody new. A short page is no proof of the end,
// since a server may hold its pages smaller than they were asked to be; nor is an empty page the
// only one, since a server may repeat its last page for whatever is past the end.
//
// Pages are asked for ahead of their turn, more of them with each one that comes back full, and
// taken in their order, so that the result is that of asking for one page after the other. What
// becomes of a request behind the page that ends the reading does not matter.
//
// The order of asking matters in one way. Full pages and then one that is not full have at least as
// many users, nobody twice, as there are in the listing when the last of them is served. If somebody
// in the listing was missed, then somebody who was read is not in it. Where the page that is not full
// was asked for last, that one has left, and the next reading shows it. Where it was asked for
// earlier, that one may have come later, and nothing would show. So a page that is not full, or
// brings nobody new, is believed only if it was asked for when all pages before it had been
// answered; otherwise it is asked for again. Once one has been believed, the pages behind it can only
// bring more users.
//
// The next reading has to show that nobody of this one has left. So it need not find an end of its own
// where it finds the same pages, down to the last user.
type reading struct {
	source
	ctx     context.Context
	perPage int64
	before  outline
	seen    *listing.Pages[User] // nil as long as all pages are those of the reading before
	since   time.Time            // when the first page was asked for
	learned outline

	size      int              // how many users a full page has
	ahead     int              // how many requests the reading dares to have under way
	under     int              // how many are
	requests  map[int64]*asked // by page, until it is taken
	answered  chan *asked
	next      int64 // the first page that has not been asked for
	end, last int64 // the look-ahead stops at end until the pages before it are taken, and at last
	believed  bool  // a page that is not full has been taken
	lastTaken int   // how many users are on the last page that brought somebody new
}

// step is how many pages a reading begins with, so that a listing of one takes no longer than its page,
// and how many more each full one makes room for.
const step = 2

// asked is a request for a page.
type asked struct {
	number int64
	early  bool // some page before it had not been taken yet
	cancel context.CancelFunc
	done   bool
	answer
}

// whole reads a listing as often as it takes to know that nobody is missing.
func whole(ctx context.Context, source source, perPage int64) (users []User, since time.Time, err error) {
	var learned outline
	return listing.Settle(func() (pages *listing.Pages[User], err error) {
		pages, learned, err = read(ctx, source, perPage, learned)
		return pages, err
	})
}

// read reads the listing once, and tells what it has learned of it. Its error is a [*listing.MovedError]
// where the listing has changed meanwhile.
func read(ctx context.Context, source source, perPage int64, before outline) (*listing.Pages[User], outline, error) {
	r := &reading{
		source:   source,
		ctx:      ctx,
		perPage:  perPage,
		before:   before,
		learned:  outline{pages: pages{}},
		size:     int(perPage),
		requests: map[int64]*asked{},
		answered: make(chan *asked),
		next:     1,
	}
	r.lookAhead(step, noEnd, noEnd)
	if before.last > 0 {
		end := before.end
		if before.plain() {
			end = before.last // a last page that is not full is no end as long as all pages are the same
		}
		r.size = before.size
		r.lookAhead(int(before.last), end, before.last)
	}
	err := r.all()
	r.drop(1)
	for r.under > 0 {
		<-r.answered
		r.under--
	}
	if err != nil {
		return nil, outline{pages: r.learned.pages}, err
	}
	if r.seen == nil {
		r.seen = before.seen
	}
	r.learned.seen = r.seen
	return r.seen, r.learned, nil
}

func collection() *listing.Pages[User] {
	return listing.New(func(u User) (string, bool) { return u.ID, true })
}

// asBefore tells whether a page is that of the reading before, as all pages in front of it were. The
// users of that reading are those of this one then, if it goes on so up to an empty page at the end.
// With the first page that is another one, the reading begins a collection of its own.
func (r *reading) asBefore(page *asked) (bool, error) {
	if r.seen != nil {
		return false, nil
	}
	if last := r.before.last; page.number <= last && page.sum == r.before.sums[page.number-1] && (page.number < last || len(page.users) == 0) {
		return true, nil
	}
	r.seen = collection()
	r.seen.Since(r.since)
	for _, sum := range r.learned.sums {
		if _, err := r.seen.Add(r.learned.pages[sum]); err != nil {
			return false, err
		}
	}
	return false, nil
}

// brings tells whether a page has anybody new.
func (r *reading) brings(page *asked) (bool, error) {
	same, err := r.asBefore(page)
	return same && page.number < r.before.last || !same && err == nil && r.seen.Brings(page.users), err
}

// add takes a page, and tells whether it has anybody new.
func (r *reading) add(page *asked) (fresh bool, err error) {
	same, err := r.asBefore(page)
	if same || err != nil {
		return page.number < r.before.last, err
	}
	return r.seen.Add(page.users)
}

// all takes all pages.
func (r *reading) all() error {
	for number := int64(1); ; number++ {
		page, err := r.page(number)
		if err != nil {
			return err
		}
		if number == 1 {
			r.since = page.at
		}
		fresh, err := r.add(page)
		if err != nil {
			return err
		}
		if r.seen == nil && r.before.plain() && number == r.before.last-1 {
			return nil
		}
		r.learned.sums = append(r.learned.sums, page.sum)
		if number == 1 {
			r.size = len(page.users)
			r.learned.size = r.size
		}
		if (!fresh || !r.full(page)) && !r.believed {
			r.believed, r.learned.end = true, number
		}
		if !fresh {
			r.learned.last = number
			return r.pastTheEnd(page)
		}
		r.lastTaken = len(page.users)
		if number >= r.last || number == r.end && !r.believed {
			// The listing goes on behind what looked like its end.
			r.lookAhead(1, noEnd, noEnd)
		}
	}
}

// page takes a page, asking for it as often as it takes to believe it.
func (r *reading) page(number int64) (*asked, error) {
	for {
		page := r.take(number)
		if page.loading != nil {
			// Pages that are still loading are waited for one by one.
			r.drop(number + 1)
			page.answer, page.early = r.await(r.ctx, number, r.before.pages, page.answer), false
		}
		if page.err != nil {
			return nil, page.err
		}
		r.learned.pages[page.sum] = page.users
		if !page.early || r.believed {
			return page, nil
		}
		if same, err := r.asBefore(page); err != nil || same && r.before.plain() {
			return page, err
		}
		if number == 2 && len(page.users) == 0 && int64(r.size) < r.perPage {
			return page, nil // the first page is taken for the whole listing, as in pastTheEnd
		}
		if fresh, err := r.brings(page); err != nil || fresh && r.full(page) {
			return page, err
		}
		r.drop(number)
		r.lookAhead(1, number, number)
	}
}

// take waits for the answer to the request for a page, and asks for others meanwhile.
func (r *reading) take(number int64) *asked {
	for {
		if page := r.requests[number]; page != nil && page.done {
			delete(r.requests, number)
			return page
		}
		for r.under < min(r.ahead, r.width()) && r.mayAsk(number) {
			r.send(number)
		}
		page := <-r.answered
		r.under--
		if r.requests[page.number] == page { // and was not dropped
			page.done = true
			r.consider(page)
		}
	}
}

// mayAsk tells whether to ask for the next page while another one is waited for: within a window's
// distance of that one where the end is not known, and otherwise as far as the end.
func (r *reading) mayAsk(awaited int64) bool {
	switch {
	case r.next == awaited:
		return true
	case r.end == noEnd:
		return r.next < awaited+int64(min(r.ahead, r.width()))
	}
	return r.next < r.end || awaited >= r.end && r.next <= r.last
}

// send asks for the next page while another one is waited for.
func (r *reading) send(awaited int64) {
	ctx, cancel := context.WithCancel(r.ctx)
	page := &asked{number: r.next, early: r.next > awaited, cancel: cancel}
	r.requests[page.number] = page
	r.next++
	r.under++
	go func() {
		defer cancel()
		page.answer = r.ask(ctx, page.number, r.before.pages)
		r.answered <- page
	}()
}

// consider decides, by the answer for one page, for which others to ask.
func (r *reading) consider(page *asked) {
	switch {
	case page.err != nil:
		r.last = min(r.last, page.number)
		r.drop(page.number + 1)
	case page.loading != nil:
		r.ahead = 1
	case r.full(page):
		r.ahead += step
	case page.number < r.end:
		last := page.number
		if len(page.users) > 0 {
			last++ // to see that nothing comes after it
		}
		r.lookAhead(r.ahead, page.number, last)
		r.drop(last + 1)
	}
}

// lookAhead sets how far to look ahead.
func (r *reading) lookAhead(requests int, end, last int64) {
	r.ahead, r.end, r.last = requests, end, last
}

// drop gives up the requests for a page and all after it.
func (r *reading) drop(from int64) {
	for number, page := range r.requests {
		if number >= from {
			page.cancel()
			delete(r.requests, number)
		}
	}
	r.next = min(r.next, from)
}

// full tells whether a page has as many users as pages have that are followed by another one.
func (r *reading) full(page *asked) bool { return len(page.users) > 0 && len(page.users) >= r.size }

// pastTheEnd looks at the page that brought nobody new. If it is not empty, either
//   - it is past the end, and the server repeats its last page there; or
//   - so many users have come in front of it that it has those of the page before.
//
// A page that is far past the end tells one from the other: the first server repeats its last page
// there as well, the second has none. Where pages hold a single user, who may be here and there by
// chance, a doubt remains.
func (r *reading) pastTheEnd(page *asked) error {
	// From a first page that was full, the only user of a second one may have moved up. A page
	// that is short for another reason, a server's own cap, is not told from one that is the
	// whole listing: that would cost every small listing a third request. Where there is such a
	// cap, and somebody comes or leaves between the two pages, somebody may be missed.
	if r.seen != nil && page.number <= 2 && int64(r.size) < r.perPage {
		r.seen.OneMoment()
	}
	if len(page.users) == 0 {
		return nil
	}
	moved := &listing.MovedError{Reason: fmt.Sprintf("page %d brought nobody new, and was not the last", page.number)}
	if len(page.users) < r.lastTaken {
		return moved // it is not the last page once more
	}
	r.drop(page.number + 1)
	number := page.number * 10
	far := r.await(r.ctx, number, r.before.pages, r.ask(r.ctx, number, r.before.pages))
	if far.err != nil {
		return far.err
	}
	fresh, err := r.seen.Add(far.users)
	if err != nil {
		return err
	}
	switch {
	case fresh || len(far.users) == 0:
		return moved
	case len(far.users) == 1:
		r.seen.Doubt(moved.Reason)
	}
	return nil
}
