package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// vectaraUsersModel has the arguments and the result.
type vectaraUsersModel struct {
	CustomerID     types.String `tfsdk:"customer_id"`
	ListUsersType  types.String `tfsdk:"list_users_type"`
	NumResults     types.Number `tfsdk:"num_results"`
	PageKey        types.String `tfsdk:"page_key"`
	CorpusKey      types.String `tfsdk:"corpus_key"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
	Roles          types.List   `tfsdk:"roles"`
	Statuses       types.List   `tfsdk:"statuses"`
	Types          types.List   `tfsdk:"types"`
	Emails         types.List   `tfsdk:"emails"`
	EmailRegex     types.String `tfsdk:"email_regex"`
	Enabled        types.Bool   `tfsdk:"enabled"`
	AppClients     types.Bool   `tfsdk:"include_app_clients"`
	usersArguments

	Users       types.List           `tfsdk:"users"`
	NextPageKey types.String         `tfsdk:"next_page_key"`
	Source      *sourceModel         `tfsdk:"source"`
	Summary     *vectaraSummaryModel `tfsdk:"summary"`
}

// vectaraUsers is the attribute users, with the attributes of a user.
var vectaraUsers = list[vectara.User]{
	name:        "users",
	description: "The users, ordered by `id`. The roles of a user are sorted, too. The list is empty if no user matches, and null with `include_users = false`. An attribute that the API does not return is null.",
	element: biglist.NewObject(map[string]biglist.Attribute[vectara.User]{
		"id": biglist.NewAttribute(biglist.String, "ID of the user. With REST v1, the ID has only digits. With v2, it begins with `usr_`, or with `app_` for an app client.",
			func(u *vectara.User) *string { return u.ID }),
		"handle": biglist.NewAttribute(biglist.String, "Name of the user. A Kelvin sign (U+212A), which Terraform would change to K, is U+FFFD.",
			func(u *vectara.User) *string { return u.Handle }),
		"email": biglist.NewAttribute(biglist.String, "Email address of the user. A Kelvin sign is U+FFFD, as in `handle`. Null for an app client with REST v2.",
			func(u *vectara.User) *string { return u.Email }),
		"app_client": biglist.NewAttribute(biglist.Bool, "Whether the user is a program (an OAuth app client) and not a person. Not part of the API.",
			func(u *vectara.User) *bool { return &u.AppClient }),
		"type": biglist.NewAttribute(biglist.String, "Kind of user: `USER_TYPE__USER`, `USER_TYPE__FEDERATED_USER` (signs in at another identity provider), "+
			"`USER_TYPE__APP_CLIENT`, `USER_TYPE__NONE`, or a value that is newer than this provider. With REST v2, only app clients have a type.",
			func(u *vectara.User) *string { return u.Type }),
		"user_status": biglist.NewAttribute(biglist.String, "Status of the user: `USER_STATUS__ACTIVE`, `USER_STATUS__DISABLED`, `USER_STATUS__NONE`, or a value that is "+
			"newer than this provider. With REST v2, the provider derives one of the first two values from `enabled`.",
			func(u *vectara.User) *string { return u.UserStatus }),
		"enabled": biglist.NewAttribute(biglist.Bool, "True if the user is active, false if the user is disabled, null if the API returns neither. With REST v1, the provider derives the value from `user_status`.",
			func(u *vectara.User) *bool { return u.Enabled }),
		"roles": biglist.NewAttribute(biglist.Strings, "Account-level roles, with the names of the version that the provider read. `api_roles` has the same names with both versions. "+
			"An empty list does not prove that the user has no access.",
			func(u *vectara.User) []string { return u.Roles }),
		"api_roles": biglist.NewAttribute(biglist.Strings, "Account-level roles, with the names of REST v2 for both versions: `owner`, `administrator`, `billing_administrator`, "+
			"`corpus_administrator` and others. Vectara may add names that this provider does not know.",
			(*vectara.User).APIRoles),
		"entitlements": biglist.NewAttribute(biglist.ListOf(entitlement), "All permissions of the user that the API returns: account-level roles and, with REST v2, roles on corpora and agents, "+
			"and the operations that `api_policy` allows. The list itself is not part of the API.",
			(*vectara.User).Entitlements),
		"privileged": biglist.NewAttribute(biglist.Bool, "Whether any of the `entitlements` is privileged. Not part of the API.",
			func(u *vectara.User) *bool { privileged := u.Privileged(); return &privileged }),
		"comment": biglist.NewAttribute(biglist.String, "Comment on the user.",
			func(u *vectara.User) *string { return u.Comment }),
		"ts_create": biglist.NewAttribute(biglist.Int64, "Time of the user's creation, in seconds since 1970-01-01T00:00:00Z. `0` if REST v1 does not know the time.",
			func(u *vectara.User) *int64 { return u.TsCreate }),
		"created_at": biglist.NewAttribute(biglist.String, "Time of the user's creation, in RFC 3339, such as `2026-01-31T08:00:00Z`. With REST v1, the provider derives it from `ts_create`. Null if `ts_create` is 0.",
			func(u *vectara.User) *string { return u.CreatedAt }),
		"id_create": biglist.NewAttribute(biglist.String, "ID of the user who created this user, in digits. REST v1 only. Null with v2.",
			func(u *vectara.User) *string { return u.IDCreate }),
		"updated_at": biglist.NewAttribute(biglist.String, "Time of the user's last change, in RFC 3339. REST v2 only. Null with v1.",
			func(u *vectara.User) *string { return u.UpdatedAt }),
		"corpus_roles": biglist.NewAttribute(biglist.ListOf(corpusRole), "Roles on corpora. REST v2 only. Null with v1.",
			func(u *vectara.User) []vectara.CorpusRole { return u.CorpusRoles }),
		"agent_roles": biglist.NewAttribute(biglist.ListOf(agentRole), "Roles on agents. REST v2 only. Null with v1.",
			func(u *vectara.User) []vectara.AgentRole { return u.AgentRoles }),
		"api_policy": biglist.NewAttribute(apiPolicy, "Policy that allows the user operations in addition to the roles. Null if the API returns no policy. Vectara does not document the meaning of a policy with a name and without operations: `entitlements` then has the role `any operation`. REST v2 only. Null with v1.",
			func(u *vectara.User) *vectara.APIPolicy { return u.APIPolicy }),
	}),
}

// entitlement has the attributes of a role or an allowed operation, of any scope.
var entitlement = biglist.NewObject(map[string]biglist.Attribute[vectara.Entitlement]{
	"scope":    biglist.NewAttribute(biglist.String, "Scope of the permission: `account`, `corpus`, `agent` or `operation`.", func(e *vectara.Entitlement) *string { return &e.Scope }),
	"resource": biglist.NewAttribute(biglist.String, "Key of the corpus, the agent or another resource. Null for the account, for an operation on any resource, and for a role on a corpus or an agent whose key the API does not return. REST v2 only. Null with v1.", func(e *vectara.Entitlement) *string { return e.Resource }),
	"role":     biglist.NewAttribute(biglist.String, "Name of the role in REST v2, or of the operation. `any operation` if `api_policy` has a name and no operations.", func(e *vectara.Entitlement) *string { return &e.Role }),
	"privileged": biglist.NewAttribute(biglist.Bool, "Whether the role is `owner`, or its name ends in `administrator` or `admin`, in any scope, in upper or lower case. An operation is always privileged.",
		func(e *vectara.Entitlement) *bool { return &e.Privileged }),
})

// apiPolicy has the attributes of a policy, which allows single operations.
var apiPolicy = biglist.NewObject(map[string]biglist.Attribute[vectara.APIPolicy]{
	"name": biglist.NewAttribute(biglist.String, "Name of the policy.", func(p *vectara.APIPolicy) *string { return p.Name }),
	"allowed_operations": biglist.NewAttribute(biglist.MapOf(operationPolicy), "The operations, by name. A null value allows the operation on any resource.",
		func(p *vectara.APIPolicy) map[string]*vectara.OperationPolicy { return p.AllowedOperations }),
})

// operationPolicy has the resources that an operation is allowed on.
var operationPolicy = biglist.NewObject(map[string]biglist.Attribute[vectara.OperationPolicy]{
	"allow_any_resource": biglist.NewAttribute(biglist.Bool, "Whether the operation is allowed on any resource.", func(p *vectara.OperationPolicy) *bool { return p.AllowAnyResource }),
	"allowed_resources": biglist.NewAttribute(biglist.MapOf(biglist.Strings), "Keys of the resources on which the operation is allowed, by the parameter of the request, such as `path.corpus_key`.",
		func(p *vectara.OperationPolicy) map[string][]string { return p.AllowedResources }),
})

// corpusRole has the attributes of a role in a corpus.
var corpusRole = biglist.NewObject(map[string]biglist.Attribute[vectara.CorpusRole]{
	"corpus_key": biglist.NewAttribute(biglist.String, "Key of the corpus.", func(r *vectara.CorpusRole) *string { return r.CorpusKey }),
	"role":       biglist.NewAttribute(biglist.String, "Role on the corpus.", func(r *vectara.CorpusRole) *string { return r.Role }),
})

// agentRole has the attributes of a role in an agent.
var agentRole = biglist.NewObject(map[string]biglist.Attribute[vectara.AgentRole]{
	"agent_key": biglist.NewAttribute(biglist.String, "Key of the agent.", func(r *vectara.AgentRole) *string { return r.AgentKey }),
	"role":      biglist.NewAttribute(biglist.String, "Role on the agent.", func(r *vectara.AgentRole) *string { return r.Role }),
})

// vectaraSummaryModel has the counts of the matched users.
type vectaraSummaryModel struct {
	counts
	WithoutRole types.Int64      `tfsdk:"without_role"`
	Privileged  types.Int64      `tfsdk:"privileged"`
	AppClients  types.Int64      `tfsdk:"app_clients"`
	ByRole      map[string]int64 `tfsdk:"by_role"`
	ByStatus    map[string]int64 `tfsdk:"by_status"`
	ByType      map[string]int64 `tfsdk:"by_type"`
}

func vectaraUsersSchema() schema.Schema {
	filter := func(description string, validators ...validator.List) schema.ListAttribute {
		return schema.ListAttribute{
			MarkdownDescription: description + " " + filtered,
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          append([]validator.List{noNulls{}, keepsNoUser}, validators...),
		}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	}
	countsBy := func(description string) schema.MapAttribute {
		return schema.MapAttribute{MarkdownDescription: description, ElementType: types.Int64Type, Computed: true}
	}
	return schema.Schema{
		MarkdownDescription: "Lists the users of a Vectara account with their roles: people, federated users (people who sign in at another identity " +
			"provider) and app clients (programs). API keys are not part of the listing. `vectara_api_version` of the provider selects REST v1 or v2.\n\n" +
			"The provider reads all pages of the listing. If it cannot, it returns an error and no users. Set `page_key` to read a single page.",
		Attributes: vectaraUsers.with(map[string]schema.Attribute{
			"customer_id": schema.StringAttribute{
				MarkdownDescription: "ID of the account, in digits, such as `1526022105`. REST v1 only: v2 gets the account from the credential. " +
					"Default: `vectara_customer_id` of the provider.",
				Optional:   true,
				Validators: []validator.String{valid(checkCustomerID)},
			},
			"list_users_type": schema.StringAttribute{
				MarkdownDescription: "Which users to list: `" + vectara.ListAll + "`, `" + vectara.ListCustomer + "` (users with an account-level role), " +
					"or `" + vectara.ListNone + "` (the default of the API, which Vectara does not explain). " +
					"REST v1 only: v2 lists all users. Default: `" + vectara.ListAll + "`.",
				Optional:   true,
				Validators: []validator.String{valid(oneOf(vectara.ListAll, vectara.ListCustomer, vectara.ListNone))},
			},
			"num_results": schema.NumberAttribute{
				MarkdownDescription: "Number of users on a page: at least 1, and at most 100 with REST v2. Vectara documents no limit for v1. Default: `100`.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, vectara.MaxNumResultsV1}},
			},
			"corpus_key": schema.StringAttribute{
				MarkdownDescription: "Keeps the users who have access to the corpus with this key: 1 to 50 letters, digits, `_`, `=` and `-`. REST v2 only.",
				Optional:            true,
				Validators:          []validator.String{valid(checkCorpusKey), ofCorpus{}},
			},
			"page_key": schema.StringAttribute{
				MarkdownDescription: "Key of a single page to read: `next_page_key` of the page before, or `\"\"` for the first page. " +
					"Default: null, which reads the whole listing.",
				Optional: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Time that Vectara has to return a page: whole seconds, as a duration such as `45s` or `2m`. Default: `30s`.",
				Optional:            true,
				Validators:          []validator.String{valid(checkRequestTimeout)},
			},
			"roles": filter("Keeps the users with at least one of these account-level roles. REST v1: "+markdownList(vectara.RolesV1)+
				". REST v2: "+markdownList(vectara.RolesV2)+". The first four roles of v1 are the first four of v2, and both names work with either version. "+
				"A role that the version does not have is an error. Any other name causes a warning.",
				knownNames{kind: "role", names: slices.Concat(vectara.RolesV1, vectara.RolesV2)}),
			"statuses": filter("Keeps the users with one of these values of `user_status`: "+markdownList(vectara.Statuses)+". REST v2 does not have the last one. A newer value causes a warning.",
				knownNames{kind: "status", prefix: "USER_STATUS__", names: vectara.Statuses}),
			"types": filter("Keeps the users with one of these values of `type`: "+markdownList(vectara.Types)+". A newer value causes a warning. "+
				"REST v2 has only `"+vectara.TypeAppClient+"`. With `include_app_clients = false`, this type is an error.",
				knownNames{kind: "type", prefix: "USER_TYPE__", names: vectara.Types}, listedTypes{}),
			"emails": filter("Keeps the users with these email addresses. The case of ASCII letters does not matter.", eachText(checkNotEmpty), eachText(checkNoOuterSpace)),
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Keeps the users whose attribute `enabled` has this value. Null matches neither `true` nor `false`. " + filtered,
				Optional:            true,
			},
			"email_regex": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose email address contains a match of this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)), " +
					"such as `@northwind\\.example$`. The case of ASCII letters does not matter. A missing address counts as an empty string. " + filtered,
				Optional:   true,
				Validators: []validator.String{valid(checkPattern)},
			},
			"include_app_clients": schema.BoolAttribute{
				MarkdownDescription: "Whether to return app clients. REST v1 lists them among the users. REST v2 has a separate listing of app clients, which the " +
					"provider does not read with `corpus_key` or `page_key`. `source.app_clients` is true if the provider read app clients. Default: `true`. Not part of the API.",
				Optional: true,
			},
			"summary": vectaraUsers.summary("Counts of the matched users.", map[string]schema.Attribute{
				"without_role": number("Number of matched users without an account-level role."),
				"privileged":   number("Number of matched users who are privileged."),
				"app_clients":  number("Number of matched users that are app clients."),
				"by_role":      countsBy("Number of matched users with each account-level role, by the role's name in REST v2. A user with two roles counts for both."),
				"by_status":    countsBy("Number of matched users with each `user_status`."),
				"by_type":      countsBy("Number of matched users with each `type`."),
			}),
			"next_page_key": schema.StringAttribute{
				MarkdownDescription: "Key of the next page. Null on the last page, and if `page_key` is null. Give the block for the next page a `count`, " +
					"because a null `page_key` reads the whole listing.",
				Computed: true,
			},
			"source": sourceAttribute("The customer ID. REST v1 only. Null with v2."),
		}),
	}
}

func (m *vectaraUsersModel) read(ctx context.Context, clients *clients, deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	access, deferred, diags := clients.vectara.get(m.CustomerID, deferralAllowed)
	query := m.query()
	query.Version, query.CustomerID = access.version, access.customerID
	filter := m.filter(ctx, &diags)
	m.validateVersion(access, &diags)
	if diags.HasError() || deferred {
		return deferred, diags
	}
	m.Source = m.source(access, query)
	m.Users = vectaraUsers.element.NullList()
	diags.Append(vectaraUsers.read(ctx, listArguments(m.usersArguments), reader[vectara.User]{
		fetch: func(ctx context.Context) ([]vectara.User, error) {
			listing, err := access.client.Users(ctx, query)
			if listing.NextPageKey != "" {
				m.NextPageKey = types.StringValue(listing.NextPageKey)
			}
			return listing.Users, err
		},
		match: func(ctx context.Context, users []vectara.User) ([]vectara.User, diag.Diagnostics) {
			matched, err := filter.Apply(ctx, users)
			if err != nil {
				return nil, nil // the context has ended, and read reports that
			}
			summary, diags := vectaraSummary(matched, len(users))
			m.Summary = summary
			return matched, diags
		},
		failures: vectaraFailures(access, m.apiArguments()).besideAppClients(),
		logged:   map[string]any{"version": access.version},
	})...)
	return false, diags
}

// apiArguments returns the arguments that the client sends to the API.
func (m *vectaraUsersModel) apiArguments() map[string]attr.Value {
	return map[string]attr.Value{
		"customer_id": m.CustomerID, "list_users_type": m.ListUsersType, "num_results": m.NumResults,
		"page_key": m.PageKey, "corpus_key": m.CorpusKey,
	}
}

// source returns the attribute source.
func (m *vectaraUsersModel) source(access vectaraRead, query vectara.Query) *sourceModel {
	source := access.source
	source.Whole = query.PageKey == nil
	usersAlone := access.version == vectara.V2 && (query.PageKey != nil || query.CorpusKey != "")
	source.AppClients = query.AppClients && !usersAlone && query.ListUsersType != vectara.ListNone
	return &source
}

// ofCorpus is a validator of corpus_key. It rejects other arguments that no version accepts together with it: v1 has no
// corpus_key, and v2 has no customer_id and no list_users_type. v2 lists app clients without a corpus_key.
type ofCorpus struct{ undescribed }

func (ofCorpus) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isKnown(req.ConfigValue) {
		return
	}
	for _, name := range []string{"customer_id", "list_users_type"} {
		var value types.String
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &value)...)
		if value.ValueString() != "" {
			addInvalid(&resp.Diagnostics, path.Root(name), fmt.Errorf(
				"must be null together with corpus_key, because %s is for REST v1 and corpus_key is for v2. Remove one of them", name))
		}
	}
	var appClients types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("include_app_clients"), &appClients)...)
	if appClients.ValueBool() {
		addInvalid(&resp.Diagnostics, path.Root("include_app_clients"), errors.New(
			"must not be true together with corpus_key, because corpus_key applies only to the listing of users. Remove include_app_clients to list only the users, or remove corpus_key"))
	}
}

// listedTypes is a validator of types. It rejects the type of app clients if the block leaves them out: the result
// would be empty, and a rule on it would look at nobody.
type listedTypes struct{ undescribed }

func (listedTypes) ValidateList(ctx context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	var appClients types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("include_app_clients"), &appClients)...)
	if !isKnown(appClients) || appClients.ValueBool() {
		return
	}
	for i, element := range req.ConfigValue.Elements() {
		if element.Equal(types.StringValue(vectara.TypeAppClient)) {
			addInvalid(&resp.Diagnostics, req.Path.AtListIndex(i), fmt.Errorf(
				"must not be %s together with include_app_clients = false, which leaves out all users of this type. Remove one of them", vectara.TypeAppClient))
		}
	}
}

// validateVersion rejects arguments that the version does not have, and names in filters that match no user of the
// version. It runs in read, since the version is not known during validation.
func (m *vectaraUsersModel) validateVersion(access vectaraRead, diags *diag.Diagnostics) {
	misplaced := func(name string, value attr.Value, without string) {
		if !value.IsNull() {
			diags.AddAttributeError(path.Root(name), "Argument of another version", fmt.Sprintf(
				"REST %s %s. Remove %s.%s", access.version, without, name, access.whyVersion()))
		}
	}
	unmatched := func(name string, values types.List, has func(version, value string) bool) {
		for i, value := range elements[string](context.Background(), values, diags) {
			if !has(access.version, value) {
				diags.AddAttributeError(path.Root(name).AtListIndex(i), invalidValue, fmt.Sprintf(
					"The value of %[1]s[%[2]d] is %[3]q, which no user has with REST %[4]s. Remove it from %[1]s, so that a rule does not pass on users that it cannot see.%[5]s",
					name, i, value, access.version, access.whyVersion()))
			}
		}
	}
	unmatched("roles", m.Roles, vectara.HasRole)
	unmatched("statuses", m.Statuses, vectara.HasStatus)
	unmatched("types", m.Types, vectara.HasType)
	switch access.version {
	case vectara.V1:
		misplaced("corpus_key", m.CorpusKey, "cannot list the users of a corpus")
	case vectara.V2:
		misplaced("customer_id", m.CustomerID, "finds the account by the credential")
		misplaced("list_users_type", m.ListUsersType, "always lists all users")
		if m.AppClients.ValueBool() && !m.PageKey.IsNull() {
			diags.AddAttributeError(path.Root("include_app_clients"), invalidValue, fmt.Sprintf(
				"The value of include_app_clients must not be true together with page_key, because page_key applies only to the listing of users. "+
					"Remove include_app_clients to list only the users, or remove page_key.%s", access.whyVersion()))
		}
		if number := int64Of(m.NumResults); number > vectara.MaxNumResultsV2 {
			diags.AddAttributeError(path.Root("num_results"), invalidValue, fmt.Sprintf(
				"The value of num_results must be at most %d with REST v2. It is %d.%s",
				vectara.MaxNumResultsV2, number, access.whyVersion()))
		}
	}
}

// query makes the client's query from the arguments, without the version and the customer ID, which the provider may set.
func (m *vectaraUsersModel) query() vectara.Query {
	// The validator has checked the duration. Without a duration, the client uses its default.
	timeout, _ := time.ParseDuration(m.RequestTimeout.ValueString())
	return vectara.Query{
		ListUsersType: m.ListUsersType.ValueString(),
		NumResults:    int64Of(m.NumResults),
		CorpusKey:     m.CorpusKey.ValueString(),
		PageKey:       m.PageKey.ValueStringPointer(),
		Timeout:       timeout,
		AppClients:    m.AppClients.IsNull() || m.AppClients.ValueBool(),
	}
}

// filter returns the filters that the provider applies.
func (m *vectaraUsersModel) filter(ctx context.Context, diags *diag.Diagnostics) vectara.Filter {
	return vectara.Filter{
		Roles:        elements[string](ctx, m.Roles, diags),
		Statuses:     elements[string](ctx, m.Statuses, diags),
		Types:        elements[string](ctx, m.Types, diags),
		Emails:       elements[string](ctx, m.Emails, diags),
		EmailPattern: pattern(m.EmailRegex, "(?i)"),
		Enabled:      m.Enabled.ValueBoolPointer(),
	}
}

// maxNames is how many names a map of counts may have. Vectara has about 20. With a million names, the plugin
// framework would need minutes, and gigabytes of memory.
const maxNames = 10_000

// vectaraSummary returns the counts of the matched users. total is the number of listed users.
func vectaraSummary(matched []vectara.User, total int) (summary *vectaraSummaryModel, diags diag.Diagnostics) {
	counted := vectara.Summarize(matched)
	if n := max(len(counted.ByRole), len(counted.ByStatus), len(counted.ByType)); n > maxNames {
		diags.AddError("Unexpected response from Vectara", fmt.Sprintf(
			"The users have %d different roles, statuses or types, and the provider counts at most %d. Check that %s is the address of the API.",
			n, maxNames, either(envVectaraBaseURL)))
	}
	return &vectaraSummaryModel{
		counts:      newCounts(total, len(matched)),
		WithoutRole: types.Int64Value(counted.WithoutRole),
		Privileged:  types.Int64Value(counted.Privileged),
		AppClients:  types.Int64Value(counted.AppClients),
		ByRole:      counted.ByRole,
		ByStatus:    counted.ByStatus,
		ByType:      counted.ByType,
	}, diags
}

var corpusKey = regexp.MustCompile(`^[a-zA-Z0-9_=-]{1,50}$`)

func checkCorpusKey(value string) error {
	if !corpusKey.MatchString(value) {
		return fmt.Errorf("must be the key of a corpus, which has 1 to 50 letters, digits, _, = and -. It is %q", value)
	}
	return nil
}

// knownNames is a validator of a list of names of one kind, such as roles. It warns about a name that Vectara does not
// document. This is no error, since Vectara may have added the name. A name without the prefix is an error.
type knownNames struct {
	undescribed
	kind, prefix string
	names        []string
}

func (v knownNames) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		text, ok := element.(types.String)
		if !ok || !isKnown(text) || slices.Contains(v.names, text.ValueString()) {
			continue
		}
		at, name := req.Path.AtListIndex(i), text.ValueString()
		if !strings.HasPrefix(name, v.prefix) {
			addInvalid(&resp.Diagnostics, at, fmt.Errorf("must begin with %s, such as %s. It is %q", v.prefix, v.names[0], name))
			continue
		}
		resp.Diagnostics.AddAttributeWarning(at, "Unknown "+v.kind, fmt.Sprintf(
			"The value of %s is %q, which this version of the provider does not know. If Vectara has not added this %s since, no user matches it.\n\n"+
				"The known names are %s.", at, name, v.kind, strings.Join(v.names, ", ")))
	}
}

// markdownList formats names as code.
func markdownList(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }
