package provider

import (
	"context"
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

// vectaraUsersModel is the arguments and the result.
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

// vectaraUsers is the list of the listing, with an attribute a line.
var vectaraUsers = list[vectara.User]{
	name:        "users",
	description: "The users, ordered by `id`. An empty list where none match, null with `include_users = false`. What the API leaves out is null.",
	element: biglist.NewObject(map[string]biglist.Attribute[vectara.User]{
		"id": biglist.String("ID of the user: a number in digits with REST v1; with v2, text that begins with `usr_`, or with `app_` for an app client.",
			func(u *vectara.User) *string { return u.ID }),
		"handle": biglist.String("Name of the user.",
			func(u *vectara.User) *string { return u.Handle }),
		"email": biglist.String("Mail address of the user. With REST v2, null for an app client.",
			func(u *vectara.User) *string { return u.Email }),
		"app_client": biglist.Bool("Whether the user is a program (an OAuth app client) and not a person.",
			func(u *vectara.User) *bool { return &u.AppClient }),
		"type": biglist.String("Kind of user: `USER_TYPE__USER`, `USER_TYPE__FEDERATED_USER` (signs in at another identity provider), "+
			"`USER_TYPE__APP_CLIENT`, `USER_TYPE__NONE`, or a value that is newer than this provider. With REST v2, null for all users but app clients.",
			func(u *vectara.User) *string { return u.Type }),
		"user_status": biglist.String("Status of the user: `USER_STATUS__ACTIVE`, `USER_STATUS__DISABLED`, `USER_STATUS__NONE`, or a value that is "+
			"newer than this provider. With REST v2 it is one of the first two, and derived from `enabled`.",
			func(u *vectara.User) *string { return u.UserStatus }),
		"enabled": biglist.Bool("Whether the user is active (true) or disabled (false); null where the API says neither. With REST v1 it is derived from `user_status`.",
			func(u *vectara.User) *bool { return u.Enabled }),
		"roles": biglist.Strings("Account-level roles, with the names of the version that was read. `api_roles` has the same names with both versions. "+
			"An empty list does not prove that the user has no access.",
			func(u *vectara.User) []string { return u.Roles }),
		"api_roles": biglist.Strings("Account-level roles with the names of REST v2, whichever version was read: `owner`, `administrator`, `billing_administrator`, "+
			"`corpus_administrator` and others, or names that are newer than this provider.",
			(*vectara.User).APIRoles),
		"entitlements": biglist.Objects("All that the user may do, as far as the API reports it: account-level roles and, with REST v2, roles in single corpora and agents, "+
			"and the operations that an `api_policy` allows.", entitlement,
			(*vectara.User).Entitlements),
		"privileged": biglist.Bool("Whether any of the `entitlements` is privileged.",
			func(u *vectara.User) *bool { privileged := u.Privileged(); return &privileged }),
		"comment": biglist.String("Comment on the user.",
			func(u *vectara.User) *string { return u.Comment }),
		"ts_create": biglist.Int64("When the user was created, in seconds since 1970-01-01T00:00:00Z; `0` where REST v1 does not say.",
			func(u *vectara.User) *int64 { return u.TsCreate }),
		"created_at": biglist.String("When the user was created, in RFC 3339, such as `2026-01-31T08:00:00Z`. With REST v1 it is derived from `ts_create`, and null where that is 0.",
			func(u *vectara.User) *string { return u.CreatedAt }),
		"id_create": biglist.String("ID of the user who created this one, a number in digits. REST v1 only; null with v2.",
			func(u *vectara.User) *string { return u.IDCreate }),
		"updated_at": biglist.String("When the user was last changed, in RFC 3339. REST v2 only; null with v1.",
			func(u *vectara.User) *string { return u.UpdatedAt }),
		"corpus_roles": biglist.Objects("Roles in single corpora. REST v2 only; null with v1.", corpusRole,
			func(u *vectara.User) []vectara.CorpusRole { return u.CorpusRoles }),
		"agent_roles": biglist.Objects("Roles in single agents. REST v2 only; null with v1.", agentRole,
			func(u *vectara.User) []vectara.AgentRole { return u.AgentRoles }),
		"api_policy": biglist.Nested("Policy that allows the user single operations, besides those of the roles; null if the user has none. REST v2 only; null with v1.", apiPolicy,
			func(u *vectara.User) *vectara.APIPolicy { return u.APIPolicy }),
	}),
}

// entitlement is something that a user may do.
var entitlement = biglist.NewObject(map[string]biglist.Attribute[vectara.Entitlement]{
	"scope":    biglist.String("`account`, `corpus`, `agent` or `operation`.", func(e *vectara.Entitlement) *string { return &e.Scope }),
	"resource": biglist.String("Key of the corpus or agent; null for the account, and for an operation on any resource. REST v2 only; null with v1.", func(e *vectara.Entitlement) *string { return e.Resource }),
	"role":     biglist.String("Name of the role in REST v2, or of the operation.", func(e *vectara.Entitlement) *string { return &e.Role }),
	"privileged": biglist.Bool("Whether the role is `owner` or ends in `administrator`, in any scope. An operation is always privileged.",
		func(e *vectara.Entitlement) *bool { return &e.Privileged }),
})

// apiPolicy allows single operations.
var apiPolicy = biglist.NewObject(map[string]biglist.Attribute[vectara.APIPolicy]{
	"name": biglist.String("Name of the policy.", func(p *vectara.APIPolicy) *string { return p.Name }),
	"allowed_operations": biglist.MapOfObjects("The operations, by name. A null value allows the operation on any resource.", operationPolicy,
		func(p *vectara.APIPolicy) map[string]*vectara.OperationPolicy { return p.AllowedOperations }),
})

// operationPolicy says on which resources an operation is allowed.
var operationPolicy = biglist.NewObject(map[string]biglist.Attribute[vectara.OperationPolicy]{
	"allow_any_resource": biglist.Bool("Whether the operation is allowed on any resource.", func(p *vectara.OperationPolicy) *bool { return p.AllowAnyResource }),
	"allowed_resources": biglist.MapOfStrings("Keys of the resources on which it is allowed, by the parameter that names them, such as `path.corpus_key`.",
		func(p *vectara.OperationPolicy) map[string][]string { return p.AllowedResources }),
})

// corpusRole is a role in one corpus.
var corpusRole = biglist.NewObject(map[string]biglist.Attribute[vectara.CorpusRole]{
	"corpus_key": biglist.String("Key of the corpus.", func(r *vectara.CorpusRole) *string { return r.CorpusKey }),
	"role":       biglist.String("Role in the corpus.", func(r *vectara.CorpusRole) *string { return r.Role }),
})

// agentRole is a role at one agent.
var agentRole = biglist.NewObject(map[string]biglist.Attribute[vectara.AgentRole]{
	"agent_key": biglist.String("Key of the agent.", func(r *vectara.AgentRole) *string { return r.AgentKey }),
	"role":      biglist.String("Role in the agent.", func(r *vectara.AgentRole) *string { return r.Role }),
})

// vectaraSummaryModel is the counts of the users that match.
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
		MarkdownDescription: "Lists the users of a Vectara account with their roles: people, federated users (people of another identity " +
			"provider) and app clients (programs). API keys are not users, and are not listed. The provider's `vectara_api_version` chooses REST v1 or v2.\n\n" +
			"The result has all users of the listing, however many pages it has; otherwise there is an error. Set `page_key` to read a single page.",
		Attributes: vectaraUsers.with(map[string]schema.Attribute{
			"customer_id": schema.StringAttribute{
				MarkdownDescription: "Number of the account, in digits, such as `1526022105`. REST v1 only: v2 finds the account by the credential. " +
					"Default: the provider's `vectara_customer_id`.",
				Optional:   true,
				Validators: []validator.String{valid(checkCustomerID)},
			},
			"list_users_type": schema.StringAttribute{
				MarkdownDescription: "Which users to list: `" + vectara.ListAll + "`, or `" + vectara.ListCustomer + "` for those with an " +
					"account-level role, or `" + vectara.ListNone + "`, the API's own default, whose meaning Vectara does not document. " +
					"REST v1 only: v2 lists all. Default: `" + vectara.ListAll + "`.",
				Optional:   true,
				Validators: []validator.String{valid(oneOf(vectara.ListAll, vectara.ListCustomer, vectara.ListNone))},
			},
			"num_results": schema.NumberAttribute{
				MarkdownDescription: "How many users a page holds: at least 1, and at most 100 with REST v2. v1 documents no limit. Default: `100`.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, vectara.MaxNumResultsV1}},
			},
			"corpus_key": schema.StringAttribute{
				MarkdownDescription: "Keeps the users who have access to the corpus with this key: 1 to 50 letters, digits, `_`, `=` and `-`. REST v2 only.",
				Optional:            true,
				Validators:          []validator.String{valid(checkCorpusKey)},
			},
			"page_key": schema.StringAttribute{
				MarkdownDescription: "Reads the one page at this key: the `next_page_key` of the page before it, or `\"\"` for the first. " +
					"Default: null, which reads the whole listing.",
				Optional: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long Vectara may take for each page: whole seconds, written as a duration such as `45s` or `2m`. Default: `30s`.",
				Optional:            true,
				Validators:          []validator.String{valid(checkRequestTimeout)},
			},
			"roles": filter("Keeps the users with at least one of these account-level roles, by their name in either version. "+
				"REST v1: "+markdownList(vectara.RolesV1)+". REST v2: "+markdownList(vectara.RolesV2)+". Any other name causes a warning.", knownRoles{}),
			"statuses": filter("Keeps the users with one of these values of `user_status`: `USER_STATUS__ACTIVE`, `USER_STATUS__DISABLED`, `USER_STATUS__NONE`, or a newer one.",
				eachText(prefixed("USER_STATUS__", "USER_STATUS__ACTIVE"))),
			"types": filter("Keeps the users with one of these values of `type`: `USER_TYPE__USER`, `USER_TYPE__FEDERATED_USER`, `USER_TYPE__APP_CLIENT`, "+
				"`USER_TYPE__NONE`, or a newer one. With REST v2, `USER_TYPE__APP_CLIENT` alone.", eachText(prefixed("USER_TYPE__", "USER_TYPE__USER"))),
			"emails": filter("Keeps the users with these mail addresses. ASCII letters match in upper and lower case.", eachText(checkNoOuterSpace)),
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Keeps the users whose attribute `enabled` has this value. A user whose `enabled` is null matches neither `true` nor `false`. " + filtered,
				Optional:            true,
			},
			"email_regex": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose mail address matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) " +
					"somewhere, such as `@northwind\\.example$`. ASCII letters match in upper and lower case. A user without an address matches as if the address were empty. " + filtered,
				Optional:   true,
				Validators: []validator.String{valid(checkPattern)},
			},
			"include_app_clients": schema.BoolAttribute{
				MarkdownDescription: "Whether the result has app clients. REST v1 lists them among the users. REST v2 has a separate listing of app clients, which the provider does not read with " +
					"`corpus_key` or `page_key`. `source.app_clients` says whether app clients were read. Default: `true`. Added by the provider.",
				Optional: true,
			},
			"summary": vectaraUsers.summary("Counts of the matched users.", map[string]schema.Attribute{
				"without_role": number("How many of the matched users have no account-level role."),
				"privileged":   number("How many of the matched users are privileged."),
				"app_clients":  number("How many of the matched users are app clients."),
				"by_role":      countsBy("How many of the matched users hold each account-level role, by its name in REST v2. A user with two roles counts in both."),
				"by_status":    countsBy("How many of the matched users have each `user_status`."),
				"by_type":      countsBy("How many of the matched users have each `type`."),
			}),
			"next_page_key": schema.StringAttribute{
				MarkdownDescription: "With `page_key`: the key of the next page, null after the last page. Without `page_key`: null. A block whose `page_key` is null " +
					"reads the whole listing, so give a block for the next page a `count`.",
				Computed: true,
			},
			"source": sourceAttribute("The customer ID. REST v1 only; null with v2."),
		}),
	}
}

func (m *vectaraUsersModel) read(ctx context.Context, clients *clients, deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	access, deferred, diags := clients.vectara.get(m.CustomerID, deferralAllowed)
	query := m.query()
	query.CustomerID = access.customerID
	filter := m.filter(ctx, &diags)
	m.validateVersion(access, &diags)
	if diags.HasError() || deferred {
		return deferred, diags
	}
	m.Source = m.source(access, query)
	m.Users = vectaraUsers.read(ctx, listArguments(m.usersArguments), reader[vectara.User]{
		fetch: func(ctx context.Context) ([]vectara.User, error) {
			listing, err := access.client.Users(ctx, query)
			if listing.NextPageKey != "" {
				m.NextPageKey = types.StringValue(listing.NextPageKey)
			}
			return listing.Users, err
		},
		match: func(ctx context.Context, users []vectara.User) ([]vectara.User, diag.Diagnostics) {
			matched := filter.Apply(ctx, users)
			summary, diags := vectaraSummary(matched, len(users))
			m.Summary = summary
			return matched, diags
		},
		failures: vectaraFailures(access, m.apiArguments()).besideAppClients(),
		logged:   map[string]any{"version": access.version},
	}, &diags)
	return false, diags
}

// apiArguments are the arguments that are sent to the API.
func (m *vectaraUsersModel) apiArguments() map[string]attr.Value {
	return map[string]attr.Value{
		"customer_id": m.CustomerID, "list_users_type": m.ListUsersType, "num_results": m.NumResults,
		"page_key": m.PageKey, "corpus_key": m.CorpusKey,
	}
}

// source says what was read.
func (m *vectaraUsersModel) source(access vectaraRead, query vectara.Query) *sourceModel {
	source := access.source
	source.Whole = query.PageKey == nil
	usersAlone := access.version == vectara.V2 && (query.PageKey != nil || query.CorpusKey != "")
	source.AppClients = query.AppClients && !usersAlone && query.ListUsersType != vectara.ListNone
	return &source
}

// validateVersion finds arguments that the version does not have, which is known when the block is
// read.
func (m *vectaraUsersModel) validateVersion(access vectaraRead, diags *diag.Diagnostics) {
	misplaced := func(name string, value attr.Value, without string) {
		if !value.IsNull() {
			diags.AddAttributeError(path.Root(name), "Argument of another version", fmt.Sprintf(
				"REST %s, which is read because %s, %s. Leave %s out. %s", access.version, access.because, without, name, access.otherWay()))
		}
	}
	switch access.version {
	case vectara.V1:
		misplaced("corpus_key", m.CorpusKey, "cannot list the users of a corpus")
	case vectara.V2:
		misplaced("customer_id", m.CustomerID, "takes the account from the credential")
		misplaced("list_users_type", m.ListUsersType, "lists all users")
		if types := elements[string](context.Background(), m.Types, diags); slices.ContainsFunc(types, func(t string) bool { return t != "USER_TYPE__APP_CLIENT" }) {
			misplaced("types", m.Types, "has no types but USER_TYPE__APP_CLIENT, so that no other user would match")
		}
		for _, name := range []string{"corpus_key", "page_key"} {
			if argument := m.apiArguments()[name]; m.AppClients.ValueBool() && !argument.IsNull() {
				diags.AddAttributeError(path.Root("include_app_clients"), invalidValue, fmt.Sprintf(
					"The value of include_app_clients must not be true beside %s with REST v2, which is read because %s: its listing of app clients has no such argument. "+
						"Leave include_app_clients out, which reads the users alone, or leave %[1]s out.", name, access.because))
			}
		}
		if number := int64Of(m.NumResults); number > vectara.MaxNumResultsV2 {
			diags.AddAttributeError(path.Root("num_results"), invalidValue, fmt.Sprintf(
				"The value of num_results must be at most %d with REST v2, which is read because %s; it is %d. %s",
				vectara.MaxNumResultsV2, access.because, number, access.otherWay()))
		}
	}
}

// query is the request that the arguments describe, without the customer ID, which may be the provider's.
func (m *vectaraUsersModel) query() vectara.Query {
	// The validator has checked the duration; without one, the client has a default.
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

// filter is the filters of the provider.
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

// maxNames is how many different names a map of counts may have. Vectara has some twenty; a million would take
// the plugin framework minutes, and gigabytes of memory.
const maxNames = 10_000

// vectaraSummary is the counts of the users that match, of all that were listed.
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
		return fmt.Errorf("must be the key of a corpus, which has 1 to 50 letters, digits, _, = and -; it is %q", value)
	}
	return nil
}

// knownRoles is a validator of roles. A name that this provider does not know is only a warning: Vectara
// may have added a role.
type knownRoles struct{ undescribed }

func (knownRoles) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	known := slices.Concat(vectara.RolesV1, vectara.RolesV2)
	for i, element := range req.ConfigValue.Elements() {
		name, ok := element.(types.String)
		if !ok || !isKnown(name) || slices.Contains(known, name.ValueString()) {
			continue
		}
		at := req.Path.AtListIndex(i)
		resp.Diagnostics.AddAttributeWarning(at, "Unknown role", fmt.Sprintf(
			"The value of %s is %q, and this provider knows no such role. Unless Vectara has added it since, no user matches it. The most similar name is %s.\n\n"+
				"REST v1 has %s.\n\nREST v2 has %s.",
			at, name.ValueString(), mostSimilar(name.ValueString(), known), strings.Join(vectara.RolesV1, ", "), strings.Join(vectara.RolesV2, ", ")))
	}
}

// markdownList is a list of names in code.
func markdownList(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }
