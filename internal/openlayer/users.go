package openlayer

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

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
	Tokens, Cost *stdjson.Number
}

// listed is the body of the API's answer.
type listed struct {
	Items items `json:"items"`
}

// items are the users of a page, if there is such a list.
type items struct {
	list  []item
	known bool
}

// UnmarshalJSONFrom reads a JSON array.
func (i *items) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	i.known = decoder.PeekKind() != 'n'
	return json.UnmarshalDecode(decoder, &i.list)
}

// lists are room for the items of one page after another. Growing it anew for each page was nearly half of
// what a large listing allocated.
var lists = sync.Pool{New: func() any { return &listed{} }}

// item is a user as the API writes it.
type item struct {
	ID                text   `json:"id"`
	DateOfFirstRecord text   `json:"dateOfFirstRecord"`
	DateOfLastRecord  text   `json:"dateOfLastRecord"`
	Sessions          count  `json:"sessions"`
	Records           count  `json:"records"`
	Tokens            digits `json:"tokens"`
	Cost              digits `json:"cost"`
}

// decodeUsers reads the body of an answer.
func decodeUsers(body []byte) ([]User, error) {
	page := lists.Get().(*listed) //nolint:forcetypeassert // There is nothing else in the pool.
	defer func() {
		if cap(page.Items.list) <= 2*MaxPerPage { // and no room of a size that is rarely needed
			lists.Put(page)
		}
	}()
	page.Items.known = false
	if err := rest.Decode(body, page); err != nil {
		return nil, err
	}
	if !page.Items.known {
		// Another API's answer, or a 202's: to take it for an empty page would end the listing.
		return nil, errors.New(`the answer has no list "items"`)
	}
	users, all := make([]User, len(page.Items.list)), make([]figures, len(page.Items.list))
	for i := range users {
		item, f := &page.Items.list[i], &all[i]
		if !item.ID.known {
			// The end of a listing is told by the ids that a page brings.
			return nil, fmt.Errorf("item %d of the answer has no id", i+1)
		}
		users[i] = User{
			ID:                item.ID.value,
			DateOfFirstRecord: item.DateOfFirstRecord.put(&f.first),
			DateOfLastRecord:  item.DateOfLastRecord.put(&f.last),
			Sessions:          item.Sessions.put(&f.sessions),
			Records:           item.Records.put(&f.records),
			Tokens:            item.Tokens.put(&f.tokens),
			Cost:              item.Cost.put(&f.cost),
		}
	}
	return users, nil
}

// figures are what the fields of a user point to. Those of a page are in one piece of memory, since a
// piece for each would take much of the time and space of a large listing.
type figures struct {
	first, last       string
	sessions, records int64
	tokens, cost      stdjson.Number
}

// optional is a value that may be null or left out.
type optional[V any] struct {
	value V
	known bool
}

func (o *optional[V]) set(value V) { o.value, o.known = value, true }

// put puts the value into its place, if it is known.
func (o *optional[V]) put(place *V) *V {
	if !o.known {
		return nil
	}
	*place = o.value
	return place
}

// next reads the next token, which must be of a kind, or null.
func next(decoder *jsontext.Decoder, kind jsontext.Kind) (token jsontext.Token, known bool, err error) {
	if found := decoder.PeekKind(); found != kind && found != 'n' && found != 0 {
		return token, false, &json.SemanticError{JSONKind: found}
	}
	token, err = decoder.ReadToken()
	return token, err == nil && token.Kind() == kind, err
}

// text is a text.
type text struct{ optional[string] }

// UnmarshalJSONFrom reads a JSON string.
func (t *text) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	token, known, err := next(decoder, '"')
	if known {
		t.set(token.String())
	}
	return err
}

// count is a whole number that may be written as 3, 3.0 or 3e0: JSON has one type of number, and
// a server that adds up in floating point writes the second.
type count struct{ optional[int64] }

// UnmarshalJSONFrom reads any JSON number that is whole and fits 64 bits.
func (c *count) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	token, known, err := next(decoder, '0')
	if !known {
		return err
	}
	if whole, err := token.Int(); err == nil {
		c.set(whole)
		return nil
	}
	number, _, err := big.ParseFloat(token.String(), 10, 64, big.ToZero)
	if err == nil && number.IsInt() {
		if whole, accuracy := number.Int64(); accuracy == big.Exact {
			c.set(whole)
			return nil
		}
	}
	return fmt.Errorf("%s is not a whole number that fits 64 bits", token)
}

// digits is a number in the digits in which it was written.
type digits struct{ optional[stdjson.Number] }

// UnmarshalJSONFrom reads a number that a float64 can hold, if not exactly. Outside of that range a
// number of ten characters may have a billion digits, which somebody would have to write out.
func (d *digits) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	token, known, err := next(decoder, '0')
	if !known {
		return err
	}
	text := token.String()
	number, err := strconv.ParseFloat(text, 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if err != nil || number == 0 && strings.ContainsAny(mantissa, "123456789") {
		return fmt.Errorf("%s is not a number that a 64-bit float can hold", text)
	}
	d.set(stdjson.Number(text))
	return nil
}
