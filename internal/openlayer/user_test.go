package openlayer

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// A missing field is empty, even if the user of another page has it at the same position. The id is required.
func TestDecodeUsers(t *testing.T) {
	t.Parallel()
	_, err := decodeUsers([]byte(`{"items": [{"id": "a", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00Z", "sessions": 3, "records": 15, "tokens": 5250, "cost": 0.1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	users, err := decodeUsers([]byte(`{"items": [{"id": "b", "sessions": null}]}`))
	if want := []User{{ID: "b"}}; err != nil || !reflect.DeepEqual(users, want) {
		t.Errorf("got %+v and %v, want %+v", users, err, want)
	}
	for _, body := range []string{`{}`, `{"items": null}`, `{"items": [null]}`, `{"items": [{}]}`} {
		if users, err := decodeUsers([]byte(body)); err == nil {
			t.Errorf("got %+v from %s, want an error", users, body)
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
