package listing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// person is a user of a simulated listing. If it has no ID, its Name identifies it.
type person struct{ ID, Name string }

func (p *person) identity() (text string, unique bool) {
	if p.ID != "" {
		return p.ID, true
	}
	return "without an id: " + p.Name, false
}

// moving is a listing that may change before each response. The bytes of its script define the changes, and which
// request is served next.
type moving struct {
	script []byte
	size   int  // of a full page
	repeat bool // serve the last page for every later page
	twins  bool // half of the users are pairs of equal users without an ID

	users  []person
	fewest int            // the smallest number of users so far
	ever   []person       // all users so far
	left   map[person]int // how often users have left
	away   []person       // the users who have left and may return
	leaves int            // the number of users who may still be added to away
}

func newMoving(n, size int, twins bool, script []byte) *moving {
	m := &moving{script: script, size: size, twins: twins, left: map[person]int{}}
	for i := range n {
		m.join(i)
	}
	m.fewest = n
	return m
}

// byte returns the next byte of the script, or 0 after its end.
func (m *moving) byte() (next byte) {
	if len(m.script) > 0 {
		next, m.script = m.script[0], m.script[1:]
	}
	return next
}

func (m *moving) join(at int) {
	who := person{ID: fmt.Sprint(len(m.ever)), Name: fmt.Sprint("name-", len(m.ever))}
	switch {
	case m.twins && len(m.ever)%4 < 2:
		who = person{Name: fmt.Sprint("twin-", len(m.ever)/4)}
	case len(m.ever)%4 == 1:
		who.ID = ""
	}
	m.users, m.ever = slices.Insert(m.users, at%(len(m.users)+1), who), append(m.ever, who)
}

// The lower three bits of a byte of the script are the change. Other values than these change nothing. The upper bits
// are the position in the listing.
const (
	joins   = 1
	moves   = 2
	leaves  = 3
	returns = 4 // a user in away returns; if away is empty, a user leaves and is added to away, at most moving.leaves times
)

func (m *moving) change(op byte) {
	at := int(op >> 3)
	switch op & 7 {
	case joins:
		m.join(at)
	case moves:
		if len(m.users) > 0 {
			at %= len(m.users)
			who := m.users[at]
			m.users = slices.Delete(m.users, at, at+1)
			m.users = slices.Insert(m.users, int(m.byte())%(len(m.users)+1), who)
		}
	case leaves:
		if len(m.users) > 0 {
			at %= len(m.users)
			m.left[m.users[at]]++
			m.users = slices.Delete(m.users, at, at+1)
		}
	case returns:
		switch {
		case len(m.away) > 0:
			m.users = slices.Insert(m.users, at%(len(m.users)+1), m.away[0])
			m.away = m.away[1:]
		case m.leaves > 0 && len(m.users) > 0:
			m.leaves--
			at %= len(m.users)
			m.left[m.users[at]]++
			m.away = append(m.away, m.users[at])
			m.users = slices.Delete(m.users, at, at+1)
		}
	}
}

// page applies the next change, and returns the page that starts at a position.
func (m *moving) page(from int) Page[person] {
	m.change(m.byte())
	m.fewest = min(m.fewest, len(m.users))
	if last := max(0, len(m.users)-1) / m.size * m.size; m.repeat && from > last {
		from = last
	}
	from = min(from, len(m.users))
	page := Page[person]{Users: slices.Clone(m.users[from:min(from+m.size, len(m.users))]), Bytes: 1, Checksum: 1}
	for i := range page.Users {
		text, _ := page.Users[i].identity()
		for _, b := range []byte(text + "\n") {
			page.Checksum = (page.Checksum ^ uint64(b)) * 1099511628211
		}
	}
	return page
}

// check checks that the result has each user at most as often as users have joined, and every user who was in the
// listing all the time. initial has the users at the start.
func (m *moving) check(t *testing.T, initial, got []person) {
	t.Helper()
	count := func(users []person) map[person]int {
		count := map[person]int{}
		for _, who := range users {
			count[who]++
		}
		return count
	}
	found, joined := count(got), count(m.ever)
	for who, n := range found {
		if n > joined[who] {
			t.Errorf("the user %v was found %d times, and has joined %d times: %v", who, n, joined[who], got)
		}
	}
	for who, n := range count(initial) {
		if found[who] < n-m.left[who] {
			t.Errorf("the user %v was in the listing all the time, but is missing from %v", who, got)
		}
	}
}

// call is a request that has not been served yet.
type call struct {
	number int
	served chan Page[person]
}

// readNumbered reads the listing with page numbers. It serves one request at a time, in an order that the script
// defines. requests is the number of requests that were sent.
func (m *moving) readNumbered(t *testing.T, perPage, concurrency int) (got []person, requests int, err error) {
	t.Helper()
	var mu sync.Mutex
	var pending []*call
	l := Numbered[person]{
		PerPage: perPage, Concurrency: concurrency, Identity: (*person).identity,
		Fetch: func(ctx context.Context, number int, _ Page[person]) (Page[person], error) {
			c := &call{number, make(chan Page[person], 1)}
			mu.Lock()
			pending = append(pending, c)
			requests++
			mu.Unlock()
			select {
			case page := <-c.served:
				return page, nil
			case <-ctx.Done():
				return Page[person]{}, ctx.Err()
			}
		},
	}
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			got, err = l.Read(t.Context(), newLease(t))
		}()
		for range 100_000 {
			synctest.Wait()
			select {
			case <-done:
				return
			default:
			}
			if len(pending) == 0 {
				t.Fatal("Read waits, but no request is in flight")
			}
			slices.SortStableFunc(pending, func(a, b *call) int { return a.number - b.number })
			at := int(m.byte()) % len(pending)
			c := pending[at]
			pending = slices.Delete(pending, at, at+1)
			c.served <- m.page((c.number - 1) * m.size)
		}
		t.Fatal("Read does not end")
	})
	return got, requests, err
}

// readKeyed reads the listing with page keys. The key of a page is the position of its first user.
func (m *moving) readKeyed(t *testing.T) ([]person, error) {
	t.Helper()
	return Keyed[person]{
		Identity: (*person).identity,
		Fetch: func(_ context.Context, key string, _ int) (Page[person], string, error) {
			from := 0
			_, _ = fmt.Sscan(key, &from)
			page := m.page(from)
			if next := from + len(page.Users); next < len(m.users) && len(page.Users) > 0 {
				return page, fmt.Sprint(next), nil
			}
			return page, "", nil
		},
	}.Read(t.Context(), newLease(t))
}

// expectConsistent checks that Read has returned a complete listing, or an error of [rest.KindInconsistent] and no users. It
// returns whether Read has returned a listing.
func (m *moving) expectConsistent(t *testing.T, initial, got []person, err error) (read bool) {
	t.Helper()
	if err == nil {
		m.check(t, initial, got)
		return true
	}
	if failure, ok := errors.AsType[*rest.Error](err); !ok || got != nil || failure.Kind != rest.KindInconsistent {
		t.Errorf("got %v and %v", got, err)
	}
	return false
}

// kinds has the kinds of changes, each with the number of users who return and with the behavior of the server.
var kinds = map[string]struct {
	ops     []byte // the changes in the script; 0 changes nothing
	returns int    // the number of users who may leave and return
	capped  bool   // the pages of the server are smaller than requested
	repeat  bool   // the server repeats its last page for every later page
	twins   bool   // half of the users are pairs of equal users without an ID
}{
	"still":                  {ops: []byte{0}},
	"joins":                  {ops: []byte{joins}},
	"leaves":                 {ops: []byte{leaves}},
	"moves":                  {ops: []byte{moves}},
	"joins, leaves, moves":   {ops: []byte{joins, leaves, moves}},
	"one comeback":           {ops: []byte{returns}, returns: 1},
	"one comeback, joins":    {ops: []byte{returns, joins}, returns: 1},
	"one comeback, moves":    {ops: []byte{returns, joins, moves}, returns: 1},
	"twins":                  {ops: []byte{joins, leaves, moves}, twins: true},
	"small pages":            {ops: []byte{joins, leaves, moves}, capped: true},
	"a repeated page":        {ops: []byte{0}, repeat: true},
	"a repeated page, leave": {ops: []byte{leaves}, repeat: true},
	"a repeated page, all":   {ops: []byte{joins, leaves, moves}, repeat: true},
}

// randomScript returns a script with changes of one kind, at one of four rates.
func randomScript(rnd *rand.Rand, ops []byte) []byte {
	script := make([]byte, 400)
	rate := []float64{0.05, 0.15, 0.3, 0.5}[rnd.IntN(4)]
	for i := range script {
		script[i] = byte(rnd.IntN(32)) << 3
		if rnd.Float64() < rate {
			script[i] |= ops[rnd.IntN(len(ops))]
		}
	}
	return script
}

// Read returns every user who was in the listing from the first request to the last, once, or it returns an error. The
// listing may change before each response, and the requests may be served in any order.
func TestMovingListings(t *testing.T) {
	t.Parallel()
	cases := 2000
	if testing.Short() {
		cases = 200
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			numbered, keyed := 0, 0
			for seed := range cases {
				rnd := rand.New(rand.NewPCG(uint64(seed), uint64(len(name))))
				script := randomScript(rnd, kind.ops)
				size := 1 + rnd.IntN(5)
				perPage, n := size, rnd.IntN(15)
				if kind.capped {
					perPage, n = size+1, size+4+rnd.IntN(15)
				}
				m := newMoving(n, size, kind.twins, script)
				m.leaves, m.repeat = kind.returns, kind.repeat
				initial := slices.Clone(m.users)
				got, requests, err := m.readNumbered(t, perPage, 1+rnd.IntN(8))
				if kind.capped && m.fewest <= size {
					// If page 1 is shorter than requested and page 2 is empty, Read returns page 1 as the whole listing. It may not be
					// the whole listing if the pages of the server are smaller than requested.
					continue
				}
				if m.expectConsistent(t, initial, got, err) {
					numbered++
				}
				if limit := maxPasses * (3*(len(m.ever)/size+3) + 24); requests > limit {
					t.Errorf("seed %d: %d requests for %d users, more than %d", seed, requests, len(m.ever), limit)
				}
				if !kind.repeat && !kind.capped {
					m = newMoving(n, size, kind.twins, script)
					m.leaves = kind.returns
					initial = slices.Clone(m.users)
					got, err = m.readKeyed(t)
					if m.expectConsistent(t, initial, got, err) {
						keyed++
					}
				}
				if t.Failed() {
					t.Fatalf("seed %d: size %d, %d users", seed, size, n)
				}
			}
			if numbered < cases/20 || keyed < cases/20 && !kind.repeat && !kind.capped {
				t.Errorf("Read has returned %[2]d numbered and %[3]d keyed of %[1]d listings", cases, numbered, keyed)
			}
			if name == "still" && (numbered < cases || keyed < cases) {
				t.Errorf("Read has returned %[2]d numbered and %[3]d keyed of %[1]d listings that did not change", cases, numbered, keyed)
			}
		})
	}
}

// FuzzNumbered checks Numbered.Read as TestMovingListings does, with the fuzzer's scripts.
func FuzzNumbered(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(3), false, []byte{})
	f.Add(uint8(9), uint8(2), uint8(4), false, []byte{0, 0, 2, 3, 0, 17, 1, 26, 1, 3})
	f.Add(uint8(30), uint8(3), uint8(9), true, []byte{0, 1, 2, 4, 8, 16, 32, 64, 128, 255})
	f.Add(uint8(12), uint8(1), uint8(32), true, []byte{3, 7, 2, 2, 1, 11, 0, 19, 0, 1, 1, 0})
	f.Fuzz(func(t *testing.T, n, size, concurrency uint8, repeat bool, script []byte) {
		m := newMoving(int(n%40), int(size%10)+1, false, script[:min(len(script), 400)])
		m.repeat = repeat
		initial := slices.Clone(m.users)
		got, _, err := m.readNumbered(t, m.size, int(concurrency%32)+1)
		m.expectConsistent(t, initial, got, err)
	})
}

// FuzzComeback is like FuzzNumbered, but only one user may leave, and may return.
func FuzzComeback(f *testing.F) {
	f.Add(uint8(9), uint8(2), uint8(4), []byte{0, 0, 4, 4, 0, 12, 1, 28, 1, 4})
	f.Fuzz(func(t *testing.T, n, size, concurrency uint8, script []byte) {
		m := newMoving(int(n%40), int(size%10)+1, false, withoutLeaves(script[:min(len(script), 400)]))
		m.leaves = 1
		initial := slices.Clone(m.users)
		got, _, err := m.readNumbered(t, m.size, int(concurrency%32)+1)
		m.expectConsistent(t, initial, got, err)
	})
}

// FuzzKeyed checks Keyed.Read in the same way, with equal users for a large n. If comeback is true, only one user may
// leave, and may return.
func FuzzKeyed(f *testing.F) {
	f.Add(uint8(9), uint8(2), false, []byte{0, 0, 2, 3, 0, 17, 1, 26, 1, 3})
	f.Add(uint8(9), uint8(2), true, []byte{0, 0, 4, 4, 0, 12, 1, 28, 1, 4})
	f.Add(uint8(209), uint8(2), false, []byte{0, 0, 2, 3, 0, 17, 1, 26, 1, 3})
	f.Fuzz(func(t *testing.T, n, size uint8, comeback bool, script []byte) {
		script = script[:min(len(script), 400)]
		if comeback {
			script = withoutLeaves(script)
		}
		m := newMoving(int(n%40), int(size%10)+1, n >= 128, script)
		if comeback {
			m.leaves = 1
		}
		initial := slices.Clone(m.users)
		got, err := m.readKeyed(t)
		m.expectConsistent(t, initial, got, err)
	})
}

// withoutLeaves returns the script with a move instead of each leave.
func withoutLeaves(script []byte) []byte {
	script = slices.Clone(script)
	for i, op := range script {
		if op&7 == leaves {
			script[i] = op&^7 | moves
		}
	}
	return script
}
