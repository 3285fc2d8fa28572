package provider

import (
	"encoding/json"
	"reflect"
	"regexp"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// The attributes of a user in the result have the values of the user's fields in the response.
func TestMappers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		listing string
		row     string
		want    string
	}{
		"openlayer": {
			listing: "openlayer_pipeline_users",
			row: `{"id": "user123", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00.123+05:30",
				"sessions": 3, "records": 15, "tokens": 5250.5, "cost": 0.1}`,
			want: `{"id": "user123", "date_of_first_record": "2021-12-31T08:00:00Z", "date_of_last_record": "2022-01-02T08:00:00.123+05:30",
				"sessions": 3, "records": 15, "tokens": 5250.5, "cost": 0.1}`,
		},
		"openlayer, large numbers": {
			listing: "openlayer_pipeline_users",
			row:     `{"id": "ü\u0000\n", "sessions": 9223372036854775807, "records": 1e3, "tokens": 123456789012345678901.5, "cost": 1e-7}`,
			want: `{"id": "ü\u0000\n", "date_of_first_record": null, "date_of_last_record": null, "sessions": 9223372036854775807,
				"records": 1000, "tokens": 123456789012345678901.5, "cost": 0.0000001}`,
		},
		"openlayer, empty and zero": {
			listing: "openlayer_pipeline_users",
			row:     `{"id": "u", "dateOfFirstRecord": "", "dateOfLastRecord": null, "sessions": 0e9, "records": -0, "tokens": 0e-99999, "cost": -0.0}`,
			want: `{"id": "u", "date_of_first_record": null, "date_of_last_record": null, "sessions": 0, "records": 0,
				"tokens": 0, "cost": 0}`,
		},
		"openlayer, only an id": {
			listing: "openlayer_pipeline_users",
			row:     `{"id": ""}`,
			want: `{"id": "", "date_of_first_record": null, "date_of_last_record": null, "sessions": null, "records": null,
				"tokens": null, "cost": null}`,
		},
		"vectara": {
			listing: "vectara_users v1",
			row: `{"id": 4294967295, "handle": "ana", "type": "USER_TYPE__USER", "comment": "c", "tsCreate": "1769846400", "idCreate": 7,
				"email": "ana@x.example", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Owner", "CustomerRole_Admin"]}`,
			want: `{"id": "4294967295", "handle": "ana", "type": "USER_TYPE__USER", "comment": "c", "ts_create": 1769846400, "created_at": "2026-01-31T08:00:00Z",
				"id_create": "7", "email": "ana@x.example", "user_status": "USER_STATUS__ACTIVE", "enabled": true, "roles": ["CustomerRole_Admin", "CustomerRole_Owner"], "updated_at": null, "corpus_roles": null, "agent_roles": null, "api_policy": null,
				"app_client": false, "privileged": true, "api_roles": ["administrator", "owner"], "entitlements": [{"scope": "account", "resource": null, "role": "administrator", "privileged": true}, {"scope": "account", "resource": null, "role": "owner", "privileged": true}]}`,
		},
		"vectara, unset fields": {
			listing: "vectara_users v1",
			row: `{"id": 0, "handle": "", "type": "USER_TYPE__NONE", "comment": "", "tsCreate": "0", "idCreate": 0,
				"email": "", "userStatus": "USER_STATUS__NONE", "role": []}`,
			want: `{"id": "0", "handle": "", "type": "USER_TYPE__NONE", "comment": "", "ts_create": 0, "created_at": null,
				"id_create": "0", "email": "", "user_status": "USER_STATUS__NONE", "enabled": null, "roles": [], "updated_at": null, "corpus_roles": null, "agent_roles": null, "api_policy": null, "app_client": false, "privileged": false, "api_roles": [], "entitlements": []}`,
		},
		"vectara, fields left out": {
			listing: "vectara_users v1",
			row:     `{}`,
			want: `{"id": null, "handle": null, "type": null, "comment": null, "ts_create": null, "created_at": null,
				"id_create": null, "email": null, "user_status": null, "enabled": null, "roles": [], "updated_at": null, "corpus_roles": null, "agent_roles": null, "api_policy": null, "app_client": false, "privileged": false, "api_roles": [], "entitlements": []}`,
		},
		"vectara, unknown enum values": {
			listing: "vectara_users v1",
			row:     `{"id": 1, "type": "USER_TYPE__ROBOT", "userStatus": "USER_STATUS__DISABLED", "role": ["CustomerRole_New", 9], "tsCreate": "253402300800", "x": {}}`,
			want: `{"id": "1", "handle": null, "type": "USER_TYPE__ROBOT", "comment": null, "ts_create": 253402300800, "created_at": null,
				"id_create": null, "email": null, "user_status": "USER_STATUS__DISABLED", "enabled": false, "roles": ["9", "CustomerRole_New"], "updated_at": null, "corpus_roles": null, "agent_roles": null,
				"api_policy": null, "app_client": false, "privileged": false, "api_roles": ["9", "CustomerRole_New"], "entitlements": [{"scope": "account", "resource": null, "role": "9", "privileged": false}, {"scope": "account", "resource": null, "role": "CustomerRole_New", "privileged": false}]}`,
		},
		"vectara v2": {
			listing: "vectara_users v2",
			row: `{"id": "usr_2", "email": "e@x.example", "username": "u", "enabled": false, "description": "d", "created_at": "2026-01-31T08:00:00Z",
				"updated_at": "2026-02-01T00:00:00Z", "api_roles": ["owner"], "corpus_roles": [{"corpus_key": "c", "role": "editor"}],
				"agent_roles": [{"agent_key": "a", "role": "agent_administrator"}],
				"api_policy": {"name": "p", "allowed_operations": {"listUsers": null, "query": {"allow_any_resource": false, "allowed_resources": {"path.corpus_key": ["c"]}}}}}`,
			want: `{"id": "usr_2", "email": "e@x.example", "handle": "u", "type": null, "user_status": "USER_STATUS__DISABLED", "enabled": false, "roles": ["owner"],
				"comment": "d", "ts_create": 1769846400, "created_at": "2026-01-31T08:00:00Z", "id_create": null, "updated_at": "2026-02-01T00:00:00Z",
				"corpus_roles": [{"corpus_key": "c", "role": "editor"}], "agent_roles": [{"agent_key": "a", "role": "agent_administrator"}],
				"api_policy": {"name": "p", "allowed_operations": {"listUsers": null, "query": {"allow_any_resource": false, "allowed_resources": {"path.corpus_key": ["c"]}}}},
				"app_client": false, "privileged": true, "api_roles": ["owner"], "entitlements": [{"scope": "account", "resource": null, "role": "owner", "privileged": true},
				{"scope": "corpus", "resource": "c", "role": "editor", "privileged": false}, {"scope": "agent", "resource": "a", "role": "agent_administrator", "privileged": true},
				{"scope": "operation", "resource": null, "role": "listUsers", "privileged": true}, {"scope": "operation", "resource": "c", "role": "query", "privileged": true}]}`,
		},
		"vectara v2, fields left out": {
			listing: "vectara_users v2",
			row:     `{}`,
			want: `{"id": null, "email": null, "handle": null, "type": null, "user_status": null, "enabled": null, "roles": [], "comment": null, "ts_create": null,
				"created_at": null, "id_create": null, "updated_at": null, "corpus_roles": [], "agent_roles": [], "api_policy": null, "app_client": false, "privileged": false, "api_roles": [], "entitlements": []}`,
		},
	}
	tested := map[string]bool{}
	for name, test := range tests {
		tested[test.listing] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachListing(t, test.listing, func(t *testing.T, l testListing, kind string) {
				f := newFakes(t)
				l.serve(f, "["+test.row+"]")
				s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
				s.configure(t, `{}`)
				result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with())
				if len(diagnostics) > 0 {
					t.Fatal(text(diagnostics))
				}
				want, _ := fromJSON(t, test.want).(map[string]any)
				if got := l.listed(result); len(got) != 1 || !reflect.DeepEqual(normal(got[0]), normal(want)) {
					t.Errorf("got  %v\nwant %v", got, want)
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

// normal formats all numbers in the same way, so that 1e3 and 1000 are equal.
func normal(object map[string]any) map[string]any {
	for name, value := range object {
		if number, ok := value.(json.Number); ok {
			object[name] = json.Number(biglist.Decimal(number).ValueBigFloat().Text('g', 60))
		}
	}
	return object
}

var port = regexp.MustCompile(`:\d{4,5}`)

// The encoded result does not depend on the order in which the server lists the users.
func TestResultIsStable(t *testing.T) {
	t.Parallel()
	eachListing(t, "", func(t *testing.T, l testListing, kind string) {
		ids := []string{`"b"`, `"a"`, `"C"`, `"ä"`, `"zz"`}
		want := []any{"C", "a", "b", "zz", "ä"}
		if l.fields["id"] != nil { // IDs are numbers
			ids, want = []string{`200`, `31`, `4`, `1000`, `9`}, []any{"4", "9", "31", "200", "1000"}
		}
		var first string
		for turn := range ids {
			rows := ""
			for i := range ids {
				rows += `,{"id": ` + ids[(i+turn)%len(ids)] + `}`
			}
			f := newFakes(t)
			l.serve(f, "["+rows[1:]+"]")
			s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
			s.configure(t, `{}`)
			object, diagnostics := s.object(t.Context(), t, kind, l.typeName, l.with())
			if len(diagnostics) > 0 {
				t.Fatal(text(diagnostics))
			}
			result, _ := s.readAs(t.Context(), t, kind, l.typeName, l.with())
			if got := l.ids(result); !reflect.DeepEqual(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			got := port.ReplaceAllString(string(object.MsgPack), ":0") // the port in source.base_url varies
			if first == "" {
				first = got
			}
			if got != first {
				t.Errorf("results differ:\n%q\n%q", first, got)
			}
		}
	})
}
