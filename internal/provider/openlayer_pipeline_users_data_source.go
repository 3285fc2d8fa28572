package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

// openlayerPipelineUsersModel has the arguments and the result.
type openlayerPipelineUsersModel struct {
	InferencePipelineID types.String `tfsdk:"inference_pipeline_id"`
	Page                types.Number `tfsdk:"page"`
	PerPage             types.Number `tfsdk:"per_page"`
	SortColumn          types.String `tfsdk:"sort_column"`
	Asc                 types.Bool   `tfsdk:"asc"`
	ColumnFilters       types.List   `tfsdk:"column_filters"`
	SearchQueryOr       types.List   `tfsdk:"search_query_or"`
	SearchQueryAnd      types.List   `tfsdk:"search_query_and"`
	NotSearchQueryOr    types.List   `tfsdk:"not_search_query_or"`
	NotSearchQueryAnd   types.List   `tfsdk:"not_search_query_and"`
	RowIDList           types.List   `tfsdk:"row_id_list"`
	ExcludeRowIDList    types.List   `tfsdk:"exclude_row_id_list"`
	UserIDs             types.List   `tfsdk:"user_ids"`
	UserIDRegex         types.String `tfsdk:"user_id_regex"`
	ActiveSince         types.String `tfsdk:"active_since"`
	InactiveSince       types.String `tfsdk:"inactive_since"`
	usersArguments

	Users   types.List            `tfsdk:"users"`
	Source  *sourceModel          `tfsdk:"source"`
	Summary *pipelineSummaryModel `tfsdk:"summary"`
}

// pipelineUsers is the attribute users, with the attributes of a user.
var pipelineUsers = list[openlayer.User]{
	name:        "users",
	description: "The users, ordered by `id` unless `page` or `sort_column` is set. The list is empty if no user matches, and null with `include_users = false`.",
	element: biglist.NewObject(map[string]biglist.Attribute[openlayer.User]{
		"id": biglist.NewAttribute(biglist.String, "ID of the user, as the application sends it to Openlayer.",
			func(u *openlayer.User) *string { return &u.ID }),
		"date_of_first_record": biglist.NewAttribute(biglist.String, "Time of the user's first record, in RFC 3339, such as `2026-01-31T08:00:00Z`.",
			func(u *openlayer.User) *string { return nullIfEmpty(&u.DateOfFirstRecord) }),
		"date_of_last_record": biglist.NewAttribute(biglist.String, "Time of the user's last record, in RFC 3339.",
			func(u *openlayer.User) *string { return nullIfEmpty(&u.DateOfLastRecord) }),
		"sessions": biglist.NewAttribute(biglist.Number, "Number of the user's sessions.",
			func(u *openlayer.User) json.Number { return u.Sessions }),
		"records": biglist.NewAttribute(biglist.Number, "Number of the user's records (traces, rows).",
			func(u *openlayer.User) json.Number { return u.Records }),
		"tokens": biglist.NewAttribute(biglist.Number, "Number of tokens of the user's records.",
			func(u *openlayer.User) json.Number { return u.Tokens }),
		"cost": biglist.NewAttribute(biglist.Number, "Cost of the user's records, in the unit that the pipeline uses. A number with a fraction has the precision of a 64-bit float.",
			func(u *openlayer.User) json.Number { return u.Cost }),
	}),
}

// pipelineSummaryModel has the totals of the matched users.
type pipelineSummaryModel struct {
	counts
	Sessions          types.Number `tfsdk:"sessions"`
	Records           types.Number `tfsdk:"records"`
	Tokens            types.Number `tfsdk:"tokens"`
	Cost              types.Number `tfsdk:"cost"`
	DateOfFirstRecord types.String `tfsdk:"date_of_first_record"`
	DateOfLastRecord  types.String `tfsdk:"date_of_last_record"`
}

func openlayerPipelineUsersSchema() schema.Schema {
	search := func(meaning string) schema.ListAttribute {
		return schema.ListAttribute{
			MarkdownDescription: meaning + " Each text has 1 to 300 characters.",
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          []validator.List{noNulls{}, eachText(checkNotEmpty), eachText(atMostCharacters(300)), isNotDefined},
		}
	}
	rows := func(meaning string) schema.ListAttribute {
		return schema.ListAttribute{
			MarkdownDescription: meaning,
			ElementType:         types.NumberType,
			Optional:            true,
			Validators:          []validator.List{noNulls{}, eachNumber(any64.check), isNotDefined},
		}
	}
	return schema.Schema{
		MarkdownDescription: "Lists the end users of an Openlayer inference pipeline: the people and programs that used the traced " +
			"application, with the usage and the cost of each user. The members of the Openlayer workspace are not part of the listing. " +
			"Newer documentation of Openlayer calls an inference pipeline a *data source*.\n\n" +
			"The provider reads all pages of the listing. If it cannot, it returns an error and no users. Set `page` to read a single page.",
		Attributes: pipelineUsers.with(map[string]schema.Attribute{
			"inference_pipeline_id": schema.StringAttribute{
				MarkdownDescription: "ID of the inference pipeline: a UUID, such as `182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e`.",
				Required:            true,
				Validators:          []validator.String{valid(checkUUID)},
			},
			"page": schema.NumberAttribute{
				MarkdownDescription: "Number of a single page to read, from 1. Default: the whole listing.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, math.MaxInt64}},
			},
			"per_page": schema.NumberAttribute{
				MarkdownDescription: "Number of users on a page, from 1 to 100. Default: `100` for the whole listing, and the API's default (25) with `page`.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, openlayer.MaxPerPage}},
			},
			"sort_column": schema.StringAttribute{
				MarkdownDescription: "Column by which the API sorts the users, such as `cost`. Openlayer does not document the names of the columns. " +
					"Default: the provider sorts the whole listing by `id`, and the API sorts a single page.",
				Optional:   true,
				Validators: []validator.String{valid(checkNotEmpty)},
			},
			"asc": schema.BoolAttribute{
				MarkdownDescription: "Whether to sort by `sort_column` in ascending order. Default: `true`, as in the API.",
				Optional:            true,
				Validators:          []validator.Bool{ofSortColumn{}},
			},
			"column_filters": schema.ListNestedAttribute{
				MarkdownDescription: "Keeps the users whose columns match these filters, at most 5. The API applies the filters.",
				Optional:            true,
				Validators:          []validator.List{noNulls{}, atMostElements{limit: 5}, whenEmpty{effect: "so nothing is filtered"}},
				NestedObject:        columnFilterSchema(),
			},
			"search_query_or":      search("Keeps the users who match at least one of these texts."),
			"search_query_and":     search("Keeps the users who match all of these texts."),
			"not_search_query_or":  search("Drops the users who match at least one of these texts."),
			"not_search_query_and": search("Drops the users who match all of these texts."),
			"row_id_list":          rows("Keeps the users who have records with these row IDs, which are whole numbers. Openlayer does not document whether the figures of a user then count only these records."),
			"exclude_row_id_list":  rows("Drops the records with these row IDs, which are whole numbers. Openlayer does not document whether that changes the figures of a user who has other records."),
			"user_ids": schema.ListAttribute{
				MarkdownDescription: "Keeps the users with these IDs. " + filtered,
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.List{noNulls{}, eachText(checkNotEmpty), keepsNoUser},
			},
			"user_id_regex": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose ID contains a match of this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)), such as `^test-`. " + filtered,
				Optional:            true,
				Validators:          []validator.String{valid(checkPattern)},
			},
			"active_since": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose last record is not older than this time, in RFC 3339, such as `2026-01-31T08:00:00Z`. " + filtered,
				Optional:            true,
				Validators:          []validator.String{valid(checkTime)},
			},
			"inactive_since": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose last record is older than this time, in RFC 3339, such as `2026-01-31T08:00:00Z`. It must be after `active_since`. " + filtered,
				Optional:            true,
				Validators:          []validator.String{valid(checkTime), after{argument: "active_since"}},
			},
			"source": sourceAttribute("ID of the inference pipeline."),
			"summary": pipelineUsers.summary("Totals of the matched users. A total is null if the figure of a matched user is missing.", map[string]schema.Attribute{
				"sessions":             schema.NumberAttribute{MarkdownDescription: "Number of sessions of the matched users.", Computed: true},
				"records":              schema.NumberAttribute{MarkdownDescription: "Number of records of the matched users.", Computed: true},
				"tokens":               schema.NumberAttribute{MarkdownDescription: "Number of tokens of the matched users.", Computed: true},
				"cost":                 schema.NumberAttribute{MarkdownDescription: "Cost of the matched users, as an exact sum.", Computed: true},
				"date_of_first_record": schema.StringAttribute{MarkdownDescription: "Time of the earliest record of the matched users. Null if no user matches.", Computed: true},
				"date_of_last_record":  schema.StringAttribute{MarkdownDescription: "Time of the latest record of the matched users. Null if no user matches.", Computed: true},
			}),
		}),
	}
}

func (m *openlayerPipelineUsersModel) read(ctx context.Context, clients *clients, deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	client, deferred, diags := clients.openlayer.get(deferralAllowed)
	query := m.query(ctx, &diags)
	filter := m.filter(ctx, &diags)
	if diags.HasError() || deferred {
		return deferred, diags
	}
	source := clients.openlayer.source
	source.Account, source.Whole = m.InferencePipelineID, m.Page.IsNull()
	m.Source = &source
	m.Users = pipelineUsers.element.NullList()
	diags.Append(pipelineUsers.read(ctx, listArguments(m.usersArguments), reader[openlayer.User]{
		fetch: func(ctx context.Context) ([]openlayer.User, error) { return client.Users(ctx, query) },
		match: func(ctx context.Context, users []openlayer.User) (matched []openlayer.User, diags diag.Diagnostics) {
			matched, err := filter.Apply(ctx, users)
			if err != nil {
				diags.AddError("User without a date", fmt.Sprintf("The provider cannot apply active_since or inactive_since, because %s. Remove both arguments to list all users.", err))
			}
			m.Summary = pipelineSummary(matched, len(users))
			return matched, diags
		},
		failures: openlayerFailures(m.apiArguments()),
		logged:   map[string]any{"pipeline": query.PipelineID},
	})...)
	return false, diags
}

// apiArguments returns the arguments that the client sends to the API, without the pipeline.
func (m *openlayerPipelineUsersModel) apiArguments() map[string]attr.Value {
	return map[string]attr.Value{
		"page": m.Page, "per_page": m.PerPage, "sort_column": m.SortColumn, "asc": m.Asc, "column_filters": m.ColumnFilters,
		"search_query_or": m.SearchQueryOr, "search_query_and": m.SearchQueryAnd,
		"not_search_query_or": m.NotSearchQueryOr, "not_search_query_and": m.NotSearchQueryAnd,
		"row_id_list": m.RowIDList, "exclude_row_id_list": m.ExcludeRowIDList,
	}
}

// query makes the client's query from the arguments.
func (m *openlayerPipelineUsersModel) query(ctx context.Context, diags *diag.Diagnostics) openlayer.Query {
	return openlayer.Query{
		PipelineID: m.InferencePipelineID.ValueString(),
		Page:       int64Of(m.Page),
		PerPage:    int64Of(m.PerPage),
		SortColumn: m.SortColumn.ValueString(),
		Asc:        m.Asc.ValueBoolPointer(),
		Body: openlayer.DatasetFilter{
			ColumnFilters:     columnFilters(ctx, m.ColumnFilters, diags),
			SearchQueryOr:     elements[string](ctx, m.SearchQueryOr, diags),
			SearchQueryAnd:    elements[string](ctx, m.SearchQueryAnd, diags),
			NotSearchQueryOr:  elements[string](ctx, m.NotSearchQueryOr, diags),
			NotSearchQueryAnd: elements[string](ctx, m.NotSearchQueryAnd, diags),
			RowIDList:         elements[int64](ctx, m.RowIDList, diags),
			ExcludeRowIDList:  elements[int64](ctx, m.ExcludeRowIDList, diags),
		},
	}
}

// filter returns the filters that the provider applies. The validators have checked the pattern and the times.
func (m *openlayerPipelineUsersModel) filter(ctx context.Context, diags *diag.Diagnostics) openlayer.Filter {
	at := func(text types.String) *time.Time {
		at, err := time.Parse(time.RFC3339, text.ValueString())
		if err != nil { // null
			return nil
		}
		return &at
	}
	return openlayer.Filter{
		IDs:           elements[string](ctx, m.UserIDs, diags),
		IDPattern:     pattern(m.UserIDRegex, ""),
		ActiveSince:   at(m.ActiveSince),
		InactiveSince: at(m.InactiveSince),
	}
}

// pipelineSummary returns the totals of the matched users. total is the number of listed users.
func pipelineSummary(matched []openlayer.User, total int) *pipelineSummaryModel {
	sums := openlayer.Summarize(matched)
	return &pipelineSummaryModel{
		counts:            newCounts(total, len(matched)),
		Sessions:          biglist.Decimal(sums.Sessions),
		Records:           biglist.Decimal(sums.Records),
		Tokens:            biglist.Decimal(sums.Tokens),
		Cost:              biglist.Decimal(sums.Cost),
		DateOfFirstRecord: types.StringPointerValue(nullIfEmpty(&sums.DateOfFirstRecord)),
		DateOfLastRecord:  types.StringPointerValue(nullIfEmpty(&sums.DateOfLastRecord)),
	}
}

// nullIfEmpty returns nil, which becomes null, for an empty text.
func nullIfEmpty(text *string) *string {
	if *text == "" {
		return nil
	}
	return text
}

// ofSortColumn is a validator that warns about asc without sort_column.
type ofSortColumn struct{ undescribed }

func (ofSortColumn) ValidateBool(ctx context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	var column types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("sort_column"), &column)...)
	if isKnown(req.ConfigValue) && column.IsNull() {
		resp.Diagnostics.AddAttributeWarning(req.Path, "asc has no effect",
			"asc is the sort direction of sort_column, and sort_column is not set. Set sort_column, or remove asc.")
	}
}
