package openlayer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// User has the totals of the records of a user of an inference pipeline. It is the UserAggregation of Openlayer's API
// document. The document requires every field. A user without an ID is an error. Any other field is "" if the
// response lacks it or has null.
type User struct {
	// ID is the application's name for the user, in Unicode NFC. It is unique in a listing.
	ID string
	// DateOfFirstRecord and DateOfLastRecord are RFC 3339 times, as the API returns them.
	DateOfFirstRecord, DateOfLastRecord string
	// Sessions and Records are whole numbers that fit 64 bits, without an exponent or a fraction.
	Sessions, Records json.Number
	// Tokens and Cost have the digits of the response, so that a cost of 0.1 stays 0.1. They are in the range of a 64-bit
	// float. The document has no currency.
	Tokens, Cost json.Number
}

// memoryOf returns an estimate of the memory of users, in bytes.
func memoryOf(users []User) int {
	const perUser = 260 // the struct, the overhead of its texts, and the user's entry in pass.known
	size := perUser * len(users)
	for i := range users {
		u := &users[i]
		size += len(u.ID) + len(u.DateOfFirstRecord) + len(u.DateOfLastRecord) + len(u.Sessions) + len(u.Records) + len(u.Tokens) + len(u.Cost)
	}
	return size
}

func decodeUsers(body []byte) ([]User, error) {
	var parsed struct {
		Items []struct {
			ID                *string `json:"id"`
			DateOfFirstRecord string  `json:"dateOfFirstRecord"`
			DateOfLastRecord  string  `json:"dateOfLastRecord"`
			Sessions          count   `json:"sessions"`
			Records           count   `json:"records"`
			Tokens            number  `json:"tokens"`
			Cost              number  `json:"cost"`
		} `json:"items"`
	}
	if err := rest.Decode(body, &parsed); err != nil {
		return nil, err
	}
	if parsed.Items == nil {
		// The response of another API must not become an empty page, which would end the listing.
		return nil, errors.New(`the response has no list "items"`)
	}
	users := make([]User, len(parsed.Items))
	for i, item := range parsed.Items {
		if item.ID == nil {
			// Without ids, package listing cannot detect the end of the listing.
			return nil, fmt.Errorf("item %d of the response has no id", i+1)
		}
		users[i] = User{
			ID:                *item.ID,
			DateOfFirstRecord: item.DateOfFirstRecord,
			DateOfLastRecord:  item.DateOfLastRecord,
			Sessions:          json.Number(item.Sessions),
			Records:           json.Number(item.Records),
			Tokens:            json.Number(item.Tokens),
			Cost:              json.Number(item.Cost),
		}
	}
	return users, nil
}

const (
	// maxDigits is the maximum number of characters of a number. A 64-bit float has at most 767 significant digits, and
	// Terraform keeps 154. Arithmetic with millions of digits would need minutes.
	maxDigits = 1000
	// alwaysInRange is the length up to which a number without an exponent is in the range of a 64-bit float.
	alwaysInRange = 300
)

// count is a whole number, or "" if it is null or missing.
type count json.Number

// UnmarshalJSON decodes a whole number that fits 64 bits. The server may write it as 3, 3.0 or 3e0, for example if it
// adds floating-point numbers. The count is 3 then.
func (c *count) UnmarshalJSON(text []byte) error {
	whole, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		var n number
		if err := n.UnmarshalJSON(text); err != nil || n == "" {
			*c = ""
			return err
		}
		value, err := decimal.NewFromString(string(n))
		truncated := value.Truncate(0) // IsInteger would divide once for each decimal; after an error, value is 0
		if err != nil || !truncated.Equal(value) || !truncated.BigInt().IsInt64() {
			return fmt.Errorf("is not a whole number that fits 64 bits: %s", text)
		}
		whole = truncated.IntPart()
	}
	*c = count(strconv.FormatInt(whole, 10))
	return nil
}

// number is a number with the digits of the response, or "" if it is null or missing.
type number json.Number

// UnmarshalJSON decodes a number in the range of a float64. Terraform writes all digits of a number, and 1e999999999
// would have a billion digits. So would a sum with 0e-999999999, which UnmarshalJSON therefore changes to 0.
func (n *number) UnmarshalJSON(text []byte) error {
	switch {
	case string(text) == "null":
		*n = ""
		return nil
	case len(text) > maxDigits:
		return fmt.Errorf("is a number of %d characters, and may have at most %d", len(text), maxDigits)
	case text[0] != '-' && (text[0] < '0' || text[0] > '9'):
		return errors.New("is not a number")
	}
	if len(text) > alwaysInRange || bytes.ContainsAny(text, "eE") {
		value, err := strconv.ParseFloat(string(text), 64)
		if err != nil || value == 0 && !isZero(text) {
			return fmt.Errorf("is not a number that a 64-bit float can hold: %s", text)
		}
		if value == 0 {
			text = []byte("0")
		}
	}
	*n = number(text)
	return nil
}

// isZero returns whether a number is exactly 0. The nearest float64 of a very small number is also 0.
func isZero(number []byte) bool {
	mantissa, _, _ := bytes.Cut(bytes.ToLower(number), []byte("e"))
	return !bytes.ContainsAny(mantissa, "123456789")
}
