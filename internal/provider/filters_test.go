package provider

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// filterTests has a case for each filter of the provider, and for include_users, min_users and max_users.
var filterTests = map[string]struct {
	listing, config string
	ids             []any // nil if users is null
	summary         string
	err, at         string
}{
	"pipeline": {
		listing: "openlayer_pipeline_users", ids: []any{"ada", "bo", "test-1"},
		summary: `{"total": 3, "matched": 3, "sessions": 111, "records": 222, "tokens": 333, "cost": 40.3, "date_of_first_record": "2026-01-01T00:00:00Z", "date_of_last_record": "2026-01-30T00:00:00Z"}`,
	},
	"pipeline, ids": {
		listing: "openlayer_pipeline_users", config: `"user_ids": ["bo", "nobody"]`, ids: []any{"bo"},
		summary: `{"total": 3, "matched": 1, "sessions": 10, "records": 20, "tokens": 30, "cost": 0.2, "date_of_first_record": "2026-01-02T00:00:00Z", "date_of_last_record": "2026-01-20T00:00:00Z"}`,
	},
	"pipeline, pattern and times": {
		listing: "openlayer_pipeline_users", config: `"user_id_regex": "^[a-z]+$", "active_since": "2026-01-05T00:00:00Z", "inactive_since": "2026-01-20T00:00:00Z"`, ids: []any{"ada"},
		summary: `{"total": 3, "matched": 1, "sessions": 1, "records": 2, "tokens": 3, "cost": 0.1, "date_of_first_record": "2026-01-01T00:00:00Z", "date_of_last_record": "2026-01-10T00:00:00Z"}`,
	},
	"pipeline, no users": {
		listing: "openlayer_pipeline_users", config: `"user_ids": []`, ids: []any{},
		summary: `{"total": 3, "matched": 0, "sessions": 0, "records": 0, "tokens": 0, "cost": 0, "date_of_first_record": null, "date_of_last_record": null}`,
	},
	"pipeline, without users": {
		listing: "openlayer_pipeline_users", config: `"user_ids": ["ada", "bo"], "include_users": false, "max_users": 2`,
		summary: `{"total": 3, "matched": 2, "sessions": 11, "records": 22, "tokens": 33, "cost": 0.3, "date_of_first_record": "2026-01-01T00:00:00Z", "date_of_last_record": "2026-01-20T00:00:00Z"}`,
	},
	"pipeline, too many": {
		listing: "openlayer_pipeline_users", config: `"max_users": 2`,
		err: "Matching users: 3. max_users allows 2.", at: "max_users",
	},
	"pipeline, too few": {
		listing: "openlayer_pipeline_users", config: `"min_users": 4`,
		err: "Matching users: 3. min_users requires 4.", at: "min_users",
	},
	"pipeline, too few without users": {
		listing: "openlayer_pipeline_users", config: `"user_ids": [], "include_users": false, "min_users": 1`,
		err: "Matching users: 0. min_users requires 1.", at: "min_users",
	},
	"team": {
		listing: "vectara_users v1", ids: []any{"1", "2", "3"},
		summary: `{"total": 3, "matched": 3, "without_role": 1, "privileged": 2, "app_clients": 0, "by_role": {"owner": 1, "administrator": 2}, "by_status": {"USER_STATUS__ACTIVE": 1, "USER_STATUS__DISABLED": 1, "USER_STATUS__NONE": 1}, "by_type": {"USER_TYPE__USER": 2, "USER_TYPE__FEDERATED_USER": 1}}`,
	},
	"team, roles and statuses": {
		listing: "vectara_users v1", config: `"roles": ["CustomerRole_Admin"], "statuses": ["USER_STATUS__DISABLED"]`, ids: []any{"2"},
		summary: `{"total": 3, "matched": 1, "without_role": 0, "privileged": 1, "app_clients": 0, "by_role": {"administrator": 1}, "by_status": {"USER_STATUS__DISABLED": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team, types": {
		listing: "vectara_users v1", config: `"types": ["USER_TYPE__FEDERATED_USER"]`, ids: []any{"3"},
		summary: `{"total": 3, "matched": 1, "without_role": 1, "privileged": 0, "app_clients": 0, "by_role": {}, "by_status": {"USER_STATUS__NONE": 1}, "by_type": {"USER_TYPE__FEDERATED_USER": 1}}`,
	},
	"team, addresses": {
		listing: "vectara_users v1", config: `"emails": ["ADA@NORTHWIND.example", "bo@northwind.example"], "email_regex": "^A"`, ids: []any{"1"},
		summary: `{"total": 3, "matched": 1, "without_role": 0, "privileged": 1, "app_clients": 0, "by_role": {"owner": 1, "administrator": 1}, "by_status": {"USER_STATUS__ACTIVE": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team, without users": {
		listing: "vectara_users v1", config: `"email_regex": "@other$", "include_users": false, "max_users": 0`,
		summary: `{"total": 3, "matched": 0, "without_role": 0, "privileged": 0, "app_clients": 0, "by_role": {}, "by_status": {}, "by_type": {}}`,
	},
	"team, too many": {
		listing: "vectara_users v1", config: `"max_users": 0`,
		err: "Matching users: 3. max_users allows 0.", at: "max_users",
	},
	"team, as many as allowed": {
		listing: "vectara_users v1", config: `"emails": ["bo@northwind.example"], "min_users": 1, "max_users": 1`, ids: []any{"2"},
		summary: `{"total": 3, "matched": 1, "without_role": 0, "privileged": 1, "app_clients": 0, "by_role": {"administrator": 1}, "by_status": {"USER_STATUS__DISABLED": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team, enabled": {
		listing: "vectara_users v1", config: `"enabled": true`, ids: []any{"1"},
		summary: `{"total": 3, "matched": 1, "without_role": 0, "privileged": 1, "app_clients": 0, "by_role": {"owner": 1, "administrator": 1}, "by_status": {"USER_STATUS__ACTIVE": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team, disabled": {
		listing: "vectara_users v1", config: `"enabled": false`, ids: []any{"2"},
		summary: `{"total": 3, "matched": 1, "without_role": 0, "privileged": 1, "app_clients": 0, "by_role": {"administrator": 1}, "by_status": {"USER_STATUS__DISABLED": 1}, "by_type": {"USER_TYPE__USER": 1}}`,
	},
	"team of v2": {
		listing: "vectara_users v2", config: `"roles": ["owner"], "enabled": true, "email_regex": "northwind"`, ids: []any{"usr_1"},
		summary: `{"total": 3, "matched": 1, "without_role": 0, "privileged": 1, "app_clients": 0, "by_role": {"owner": 1, "administrator": 1}, "by_status": {"USER_STATUS__ACTIVE": 1}, "by_type": {}}`,
	},
	"team, a role of v2": {
		listing: "vectara_users v1", config: `"roles": ["administrator", "agent_administrator"], "max_users": 0`,
		err: `The value of roles[1] is "agent_administrator", which no user has with REST v1.`, at: "roles[1]",
	},
	"team of v2, no role": {
		listing: "vectara_users v2", config: `"roles": ["CustomerRole_Owner", "CustomerRole_None"], "max_users": 0`,
		err: `The value of roles[1] is "CustomerRole_None", which no user has with REST v2.`, at: "roles[1]",
	},
	"team of v2, no status": {
		listing: "vectara_users v2", config: `"statuses": ["USER_STATUS__ACTIVE", "USER_STATUS__NONE"], "max_users": 0`,
		err: `The value of statuses[1] is "USER_STATUS__NONE", which no user has with REST v2.`, at: "statuses[1]",
	},
	"team of v2, a type of v1": {
		listing: "vectara_users v2", config: `"types": ["USER_TYPE__USER"], "max_users": 0`,
		err: `The value of types[0] is "USER_TYPE__USER", which no user has with REST v2.`, at: "types[0]",
	},
	"team of v2, too few": {
		listing: "vectara_users v2", config: `"roles": ["viewer"], "min_users": 1`,
		err: "Matching users: 0. min_users requires 1.", at: "min_users",
	},
}

func TestFilters(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for name, test := range filterTests {
		tested[test.listing] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachListing(t, test.listing, func(t *testing.T, l testListing, kind string) {
				s := newServer(t, newTestProvider(l.fakeEnvironment(l.threeUsers(t))))
				s.configure(t, `{}`)
				result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with(test.config))
				if test.err != "" {
					d := diagnostics[max(0, len(diagnostics)-1):]
					if len(d) != 1 || !strings.Contains(text(d), test.err) || attributePath(d[0]) != test.at || result != nil {
						t.Errorf("want an error with %q at %s, got %v and:\n%s", test.err, test.at, result, text(diagnostics))
					}
					return
				}
				if hasError(diagnostics) {
					t.Fatal(text(diagnostics))
				}
				if ids := l.ids(result); fmt.Sprint(ids) != fmt.Sprint(test.ids) || (test.ids == nil) != (result[l.list] == nil) {
					t.Errorf("got the users %v, want %v", result[l.list], test.ids)
				}
				if want := fromJSON(t, test.summary); !reflect.DeepEqual(result["summary"], want) {
					t.Errorf("the summary is %v, want %v", result["summary"], want)
				}
			})
		})
	}
	for _, l := range listings {
		if !tested[l.name] {
			t.Errorf("there is no test of %s", l.name)
		}
	}
}

// A data source and its ephemeral counterpart have the same arguments and attributes.
func TestKindsHaveOneSchema(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTestProvider(nil))
	for typeName, data := range s.schemas.DataSourceSchemas {
		ephemeral := s.schemas.EphemeralResourceSchemas[typeName]
		if !reflect.DeepEqual(data.Block.Attributes, ephemeral.Block.Attributes) || !reflect.DeepEqual(data.Block.BlockTypes, ephemeral.Block.BlockTypes) {
			t.Errorf("the schemas of the data source and the ephemeral resource %s differ", typeName)
		}
	}
}
