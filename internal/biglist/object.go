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

// Kind is a kind of values: their type in Terraform, its description, and their encoding.
type Kind[V any] struct {
	typ    attr.Type
	name   string // of the type, in a description
	nested string // for an object, a list in Markdown that describes its attributes
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
	Strings = Kind[[]string]{types.ListType{ElemType: types.StringType}, "List of String", "", listEncoder(orNull((*msgpack.Encoder).EncodeString))}
)

// MapOf returns the kind of a map of values. The map is never null.
func MapOf[V any](values Kind[V]) Kind[map[string]V] {
	return Kind[map[string]V]{types.MapType{ElemType: values.typ}, "Map of " + values.name, values.nested, mapEncoder(values.encode)}
}

// ListOf returns the kind of a list of values, or of null for nil.
func ListOf[V any](values Kind[*V]) Kind[[]V] {
	return Kind[[]V]{types.ListType{ElemType: values.typ}, "List of " + values.name, values.nested, func(e *msgpack.Encoder, list []V) error {
		if list == nil {
			return e.EncodeNil()
		}
		return listEncoder(values.encode)(e, list)
	}}
}

// Attribute is an attribute of an object that is encoded from a T.
type Attribute[T any] struct {
	description string
	kind        Kind[*T] // encodes the attribute, not the object
}

// NewAttribute returns an attribute that has a value of a T.
func NewAttribute[T, V any](kind Kind[V], description string, get func(*T) V) Attribute[T] {
	encode := func(e *msgpack.Encoder, t *T) error { return kind.encode(e, get(t)) }
	return Attribute[T]{description, Kind[*T]{kind.typ, kind.name, kind.nested, encode}}
}

// NewObject returns the kind of an object with the attributes, or of null for nil. The keys are their names.
func NewObject[T any](attributes map[string]Attribute[T]) Kind[*T] {
	// The list in Markdown is indented, because the documentation of a provider has it in the item of an outer list.
	const indent = "  "
	var markdown strings.Builder
	attributeTypes := map[string]attr.Type{}
	var encoders []func(*msgpack.Encoder, *T) error // each writes the name of an attribute and its value
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes[name]
		markdown.WriteString(indent + "- `" + name + "` (" + attribute.kind.name + ") " + attribute.description + "\n")
		for line := range strings.Lines(attribute.kind.nested) {
			markdown.WriteString(indent + line)
		}
		attributeTypes[name] = attribute.kind.typ
		encodedName, _ := msgpack.Marshal(name) // no error, since it is a string
		encoders = append(encoders, func(e *msgpack.Encoder, object *T) error {
			if _, err := e.Writer().Write(encodedName); err != nil {
				return err
			}
			return attribute.kind.encode(e, object)
		})
	}
	return Kind[*T]{types.ObjectType{AttrTypes: attributeTypes}, "Object", markdown.String(), func(e *msgpack.Encoder, object *T) error {
		if object == nil {
			return e.EncodeNil()
		}
		if err := e.EncodeMapLen(len(encoders)); err != nil {
			return err
		}
		for _, encode := range encoders {
			if err := encode(e, object); err != nil {
				return err
			}
		}
		return nil
	}}
}

// ListSchema returns the schema of a computed list of objects. The attributes of an object type have no descriptions, so
// the description of the list ends with the descriptions of all attributes. The list has no nested attributes, because
// the mocks of "terraform test" in Terraform 1.11 do not support nested attributes.
func (k Kind[V]) ListSchema(description string) schema.ListAttribute {
	return schema.ListAttribute{
		MarkdownDescription: description + "\n\n" + strings.TrimSuffix(k.nested, "\n"),
		ElementType:         k.typ,
		Computed:            true,
	}
}

// NullList returns a null list.
func (k Kind[V]) NullList() types.List { return types.ListNull(k.typ) }

// Store stores the list of an attribute in the context of the call, for the [Server]. The list is empty for nil. The data
// source must pass [Kind.NullList] to the framework as the value of the attribute.
func Store[V any](ctx context.Context, attribute string, values Kind[*V], list []V) error {
	stored, ok := ctx.Value(pendingKey{}).(*pending)
	if !ok {
		return errors.New("no biglist.Server handles the call")
	}
	*stored = pending{attribute, func(e *msgpack.Encoder) error { return listEncoder(values.encode)(e, list) }}
	return nil
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

func mapEncoder[V any](encode func(*msgpack.Encoder, V) error) func(*msgpack.Encoder, map[string]V) error {
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

// listEncoder returns a function that encodes a list of values. A nil is an empty list.
func listEncoder[V any](encode func(*msgpack.Encoder, *V) error) func(*msgpack.Encoder, []V) error {
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
