package openlayer_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

func TestSummarize(t *testing.T) {
	t.Parallel()
	user := func(first, last string, sessions int64, cost json.Number) openlayer.User {
		return openlayer.User{DateOfFirstRecord: &first, DateOfLastRecord: &last, Sessions: &sessions, Records: &sessions, Tokens: cost, Cost: cost}
	}
	a := user("2026-01-02T00:00:00Z", "2026-01-03T00:00:00+02:00", 1, "0.1")
	b := user("2026-01-02T00:00:00+01:00", "2026-01-02T23:00:00Z", 9223372036854775807, "0.2")
	c := user("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", 2, "1e-7")
	for name, test := range map[string]struct {
		users []openlayer.User
		want  string // sessions, cost, first, last
	}{
		"no users":        {want: "0 0 none none"},
		"one":             {users: []openlayer.User{a}, want: "1 0.1 2026-01-02T00:00:00Z 2026-01-03T00:00:00+02:00"},
		"exactly":         {users: []openlayer.User{a, b, c}, want: "9223372036854775810 0.3000001 2026-01-02T00:00:00+01:00 2026-01-06T00:00:00Z"},
		"not all known":   {users: []openlayer.User{a, {}}, want: "none none none none"},
		"an odd date":     {users: []openlayer.User{a, user("x", "y", 1, "1")}, want: "2 1.1 none none"},
		"no number":       {users: []openlayer.User{user("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", 1, "x")}, want: "1 none 2026-01-02T00:00:00Z 2026-01-02T00:00:00Z"},
		"extremes":        {users: []openlayer.User{user("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", 1, "1e20"), user("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", -1, "-1e-20")}, want: "0 99999999999999999999.99999999999999999999 2026-01-02T00:00:00Z 2026-01-02T00:00:00Z"},
		"times, not text": {users: []openlayer.User{a, b}, want: "9223372036854775808 0.3 2026-01-02T00:00:00+01:00 2026-01-02T23:00:00Z"},
	} {
		s := openlayer.Summarize(test.users)
		text := func(known bool, value func() string) string {
			if !known {
				return "none"
			}
			return value()
		}
		got := fmt.Sprint(
			text(s.Sessions != nil, func() string { return s.Sessions.String() }), " ",
			text(s.Cost != nil, func() string { return s.Cost.String() }), " ",
			text(s.DateOfFirstRecord != nil, func() string { return *s.DateOfFirstRecord }), " ",
			text(s.DateOfLastRecord != nil, func() string { return *s.DateOfLastRecord }))
		if got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
		if (s.Records == nil) != (s.Sessions == nil) || (s.Tokens == nil) != (s.Cost == nil) || s.Tokens != nil && s.Tokens.String() != s.Cost.String() || s.Records != nil && s.Records.String() != s.Sessions.String() {
			t.Errorf("%s: records and tokens: %v, %v", name, s.Records, s.Tokens)
		}
	}
}
