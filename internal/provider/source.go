package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// sourceModel is the attribute source: the API, the account and the extent of a listing. With it, a rule can
// distinguish "no users" from "not read". It has no value that changes from plan to plan, such as a time.
type sourceModel struct {
	Vendor          string       `tfsdk:"vendor"`
	APIVersion      string       `tfsdk:"api_version"`
	BaseURL         string       `tfsdk:"base_url"`
	Account         types.String `tfsdk:"account"`
	Whole           bool         `tfsdk:"whole"`
	Scopes          []string     `tfsdk:"scopes"`
	AppClients      bool         `tfsdk:"app_clients"`
	ProviderVersion string       `tfsdk:"provider_version"`
}

// sourceAttribute returns the schema of source. account is the description of the attribute account.
func sourceAttribute(account string) schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	truth := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Describes the listing. A rule can use it to distinguish \"no users\" from \"not examined\". Not part of the API.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"vendor":      text("`openlayer` or `vectara`."),
			"api_version": text("Version of the vendor's API, such as `v2`."),
			"base_url":    text("Base URL of the API."),
			"account":     text(account),
			"whole":       truth("Whether the provider read all pages of the listing. False for a single page. Filters of the API do not change it."),
			"scopes": schema.ListAttribute{
				MarkdownDescription: "Scopes that `entitlements` can have with this API. Vectara's REST v1 has `account`. REST v2 has `account`, `corpus`, `agent` and `operation`. Openlayer has none.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"app_clients":      truth("Whether the provider read app clients."),
			"provider_version": text("Version of this provider."),
		},
	}
}
