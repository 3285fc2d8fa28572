package openlayer

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// FuzzDecodeUsers checks that decodeUsers does not panic. Without an error, it returns a user for each item, with the
// same id, dates and numbers.
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
				ID       string         `json:"id"`
				First    string         `json:"dateOfFirstRecord"`
				Last     string         `json:"dateOfLastRecord"`
				Sessions jsontext.Value `json:"sessions"`
				Records  jsontext.Value `json:"records"`
				Tokens   jsontext.Value `json:"tokens"`
				Cost     jsontext.Value `json:"cost"`
			} `json:"items"`
		}
		if err := rest.Decode(body, &held); err != nil {
			t.Fatalf("decodeUsers accepts %q, which is not JSON: %v", body, err)
		}
		if len(users) != len(held.Items) {
			t.Fatalf("got %d users from %d items in %q", len(users), len(held.Items), body)
		}
		for i, user := range users {
			item := held.Items[i]
			if user.ID != item.ID {
				t.Errorf("user %d is %q, want %q", i, user.ID, item.ID)
			}
			if user.DateOfFirstRecord != item.First || user.DateOfLastRecord != item.Last {
				t.Errorf("the dates of user %d are %q and %q, want %q and %q", i, user.DateOfFirstRecord, user.DateOfLastRecord, item.First, item.Last)
			}
			for _, number := range []struct {
				got  json.Number
				want jsontext.Value
			}{{user.Tokens, item.Tokens}, {user.Cost, item.Cost}} {
				want := strings.TrimPrefix(number.want.String(), "null") // a missing number is also null
				zero := number.got == "0" && isZero([]byte(want))        // in another form, such as 0e5
				if number.got.String() != want && !zero {
					t.Errorf("a number of user %d is %s, want %s", i, number.got, want)
				}
			}
			for _, count := range []struct {
				got  json.Number
				want jsontext.Value
			}{{user.Sessions, item.Sessions}, {user.Records, item.Records}} {
				got, _ := strconv.ParseInt(count.got.String(), 10, 64)
				want, _ := strconv.ParseFloat(count.want.String(), 64) // 0 for null
				if float64(got) != want {
					t.Errorf("a count of user %d is %s, want %s", i, count.got, count.want)
				}
			}
		}
	})
}
