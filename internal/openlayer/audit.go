package openlayer

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Criteria select among users who have been read; the API knows nothing of them. A user has to
// fulfil all that are set.
type Criteria struct {
	// IDs has the user's id; nil does not ask.
	IDs []string
	// IDPattern matches somewhere in the user's id; nil does not ask.
	IDPattern *regexp.Regexp
	// ActiveSince is at or before the user's last record, InactiveSince after it; zero does not ask.
	ActiveSince, InactiveSince time.Time
}

// Select returns the users who fulfil the criteria, in their order. It returns an error when a
// time is asked for and a user's last record has none: the user might belong to either side.
func Select(users []User, criteria Criteria) ([]User, error) {
	selected := []User{}
	for _, user := range users {
		if criteria.IDs != nil && !slices.Contains(criteria.IDs, user.ID) ||
			criteria.IDPattern != nil && !criteria.IDPattern.MatchString(user.ID) {
			continue
		}
		if !criteria.ActiveSince.IsZero() || !criteria.InactiveSince.IsZero() {
			last, err := parseTime(user.DateOfLastRecord)
			if err != nil {
				return nil, fmt.Errorf("the last record of user %q %w, so it is not known whether the user was active", user.ID, err)
			}
			if !criteria.ActiveSince.IsZero() && last.Before(criteria.ActiveSince) ||
				!criteria.InactiveSince.IsZero() && !last.Before(criteria.InactiveSince) {
				continue
			}
		}
		selected = append(selected, user)
	}
	return selected, nil
}

func parseTime(text *string) (time.Time, error) {
	if text == nil {
		return time.Time{}, errors.New("has no date")
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return time.Time{}, fmt.Errorf("has the date %.40q, which is not in RFC 3339", *text)
	}
	return at, nil
}

// Summary adds up users. A figure is nil where it is not known of one of them; a date also where
// there is nobody.
type Summary struct {
	Sessions, Records, Tokens, Cost *decimal.Decimal
	// The earliest first record and the latest last one, as the API writes them.
	DateOfFirstRecord, DateOfLastRecord *string
}

// Summarize adds up users.
func Summarize(users []User) Summary {
	return Summary{
		Sessions:          sum(users, func(u User) *decimal.Decimal { return fromInt(u.Sessions) }),
		Records:           sum(users, func(u User) *decimal.Decimal { return fromInt(u.Records) }),
		Tokens:            sum(users, func(u User) *decimal.Decimal { return fromDecimal(u.Tokens) }),
		Cost:              sum(users, func(u User) *decimal.Decimal { return fromDecimal(u.Cost) }),
		DateOfFirstRecord: extreme(users, func(u User) *string { return u.DateOfFirstRecord }, time.Time.Before),
		DateOfLastRecord:  extreme(users, func(u User) *string { return u.DateOfLastRecord }, time.Time.After),
	}
}

// sum is exact, which adding up binary fractions is not.
func sum(users []User, figure func(User) *decimal.Decimal) *decimal.Decimal {
	total := decimal.Zero
	for _, user := range users {
		value := figure(user)
		if value == nil {
			return nil
		}
		total = total.Add(*value)
	}
	return &total
}

func fromInt(n *int64) *decimal.Decimal {
	if n == nil {
		return nil
	}
	value := decimal.NewFromInt(*n)
	return &value
}

func fromDecimal(n *json.Number) *decimal.Decimal {
	if n == nil {
		return nil
	}
	value, err := decimal.NewFromString(n.String())
	if err != nil {
		return nil
	}
	return &value
}

// extreme is the date that comes before, or after, all others.
func extreme(users []User, date func(User) *string, further func(a, b time.Time) bool) *string {
	var found *string
	var at time.Time
	for _, user := range users {
		candidate, err := parseTime(date(user))
		if err != nil {
			return nil
		}
		if found == nil || further(candidate, at) {
			found, at = date(user), candidate
		}
	}
	return found
}
