package openlayer

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
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

// maxDecimals is the maximum number of decimals of a number that sum adds as a whole number. A number with more digits
// seldom fits an int64.
const maxDecimals = 18

// sum returns the exact sum, or "" if a user has no valid number. A sum of floats would not be exact.
func sum(users []User, number func(*User) json.Number) json.Number {
	// Most numbers are like 12 or 12.50. They are added as whole numbers, since decimal needs five times the time and
	// leaves garbage: scaled[2] is the sum of the numbers with two decimals, times 100.
	var scaled [maxDecimals + 1]big.Int
	var next big.Int
	var total decimal.Decimal
	for i := range users {
		digits := number(&users[i]).String()
		whole, fraction, _ := strings.Cut(digits, ".")
		if n, err := strconv.ParseInt(whole+fraction, 10, 64); err == nil && len(fraction) <= maxDecimals {
			scaled[len(fraction)].Add(&scaled[len(fraction)], next.SetInt64(n))
			continue
		}
		value, err := decimal.NewFromString(digits)
		if err != nil { // also for ""
			return ""
		}
		total = total.Add(value)
	}
	for decimals := range int32(maxDecimals + 1) {
		total = total.Add(decimal.NewFromBigInt(&scaled[decimals], -decimals))
	}
	return json.Number(total.String())
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
