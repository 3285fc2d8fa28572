package openlayer

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
)

// Summary adds up users. A figure is nil where it is not known of one of them; a date also where
// there are no users.
type Summary struct {
	Sessions, Records, Tokens, Cost *decimal.Decimal
	// The earliest first record and the latest last one, as the API writes them.
	DateOfFirstRecord, DateOfLastRecord *string
}

// Summarize adds up users.
func Summarize(users []User) Summary {
	return Summary{
		Sessions:          total(users, func(u *User) *int64 { return u.Sessions }, addWhole),
		Records:           total(users, func(u *User) *int64 { return u.Records }, addWhole),
		Tokens:            total(users, func(u *User) *json.Number { return u.Tokens }, addNumber),
		Cost:              total(users, func(u *User) *json.Number { return u.Cost }, addNumber),
		DateOfFirstRecord: extreme(users, func(u *User) *string { return u.DateOfFirstRecord }, time.Time.Before),
		DateOfLastRecord:  extreme(users, func(u *User) *string { return u.DateOfLastRecord }, time.Time.After),
	}
}

func addWhole(sum decimal.Decimal, number int64) (decimal.Decimal, error) {
	return sum.Add(decimal.NewFromInt(number)), nil
}

func addNumber(sum decimal.Decimal, number json.Number) (decimal.Decimal, error) {
	value, err := decimal.NewFromString(number.String())
	return sum.Add(value), err
}

// total is an exact sum, which adding up binary fractions does not give. It is nil where a number is not known.
func total[N any](users []User, get func(*User) *N, add func(decimal.Decimal, N) (decimal.Decimal, error)) *decimal.Decimal {
	var sum decimal.Decimal
	for i := range users {
		number := get(&users[i])
		if number == nil {
			return nil
		}
		var err error
		if sum, err = add(sum, *number); err != nil {
			return nil
		}
	}
	return &sum
}

// extreme is the date that comes before, or after, all others. It is nil where a date is not known.
func extreme(users []User, get func(*User) *string, further func(a, b time.Time) bool) (found *string) {
	var foundAt time.Time
	for i := range users {
		date := get(&users[i])
		at, err := parseTime(date)
		if err != nil {
			return nil
		}
		if found == nil || further(at, foundAt) {
			found, foundAt = date, at
		}
	}
	return found
}
