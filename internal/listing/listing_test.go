package listing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// user is a user with an id, or without one.
type user struct {
	id   string
	cost int
}

func (u *user) identity() (string, bool) {
	if u.id == "" {
		return fmt.Sprint("cost ", u.cost), false
	}
	return u.id, true
}

// The passes over a listing by page keys: what each of them finds, and what comes of it.
func TestKeyed(t *testing.T) {
	t.Parallel()
	a1, a2, b1, c1, none1, none2 := user{"a", 1}, user{"a", 2}, user{"b", 1}, user{"c", 1}, user{"", 1}, user{"", 2}
	changed := "the listing was inconsistent in each of 4 passes: "
	type pages [][]user
	for name, test := range map[string]struct {
		passes []pages // the last one for ever
		want   []user
		taken  int // passes
		err    string
	}{
		"one page":                      {passes: []pages{{{b1, a1}}}, want: []user{b1, a1}, taken: 1},
		"no users":                      {passes: []pages{{{}}}, want: []user{}, taken: 1},
		"two pages":                     {passes: []pages{{{b1}, {a1}}}, want: []user{b1, a1}, taken: 2},
		"an empty page":                 {passes: []pages{{{b1}, {}, {a1}, {}}}, want: []user{b1, a1}, taken: 2},
		"twice on one page":             {passes: []pages{{{a1, b1, a1}}}, want: []user{a1, b1}, taken: 1},
		"twice, with different data":    {passes: []pages{{{a1, a2}}}, taken: 4, err: changed + `page 1 has the user "a" twice, with different data`},
		"twice without an id":           {passes: []pages{{{none1, none1}, {none2}}}, want: []user{none1, none1, none2}, taken: 2},
		"on two pages without an id":    {passes: []pages{{{none1, none2}, {none1, a1}}}, taken: 4, err: changed + `the user "cost 1" was on an earlier page and on page 2`},
		"other data in the second pass": {passes: []pages{{{a1}, {b1}}, {{a2}, {b1}}}, want: []user{a2, b1}, taken: 2},
		"a newcomer":                    {passes: []pages{{{a1}, {b1}}, {{c1, a1}, {b1}}}, want: []user{c1, a1, b1}, taken: 2},
		"one leaves":                    {passes: []pages{{{a1}, {b1}}, {{b1}, {c1}}}, want: []user{b1, c1}, taken: 3},
		"one leaves, without an id":     {passes: []pages{{{none1}, {none2}}, {{none2}, {a1}}}, want: []user{none2, a1}, taken: 3},
		"one always leaves":             {passes: []pages{{{a1}, {b1}}, {{b1}, {c1}}, {{c1}, {a1}}, {{a1}, {b1}}}, taken: 4, err: changed + "a user of one pass was missing from the next pass"},
		"an overlap, once":              {passes: []pages{{{a1}, {a1, b1}}, {{a1}, {b1}}}, want: []user{a1, b1}, taken: 3},
		"an overlap, always":            {passes: []pages{{{a1, b1}, {b1, c1}}}, taken: 4, err: changed + `the user "b" was on an earlier page and on page 2`},
		"a page of known users":         {passes: []pages{{{a1}, {a1}}}, taken: 4, err: changed + `the user "a" was on an earlier page and on page 2`},
		"an overlap between two passes": {passes: []pages{{{a1}, {b1}}, {{a1}, {a1, b1}}, {{a1}, {b1}}}, want: []user{a1, b1}, taken: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			taken := 0
			got, err := Keyed[user]{
				Identity: (*user).identity,
				Fetch: func(_ context.Context, key string, number int) (Page[user], string, error) {
					if number == 1 {
						taken++
					}
					if want := map[bool]string{true: "", false: fmt.Sprint("key of page ", number)}[number == 1]; key != want {
						t.Errorf("page %d was fetched at %q", number, key)
					}
					pages := test.passes[min(taken, len(test.passes))-1]
					if number < len(pages) {
						return Page[user]{Users: pages[number-1]}, fmt.Sprint("key of page ", number+1), nil
					}
					return Page[user]{Users: pages[number-1]}, "", nil
				},
			}.Read(t.Context())
			if taken != test.taken {
				t.Errorf("%d passes, want %d", taken, test.taken)
			}
			if test.err != "" {
				if err == nil || err.Error() != test.err || got != nil {
					t.Errorf("got %v and %v, want the error %q", got, err, test.err)
				}
				return
			}
			if err != nil || !slices.Equal(got, test.want) || got == nil {
				t.Errorf("got %v and %v, want %v", got, err, test.want)
			}
		})
	}
}

// served is a listing by page numbers: each page is a function of the number of requests for it.
type served func(page, request int) []user

func (s served) read(t *testing.T, perPage, concurrency int) (got []user, requests int, err error) {
	t.Helper()
	var mu sync.Mutex
	count, sent := map[int]int{}, 0
	got, err = Numbered[user]{
		PerPage: perPage, Concurrency: concurrency, Identity: (*user).identity,
		Fetch: func(_ context.Context, number int, _ Page[user]) (Page[user], error) {
			mu.Lock()
			defer mu.Unlock()
			count[number]++
			sent++
			users := s(number, count[number])
			page := Page[user]{Users: users, Checksum: uint64(len(users))}
			for _, u := range users {
				page.Checksum = page.Checksum*31 + uint64(u.cost)
			}
			return page, nil
		},
	}.Read(t.Context())
	mu.Lock()
	requests = sent
	mu.Unlock() // a page that was fetched ahead may still be on its way
	return got, requests, err
}

func idRange(from, to int) []user {
	users := []user{}
	for i := from; i < to; i++ {
		users = append(users, user{fmt.Sprint(i), i})
	}
	return users
}

// still is a listing that does not change.
func still(n, size int) func(page int) []user {
	return func(page int) []user {
		from := min((page-1)*size, n)
		return idRange(from, min(from+size, n))
	}
}

func TestNumbered(t *testing.T) {
	t.Parallel()
	four := still(400, 100)
	for name, test := range map[string]struct {
		pages served
		want  int
		err   string
	}{
		"an empty page in the middle, once": {pages: func(page, request int) []user {
			if page == 2 && request == 1 {
				return nil
			}
			return four(page)
		}, want: 400},
		"an empty page in the middle, always": {pages: func(page, _ int) []user {
			if page == 2 {
				return nil
			}
			return four(page)
		}, err: "page 2 looked like the last page, but a later page has users"},
		"a page in the middle that is not full, always": {pages: func(page, _ int) []user {
			if page == 2 {
				return four(page)[:60]
			}
			return four(page)
		}, err: "looked like the last page"},
		"an empty first page, always": {pages: func(page, _ int) []user {
			if page == 1 {
				return nil
			}
			return four(page)
		}, err: "page 2 has more users than page 1"},
		"a short first page, once": {pages: func(page, request int) []user {
			if page == 1 && request == 1 {
				return four(page)[:60]
			}
			return four(page)
		}, want: 400},
		"a short first page, always": {pages: func(page, _ int) []user {
			if page == 1 {
				return four(page)[:60]
			}
			return four(page)
		}, err: "page 2 has more users than page 1"},
		"the first page again behind the end": {pages: func(page, _ int) []user { return four((page-1)%4 + 1) }, err: "looked like the last page"},
		"one page for whatever is requested":  {pages: func(int, int) []user { return four(1) }, err: "as if the server ignored the page number"},
		"one short page, again and again":     {pages: func(int, int) []user { return four(1)[:60] }, want: 60},
		"all users on the first page":         {pages: func(page, _ int) []user { return still(400, 400)(page) }, want: 400},
		"page 3 again and again":              {pages: func(page, _ int) []user { return still(250, 100)(min(page, 3)) }, want: 250},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, concurrency := range []int{1, 2, 32} {
				got, _, err := test.pages.read(t, 100, concurrency)
				if test.err != "" {
					if err == nil || !strings.Contains(err.Error(), test.err) || got != nil {
						t.Errorf("got %d users and %v, want an error with %q", len(got), err, test.err)
					}
				} else if err != nil || len(got) != test.want {
					t.Errorf("got %d users and %v, want %d", len(got), err, test.want)
				}
			}
		})
	}
}

// A user who was on a page that was fetched ahead is in the result, although in the next pass another one was away
// as well when the end was confirmed.
func TestUserOnAPageOfThePassBefore(t *testing.T) {
	t.Parallel()
	all := still(101, 100)
	firsts := 0
	got, _, err := served(func(page, request int) []user {
		if page == 1 {
			firsts++
		}
		if page > 1 && (firsts > 1 || request > 1) && firsts < 3 {
			return nil // user 0 has left, so that user 100 is on page 1, and comes back for each page 1
		}
		return all(page)
	}).read(t, 100, 2)
	if err != nil || len(got) != 101 || firsts != 3 {
		t.Errorf("got %d users and %v after %d passes", len(got), err, firsts)
	}
}

// A user who was on a page that was fetched ahead is in the result, although another one left and came
// back so that both passes could end without that user.
func TestUserOnAPageFetchedAhead(t *testing.T) {
	t.Parallel()
	all := still(101, 100)
	got, _, err := served(func(page, request int) []user {
		if page == 2 && request == 2 {
			return nil // user 0 has left, so that user 100 is on page 1, and comes back
		}
		return all(page)
	}).read(t, 100, 2)
	if err != nil || len(got) != 101 {
		t.Errorf("got %d users and %v", len(got), err)
	}
}

// A page that lists a user twice is as full in the second pass, where it is not decoded again, as in the first.
func TestUserTwiceOnAFullPage(t *testing.T) {
	t.Parallel()
	before := newPass((*user).identity, new(pass[user]))
	p := newPass((*user).identity, before)
	page := Page[user]{Users: append(idRange(0, 99), idRange(98, 99)...), Checksum: 1}
	if err := errors.Join(before.add(page), p.add(before.page(1))); err != nil || p.pageSize() != 100 || len(p.users()) != 99 || p.fullPages != 1 || before.fullPages != 1 {
		t.Errorf("%v, %d users on pages of %d, %d of them full", err, len(p.users()), p.pageSize(), p.fullPages)
	}
}

// A page with many users who are there twice is compared once for each of them.
func TestManyUsersTwice(t *testing.T) {
	t.Parallel()
	calls := 0
	p := newPass(func(u *user) (string, bool) {
		calls++
		return u.identity()
	}, new(pass[user]))
	const n = 50_000
	if err := p.add(Page[user]{Users: slices.Concat(idRange(0, n), idRange(0, n))}); err != nil || len(p.users()) != n || calls > 4*n {
		t.Errorf("%d users and %v, after %d identities", len(p.users()), err, calls)
	}
}

// A listing that never ends, or whose users are large, is an error.
func TestListingTooLarge(t *testing.T) {
	t.Parallel()
	fetched := 0
	page := func(number int) Page[user] {
		fetched = max(fetched, number)
		return Page[user]{Users: idRange(number*100, number*100+100), Bytes: 1 << 20}
	}
	if got, err := (Numbered[user]{PerPage: 100, Concurrency: 1, Identity: (*user).identity,
		Fetch: func(_ context.Context, number int, _ Page[user]) (Page[user], error) { return page(number), nil }}).Read(t.Context()); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("by numbers: %d users and %v", len(got), err)
	}
	if got, err := (Keyed[user]{Identity: (*user).identity,
		Fetch: func(_ context.Context, _ string, number int) (Page[user], string, error) {
			return page(number), fmt.Sprint(number), nil
		}}).Read(t.Context()); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("by keys: %d users and %v", len(got), err)
	}
	if fetched != MaxBytes>>20+1 {
		t.Errorf("%d pages were fetched", fetched)
	}
	if got, err := (Keyed[user]{Identity: (*user).identity,
		Fetch: func(_ context.Context, _ string, number int) (Page[user], string, error) {
			return Page[user]{}, fmt.Sprintf("%0*d", 1<<20, number), nil
		}}).Read(t.Context()); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("with large keys: %d users and %v", len(got), err)
	}
}

func TestNormalizeIDs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ ids, want, err string }{
		{ids: "a b", want: "a b"},
		{ids: "a e\u0301 b", want: "a \u00e9 b"},
		{ids: "e\u0301 e\u0301", want: "\u00e9 \u00e9"}, // as the API gives it on a single page
		{ids: "a \u00e9 e\u0301", err: `the ids "\u00e9" and "e\u0301" of two users are the same in Unicode NFC`},
		{ids: "\u212b \u00c5", err: `"\u212b" and "\u00c5"`},
	} {
		users := []user{}
		for id := range strings.FieldsSeq(test.ids) {
			users = append(users, user{id: id})
		}
		err := NormalizeIDs(users, func(u *user) *string { return &u.id })
		got := []string{}
		for _, u := range users {
			got = append(got, u.id)
		}
		if test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) || test.err == "" && (err != nil || strings.Join(got, " ") != test.want) {
			t.Errorf("%+q: got %+q and %v", test.ids, got, err)
		}
	}
	if err := NormalizeIDs([]user{{}, {id: "e\u0301"}}, func(u *user) *string {
		if u.id == "" {
			return nil
		}
		return &u.id
	}); err != nil {
		t.Errorf("without an id: %v", err)
	}
}

var errFailed = errors.New("failed")

// Ten callers at the same time get one result, and so does one who comes soon after; a caller who comes
// later gets a new one.
func TestGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		reads := 0
		read := func(context.Context) (int, error) {
			reads++
			n := reads
			time.Sleep(300 * time.Millisecond)
			return n, nil
		}
		expect := func(key string, want int) {
			t.Helper()
			if got, err := group.Read(t.Context(), key, read); got != want || err != nil {
				t.Errorf("got %d and %v, want %d", got, err, want)
			}
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { expect("a", 1) })
		}
		all.Wait()
		expect("a", 1)
		expect("b", 2)
		time.Sleep(MaxAge - 600*time.Millisecond - 1) // almost the age after the first read began
		expect("a", 1)
		time.Sleep(2 * time.Nanosecond)
		expect("a", 3)
		time.Sleep(MaxAge)
		synctest.Wait()
		if len(group.recent) != 0 {
			t.Errorf("%d results are kept", len(group.recent))
		}
	})
}

// A caller does not join a read that began longer than the age before.
func TestGroupMaxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[string]
		var reads atomic.Int64
		read := func(context.Context) (string, error) {
			name := fmt.Sprint("read ", reads.Add(1))
			time.Sleep(3 * time.Second)
			return name, nil
		}
		var all sync.WaitGroup
		for after, want := range map[time.Duration]string{0: "read 1", MaxAge - 1: "read 1", MaxAge + 1: "read 2", 2 * time.Second: "read 2"} {
			all.Go(func() {
				time.Sleep(after)
				if got, err := group.Read(t.Context(), "", read); got != want || err != nil {
					t.Errorf("after %s: got %q and %v, want %q", after, got, err, want)
				}
			})
		}
		all.Wait()
		synctest.Wait()
		if len(group.recent) != 0 {
			t.Errorf("%d results are kept", len(group.recent))
		}
	})
}

// An error goes to all callers who wait for it, and is not kept.
func TestGroupError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		err := errFailed
		read := func(context.Context) (int, error) {
			time.Sleep(time.Millisecond)
			return 1, err
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := group.Read(t.Context(), "", read); !errors.Is(err, errFailed) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		err = nil
		if got, err := group.Read(t.Context(), "", read); got != 1 || err != nil {
			t.Errorf("after the error: got %d and %v", got, err)
		}
		time.Sleep(MaxAge)
	})
}

// A caller whose context ends gets an error at once. If the read was that caller's own, its error is the
// caller's, and the others start another one.
func TestGroupContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		started := time.Now()
		reads := 0
		read := func(ctx context.Context) (int, error) {
			reads++
			n := reads
			select {
			case <-ctx.Done():
				return 0, errFailed // which says more than the context's error
			case <-time.After(3 * time.Second):
				return n, nil
			}
		}
		caller := func(begin, limit time.Duration, want int, wantErr error, wantAfter time.Duration) {
			time.Sleep(begin)
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			got, err := group.Read(ctx, "", read)
			if took := time.Since(started); got != want || !errors.Is(err, wantErr) || took != wantAfter {
				t.Errorf("got %d and %v after %s, want %d and %v after %s", got, err, took, want, wantErr, wantAfter)
			}
		}
		const ms = time.Millisecond
		var all sync.WaitGroup
		all.Go(func() { caller(0, 500*ms, 0, errFailed, 500*ms) })
		all.Go(func() { caller(100*ms, 200*ms, 0, context.DeadlineExceeded, 300*ms) })
		all.Go(func() { caller(200*ms, time.Minute, 2, nil, 3500*ms) })
		all.Go(func() { caller(300*ms, time.Minute, 2, nil, 3500*ms) })
		all.Wait()
		time.Sleep(MaxAge)
	})
}

// The time limit of one caller is not the others': they start another read if the first one gives up before a wait
// that would have passed it.
func TestGroupTimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		reads := 0
		read := func(context.Context) (int, error) {
			reads++
			n := reads
			time.Sleep(time.Millisecond)
			if n == 1 {
				return 0, &rest.Error{Kind: rest.KindDeadline, Err: errFailed}
			}
			return n, nil
		}
		var all sync.WaitGroup
		all.Go(func() {
			_, err := group.Read(t.Context(), "", read)
			if _, ok := errors.AsType[*rest.Error](err); !ok {
				t.Errorf("the caller with the time limit got %v", err)
			}
		})
		synctest.Wait()
		for range 2 {
			all.Go(func() {
				if got, err := group.Read(t.Context(), "", read); got != 2 || err != nil {
					t.Errorf("another caller got %d and %v", got, err)
				}
			})
		}
		all.Wait()
		time.Sleep(MaxAge)
	})
}

// A caller whose read takes no notice of the end of its context, since it is decoding a large response, does
// not wait for it; nor does one who has joined it.
func TestGroupBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		read := func(context.Context) (int, error) {
			time.Sleep(time.Minute)
			return 1, nil
		}
		started := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if got, err := group.Read(ctx, "", read); got != 0 || !errors.Is(err, context.Canceled) || time.Since(started) > 100*time.Millisecond+errorWait {
					t.Errorf("got %d and %v after %s", got, err, time.Since(started))
				}
			})
		}
		all.Wait()
		time.Sleep(time.Hour) // until the read has ended
	})
}
