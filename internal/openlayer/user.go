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
	// ID is the application's own name for the user, in Unicode NFC. It is unique within a listing.
	ID string
	// DateOfFirstRecord and DateOfLastRecord are RFC 3339 times, as the API writes them.
	DateOfFirstRecord, DateOfLastRecord *string
	// Sessions and Records are counts.
	Sessions, Records *int64
	// Tokens and Cost are decimal numbers in the digits that the API sends, so that a cost of 0.1
	// stays 0.1. The document gives no currency.
	Tokens, Cost *json.Number
}

// memoryOf is an estimate of the memory of users, in bytes.
func memoryOf(users []User) int {
	const each = 260 // the struct, what it points to, and the user's place among those known
	size := each * len(users)
	for i := range users {
		size += len(users[i].ID)
		for _, text := range []*string{users[i].DateOfFirstRecord, users[i].DateOfLastRecord, (*string)(users[i].Tokens), (*string)(users[i].Cost)} {
			if text != nil {
				size += len(*text)
			}
		}
	}
	return size
}

// response is the body of a response.
type response struct {
	Items *[]struct {
		ID                *string `json:"id"`
		DateOfFirstRecord *string `json:"dateOfFirstRecord"`
		DateOfLastRecord  *string `json:"dateOfLastRecord"`
		Sessions          *count  `json:"sessions"`
		Records           *count  `json:"records"`
		Tokens            *number `json:"tokens"`
		Cost              *number `json:"cost"`
	} `json:"items"`
}

// decodeUsers decodes the body of a response.
func decodeUsers(body []byte) ([]User, error) {
	var page response
	if err := rest.Decode(body, &page); err != nil {
		return nil, err
	}
	if page.Items == nil {
		// Another API's response, or a 202's: to take it for an empty page would end the listing.
		return nil, errors.New(`the response has no list "items"`)
	}
	users := make([]User, len(*page.Items))
	for i, item := range *page.Items {
		if item.ID == nil {
			// The end of a listing shows in the ids that a page brings.
			return nil, fmt.Errorf("item %d of the response has no id", i+1)
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

const (
	// maxDigits is how many characters a number may have. A 64-bit float has at most 767 significant digits, and
	// Terraform keeps 154. Arithmetic with millions of digits would need minutes.
	maxDigits = 1000
	// countPrecision is enough for a count of maxDigits characters, in bits: digits that do not fit would be lost, and
	// a fraction could pass for a whole number.
	countPrecision = 4 * maxDigits
	// alwaysFits is the length of numbers without an exponent that are always in the range of a 64-bit float.
	alwaysFits = 300
)

func checkNumber(text []byte) error {
	switch {
	case len(text) > maxDigits:
		return fmt.Errorf("is a number of %d characters, and may have at most %d", len(text), maxDigits)
	case text[0] != '-' && (text[0] < '0' || text[0] > '9'):
		return errors.New("is not a number")
	}
	return nil
}

// count is a whole number that may be written as 3, 3.0 or 3e0: JSON has one type of number, and a
// server that adds up in floating point writes the second.
type count int64

// UnmarshalJSON reads any JSON number that is whole and fits 64 bits.
func (c *count) UnmarshalJSON(text []byte) error {
	if err := checkNumber(text); err != nil {
		return err
	}
	whole, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		accuracy := big.Above
		if value, _, err := big.ParseFloat(string(text), 10, countPrecision, big.ToZero); err == nil {
			whole, accuracy = value.Int64()
		}
		if accuracy != big.Exact {
			return fmt.Errorf("is not a whole number that fits 64 bits: %.40s", text)
		}
	}
	*c = count(whole)
	return nil
}

// number is a number in the digits in which it was written.
type number json.Number

// UnmarshalJSON reads a number that is in the range of a float64. A number outside that range, such as 1e999999999,
// may have a billion digits, and Terraform would write all of them.
func (n *number) UnmarshalJSON(text []byte) error {
	if err := checkNumber(text); err != nil {
		return err
	}
	if len(text) > alwaysFits || bytes.ContainsAny(text, "eE") {
		value, err := strconv.ParseFloat(string(text), 64)
		if err != nil || value == 0 && !isZero(text) {
			return fmt.Errorf("is not a number that a 64-bit float can hold: %.40s", text)
		}
	}
	*n = number(text)
	return nil
}

// isZero returns whether the digits of a number are 0, and not only the nearest float64.
func isZero(number []byte) bool {
	mantissa, _, _ := bytes.Cut(bytes.ToLower(number), []byte("e"))
	return !bytes.ContainsAny(mantissa, "123456789")
}
