package biglist

import (
	"context"
	"encoding/json"
	"errors"
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

// Object describes the elements of a list, which are Terraform objects. Each object is encoded from a T.
type Object[T any] struct {
	attributes []Attribute[T] // sorted by name
}

// Attribute is an attribute of an [Object].
type Attribute[T any] struct {
	name        string
	encodedName []byte // the name in MessagePack
	description string
	kind        Kind[*T] // encodes the attribute of a T
}

// NewObject returns an object with the attributes. The keys are their names.
func NewObject[T any](attributes map[string]Attribute[T]) Object[T] {
	var o Object[T]
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes[name]
		attribute.name = name
		attribute.encodedName, _ = msgpack.Marshal(name) // no error, since it is a string
		o.attributes = append(o.attributes, attribute)
	}
	return o
}

// Schema returns the schema of a computed list of objects. The attributes of an object type have no descriptions, so
// the description of the list ends with the descriptions of all attributes. The list has no nested attributes, because
// the mocks of "terraform test" in Terraform 1.11 do not support nested attributes.
func (o Object[T]) Schema(description string) schema.ListAttribute {
	return schema.ListAttribute{
		MarkdownDescription: description + "\n\n" + strings.TrimSuffix(o.markdown(), "\n"),
		ElementType:         o.typ(),
		Computed:            true,
	}
}

func (o Object[T]) typ() types.ObjectType {
	attributes := make(map[string]attr.Type, len(o.attributes))
	for _, attribute := range o.attributes {
		attributes[attribute.name] = attribute.kind.typ
	}
	return types.ObjectType{AttrTypes: attributes}
}

// markdown returns a list with an item for each attribute. The list is indented, because the documentation of a
// provider has each description in the item of an outer list.
func (o Object[T]) markdown() string {
	const indent = "  "
	var b strings.Builder
	for _, attribute := range o.attributes {
		b.WriteString(indent + "- `" + attribute.name + "` (" + attribute.kind.name + ") " + attribute.description + "\n")
		for line := range strings.Lines(attribute.kind.nested) {
			b.WriteString(indent + line)
		}
	}
	return b.String()
}

// Null returns a null list of the objects.
func (o Object[T]) Null() types.List { return types.ListNull(o.typ()) }

// Store stores the list of an attribute in the context of the call, for the [Server]. The list is empty for nil. The data
// source must pass [Object.Null] to the framework as the value of the attribute.
func (o Object[T]) Store(ctx context.Context, attribute string, elements []T) error {
	list, ok := ctx.Value(pendingKey{}).(*pending)
	if !ok {
		return errors.New("no biglist.Server handles the call")
	}
	*list = pending{attribute, func(e *msgpack.Encoder) error { return listOf(o.encodeObject)(e, elements) }}
	return nil
}

// encodeObject writes an object, or null for nil.
func (o Object[T]) encodeObject(e *msgpack.Encoder, element *T) error {
	if element == nil {
		return e.EncodeNil()
	}
	if err := e.EncodeMapLen(len(o.attributes)); err != nil {
		return err
	}
	for i := range o.attributes {
		if _, err := e.Writer().Write(o.attributes[i].encodedName); err != nil {
			return err
		}
		if err := o.attributes[i].kind.encode(e, element); err != nil {
			return err
		}
	}
	return nil
}

// Kind is a kind of values: their type in Terraform, and their encoding.
type Kind[V any] struct {
	typ    attr.Type
	name   string // of the type, in the description
	nested string // the descriptions of the attributes of a nested object
	encode func(*msgpack.Encoder, V) error
}

var (
	// String is a string, or null for nil.
	String = Kind[*string]{types.StringType, "String", "", orNull((*msgpack.Encoder).EncodeString)}
	// Bool is true or false, or null for nil.
	Bool = Kind[*bool]{types.BoolType, "Boolean", "", orNull((*msgpack.Encoder).EncodeBool)}
	// Int64 is a whole number, or null for nil.
	Int64 = Kind[*int64]{types.Int64Type, "Number", "", orNull(encodeWhole)}
	// Number is a number, or null for "". A whole number is exact. A fraction is a float64 if a float64 has the same
	// digits, because Terraform needs much more time for a number of higher precision. Otherwise the fraction is as exact
	// as [Decimal].
	Number = Kind[json.Number]{types.NumberType, "Number", "", encodeNumber}
	// Strings is a list of strings. It is never null.
	Strings = Kind[[]string]{types.ListType{ElemType: types.StringType}, "List of String", "", listOf(orNull((*msgpack.Encoder).EncodeString))}
)

// MapOf returns a map of values. It is never null.
func MapOf[V any](values Kind[V]) Kind[map[string]V] {
	return Kind[map[string]V]{types.MapType{ElemType: values.typ}, "Map of " + values.name, values.nested, mapOf(values.encode)}
}

// Kind returns the object, or null for nil.
func (o Object[T]) Kind() Kind[*T] { return Kind[*T]{o.typ(), "Object", o.markdown(), o.encodeObject} }

// List returns a list of the objects, or null for nil.
func (o Object[T]) List() Kind[[]T] {
	return Kind[[]T]{types.ListType{ElemType: o.typ()}, "List of Object", o.markdown(), func(e *msgpack.Encoder, elements []T) error {
		if elements == nil {
			return e.EncodeNil()
		}
		return listOf(o.encodeObject)(e, elements)
	}}
}

// NewAttribute returns an attribute that has a value of a T.
func NewAttribute[T, V any](kind Kind[V], description string, get func(*T) V) Attribute[T] {
	encode := func(e *msgpack.Encoder, t *T) error { return kind.encode(e, get(t)) }
	return Attribute[T]{description: description, kind: Kind[*T]{kind.typ, kind.name, kind.nested, encode}}
}

// orNull returns a function that encodes a value, or null for nil.
func orNull[V any](encode func(*msgpack.Encoder, V) error) func(*msgpack.Encoder, *V) error {
	return func(e *msgpack.Encoder, value *V) error {
		if value == nil {
			return e.EncodeNil()
		}
		return encode(e, *value)
	}
}

// mapOf returns a function that encodes a map of values.
func mapOf[V any](encode func(*msgpack.Encoder, V) error) func(*msgpack.Encoder, map[string]V) error {
	return func(e *msgpack.Encoder, values map[string]V) error {
		if err := e.EncodeMapLen(len(values)); err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(values)) {
			if err := e.EncodeString(key); err != nil {
				return err
			}
			if err := encode(e, values[key]); err != nil {
				return err
			}
		}
		return nil
	}
}

// listOf returns a function that encodes a list of values. A nil is an empty list.
func listOf[V any](encode func(*msgpack.Encoder, *V) error) func(*msgpack.Encoder, []V) error {
	return func(e *msgpack.Encoder, values []V) error {
		err := e.EncodeArrayLen(len(values))
		for i := 0; i < len(values) && err == nil; i++ {
			err = encode(e, &values[i])
		}
		return err
	}
}

// precision is the precision of Terraform's numbers, in bits.
const precision = 512

// Decimal returns the number that Terraform reads from the same digits in a configuration. The float64 for 0.1 is not
// equal to this number. If the text is not a number, for example "", Decimal returns null.
func Decimal(digits json.Number) types.Number {
	value, _, err := big.ParseFloat(digits.String(), 10, precision, big.ToNearestEven)
	if err != nil {
		return types.NumberNull()
	}
	return types.NumberValue(value)
}

// exactDigits is the number of significant digits that a float64 always keeps.
const exactDigits = 15

// encodeNumber writes a number as a float64 or as an integer if it has the same value. Otherwise it writes the digits
// as a string, which Terraform reads with its own precision. It writes null for "".
func encodeNumber(e *msgpack.Encoder, number json.Number) error {
	if number == "" {
		return e.EncodeNil()
	}
	digits := number.String()
	if !strings.Contains(digits, ".") { // most numbers
		if whole, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return encodeWhole(e, whole)
		}
	}
	if len(digits) <= exactDigits && strings.Trim(digits, "-.0123456789") == "" { // such as 12.50
		if float, err := strconv.ParseFloat(digits, 64); err == nil {
			return e.EncodeFloat64(float + 0) // changes -0, which Terraform would write, to 0
		}
	}
	exact := Decimal(number)
	if exact.IsNull() {
		return e.EncodeNil()
	}
	value := exact.ValueBigFloat()
	if whole, accuracy := value.Int64(); accuracy == big.Exact {
		return encodeWhole(e, whole)
	}
	float, _ := value.Float64()
	if !value.IsInt() && exact.Equal(Decimal(json.Number(strconv.FormatFloat(float, 'g', -1, 64)))) {
		return e.EncodeFloat64(float)
	}
	return e.EncodeString(value.Text('f', -1))
}

// encodeWhole writes a whole number as a float64 if it has the same value, because Terraform needs half the time to
// write a float into plan and state.
func encodeWhole(e *msgpack.Encoder, whole int64) error {
	const maxExact = 1 << 53 // a float64 is exact for all whole numbers up to here
	if whole < -maxExact || whole > maxExact {
		return e.EncodeInt(whole)
	}
	return e.EncodeFloat64(float64(whole))
}
