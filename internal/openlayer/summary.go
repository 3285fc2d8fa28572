package openlayer

import (
	"encoding/json"
	"math/big"
	"time"

	"github.com/shopspring/decimal"
)

// Summary has the totals of users. A total is "" if a user has no valid value for it. A date is also "" if there are no
// users.
type Summary struct {
	Sessions, Records, Tokens, Cost json.Number
	// DateOfFirstRecord is the earliest date and DateOfLastRecord the latest date, as the API returns them.
	DateOfFirstRecord, DateOfLastRecord string
}

// Summarize returns the totals of users.
func Summarize(users []User) Summary {
	return Summary{
		Sessions:          sum(users, func(u *User) json.Number { return u.Sessions }),
		Records:           sum(users, func(u *User) json.Number { return u.Records }),
		Tokens:            sum(users, func(u *User) json.Number { return u.Tokens }),
		Cost:              sum(users, func(u *User) json.Number { return u.Cost }),
		DateOfFirstRecord: furthest(users, func(u *User) string { return u.DateOfFirstRecord }, time.Time.Before),
		DateOfLastRecord:  furthest(users, func(u *User) string { return u.DateOfLastRecord }, time.Time.After),
	}
}

// sum returns the exact sum, or "" if a user has no valid number. A sum of floats would not be exact.
func sum(users []User, number func(*User) json.Number) json.Number {
	var whole, next big.Int // whole is the sum of the whole numbers, because decimal needs five times the time
	var fractions decimal.Decimal
	for i := range users {
		digits := number(&users[i])
		if n, err := digits.Int64(); err == nil {
			whole.Add(&whole, next.SetInt64(n))
			continue
		}
		fraction, err := decimal.NewFromString(digits.String())
		if err != nil { // also for ""
			return ""
		}
		fractions = fractions.Add(fraction)
	}
	return json.Number(fractions.Add(decimal.NewFromBigInt(&whole, 0)).String())
}

// furthest returns the earliest or the latest date, or "" if a user has no valid date.
func furthest(users []User, get func(*User) string, isFurther func(a, b time.Time) bool) (found string) {
	var foundAt time.Time
	for i := range users {
		date := get(&users[i])
		at, err := parseTime(date)
		if err != nil {
			return ""
		}
		if found == "" || isFurther(at, foundAt) {
			found, foundAt = date, at
		}
	}
	return found
}
