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
	"github.com/shopspring/decimal"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
)

// openlayerPipelineUsersModel is the arguments and the result.
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

// pipelineUsers is the list of the listing, with an attribute a line.
var pipelineUsers = list[openlayer.User]{
	name:        "users",
	description: "The users. An empty list where none match, null with `include_users = false`. Ordered by `id`, unless `page` or `sort_column` is set.",
	element: biglist.NewObject(map[string]biglist.Attribute[openlayer.User]{
		"id": biglist.String("ID of the user, as the application sends it.",
			func(u *openlayer.User) *string { return &u.ID }),
		"date_of_first_record": biglist.String("When the user's first record was made, in RFC 3339, such as `2026-01-31T08:00:00Z`.",
			func(u *openlayer.User) *string { return u.DateOfFirstRecord }),
		"date_of_last_record": biglist.String("When the user's last record was made, in RFC 3339.",
			func(u *openlayer.User) *string { return u.DateOfLastRecord }),
		"sessions": biglist.Int64("How many sessions the user had.",
			func(u *openlayer.User) *int64 { return u.Sessions }),
		"records": biglist.Int64("How many records (traces, rows) the user made.",
			func(u *openlayer.User) *int64 { return u.Records }),
		"tokens": biglist.Number("How many tokens the user's records used.",
			func(u *openlayer.User) *json.Number { return u.Tokens }),
		"cost": biglist.Number("Cost of the user's records, in the unit that the pipeline uses for costs. A fraction has the precision of a 64-bit float.",
			func(u *openlayer.User) *json.Number { return u.Cost }),
	}),
}

// pipelineSummaryModel is the totals of the users that match.
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
			MarkdownDescription: meaning + " Each text has at most 300 characters.",
			ElementType:         types.StringType,
			Optional:            true,
			Validators:          []validator.List{noNulls{}, eachText(atMostCharacters(300)), isNotDefined},
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
			"application, with what each of them did and cost there. They are not the members of the Openlayer workspace. " +
			"Newer documents of Openlayer call an inference pipeline a *data source*.\n\n" +
			"The result has all users of the listing, however many pages it has; otherwise there is an error. Set `page` to read a single page.",
		Attributes: pipelineUsers.with(map[string]schema.Attribute{
			"inference_pipeline_id": schema.StringAttribute{
				MarkdownDescription: "The inference pipeline: a UUID, such as `182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e`.",
				Required:            true,
				Validators:          []validator.String{valid(checkUUID)},
			},
			"page": schema.NumberAttribute{
				MarkdownDescription: "Reads this one page, counted from 1, exactly as the API returns it. Default: the whole listing.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, math.MaxInt64}},
			},
			"per_page": schema.NumberAttribute{
				MarkdownDescription: "How many users a page holds, from 1 to 100. Default: `100` for the whole listing, the API's own (25) with `page`.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, openlayer.MaxPerPage}},
			},
			"sort_column": schema.StringAttribute{
				MarkdownDescription: "The column by which the API sorts the users, such as `cost`. Openlayer does not document which columns there are. " +
					"Default: the whole listing is ordered by `id`, a page by the API.",
				Optional:   true,
				Validators: []validator.String{valid(checkNotEmpty)},
			},
			"asc": schema.BoolAttribute{
				MarkdownDescription: "Whether `sort_column` is sorted in ascending order. Default: `true`, the API's own.",
				Optional:            true,
				Validators:          []validator.Bool{ofSortColumn{}},
			},
			"column_filters": schema.ListNestedAttribute{
				MarkdownDescription: "Keeps the users whose columns have certain values: at most 5 filters, which the API applies. " +
					"The operator decides which value a filter accepts.",
				Optional:     true,
				Validators:   []validator.List{noNulls{}, atMostElements(5), whenEmpty("so nothing is filtered")},
				NestedObject: columnFilterSchema(),
			},
			"search_query_or":      search("Keeps what matches at least one of these texts."),
			"search_query_and":     search("Keeps what matches all of these texts."),
			"not_search_query_or":  search("Drops what matches at least one of these texts."),
			"not_search_query_and": search("Drops what matches all of these texts."),
			"row_id_list":          rows("Keeps the users with records of these row IDs, whole numbers. Openlayer does not say whether a user's figures then count these records only."),
			"exclude_row_id_list":  rows("Drops the records of these row IDs, whole numbers, from the listing. Openlayer does not say whether that changes the figures of a user who has other records."),
			"user_ids": schema.ListAttribute{
				MarkdownDescription: "Keeps the users with these IDs. " + filtered,
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.List{noNulls{}, keepsNoUser},
			},
			"user_id_regex": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose ID matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) somewhere, such as `^test-`. " + filtered,
				Optional:            true,
				Validators:          []validator.String{valid(checkPattern)},
			},
			"active_since": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose last record was made at this time or later: RFC 3339, such as `2026-01-31T08:00:00Z`. " + filtered,
				Optional:            true,
				Validators:          []validator.String{valid(checkTime)},
			},
			"inactive_since": schema.StringAttribute{
				MarkdownDescription: "Keeps the users whose last record was made before this time: RFC 3339, such as `2026-01-31T08:00:00Z`. " + filtered,
				Optional:            true,
				Validators:          []validator.String{valid(checkTime)},
			},
			"source": sourceAttribute("The inference pipeline."),
			"summary": pipelineUsers.summary("Totals of the matched users. A total is null if the API leaves out that figure of one of them.", map[string]schema.Attribute{
				"sessions":             schema.NumberAttribute{MarkdownDescription: "Sessions of the matched users.", Computed: true},
				"records":              schema.NumberAttribute{MarkdownDescription: "Records of the matched users.", Computed: true},
				"tokens":               schema.NumberAttribute{MarkdownDescription: "Tokens of the matched users.", Computed: true},
				"cost":                 schema.NumberAttribute{MarkdownDescription: "Cost of the matched users, added up exactly.", Computed: true},
				"date_of_first_record": schema.StringAttribute{MarkdownDescription: "The earliest first record of the matched users; null when there are none.", Computed: true},
				"date_of_last_record":  schema.StringAttribute{MarkdownDescription: "The latest last record of the matched users; null when there are none.", Computed: true},
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
	m.Users = pipelineUsers.read(ctx, listArguments(m.usersArguments), reader[openlayer.User]{
		fetch: func(ctx context.Context) ([]openlayer.User, error) { return client.Users(ctx, query) },
		match: func(ctx context.Context, users []openlayer.User) (matched []openlayer.User, diags diag.Diagnostics) {
			matched, err := filter.Apply(ctx, users)
			if err != nil {
				diags.AddError("User without a date", fmt.Sprintf("active_since and inactive_since cannot be applied: %s. Leave them out to see all users.", err))
			}
			m.Summary = pipelineSummary(matched, len(users))
			return matched, diags
		},
		failures: openlayerFailures(m.apiArguments()),
		logged:   map[string]any{"pipeline": query.PipelineID},
	}, &diags)
	return false, diags
}

// apiArguments are the arguments that are sent to the API, besides the pipeline.
func (m *openlayerPipelineUsersModel) apiArguments() map[string]attr.Value {
	return map[string]attr.Value{
		"page": m.Page, "per_page": m.PerPage, "sort_column": m.SortColumn, "asc": m.Asc, "column_filters": m.ColumnFilters,
		"search_query_or": m.SearchQueryOr, "search_query_and": m.SearchQueryAnd,
		"not_search_query_or": m.NotSearchQueryOr, "not_search_query_and": m.NotSearchQueryAnd,
		"row_id_list": m.RowIDList, "exclude_row_id_list": m.ExcludeRowIDList,
	}
}

// query is the request that the arguments describe.
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

// filter is the filters of the provider. The validators have checked the pattern and the times.
func (m *openlayerPipelineUsersModel) filter(ctx context.Context, diags *diag.Diagnostics) openlayer.Filter {
	at := func(text types.String) time.Time {
		at, _ := time.Parse(time.RFC3339, text.ValueString())
		return at
	}
	return openlayer.Filter{
		IDs:           elements[string](ctx, m.UserIDs, diags),
		IDPattern:     pattern(m.UserIDRegex, ""),
		ActiveSince:   at(m.ActiveSince),
		InactiveSince: at(m.InactiveSince),
	}
}

// pipelineSummary is the totals of the users that match, of all that were listed.
func pipelineSummary(matched []openlayer.User, total int) *pipelineSummaryModel {
	sums := openlayer.Summarize(matched)
	return &pipelineSummaryModel{
		counts:            newCounts(total, len(matched)),
		Sessions:          decimalOf(sums.Sessions),
		Records:           decimalOf(sums.Records),
		Tokens:            decimalOf(sums.Tokens),
		Cost:              decimalOf(sums.Cost),
		DateOfFirstRecord: types.StringPointerValue(sums.DateOfFirstRecord),
		DateOfLastRecord:  types.StringPointerValue(sums.DateOfLastRecord),
	}
}

// decimalOf is an exact sum, null for nil.
func decimalOf(sum *decimal.Decimal) types.Number {
	if sum == nil {
		return types.NumberNull()
	}
	return biglist.Decimal(sum.String())
}

// ofSortColumn is a validator of asc, which has no effect alone.
type ofSortColumn struct{ undescribed }

func (ofSortColumn) ValidateBool(ctx context.Context, req validator.BoolRequest, resp *validator.BoolResponse) {
	var column types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("sort_column"), &column)...)
	if !req.ConfigValue.IsNull() && column.IsNull() {
		resp.Diagnostics.AddAttributeWarning(req.Path, "asc has no effect",
			"asc is the direction in which sort_column is sorted, and sort_column is not set. Set sort_column as well, or leave asc out.")
	}
}
