package provider

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	ctymsgpack "github.com/zclconf/go-cty/cty/msgpack"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// rows are the users of a random listing, in JSON. What a field may hold is given in JSON, too. An id is
// a text, or a number where there is a field of that name.
func rows(r *rand.Rand, fields map[string][]string) string {
	var list []string
	for i := range r.IntN(30) {
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
	return "[" + strings.Join(list, ", ") + "]"
}

var (
	rowTexts   = []string{`null`, `""`, `"a"`, `"Äe\u0301\u0000\n\"\\"`, `"日本語 😀"`, `"0.1"`, `"null"`, `"` + strings.Repeat("x", 300) + `"`}
	rowNumbers = []string{`null`, `0`, `-0`, `-0.0`, `1`, `1.0`, `0.1`, `0.10`, `0.5`, `-0.25`, `1e-300`, `1e300`, `1e3`, `9007199254740993`, `18446744073709551616`,
		`12345678901234567890`, `-12345678901234567890.5`, `0.12345678901234567890`, `1.7976931348623157e308`, `5e-324`}
	rowCounts = []string{`null`, `0`, `-1`, `127`, `128`, `65536`, `3.0`, `9007199254740993`, `9223372036854775807`, `-9223372036854775808`}
	rowRoles  = []string{`[]`, `["a"]`, `["b", "a", "ü"]`}
)

// The users go past the framework, and Terraform gets the same answer from it alone: value by value,
// in the framework's eyes and in Terraform's own.
func TestAnswerIsTheFrameworks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source, version string
		answer          string // with the rows in its place
		fields          map[string][]string
	}{
		"openlayer": {source: "openlayer_pipeline_users", answer: `{"items": %s}`, fields: map[string][]string{
			"dateOfFirstRecord": rowTexts, "dateOfLastRecord": {`null`, `"2026-01-31T08:00:00Z"`},
			"sessions": rowCounts, "records": rowCounts, "tokens": rowNumbers, "cost": rowNumbers}},
		"vectara v1": {source: "vectara_users", version: "v1", answer: `{"user": %s, "pageKey": ""}`, fields: map[string][]string{
			"id": {}, "handle": rowTexts, "type": {`null`, `"USER_TYPE__USER"`, `"NEW"`}, "comment": rowTexts, "tsCreate": {`null`, `"0"`, `"1769846400"`, `"253402300800"`},
			"idCreate": {`null`, `0`, `4294967295`}, "email": rowTexts, "userStatus": {`null`, `"USER_STATUS__ACTIVE"`, `"USER_STATUS__DISABLED"`, `""`}, "role": rowRoles}},
		"vectara v2": {source: "vectara_users", version: "v2", answer: `{"users": %s}`, fields: map[string][]string{
			"email": rowTexts, "username": rowTexts, "enabled": {`null`, `true`, `false`}, "description": rowTexts, "created_at": {`null`, `"2026-01-31T08:00:00Z"`, `"?"`},
			"updated_at": rowTexts, "api_roles": rowRoles, "corpus_roles": {`null`, `[]`, `[{"corpus_key": "c", "role": null}, {"role": "ü"}, {}]`},
			"agent_roles": {`null`, `[]`, `[{"agent_key": "a", "role": "user"}, {"agent_key": null}]`}}},
	} {
		for seed := range uint64(10) {
			t.Run(fmt.Sprint(name, "/", seed), func(t *testing.T) {
				t.Parallel()
				list := rows(rand.New(rand.NewPCG(seed, 0)), test.fields)
				if seed == 0 {
					list = "[]"
				}
				f := newFakes(t)
				respond := func(w http.ResponseWriter, r *http.Request, _ int) bool {
					if page := r.URL.Query().Get("page"); page != "" && page != "1" {
						fmt.Fprintf(w, test.answer, "[]")
					} else {
						fmt.Fprintf(w, test.answer, list)
					}
					return true
				}
				f.openlayer.Intercept, f.vectara.Intercept = respond, respond
				env := f.environment()
				env[envVectaraAPIVersion] = test.version
				whole := newServer(t, newTestProvider(env))
				alone := clientOf(t, providerserver.NewProtocol6(&newTestProvider(env).llmUsersProvider)())
				whole.configure(t, `{}`)
				alone.configure(t, `{}`)
				for _, config := range []string{
					argumentsOf(test.source),
					argumentsOf(test.source, `"include_users": false`),
					argumentsOf(test.source, `"include_users": true`, `"max_users": 100`),
				} {
					for kind, schema := range map[string]*tfprotov6.Schema{
						"data":      whole.schemas.DataSourceSchemas[test.source],
						"ephemeral": whole.schemas.EphemeralResourceSchemas[test.source],
					} {
						got, want := whole.object(t, kind, test.source, config), alone.object(t, kind, test.source, config)
						sameObject(t, schema, got, want)
						if t.Failed() {
							t.Fatalf("%s with %s, of the rows\n%s", kind, config, list)
						}
					}
				}
			})
		}
	}
}

// argumentsOf is a configuration of a data source with these arguments.
func argumentsOf(source string, arguments ...string) string {
	if source == "openlayer_pipeline_users" {
		arguments = append(arguments, `"inference_pipeline_id": "`+testPipeline+`"`)
	}
	return "{" + strings.Join(arguments, ", ") + "}"
}

// object is the encoded result of a data source or an ephemeral resource.
func (s *server) object(t testing.TB, kind, typeName, config string) *tfprotov6.DynamicValue {
	t.Helper()
	var object *tfprotov6.DynamicValue
	var diagnostics []*tfprotov6.Diagnostic
	if kind == "data" {
		response, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: typeName, Config: value(t, s.schemas.DataSourceSchemas[typeName], config)})
		if err != nil {
			t.Fatal(err)
		}
		object, diagnostics = response.State, response.Diagnostics
	} else {
		response, err := s.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
			TypeName: typeName, Config: value(t, s.schemas.EphemeralResourceSchemas[typeName], config)})
		if err != nil {
			t.Fatal(err)
		}
		object, diagnostics = response.Result, response.Diagnostics
	}
	if len(diagnostics) > 0 {
		t.Fatal(text(diagnostics))
	}
	return object
}

func sameObject(t *testing.T, schema *tfprotov6.Schema, got, want *tfprotov6.DynamicValue) {
	t.Helper()
	gotValue, err := got.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	wantValue, err := want.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if !gotValue.Equal(wantValue) {
		t.Errorf("got  %s\nwant %s", gotValue, wantValue)
	}

	typeJSON, err := schema.ValueType().MarshalJSON() //nolint:staticcheck // Deprecated, and the one way from these types to cty's.
	if err != nil {
		t.Fatal(err)
	}
	ctyType, err := ctyjson.UnmarshalType(typeJSON)
	if err != nil {
		t.Fatal(err)
	}
	var states [2][]byte
	var values [2]cty.Value
	for i, object := range []*tfprotov6.DynamicValue{got, want} {
		if values[i], err = ctymsgpack.Unmarshal(object.MsgPack, ctyType); err != nil {
			t.Fatal(err)
		}
		if states[i], err = ctyjson.Marshal(values[i], ctyType); err != nil {
			t.Fatal(err)
		}
	}
	if !values[0].RawEquals(values[1]) || !bytes.Equal(states[0], states[1]) {
		t.Errorf("in the state there would be\n%s\nwant\n%s", states[0], states[1])
	}
}

// A result that Terraform could not be sent is an error that says so, for both kinds.
func TestTooManyUsersForTerraform(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"openlayer_pipeline_users", "vectara_users"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			config := argumentsOf(source)
			protocol := newProtocolServer(&newTestProvider(auditFakes(t).environment()).llmUsersProvider)
			s := clientOf(t, protocol)
			s.configure(t, `{}`)
			_, response := s.read(t.Context(), t, source, config)
			protocol.MaxObject = len(response.State.MsgPack)
			if state, response := s.read(t.Context(), t, source, config); len(users(state)) != 3 {
				t.Errorf("as large as it may be, it is refused:\n%s", text(response.Diagnostics))
			}
			protocol.MaxObject--
			state, response := s.read(t.Context(), t, source, config)
			result, diagnostics := s.open(t, source, config)
			for kind, got := range map[string][]*tfprotov6.Diagnostic{"data": response.Diagnostics, "ephemeral": diagnostics} {
				const want = "the result would have 1 MiB, and at most 255 MiB can be sent to Terraform"
				if len(got) != 1 || !strings.Contains(text(got), want) || !strings.Contains(text(got), "filters, or set include_users = false") || attributePath(got[0]) != "include_users" {
					t.Errorf("%s: want an error with %q, got:\n%s", kind, want, text(got))
				}
			}
			if state != nil || result != nil {
				t.Errorf("there are users: %v, %v", state, result)
			}
			if state, response := s.read(t.Context(), t, source, argumentsOf(source, `"include_users": false`)); state["summary"] == nil {
				t.Errorf("and without users:\n%s", text(response.Diagnostics))
			}
		})
	}
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	if summary := tooLarge(0).Summary; !strings.Contains(string(page), "### "+summary+"\n") || biglist.MaxObject>>20 != 255 {
		t.Errorf("the page about troubleshooting has no %q with %d MiB", summary, biglist.MaxObject>>20)
	}
}
