package openlayer

import (
	"encoding/json"
	"math/big"
	"time"

	"github.com/shopspring/decimal"
)

// Summary has the totals of users. A total is nil if a user has no valid value for it. A date is also nil if there are
// no users.
type Summary struct {
	Sessions, Records, Tokens, Cost *decimal.Decimal
	// DateOfFirstRecord is the earliest date and DateOfLastRecord the latest date, as the API returns them.
	DateOfFirstRecord, DateOfLastRecord *string
}

// Summarize returns the totals of users.
func Summarize(users []User) Summary {
	return Summary{
		Sessions:          sumCounts(users, func(u *User) *int64 { return u.Sessions }),
		Records:           sumCounts(users, func(u *User) *int64 { return u.Records }),
		Tokens:            sumNumbers(users, func(u *User) json.Number { return u.Tokens }),
		Cost:              sumNumbers(users, func(u *User) json.Number { return u.Cost }),
		DateOfFirstRecord: furthest(users, func(u *User) *string { return u.DateOfFirstRecord }, time.Time.Before),
		DateOfLastRecord:  furthest(users, func(u *User) *string { return u.DateOfLastRecord }, time.Time.After),
	}
}

// sumCounts returns the exact sum, or nil if a user has no count.
func sumCounts(users []User, count func(*User) *int64) *decimal.Decimal {
	var sum, next big.Int
	for i := range users {
		n := count(&users[i])
		if n == nil {
			return nil
		}
		sum.Add(&sum, next.SetInt64(*n))
	}
	exact := decimal.NewFromBigInt(&sum, 0)
	return &exact
}

// sumNumbers returns the exact sum, or nil if a user has no valid number. A sum of floats would not be exact.
func sumNumbers(users []User, number func(*User) json.Number) *decimal.Decimal {
	var sum decimal.Decimal
	for i := range users {
		value, err := decimal.NewFromString(number(&users[i]).String())
		if err != nil { // also for ""
			return nil
		}
		sum = sum.Add(value)
	}
	return &sum
}

// furthest returns the earliest or the latest date, or nil if a user has no valid date.
func furthest(users []User, get func(*User) *string, isFurther func(a, b time.Time) bool) (found *string) {
	var foundAt time.Time
	for i := range users {
		date := get(&users[i])
		at, err := parseTime(date)
		if err != nil {
			return nil
		}
		if found == nil || isFurther(at, foundAt) {
			found, foundAt = date, at
		}
	}
	return found
}
