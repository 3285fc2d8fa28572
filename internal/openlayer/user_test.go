package openlayer

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The users of a page have no values of pages that were decoded before.
func TestDecodeForgets(t *testing.T) {
	t.Parallel()
	for range 100 { // several times, because a decoder may reuse memory
		for _, body := range []string{
			`{"items": [{"id": "a", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00Z", "sessions": 3, "records": 15, "tokens": 5250, "cost": 0.1}, {"id": "b"}]}`,
			`{"items": [{"id": "c", "cost": 1}, {"id": "d", "sessions": "three"}]}`,
		} {
			_, _ = decodeUsers([]byte(body))
		}
		users, err := decodeUsers([]byte(`{"items": [{"id": "e", "sessions": null}]}`))
		if want := []User{{ID: "e"}}; err != nil || !reflect.DeepEqual(users, want) {
			t.Fatalf("got %+v and %v, want %+v", users, err, want)
		}
		for _, body := range []string{`{}`, `{"items": null}`, `{"items": [null]}`, `{"items": [{}]}`} {
			if users, err := decodeUsers([]byte(body)); err == nil {
				t.Fatalf("got %+v from %s, want an error", users, body)
			}
		}
	}
}

// memoryOf counts every text of a user.
func TestMemoryOf(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("7", 1000)
	empty := memoryOf([]User{{}})
	for name, user := range map[string]User{
		"ID": {ID: long}, "DateOfFirstRecord": {DateOfFirstRecord: long}, "DateOfLastRecord": {DateOfLastRecord: long},
		"Sessions": {Sessions: json.Number(long)}, "Records": {Records: json.Number(long)}, "Tokens": {Tokens: json.Number(long)}, "Cost": {Cost: json.Number(long)},
	} {
		if got := memoryOf([]User{user}) - empty; got < 1000 {
			t.Errorf("%s: 1000 bytes are counted as %d", name, got)
		}
	}
	if fields := reflect.TypeFor[User]().NumField(); fields != 7 {
		t.Errorf("a user has %d fields; add the new fields to this test", fields)
	}
}
