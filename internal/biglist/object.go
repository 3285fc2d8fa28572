package biglist

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"
)

// Object describes the elements of a list, which are made of Ts.
type Object[T any] struct {
	attributes []Attribute[T] // by name, as in the framework's encoding
	typ        types.ObjectType
}

// Attribute is one attribute of an element: its schema, and both ways to write it.
type Attribute[T any] struct {
	name   string
	schema schema.Attribute
	value  func(*T) attr.Value
	encode func(*msgpack.Encoder, *T) error
}

// NewObject returns an object with these attributes.
func NewObject[T any](attributes map[string]Attribute[T]) Object[T] {
	o := Object[T]{typ: types.ObjectType{AttrTypes: map[string]attr.Type{}}}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes[name]
		attribute.name = name
		o.attributes = append(o.attributes, attribute)
		o.typ.AttrTypes[name] = attribute.schema.GetType()
	}
	return o
}

// Schema is the schema of an element.
func (o Object[T]) Schema() schema.NestedAttributeObject {
	s := schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{}}
	for _, attribute := range o.attributes {
		s.Attributes[attribute.name] = attribute.schema
	}
	return s
}

// Null is no list.
func (o Object[T]) Null() types.List { return types.ListNull(o.typ) }

// List is what a data source gives the framework as the list at an attribute, which is empty where
// there are no elements. With a [Server] in front it is null, and the server has the elements.
func (o Object[T]) List(ctx context.Context, attribute string, elements []T) types.List {
	if elements == nil {
		elements = []T{} // nil is null further down
	}
	if list, ok := ctx.Value(placeKey{}).(*place); ok {
		*list = place{attribute, func(e *msgpack.Encoder) error { return o.encode(e, elements) }, func() int64 { return o.size(elements) }}
		return o.Null()
	}
	return o.value(elements)
}

func (o Object[T]) value(elements []T) types.List {
	if elements == nil {
		return o.Null()
	}
	values := make([]attr.Value, len(elements))
	for i := range elements {
		attributes := make(map[string]attr.Value, len(o.attributes))
		for _, attribute := range o.attributes {
			attributes[attribute.name] = attribute.value(&elements[i])
		}
		values[i] = types.ObjectValueMust(o.typ.AttrTypes, attributes)
	}
	return types.ListValueMust(o.typ, values)
}

func (o Object[T]) encode(e *msgpack.Encoder, elements []T) error {
	if elements == nil {
		return e.EncodeNil()
	}
	if err := e.EncodeArrayLen(len(elements)); err != nil {
		return err
	}
	for i := range elements {
		if err := o.encodeElement(e, &elements[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o Object[T]) encodeElement(e *msgpack.Encoder, element *T) error {
	if err := e.EncodeMapLen(len(o.attributes)); err != nil {
		return err
	}
	for i := range o.attributes {
		attribute := &o.attributes[i]
		if err := e.EncodeString(attribute.name); err != nil {
			return err
		}
		if err := attribute.encode(e, element); err != nil {
			return err
		}
	}
	return nil
}

// size is about how many bytes the elements take, and rather more: what a sample of them takes, and a
// thirtieth. A buffer of that size is not likely to grow, for which it would be in memory twice.
func (o Object[T]) size(elements []T) int64 {
	const sample = 256 // at least, where there are so many
	step := max(1, len(elements)/sample)
	var written bounded // to 0 bytes: they are only counted
	e := msgpack.NewEncoder(&written)
	sampled := 0
	for i := 0; i < len(elements); i += step {
		if o.encodeElement(e, &elements[i]) != nil {
			break // as it will when all are encoded
		}
		sampled++
	}
	return int64(written.size)*int64(len(elements))/int64(max(1, sampled))*31/30 + 16
}

// String is a text; nil is null.
func String[T any](description string, get func(*T) *string) Attribute[T] {
	return Attribute[T]{
		schema: schema.StringAttribute{MarkdownDescription: description, Computed: true},
		value:  func(t *T) attr.Value { return types.StringPointerValue(get(t)) },
		encode: func(e *msgpack.Encoder, t *T) error { return encode(e, get(t), (*msgpack.Encoder).EncodeString) },
	}
}

// Bool is true or false; nil is null.
func Bool[T any](description string, get func(*T) *bool) Attribute[T] {
	return Attribute[T]{
		schema: schema.BoolAttribute{MarkdownDescription: description, Computed: true},
		value:  func(t *T) attr.Value { return types.BoolPointerValue(get(t)) },
		encode: func(e *msgpack.Encoder, t *T) error { return encode(e, get(t), (*msgpack.Encoder).EncodeBool) },
	}
}

// Int64 is a whole number; nil is null.
func Int64[T any](description string, get func(*T) *int64) Attribute[T] {
	return Attribute[T]{
		schema: schema.Int64Attribute{MarkdownDescription: description, Computed: true},
		value:  func(t *T) attr.Value { return types.Int64PointerValue(get(t)) },
		encode: func(e *msgpack.Encoder, t *T) error { return encode(e, get(t), encodeWhole) },
	}
}

// Number is a number; nil, and what is no number, is null. A whole number is exact. A fraction is the
// float64 of the same digits if there is one, as in providers with Float64 attributes: Terraform writes
// out a number's digits to keep it, and to compare it, and with the precision of [Decimal] one fraction a
// user took it two fifths of its time for 20,000 users.
func Number[T any](description string, get func(*T) *json.Number) Attribute[T] {
	return Attribute[T]{
		schema: schema.NumberAttribute{MarkdownDescription: description, Computed: true},
		value: func(t *T) attr.Value {
			if digits := get(t); digits != nil {
				return types.NumberValue(number(digits.String()))
			}
			return types.NumberNull()
		},
		encode: func(e *msgpack.Encoder, t *T) error { return encode(e, get(t), encodeNumber) },
	}
}

// Strings is a list of texts, which is never null.
func Strings[T any](description string, get func(*T) []string) Attribute[T] {
	return Attribute[T]{
		schema: schema.ListAttribute{MarkdownDescription: description, ElementType: types.StringType, Computed: true},
		value: func(t *T) attr.Value {
			values := []attr.Value{}
			for _, text := range get(t) {
				values = append(values, types.StringValue(text))
			}
			return types.ListValueMust(types.StringType, values)
		},
		encode: func(e *msgpack.Encoder, t *T) error {
			texts := get(t)
			err := e.EncodeArrayLen(len(texts))
			for i := 0; i < len(texts) && err == nil; i++ {
				err = e.EncodeString(texts[i])
			}
			return err
		},
	}
}

// Objects is a list of objects in their turn; nil is null.
func Objects[T, U any](description string, object Object[U], get func(*T) []U) Attribute[T] {
	return Attribute[T]{
		schema: schema.ListNestedAttribute{MarkdownDescription: description, NestedObject: object.Schema(), Computed: true},
		value:  func(t *T) attr.Value { return object.value(get(t)) },
		encode: func(e *msgpack.Encoder, t *T) error { return object.encode(e, get(t)) },
	}
}

func encode[V any](e *msgpack.Encoder, value *V, encode func(*msgpack.Encoder, V) error) error {
	if value == nil {
		return e.EncodeNil()
	}
	return encode(e, *value)
}

// Decimal is a number in decimal digits, with the precision of Terraform's literals: 0.1 is neither more
// nor less than 0.1 in a configuration, while a float64 is a little more. What is no number is null.
func Decimal(digits string) types.Number { return types.NumberValue(decimal(digits)) }

// decimal is nil for what is no number.
func decimal(digits string) *big.Float {
	value, _, err := big.ParseFloat(digits, 10, 512, big.ToNearestEven)
	if err != nil {
		return nil
	}
	return value
}

// number is the value of a [Number].
func number(digits string) *big.Float {
	value := decimal(digits)
	if value == nil || value.IsInt() {
		return value
	}
	float, _ := value.Float64()
	if decimal(strconv.FormatFloat(float, 'g', -1, 64)).Cmp(value) == 0 {
		return big.NewFloat(float)
	}
	return value
}

// encodeWhole writes a whole number as a float, if there is one that is exactly that number. The value
// is the same to Terraform, but it writes the digits of a float in half the time, and does so several times
// for each number in a state. It computes with the 53 bits of a float then, as it does with a fraction's.
func encodeWhole(e *msgpack.Encoder, whole int64) error {
	switch {
	case whole < -1<<53 || whole > 1<<53:
		return e.EncodeInt(whole)
	case whole < -1<<24 || whole > 1<<24:
		return e.EncodeFloat64(float64(whole))
	}
	return e.EncodeFloat32(float32(whole))
}

// encodeNumber writes a number as an integer or a float, if that is exactly the number, and otherwise in
// its digits.
func encodeNumber(e *msgpack.Encoder, given json.Number) error {
	digits := given.String()
	plain, isPlain := plainFraction(digits)
	if isPlain {
		if float, _ := strconv.ParseFloat(plain, 64); strconv.FormatFloat(float, 'f', -1, 64) == plain {
			return e.EncodeFloat64(float) // as below, in less time
		}
	} else if whole, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return encodeWhole(e, whole) // likewise
	}
	value := number(digits)
	if value == nil {
		return e.EncodeNil()
	}
	if whole, accuracy := value.Int64(); accuracy == big.Exact {
		return encodeWhole(e, whole)
	}
	if float, accuracy := value.Float64(); accuracy == big.Exact && !value.IsInt() {
		return e.EncodeFloat64(float)
	}
	if !isPlain {
		plain = value.Text('f', -1) // takes a hundred times as long as all of the above
	}
	return e.EncodeString(plain)
}

// plainFraction is how a [Decimal] of these digits is written out, such as 12.5 for 12.50. It knows
// only fractions without an exponent, and of no more digits than 512 bits tell apart.
func plainFraction(digits string) (plain string, ok bool) {
	whole, fraction, ok := strings.Cut(strings.TrimPrefix(digits, "-"), ".")
	if !ok || !areDigits(whole) || !areDigits(fraction) || len(whole) > 1 && whole[0] == '0' {
		return "", false
	}
	plain = strings.TrimRight(digits, "0")
	return plain, len(plain) <= 150 && plain[len(plain)-1] != '.'
}

func areDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
