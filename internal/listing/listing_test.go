package listing

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// user is a user of a test listing. If it has no id, its cost identifies it.
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

// TestKeyed checks the result of Read and the number of passes, for listings with page keys that may change between two
// passes.
func TestKeyed(t *testing.T) {
	t.Parallel()
	a1, a2, b1, c1, none1, none2 := user{"a", 1}, user{"a", 2}, user{"b", 1}, user{"c", 1}, user{"", 1}, user{"", 2}
	changed := "the listing was inconsistent in each of 4 passes: "
	type pages [][]user
	for name, test := range map[string]struct {
		passes []pages // the pages in each pass; later passes are like the last element
		want   []user
		taken  int // number of passes
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
		"a user joins":                  {passes: []pages{{{a1}, {b1}}, {{c1, a1}, {b1}}}, want: []user{c1, a1, b1}, taken: 2},
		"a user leaves":                 {passes: []pages{{{a1}, {b1}}, {{b1}, {c1}}}, want: []user{b1, c1}, taken: 3},
		"a user without an id leaves":   {passes: []pages{{{none1}, {none2}}, {{none2}, {a1}}}, want: []user{none2, a1}, taken: 3},
		"one of two equal users leaves": {passes: []pages{{{none1, none1, a1}, {c1}}, {{b1, none1, a1}, {c1}}}, want: []user{b1, none1, a1, c1}, taken: 3},
		"a user leaves in each pass":    {passes: []pages{{{a1}, {b1}}, {{b1}, {c1}}, {{c1}, {a1}}, {{a1}, {b1}}}, taken: 4, err: changed + "a user of one pass was missing from the next pass"},
		"an overlap in the first pass":  {passes: []pages{{{a1}, {a1, b1}}, {{a1}, {b1}}}, want: []user{a1, b1}, taken: 3},
		"an overlap in each pass":       {passes: []pages{{{a1, b1}, {b1, c1}}}, taken: 4, err: changed + `the user "b" was on an earlier page and on page 2`},
		"a page of known users":         {passes: []pages{{{a1}, {a1}}}, taken: 4, err: changed + `the user "a" was on an earlier page and on page 2`},
		"an overlap in the second pass": {passes: []pages{{{a1}, {b1}}, {{a1}, {a1, b1}}, {{a1}, {b1}}}, want: []user{a1, b1}, taken: 4},
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
						t.Errorf("page %d was fetched with the key %q", number, key)
					}
					pages := test.passes[min(taken, len(test.passes))-1]
					if number < len(pages) {
						return Page[user]{Users: pages[number-1]}, fmt.Sprint("key of page ", number+1), nil
					}
					return Page[user]{Users: pages[number-1]}, "", nil
				},
			}.Read(t.Context(), newLease(t))
			if taken != test.taken {
				t.Errorf("%d passes, want %d", taken, test.taken)
			}
			if test.err != "" {
				if !strings.Contains(fmt.Sprint(err), ": "+test.err+" (") || got != nil {
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

// served is a listing with page numbers. It returns the users of a page. request counts the requests for this page and
// pass the requests for page 1, including the current request.
type served func(page, request, pass int) []user

// read returns the result of Numbered.Read, and the number of passes.
func (s served) read(t *testing.T, perPage, concurrency int) (got []user, passes int, err error) {
	t.Helper()
	var mu sync.Mutex
	count := map[int]int{}
	got, err = Numbered[user]{
		PerPage: perPage, Concurrency: concurrency, Identity: (*user).identity,
		Fetch: func(_ context.Context, number int, _ Page[user]) (Page[user], error) {
			mu.Lock()
			defer mu.Unlock()
			count[number]++
			users := s(number, count[number], count[1])
			page := Page[user]{Users: users, Checksum: uint64(len(users))}
			for _, u := range users {
				page.Checksum = page.Checksum*31 + uint64(u.cost)
			}
			return page, nil
		},
	}.Read(t.Context(), newLease(t))
	mu.Lock() // a prefetched page may still be in flight
	defer mu.Unlock()
	return got, count[1], err
}

func idRange(from, to int) []user {
	users := []user{}
	for i := from; i < to; i++ {
		users = append(users, user{fmt.Sprint(i), i})
	}
	return users
}

// still returns a listing of n users that does not change. Its pages have this size.
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
		"an empty page in the middle, once": {pages: func(page, request, _ int) []user {
			if page == 2 && request == 1 {
				return nil
			}
			return four(page)
		}, want: 400},
		"an empty page in the middle, always": {pages: func(page, _, _ int) []user {
			if page == 2 {
				return nil
			}
			return four(page)
		}, err: "page 2 looked like the last page, but a later page has users"},
		"a page in the middle that is not full, always": {pages: func(page, _, _ int) []user {
			if page == 2 {
				return four(page)[:60]
			}
			return four(page)
		}, err: "looked like the last page"},
		"an empty first page, always": {pages: func(page, _, _ int) []user {
			if page == 1 {
				return nil
			}
			return four(page)
		}, err: "page 2 has more users than page 1"},
		"a short first page, once": {pages: func(page, request, _ int) []user {
			if page == 1 && request == 1 {
				return four(page)[:60]
			}
			return four(page)
		}, want: 400},
		"a short first page, always": {pages: func(page, _, _ int) []user {
			if page == 1 {
				return four(page)[:60]
			}
			return four(page)
		}, err: "page 2 has more users than page 1"},
		"the first pages again after the end":  {pages: func(page, _, _ int) []user { return four((page-1)%4 + 1) }, err: "looked like the last page"},
		"the same full page for every number":  {pages: func(int, int, int) []user { return four(1) }, err: "as if the server ignored the page number"},
		"the same short page for every number": {pages: func(int, int, int) []user { return four(1)[:60] }, want: 60},
		"all users on the first page":          {pages: func(page, _, _ int) []user { return still(400, 400)(page) }, want: 400},
		"the last page for every later number": {pages: func(page, _, _ int) []user { return still(250, 100)(min(page, 3)) }, want: 250},
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

// TestPasses checks the result of Read and the number of passes, for listings with page numbers that change between two
// requests.
func TestPasses(t *testing.T) {
	t.Parallel()
	thirdPages, secondPages := 0, 0
	for name, test := range map[string]struct {
		perPage, concurrency int
		pages                served
		want, passes         int
		err                  string
	}{
		// In pass 1, user 100 is only on page 2, which is not added. In pass 2, user 100 is on no page.
		"a user on a discarded page of the pass before": {perPage: 100, concurrency: 2, want: 101, passes: 3, pages: func(page, request, pass int) []user {
			if page > 1 && (pass > 1 || request > 1) && pass < 3 {
				return nil // user 0 has left, so user 100 has moved to page 1; user 0 returns before each fetch of page 1
			}
			return still(101, 100)(page)
		}},
		// In pass 2, user 4 is only on page 3, which is not added.
		"a user on a discarded page of the same pass": {perPage: 2, concurrency: 1, want: 5, passes: 3, pages: func(page, _, pass int) []user {
			switch {
			case pass == 1:
				return still(3, 2)(page)
			case pass == 2 && page == 3: // users 3 and 4 have joined
				if thirdPages++; thirdPages > 1 {
					return nil // user 1 has left, so user 4 has moved to page 2; user 1 returns before pass 3
				}
			}
			return still(5, 2)(page)
		}},
		// Pass 1 confirms that page 2 is empty, because user 0 is away at that moment. Pass 2 must fetch page 2 again.
		"the end again in the second pass": {perPage: 100, concurrency: 2, want: 101, passes: 2, pages: func(page, request, _ int) []user {
			if page == 2 && request == 2 {
				return nil
			}
			return still(101, 100)(page)
		}},
		// A page has two users instead of five. In pass 1, a user is on two pages. In pass 2, page 2 is empty once, so that
		// page 1 looks like the whole listing.
		"a single response after an inconsistent pass": {perPage: 5, concurrency: 1, want: 4, passes: 3, pages: func(page, _, pass int) []user {
			switch {
			case pass == 1 && page == 2:
				return idRange(1, 3)
			case pass == 2 && page == 2:
				if secondPages++; secondPages == 1 {
					return nil
				}
			}
			return still(4, 2)(page)
		}},
		// If the server repeats its last page, all pages must be as in the pass before. The pages change after pass 1.
		"a repeated last page after a change": {perPage: 2, concurrency: 1, want: 4, passes: 3, pages: func(page, _, pass int) []user {
			pages := [][]user{idRange(0, 2), idRange(2, 4)}
			if pass > 1 {
				slices.Reverse(pages)
			}
			return pages[min(page, 2)-1]
		}},
		// A user who moves to the end looks like a last page that the server repeats. User 3 may be on no page.
		"one user on a repeated page": {perPage: 1, concurrency: 1, passes: 4, pages: func(page, _, _ int) []user {
			return [][]user{idRange(0, 1), idRange(2, 3)}[min(page, 2)-1]
		}, err: "repeats its last page, or the only user of page 2 has moved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, passes, err := test.pages.read(t, test.perPage, test.concurrency)
			if len(got) != test.want || passes != test.passes || (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %d users and %v after %d passes, want %d after %d", len(got), err, passes, test.want, test.passes)
			}
		})
	}
}

// A page with the same user twice counts as full in both passes. The second pass shares the page of the first pass. The
// result has the user once.
func TestUserTwiceOnAFullPage(t *testing.T) {
	t.Parallel()
	before := newPass((*user).identity, newLease(t), new(pass[user]))
	p := newPass((*user).identity, newLease(t), before)
	page := Page[user]{Users: append(idRange(0, 99), idRange(98, 99)...), Checksum: 1}
	if err := errors.Join(before.add(page), p.add(before.take(1))); err != nil || p.pageSize() != 100 || len(p.users()) != 99 || p.fullPages != 1 || before.fullPages != 1 {
		t.Errorf("got the error %v, %d users, a page size of %d and %d full pages", err, len(p.users()), p.pageSize(), p.fullPages)
	}
}

// add and users call Identity once for each element of a page, even if many users are twice on the page.
func TestManyUsersTwice(t *testing.T) {
	t.Parallel()
	calls := 0
	p := newPass(func(u *user) (string, bool) {
		calls++
		return u.identity()
	}, newLease(t), new(pass[user]))
	const n = 50_000
	if err := p.add(Page[user]{Users: slices.Concat(idRange(0, n), idRange(0, n))}); err != nil || len(p.users()) != n || calls > 4*n {
		t.Errorf("got %d users and %v, after %d calls of Identity", len(p.users()), err, calls)
	}
}

// An endless listing is an ErrTooLarge as soon as its users or its page keys need more than MaxBytes.
func TestListingTooLarge(t *testing.T) {
	t.Parallel()
	fetched := 0
	page := func(number int) Page[user] {
		fetched = max(fetched, number)
		return Page[user]{Users: idRange(number*100, number*100+100), Bytes: 1 << 20}
	}
	if got, err := (Numbered[user]{PerPage: 100, Concurrency: 1, Identity: (*user).identity,
		Fetch: func(_ context.Context, number int, _ Page[user]) (Page[user], error) { return page(number), nil }}).Read(t.Context(), newLease(t)); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("with page numbers: %d users and %v", len(got), err)
	}
	if got, err := (Keyed[user]{Identity: (*user).identity,
		Fetch: func(_ context.Context, _ string, number int) (Page[user], string, error) {
			return page(number), fmt.Sprint(number), nil
		}}).Read(t.Context(), newLease(t)); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("with page keys: %d users and %v", len(got), err)
	}
	if fetched != MaxBytes>>20+1 {
		t.Errorf("%d pages were fetched", fetched)
	}
	zeros := strings.Repeat("0", 1<<20)
	if got, err := (Keyed[user]{Identity: (*user).identity,
		Fetch: func(_ context.Context, _ string, number int) (Page[user], string, error) {
			return Page[user]{}, fmt.Sprint(number, zeros), nil
		}}).Read(t.Context(), newLease(t)); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("with large page keys: %d users and %v", len(got), err)
	}
}

func TestNormalizeIDs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ ids, want, err string }{
		{ids: "a b", want: "a b"},
		{ids: "a e\u0301 b", want: "a \u00e9 b"},
		{ids: "e\u0301 e\u0301", want: "\u00e9 \u00e9"}, // a single page may have an id twice
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

// Callers that come at the same time share a read. After the read, a caller starts a new read: it may depend on a change
// that is newer than the read.
func TestGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		reads := 0
		read := func(context.Context, *rest.Lease) (int, error) {
			reads++
			n := reads
			time.Sleep(maxAge / 2)
			return n, nil
		}
		expect := func(key string, want int) {
			t.Helper()
			if got, err := group.Read(t.Context(), newClient(), key, read); got != want || err != nil {
				t.Errorf("got %d and %v, want %d", got, err, want)
			}
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { expect("a", 1) })
		}
		all.Wait()
		expect("a", 2)
		expect("b", 3)
	})
}

// A caller does not join a read that started more than maxAge ago, even if it has not ended.
func TestGroupMaxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[string]
		var reads atomic.Int64
		read := func(context.Context, *rest.Lease) (string, error) {
			name := fmt.Sprint("read ", reads.Add(1))
			time.Sleep(3 * time.Second)
			return name, nil
		}
		var all sync.WaitGroup
		for after, want := range map[time.Duration]string{0: "read 1", maxAge - 1: "read 1", maxAge + 1: "read 2", 2 * maxAge: "read 2"} {
			all.Go(func() {
				time.Sleep(after)
				if got, err := group.Read(t.Context(), newClient(), "", read); got != want || err != nil {
					t.Errorf("after %s: got %q and %v, want %q", after, got, err, want)
				}
			})
		}
		all.Wait()
	})
}

// All callers that have joined a read get its error. A later caller starts a new read.
func TestGroupError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		err := errFailed
		read := func(context.Context, *rest.Lease) (int, error) {
			time.Sleep(time.Millisecond)
			return 1, err
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := group.Read(t.Context(), newClient(), "", read); !errors.Is(err, errFailed) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		err = nil
		if got, err := group.Read(t.Context(), newClient(), "", read); got != 1 || err != nil {
			t.Errorf("after the error: got %d and %v", got, err)
		}
	})
}

// A caller gets an error as soon as its own context ends. If this caller started the read, it gets the error of the
// read, and the other callers start a new read. The new read gets the lease of the read that failed.
func TestGroupContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		started := time.Now()
		reads := 0
		client := newClient()
		read := func(ctx context.Context, lease *rest.Lease) (int, error) {
			if err := lease.Acquire(ctx); err != nil {
				return 0, err
			}
			reads++
			n := reads
			select {
			case <-ctx.Done():
				return 0, &rest.Error{Kind: rest.KindDeadline, Err: errFailed} // has more details than the context's error
			case <-time.After(3 * time.Second):
				return n, nil
			}
		}
		caller := func(begin, limit time.Duration, want int, wantErr string, wantAfter time.Duration) {
			time.Sleep(begin)
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			got, err := group.Read(ctx, client, "", read)
			if took := time.Since(started); got != want || (err != nil) != (wantErr != "") || !strings.Contains(fmt.Sprint(err), wantErr) || took != wantAfter {
				t.Errorf("got %d and %v after %s, want %d and %v after %s", got, err, took, want, wantErr, wantAfter)
			}
		}
		const ms = time.Millisecond
		var all sync.WaitGroup
		all.Go(func() { caller(0, 500*ms, 0, "failed", 500*ms) })
		all.Go(func() { caller(10*ms, 200*ms, 0, "the listing was not complete", 210*ms) })
		all.Go(func() { caller(20*ms, time.Minute, 2, "", 3500*ms) })
		all.Go(func() { caller(30*ms, time.Minute, 2, "", 3500*ms) })
		all.Wait()
	})
}

// If a read fails because a wait would end after the deadline of the caller that started it, the other callers start a
// new read.
func TestGroupTimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		reads := 0
		read := func(context.Context, *rest.Lease) (int, error) {
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
			_, err := group.Read(t.Context(), newClient(), "", read)
			if _, ok := errors.AsType[*rest.Error](err); !ok {
				t.Errorf("the caller that started the read got %v", err)
			}
		})
		synctest.Wait()
		for range 2 {
			all.Go(func() {
				if got, err := group.Read(t.Context(), newClient(), "", read); got != 2 || err != nil {
					t.Errorf("another caller got %d and %v", got, err)
				}
			})
		}
		all.Wait()
	})
}

// The lease of a read ends with the last of its callers. Neither the group nor the lease keeps the result in memory.
func TestGroupLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[*[1 << 20]byte]
		client := newClient()
		read := func(_ context.Context, lease *rest.Lease) (*[1 << 20]byte, error) {
			if !lease.TryAcquire() {
				t.Error("the read does not hold the lease")
			}
			time.Sleep(time.Millisecond)
			return new([1 << 20]byte), nil
		}
		var ends []func()
		results := make(chan weak.Pointer[[1 << 20]byte], 3)
		for range cap(results) {
			ctx, end := context.WithCancel(t.Context())
			ends = append(ends, end)
			go func() {
				result, err := group.Read(ctx, client, "", read)
				if err != nil {
					t.Error(err)
				}
				results <- weak.Make(result)
			}()
			synctest.Wait() // so that the first caller starts the read
		}
		time.Sleep(maxAge)
		synctest.Wait()
		first, second, third := <-results, <-results, <-results
		if first != second || first != third {
			t.Error("the callers did not share the result")
		}
		if runtime.GC(); first.Value() != nil {
			t.Error("the result is still in memory")
		}
		other := client.NewLease(t.Context())
		for i, end := range ends {
			if other.TryAcquire() {
				t.Errorf("the lease ended after %d of 3 callers", i)
			}
			end()
			synctest.Wait()
		}
		if !other.TryAcquire() {
			t.Error("the lease did not end with the last caller")
		}
	})
}

// If a read does not end with its context, for example because it is decoding a large response, its callers get the
// error of their contexts within errorWait.
func TestGroupBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group Group[int]
		read := func(context.Context, *rest.Lease) (int, error) {
			time.Sleep(time.Minute)
			return 1, nil
		}
		started := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if got, err := group.Read(ctx, newClient(), "", read); got != 0 || !strings.Contains(fmt.Sprint(err), "the listing was not complete") || time.Since(started) > 100*time.Millisecond+errorWait {
					t.Errorf("got %d and %v after %s", got, err, time.Since(started))
				}
			})
		}
		all.Wait()
		time.Sleep(time.Hour) // until the read has ended
	})
}

// Only one call at a time has a large listing or page. Another call starts its pass again, or fetches its page again, when
// the first call has ended. If its own context ends before, the error has the reason.
func TestLargeListings(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(context.Context, *rest.Lease, func(int) (Page[user], error)) ([]user, error){
		"listing": func(ctx context.Context, lease *rest.Lease, fetch func(int) (Page[user], error)) ([]user, error) {
			return Numbered[user]{
				PerPage: 1, Concurrency: 1, Identity: (*user).identity,
				Fetch: func(_ context.Context, number int, _ Page[user]) (Page[user], error) { return fetch(number) },
			}.Read(ctx, lease)
		},
		"page": func(ctx context.Context, lease *rest.Lease, fetch func(int) (Page[user], error)) ([]user, error) {
			return ReadPage(ctx, lease, func() (Page[user], error) { return fetch(1) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClient()
				read := func(ctx context.Context, bytes int) (users, fetched int, err error) {
					var fetches atomic.Int64
					got, err := read(ctx, client.NewLease(ctx), func(number int) (Page[user], error) {
						fetches.Add(1)
						return Page[user]{Users: still(5, 1)(number), Bytes: bytes}, nil
					})
					return len(got), int(fetches.Load()), err
				}
				first, endFirst := context.WithCancel(t.Context())
				users, alone, err := read(first, largeListing+1)
				if users == 0 || err != nil {
					t.Fatalf("got %d users and %v", users, err)
				}
				if got, _, err := read(t.Context(), 0); got != users || err != nil {
					t.Errorf("small: got %d users and %v", got, err)
				}

				limited, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if users, _, err := read(limited, largeListing+1); users != 0 || err == nil || !strings.Contains(err.Error(), "still reading another large listing") {
					t.Errorf("got %d users and %v", users, err)
				}

				var ended atomic.Bool
				time.AfterFunc(time.Minute, func() {
					ended.Store(true)
					endFirst()
				})
				if got, fetches, err := read(t.Context(), largeListing+1); got != users || err != nil || fetches <= alone || !ended.Load() {
					t.Errorf("got %d users and %v after %d fetches; the first call has ended: %v", got, err, fetches, ended.Load())
				}
			})
		})
	}
}

// A pass that waits for the lease does not keep the users of the pass before in memory.
func TestRestartWithoutUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient()
		other, endOther := context.WithCancel(t.Context())
		if !client.NewLease(other).TryAcquire() {
			t.Fatal("the other call did not get the lease")
		}
		time.AfterFunc(time.Minute, endOther)
		var shared []bool // whether the fetch of page 1 may share the users of the pass before
		got, err := Numbered[user]{
			PerPage: 1, Concurrency: 1, Identity: (*user).identity,
			Fetch: func(_ context.Context, number int, before Page[user]) (Page[user], error) {
				page := Page[user]{Users: still(5, 1)(number)}
				if number == 1 {
					shared = append(shared, before.Users != nil)
				}
				if len(shared) > 1 { // the second pass is large
					page.Bytes = largeListing + 1
				}
				return page, nil
			},
		}.Read(t.Context(), client.NewLease(t.Context()))
		// The pass of the restart has no pass before, so it needs another one.
		if want := []bool{false, true, false, true}; len(got) != 5 || err != nil || !slices.Equal(shared, want) {
			t.Errorf("got %d users and %v, and %v, want %v", len(got), err, shared, want)
		}
	})
}

// A listing waits for the lease as often as it is large without the lease: its context may end, and then so does its
// lease.
func TestWaitsForLease(t *testing.T) {
	t.Parallel()
	calls := 0
	_, err := readConsistent(t.Context(), newLease(t), func(*pass[user]) (*pass[user], error) {
		if calls++; calls < 3 {
			return nil, errLarge
		}
		return nil, errFailed
	})
	if calls != 3 || !errors.Is(err, errFailed) {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

// A prefetched page that exceeds the memory of the listing is released at once: an earlier page may be slow.
func TestPageOverTheLimit(t *testing.T) {
	t.Parallel()
	for name, bytes := range map[string]int{"too large": MaxBytes + 1, "without the lease": largeListing + 1} {
		client := newClient()
		if !client.NewLease(t.Context()).TryAcquire() {
			t.Fatal("the other call did not get the lease")
		}
		l := Numbered[user]{Fetch: func(context.Context, int, Page[user]) (Page[user], error) {
			return Page[user]{Users: idRange(0, 9), Bytes: bytes}, nil
		}}
		p := newPass((*user).identity, client.NewLease(t.Context()), new(pass[user]))
		if got := <-l.start(t.Context(), p, 2, Page[user]{}); got.err == nil || got.page.Users != nil {
			t.Errorf("%s: got %d users and %v", name, len(got.page.Users), got.err)
		}
	}
}

func newClient() *rest.Client { return rest.New(rest.Config{Credential: rest.StaticCredential{}}) }

// newLease returns the lease of a call that ends with the test.
func newLease(t *testing.T) *rest.Lease {
	t.Helper()
	return newClient().NewLease(t.Context())
}
