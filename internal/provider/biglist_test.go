package provider

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	ctymsgpack "github.com/zclconf/go-cty/cty/msgpack"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// rows returns a JSON list of random users, and their number.
func rows(r *rand.Rand, fields map[string][]string) (users string, n int) {
	var list []string
	n = r.IntN(30)
	for i := range n {
		id := fmt.Sprintf("%q", fmt.Sprint("u", i))
		if fields["id"] != nil {
			id = fmt.Sprint(i)
		}
		row := []string{`"id": ` + id}
		for name, values := range fields {
			if value := r.IntN(len(values) + 1); name != "id" && value < len(values) {
				row = append(row, fmt.Sprintf("%q: %s", name, values[value]))
			}
		}
		list = append(list, "{"+strings.Join(row, ", ")+"}")
	}
	return "[" + strings.Join(list, ", ") + "]", n
}

// Terraform can decode a result with random users. A data source and its ephemeral counterpart return the same result.
func TestResultOfRandomUsers(t *testing.T) {
	t.Parallel()
	for _, l := range listings {
		for seed := range uint64(10) {
			t.Run(fmt.Sprint(l.name, "/", seed), func(t *testing.T) {
				t.Parallel()
				list, n := rows(rand.New(rand.NewPCG(seed, 0)), l.fields)
				if seed == 0 {
					list, n = "[]", 0
				}
				f := newFakes(t)
				l.serve(f, list)
				s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
				s.configure(t, `{}`)
				for config, want := range map[string]int{
					l.with(): n, l.with(l.about("include", true), l.about("max", 100), l.about("min", 0)): n, l.with(l.about("include", false)): -1,
				} {
					var results []map[string]any
					for _, kind := range kinds {
						object, diagnostics := s.object(t.Context(), t, kind, l.typeName, config)
						if len(diagnostics) > 0 {
							t.Fatal(text(diagnostics))
						}
						result, n := decoded(t, s.schema(kind, l.typeName), l.list, object)
						results = append(results, result)
						if n != want {
							t.Errorf("%s with %s has %d users, want %d of this response:\n%s", kind, config, n, want, list)
						}
					}
					if !reflect.DeepEqual(results[0], results[1]) {
						t.Errorf("the results of the data source and the ephemeral resource differ:\n%v\n%v", results[0], results[1])
					}
				}
			})
		}
	}
}

// decoded decodes an object as the framework does and as Terraform does. It returns the object and the number of users,
// or -1 if the list is null.
func decoded(t *testing.T, schema *tfprotov6.Schema, list string, object *tfprotov6.DynamicValue) (result map[string]any, n int) {
	t.Helper()
	v, err := object.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	typeJSON, err := schema.ValueType().MarshalJSON() //nolint:staticcheck // Deprecated, but the only way to convert these types to cty's.
	if err != nil {
		t.Fatal(err)
	}
	ctyType, err := ctyjson.UnmarshalType(typeJSON)
	if err != nil {
		t.Fatal(err)
	}
	terraforms, err := ctymsgpack.Unmarshal(object.MsgPack, ctyType)
	if err != nil {
		t.Fatal(err)
	}
	result, _ = plain(t, v).(map[string]any)
	n = -1
	if elements := terraforms.GetAttr(list); !elements.IsNull() {
		n = elements.LengthInt()
	}
	if in := objects(result, list); (in == nil) != (n < 0) || n >= 0 && len(in) != n {
		t.Errorf("the framework decodes %d users, and Terraform %d", len(in), n)
	}
	return result, n
}

// A result of MaxObject bytes is valid. A larger result is an error at the argument include_users, and the same block
// without users is valid.
func TestResultTooLarge(t *testing.T) {
	t.Parallel()
	eachListing(t, "", func(t *testing.T, l testListing, kind string) {
		protocol := newProtocolServer(&newTestProvider(l.fakeEnvironment(l.threeUsers(t))).llmUsersProvider)
		s := clientOf(t, protocol)
		s.configure(t, `{}`)
		object, diagnostics := s.object(t.Context(), t, kind, l.typeName, l.with())
		if object == nil {
			t.Fatal(text(diagnostics))
		}
		protocol.MaxObject = len(object.MsgPack)
		if result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with()); len(l.listed(result)) != 3 {
			t.Errorf("a result of MaxObject bytes is an error:\n%s", text(diagnostics))
		}
		protocol.MaxObject--
		result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with())
		want := "The result with all matching " + l.spoken() + " would have 1 MiB. The provider can send at most 144 MiB to Terraform."
		if len(diagnostics) != 1 || !strings.Contains(text(diagnostics), want) || !strings.Contains(text(diagnostics), "filters, or set include_"+l.list+" = false") ||
			attributePath(diagnostics[0]) != "include_"+l.list || result != nil {
			t.Errorf("want an error with %q, got %v and:\n%s", want, result, text(diagnostics))
		}
		if result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with(l.about("include", false))); result["summary"] == nil {
			t.Errorf("without users, the result has no summary:\n%s", text(diagnostics))
		}
	})
}

// The error for a list that is too large names the list and its argument. The guide Troubleshooting explains this
// error.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	d := tooLarge("app_clients", biglist.MaxObject+1)
	if got := text([]*tfprotov6.Diagnostic{d}); attributePath(d) != "include_app_clients" || !strings.Contains(got, "The result with all matching app clients would have 145 MiB") ||
		!strings.Contains(got, "set include_app_clients = false") {
		t.Errorf("got\n%s", got)
	}
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"### " + d.Summary + "\n", "at most 144 MiB"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the guide has no %q", part)
		}
	}
}
