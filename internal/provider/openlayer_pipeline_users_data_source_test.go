package provider

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
)

// accPipelineUsers are end users, sorted by their cost. They are not sorted by ID.
var accPipelineUsers = []openlayertest.User{
	{ID: "dee", FirstRecord: accDay, LastRecord: accDay, Sessions: 1, Records: 1},
	{
		ID: "ada", FirstRecord: accDay, LastRecord: accDay.Add(36 * time.Hour), Sessions: 3, Records: 15, Tokens: 5250.5, Cost: 0.1,
		Columns: map[string]any{"plan": "pro", "country": "Germany", "vip": true, "tags": []string{"beta", "eu"}, "scores": []float64{1, 2.5}, "ref": "A7"},
		RowIDs:  []int64{1, 2},
	},
	{
		ID: "cy", FirstRecord: accDay, LastRecord: accDay, Sessions: 2, Records: 4, Tokens: 100, Cost: 12.5,
		Columns: map[string]any{"plan": "enterprise", "country": "Germany", "vip": false, "tags": []string{"eu"}},
		RowIDs:  []int64{4},
	},
	{
		ID: "bo", FirstRecord: accDay, LastRecord: accDay, Sessions: 9, Records: 99, Tokens: 7, Cost: 20,
		Columns: map[string]any{"plan": "free", "country": "Ghana", "vip": false, "tags": []string{"us"}, "ref": 7.0},
		RowIDs:  []int64{3},
	},
}

var accDay = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// Without optional arguments, the result has all users with all attributes, sorted by ID.
func TestAccOpenlayerPipelineUsers(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accApply(t, newTestProvider(f.environment()), `
data "openlayer_pipeline_users" "all" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}
`, map[string]string{
		"openlayer_pipeline_users.all": `{
			"users": [
				{"id": "ada", "date_of_first_record": "2026-03-01T08:00:00Z", "date_of_last_record": "2026-03-02T20:00:00Z",
					"sessions": 3, "records": 15, "tokens": 5250.5, "cost": 0.1},
				{"id": "bo", "date_of_first_record": "2026-03-01T08:00:00Z", "date_of_last_record": "2026-03-01T08:00:00Z",
					"sessions": 9, "records": 99, "tokens": 7, "cost": 20},
				{"id": "cy", "sessions": 2, "records": 4, "tokens": 100, "cost": 12.5},
				{"id": "dee", "sessions": 1, "records": 1, "tokens": 0, "cost": 0}
			],
			"summary": {"total": 4, "matched": 4, "sessions": 15, "records": 119, "tokens": 5357.5, "cost": 32.6,
				"date_of_first_record": "2026-03-01T08:00:00Z", "date_of_last_record": "2026-03-02T20:00:00Z"}
		}`,
	})
}

func TestAccOpenlayerPipelineUsersPages(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accApply(t, newTestProvider(f.environment()), `
locals {
  pipeline = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

data "openlayer_pipeline_users" "nulls" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  page            = null
  per_page        = null
  sort_column     = null
  asc             = null
  column_filters  = null
  search_query_or = null
  row_id_list     = null
  user_ids        = null
  include_users   = null
  min_users       = null
  timeouts {
    read = null
  }
}

data "openlayer_pipeline_users" "small_pages" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  per_page = 3
  timeouts {
    read = "90s"
  }
}

data "openlayer_pipeline_users" "first_page" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  page = 1
}

data "openlayer_pipeline_users" "second_page" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  page     = 2
  per_page = 3
}

data "openlayer_pipeline_users" "page_past_the_end" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  page = 9
}

data "openlayer_pipeline_users" "fewest_sessions_first" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  sort_column = "sessions"
}

data "openlayer_pipeline_users" "most_expensive_first" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  sort_column = "cost"
  asc         = false
}
`, map[string]string{
		"openlayer_pipeline_users.nulls":                 `{"users": [{"id": "ada"}, {"id": "bo"}, {"id": "cy"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.small_pages":           `{"users": [{"id": "ada"}, {"id": "bo"}, {"id": "cy"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.first_page":            `{"users": [{"id": "dee"}, {"id": "ada"}, {"id": "cy"}, {"id": "bo"}]}`,
		"openlayer_pipeline_users.second_page":           `{"users": [{"id": "bo"}], "summary": {"total": 1}}`,
		"openlayer_pipeline_users.page_past_the_end":     `{"users": []}`,
		"openlayer_pipeline_users.fewest_sessions_first": `{"users": [{"id": "dee"}, {"id": "cy"}, {"id": "ada"}, {"id": "bo"}]}`,
		"openlayer_pipeline_users.most_expensive_first":  `{"users": [{"id": "bo"}, {"id": "cy"}, {"id": "ada"}, {"id": "dee"}]}`,
	})
}

// The result has the users that match a column filter, with every operator and every type of value.
func TestAccOpenlayerPipelineUsersColumnFilters(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accApply(t, newTestProvider(f.environment()), `
locals {
  pipeline = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

data "openlayer_pipeline_users" "above" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "cost", operator = ">", number_value = 12.5 }]
}

data "openlayer_pipeline_users" "at_least" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "cost", operator = ">=", number_value = 12.5 }]
}

data "openlayer_pipeline_users" "below" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "cost", operator = "<", number_value = 0.1 }]
}

data "openlayer_pipeline_users" "at_most" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "cost", operator = "<=", number_value = 0.1 }]
}

data "openlayer_pipeline_users" "is_number" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "sessions", operator = "is", number_value = 9 }]
}

data "openlayer_pipeline_users" "is_no_number" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "cost", operator = "!=", number_value = 0 }]
}

data "openlayer_pipeline_users" "is_null" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "plan", operator = "is", null_value = true }]
}

data "openlayer_pipeline_users" "is_not_null" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "plan", operator = "!=", null_value = true }]
}

data "openlayer_pipeline_users" "is_string" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "country", operator = "is", string_value = "Germany" }]
}

data "openlayer_pipeline_users" "is_no_string" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "country", operator = "!=", string_value = "Germany" }]
}

data "openlayer_pipeline_users" "is_empty" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "country", operator = "is", string_value = "" }]
}

data "openlayer_pipeline_users" "is_true" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "vip", operator = "is", bool_value = true }]
}

data "openlayer_pipeline_users" "is_not_false" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "vip", operator = "!=", bool_value = false }]
}

data "openlayer_pipeline_users" "any" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "tags", operator = "contains_any", string_values = ["beta", "us"] }]
}

data "openlayer_pipeline_users" "every" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "tags", operator = "contains_all", string_values = ["eu", "beta"] }]
}

data "openlayer_pipeline_users" "none" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "tags", operator = "contains_none", string_values = ["eu"] }]
}

data "openlayer_pipeline_users" "one_of" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "plan", operator = "one_of", string_values = ["pro", "enterprise"] }]
}

data "openlayer_pipeline_users" "none_of" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "plan", operator = "none_of", string_values = ["free"] }]
}

data "openlayer_pipeline_users" "numbers" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "scores", operator = "contains_all", number_values = [2.5, 1] }]
}

data "openlayer_pipeline_users" "mixed" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "ref", operator = "one_of", string_values = ["A7"], number_values = [7] }]
}

data "openlayer_pipeline_users" "two_filters" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [
    { measurement = "country", operator = "is", string_value = "Germany" },
    { measurement = "cost", operator = ">", number_value = 1 },
  ]
}
`, map[string]string{
		"openlayer_pipeline_users.above":        `{"users": [{"id": "bo"}]}`,
		"openlayer_pipeline_users.at_least":     `{"users": [{"id": "bo"}, {"id": "cy"}]}`,
		"openlayer_pipeline_users.below":        `{"users": [{"id": "dee"}]}`,
		"openlayer_pipeline_users.at_most":      `{"users": [{"id": "ada"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.is_number":    `{"users": [{"id": "bo"}]}`,
		"openlayer_pipeline_users.is_no_number": `{"users": [{"id": "ada"}, {"id": "bo"}, {"id": "cy"}]}`,
		"openlayer_pipeline_users.is_null":      `{"users": [{"id": "dee"}]}`,
		"openlayer_pipeline_users.is_not_null":  `{"users": [{"id": "ada"}, {"id": "bo"}, {"id": "cy"}]}`,
		"openlayer_pipeline_users.is_string":    `{"users": [{"id": "ada"}, {"id": "cy"}]}`,
		"openlayer_pipeline_users.is_no_string": `{"users": [{"id": "bo"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.is_empty":     `{"users": []}`,
		"openlayer_pipeline_users.is_true":      `{"users": [{"id": "ada"}]}`,
		"openlayer_pipeline_users.is_not_false": `{"users": [{"id": "ada"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.any":          `{"users": [{"id": "ada"}, {"id": "bo"}]}`,
		"openlayer_pipeline_users.every":        `{"users": [{"id": "ada"}]}`,
		"openlayer_pipeline_users.none":         `{"users": [{"id": "bo"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.one_of":       `{"users": [{"id": "ada"}, {"id": "cy"}]}`,
		"openlayer_pipeline_users.none_of":      `{"users": [{"id": "ada"}, {"id": "cy"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.numbers":      `{"users": [{"id": "ada"}]}`,
		"openlayer_pipeline_users.mixed":        `{"users": [{"id": "ada"}, {"id": "bo"}]}`,
		"openlayer_pipeline_users.two_filters":  `{"users": [{"id": "cy"}]}`,
	})
}

// The result has the users that match the other filters of the API and the filters of the provider.
func TestAccOpenlayerPipelineUsersFilters(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accApply(t, newTestProvider(f.environment()), `
locals {
  pipeline = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

data "openlayer_pipeline_users" "search_or" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  search_query_or = ["free", "enterprise"]
}

data "openlayer_pipeline_users" "search_and" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  search_query_and = ["pro", "germany"]
}

data "openlayer_pipeline_users" "not_search_or" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  not_search_query_or = ["ghana", "enterprise"]
}

data "openlayer_pipeline_users" "not_search_and" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  not_search_query_and = ["germany", "pro"]
}

data "openlayer_pipeline_users" "rows" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  row_id_list = [3, 1]
}

data "openlayer_pipeline_users" "other_rows" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  exclude_row_id_list = [3, 9007199254740993]
}

data "openlayer_pipeline_users" "by_id" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  user_ids      = ["ada", "bo", "nobody"]
  user_id_regex = "^.o$"
  min_users     = 1
  max_users     = 1
}

data "openlayer_pipeline_users" "active" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  active_since = "2026-03-02T00:00:00Z"
}

data "openlayer_pipeline_users" "inactive" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  inactive_since = "2026-03-02T00:00:00Z"
  include_users  = false
}

data "openlayer_pipeline_users" "all_at_once" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  page        = 1
  per_page    = 50
  sort_column = "cost"
  asc         = false
  column_filters = [
    { measurement = "cost", operator = ">=", number_value = 0.1 },
    { measurement = "country", operator = "is", string_value = "Germany" },
    { measurement = "vip", operator = "!=", null_value = true },
    { measurement = "tags", operator = "contains_any", string_values = ["eu"] },
    { measurement = "plan", operator = "none_of", string_values = ["free"], number_values = [1] },
  ]
  search_query_or      = ["pro", "enterprise"]
  search_query_and     = ["germany"]
  not_search_query_or  = ["ghana"]
  not_search_query_and = ["pro", "ghana"]
  row_id_list          = [1, 4]
  exclude_row_id_list  = [2]
}
`, map[string]string{
		"openlayer_pipeline_users.search_or":      `{"users": [{"id": "bo"}, {"id": "cy"}]}`,
		"openlayer_pipeline_users.search_and":     `{"users": [{"id": "ada"}]}`,
		"openlayer_pipeline_users.not_search_or":  `{"users": [{"id": "ada"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.not_search_and": `{"users": [{"id": "bo"}, {"id": "cy"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.rows":           `{"users": [{"id": "ada"}, {"id": "bo"}]}`,
		"openlayer_pipeline_users.other_rows":     `{"users": [{"id": "ada"}, {"id": "cy"}, {"id": "dee"}]}`,
		"openlayer_pipeline_users.by_id":          `{"users": [{"id": "bo"}], "summary": {"total": 4, "matched": 1, "cost": 20}}`,
		"openlayer_pipeline_users.active":         `{"users": [{"id": "ada"}], "summary": {"total": 4, "matched": 1}}`,
		"openlayer_pipeline_users.inactive":       `{"users": null, "summary": {"total": 4, "matched": 3, "cost": 32.5}}`,
		"openlayer_pipeline_users.all_at_once":    `{"users": [{"id": "cy"}, {"id": "ada"}]}`,
	})
}

// An invalid argument is an error at this argument, before the provider sends a request.
func TestAccOpenlayerPipelineUsersInvalid(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accFail(t, newTestProvider(f.environment()), `
locals {
  pipeline = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
}

data "openlayer_pipeline_users" "no_pipeline" {
  provider = llmusers
}

data "openlayer_pipeline_users" "no_uuid" {
  provider              = llmusers
  inference_pipeline_id = "support-bot"
}

data "openlayer_pipeline_users" "no_such_argument" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  workspace = "x"
}

data "openlayer_pipeline_users" "no_such_timeout" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  timeouts {
    open = "5m"
  }
}

data "openlayer_pipeline_users" "no_timeout" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  timeouts {
    read = "30"
  }
}

data "openlayer_pipeline_users" "too_large_pages" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  per_page = 101
}

data "openlayer_pipeline_users" "another_value" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  column_filters = [{ measurement = "cost", operator = ">", string_value = "10" }]
}

data "openlayer_pipeline_users" "half_a_row" {
  provider              = llmusers
  inference_pipeline_id = local.pipeline

  row_id_list = [1.5]
}
`, map[string][]string{
		"openlayer_pipeline_users.no_pipeline":      {"Missing required argument", `The argument "inference_pipeline_id" is required`},
		"openlayer_pipeline_users.no_uuid":          {`inference_pipeline_id = "support-bot"`, "The value of inference_pipeline_id must be a UUID"},
		"openlayer_pipeline_users.no_such_argument": {"Unsupported argument", `"workspace" is not expected here`},
		"openlayer_pipeline_users.no_such_timeout":  {"Unsupported argument", `"open" is not expected here`},
		"openlayer_pipeline_users.no_timeout":       {`read = "30"`, `The value of timeouts.read must be a duration greater than 0, such as 30s. It is "30".`},
		"openlayer_pipeline_users.too_large_pages":  {"per_page = 101", "The value of per_page must be a whole number from 1 to 100. It is 101."},
		"openlayer_pipeline_users.another_value":    {"The value of column_filters[0].string_value", `does not fit the operator ">"`},
		"openlayer_pipeline_users.half_a_row":       {"row_id_list", "must be a whole number. It is 1.5."},
	})
	if sent := len(f.openlayer.Requests()); sent > 0 {
		t.Errorf("the provider sent %d requests, want none", sent)
	}
}

// An error of a read is an error of the plan.
func TestAccOpenlayerPipelineUsersErrors(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	responses := map[string]struct {
		status int
		body   string
	}{
		"000000000401": {401, `{"code": 401, "error": "Invalid API key."}`},
		"000000000404": {404, `{"code": 404, "error": "Pipeline not found."}`},
		"000000000500": {500, `{"code": 500, "error": "Oops."}`},
		"000000000200": {200, `<html>Sign in</html>`},
		"000000000202": {202, `{"success": true}`},
	}
	f.openlayer.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		for suffix, response := range responses {
			if strings.Contains(r.URL.Path, suffix) {
				if response.status == http.StatusAccepted {
					w.Header().Set("Retry-After", "60")
				}
				w.WriteHeader(response.status)
				fmt.Fprint(w, response.body)
				return true
			}
		}
		return false
	}
	p := newTestProvider(f.environment())
	accFail(t, p, `
data "openlayer_pipeline_users" "no_such_column" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  sort_column = "shoe_size"
}

data "openlayer_pipeline_users" "too_few" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

  user_ids  = ["nobody"]
  min_users = 1
}

data "openlayer_pipeline_users" "unauthorized" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-000000000401"
}

data "openlayer_pipeline_users" "not_found" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-000000000404"
}

data "openlayer_pipeline_users" "unavailable" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-000000000500"
}

data "openlayer_pipeline_users" "html" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-000000000200"
}

data "openlayer_pipeline_users" "loading" {
  provider              = llmusers
  inference_pipeline_id = "182bd5e5-6e1a-4fe4-a799-000000000202"

  timeouts {
    read = "30s"
  }
}
`, map[string][]string{
		"openlayer_pipeline_users.no_such_column": {
			"Openlayer rejects the request", "Request: POST " + f.openlayerServer.URL + "/v1/inference-pipelines/" + testPipeline + "/users",
			"HTTP 400 Bad Request, code 400,", "there is no column", "Attempts: 1", "sort_column",
		},
		"openlayer_pipeline_users.too_few":      {"Too few users", "min_users = 1", "Matching users: 0. min_users requires 1."},
		"openlayer_pipeline_users.unauthorized": {"Openlayer does not accept the credential", `HTTP 401 Unauthorized, code 401, "Invalid API key."`, "Attempts: 1", "openlayer_api_key", envOpenlayerAPIKey},
		"openlayer_pipeline_users.not_found":    {"Not found by Openlayer", `HTTP 404 Not Found, code 404, "Pipeline not found."`, "inference_pipeline_id = ", "Check inference_pipeline_id"},
		"openlayer_pipeline_users.unavailable":  {"Openlayer is not available", `HTTP 500 Internal Server Error, code 500, "Oops."`, "Attempts: 5", "max_retries"},
		"openlayer_pipeline_users.html":         {"Unexpected response from Openlayer", "is not JSON", "<html>Sign in</html>", "openlayer_base_url"},
		"openlayer_pipeline_users.loading": {
			"Time limit reached while reading from Openlayer", "HTTP 202 Accepted", "the next request was due in 1m0s", "does not mean that there are no users", "Raise timeouts.read",
		},
	})
}

// The first request has the arguments of the configuration, with every type of value.
func TestOpenlayerPipelineUsersRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, query, body string }{
		"a page":            {`"page": 7`, "page=7", `{}`},
		"a small page":      {`"page": 7, "per_page": 3`, "page=7&perPage=3", `{}`},
		"small pages":       {`"per_page": 3`, "page=1&perPage=3", `{}`},
		"a column":          {`"sort_column": "cost"`, "page=1&perPage=100&sortColumn=cost", `{}`},
		"a column, asc":     {`"sort_column": "cost", "asc": true`, "asc=true&page=1&perPage=100&sortColumn=cost", `{}`},
		"asc but no column": {`"asc": false`, "asc=false&page=1&perPage=100", `{}`},
		"provider arguments": {`"user_ids": ["a"], "user_id_regex": "a", "active_since": "2026-01-30T08:00:00Z", "inactive_since": "2026-01-31T08:00:00Z",
			"include_users": false, "min_users": 0, "max_users": 9, "timeouts": {"read": "1m"}`, "page=1&perPage=100", `{}`},
		"no arguments":           {``, "page=1&perPage=100", `{}`},
		"empty list of filters":  {`"column_filters": []`, "page=1&perPage=100", `{"columnFilters": []}`},
		"a number":               {`"column_filters": [{"measurement": "m", "operator": ">=", "number_value": 0.1}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": ">=", "value": 0.1}]}`},
		"a large number":         {`"column_filters": [{"measurement": "m", "operator": "<", "number_value": 123456789012345678901234567890}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "<", "value": 123456789012345678901234567890}]}`},
		"a negative number":      {`"column_filters": [{"measurement": "m", "operator": "is", "number_value": -0.000001}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "is", "value": -0.000001}]}`},
		"zero":                   {`"column_filters": [{"measurement": "m", "operator": "is", "number_value": 0}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "is", "value": 0}]}`},
		"a string":               {`"column_filters": [{"measurement": "m", "operator": "!=", "string_value": "Ä\"<&>"}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "!=", "value": "Ä\"<&>"}]}`},
		"an empty string":        {`"column_filters": [{"measurement": "m", "operator": "is", "string_value": ""}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "is", "value": ""}]}`},
		"false":                  {`"column_filters": [{"measurement": "m", "operator": "is", "bool_value": false}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "is", "value": false}]}`},
		"null":                   {`"column_filters": [{"measurement": "m", "operator": "!=", "null_value": true}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "!=", "value": null}]}`},
		"strings and numbers":    {`"column_filters": [{"measurement": "m", "operator": "one_of", "string_values": ["b", "a"], "number_values": [2, 1.5]}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "one_of", "value": ["b", "a", 2, 1.5]}]}`},
		"empty list of strings":  {`"column_filters": [{"measurement": "m", "operator": "none_of", "string_values": []}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "none_of", "value": []}]}`},
		"only numbers":           {`"column_filters": [{"measurement": "m", "operator": "contains_all", "number_values": [1]}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "m", "operator": "contains_all", "value": [1]}]}`},
		"five filters, in order": {`"column_filters": [{"measurement": "5", "operator": "is", "null_value": true}, {"measurement": "4", "operator": "is", "null_value": true}, {"measurement": "3", "operator": "is", "null_value": true}, {"measurement": "2", "operator": "is", "null_value": true}, {"measurement": "1", "operator": "is", "null_value": true}]`, "page=1&perPage=100", `{"columnFilters": [{"measurement": "5", "operator": "is", "value": null}, {"measurement": "4", "operator": "is", "value": null}, {"measurement": "3", "operator": "is", "value": null}, {"measurement": "2", "operator": "is", "value": null}, {"measurement": "1", "operator": "is", "value": null}]}`},
		"searches":               {`"search_query_or": ["a"], "search_query_and": ["b", "c"], "not_search_query_or": ["d"], "not_search_query_and": []`, "page=1&perPage=100", `{"searchQueryOr": ["a"], "searchQueryAnd": ["b", "c"], "notSearchQueryOr": ["d"], "notSearchQueryAnd": []}`},
		"rows":                   {`"row_id_list": [9007199254740993, 0, -9223372036854775808], "exclude_row_id_list": [1]`, "page=1&perPage=100", `{"rowIdList": [9007199254740993, 0, -9223372036854775808], "excludeRowIdList": [1]}`},
		"empty list of rows":     {`"row_id_list": []`, "page=1&perPage=100", `{"rowIdList": []}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachListing(t, "openlayer_pipeline_users", func(t *testing.T, l testListing, kind string) {
				f := newFakes(t)
				l.serve(f, "[]")
				env := l.fakeEnvironment(f)
				env[envMaxConcurrency] = "1" // so that the first request is for the first page
				s := newServer(t, newTestProvider(env))
				s.configure(t, `{}`)
				if _, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with(test.config)); hasError(diagnostics) {
					t.Fatal(text(diagnostics))
				}
				r := f.openlayer.Requests()[0]
				if got := string(r.Body); !reflect.DeepEqual(fromJSON(t, got), fromJSON(t, test.body)) {
					t.Errorf("sent %s, want %s", got, test.body)
				}
				if got := r.Query.Encode(); got != test.query {
					t.Errorf("sent ?%s, want ?%s", got, test.query)
				}
				if got, want := r.Header.Get("User-Agent"), "Terraform/1.11.4 terraform-provider-llmusers/test"; got != want {
					t.Errorf("User-Agent: %s, want %s", got, want)
				}
			})
		})
	}
}

// The validation reports each invalid argument, at this argument.
func TestOpenlayerPipelineUsersValidation(t *testing.T) {
	t.Parallel()
	filter := func(filter string) string { return `"column_filters": [` + filter + `]` }
	tests := []validationTest{
		{name: "all arguments", config: `"page": 1, "per_page": 100, "sort_column": "cost", "asc": false,
			"column_filters": [{"measurement": "a", "operator": ">", "number_value": 1},
				{"measurement": "b", "operator": "is", "null_value": true}, {"measurement": "c", "operator": "!=", "bool_value": false},
				{"measurement": "d", "operator": "is", "string_value": ""},
				{"measurement": "e", "operator": "one_of", "string_values": ["x"], "number_values": []}],
			"search_query_or": ["a"], "search_query_and": ["x"], "not_search_query_or": ["` + strings.Repeat("é", 300) + `"],
			"not_search_query_and": ["b"], "row_id_list": [-1, 0, 9007199254740993], "exclude_row_id_list": [3],
			"timeouts": {"read": "90s"}`},
		{name: "not a UUID", config: `"inference_pipeline_id": "182bd5e5"`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "empty uuid", config: `"inference_pipeline_id": ""`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "uuid in braces", config: `"inference_pipeline_id": "{182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e}"`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "uuid with a path", config: `"inference_pipeline_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e/../x"`, at: "inference_pipeline_id", want: "must be a UUID"},
		{name: "fraction of a page", config: `"page": 1.5`, at: "page", want: "The value of page must be a whole number, at least 1. It is 1.5."},
		{name: "page 0", config: `"page": 0`, at: "page", want: "at least 1. It is 0."},
		{name: "per_page 0", config: `"per_page": 0`, at: "per_page", want: "a whole number from 1 to 100"},
		{name: "per_page 101", config: `"per_page": 101`, at: "per_page", want: "a whole number from 1 to 100"},
		{name: "empty sort_column", config: `"sort_column": ""`, at: "sort_column", want: "must not be empty"},
		{name: "asc alone", config: `"asc": true`, at: "asc", want: "sort_column is not set", warning: true},
		{name: "unknown asc alone", config: `"asc": true`, unknown: []string{"asc"}},
		{name: "asc with an unknown sort_column", config: `"asc": true`, unknown: []string{"sort_column"}},
		{name: "six filters", config: `"column_filters": [` + strings.Repeat(`{"measurement": "a", "operator": "is", "null_value": true},`, 5) + `{"measurement": "a", "operator": "is", "null_value": true}]`,
			at: "column_filters", want: "at most 5"},
		{name: "null filter", config: filter(`null`), at: "column_filters[0]", want: "must not be null"},
		{name: "no measurement", config: filter(`{"measurement": "", "operator": "is", "null_value": true}`), at: "column_filters[0].measurement", want: "must not be empty"},
		{name: "unknown operator", config: filter(`{"measurement": "a", "operator": "=", "number_value": 1}`), at: "column_filters[0].operator", want: `must be >, >=, <, <=, is, !=, contains_none, contains_any, contains_all, one_of or none_of. It is "="`},
		{name: "greater than a string", config: filter(`{"measurement": "a", "operator": ">", "string_value": "1"}`),
			at: "column_filters[0].string_value", want: `does not fit the operator ">", which accepts number_value.`},
		{name: "greater than, without a value", config: filter(`{"measurement": "a", "operator": ">="}`),
			at: "column_filters[0].operator", want: `is ">=", which needs number_value. This filter has no value.`},
		{name: "greater than an unknown number", config: filter(`{"measurement": "a", "operator": ">="}`), unknown: []string{"column_filters.number_value"}},
		{name: "is, with two values", config: filter(`{"measurement": "a", "operator": "is", "string_value": "1", "number_value": 1}`),
			at: "column_filters[0].operator", want: `is "is", which accepts one of number_value, string_value, bool_value and null_value = true. 2 are set: number_value, string_value.`},
		{name: "is, with a list", config: filter(`{"measurement": "a", "operator": "is", "string_values": ["1"]}`),
			at: "column_filters[0].string_values", want: `does not fit the operator "is"`},
		{name: "one_of without a value", config: filter(`{"measurement": "a", "operator": "one_of"}`),
			at: "column_filters[0].operator", want: `is "one_of", which needs string_values, number_values, or both. This filter has no value.`},
		{name: "contains_any with a number", config: filter(`{"measurement": "a", "operator": "contains_any", "number_value": 1}`),
			at: "column_filters[0].number_value", want: `does not fit the operator "contains_any"`},
		{name: "contains_any with a null", config: filter(`{"measurement": "a", "operator": "contains_any", "string_values": [null]}`),
			at: "column_filters[0].string_values[0]", want: "must not be null"},
		{name: "is, without a value", config: filter(`{"measurement": "a", "operator": "is", "string_value": null}`),
			at: "column_filters[0].operator", want: `This filter has no value. Check it for null, and for a misspelt name, which Terraform ignores.`},
		{name: "is not, without a value", config: filter(`{"measurement": "a", "operator": "!="}`), at: "column_filters[0].operator", want: "This filter has no value."},
		{name: "null, and a value", config: filter(`{"measurement": "a", "operator": "is", "null_value": true, "bool_value": false}`),
			at: "column_filters[0].operator", want: "2 are set: bool_value, null_value."},
		{name: "null_value = false", config: filter(`{"measurement": "a", "operator": "is", "null_value": false}`), at: "column_filters[0].null_value", want: "must be true"},
		{name: "greater than null", config: filter(`{"measurement": "a", "operator": ">", "null_value": true}`), at: "column_filters[0].null_value", want: `does not fit the operator ">"`},
		{name: "unknown null_value", config: filter(`{"measurement": "a", "operator": "is"}`), unknown: []string{"column_filters.null_value"}},
		{name: "none_of with an empty list", config: filter(`{"measurement": "a", "operator": "none_of", "string_values": []}`),
			at: "column_filters[0].string_values", want: "has no elements", warning: true},
		{name: "empty column_filters", config: `"column_filters": []`, at: "column_filters", want: "column_filters has no elements, so nothing is filtered. To leave the argument out, set it to null.", warning: true},
		{name: "empty user ID", config: `"user_ids": ["a", ""]`, at: "user_ids[1]", want: "must not be empty."},
		{name: "empty search", config: `"not_search_query_and": []`, at: "not_search_query_and", want: "Openlayer does not document what that means", warning: true},
		{name: "empty user_ids", config: `"user_ids": []`, at: "user_ids", want: "so no user matches", warning: true},
		{name: "empty pattern", config: `"user_id_regex": ""`, at: "user_id_regex", want: "must not be empty"},
		{name: "unknown operator value", config: filter(`{"measurement": "a"}`), unknown: []string{"column_filters.operator"}},
		{name: "301 characters in search_query_or", config: `"search_query_or": ["` + strings.Repeat("é", 301) + `"]`, at: "search_query_or[0]", want: "at most 300"},
		{name: "301 characters in search_query_and", config: `"search_query_and": ["a", "` + strings.Repeat("x", 301) + `"]`, at: "search_query_and[1]", want: "at most 300"},
		{name: "empty search", config: `"not_search_query_or": ["a", ""]`, at: "not_search_query_or[1]", want: "must not be empty."},
		{name: "301 characters in not_search_query_or", config: `"not_search_query_or": ["` + strings.Repeat("x", 301) + `"]`, at: "not_search_query_or[0]", want: "at most 300"},
		{name: "301 characters in not_search_query_and", config: `"not_search_query_and": ["` + strings.Repeat("x", 301) + `"]`, at: "not_search_query_and[0]", want: "at most 300"},
		{name: "null text", config: `"search_query_or": [null]`, at: "search_query_or[0]", want: "must not be null"},
		{name: "null row", config: `"row_id_list": [null]`, at: "row_id_list[0]", want: "must not be null"},
		{name: "null row to exclude", config: `"exclude_row_id_list": [1, null]`, at: "exclude_row_id_list[1]", want: "must not be null"},
		{name: "fraction of a row", config: `"row_id_list": [1.5]`, at: "row_id_list[0]", want: "must be a whole number. It is 1.5."},
		{name: "pattern that does not compile", config: `"user_id_regex": "["`, at: "user_id_regex", want: "must be a regular expression (RE2)"},
		{name: "invalid date", config: `"active_since": "2026-02-30T00:00:00Z"`, at: "active_since", want: "must be a time in RFC 3339"},
		{name: "date without a time", config: `"inactive_since": "2026-02-01"`, at: "inactive_since", want: `such as 2026-01-31T08:00:00Z. It is "2026-02-01"`},
		{name: "no time between two dates", config: `"active_since": "2026-03-01T00:00:00Z", "inactive_since": "2026-02-01T00:00:00Z"`, at: "inactive_since", want: `must be after active_since, which is "2026-03-01T00:00:00Z". Otherwise no user matches. It is "2026-02-01T00:00:00Z"`},
		{name: "null id", config: `"user_ids": ["a", null]`, at: "user_ids[1]", want: "must not be null"},
		{name: "fraction of a user", config: `"max_users": 1.5`, at: "max_users", want: "a whole number, at least 0. It is 1.5."},
		{name: "invalid timeout", config: `"timeouts": {"read": "5 minutes"}`, at: "timeouts.read", want: `The value of timeouts.read must be a duration greater than 0, such as 30s. It is "5 minutes".`},
		{name: "timeout without a unit", config: `"timeouts": {"read": "30"}`, at: "timeouts.read", want: `such as 30s. It is "30".`},
		{name: "timeout of 0", config: `"timeouts": {"read": "0s"}`, at: "timeouts.read", want: "must be a duration greater than 0"},
		{name: "negative timeout", config: `"timeouts": {"read": "-1m"}`, at: "timeouts.read", want: `such as 30s. It is "-1m".`},
		{name: "timeout left out", config: `"timeouts": {}`},
		{name: "unknown timeout", config: `"timeouts": {}`, unknown: []string{"timeouts.read"}},
		{name: "unknown timeouts", unknown: []string{"timeouts"}},
		{name: "negative min_users", config: `"min_users": -1`, at: "min_users", want: "The value of min_users must be a whole number, at least 0. It is -1."},
		{name: "min_users greater than max_users", config: `"min_users": 3, "max_users": 2`, at: "min_users", want: "must not be greater than max_users, which is 2. It is 3."},
		{name: "min_users equal to max_users", config: `"min_users": 2, "max_users": 2`},
		{name: "unknown max_users", config: `"min_users": 2`, unknown: []string{"max_users"}},
	}
	for i := range tests {
		if !strings.Contains(tests[i].config, "inference_pipeline_id") {
			tests[i].config = strings.TrimSuffix(`"inference_pipeline_id": "`+testPipeline+`", `+tests[i].config, ", ")
		}
	}
	runValidationTests(t, "openlayer_pipeline_users", tests)
}
