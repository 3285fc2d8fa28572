package openlayer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// Whatever a body holds, it is read without a panic; and what is read is what it holds: as many
// users as items, with their ids.
func FuzzDecodeUsers(f *testing.F) {
	for _, seed := range []string{
		`{"items": []}`,
		`{"items": null}`,
		`{"success": true}`,
		`{"items": [{"id": "user123", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00Z", "sessions": 3, "records": 15, "tokens": 5250, "cost": 0.125}]}`,
		`{"items": [{"id": "", "sessions": 3.0, "records": 1e3, "tokens": -1e-7, "cost": 1e308}, {"id": "b", "cost": null}]}`,
		`{"items": [{"id": "a", "sessions": 1e999999999}]}`,
		`{"items": [{"id": "a", "cost": 1e-999999999}]}`,
		`{"items": [{"cost": 2.50, "id": "\u0061\n\"é", "dateOfLastRecord": "b\\c", "tokens": 10, "dateOfFirstRecord": ""}, {"tokens": 3, "id": "b"}]}`,
		`{"items": [{"id": 7}]}`,
		`{"items": {"id": "a"}}`,
		`[{"id": "a"}]`,
		`<html>`,
		``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		users, err := decodeUsers(body)
		if err != nil {
			if users != nil {
				t.Errorf("users %v with the error %v", users, err)
			}
			return
		}
		var held struct {
			Items []struct {
				ID     string         `json:"id"`
				First  string         `json:"dateOfFirstRecord"`
				Last   string         `json:"dateOfLastRecord"`
				Tokens jsontext.Value `json:"tokens"`
				Cost   jsontext.Value `json:"cost"`
			} `json:"items"`
		}
		if err := rest.Decode(body, &held); err != nil {
			t.Fatalf("read %q, which is not JSON: %v", body, err)
		}
		if len(users) != len(held.Items) {
			t.Fatalf("%d users of %d items in %q", len(users), len(held.Items), body)
		}
		for i, user := range users {
			item := held.Items[i]
			if user.ID != item.ID {
				t.Errorf("user %d is %q, want %q", i, user.ID, item.ID)
			}
			for _, date := range []struct {
				got  *string
				want string
			}{{user.DateOfFirstRecord, item.First}, {user.DateOfLastRecord, item.Last}} {
				if date.got != nil && *date.got != date.want {
					t.Errorf("a date of user %d is %q, want %q", i, *date.got, date.want)
				}
			}
			for _, number := range []struct {
				got  *json.Number
				want jsontext.Value
			}{{user.Tokens, item.Tokens}, {user.Cost, item.Cost}} {
				if number.got != nil && number.got.String() != number.want.String() {
					t.Errorf("a number of user %d is %s, want %s", i, number.got, number.want)
				}
			}
		}
	})
}

// moving is a listing that moves as a script says, a byte of it for each request.
type moving struct {
	mu       sync.Mutex
	users    []string        // now
	ever     map[string]bool // who was in the listing at any time
	left     map[string]bool // who has left it
	script   []byte
	cap      int  // the largest page
	repeat   bool // the last page for whatever is past the end
	requests int
}

func newMoving(n, cap uint8, repeat bool, script []byte) *moving {
	m := &moving{ever: map[string]bool{}, left: map[string]bool{}, script: script, cap: int(cap), repeat: repeat}
	for i := range n {
		id := fmt.Sprintf("user-%d", i)
		m.users, m.ever[id] = append(m.users, id), true
	}
	return m
}

// byte is the next one of the script.
func (m *moving) byte() (next byte) {
	if len(m.script) > 0 {
		next, m.script = m.script[0], m.script[1:]
	}
	return next
}

// page has the users on a page.
func (m *moving) page(number, size int) []string {
	if m.cap > 0 {
		size = min(size, m.cap)
	}
	if last := max(1, (len(m.users)+size-1)/size); m.repeat && number > last {
		number = last
	}
	from := min((number-1)*size, len(m.users))
	return m.users[from:min(from+size, len(m.users))]
}

// change changes the listing.
func (m *moving) change(op byte) {
	switch at := int(op >> 3); op & 7 {
	case 1: // somebody new. Not where that makes capped pages two: see the comment on OneMoment in pastTheEnd.
		if m.cap > 0 && len(m.users) == m.cap {
			return
		}
		at = min(at, len(m.users))
		id := fmt.Sprintf("new-%d", len(m.ever))
		m.users, m.ever[id] = slices.Insert(m.users, at, id), true
	case 2: // somebody is active, and comes to the front
		if at < len(m.users) {
			id := m.users[at]
			m.users = slices.Insert(slices.Delete(m.users, at, at+1), 0, id)
		}
	case 3: // somebody costs more, and goes to the end
		if at < len(m.users) {
			id := m.users[at]
			m.users = append(slices.Delete(m.users, at, at+1), id)
		}
	case 7: // somebody leaves. Not where that makes capped pages one: likewise.
		if at < len(m.users) && (m.cap == 0 || len(m.users) != m.cap+1) {
			m.left[m.users[at]] = true
			m.users = slices.Delete(m.users, at, at+1)
		}
	}
}

// check looks for everybody who stayed, and for nobody twice.
func (m *moving) check(t *testing.T, stayed []string, users []User) {
	t.Helper()
	got := map[string]bool{}
	for _, user := range users {
		if got[user.ID] || !m.ever[user.ID] {
			t.Errorf("%q is there twice, or never was", user.ID)
		}
		got[user.ID] = true
	}
	for _, id := range stayed {
		if !got[id] && !m.left[id] {
			t.Errorf("%q is missing, who was there all the time", id)
		}
	}
}

func (m *moving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests++
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("perPage"))
	items := []string{}
	for _, id := range m.page(page, size) {
		items = append(items, fmt.Sprintf(`{"id": %q}`, id))
	}
	answer := `{"items": [` + strings.Join(items, ",") + `]}`

	op := m.byte()
	m.change(op)
	switch op & 7 {
	case 4: // a fault, and the same page once more
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case 5:
		answer = answer[:len(answer)/2]
	case 6:
		answer = `{"success": true}`
		w.WriteHeader(http.StatusAccepted)
	}
	_, _ = fmt.Fprint(w, answer)
}

// Whatever a server does between two requests, a listing has everybody who was in it from its
// first request to its last, nobody twice, and nobody who never was; or it is an error. It ends.
func FuzzWholeListing(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(0), false, []byte{})
	f.Add(uint8(10), uint8(1), uint8(0), true, []byte{})
	f.Add(uint8(25), uint8(5), uint8(2), true, []byte{0, 4, 0, 5, 6, 6})
	f.Add(uint8(4), uint8(1), uint8(0), false, []byte{1, 1, 1, 1})
	f.Add(uint8(3), uint8(2), uint8(0), false, []byte{2<<3 | 2})
	f.Add(uint8(5), uint8(2), uint8(0), true, []byte{2<<3 | 2, 3, 3<<3 | 3})
	f.Add(uint8(9), uint8(3), uint8(0), false, []byte{7, 7, 7})
	f.Add(uint8(40), uint8(7), uint8(3), false, []byte{0, 1, 10, 17, 2, 130, 255, 11, 91})

	var current sync.Map // the server of each fuzzing worker's input, by the pipeline in its path
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, ok := current.Load(strings.Split(r.URL.Path, "/")[2])
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		handler.(http.Handler).ServeHTTP(w, r)
	}))
	f.Cleanup(server.Close)
	client := New(Config{BaseURL: server.URL, APIKey: "key", Options: rest.Options{
		MaxRetries: 2, Pace: func(time.Duration) time.Duration { return 0 }, Slots: rest.NewSlots(6),
	}})

	f.Fuzz(func(t *testing.T, n, perPage, cap uint8, repeat bool, script []byte) {
		script = script[:min(len(script), 200)]
		m := newMoving(n%50, cap%10, repeat, script)
		stayed := slices.Clone(m.users)
		pipeline := t.Name() + fmt.Sprint(time.Now().UnixNano())
		pipeline = strings.ReplaceAll(pipeline, "/", "-")
		current.Store(pipeline, m)
		defer current.Delete(pipeline)

		users, err := client.Users(t.Context(), Query{PipelineID: pipeline, PerPage: int64(perPage%100) + 1})
		m.mu.Lock() // a request that was given up may still be there
		defer m.mu.Unlock()
		if limit := 4*(3*(len(m.ever)+3)+3*6) + len(script); m.requests > limit {
			t.Errorf("%d requests for %d users, more than %d", m.requests, len(m.ever), limit)
		}
		if err != nil {
			if _, ok := errors.AsType[*rest.Error](err); !ok || users != nil {
				t.Errorf("got %v and %T", users, err)
			}
			return
		}
		m.check(t, stayed, users)
	})
}
