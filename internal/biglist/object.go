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

// Object describes the elements of a list: an attribute of Terraform for each value of a T.
type Object[T any] struct {
	attributes []Attribute[T] // sorted by name
}

// Attribute is one attribute of an [Object]. The functions [String], [Bool], [Int64], [Number],
// [Strings], [Objects] and so on make one of each type.
type Attribute[T any] struct {
	name        string
	description string
	typ         attr.Type
	typeName    string // for the reader of a description
	nested      string // a description of the attributes of a nested object
	encode      func(*msgpack.Encoder, *T) error
}

// NewObject returns an object with these attributes, by name.
func NewObject[T any](attributes map[string]Attribute[T]) Object[T] {
	var o Object[T]
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes[name]
		attribute.name = name
		o.attributes = append(o.attributes, attribute)
	}
	return o
}

// Schema is the schema of a computed list of these objects. The attributes of an object type have no
// description of their own in a schema, so that the description of the list ends with one of each.
//
// The list has an object type, and not nested attributes, because the mocks of "terraform test" in
// Terraform 1.11 know the first alone.
func (o Object[T]) Schema(description string) schema.ListAttribute {
	return schema.ListAttribute{
		MarkdownDescription: description + "\n\n" + strings.TrimSuffix(o.markdown("  "), "\n"),
		ElementType:         o.typ(),
		Computed:            true,
	}
}

func (o Object[T]) typ() types.ObjectType {
	attributes := make(map[string]attr.Type, len(o.attributes))
	for _, attribute := range o.attributes {
		attributes[attribute.name] = attribute.typ
	}
	return types.ObjectType{AttrTypes: attributes}
}

// markdown is a list with an item for each attribute. It is indented, because the documentation of a
// provider shows a description within the item of an outer list.
func (o Object[T]) markdown(indent string) string {
	var b strings.Builder
	for _, attribute := range o.attributes {
		b.WriteString(indent + "- `" + attribute.name + "` (" + attribute.typeName + ") " + attribute.description + "\n")
		for line := range strings.Lines(attribute.nested) {
			b.WriteString(indent + line)
		}
	}
	return b.String()
}

// Null is the list as null.
func (o Object[T]) Null() types.List { return types.ListNull(o.typ()) }

// List hands a list to the [Server] that handles the call, which puts it into the response under the
// name of an attribute. What List returns is what the framework has to be given for that attribute.
func (o Object[T]) List(ctx context.Context, attribute string, elements []T) (types.List, error) {
	list, ok := ctx.Value(pendingKey{}).(*pending)
	if !ok {
		return o.Null(), errors.New("no biglist.Server handles the call")
	}
	list.attribute = attribute
	list.encode = func(ctx context.Context, e *msgpack.Encoder) error {
		err := e.EncodeArrayLen(len(elements))
		for i := 0; i < len(elements) && err == nil; i++ {
			if err = ctx.Err(); err == nil { // a long list of odd numbers takes many seconds
				err = o.encodeOne(e, &elements[i])
			}
		}
		return err
	}
	return o.Null(), nil
}

// encode writes a list, or null for nil.
func (o Object[T]) encode(e *msgpack.Encoder, elements []T) error {
	if elements == nil {
		return e.EncodeNil()
	}
	if err := e.EncodeArrayLen(len(elements)); err != nil {
		return err
	}
	for i := range elements {
		if err := o.encodeOne(e, &elements[i]); err != nil {
			return err
		}
	}
	return nil
}

// encodeOne writes one object, or null for nil.
func (o Object[T]) encodeOne(e *msgpack.Encoder, element *T) error {
	if element == nil {
		return e.EncodeNil()
	}
	if err := e.EncodeMapLen(len(o.attributes)); err != nil {
		return err
	}
	for i := range o.attributes {
		if err := e.EncodeString(o.attributes[i].name); err != nil {
			return err
		}
		if err := o.attributes[i].encode(e, element); err != nil {
			return err
		}
	}
	return nil
}

// String is an attribute that is a string, or null for nil.
func String[T any](description string, get func(*T) *string) Attribute[T] {
	return attribute(description, types.StringType, "String", "", get, orNull((*msgpack.Encoder).EncodeString))
}

// Bool is an attribute that is true or false, or null for nil.
func Bool[T any](description string, get func(*T) *bool) Attribute[T] {
	return attribute(description, types.BoolType, "Boolean", "", get, orNull((*msgpack.Encoder).EncodeBool))
}

// Int64 is an attribute that is a whole number, or null for nil.
func Int64[T any](description string, get func(*T) *int64) Attribute[T] {
	return attribute(description, types.Int64Type, "Number", "", get, orNull(encodeWhole))
}

// Number is an attribute that is a number in digits, as JSON writes it, or null for nil. A whole number
// is exact. A fraction is the float64 that is written with the same digits, if there is one, because
// Terraform spends much more time on a number of higher precision; otherwise it is as exact as
// [Decimal].
func Number[T any](description string, get func(*T) *json.Number) Attribute[T] {
	return attribute(description, types.NumberType, "Number", "", get, orNull(encodeNumber))
}

// Strings is an attribute that is a list of strings. It is never null.
func Strings[T any](description string, get func(*T) []string) Attribute[T] {
	return attribute(description, stringList, "List of String", "", get, encodeStrings)
}

// MapOfStrings is an attribute that is a map of lists of strings. It is never null.
func MapOfStrings[T any](description string, get func(*T) map[string][]string) Attribute[T] {
	return attribute(description, types.MapType{ElemType: stringList}, "Map of List of String", "", get, eachOf(encodeStrings))
}

// MapOfObjects is an attribute that is a map of objects, where nil is null. The map is never null.
func MapOfObjects[T, U any](description string, object Object[U], get func(*T) map[string]*U) Attribute[T] {
	return attribute(description, types.MapType{ElemType: object.typ()}, "Map of Object", object.markdown("  "), get, eachOf(object.encodeOne))
}

// Nested is an attribute that is an object, or null for nil.
func Nested[T, U any](description string, object Object[U], get func(*T) *U) Attribute[T] {
	return attribute(description, object.typ(), "Object", object.markdown("  "), get, object.encodeOne)
}

// Objects is an attribute that is a list of objects, or null for nil.
func Objects[T, U any](description string, object Object[U], get func(*T) []U) Attribute[T] {
	return attribute(description, types.ListType{ElemType: object.typ()}, "List of Object", object.markdown("  "), get, object.encode)
}

func attribute[T, V any](description string, typ attr.Type, typeName, nested string, get func(*T) V, encode func(*msgpack.Encoder, V) error) Attribute[T] {
	return Attribute[T]{
		description: description, typ: typ, typeName: typeName, nested: nested,
		encode: func(e *msgpack.Encoder, t *T) error { return encode(e, get(t)) },
	}
}

// orNull returns an encoder of a value, or null for nil.
func orNull[V any](encode func(*msgpack.Encoder, V) error) func(*msgpack.Encoder, *V) error {
	return func(e *msgpack.Encoder, value *V) error {
		if value == nil {
			return e.EncodeNil()
		}
		return encode(e, *value)
	}
}

// eachOf returns an encoder of a map of values.
func eachOf[V any](encode func(*msgpack.Encoder, V) error) func(*msgpack.Encoder, map[string]V) error {
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

var stringList = types.ListType{ElemType: types.StringType}

func encodeStrings(e *msgpack.Encoder, values []string) error {
	err := e.EncodeArrayLen(len(values))
	for i := 0; i < len(values) && err == nil; i++ {
		err = e.EncodeString(values[i])
	}
	return err
}

// precision is that of Terraform's own numbers, in bits.
const precision = 512

// Decimal is the number that Terraform makes of the same digits in a configuration: 0.1 is neither more
// nor less than 0.1 there, while a float64 is a little more. It is null for what is no number.
func Decimal(digits string) types.Number {
	value, _, err := big.ParseFloat(digits, 10, precision, big.ToNearestEven)
	if err != nil {
		return types.NumberNull()
	}
	return types.NumberValue(value)
}

// encodeNumber writes a number as a float64 or as an integer if that is the same number, and otherwise
// as a string of its digits, which Terraform reads with its own precision.
func encodeNumber(e *msgpack.Encoder, number json.Number) error {
	digits := number.String()
	// First the spellings of most numbers, 12 and 12.50, without any allocation.
	if !strings.ContainsAny(digits, ".eE") {
		if whole, err := strconv.ParseInt(digits, 10, 64); err == nil {
			return encodeWhole(e, whole)
		}
	}
	float, err := strconv.ParseFloat(digits, 64)
	var written [64]byte
	if err == nil && strings.Contains(digits, ".") && string(strconv.AppendFloat(written[:0], float, 'f', -1, 64)) == strings.TrimRight(digits, "0") {
		return e.EncodeFloat64(float)
	}
	// Then any other, such as 1e3 and 12.0.
	exact := Decimal(digits)
	if exact.IsNull() {
		return e.EncodeNil()
	}
	value := exact.ValueBigFloat()
	if whole, accuracy := value.Int64(); accuracy == big.Exact {
		return encodeWhole(e, whole)
	}
	if !value.IsInt() && exact.Equal(Decimal(strconv.FormatFloat(float, 'g', -1, 64))) {
		return e.EncodeFloat64(float)
	}
	return e.EncodeString(value.Text('f', -1))
}

// encodeWhole writes a whole number as a float64 if that is the same number: Terraform writes the digits of a float
// into plan and state in half the time.
func encodeWhole(e *msgpack.Encoder, whole int64) error {
	const exact = 1 << 53 // all whole numbers up to here are floats
	if whole < -exact || whole > exact {
		return e.EncodeInt(whole)
	}
	return e.EncodeFloat64(float64(whole))
}
