package provider

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// auditFakes have three end users, and a team of three.
func auditFakes(t *testing.T) *fakes {
	t.Helper()
	f := newFakes(t)
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	f.openlayer.SetUsers(testPipeline, []openlayertest.User{
		{ID: "ada", FirstRecord: day(1), LastRecord: day(10), Sessions: 1, Records: 2, Tokens: 3, Cost: 0.1},
		{ID: "bo", FirstRecord: day(2), LastRecord: day(20), Sessions: 10, Records: 20, Tokens: 30, Cost: 0.2},
		{ID: "test-1", FirstRecord: day(3), LastRecord: day(30), Sessions: 100, Records: 200, Tokens: 300, Cost: 40},
	})
	f.vectara.SetUsers([]vectaratest.User{
		{ID: 1, Email: "Ada@northwind.example", Type: "USER_TYPE__USER", UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_Owner", "CustomerRole_Admin"}},
		{ID: 2, Email: "bo@northwind.example", Type: "USER_TYPE__USER", UserStatus: "USER_STATUS__DISABLED", Roles: []string{"CustomerRole_Admin"}},
		{ID: 3, Type: "USER_TYPE__APP_CLIENT"},
	})
	return f
}

// auditTests are the arguments of the provider's own; the twins have to give the same.
var auditTests = map[string]struct {
	source, config string
	ids            []any // nil: users is null
	summary        string
	err            string
}{
	"pipeline": {
		source: "openlayer_pipeline_users", ids: []any{"ada", "bo", "test-1"},
		summary: `{"total": 3, "matched": 3, "sessions": 111, "records": 222, "tokens": 333, "cost": 40.3, "date_of_first_record": "2026-01-01T00:00:00Z", "date_of_last_record": "2026-01-30T00:00:00Z"}`,
	},
	"pipeline, ids": {
		source: "openlayer_pipeline_users", config: `, "user_ids": ["bo", "nobody"]`, ids: []any{"bo"},
		summary: `{"total": 3, "matched": 1, "sessions": 10, "records": 20, "tokens": 30, "cost": 0.2, "date_of_first_record": "2026-01-02T00:00:00Z", "date_of_last_record": "2026-01-20T00:00:00Z"}`,
	},
	"pipeline, pattern and times": {
		source: "openlayer_pipeline_users", config: `, "user_id_regex": "^[a-z]+$", "active_since": "2026-01-05T00:00:00Z", "inactive_since": "2026-01-20T00:00:00Z"`, ids: []any{"ada"},
		summary: `{"total": 3, "matched": 1, "sessions": 1, "records": 2, "tokens": 3, "cost": 0.1, "date_of_first_record": "2026-01-01T00:00:00Z", "date_of_last_record": "2026-01-10T00:00:00Z"}`,
	},
	"pipeline, nobody": {
		source: "openlayer_pipeline_users", config: `, "user_ids": []`, ids: []any{},
		summary: `{"total": 3, "matched": 0, "sessions": 0, "records": 0, "tokens": 0, "cost": 0, "date_of_first_record": null, "date_of_last_record": null}`,
	},
	"pipeline, without users": {
		source: "openlayer_pipeline_users", config: `, "user_ids": ["ada", "bo"], "include_users": false, "max_users": 2`,
		summary: `{"total": 3, "matched": 2, "sessions": 11, "records": 22, "tokens": 33, "cost": 0.3, "date_of_first_record": "2026-01-01T00:00:00Z", "date_of_last_record": "2026-01-20T00:00:00Z"}`,
	},
	"pipeline, too many": {
		source: "openlayer_pipeline_users", config: `, "max_users": 2`,
		err: "3 users match, and max_users allows 2.",
	},
	"team": {
		source: "vectara_users", ids: []any{"1", "2", "3"},
		summary: `{"total": 3, "matched": 3, "by_role": {"CustomerRole_Owner": 1, "CustomerRole_Admin": 2}, "by_status": {"USER_STATUS__ACTIVE": 1, "USER_STATUS__DISABLED": 1, "USER_STATUS__NONE": 1}, "by_type": {"USER_TYPE__USER": 2, "USER_TYPE__APP_CLIENT": 1}}`,
	},
	"team, roles and statuses": {
		source: "vectara_users", config: `"roles": ["CustomerRole_Admin"], "statuses": ["USER_STATUS__DISABLED"]`, ids: []any{"2"},
		summary: `{"total": 3, "matched": 1, "by_role": {"CustomerRole_Admin": 1}, "by_status": {"USER_STATUS__DISABLED": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team, types": {
		source: "vectara_users", config: `"types": ["USER_TYPE__APP_CLIENT"]`, ids: []any{"3"},
		summary: `{"total": 3, "matched": 1, "by_role": {}, "by_status": {"USER_STATUS__NONE": 1}, "by_type": {"USER_TYPE__APP_CLIENT": 1}}`,
	},
	"team, addresses": {
		source: "vectara_users", config: `"emails": ["ADA@NORTHWIND.example", "bo@northwind.example"], "email_regex": "^A"`, ids: []any{"1"},
		summary: `{"total": 3, "matched": 1, "by_role": {"CustomerRole_Owner": 1, "CustomerRole_Admin": 1}, "by_status": {"USER_STATUS__ACTIVE": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team, without users": {
		source: "vectara_users", config: `"email_regex": "@other$", "include_users": false, "max_users": 0`,
		summary: `{"total": 3, "matched": 0, "by_role": {}, "by_status": {}, "by_type": {}}`,
	},
	"team, too many": {
		source: "vectara_users", config: `"max_users": 0`,
		err: "3 users match, and max_users allows 0.",
	},
}

func auditConfig(source, config string) string {
	if source == "openlayer_pipeline_users" {
		return `{"inference_pipeline_id": "` + testPipeline + `"` + config + `}`
	}
	return "{" + config + "}"
}

func TestAuditArguments(t *testing.T) {
	t.Parallel()
	for name, test := range auditTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := configuredServer(t, auditFakes(t))
			config := auditConfig(test.source, test.config)
			state, response := s.read(t.Context(), t, test.source, config)
			result, diagnostics := s.open(t, test.source, config)
			for kind, got := range map[string]struct {
				state       map[string]any
				diagnostics []*tfprotov6.Diagnostic
			}{"data": {state, response.Diagnostics}, "ephemeral": {result, diagnostics}} {
				if test.err != "" {
					if text := text(got.diagnostics); !strings.Contains(text, test.err) || attributePath(got.diagnostics[0]) != "max_users" || users(got.state) != nil {
						t.Errorf("%s: want an error with %q, got %v and:\n%s", kind, test.err, got.state, text)
					}
					continue
				}
				if hasError(got.diagnostics) {
					t.Fatalf("%s: %s", kind, text(got.diagnostics))
				}
				if ids := column(got.state, "id"); fmt.Sprint(ids) != fmt.Sprint(test.ids) || (test.ids == nil) != (got.state["users"] == nil) {
					t.Errorf("%s: got the users %v, want %v", kind, got.state["users"], test.ids)
				}
				if want := fromJSON(t, test.summary); !reflect.DeepEqual(got.state["summary"], want) {
					t.Errorf("%s: the summary is %v, want %v", kind, got.state["summary"], want)
				}
			}
		})
	}
}

// open opens the ephemeral twin of a data source.
func (s *server) open(t *testing.T, typeName, config string, unknown ...string) (map[string]any, []*tfprotov6.Diagnostic) {
	t.Helper()
	schema := s.schemas.EphemeralResourceSchemas[typeName]
	v := value(t, schema, config, unknown...)
	validated, err := s.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: v})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(validated.Diagnostics) {
		return nil, validated.Diagnostics
	}
	response, err := s.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: v})
	if err != nil {
		t.Fatal(err)
	}
	if response.Result == nil || hasError(response.Diagnostics) {
		return nil, response.Diagnostics
	}
	result, err := response.Result.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	object, _ := plain(t, result).(map[string]any)
	return object, append(validated.Diagnostics, response.Diagnostics...)
}

// The twins have the same attributes, but for the operation of their time limit, and the same
// validation.
func TestTwins(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTestProvider(nil))
	for typeName, data := range s.schemas.DataSourceSchemas {
		twin := s.schemas.EphemeralResourceSchemas[typeName]
		if twin == nil || len(twin.Block.Attributes) != len(data.Block.Attributes) {
			t.Fatalf("%s has no twin with as many attributes", typeName)
		}
		for i, attribute := range data.Block.Attributes {
			other := twin.Block.Attributes[i]
			if attribute.Name == "timeouts" {
				if got := other.NestedType.Attributes[0].Name; got != "open" {
					t.Errorf("%s: the time limit is %s", typeName, got)
				}
				continue
			}
			if !reflect.DeepEqual(attribute, other) {
				t.Errorf("%s: %s is %+v, and in the twin %+v", typeName, attribute.Name, attribute, other)
			}
		}
	}
	for config, at := range map[string]string{
		`{"inference_pipeline_id": "x"}`:                                                                               "inference_pipeline_id",
		`{"inference_pipeline_id": "` + testPipeline + `", "timeouts": {"open": "0s"}}`:                                "timeouts.open",
		`{"inference_pipeline_id": "` + testPipeline + `", "column_filters": [{"measurement": "a", "operator": ">"}]}`: "column_filters[0].operator",
	} {
		if _, diagnostics := s.open(t, "openlayer_pipeline_users", config); len(diagnostics) != 1 || attributePath(diagnostics[0]) != at {
			t.Errorf("%s: want one error at %s, got:\n%s", config, at, text(diagnostics))
		}
	}
}
