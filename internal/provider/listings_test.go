package provider

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// testListing describes a listing for the tests that run for every listing: its names, and the responses of its vendor.
type testListing struct {
	name      string // of the row
	typeName  string
	list      string // the attribute with the users
	vendor    string // the name in diagnostics
	version   string // of the vendor's API, if it has several
	baseURL   string // the environment variable
	arguments string // the required arguments, as JSON without braces
	// only is a filter of the provider that no user matches. size is an argument that changes the requests. Both are JSON
	// without braces.
	only, size string
	// page returns the body of the response with this page. The listing has as many pages as "of" says, with one user
	// each.
	page func(number, of int) string
	// method is the method of requests. number returns the page number of a request.
	method string
	number func(r *http.Request) int
	// failure is the body of an error response.
	failure string
	// rows is a format for the body of a response with a list of users. three is a list of three users. fields has JSON
	// values for each field of a user. An ID is a number if fields has "id", otherwise a string.
	rows   string
	three  string
	fields map[string][]string
}

// listings has a row for each listing of the provider and each version of its API. The tests read each row as a data
// source and as an ephemeral resource.
var listings = []testListing{
	{
		name: "openlayer_pipeline_users", typeName: "openlayer_pipeline_users", list: "users", vendor: "Openlayer", baseURL: envOpenlayerBaseURL,
		arguments: `"inference_pipeline_id": "` + testPipeline + `"`, only: `"user_ids": ["nobody"]`, size: `"per_page": 99`,
		method: http.MethodPost, failure: `{"code": 77, "error": "the vendor's reason"}`,
		page: func(number, of int) string {
			if number > of {
				return `{"items": []}`
			}
			return fmt.Sprintf(`{"items": [{"id": "%d", "sessions": 1}]}`, number)
		},
		number: func(r *http.Request) int {
			var number int
			_, _ = fmt.Sscan(r.URL.Query().Get("page"), &number)
			return number
		},
		rows: `{"items": %s}`,
		three: `[
			{"id": "ada", "dateOfFirstRecord": "2026-01-01T00:00:00Z", "dateOfLastRecord": "2026-01-10T00:00:00Z", "sessions": 1, "records": 2, "tokens": 3, "cost": 0.1},
			{"id": "bo", "dateOfFirstRecord": "2026-01-02T00:00:00Z", "dateOfLastRecord": "2026-01-20T00:00:00Z", "sessions": 10, "records": 20, "tokens": 30, "cost": 0.2},
			{"id": "test-1", "dateOfFirstRecord": "2026-01-03T00:00:00Z", "dateOfLastRecord": "2026-01-30T00:00:00Z", "sessions": 100, "records": 200, "tokens": 300, "cost": 40}]`,
		fields: map[string][]string{
			"dateOfFirstRecord": rowTexts, "dateOfLastRecord": {`null`, `"2026-01-31T08:00:00Z"`},
			"sessions": rowCounts, "records": rowCounts, "tokens": rowNumbers, "cost": rowNumbers,
		},
	},
	{
		name: "vectara_users v1", typeName: "vectara_users", list: "users", vendor: "Vectara", version: "v1", baseURL: envVectaraBaseURL,
		only: `"emails": ["nobody"]`, size: `"num_results": 99`,
		method: http.MethodPost, failure: `{"code": 77, "message": "the vendor's reason", "details": []}`,
		page: func(number, of int) string {
			return fmt.Sprintf(`{"user": [{"id": %d}], "pageKey": %q, "status": {"code": "OK", "statusDetail": ""}}`, number, nextKey(number, of))
		},
		number: func(r *http.Request) int {
			body, _ := io.ReadAll(r.Body)
			return pageOfKey(string(body))
		},
		rows: `{"user": %s, "pageKey": ""}`,
		three: `[
			{"id": 1, "email": "Ada@northwind.example", "type": "USER_TYPE__USER", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Owner", "CustomerRole_Admin"]},
			{"id": 2, "email": "bo@northwind.example", "type": "USER_TYPE__USER", "userStatus": "USER_STATUS__DISABLED", "role": ["CustomerRole_Admin"]},
			{"id": 3, "type": "USER_TYPE__FEDERATED_USER", "userStatus": "USER_STATUS__NONE"}]`,
		fields: map[string][]string{
			"id": {}, "handle": rowTexts, "type": {`null`, `"USER_TYPE__USER"`, `"NEW"`}, "comment": rowTexts, "tsCreate": {`null`, `"0"`, `"1769846400"`, `"253402300800"`},
			"idCreate": {`null`, `0`, `4294967295`}, "email": rowTexts, "userStatus": {`null`, `"USER_STATUS__ACTIVE"`, `"USER_STATUS__DISABLED"`, `""`}, "role": rowRoles,
		},
	},
	{
		name: "vectara_users v2", typeName: "vectara_users", list: "users", vendor: "Vectara", version: "v2", baseURL: envVectaraBaseURL,
		arguments: `"include_app_clients": false`, // the listing of app clients has its own tests
		only:      `"emails": ["nobody"]`, size: `"num_results": 99`,
		method: http.MethodGet, failure: `{"messages": ["the vendor's reason"], "request_id": "77"}`,
		page: func(number, of int) string {
			return fmt.Sprintf(`{"users": [{"id": "%d"}], "metadata": {"page_key": %q}}`, number, nextKey(number, of))
		},
		number: func(r *http.Request) int { return pageOfKey(r.URL.RawQuery) },
		rows:   `{"users": %s}`,
		three: `[
			{"id": "usr_1", "email": "Ada@northwind.example", "enabled": true, "api_roles": ["owner", "administrator"]},
			{"id": "usr_2", "email": "bo@northwind.example", "enabled": false, "api_roles": ["administrator"]}, {"id": "usr_3"}]`,
		fields: map[string][]string{
			"email": rowTexts, "username": rowTexts, "enabled": {`null`, `true`, `false`}, "description": rowTexts, "created_at": {`null`, `"2026-01-31T08:00:00Z"`, `"?"`},
			"updated_at": rowTexts, "api_roles": rowRoles, "corpus_roles": {`null`, `[]`, `[{"corpus_key": "c", "role": null}, {"role": "ü"}, {}]`},
			"api_policy":  {`null`, `{"name": "ü", "allowed_operations": {"a": null, "b": {"allow_any_resource": true, "allowed_resources": {"path.corpus_key": ["c", "d"], "x": []}}, "c": {}}}`, `{}`},
			"agent_roles": {`null`, `[]`, `[{"agent_key": "a", "role": "user"}, {"agent_key": null}]`},
		},
	},
}

// Values of fields that are edge cases of JSON, MessagePack or Terraform.
var (
	rowTexts   = []string{`null`, `""`, `"a"`, `"Äe\u0301\u0000\n\"\\"`, `"日本語 😀"`, `"0.1"`, `"null"`, `"` + strings.Repeat("x", 300) + `"`}
	rowNumbers = []string{`null`, `0`, `-0`, `-0.0`, `1`, `1.0`, `0.1`, `0.10`, `0.5`, `-0.25`, `1e-300`, `1e300`, `1e3`, `9007199254740993`, `18446744073709551616`,
		`12345678901234567890`, `-12345678901234567890.5`, `0.12345678901234567890`, `1.7976931348623157e308`, `5e-324`}
	rowCounts = []string{`null`, `0`, `-1`, `127`, `128`, `65536`, `3.0`, `9007199254740993`, `9223372036854775807`, `-9223372036854775808`}
	rowRoles  = []string{`[]`, `["a"]`, `["b", "a", "ü"]`}
)

func nextKey(number, of int) string {
	if number < of {
		return fmt.Sprint("key", number+1)
	}
	return ""
}

func pageOfKey(request string) int {
	if strings.Contains(request, "key2") {
		return 2
	}
	return 1
}

// kinds are the kinds of block that read a listing.
var kinds = []string{"data", "ephemeral"}

// eachListing runs a test for each listing that matches only, as a data source and as an ephemeral resource.
func eachListing(t *testing.T, only string, test func(t *testing.T, l testListing, kind string)) {
	t.Helper()
	for _, l := range listings {
		if !l.matches(only) {
			continue
		}
		for _, kind := range kinds {
			t.Run(l.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				test(t, l, kind)
			})
		}
	}
}

// rowsOf returns the rows of a type, one for each version of its API.
func rowsOf(typeName string) []testListing {
	var rows []testListing
	for _, l := range listings {
		if l.typeName == typeName {
			rows = append(rows, l)
		}
	}
	return rows
}

// The table has a row for every listing of the provider.
func TestListingsAreComplete(t *testing.T) {
	t.Parallel()
	schemas := newServer(t, newTestProvider(nil)).schemas
	for _, l := range listings {
		if schemas.DataSourceSchemas[l.typeName] == nil || schemas.EphemeralResourceSchemas[l.typeName] == nil {
			t.Errorf("the provider does not have %s both as a data source and as an ephemeral resource", l.typeName)
		}
	}
	for _, kind := range []map[string]*tfprotov6.Schema{schemas.DataSourceSchemas, schemas.EphemeralResourceSchemas} {
		for typeName := range kind {
			if len(rowsOf(typeName)) == 0 {
				t.Errorf("the table of listings has no %s", typeName)
			}
		}
	}
}

// with returns the configuration of a listing with these arguments, which are JSON without braces.
func (l testListing) with(arguments ...string) string {
	var given []string
	for _, argument := range append([]string{l.arguments}, arguments...) {
		if argument != "" {
			given = append(given, argument)
		}
	}
	return "{" + strings.Join(given, ", ") + "}"
}

var jsonName = regexp.MustCompile(`"(\w+)": `)

// hcl returns the required arguments in HCL.
func (l testListing) hcl() string { return jsonName.ReplaceAllString(l.arguments, "$1 = ") }

// block returns the block of a listing in HCL.
func (l testListing) block(kind string) string {
	return fmt.Sprintf("%s %q \"all\" {\n  provider = llmusers\n  %s\n}\n", kind, l.typeName, l.hcl())
}

// environment returns the variables that configure the provider for the server at url, in place of the vendor.
func (l testListing) environment(url string) map[string]string {
	return map[string]string{
		envOpenlayerAPIKey: testAPIKey, envVectaraOAuthToken: testToken, envVectaraCustomerID: testCustomerID,
		envVectaraAPIVersion: l.version, l.baseURL: url,
	}
}

// fakeEnvironment returns the variables that configure the provider for the fakes.
func (l testListing) fakeEnvironment(f *fakes) map[string]string {
	env := f.environment()
	env[envVectaraAPIVersion] = l.version
	return env
}

// serve makes the fakes respond with these users, in JSON.
func (l testListing) serve(f *fakes, users string) { l.intercept(f, l.users(users)) }

// intercept makes the fakes respond with a fault.
func (l testListing) intercept(f *fakes, fault fault) {
	respond := func(w http.ResponseWriter, r *http.Request, _ int) bool {
		fault(w, r, l)
		return true
	}
	f.openlayer.Intercept, f.vectara.Intercept = respond, respond
}

// threeUsers returns fakes that respond with three users.
func (l testListing) threeUsers(t *testing.T) *fakes {
	t.Helper()
	f := newFakes(t)
	l.serve(f, l.three)
	return f
}

// listed returns the users of a result, or nil if the list is null.
func (l testListing) listed(result map[string]any) []map[string]any { return objects(result, l.list) }

func (l testListing) ids(result map[string]any) []any { return values(l.listed(result), "id") }

// about returns an argument that has the name of the list in its name, such as include_users.
func (l testListing) about(what string, value any) string {
	return fmt.Sprintf("\"%s_%s\": %v", what, l.list, value)
}

// spoken returns the name of the list as words.
func (l testListing) spoken() string { return strings.ReplaceAll(l.list, "_", " ") }

// matches returns whether only is empty, the vendor, or the name of the listing.
func (l testListing) matches(only string) bool {
	return only == "" || only == l.vendor || only == l.name
}

// readAs validates and reads a listing as one of the kinds. The result is nil if there are errors.
func (s *server) readAs(ctx context.Context, t *testing.T, kind, typeName, config string) (map[string]any, []*tfprotov6.Diagnostic) {
	t.Helper()
	object, diagnostics := s.object(ctx, t, kind, typeName, config)
	if object == nil {
		return nil, diagnostics
	}
	v, err := object.Unmarshal(s.schema(kind, typeName).ValueType())
	if err != nil {
		t.Fatal(err)
	}
	result, _ := plain(t, v).(map[string]any)
	return result, diagnostics
}

func (s *server) schema(kind, typeName string) *tfprotov6.Schema {
	if kind == "data" {
		return s.schemas.DataSourceSchemas[typeName]
	}
	return s.schemas.EphemeralResourceSchemas[typeName]
}

// object validates and reads a listing as one of the kinds, and returns the encoded result. It is nil if there are
// errors.
func (s *server) object(ctx context.Context, t testing.TB, kind, typeName, config string) (object *tfprotov6.DynamicValue, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	v := value(t, s.schema(kind, typeName), config)
	diagnostics = s.validateAs(t, kind, typeName, config)
	if hasError(diagnostics) {
		return nil, diagnostics
	}
	if kind == "data" {
		response, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: v})
		if err != nil {
			t.Fatal(err)
		}
		object, diagnostics = response.State, append(diagnostics, response.Diagnostics...)
	} else {
		response, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: v})
		if err != nil {
			t.Fatal(err)
		}
		object, diagnostics = response.Result, append(diagnostics, response.Diagnostics...)
	}
	if hasError(diagnostics) {
		return nil, diagnostics
	}
	return object, diagnostics
}

// validateAs validates the configuration of a listing as one of the kinds. The attributes at the paths in unknown are
// unknown.
func (s *server) validateAs(t testing.TB, kind, typeName, config string, unknown ...string) []*tfprotov6.Diagnostic {
	t.Helper()
	v := value(t, s.schema(kind, typeName), config, unknown...)
	if kind == "data" {
		response, err := s.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: v})
		if err != nil {
			t.Fatal(err)
		}
		return response.Diagnostics
	}
	response, err := s.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: v})
	if err != nil {
		t.Fatal(err)
	}
	return response.Diagnostics
}
