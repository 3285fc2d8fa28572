package provider

import (
	"context"
	"encoding/json"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// The pipeline, the account and the credentials that the fakes accept.
const (
	testPipeline   = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	testAPIKey     = "ol-test-key-5f1c"
	testCustomerID = "1526022105"
	testToken      = "jwt-test-token-9a2e"
)

// testProvider is a provider with the environment of a test. It records its waits and does not sleep.
type testProvider struct {
	llmUsersProvider
	waits chan time.Duration
}

func newTestProvider(env map[string]string) *testProvider {
	p := &testProvider{waits: make(chan time.Duration, 1000)}
	p.version = "test"
	p.getenv = func(variable string) string { return env[variable] }
	p.sleep = func(_ context.Context, wait time.Duration) { p.waits <- wait }
	return p
}

// server calls the methods of the plugin protocol, as Terraform does, but without gRPC. Its methods accept a
// configuration in JSON, in which a missing attribute is null.
type server struct {
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newServer(t *testing.T, p *testProvider) *server {
	t.Helper()
	return clientOf(t, newProtocolServer(&p.llmUsersProvider))
}

func clientOf(t testing.TB, p tfprotov6.ProviderServer) *server {
	t.Helper()
	s := &server{ProviderServer: p}
	var err error
	if s.schemas, err = s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// value makes a configuration from JSON. The attributes at the paths in unknown, such as timeouts.read, are unknown.
func value(t testing.TB, schema *tfprotov6.Schema, text string, unknown ...string) *tfprotov6.DynamicValue {
	t.Helper()
	typ := schema.ValueType()
	v, err := tfprotov6.DynamicValue{JSON: []byte(text)}.Unmarshal(typ)
	if err != nil {
		t.Fatalf("configuration %s: %v", text, err)
	}
	found := 0
	v, err = tftypes.Transform(v, func(p *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		var steps []string
		for _, step := range p.Steps() {
			if name, ok := step.(tftypes.AttributeName); ok {
				steps = append(steps, string(name))
			}
		}
		for _, path := range unknown {
			if strings.Join(steps, ".") == path {
				found++
				return tftypes.NewValue(v.Type(), tftypes.UnknownValue), nil
			}
		}
		return v, nil
	})
	if err != nil || found != len(unknown) {
		t.Fatalf("configuration %s: made %d of %q unknown: %v", text, found, unknown, err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

func (s *server) configure(t testing.TB, config string, unknown ...string) []*tfprotov6.Diagnostic {
	t.Helper()
	v := value(t, s.schemas.Provider, config, unknown...)
	validated, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: v})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(validated.Diagnostics) {
		return validated.Diagnostics
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: v, TerraformVersion: "1.11.4"})
	if err != nil {
		t.Fatal(err)
	}
	return append(validated.Diagnostics, configured.Diagnostics...)
}

// read reads a data source. The state is nil if the response has none.
func (s *server) read(ctx context.Context, t *testing.T, typeName, config string) (state map[string]any, response *tfprotov6.ReadDataSourceResponse) {
	t.Helper()
	return s.readWith(ctx, t, typeName, config, nil)
}

func (s *server) readWith(ctx context.Context, t *testing.T, typeName, config string, capabilities *tfprotov6.ReadDataSourceClientCapabilities) (map[string]any, *tfprotov6.ReadDataSourceResponse) {
	t.Helper()
	schema := s.schemas.DataSourceSchemas[typeName]
	response, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName:           typeName,
		Config:             value(t, schema, config),
		ClientCapabilities: capabilities,
	})
	if err != nil {
		t.Fatal(err)
	}
	if response.State == nil {
		return nil, response
	}
	v, err := response.State.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	state, _ := plain(t, v).(map[string]any)
	return state, response
}

// objects returns the elements of a list in a state, or nil if the list is null.
func objects(state map[string]any, list string) []map[string]any {
	elements, ok := state[list].([]any)
	if !ok {
		return nil
	}
	result := make([]map[string]any, len(elements))
	for i, element := range elements {
		result[i], _ = element.(map[string]any)
	}
	return result
}

func users(state map[string]any) []map[string]any { return objects(state, "users") }

// values returns an attribute of every object.
func values(objects []map[string]any, attribute string) []any {
	var values []any
	for _, object := range objects {
		values = append(values, object[attribute])
	}
	return values
}

// column returns an attribute of every user.
func column(state map[string]any, attribute string) []any { return values(users(state), attribute) }

// plain converts a value to the types of encoding/json, with json.Number for numbers.
func plain(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() {
		return nil
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	switch typ := v.Type(); {
	case typ.Is(tftypes.String):
		var text string
		must(v.As(&text))
		return text
	case typ.Is(tftypes.Bool):
		var truth bool
		must(v.As(&truth))
		return truth
	case typ.Is(tftypes.Number):
		var number big.Float
		must(v.As(&number))
		return json.Number(number.Text('f', -1))
	case typ.Is(tftypes.List{}):
		var values []tftypes.Value
		must(v.As(&values))
		list := []any{}
		for _, value := range values {
			list = append(list, plain(t, value))
		}
		return list
	default:
		var values map[string]tftypes.Value
		must(v.As(&values))
		object := map[string]any{}
		for name, value := range values {
			object[name] = plain(t, value)
		}
		return object
	}
}

// fromJSON decodes an expected value, with json.Number for numbers.
func fromJSON(t *testing.T, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// text formats diagnostics: severity, path, summary and detail, each on its line.
func text(diagnostics []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diagnostics {
		b.WriteString(d.Severity.String() + " at " + d.Attribute.String() + "\n" + d.Summary + "\n" + d.Detail + "\n")
	}
	return b.String()
}

// fakes has the fakes of both vendors, and their servers.
type fakes struct {
	openlayer       *openlayertest.Fake
	vectara         *vectaratest.Fake
	openlayerServer *httptest.Server
	vectaraServer   *httptest.Server
}

func newFakes(t *testing.T) *fakes {
	t.Helper()
	f := &fakes{openlayer: openlayertest.New(testAPIKey), vectara: vectaratest.New(testCustomerID, testToken)}
	f.openlayerServer = openlayertest.NewServer(t, f.openlayer)
	f.vectaraServer = vectaratest.NewServer(t, f.vectara)
	return f
}

// environment returns the variables that configure the provider for the fakes.
func (f *fakes) environment() map[string]string {
	return map[string]string{
		envOpenlayerAPIKey:   testAPIKey,
		envOpenlayerBaseURL:  f.openlayerServer.URL + openlayertest.BasePath,
		envVectaraCustomerID: testCustomerID,
		envVectaraOAuthToken: testToken,
		envVectaraBaseURL:    f.vectaraServer.URL,
	}
}
