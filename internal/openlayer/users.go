package openlayer

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
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
	known bool
	list  []item
	texts []byte // all texts of all items, one after the other
}

// UnmarshalJSONFrom reads a JSON array.
func (i *items) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	if found := decoder.PeekKind(); found != '[' {
		_, _, err := next(decoder, '[') // null, or an error
		return err
	}
	i.known = true
	_, err := decoder.ReadToken()
	for err == nil && decoder.PeekKind() != ']' {
		t := span{within: &i.texts}
		i.list = append(i.list, item{ID: text{t}, DateOfFirstRecord: text{t}, DateOfLastRecord: text{t}, Tokens: digits{t}, Cost: digits{t}})
		err = json.UnmarshalDecode(decoder, &i.list[len(i.list)-1])
	}
	if err == nil {
		_, err = decoder.ReadToken()
	}
	return err
}

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

// decoded are room for the items of one page after another. Growing it anew for each page was nearly half
// of what a large listing allocated.
var decoded = sync.Pool{New: func() any { return &listed{} }}

// decodeUsers reads the body of an answer. The texts of a page's users, and the figures, are in one piece
// of memory each: a piece for each text would take much of the time and space of a large listing.
func decodeUsers(body []byte) ([]User, error) {
	page := decoded.Get().(*listed) //nolint:forcetypeassert // There is nothing else in the pool.
	items := &page.Items
	defer func() {
		if cap(items.list) <= 2*MaxPerPage && cap(items.texts) <= 1<<20 { // and no room of a size that is rarely needed
			decoded.Put(page)
		}
	}()
	items.known, items.list, items.texts = false, items.list[:0], items.texts[:0]
	if err := rest.Decode(body, page); err != nil {
		return nil, err
	}
	if !items.known {
		// Another API's answer, or a 202's: to take it for an empty page would end the listing.
		return nil, errors.New(`the answer has no list "items"`)
	}
	texts := string(items.texts)
	users, all := make([]User, len(items.list)), make([]figures, len(items.list))
	for i := range users {
		item, f := &items.list[i], &all[i]
		if !item.ID.known {
			// The end of a listing is told by the ids that a page brings.
			return nil, fmt.Errorf("item %d of the answer has no id", i+1)
		}
		users[i] = User{
			ID:                item.ID.of(texts),
			DateOfFirstRecord: put(&f.first, item.DateOfFirstRecord.of(texts), item.DateOfFirstRecord.known),
			DateOfLastRecord:  put(&f.last, item.DateOfLastRecord.of(texts), item.DateOfLastRecord.known),
			Sessions:          put(&f.sessions, item.Sessions.value, item.Sessions.known),
			Records:           put(&f.records, item.Records.value, item.Records.known),
			Tokens:            put(&f.tokens, stdjson.Number(item.Tokens.of(texts)), item.Tokens.known),
			Cost:              put(&f.cost, stdjson.Number(item.Cost.of(texts)), item.Cost.known),
		}
	}
	return users, nil
}

// figures are what the fields of a user point to.
type figures struct {
	first, last       string
	sessions, records int64
	tokens, cost      stdjson.Number
}

// put puts a value into its place, if it is known.
func put[V any](place *V, value V, known bool) *V {
	if !known {
		return nil
	}
	*place = value
	return place
}

// next reads the next value, which must be of a kind, or null.
func next(decoder *jsontext.Decoder, kind jsontext.Kind) (value jsontext.Value, known bool, err error) {
	switch found := decoder.PeekKind(); found {
	case kind, 'n', '}', ']', 0: // the last three are no value, as ReadValue will say
	default:
		return nil, false, &json.SemanticError{JSONKind: found}
	}
	value, err = decoder.ReadValue()
	return value, err == nil && value.Kind() == kind, err
}

// span is where a text is among all those of a page.
type span struct {
	within   *[]byte
	from, to int
	known    bool
}

// set makes the span all that has been appended since the texts had a length.
func (s *span) set(from int) { s.from, s.to, s.known = from, len(*s.within), true }

func (s *span) of(texts string) string { return texts[s.from:s.to] }

// text is a text.
type text struct{ span }

// UnmarshalJSONFrom reads a JSON string.
func (t *text) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, known, err := next(decoder, '"')
	if !known {
		return err
	}
	from := len(*t.within)
	if *t.within, err = jsontext.AppendUnquote(*t.within, value); err == nil {
		t.set(from)
	}
	return err
}

// count is a whole number that may be written as 3, 3.0 or 3e0: JSON has one type of number, and
// a server that adds up in floating point writes the second.
type count struct {
	value int64
	known bool
}

// UnmarshalJSONFrom reads any JSON number that is whole and fits 64 bits.
func (c *count) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, known, err := next(decoder, '0')
	if !known {
		return err
	}
	if c.value, err = strconv.ParseInt(string(value), 10, 64); err == nil {
		c.known = true
		return nil
	}
	number, _, err := big.ParseFloat(string(value), 10, 512, big.ToZero)
	if err == nil && number.IsInt() {
		if whole, accuracy := number.Int64(); accuracy == big.Exact {
			c.value, c.known = whole, true
			return nil
		}
	}
	return fmt.Errorf("%s is not a whole number that fits 64 bits", value)
}

// digits is a number in the digits in which it was written.
type digits struct{ span }

// UnmarshalJSONFrom reads a number that a float64 can hold, if not exactly. Outside of that range a
// number of ten characters may have a billion digits, which somebody would have to write out.
func (d *digits) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, known, err := next(decoder, '0')
	if !known {
		return err
	}
	number, err := strconv.ParseFloat(string(value), 64)
	if err != nil || number == 0 && !isZero(value) {
		return fmt.Errorf("%s is not a number that a 64-bit float can hold", value)
	}
	from := len(*d.within)
	*d.within = append(*d.within, value...)
	d.set(from)
	return nil
}

// isZero tells whether a number is 0 as it is written, and not only as a float64.
func isZero(number []byte) bool {
	mantissa, _, _ := bytes.Cut(bytes.ToLower(number), []byte("e"))
	return !bytes.ContainsAny(mantissa, "123456789")
}
