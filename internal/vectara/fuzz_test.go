package vectara

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// FuzzDecode checks that decode does not panic, and that it returns all users of a body and the page key.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"user": [], "pageKey": "", "status": {"code": "OK", "statusDetail": ""}}`,
		`{"user": [{"id": 1, "handle": "h", "type": "USER_TYPE__USER", "comment": "", "tsCreate": "1700000000", "idCreate": 7, "email": "e", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Owner"]}], "pageKey": "QQ==", "status": null}`,
		`{"user": [{"id": "010", "type": 9, "role": [7, null], "tsCreate": -5}, {}], "pageKey": null}`,
		`{"user": [{"id": 1}], "status": {"code": "UNAVAILABLE", "statusDetail": "later"}}`,
		`{"user": {}}`,
		`{"user": null, "pageKey": null, "status": null}`,
		`{"code": 16, "message": "no"}`,
		`null`, `[]`, `<html>`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		users, key, err := v1{}.decode(Query{}, body)
		if err != nil {
			if users != nil || key != "" {
				t.Errorf("the users %v and the key %q with the error %v", users, key, err)
			}
			return
		}
		var held struct {
			User    []jsontext.Value `json:"user"`
			PageKey string           `json:"pageKey"`
		}
		if err := rest.Decode(body, &held); err != nil {
			t.Fatalf("decode accepts %q, which is not such JSON: %v", body, err)
		}
		if len(users) != len(held.User) || key != held.PageKey {
			t.Errorf("%d users and the key %q of %q", len(users), key, body)
		}
		for _, user := range users {
			if user.Roles == nil {
				t.Errorf("null roles in %q", body)
			}
		}
	})
}

// scripted is a server that responds as a script defines. Each byte of the script defines a response.
type scripted struct {
	mu       sync.Mutex
	script   []byte
	requests int
	next     int             // id of the next new user
	sent     map[string]bool // the users sent since the last request for the first page
	ended    bool            // the last response had no next page key
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	var body struct {
		PageKey string `json:"pageKey"`
	}
	text, _ := io.ReadAll(r.Body)
	_ = rest.Decode(text, &body)
	if body.PageKey == "" {
		s.sent = map[string]bool{}
	}
	op := byte(0)
	if len(s.script) > 0 {
		op, s.script = s.script[0], s.script[1:]
	}
	var users []string
	add := func(id int) {
		users = append(users, fmt.Sprintf(`{"id": %d}`, id))
		if op&7 != 4 { // the users of a failure do not count
			s.sent[fmt.Sprint(id)] = true
		}
	}
	if op&7 == 5 {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	for range op >> 5 {
		s.next++
		add(s.next)
	}
	status, key := `{"code": "OK"}`, ""
	switch op & 7 {
	case 1: // a new key
		key = fmt.Sprint("key", s.requests)
	case 2: // perhaps an earlier key
		key = fmt.Sprint("key", op>>3&3)
	case 3: // perhaps a user of an earlier page
		add(int(op >> 3 & 3))
		key = fmt.Sprint("key", s.requests)
	case 4:
		status = `{"code": "UNAVAILABLE"}`
	case 6:
		status = `null`
	}
	s.ended = key == ""
	_, _ = fmt.Fprintf(w, `{"user": [%s], "pageKey": %q, "status": %s}`, strings.Join(users, ","), key, status)
}

// FuzzWholeListing checks that a listing ends with an error, or with all users whom the server has sent from the first
// page to the last page, without duplicates.
func FuzzWholeListing(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x41, 0x41, 0x40})
	f.Add([]byte{0x42, 0x42})
	f.Add([]byte{0x41, 0x44, 0x45, 0x46})
	f.Add([]byte{0x41, 0x0b, 0x41, 0x40})
	f.Add([]byte{0x01, 0x01, 0x01, 0x20})

	var current sync.Map // the server for each input, by customer ID
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, _ := current.Load(r.Header.Get("Customer-Id"))
		handler.(http.Handler).ServeHTTP(w, r)
	}))
	f.Cleanup(server.Close)
	client := New(Config{BaseURL: server.URL, OAuthToken: "token", Options: rest.Options{
		MaxRetries: 2, Sleep: func(context.Context, time.Duration) {},
	}})

	f.Fuzz(func(t *testing.T, script []byte) {
		script = script[:min(len(script), 200)]
		s := &scripted{script: script}
		customer := fmt.Sprint(time.Now().UnixNano())
		current.Store(customer, s)
		defer current.Delete(customer)

		listing, err := client.Users(t.Context(), Query{CustomerID: customer})
		if s.requests > len(script)+5 {
			t.Errorf("%d requests for a script of %d", s.requests, len(script))
		}
		if err != nil {
			if _, ok := errors.AsType[*rest.Error](err); !ok || listing.Users != nil {
				t.Errorf("got %v and %T", listing.Users, err)
			}
			return
		}
		got := map[string]bool{}
		for _, user := range listing.Users {
			if got[*user.ID] {
				t.Errorf("the user %s is in the result twice", *user.ID)
			}
			got[*user.ID] = true
		}
		if len(got) != len(s.sent) || !s.ended {
			t.Errorf("got %v, but the server has sent %v (last page sent: %v)", got, s.sent, s.ended)
		}
	})
}
