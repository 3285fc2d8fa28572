package biglist

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	ctymsgpack "github.com/zclconf/go-cty/cty/msgpack"
)

// thing has an attribute of every kind.
type thing struct {
	text   *string
	truth  *bool
	whole  *int64
	number json.Number
	texts  []string
	parts  []part
	lists  map[string][]string
	named  map[string]*part
	nested *part
}

type part struct{ text *string }

var parts = NewObject(map[string]Attribute[part]{
	"text": NewAttribute(String, "", func(p *part) *string { return p.text }),
})

var things = NewObject(map[string]Attribute[thing]{
	"text":   NewAttribute(String, "", func(t *thing) *string { return t.text }),
	"truth":  NewAttribute(Bool, "", func(t *thing) *bool { return t.truth }),
	"whole":  NewAttribute(Int64, "", func(t *thing) *int64 { return t.whole }),
	"number": NewAttribute(Number, "", func(t *thing) json.Number { return t.number }),
	"texts":  NewAttribute(Strings, "", func(t *thing) []string { return t.texts }),
	"parts":  NewAttribute(ListOf(parts), "", func(t *thing) []part { return t.parts }),
	"lists":  NewAttribute(MapOf(Strings), "", func(t *thing) map[string][]string { return t.lists }),
	"named":  NewAttribute(MapOf(parts), "", func(t *thing) map[string]*part { return t.named }),
	"nested": NewAttribute(parts, "", func(t *thing) *part { return t.nested }),
})

// The edge cases of the values in MessagePack and in Terraform.
var (
	someTexts = []string{"", "a", "Ä\u0308", "e\u0301", "\x00\n\"", "\xff\xfe", "日本語", "😀", "null", "0.1", strings.Repeat("x", 31), strings.Repeat("x", 32),
		strings.Repeat("x", 255), strings.Repeat("x", 256)}
	someWholes = []int64{0, 1, -1, 127, 128, -32, -33, -128, -129, 255, 256, 32767, -32768, -32769, 65535, 65536, 1<<31 - 1, 1 << 31, -1 << 31, -1<<31 - 1,
		1<<32 - 1, 1 << 32, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<63 - 1, -1 << 63}
	someNumbers = []json.Number{"0", "-0", "-0.0", "0e5", "1", "1.0", "1e3", "100e-2", "0.1", "0.10", "0.5", "-0.25", "5250.5", "1e-7", "1e-300", "1e300", "1.7976931348623157e308", "5e-324",
		"9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551616",
		"12345678901234567890.123456789", "0.12345678901234567890", "123456789012345678901.5", "3.00000000000000000001",
		"1E+2", "1e19", "72057594037927936.5", "100000000000000000000000",
		"0.3", "-0.05", "0.125", "00.1", "0.", ".5", "-.5", "-", "+0.1", "1.5.5", "1_0.1", "0x1.8", "12.50", "0.000", "x", ""}
)

func randomThing(r *rand.Rand) thing {
	t := thing{
		text:   maybe(r, pick(r, someTexts)),
		truth:  maybe(r, r.IntN(2) == 0),
		whole:  maybe(r, pick(r, someWholes)),
		number: pick(r, someNumbers),
	}
	switch r.IntN(5) {
	case 0:
		t.whole = maybe(r, int64(r.Uint64()))
		t.number = json.Number(fmt.Sprint(r.NormFloat64() * 1e6))
	case 1:
		t.number = json.Number(fmt.Sprintf("%d.%0*d", r.IntN(1000)-500, 1+r.IntN(20), r.Uint32()))
	case 2:
		t.number = json.Number(fmt.Sprintf("%d.%de%d", r.IntN(10), r.Uint64(), r.IntN(600)-300))
	case 3: // about as many digits as 512 bits can hold
		digits := make([]byte, 140+r.IntN(20))
		for i := range digits {
			digits[i] = byte('0' + r.IntN(10))
		}
		at := r.IntN(len(digits))
		t.number = json.Number(fmt.Sprintf("1%s.%s", digits[:at], digits[at:]))
	}
	if r.IntN(5) == 0 {
		t.number = ""
	}
	if r.IntN(3) > 0 {
		t.texts = []string{}
		t.parts = []part{}
	}
	for range r.IntN(20) * r.IntN(2) {
		t.texts = append(t.texts, pick(r, someTexts))
		t.parts = append(t.parts, part{maybe(r, pick(r, someTexts))})
	}
	t.nested = maybe(r, part{maybe(r, pick(r, someTexts))})
	t.lists, t.named = map[string][]string{}, map[string]*part{}
	for range r.IntN(5) {
		t.lists[pick(r, someTexts)] = t.texts
		t.named[pick(r, someTexts)] = maybe(r, part{maybe(r, pick(r, someTexts))})
	}
	return t
}

func pick[V any](r *rand.Rand, values []V) V { return values[r.IntN(len(values))] }

func maybe[V any](r *rand.Rand, value V) *V {
	if r.IntN(5) == 0 {
		return nil
	}
	return &value
}

// Terraform decodes the encoding of a list to the same value as the framework's encoding.
func TestEncodingIsTheFrameworks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 0))
		list := make([]thing, r.IntN(20))
		for i := range list {
			list[i] = randomThing(r)
		}
		if same(t, list); t.Failed() {
			t.Fatalf("at seed %d", seed)
		}
	}
	for _, text := range someTexts {
		same(t, []thing{{text: &text, texts: []string{text}, parts: []part{{&text}}}})
	}
	for _, whole := range someWholes {
		same(t, []thing{{whole: &whole}})
	}
	for _, number := range someNumbers {
		same(t, []thing{{number: number}})
	}
	long := strings.Repeat("ü", 40_000) // its length and that of the list need more than 16 bits
	same(t, []thing{{text: &long, texts: make([]string, 70_000)}})
}

func same(t *testing.T, list []thing) {
	t.Helper()
	var got bytes.Buffer
	if err := ListOf(things).encode(msgpack.NewEncoder(&got), list); err != nil {
		t.Fatal(err)
	}
	value := frameworkList(list)

	terraformType := value.Type(t.Context()).TerraformType(t.Context())
	wantValue, err := value.ToTerraformValue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if v, err := (tfprotov6.DynamicValue{MsgPack: got.Bytes()}).Unmarshal(terraformType); err != nil || !v.Equal(wantValue) {
		t.Errorf("the plugin protocol decodes %s to another value: %v", dump(list), err)
	}
	typeJSON, err := terraformType.MarshalJSON() //nolint:staticcheck // No other function converts these types to cty's.
	if err != nil {
		t.Fatal(err)
	}
	ctyType, err := ctyjson.UnmarshalType(typeJSON)
	if err != nil {
		t.Fatal(err)
	}
	wantCty, err := ctymsgpack.Unmarshal(encoded(t, value), ctyType)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := ctymsgpack.Unmarshal(got.Bytes(), ctyType); err != nil || !v.RawEquals(wantCty) {
		t.Errorf("Terraform decodes %s to another value: %v", dump(list), err)
	}
}

// frameworkList returns the list as a value of the framework.
func frameworkList(list []thing) types.List {
	if list == nil {
		list = []thing{}
	}
	var elements []attr.Value
	for _, t := range list {
		partList := types.ListNull(parts.typ)
		if t.parts != nil {
			objects := []attr.Value{}
			for i := range t.parts {
				objects = append(objects, frameworkPart(&t.parts[i]))
			}
			partList = types.ListValueMust(parts.typ, objects)
		}
		lists, named := map[string]attr.Value{}, map[string]attr.Value{}
		for key, texts := range t.lists {
			lists[key] = frameworkStrings(texts)
		}
		for key, p := range t.named {
			named[key] = frameworkPart(p)
		}
		elements = append(elements, types.ObjectValueMust(attributeTypes(things), map[string]attr.Value{
			"text": types.StringPointerValue(t.text), "truth": types.BoolPointerValue(t.truth), "whole": types.Int64PointerValue(t.whole),
			"number": frameworkNumber(t.number), "texts": frameworkStrings(t.texts), "parts": partList,
			"lists": types.MapValueMust(Strings.typ, lists), "named": types.MapValueMust(parts.typ, named), "nested": frameworkPart(t.nested),
		}))
	}
	return types.ListValueMust(things.typ, elements)
}

// attributeTypes returns the types of the attributes of an object.
func attributeTypes[T any](object Kind[*T]) map[string]attr.Type {
	return object.typ.(types.ObjectType).AttrTypes
}

func frameworkStrings(texts []string) types.List {
	values := []attr.Value{}
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}

// frameworkPart returns a part as a value of the framework, or null for nil.
func frameworkPart(p *part) types.Object {
	if p == nil {
		return types.ObjectNull(attributeTypes(parts))
	}
	return types.ObjectValueMust(attributeTypes(parts), map[string]attr.Value{"text": types.StringPointerValue(p.text)})
}

// frameworkNumber returns the float64 for a fraction if the shortest text of the float64 is the same number. Otherwise
// it returns the exact number, or null if the text is not a number.
func frameworkNumber(number json.Number) types.Number {
	if number == "" {
		return types.NumberNull()
	}
	exact := Decimal(number)
	float, err := number.Float64()
	if exact.IsNull() || err != nil || exact.ValueBigFloat().IsInt() || !exact.Equal(Decimal(json.Number(strconv.FormatFloat(float, 'e', -1, 64)))) {
		return exact
	}
	return types.NumberValue(big.NewFloat(float))
}

// encoded returns the framework's encoding of a value in MessagePack.
func encoded(t *testing.T, value attr.Value) []byte {
	t.Helper()
	v, err := value.ToTerraformValue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		t.Fatal(err)
	}
	return dynamic.MsgPack
}

// dump returns a description of a list for errors: the attributes of a single element, or the number of elements.
func dump(list []thing) string {
	if len(list) != 1 {
		return fmt.Sprintf("a list of %d things", len(list))
	}
	text, _ := json.Marshal([]any{list[0].text, list[0].truth, list[0].whole, list[0].number.String(), list[0].texts, len(list[0].parts)})
	return fmt.Sprintf("%.300s", text)
}

// A number is encoded in the form that Terraform processes in the least time.
func TestNumberForms(t *testing.T) {
	t.Parallel()
	const isInt64, isUint64, isFloat64, isString = '\xd3', '\xcf', '\xcb', '\xd9'
	for digits, want := range map[json.Number]byte{
		"0": isFloat64, "-0": isFloat64, "-0.0": isFloat64, "7": isFloat64, "3.0": isFloat64, "1e2": isFloat64, "100e-2": isFloat64,
		"-9007199254740992":                      isFloat64,
		"9007199254740992":                       isFloat64,
		"9007199254740993":                       isUint64,
		"-9007199254740993":                      isInt64,
		"-9223372036854775808":                   isInt64,
		"12.3456":                                isFloat64,
		"12.50":                                  isFloat64,
		"-1e-7":                                  isFloat64,
		"0.100000000000000000000000000000000001": isString,
		"9223372036854775808000000000000000000000": isString,
		"x": '\xc0', "": '\xc0', "0x1.8": '\xc0', "1_0.1": '\xc0',
	} {
		var got bytes.Buffer
		if err := encodeNumber(msgpack.NewEncoder(&got), digits); err != nil || got.Bytes()[0] != want {
			t.Errorf("%s is encoded as %q: %v", digits, got.Bytes(), err)
		}
		// Int64 encodes a whole number in the same form as Number.
		whole, err := digits.Int64()
		if err != nil {
			continue
		}
		got.Reset()
		if err := Int64.encode(msgpack.NewEncoder(&got), &whole); err != nil || got.Bytes()[0] != want {
			t.Errorf("%d is encoded as %q by Int64: %v", whole, got.Bytes(), err)
		}
	}
}

// Store encodes a nil slice as an empty list, and not as null.
func TestNoElements(t *testing.T) {
	t.Parallel()
	for _, elements := range [][]thing{nil, {}} {
		var stored pending
		if err := Store(context.WithValue(t.Context(), pendingKey{}, &stored), "things", things, elements); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := stored.encode(msgpack.NewEncoder(&got)); err != nil || got.String() != "\x90" {
			t.Errorf("%#v is encoded as %q: %v", elements, got.Bytes(), err)
		}
	}
}

// Store returns an error if no Server handles the call, because the response would have a null instead of the list.
func TestStoreWithoutServer(t *testing.T) {
	t.Parallel()
	if err := Store(t.Context(), "things", things, []thing{{}}); err == nil {
		t.Error("no error")
	}
}

// The description of a list has the description of each attribute of its elements, and of nested objects.
func TestSchema(t *testing.T) {
	t.Parallel()
	inner := NewObject(map[string]Attribute[part]{"text": NewAttribute(String, "A text.", func(p *part) *string { return p.text })})
	outer := NewObject(map[string]Attribute[thing]{
		"whole": NewAttribute(Int64, "A number.", func(t *thing) *int64 { return t.whole }),
		"parts": NewAttribute(ListOf(inner), "The parts.", func(t *thing) []part { return t.parts }),
		"texts": NewAttribute(Strings, "The texts.", func(t *thing) []string { return t.texts }),
	})
	const want = `The things.

  - ` + "`parts`" + ` (List of Object) The parts.
    - ` + "`text`" + ` (String) A text.
  - ` + "`texts`" + ` (List of String) The texts.
  - ` + "`whole`" + ` (Number) A number.`
	schema := outer.ListSchema("The things.")
	if schema.MarkdownDescription != want {
		t.Errorf("got\n%s\nwant\n%s", schema.MarkdownDescription, want)
	}
	if !schema.Computed || !schema.ElementType.Equal(outer.typ) {
		t.Errorf("got %+v", schema)
	}
}
