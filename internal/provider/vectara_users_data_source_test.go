package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// accTeam are members of an account, not sorted by ID.
var accTeam = []vectaratest.User{
	{
		ID: 1000, Handle: "olga", Email: "olga@northwind.example", Type: "USER_TYPE__USER", Comment: "founder", TsCreate: 1700000000,
		IDCreate: 9, UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_Owner", "CustomerRole_Billing_Admin"},
	},
	{
		ID: 9, Handle: "abel", Email: "abel@northwind.example", Type: "USER_TYPE__USER", TsCreate: 1600000000, IDCreate: 1000,
		UserStatus: "USER_STATUS__DISABLED", Roles: []string{"CustomerRole_Admin"},
	},
	{ID: 31, Handle: "indexer", Type: "USER_TYPE__APP_CLIENT"},
	{
		ID: 200, Handle: "fern", Email: "fern@northwind.example", Type: "USER_TYPE__FEDERATED_USER", TsCreate: 1650000000, IDCreate: 1000,
		UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_None"},
	},
}

// Without arguments, the result has all users with all attributes, sorted by ID.
func TestAccVectaraUsers(t *testing.T) {
	t.Parallel()
	const config = `
data "vectara_users" "all" {
  provider = llmusers
}
`
	for version, want := range map[string]string{
		"v1": `{
			"users": [
				{"id": "9", "handle": "abel", "email": "abel@northwind.example", "type": "USER_TYPE__USER", "user_status": "USER_STATUS__DISABLED",
					"enabled": false, "roles": ["CustomerRole_Admin"], "comment": "", "ts_create": 1600000000, "created_at": "2020-09-13T12:26:40Z", "id_create": "1000",
					"updated_at": null, "corpus_roles": null, "agent_roles": null},
				{"id": "31", "handle": "indexer", "email": "", "type": "USER_TYPE__APP_CLIENT", "user_status": "USER_STATUS__NONE",
					"enabled": null, "roles": [], "comment": "", "ts_create": 0, "created_at": null, "id_create": "0"},
				{"id": "200", "handle": "fern", "type": "USER_TYPE__FEDERATED_USER", "user_status": "USER_STATUS__ACTIVE", "enabled": true, "roles": ["CustomerRole_None"]},
				{"id": "1000", "handle": "olga", "roles": ["CustomerRole_Billing_Admin", "CustomerRole_Owner"], "comment": "founder", "id_create": "9"}
			],
			"next_page_key": null,
			"summary": {"total": 4, "matched": 4,
				"without_role": 2, "privileged": 2, "app_clients": 1,
				"by_role": {"owner": 1, "administrator": 1, "billing_administrator": 1},
				"by_status": {"USER_STATUS__ACTIVE": 2, "USER_STATUS__DISABLED": 1, "USER_STATUS__NONE": 1},
				"by_type": {"USER_TYPE__USER": 2, "USER_TYPE__FEDERATED_USER": 1, "USER_TYPE__APP_CLIENT": 1}}
		}`,
		"v2": `{
			"users": [
				{"id": "app_31", "handle": "indexer", "app_client": true, "email": null, "type": "USER_TYPE__APP_CLIENT"},
				{"id": "usr_1000", "handle": "olga", "email": "olga@northwind.example", "type": null, "user_status": "USER_STATUS__ACTIVE", "enabled": true,
					"roles": ["billing_administrator", "owner"], "comment": "founder", "ts_create": 1700000000, "created_at": "2023-11-14T22:13:20Z", "id_create": null,
					"corpus_roles": [], "agent_roles": []},
				{"id": "usr_200", "handle": "fern", "app_client": false, "roles": []}, {"id": "usr_9", "handle": "abel", "enabled": false, "roles": ["administrator"]}
			],
			"next_page_key": null,
			"summary": {"total": 4, "matched": 4, "without_role": 2, "privileged": 2, "app_clients": 1,
				"by_role": {"owner": 1, "administrator": 1, "billing_administrator": 1}, "by_type": {"USER_TYPE__APP_CLIENT": 1}}
		}`,
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			env := accFakes(t).environment()
			env[envVectaraAPIVersion] = version
			accApply(t, newTestProvider(env), config, map[string]string{"vectara_users.all": want})
		})
	}
}

func TestAccVectaraUsersArguments(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accApply(t, newTestProvider(f.environment()), `
data "vectara_users" "nulls" {
  provider = llmusers

  customer_id     = null
  list_users_type = null
  num_results     = null
  page_key        = null
  roles           = null
  enabled         = null
  include_users   = null
}

data "vectara_users" "customer" {
  provider = llmusers

  customer_id     = "1526022105"
  list_users_type = "LIST_USERS_TYPE__CUSTOMER"
  request_timeout = "2m"
  timeouts {
    read = "90s"
  }
}

data "vectara_users" "none" {
  provider = llmusers

  list_users_type = "LIST_USERS_TYPE__NONE"
}

data "vectara_users" "small_pages" {
  provider = llmusers

  num_results = 3
}

data "vectara_users" "first_page" {
  provider = llmusers

  page_key    = ""
  num_results = 3
}

data "vectara_users" "second_page" {
  provider = llmusers

  page_key    = data.vectara_users.first_page.next_page_key
  num_results = 3
}

data "vectara_users" "enabled" {
  provider = llmusers

  enabled   = true
  roles     = ["CustomerRole_Owner", "CustomerRole_Admin"]
  min_users = 1
  max_users = 1
}

data "vectara_users" "disabled" {
  provider = llmusers

  enabled       = false
  include_users = false
}

data "vectara_users" "app_clients" {
  provider = llmusers

  types    = ["USER_TYPE__APP_CLIENT"]
  statuses = ["USER_STATUS__NONE"]
}

data "vectara_users" "by_address" {
  provider = llmusers

  emails      = ["OLGA@northwind.example", "fern@northwind.example"]
  email_regex = "^O"
}
`, map[string]string{
		"vectara_users.nulls":       `{"users": [{"id": "9"}, {"id": "31"}, {"id": "200"}, {"id": "1000"}], "next_page_key": null}`,
		"vectara_users.customer":    `{"users": [{"id": "9"}, {"id": "1000"}]}`,
		"vectara_users.none":        `{"users": [], "source": {"app_clients": false}}`,
		"vectara_users.small_pages": `{"users": [{"id": "9"}, {"id": "31"}, {"id": "200"}, {"id": "1000"}], "next_page_key": null}`,
		"vectara_users.first_page":  `{"users": [{"id": "9"}, {"id": "31"}, {"id": "1000"}]}`,
		"vectara_users.second_page": `{"users": [{"id": "200"}], "next_page_key": null}`,
		"vectara_users.enabled":     `{"users": [{"id": "1000"}], "summary": {"total": 4, "matched": 1}}`,
		"vectara_users.disabled":    `{"users": null, "summary": {"total": 4, "matched": 1}}`,
		"vectara_users.app_clients": `{"users": [{"id": "31"}]}`,
		"vectara_users.by_address":  `{"users": [{"id": "1000"}]}`,
	})
}

// If Vectara has retired v1, a configuration with an app client fails with the advice to use v2, and succeeds with v2.
// An argument of v1 is then an error.
func TestAccVectaraUsersFromV1ToV2(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	f.vectara.ClientID, f.vectara.ClientSecret, f.vectara.Corpora = "acc-client", "acc-secret", []string{"handbook"}
	f.vectara.V1Gone = http.StatusGone
	provider := func(version string) string {
		return accPreamble + fmt.Sprintf(`
variable "secret" {
  default = "acc-secret"
}

provider "llmusers" {
  vectara_customer_id   = "1526022105"
  vectara_client_id     = "acc-client"
  vectara_client_secret = var.secret
  vectara_token_url     = %q
  vectara_base_url      = %q
  vectara_api_version   = %q
}
`, f.vectaraServer.URL+vectaratest.TokenPath, f.vectaraServer.URL, version)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: accProvider(newTestProvider(nil)),
		Steps: []resource.TestStep{
			{
				Config: provider("v1") + `
data "vectara_users" "team" {
  provider = llmusers
}
`,
				PlanOnly:    true,
				ExpectError: accMessage("Vectara does not have this API", "HTTP 410 Gone", "2025-08-16", `vectara_api_version = "v2"`),
			},
			{
				Config: provider("v2") + `
data "vectara_users" "readers" {
  provider = llmusers

  corpus_key      = "handbook"
  num_results     = 1
  request_timeout = "5s"
}
`,
				ConfigStateChecks: accState(t, "vectara_users.readers", `{"next_page_key": null}`),
			},
			{
				Config: provider("v2") + `
data "vectara_users" "team" {
  provider = llmusers

  customer_id = "1526022105"
}
`,
				PlanOnly:    true,
				ExpectError: accMessage("Argument of another version", "finds the account by the credential"),
			},
		},
	})
}

// An invalid argument is an error at this argument, before the provider sends a request.
func TestAccVectaraUsersInvalid(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	accFail(t, newTestProvider(f.environment()), `
data "vectara_users" "customer_id" {
  provider = llmusers

  customer_id = "acme"
}

data "vectara_users" "list_users_type" {
  provider = llmusers

  list_users_type = "ALL"
}

data "vectara_users" "num_results" {
  provider = llmusers

  num_results = 0
}

data "vectara_users" "request_timeout" {
  provider = llmusers

  request_timeout = "30S"
}

data "vectara_users" "statuses" {
  provider = llmusers

  statuses = ["DISABLED"]
}

data "vectara_users" "emails" {
  provider = llmusers

  emails = ["olga@northwind.example "]
}

data "vectara_users" "corpus_key" {
  provider = llmusers

  corpus_key = "support articles"
}

data "vectara_users" "limits" {
  provider = llmusers

  min_users = 2
  max_users = 1
}
`, map[string][]string{
		"vectara_users.customer_id":     {"The value of customer_id must be a Vectara customer ID, which has digits only", "It has 4 characters"},
		"vectara_users.list_users_type": {"The value of list_users_type must be LIST_USERS_TYPE__ALL, LIST_USERS_TYPE__CUSTOMER or LIST_USERS_TYPE__NONE"},
		"vectara_users.num_results":     {"The value of num_results must be a whole number from 1 to 4294967295. It is 0."},
		"vectara_users.request_timeout": {"must be a whole number of seconds", `It is "30S"`},
		"vectara_users.statuses":        {`statuses = ["DISABLED"]`, `The value of statuses[0] must begin with USER_STATUS__, such as USER_STATUS__ACTIVE. It is "DISABLED".`},
		"vectara_users.emails":          {"The value of emails[0] must not begin or end with white space"},
		"vectara_users.corpus_key":      {"The value of corpus_key must be the key of a corpus"},
		"vectara_users.limits":          {"The value of min_users must not be greater than max_users, which is 1. It is 2."},
	})
	if sent := len(f.vectara.Requests()); sent > 0 {
		t.Errorf("the provider sent %d requests, want none", sent)
	}
}

// An error of a read is an error of the plan.
func TestAccVectaraUsersErrors(t *testing.T) {
	t.Parallel()
	f := accFakes(t)
	responses := map[string]struct { // by the header Timeout of the request
		status int
		body   string
	}{
		"41S": {401, `{"code": 16, "message": "JWT Token failed to authenticate.", "details": []}`},
		"42S": {200, `{"user": [], "pageKey": "", "status": {"code": "PERMISSION_DENIED", "statusDetail": "Not an owner."}}`},
		"43S": {429, `{"code": 8, "message": "Slow down.", "details": []}`},
		"44S": {200, `<html>Sign in</html>`},
		"45S": {200, `{"user": [], "pageKey": "AAAA"}`},
	}
	f.vectara.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		timeout := r.Header.Get("Timeout")
		if timeout == "46S" {
			<-r.Context().Done() // no response
			panic(http.ErrAbortHandler)
		}
		response, ok := responses[timeout]
		if ok {
			w.WriteHeader(response.status)
			fmt.Fprint(w, response.body)
		}
		return ok
	}
	accFail(t, newTestProvider(f.environment()), `
data "vectara_users" "another_account" {
  provider = llmusers

  customer_id = "1526022106"
}

data "vectara_users" "another_page" {
  provider = llmusers

  page_key = "bm90IG91cnM="
}

data "vectara_users" "too_few" {
  provider = llmusers

  roles     = ["CustomerRole_Corpus_Admin"]
  min_users = 1
}

data "vectara_users" "unauthenticated" {
  provider = llmusers

  request_timeout = "41s"
}

data "vectara_users" "denied_in_a_200" {
  provider = llmusers

  request_timeout = "42s"
}

data "vectara_users" "rate_limited" {
  provider = llmusers

  request_timeout = "43s"
}

data "vectara_users" "html" {
  provider = llmusers

  request_timeout = "44s"
}

data "vectara_users" "same_key" {
  provider = llmusers

  request_timeout = "45s"
  num_results     = 1
}

data "vectara_users" "silent" {
  provider = llmusers

  request_timeout = "46s"
  timeouts {
    read = "200ms"
  }
}
`, map[string][]string{
		"vectara_users.another_account": {"Vectara denies access", "HTTP 403 Forbidden, code 7,", "customer 1526022106", "Attempts: 1"},
		"vectara_users.another_page":    {"Vectara rejects the request", "HTTP 400 Bad Request, code 3,", "pageKey", "Attempts: 1"},
		"vectara_users.too_few":         {"Too few users", "min_users = 1", "Matching users: 0. min_users requires 1."},
		"vectara_users.unauthenticated": {
			"Vectara does not accept the credential", `HTTP 401 Unauthorized, code 16, "JWT Token failed to authenticate."`, "Attempts: 1",
			"vectara_oauth_token", envVectaraOAuthToken, "Request: POST " + f.vectaraServer.URL + "/v1/list-users",
		},
		"vectara_users.denied_in_a_200": {"Vectara denies access", `HTTP 200 OK, code PERMISSION_DENIED, "Not an owner."`, "Attempts: 1"},
		"vectara_users.rate_limited":    {"Vectara limits the rate of requests", "HTTP 429", "code 8", "Attempts: 5"},
		"vectara_users.html":            {"Unexpected response from Vectara", "is not JSON", "vectara_base_url"},
		"vectara_users.same_key":        {"Listing from Vectara is inconsistent", "would never end"},
		"vectara_users.silent":          {"Time limit reached while reading from Vectara", "Raise timeouts.read"},
	})
}

// The first request has the arguments of the configuration.
func TestVectaraUsersRequests(t *testing.T) {
	t.Parallel()
	const own = `"roles": ["owner"], "statuses": ["USER_STATUS__ACTIVE"], "emails": ["a"], "email_regex": "a", "enabled": true,
		"include_users": false, "min_users": 0, "max_users": 9, "timeouts": {"read": "1m"}`
	for name, test := range map[string]struct{ listing, config, want string }{
		"v1":                     {"vectara_users v1", ``, `POST /v1/list-users? 1526022105 30S {"listUsersType":"LIST_USERS_TYPE__ALL","numResults":100}`},
		"v1, everything":         {"vectara_users v1", `"customer_id": "7", "list_users_type": "LIST_USERS_TYPE__CUSTOMER", "num_results": 4294967295, "request_timeout": "2m"`, `POST /v1/list-users? 7 120S {"listUsersType":"LIST_USERS_TYPE__CUSTOMER","numResults":4294967295}`},
		"v1, the first page":     {"vectara_users v1", `"page_key": ""`, `POST /v1/list-users? 1526022105 30S {"listUsersType":"LIST_USERS_TYPE__ALL","numResults":100}`},
		"v1, a page":             {"vectara_users v1", `"page_key": "AAAA"`, `POST /v1/list-users? 1526022105 30S {"listUsersType":"LIST_USERS_TYPE__ALL","numResults":100,"pageKey":"AAAA"}`},
		"v1, provider arguments": {"vectara_users v1", own, `POST /v1/list-users? 1526022105 30S {"listUsersType":"LIST_USERS_TYPE__ALL","numResults":100}`},
		"v2":                     {"vectara_users v2", ``, `GET /v2/users?limit=100  30 `},
		"v2, everything":         {"vectara_users v2", `"corpus_key": "handbook", "num_results": 1, "request_timeout": "5s"`, `GET /v2/users?corpus_key=handbook&limit=1  5 `},
		"v2, the first page":     {"vectara_users v2", `"page_key": ""`, `GET /v2/users?limit=100  30 `},
		"v2, a page":             {"vectara_users v2", `"page_key": "AA=="`, `GET /v2/users?limit=100&page_key=AA%3D%3D  30 `},
		"v2, provider arguments": {"vectara_users v2", own, `GET /v2/users?limit=100  30 `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachListing(t, test.listing, func(t *testing.T, l testListing, kind string) {
				f := newFakes(t)
				l.serve(f, "[]")
				s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
				s.configure(t, `{}`)
				if _, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with(test.config)); hasError(diagnostics) {
					t.Fatal(text(diagnostics))
				}
				r := f.vectara.Requests()[0]
				timeout := r.Header.Get("Timeout")
				if l.version == "v2" {
					timeout = r.Header.Get("Request-Timeout")
				} else if r.Header.Get("Grpc-Timeout") != timeout {
					t.Errorf("grpc-timeout: %s, timeout: %s", r.Header.Get("Grpc-Timeout"), timeout)
				}
				got := fmt.Sprintf("%s %s?%s %s %s %s", r.Method, r.Path, r.Query.Encode(), r.Header.Get("Customer-Id"), timeout, strings.TrimSpace(string(r.Body)))
				if got != test.want {
					t.Errorf("sent %s\nwant %s", got, test.want)
				}
				if got, want := r.Header.Get("User-Agent"), "Terraform/1.11.4 terraform-provider-llmusers/test"; got != want {
					t.Errorf("User-Agent: %s, want %s", got, want)
				}
			})
		})
	}
}

func TestVectaraUsersValidation(t *testing.T) {
	t.Parallel()
	runValidationTests(t, "vectara_users", []validationTest{
		{name: "no arguments"},
		{name: "all arguments", config: `"customer_id": "1526022105", "list_users_type": "LIST_USERS_TYPE__CUSTOMER", "num_results": 4294967295,
			"page_key": "", "request_timeout": "2m", "timeouts": {"read": "1h"}`},
		{name: "list type NONE", config: `"list_users_type": "LIST_USERS_TYPE__NONE"`},
		{name: "customer id with letters", config: `"customer_id": "acme"`, at: "customer_id", want: "digits only"},
		{name: "empty customer id", config: `"customer_id": ""`, at: "customer_id", want: "digits only"},
		{name: "customer id with a header in it", config: `"customer_id": "1\r\nX-Evil: 1"`, at: "customer_id", want: "digits only"},
		{name: "unknown list type", config: `"list_users_type": "ALL"`, at: "list_users_type", want: "LIST_USERS_TYPE__ALL"},
		{name: "zero results", config: `"num_results": 0`, at: "num_results", want: "a whole number from 1 to 4294967295"},
		{name: "too many results", config: `"num_results": 4294967296`, at: "num_results", want: "a whole number from 1 to 4294967295"},
		{name: "timeout without a unit", config: `"request_timeout": "30"`, at: "request_timeout", want: `written as a duration such as 45s or 2m. It is "30"`},
		{name: "timeout in the format of gRPC", config: `"request_timeout": "30S"`, at: "request_timeout", want: `It is "30S"`},
		{name: "fraction of a second", config: `"request_timeout": "1.5s"`, at: "request_timeout", want: "whole number of seconds"},
		{name: "zero request_timeout", config: `"request_timeout": "0s"`, at: "request_timeout", want: "at least 1"},
		{name: "more than eight digits", config: `"request_timeout": "100000000s"`, at: "request_timeout", want: "whole number of seconds"},
		{name: "empty roles", config: `"roles": []`, at: "roles", want: "so no user matches", warning: true},
		{name: "null role", config: `"roles": [null]`, at: "roles[0]", want: "must not be null"},
		{name: "pattern that does not compile", config: `"email_regex": "(@"`, at: "email_regex", want: "must be a regular expression"},
		{name: "fraction of a user", config: `"max_users": 0.5`, at: "max_users", want: "a whole number, at least 0"},
		{name: "negative users", config: `"max_users": -1`, at: "max_users", want: "a whole number, at least 0"},
		{name: "timeout of 0", config: `"timeouts": {"read": "0s"}`, at: "timeouts.read", want: "must be a duration greater than 0"},
		{name: "every filter", config: `"roles": ["CustomerRole_Owner", "owner"], "statuses": ["USER_STATUS__NONE"], "types": ["USER_TYPE__USER"],
			"emails": ["Ada@northwind.example"], "email_regex": "^a", "enabled": false, "corpus_key": "a_B=9-"`},
		{name: "status without its prefix", config: `"statuses": ["USER_STATUS__ACTIVE", "ACTIVE"]`, at: "statuses[1]", want: `must begin with USER_STATUS__, such as USER_STATUS__ACTIVE. It is "ACTIVE".`},
		{name: "type without its prefix", config: `"types": ["user_type__user"]`, at: "types[0]", want: `must begin with USER_TYPE__, such as USER_TYPE__USER. It is "user_type__user".`},
		{name: "unknown statuses", config: `"statuses": []`, unknown: []string{"statuses"}},
		{name: "unknown role", config: `"roles": ["owner", "customerrole_owner"]`, at: "roles[1]", warning: true,
			want: `The value of roles[1] is "customerrole_owner", which this version of the provider does not know. If Vectara has not added this role since, no user matches it. The known names are CustomerRole_Owner, CustomerRole_Admin, CustomerRole_Billing_Admin, CustomerRole_Corpus_Admin, CustomerRole_None, owner, administrator,`},
		{name: "unknown status", config: `"statuses": ["USER_STATUS__ACTIV"]`, at: "statuses[0]", warning: true, want: "The known names are USER_STATUS__ACTIVE, USER_STATUS__DISABLED, USER_STATUS__NONE."},
		{name: "unknown type", config: `"types": ["USER_TYPE__USER", "USER_TYPE__ROBOT"]`, at: "types[1]", warning: true, want: "If Vectara has not added this type since, no user matches it."},
		{name: "unknown value of roles", config: `"roles": []`, unknown: []string{"roles"}},
		{name: "empty address", config: `"emails": ["ada@northwind.example", ""]`, at: "emails[1]", want: "must not be empty."},
		{name: "address with a space", config: `"emails": ["ada@northwind.example", " bo@northwind.example"]`, at: "emails[1]", want: `must not begin or end with white space, because no user would match. It is " bo@northwind.example".`},
		{name: "address with a line break", config: `"emails": ["ada@northwind.example\n"]`, at: "emails[0]", want: "white space"},
		{name: "corpus_key and customer_id", config: `"corpus_key": "a", "customer_id": "1"`, at: "customer_id", want: "must be null together with corpus_key, because customer_id is for REST v1 and corpus_key is for v2. Remove one of them."},
		{name: "corpus_key and list_users_type", config: `"corpus_key": "a", "list_users_type": "LIST_USERS_TYPE__ALL"`, at: "list_users_type", want: "must be null together with corpus_key"},
		{name: "corpus_key and app clients", config: `"corpus_key": "a", "include_app_clients": true`, at: "include_app_clients", want: "must not be true together with corpus_key"},
		{name: "the type of app clients without include_app_clients", config: `"include_app_clients": false, "types": ["USER_TYPE__USER", "USER_TYPE__APP_CLIENT"]`, at: "types[1]", want: "must not be USER_TYPE__APP_CLIENT together with include_app_clients = false"},
		{name: "another type without include_app_clients", config: `"include_app_clients": false, "types": ["USER_TYPE__USER"]`},
		{name: "include_app_clients and their type", config: `"include_app_clients": true, "types": ["USER_TYPE__APP_CLIENT"]`},
		{name: "corpus_key without app clients", config: `"corpus_key": "a", "include_app_clients": false`},
		{name: "corpus_key and a customer ID known later", config: `"corpus_key": "a", "customer_id": "1"`, unknown: []string{"customer_id"}},
		{name: "empty corpus_key", config: `"corpus_key": ""`, at: "corpus_key", want: "1 to 50 letters"},
		{name: "corpus_key with a space", config: `"corpus_key": "support articles"`, at: "corpus_key", want: `It is "support articles"`},
		{name: "corpus_key with a letter outside of ASCII", config: `"corpus_key": "ä"`, at: "corpus_key", want: "1 to 50 letters"},
		{name: "corpus_key of 50 characters", config: `"corpus_key": "` + strings.Repeat("x", 50) + `"`},
		{name: "corpus_key of 51 characters", config: `"corpus_key": "` + strings.Repeat("x", 51) + `"`, at: "corpus_key", want: "1 to 50 letters"},
	})
}
