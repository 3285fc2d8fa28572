package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Everything that is wrong with an argument is found when Terraform validates, at that argument.
func TestOpenlayerPipelineUsersValidation(t *testing.T) {
	t.Parallel()
	filter := func(filter string) string { return `"column_filters": [` + filter + `]` }
	tests := []validationTest{
		{name: "everything at once", config: `"page": 1, "per_page": 100, "sort_column": "cost", "asc": false,
			"column_filters": [{"measurement": "a", "operator": ">", "number_value": 1},
				{"measurement": "b", "operator": "is", "null_value": true}, {"measurement": "c", "operator": "!=", "bool_value": false},
				{"measurement": "d", "operator": "is", "string_value": ""},
				{"measurement": "e", "operator": "one_of", "string_values": ["x"], "number_values": []}],
			"search_query_or": ["a"], "search_query_and": ["x"], "not_search_query_or": ["` + strings.Repeat("é", 300) + `"],
			"not_search_query_and": ["b"], "row_id_list": [-1, 0, 9007199254740993], "exclude_row_id_list": [3],
			"timeouts": {"read": "90s"}`},
		{name: "no uuid", config: `"inference_pipeline_id": "182bd5e5"`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "empty uuid", config: `"inference_pipeline_id": ""`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "uuid in braces", config: `"inference_pipeline_id": "{182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e}"`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "uuid with a path", config: `"inference_pipeline_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e/../x"`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "half a page", config: `"page": 1.5`, at: "page", want: "The value of page must be a whole number, at least 1; it is 1.5."},
		{name: "page 0", config: `"page": 0`, at: "page", want: "at least 1; it is 0."},
		{name: "per_page 0", config: `"per_page": 0`, at: "per_page", want: "a whole number from 1 to 100"},
		{name: "per_page 101", config: `"per_page": 101`, at: "per_page", want: "a whole number from 1 to 100"},
		{name: "empty sort_column", config: `"sort_column": ""`, at: "sort_column", want: "must not be empty"},
		{name: "asc alone", config: `"asc": true`, at: "asc", want: "sort_column is not set", warning: true},
		{name: "asc with a sort_column to come", config: `"asc": true`, unknown: []string{"sort_column"}},
		{name: "six filters", config: `"column_filters": [` + strings.Repeat(`{"measurement": "a", "operator": "is", "null_value": true},`, 5) + `{"measurement": "a", "operator": "is", "null_value": true}]`,
			at: "column_filters", want: "at most 5"},
		{name: "null filter", config: filter(`null`), at: "column_filters[0]", want: "must not be null"},
		{name: "no measurement", config: filter(`{"measurement": "", "operator": "is", "null_value": true}`), at: "column_filters[0].measurement", want: "must not be empty"},
		{name: "operator that is none", config: filter(`{"measurement": "a", "operator": "=", "number_value": 1}`), at: "column_filters[0].operator", want: `must be >, >=, <, <=, is, !=, contains_none, contains_any, contains_all, one_of or none_of; it is "="`},
		{name: "greater than a string", config: filter(`{"measurement": "a", "operator": ">", "string_value": "1"}`),
			at: "column_filters[0].string_value", want: `does not fit the operator ">", which accepts number_value.`},
		{name: "greater than nothing", config: filter(`{"measurement": "a", "operator": ">="}`),
			at: "column_filters[0].operator", want: `is ">=", which needs number_value; none is set.`},
		{name: "greater than a number to come", config: filter(`{"measurement": "a", "operator": ">="}`), unknown: []string{"column_filters.number_value"}},
		{name: "is, twice", config: filter(`{"measurement": "a", "operator": "is", "string_value": "1", "number_value": 1}`),
			at: "column_filters[0].operator", want: `is "is", which accepts one of number_value, string_value, bool_value and null_value = true; 2 are set: number_value, string_value.`},
		{name: "is, of a list", config: filter(`{"measurement": "a", "operator": "is", "string_values": ["1"]}`),
			at: "column_filters[0].string_values", want: `does not fit the operator "is"`},
		{name: "set without a value", config: filter(`{"measurement": "a", "operator": "one_of"}`),
			at: "column_filters[0].operator", want: `is "one_of", which needs string_values, number_values, or both; none is set.`},
		{name: "set of one number", config: filter(`{"measurement": "a", "operator": "contains_any", "number_value": 1}`),
			at: "column_filters[0].number_value", want: `does not fit the operator "contains_any"`},
		{name: "set with a null", config: filter(`{"measurement": "a", "operator": "contains_any", "string_values": [null]}`),
			at: "column_filters[0].string_values[0]", want: "must not be null"},
		{name: "is, without a value", config: filter(`{"measurement": "a", "operator": "is", "string_value": null}`),
			at: "column_filters[0].operator", want: `none is set. A null counts as not set, and Terraform drops an attribute of a filter whose name is misspelt.`},
		{name: "is not, without a value", config: filter(`{"measurement": "a", "operator": "!="}`), at: "column_filters[0].operator", want: "none is set."},
		{name: "null, and a value", config: filter(`{"measurement": "a", "operator": "is", "null_value": true, "bool_value": false}`),
			at: "column_filters[0].operator", want: "2 are set: bool_value, null_value."},
		{name: "not null_value", config: filter(`{"measurement": "a", "operator": "is", "null_value": false}`), at: "column_filters[0].null_value", want: "must be true"},
		{name: "greater than null", config: filter(`{"measurement": "a", "operator": ">", "null_value": true}`), at: "column_filters[0].null_value", want: `does not fit the operator ">"`},
		{name: "null_value to come", config: filter(`{"measurement": "a", "operator": "is"}`), unknown: []string{"column_filters.null_value"}},
		{name: "set of nothing", config: filter(`{"measurement": "a", "operator": "none_of", "string_values": []}`),
			at: "column_filters[0].string_values", want: "has no elements", warning: true},
		{name: "no filters", config: `"column_filters": []`, at: "column_filters", want: "column_filters has no elements, so nothing is filtered. To leave it out, set it to null.", warning: true},
		{name: "no search", config: `"not_search_query_and": []`, at: "not_search_query_and", want: "Openlayer does not document what that means", warning: true},
		{name: "no users", config: `"user_ids": []`, at: "user_ids", want: "so no user matches", warning: true},
		{name: "empty pattern", config: `"user_id_regex": ""`, at: "user_id_regex", want: "must not be empty"},
		{name: "an operator to come", config: filter(`{"measurement": "a"}`), unknown: []string{"column_filters.operator"}},
		{name: "301 characters", config: `"search_query_or": ["` + strings.Repeat("é", 301) + `"]`, at: "search_query_or[0]", want: "at most 300"},
		{name: "301 characters, and", config: `"search_query_and": ["", "` + strings.Repeat("x", 301) + `"]`, at: "search_query_and[1]", want: "at most 300"},
		{name: "301 characters, not or", config: `"not_search_query_or": ["` + strings.Repeat("x", 301) + `"]`, at: "not_search_query_or[0]", want: "at most 300"},
		{name: "301 characters, not and", config: `"not_search_query_and": ["` + strings.Repeat("x", 301) + `"]`, at: "not_search_query_and[0]", want: "at most 300"},
		{name: "null text", config: `"search_query_or": [null]`, at: "search_query_or[0]", want: "must not be null"},
		{name: "null row", config: `"row_id_list": [null]`, at: "row_id_list[0]", want: "must not be null"},
		{name: "null row to leave out", config: `"exclude_row_id_list": [1, null]`, at: "exclude_row_id_list[1]", want: "must not be null"},
		{name: "half a row", config: `"row_id_list": [1.5]`, at: "row_id_list[0]", want: "must be a whole number; it is 1.5."},
		{name: "pattern that does not compile", config: `"user_id_regex": "["`, at: "user_id_regex", want: "must be a regular expression (RE2)"},
		{name: "date that is none", config: `"active_since": "2026-02-30T00:00:00Z"`, at: "active_since", want: "must be a time in RFC 3339"},
		{name: "date without a time", config: `"inactive_since": "2026-02-01"`, at: "inactive_since", want: `such as 2026-01-31T08:00:00Z; it is "2026-02-01"`},
		{name: "id of null", config: `"user_ids": ["a", null]`, at: "user_ids[1]", want: "must not be null"},
		{name: "half a user", config: `"max_users": 1.5`, at: "max_users", want: "a whole number, at least 0; it is 1.5."},
		{name: "timeout that is none", config: `"timeouts": {"read": "5 minutes"}`, at: "timeouts.read", want: `The value of timeouts.read must be a duration greater than 0, such as 30s; it is "5 minutes".`},
		{name: "timeout without a unit", config: `"timeouts": {"read": "30"}`, at: "timeouts.read", want: `such as 30s; it is "30".`},
		{name: "timeout of 0", config: `"timeouts": {"read": "0s"}`, at: "timeouts.read", want: "must be a duration greater than 0"},
		{name: "negative timeout", config: `"timeouts": {"read": "-1m"}`, at: "timeouts.read", want: `such as 30s; it is "-1m".`},
		{name: "timeout left out", config: `"timeouts": {}`},
		{name: "timeout to come", config: `"timeouts": {}`, unknown: []string{"timeouts.read"}},
		{name: "timeouts to come", unknown: []string{"timeouts"}},
		{name: "negative min_users", config: `"min_users": -1`, at: "min_users", want: "The value of min_users must be a whole number, at least 0; it is -1."},
		{name: "limits that exclude each other", config: `"min_users": 3, "max_users": 2`, at: "min_users", want: "must not be greater than max_users, which is 2; it is 3."},
		{name: "limits that are the same", config: `"min_users": 2, "max_users": 2`},
		{name: "a limit to come", config: `"min_users": 2`, unknown: []string{"max_users"}},
	}
	for i := range tests {
		if !strings.Contains(tests[i].config, "inference_pipeline_id") {
			tests[i].config = strings.TrimSuffix(`"inference_pipeline_id": "`+testPipeline+`", `+tests[i].config, ", ")
		}
	}
	runValidationTests(t, "openlayer_pipeline_users", tests)
}

func TestVectaraUsersValidation(t *testing.T) {
	t.Parallel()
	runValidationTests(t, "vectara_users", []validationTest{
		{name: "nothing"},
		{name: "everything", config: `"customer_id": "1526022105", "list_users_type": "LIST_USERS_TYPE__CUSTOMER", "num_results": 4294967295,
			"page_key": "", "request_timeout": "2m", "timeouts": {"read": "1h"}`},
		{name: "list type none", config: `"list_users_type": "LIST_USERS_TYPE__NONE"`},
		{name: "customer id with letters", config: `"customer_id": "acme"`, at: "customer_id", want: "digits only"},
		{name: "empty customer id", config: `"customer_id": ""`, at: "customer_id", want: "digits only"},
		{name: "customer id with a header in it", config: `"customer_id": "1\r\nX-Evil: 1"`, at: "customer_id", want: "digits only"},
		{name: "list type that is none", config: `"list_users_type": "ALL"`, at: "list_users_type", want: "LIST_USERS_TYPE__ALL"},
		{name: "no results", config: `"num_results": 0`, at: "num_results", want: "a whole number from 1 to 4294967295"},
		{name: "too many results", config: `"num_results": 4294967296`, at: "num_results", want: "a whole number from 1 to 4294967295"},
		{name: "timeout without a unit", config: `"request_timeout": "30"`, at: "request_timeout", want: `written as a duration such as 45s or 2m; it is "30"`},
		{name: "timeout in gRPC's form", config: `"request_timeout": "30S"`, at: "request_timeout", want: `it is "30S"`},
		{name: "broken seconds", config: `"request_timeout": "1.5s"`, at: "request_timeout", want: "whole number of seconds"},
		{name: "no time", config: `"request_timeout": "0s"`, at: "request_timeout", want: "at least 1"},
		{name: "more than eight digits", config: `"request_timeout": "100000000s"`, at: "request_timeout", want: "whole number of seconds"},
		{name: "no roles", config: `"roles": []`, at: "roles", want: "so no user matches", warning: true},
		{name: "role of null", config: `"roles": [null]`, at: "roles[0]", want: "must not be null"},
		{name: "pattern that does not compile", config: `"email_regex": "(@"`, at: "email_regex", want: "must be a regular expression"},
		{name: "half a user", config: `"max_users": 0.5`, at: "max_users", want: "a whole number, at least 0"},
		{name: "negative users", config: `"max_users": -1`, at: "max_users", want: "a whole number, at least 0"},
		{name: "timeout of 0", config: `"timeouts": {"read": "0s"}`, at: "timeouts.read", want: "must be a duration greater than 0"},
		{name: "every filter", config: `"roles": ["CustomerRole_Owner", "owner"], "statuses": ["USER_STATUS__NEW"], "types": ["USER_TYPE__USER"],
			"emails": ["Ada@northwind.example", ""], "email_regex": "^a", "enabled": false, "corpus_key": "a_B=9-"`},
		{name: "status without its prefix", config: `"statuses": ["USER_STATUS__ACTIVE", "ACTIVE"]`, at: "statuses[1]", want: `must begin with USER_STATUS__, such as USER_STATUS__ACTIVE; it is "ACTIVE".`},
		{name: "type without its prefix", config: `"types": ["user_type__user"]`, at: "types[0]", want: `must begin with USER_TYPE__, such as USER_TYPE__USER; it is "user_type__user".`},
		{name: "statuses to come", config: `"statuses": []`, unknown: []string{"statuses"}},
		{name: "unknown role", config: `"roles": ["owner", "customerrole_owner"]`, at: "roles[1]", warning: true,
			want: `The value of roles[1] is "customerrole_owner", and this provider knows no such role. Unless Vectara has added it since, no user matches it. The most similar name is CustomerRole_Owner.`},
		{name: "unknown role, and the known ones", config: `"roles": ["admin"]`, at: "roles[0]", warning: true,
			want: `REST v1 has CustomerRole_Owner, CustomerRole_Admin, CustomerRole_Billing_Admin, CustomerRole_Corpus_Admin, CustomerRole_None. REST v2 has owner, administrator,`},
		{name: "roles to come", config: `"roles": []`, unknown: []string{"roles"}},
		{name: "address with a space", config: `"emails": ["ada@northwind.example", " bo@northwind.example"]`, at: "emails[1]", want: `must not begin or end with white space, with which nothing would match; it is " bo@northwind.example".`},
		{name: "address with a line break", config: `"emails": ["ada@northwind.example\n"]`, at: "emails[0]", want: "white space"},
		{name: "empty corpus_key", config: `"corpus_key": ""`, at: "corpus_key", want: "1 to 50 letters"},
		{name: "corpus_key with a space", config: `"corpus_key": "support articles"`, at: "corpus_key", want: `it is "support articles"`},
		{name: "corpus_key with a letter outside of ASCII", config: `"corpus_key": "ä"`, at: "corpus_key", want: "1 to 50 letters"},
		{name: "corpus_key of 50 characters", config: `"corpus_key": "` + strings.Repeat("x", 50) + `"`},
		{name: "corpus_key of 51 characters", config: `"corpus_key": "` + strings.Repeat("x", 51) + `"`, at: "corpus_key", want: "1 to 50 letters"},
	})
}

type validationTest struct {
	name    string
	config  string   // JSON attributes
	unknown []string // paths
	at      string   // the argument of the diagnostic; none: there is no diagnostic
	want    string   // part of its text
	warning bool     // it is a warning
}

func runValidationTests(t *testing.T, typeName string, tests []validationTest) {
	t.Helper()
	s := newServer(t, newTestProvider(nil))
	for _, test := range tests {
		for _, kind := range kinds {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				diagnostics := s.validateAs(t, kind, typeName, `{`+test.config+`}`, test.unknown...)
				if test.at == "" {
					if len(diagnostics) > 0 {
						t.Errorf("unexpected:\n%s", text(diagnostics))
					}
					return
				}
				if len(diagnostics) != 1 {
					t.Fatalf("got %d diagnostics:\n%s", len(diagnostics), text(diagnostics))
				}
				severity := tfprotov6.DiagnosticSeverityError
				if test.warning {
					severity = tfprotov6.DiagnosticSeverityWarning
				}
				d := diagnostics[0]
				if d.Severity != severity || attributePath(d) != test.at || !strings.Contains(strings.Join(strings.Fields(d.Detail), " "), test.want) {
					t.Errorf("want a %s at %s with %q, got:\n%s", severity, test.at, test.want, text(diagnostics))
				}
				if !test.warning && (d.Summary != invalidValue || !strings.HasPrefix(d.Detail, "The value of "+test.at+" ")) {
					t.Errorf("the message is not worded as all others:\n%s", text(diagnostics))
				}
			})
		}
	}
}

// attributePath writes a path as a configuration would.
func attributePath(d *tfprotov6.Diagnostic) string {
	text := strings.NewReplacer(`AttributeName("`, "", `")`, "", `.ElementKeyInt(`, "[", `)`, "]").Replace(d.Attribute.String())
	return text
}
