package openlayer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// User is what one end user of the application behind an inference pipeline did there, added up
// over all of the user's records. It is the UserAggregation of Openlayer's API document, which
// promises every field; one that a server leaves out is nil.
type User struct {
	// ID is the application's own name for the user. It is unique within a listing.
	ID string
	// DateOfFirstRecord and DateOfLastRecord are RFC 3339 times, as the API writes them.
	DateOfFirstRecord, DateOfLastRecord *string
	// Sessions and Records are counts.
	Sessions, Records *int64
	// Tokens and Cost are decimal numbers in the digits that the API sends, so that a cost of 0.1
	// stays 0.1. The document gives no currency.
	Tokens, Cost *json.Number
}

// answer is the body of the API's answer.
type answer struct {
	Items *[]item `json:"items"`
}

// item is a user as the API writes it.
type item struct {
	ID                *string `json:"id"`
	DateOfFirstRecord *string `json:"dateOfFirstRecord"`
	DateOfLastRecord  *string `json:"dateOfLastRecord"`
	Sessions          *count  `json:"sessions"`
	Records           *count  `json:"records"`
	Tokens            *digits `json:"tokens"`
	Cost              *digits `json:"cost"`
}

// decodeUsers reads the body of an answer.
func decodeUsers(body []byte) ([]User, error) {
	var page answer
	if err := rest.Decode(body, &page); err != nil {
		return nil, err
	}
	if page.Items == nil {
		// Another API's answer, or a 202's: to take it for an empty page would end the listing.
		return nil, errors.New(`the answer has no list "items"`)
	}
	users := make([]User, len(*page.Items))
	for i, item := range *page.Items {
		if item.ID == nil {
			// The end of a listing is told by the ids that a page brings.
			return nil, fmt.Errorf("item %d of the answer has no id", i+1)
		}
		users[i] = User{
			ID:                *item.ID,
			DateOfFirstRecord: item.DateOfFirstRecord,
			DateOfLastRecord:  item.DateOfLastRecord,
			Sessions:          (*int64)(item.Sessions),
			Records:           (*int64)(item.Records),
			Tokens:            (*json.Number)(item.Tokens),
			Cost:              (*json.Number)(item.Cost),
		}
	}
	return users, nil
}

// count is a whole number that may be written as 3, 3.0 or 3e0: JSON has one type of number, and
// a server that adds up in floating point writes the second.
type count int64

// UnmarshalJSON reads any JSON number that is whole and fits 64 bits.
func (c *count) UnmarshalJSON(text []byte) error {
	number, _, err := big.ParseFloat(string(text), 10, 64, big.ToZero)
	if err == nil && number.IsInt() {
		if whole, accuracy := number.Int64(); accuracy == big.Exact {
			*c = count(whole)
			return nil
		}
	}
	return fmt.Errorf("%s is not a whole number that fits 64 bits", text)
}

// digits is a number in the digits in which it was written.
type digits string

// UnmarshalJSON reads a number that a float64 can hold, if not exactly. Outside of that range a
// number of ten characters may have a billion digits, which somebody would have to write out.
func (d *digits) UnmarshalJSON(text []byte) error {
	number, err := strconv.ParseFloat(string(text), 64)
	mantissa, _, _ := bytes.Cut(bytes.ToLower(text), []byte("e"))
	if err != nil || number == 0 && bytes.ContainsAny(mantissa, "123456789") {
		return fmt.Errorf("%s is not a number that a 64-bit float can hold", text)
	}
	*d = digits(text)
	return nil
}
