package provider

import (
	"context"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// vectaraUsersModel is the data source's arguments and result.
type vectaraUsersModel struct {
	CustomerID     types.String   `tfsdk:"customer_id"`
	ListUsersType  types.String   `tfsdk:"list_users_type"`
	NumResults     types.Number   `tfsdk:"num_results"`
	PageKey        types.String   `tfsdk:"page_key"`
	RequestTimeout types.String   `tfsdk:"request_timeout"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`

	Users       []teamMemberModel `tfsdk:"users"`
	NextPageKey types.String      `tfsdk:"next_page_key"`
}

// teamMemberModel is one of the users.
type teamMemberModel struct {
	ID         types.String   `tfsdk:"id"`
	Handle     types.String   `tfsdk:"handle"`
	Email      types.String   `tfsdk:"email"`
	Type       types.String   `tfsdk:"type"`
	UserStatus types.String   `tfsdk:"user_status"`
	Enabled    types.Bool     `tfsdk:"enabled"`
	Roles      []types.String `tfsdk:"roles"`
	Comment    types.String   `tfsdk:"comment"`
	TsCreate   types.Int64    `tfsdk:"ts_create"`
	CreatedAt  types.String   `tfsdk:"created_at"`
	IDCreate   types.String   `tfsdk:"id_create"`
}

func vectaraUsersSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads the members of a Vectara account: people, people of another identity provider, and app " +
			"clients, with their account-level roles.\n\n" +
			"The whole listing is read, however many pages it has, or there is an error. Set `page_key` to read a single page.",
		Attributes: map[string]schema.Attribute{
			"customer_id": schema.StringAttribute{
				MarkdownDescription: "Number of the account, in digits, such as `1526022105`. Default: the provider's `vectara.customer_id`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.RegexMatches(digits, "must be a Vectara customer ID, which has digits only, such as 1526022105")},
			},
			"list_users_type": schema.StringAttribute{
				MarkdownDescription: "Which users to list: `" + vectara.ListAll + "`, or `" + vectara.ListCustomer + "` for those with an " +
					"account-level role, or `" + vectara.ListNone + "`, the API's own default, of which Vectara does not say what it lists. " +
					"Default: `" + vectara.ListAll + "`, so that an audit sees everybody.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(vectara.ListNone, vectara.ListCustomer, vectara.ListAll)},
			},
			"num_results": schema.NumberAttribute{
				MarkdownDescription: "How many users a page holds, at least 1; Vectara documents no upper limit. Default: `100`.",
				Optional:            true,
				Validators:          []validator.Number{wholeNumber{1, math.MaxUint32}},
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
			"timeouts": timeoutsAttribute(ctx),
			"next_page_key": schema.StringAttribute{
				MarkdownDescription: "With `page_key`: the key of the page after it, null when it was the last. Null without `page_key`.",
				Computed:            true,
			},
			"users": schema.ListNestedAttribute{
				MarkdownDescription: "The users, ordered by `id`; an empty list when there are none. What the API does not tell is null.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id": schema.StringAttribute{
						MarkdownDescription: "Number of the user, in digits.",
						Computed:            true,
					},
					"handle": schema.StringAttribute{
						MarkdownDescription: "Name of the user.",
						Computed:            true,
					},
					"email": schema.StringAttribute{
						MarkdownDescription: "Mail address of the user.",
						Computed:            true,
					},
					"type": schema.StringAttribute{
						MarkdownDescription: "Kind of user: `USER_TYPE__USER`, `USER_TYPE__FEDERATED_USER` (signs in at another identity provider), " +
							"`USER_TYPE__APP_CLIENT`, `USER_TYPE__NONE`, or a value that is newer than this provider.",
						Computed: true,
					},
					"user_status": schema.StringAttribute{
						MarkdownDescription: "Status of the user: `USER_STATUS__ACTIVE`, `USER_STATUS__DISABLED`, `USER_STATUS__NONE`, or a value that is newer than this provider.",
						Computed:            true,
					},
					"enabled": schema.BoolAttribute{
						MarkdownDescription: "Whether `user_status` says that the user is active (true) or disabled (false); null where it says neither (added by the provider).",
						Computed:            true,
					},
					"roles": schema.ListAttribute{
						MarkdownDescription: "Account-level roles: `CustomerRole_Owner`, `CustomerRole_Admin`, `CustomerRole_Billing_Admin`, " +
							"`CustomerRole_Corpus_Admin`, `CustomerRole_None`, or values that are newer than this provider. Empty when the API names none, " +
							"which does not prove that the user has no access.",
						ElementType: types.StringType,
						Computed:    true,
					},
					"comment": schema.StringAttribute{
						MarkdownDescription: "Remark on the user.",
						Computed:            true,
					},
					"ts_create": schema.Int64Attribute{
						MarkdownDescription: "When the user was created, in seconds since 1970-01-01T00:00:00Z; `0` where Vectara does not know.",
						Computed:            true,
					},
					"created_at": schema.StringAttribute{
						MarkdownDescription: "`ts_create` in RFC 3339, such as `2026-01-31T08:00:00Z`; null where that is 0 (added by the provider).",
						Computed:            true,
					},
					"id_create": schema.StringAttribute{
						MarkdownDescription: "Number of the user who created this one, in digits.",
						Computed:            true,
					},
				}},
			},
		},
	}
}

// query is what the arguments ask of the API. The customer ID is empty where it is the provider's.
func (m *vectaraUsersModel) query() vectara.Query {
	// The validator has seen the duration; without one, the client has a default.
	timeout, _ := time.ParseDuration(m.RequestTimeout.ValueString())
	return vectara.Query{
		CustomerID:    m.CustomerID.ValueString(),
		ListUsersType: m.ListUsersType.ValueString(),
		NumResults:    int64Of(m.NumResults),
		PageKey:       m.PageKey.ValueStringPointer(),
		Timeout:       timeout,
	}
}

func (m *vectaraUsersModel) setListing(listing vectara.Listing) {
	m.NextPageKey = types.StringNull()
	if listing.NextPageKey != "" {
		m.NextPageKey = types.StringValue(listing.NextPageKey)
	}
	m.Users = make([]teamMemberModel, len(listing.Users))
	for i, user := range listing.Users {
		roles := make([]types.String, len(user.Roles))
		for j, role := range user.Roles {
			roles[j] = types.StringValue(role)
		}
		m.Users[i] = teamMemberModel{
			ID:         types.StringPointerValue(user.ID),
			Handle:     types.StringPointerValue(user.Handle),
			Email:      types.StringPointerValue(user.Email),
			Type:       types.StringPointerValue(user.Type),
			UserStatus: types.StringPointerValue(user.UserStatus),
			Enabled:    enabled(user.UserStatus),
			Roles:      roles,
			Comment:    types.StringPointerValue(user.Comment),
			TsCreate:   types.Int64PointerValue(user.TsCreate),
			CreatedAt:  createdAt(user.TsCreate),
			IDCreate:   types.StringPointerValue(user.IDCreate),
		}
	}
}

// enabled is what a status says, and null for a status that says nothing: an owner was seen with
// USER_STATUS__NONE.
func enabled(status *string) types.Bool {
	switch {
	case status == nil:
		return types.BoolNull()
	case *status == "USER_STATUS__ACTIVE":
		return types.BoolValue(true)
	case *status == "USER_STATUS__DISABLED":
		return types.BoolValue(false)
	}
	return types.BoolNull()
}

// createdAt is a time in RFC 3339, which ends with the year 9999. 0 is how protocol buffers write
// a field that is not set.
func createdAt(seconds *int64) types.String {
	if seconds == nil || *seconds == 0 {
		return types.StringNull()
	}
	created := time.Unix(*seconds, 0).UTC()
	if year := created.Year(); year < 0 || year > 9999 {
		return types.StringNull()
	}
	return types.StringValue(created.Format(time.RFC3339))
}
