package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// From a configuration to the request's body, with every type of value.
func TestOpenlayerPipelineUsersFilter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, body string }{
		"nothing":                {``, `{}`},
		"no filters":             {`"column_filters": []`, `{"columnFilters": []}`},
		"a number":               {`"column_filters": [{"measurement": "m", "operator": ">=", "number_value": 0.1}]`, `{"columnFilters": [{"measurement": "m", "operator": ">=", "value": 0.1}]}`},
		"a large number":         {`"column_filters": [{"measurement": "m", "operator": "<", "number_value": 123456789012345678901234567890}]`, `{"columnFilters": [{"measurement": "m", "operator": "<", "value": 123456789012345678901234567890}]}`},
		"a negative number":      {`"column_filters": [{"measurement": "m", "operator": "is", "number_value": -0.000001}]`, `{"columnFilters": [{"measurement": "m", "operator": "is", "value": -0.000001}]}`},
		"zero":                   {`"column_filters": [{"measurement": "m", "operator": "is", "number_value": 0}]`, `{"columnFilters": [{"measurement": "m", "operator": "is", "value": 0}]}`},
		"a text":                 {`"column_filters": [{"measurement": "m", "operator": "!=", "string_value": "Ä\"<&>"}]`, `{"columnFilters": [{"measurement": "m", "operator": "!=", "value": "Ä\"<&>"}]}`},
		"an empty text":          {`"column_filters": [{"measurement": "m", "operator": "is", "string_value": ""}]`, `{"columnFilters": [{"measurement": "m", "operator": "is", "value": ""}]}`},
		"false":                  {`"column_filters": [{"measurement": "m", "operator": "is", "bool_value": false}]`, `{"columnFilters": [{"measurement": "m", "operator": "is", "value": false}]}`},
		"null":                   {`"column_filters": [{"measurement": "m", "operator": "!=", "null_value": true}]`, `{"columnFilters": [{"measurement": "m", "operator": "!=", "value": null}]}`},
		"texts and numbers":      {`"column_filters": [{"measurement": "m", "operator": "one_of", "string_values": ["b", "a"], "number_values": [2, 1.5]}]`, `{"columnFilters": [{"measurement": "m", "operator": "one_of", "value": ["b", "a", 2, 1.5]}]}`},
		"no texts":               {`"column_filters": [{"measurement": "m", "operator": "none_of", "string_values": []}]`, `{"columnFilters": [{"measurement": "m", "operator": "none_of", "value": []}]}`},
		"numbers alone":          {`"column_filters": [{"measurement": "m", "operator": "contains_all", "number_values": [1]}]`, `{"columnFilters": [{"measurement": "m", "operator": "contains_all", "value": [1]}]}`},
		"five filters, in order": {`"column_filters": [{"measurement": "5", "operator": "is", "null_value": true}, {"measurement": "4", "operator": "is", "null_value": true}, {"measurement": "3", "operator": "is", "null_value": true}, {"measurement": "2", "operator": "is", "null_value": true}, {"measurement": "1", "operator": "is", "null_value": true}]`, `{"columnFilters": [{"measurement": "5", "operator": "is", "value": null}, {"measurement": "4", "operator": "is", "value": null}, {"measurement": "3", "operator": "is", "value": null}, {"measurement": "2", "operator": "is", "value": null}, {"measurement": "1", "operator": "is", "value": null}]}`},
		"searches":               {`"search_query_or": ["a"], "search_query_and": ["b", "c"], "not_search_query_or": ["d"], "not_search_query_and": []`, `{"searchQueryOr": ["a"], "searchQueryAnd": ["b", "c"], "notSearchQueryOr": ["d"], "notSearchQueryAnd": []}`},
		"rows":                   {`"row_id_list": [9007199254740993, 0, -9223372036854775808], "exclude_row_id_list": [1]`, `{"rowIdList": [9007199254740993, 0, -9223372036854775808], "excludeRowIdList": [1]}`},
		"rows, none":             {`"row_id_list": []`, `{"rowIdList": []}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprint(w, `{"items": []}`)
				return true
			}
			s, _ := configuredServer(t, f)
			config := `"inference_pipeline_id": "` + testPipeline + `"`
			if test.config != "" {
				config += ", " + test.config
			}
			if _, response := s.read(t.Context(), t, "openlayer_pipeline_users", "{"+config+"}"); hasError(response.Diagnostics) {
				t.Fatal(text(response.Diagnostics))
			}
			if got := string(f.openlayer.Requests()[0].Body); !reflect.DeepEqual(fromJSON(t, got), fromJSON(t, test.body)) {
				t.Errorf("sent %s, want %s", got, test.body)
			}
		})
	}
}

// From an answer's row to a user.
func TestMappers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source string
		row    string
		want   string
	}{
		"openlayer": {
			source: "openlayer_pipeline_users",
			row: `{"id": "user123", "dateOfFirstRecord": "2021-12-31T08:00:00Z", "dateOfLastRecord": "2022-01-02T08:00:00.123+05:30",
				"sessions": 3, "records": 15, "tokens": 5250.5, "cost": 0.1}`,
			want: `{"id": "user123", "date_of_first_record": "2021-12-31T08:00:00Z", "date_of_last_record": "2022-01-02T08:00:00.123+05:30",
				"sessions": 3, "records": 15, "tokens": 5250.5, "cost": 0.1}`,
		},
		"openlayer, large numbers": {
			source: "openlayer_pipeline_users",
			row:    `{"id": "ü\u0000\n", "sessions": 9223372036854775807, "records": 1e3, "tokens": 123456789012345678901.5, "cost": 1e-7}`,
			want: `{"id": "ü\u0000\n", "date_of_first_record": null, "date_of_last_record": null, "sessions": 9223372036854775807,
				"records": 1000, "tokens": 123456789012345678901.5, "cost": 0.0000001}`,
		},
		"openlayer, nothing but an id": {
			source: "openlayer_pipeline_users",
			row:    `{"id": ""}`,
			want: `{"id": "", "date_of_first_record": null, "date_of_last_record": null, "sessions": null, "records": null,
				"tokens": null, "cost": null}`,
		},
		"vectara": {
			source: "vectara_users",
			row: `{"id": 4294967295, "handle": "ana", "type": "USER_TYPE__USER", "comment": "c", "tsCreate": "1769846400", "idCreate": 7,
				"email": "ana@x.example", "userStatus": "USER_STATUS__ACTIVE", "role": ["CustomerRole_Owner", "CustomerRole_Admin"]}`,
			want: `{"id": "4294967295", "handle": "ana", "type": "USER_TYPE__USER", "comment": "c", "ts_create": 1769846400, "created_at": "2026-01-31T08:00:00Z",
				"id_create": "7", "email": "ana@x.example", "user_status": "USER_STATUS__ACTIVE", "enabled": true, "roles": ["CustomerRole_Owner", "CustomerRole_Admin"], "updated_at": null, "corpus_roles": null, "agent_roles": null}`,
		},
		"vectara, unset fields": {
			source: "vectara_users",
			row: `{"id": 0, "handle": "", "type": "USER_TYPE__NONE", "comment": "", "tsCreate": "0", "idCreate": 0,
				"email": "", "userStatus": "USER_STATUS__NONE", "role": []}`,
			want: `{"id": "0", "handle": "", "type": "USER_TYPE__NONE", "comment": "", "ts_create": 0, "created_at": null,
				"id_create": "0", "email": "", "user_status": "USER_STATUS__NONE", "enabled": null, "roles": [], "updated_at": null, "corpus_roles": null, "agent_roles": null}`,
		},
		"vectara, fields left out": {
			source: "vectara_users",
			row:    `{}`,
			want: `{"id": null, "handle": null, "type": null, "comment": null, "ts_create": null, "created_at": null,
				"id_create": null, "email": null, "user_status": null, "enabled": null, "roles": [], "updated_at": null, "corpus_roles": null, "agent_roles": null}`,
		},
		"vectara, values that are newer than us": {
			source: "vectara_users",
			row:    `{"id": 1, "type": "USER_TYPE__ROBOT", "userStatus": "USER_STATUS__DISABLED", "role": ["CustomerRole_New", 9], "tsCreate": "253402300800", "x": {}}`,
			want: `{"id": "1", "handle": null, "type": "USER_TYPE__ROBOT", "comment": null, "ts_create": 253402300800, "created_at": null,
				"id_create": null, "email": null, "user_status": "USER_STATUS__DISABLED", "enabled": false, "roles": ["CustomerRole_New", "9"], "updated_at": null, "corpus_roles": null, "agent_roles": null}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				if r.URL.Query().Get("page") == "1" {
					fmt.Fprintf(w, `{"items": [%s]}`, test.row)
				} else {
					fmt.Fprint(w, `{"items": []}`)
				}
				return true
			}
			f.vectara.Intercept = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				fmt.Fprintf(w, `{"user": [%s], "pageKey": "", "status": null}`, test.row)
				return true
			}
			s, _ := configuredServer(t, f)
			config := readVectara
			if test.source == "openlayer_pipeline_users" {
				config = readOpenlayer
			}
			state, response := s.read(t.Context(), t, test.source, config)
			if len(response.Diagnostics) > 0 {
				t.Fatal(text(response.Diagnostics))
			}
			want, _ := fromJSON(t, test.want).(map[string]any)
			if got := users(state); len(got) != 1 || !reflect.DeepEqual(normal(got[0]), normal(want)) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// normal writes numbers in one way, so that 1e3 and 1000 are the same.
func normal(object map[string]any) map[string]any {
	for name, value := range object {
		if number, ok := value.(json.Number); ok {
			object[name] = json.Number(biglist.Decimal(number.String()).ValueBigFloat().Text('g', 60))
		}
	}
	return object
}

// Two readings of the same users give the same bytes, in whatever order the server lists them.
func TestStateIsStable(t *testing.T) {
	t.Parallel()
	rows := []string{`{"id": "b"}`, `{"id": "a"}`, `{"id": "C"}`, `{"id": ""}`, `{"id": "ä"}`}
	var states [][]byte
	for turn := range rows {
		f := newFakes(t)
		f.openlayer.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			items := ""
			if r.URL.Query().Get("page") == "1" {
				for i := range rows {
					items += "," + rows[(i+turn)%len(rows)]
				}
				items = items[1:]
			}
			fmt.Fprintf(w, `{"items": [%s]}`, items)
			return true
		}
		s, _ := configuredServer(t, f)
		state, response := s.read(t.Context(), t, "openlayer_pipeline_users", readOpenlayer)
		if hasError(response.Diagnostics) {
			t.Fatal(text(response.Diagnostics))
		}
		if got, want := column(state, "id"), []any{"", "C", "a", "b", "ä"}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		states = append(states, response.State.MsgPack)
	}
	for _, state := range states[1:] {
		if string(state) != string(states[0]) {
			t.Errorf("states differ:\n%q\n%q", states[0], state)
		}
	}
}
