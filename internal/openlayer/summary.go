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
	var sessions, records, tokens, cost total
	first, last := extreme{further: time.Time.Before}, extreme{further: time.Time.After}
	for i := range users {
		u := &users[i]
		sessions.addWhole(u.Sessions)
		records.addWhole(u.Records)
		tokens.addNumber(u.Tokens)
		cost.addNumber(u.Cost)
		first.consider(u.DateOfFirstRecord)
		last.consider(u.DateOfLastRecord)
	}
	return Summary{
		Sessions: sessions.value(), Records: records.value(), Tokens: tokens.value(), Cost: cost.value(),
		DateOfFirstRecord: first.date(), DateOfLastRecord: last.date(),
	}
}

// total is an exact sum, which adding up binary fractions does not give.
type total struct {
	sum     decimal.Decimal
	unknown bool
}

func (t *total) addWhole(number *int64) {
	if number == nil {
		t.unknown = true
		return
	}
	t.sum = t.sum.Add(decimal.NewFromInt(*number))
}

func (t *total) addNumber(number *json.Number) {
	if number == nil {
		t.unknown = true
		return
	}
	value, err := decimal.NewFromString(number.String())
	t.sum, t.unknown = t.sum.Add(value), t.unknown || err != nil
}

// value is nil where one of the numbers is not known.
func (t *total) value() *decimal.Decimal {
	if t.unknown {
		return nil
	}
	return &t.sum
}

// extreme is the date that comes before, or after, all others.
type extreme struct {
	further func(a, b time.Time) bool
	found   *string
	at      time.Time
	unknown bool
}

func (e *extreme) consider(date *string) {
	at, err := parseTime(date)
	if err != nil {
		e.unknown = true
	} else if e.found == nil || e.further(at, e.at) {
		e.found, e.at = date, at
	}
}

// date is nil where there is none, or where one of the dates is not known.
func (e *extreme) date() *string {
	if e.unknown {
		return nil
	}
	return e.found
}
