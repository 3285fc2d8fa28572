package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// vectaraUsersModel is the data source's arguments and result.
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
	IncludeUsers   types.Bool   `tfsdk:"include_users"`
	MaxUsers       types.Number `tfsdk:"max_users"`

	Users       types.List        `tfsdk:"users"`
	NextPageKey types.String      `tfsdk:"next_page_key"`
	Summary     *teamSummaryModel `tfsdk:"summary"`
}

// vectaraUsersData and vectaraUsersEphemeral differ in their time limits.
type vectaraUsersData struct {
	vectaraUsersModel
	dataSourceTimeout
}

type vectaraUsersEphemeral struct {
	vectaraUsersModel
	ephemeralTimeout
}

// teamSummaryModel counts the users.
type teamSummaryModel struct {
	Total    types.Int64      `tfsdk:"total"`
	Matched  types.Int64      `tfsdk:"matched"`
	ByRole   map[string]int64 `tfsdk:"by_role"`
	ByStatus map[string]int64 `tfsdk:"by_status"`
	ByType   map[string]int64 `tfsdk:"by_type"`
}

// teamMember is one of the users.
var teamMember = biglist.NewObject(map[string]biglist.Attribute[vectara.User]{
	"id": biglist.String("The user: a number in digits from REST v1, a text that begins with `usr_` from v2.",
		func(u *vectara.User) *string { return u.ID }),
	"handle": biglist.String("Name of the user.",
		func(u *vectara.User) *string { return u.Handle }),
	"email": biglist.String("Mail address of the user.",
		func(u *vectara.User) *string { return u.Email }),
	"type": biglist.String("Kind of user, from REST v1 only: `USER_TYPE__USER`, `USER_TYPE__FEDERATED_USER` (signs in at another identity provider), "+
		"`USER_TYPE__APP_CLIENT`, `USER_TYPE__NONE`, or a value that is newer than this provider.",
		func(u *vectara.User) *string { return u.Type }),
	"user_status": biglist.String("Status of the user: `USER_STATUS__ACTIVE`, `USER_STATUS__DISABLED`, `USER_STATUS__NONE`, or a value that is "+
		"newer than this provider. REST v2 only tells whether a user is enabled, which is put into the first two.",
		func(u *vectara.User) *string { return u.UserStatus }),
	"enabled": biglist.Bool("Whether the user is active (true) or disabled (false); null where the API says neither. For REST v1 it is made of `user_status`.",
		func(u *vectara.User) *bool { return u.Enabled }),
	"roles": biglist.Strings("Account-level roles. From REST v1: `CustomerRole_Owner`, `CustomerRole_Admin`, `CustomerRole_Billing_Admin`, "+
		"`CustomerRole_Corpus_Admin`, `CustomerRole_None`. From v2: `owner`, `administrator`, `billing_administrator`, "+
		"`corpus_administrator` and others. Or values that are newer than this provider. Empty when the API names none, "+
		"which does not prove that the user has no access.",
		func(u *vectara.User) []string { return u.Roles }),
	"comment": biglist.String("Remark on the user.",
		func(u *vectara.User) *string { return u.Comment }),
	"ts_create": biglist.Int64("When the user was created, in seconds since 1970-01-01T00:00:00Z; `0` where REST v1 does not know.",
		func(u *vectara.User) *int64 { return u.TsCreate }),
	"created_at": biglist.String("When the user was created, in RFC 3339, such as `2026-01-31T08:00:00Z`. For REST v1 it is made of `ts_create`, and null where that is 0.",
		func(u *vectara.User) *string { return u.CreatedAt }),
	"id_create": biglist.String("Number of the user who created this one, in digits; from REST v1 only.",
		func(u *vectara.User) *string { return u.IDCreate }),
	"updated_at": biglist.String("When the user was changed last, in RFC 3339; from REST v2 only.",
		func(u *vectara.User) *string { return u.UpdatedAt }),
	"corpus_roles": biglist.Objects("Roles in single corpora; from REST v2 only, null with v1, which does not tell.", corpusRole,
		func(u *vectara.User) []vectara.CorpusRole { return u.CorpusRoles }),
	"agent_roles": biglist.Objects("Roles at single agents; from REST v2 only, null with v1, which does not tell.", agentRole,
		func(u *vectara.User) []vectara.AgentRole { return u.AgentRoles }),
})

// corpusRole is a role of a user in one corpus.
var corpusRole = biglist.NewObject(map[string]biglist.Attribute[vectara.CorpusRole]{
	"corpus_key": biglist.String("Key of the corpus.", func(r *vectara.CorpusRole) *string { return r.CorpusKey }),
	"role":       biglist.String("Role in it.", func(r *vectara.CorpusRole) *string { return r.Role }),
})

// agentRole is a role of a user at one agent.
var agentRole = biglist.NewObject(map[string]biglist.Attribute[vectara.AgentRole]{
	"agent_key": biglist.String("Key of the agent.", func(r *vectara.AgentRole) *string { return r.AgentKey }),
	"role":      biglist.String("Role at it.", func(r *vectara.AgentRole) *string { return r.Role }),
})

func vectaraUsersSchema() schema.Schema {
	filter := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			MarkdownDescription: description + " " + afterReading,
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          []validator.List{noNulls{}, keepsNoUser},
		}
	}
	counts := func(description string) schema.MapAttribute {
		return schema.MapAttribute{MarkdownDescription: description, ElementType: types.Int64Type, Computed: true}
	}
	return schema.Schema{
		MarkdownDescription: "Reads the members of a Vectara account: people, people of another identity provider, and, with REST v1, app " +
			"clients, with their account-level roles, through REST v1 or v2 (the provider's `vectara_api_version`). Whether v2 lists app clients is not documented.\n\n" +
			"The whole listing is read, however many pages it has, or there is an error. Set `page_key` to read a single page.",
		Attributes: map[string]schema.Attribute{
			"customer_id": schema.StringAttribute{
				MarkdownDescription: "Number of the account, in digits, such as `1526022105`. REST v1 only: v2 goes by the credential. " +
					"Default: the provider's `vectara_customer_id`.",
				Optional:   true,
				Validators: []validator.String{valid(checkCustomerID)},
			},
			"list_users_type": schema.StringAttribute{
				MarkdownDescription: "Which users to list: `" + vectara.ListAll + "`, or `" + vectara.ListCustomer + "` for those with an " +
					"account-level role, or `" + vectara.ListNone + "`, the API's own default, of which Vectara does not say what it lists. " +
					"REST v1 only: v2 lists all. Default: `" + vectara.ListAll + "`, so that an audit sees everybody.",
				Optional:   true,
				Validators: []validator.String{valid(oneOf(vectara.ListAll, vectara.ListCustomer, vectara.ListNone))},
			},
			"num_results": schema.NumberAttribute{
				MarkdownDescription: "How many users a page holds, at least 1; at most 100 with REST v2, while v1 documents no limit. Default: `100`.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, vectara.MaxNumResultsV1}},
			},
			"corpus_key": schema.StringAttribute{
				MarkdownDescription: "Lists the users who have access to this corpus. REST v2 only.",
				Optional:            true,
				Validators:          []validator.String{valid(checkNotEmpty)},
			},
			"page_key": schema.StringAttribute{
				MarkdownDescription: "Reads the one page at this key: the `next_page_key` of the page before it, or `\"\"` for the first. " +
					"Null, or left out, it reads the whole listing.",
				Optional: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long Vectara may take for each page: whole seconds, written as a duration such as `45s` or `2m`. Default: `30s`.",
				Optional:            true,
				Validators:          []validator.String{valid(checkRequestTimeout)},
			},
			"roles":    filter("Keeps the users who hold at least one of these account-level roles, such as `CustomerRole_Owner` (REST v1) or `owner` (v2)."),
			"statuses": filter("Keeps the users whose `user_status` is one of these."),
			"types":    filter("Keeps the users whose `type` is one of these. REST v1 only: v2 does not tell types."),
			"emails":   filter("Keeps the users with these mail addresses, in upper or lower case."),
			"email_regex": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose mail address matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) " +
					"somewhere, in upper or lower case, such as `@northwind\\.example$`. A user without an address has an empty one. " + afterReading,
				Optional:   true,
				Validators: []validator.String{valid(checkPattern)},
			},
			"include_users": includeUsersAttribute(),
			"max_users":     maxUsersAttribute(),
			"summary": schema.SingleNestedAttribute{
				MarkdownDescription: "The users in numbers (added by the provider).",
				Computed:            true,
				Attributes: map[string]schema.Attribute{
					"total":     totalAttribute(),
					"matched":   matchedAttribute(),
					"by_role":   counts("How many of the matched users hold each account-level role; one with two roles counts in both."),
					"by_status": counts("How many of the matched users have each `user_status`."),
					"by_type":   counts("How many of the matched users have each `type`."),
				},
			},
			"next_page_key": schema.StringAttribute{
				MarkdownDescription: "With `page_key`: the key of the page after it, null when it was the last. Null without `page_key`. Do not hand " +
					"a null on to the `page_key` of another block, which would read the whole listing: use `count`.",
				Computed: true,
			},
			"users": schema.ListNestedAttribute{
				MarkdownDescription: "The users, ordered by `id`; an empty list when there are none, null with `include_users = false`. What the API does not tell is null.",
				Computed:            true,
				NestedObject:        teamMember.Schema(),
			},
		},
	}
}

func (d *vectaraUsersData) validate(diags *diag.Diagnostics) { d.limit().validate(diags) }

func (d *vectaraUsersData) read(ctx context.Context, clients *clients, mayDefer bool) (bool, diag.Diagnostics) {
	return d.vectaraUsersModel.read(ctx, clients, mayDefer, d.limit())
}

func (e *vectaraUsersEphemeral) validate(diags *diag.Diagnostics) { e.limit().validate(diags) }

func (e *vectaraUsersEphemeral) read(ctx context.Context, clients *clients, mayDefer bool) (bool, diag.Diagnostics) {
	return e.vectaraUsersModel.read(ctx, clients, mayDefer, e.limit())
}

func (m *vectaraUsersModel) read(ctx context.Context, clients *clients, mayDefer bool, limit timeLimit) (deferred bool, diags diag.Diagnostics) {
	access, deferred, diags := clients.vectara.get(m.CustomerID, mayDefer)
	query := m.query()
	query.CustomerID = access.customerID
	criteria := m.criteria(ctx, &diags)
	m.validateVersion(access, &diags)
	if diags.HasError() || deferred {
		return deferred, diags
	}
	ctx, cancel := context.WithTimeout(ctx, limit.duration())
	defer cancel()
	listing, err := access.client.Users(ctx, query)
	if err != nil {
		diags.Append(vectaraFailures(access, m.apiArguments()).diagnostic(err, limit))
		return false, diags
	}
	tflog.Debug(ctx, "Read a listing", map[string]any{"version": access.version, "users": len(listing.Users)})

	selected := vectara.Select(listing.Users, criteria)
	checkMaxUsers(m.MaxUsers, len(selected), &diags)
	m.NextPageKey = types.StringNull()
	if listing.NextPageKey != "" {
		m.NextPageKey = types.StringValue(listing.NextPageKey)
	}
	m.setUsers(ctx, selected, len(listing.Users))
	return false, diags
}

// apiArguments are the arguments that are sent to the API.
func (m *vectaraUsersModel) apiArguments() map[string]attr.Value {
	return map[string]attr.Value{
		"customer_id": m.CustomerID, "list_users_type": m.ListUsersType, "num_results": m.NumResults,
		"page_key": m.PageKey, "corpus_key": m.CorpusKey,
	}
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
		misplaced("types", m.Types, "does not tell the type of a user, so that no user would match")
		if number := int64Of(m.NumResults); number > vectara.MaxNumResultsV2 {
			diags.AddAttributeError(path.Root("num_results"), invalidValue, fmt.Sprintf(
				"The value of num_results must be at most %d with REST v2, which is read because %s; it is %d. %s",
				vectara.MaxNumResultsV2, access.because, number, access.otherWay()))
		}
	}
}

// query is what the arguments ask of the API, without the customer ID, which may be the provider's.
func (m *vectaraUsersModel) query() vectara.Query {
	// The validator has seen the duration; without one, the client has a default.
	timeout, _ := time.ParseDuration(m.RequestTimeout.ValueString())
	return vectara.Query{
		ListUsersType: m.ListUsersType.ValueString(),
		NumResults:    int64Of(m.NumResults),
		CorpusKey:     m.CorpusKey.ValueString(),
		PageKey:       m.PageKey.ValueStringPointer(),
		Timeout:       timeout,
	}
}

// criteria are what is selected after reading.
func (m *vectaraUsersModel) criteria(ctx context.Context, diags *diag.Diagnostics) vectara.Criteria {
	return vectara.Criteria{
		Roles:        elements[string](ctx, m.Roles, diags),
		Statuses:     elements[string](ctx, m.Statuses, diags),
		Types:        elements[string](ctx, m.Types, diags),
		Emails:       elements[string](ctx, m.Emails, diags),
		EmailPattern: pattern(m.EmailRegex, "(?i)"),
	}
}

func (m *vectaraUsersModel) setUsers(ctx context.Context, users []vectara.User, total int) {
	summary := vectara.Summarize(users)
	m.Summary = &teamSummaryModel{
		Total:    types.Int64Value(int64(total)),
		Matched:  types.Int64Value(int64(len(users))),
		ByRole:   summary.ByRole,
		ByStatus: summary.ByStatus,
		ByType:   summary.ByType,
	}
	m.Users = teamMember.Null()
	if includesUsers(m.IncludeUsers) {
		m.Users = teamMember.List(ctx, "users", users)
	}
}
