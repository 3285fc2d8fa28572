package openlayer_test

import (
	"encoding/json"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

func TestSummarize(t *testing.T) {
	t.Parallel()
	const day = "2026-01-02T00:00:00Z"
	user := func(first, last string, sessions, cost json.Number) openlayer.User {
		return openlayer.User{DateOfFirstRecord: first, DateOfLastRecord: last, Sessions: sessions, Records: sessions, Tokens: cost, Cost: cost}
	}
	// summary returns a summary in which Records and Tokens are the same as Sessions and Cost.
	summary := func(sessions, cost json.Number, first, last string) openlayer.Summary {
		return openlayer.Summary{Sessions: sessions, Records: sessions, Tokens: cost, Cost: cost, DateOfFirstRecord: first, DateOfLastRecord: last}
	}
	a := user(day, "2026-01-03T00:00:00+02:00", "1", "0.1")
	b := user("2026-01-02T00:00:00+01:00", "2026-01-02T23:00:00Z", "9223372036854775807", "0.2")
	c := user("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", "2", "1e-7")
	for name, test := range map[string]struct {
		users []openlayer.User
		want  openlayer.Summary
	}{
		"no users":              {want: summary("0", "0", "", "")},
		"one":                   {users: []openlayer.User{a}, want: summary("1", "0.1", day, "2026-01-03T00:00:00+02:00")},
		"an exact sum":          {users: []openlayer.User{a, b, c}, want: summary("9223372036854775810", "0.3000001", "2026-01-02T00:00:00+01:00", "2026-01-06T00:00:00Z")},
		"a user without values": {users: []openlayer.User{a, {}}, want: summary("", "", "", "")},
		"an odd date":           {users: []openlayer.User{a, user("x", "y", "1", "1")}, want: summary("2", "1.1", "", "")},
		"no number":             {users: []openlayer.User{user(day, day, "1", "x")}, want: summary("1", "", day, day)},
		"extremes":              {users: []openlayer.User{user(day, day, "1", "1e20"), user(day, day, "-1", "-1e-20")}, want: summary("0", "99999999999999999999.99999999999999999999", day, day)},
		"the smallest":          {users: []openlayer.User{user(day, day, "-9223372036854775808", "-0.50"), user(day, day, "-1", "-9223372036854775808.5")}, want: summary("-9223372036854775809", "-9223372036854775809", day, day)},
		"many decimals":         {users: []openlayer.User{user(day, day, "1", "0.0000000000000000000001"), user(day, day, "1", "-12.50"), user(day, day, "1", "99999999999999999999.999999999999999999")}, want: summary("3", "99999999999999999987.4999999999999999990001", day, day)},
		"dates in time zones":   {users: []openlayer.User{a, b}, want: summary("9223372036854775808", "0.3", "2026-01-02T00:00:00+01:00", "2026-01-02T23:00:00Z")},
	} {
		if got := openlayer.Summarize(test.users); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
