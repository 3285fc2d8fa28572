package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// sourceModel says what a listing was read from, so that "no users" and "not read" differ, and evidence can
// name its origin. Nothing in it changes from plan to plan.
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

// sourceAttribute is the attribute; account says what the account is.
func sourceAttribute(account string) schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	truth := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "What was read, so that a rule can distinguish \"no users\" from \"not examined\". Added by the provider.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"vendor":      text("`openlayer` or `vectara`."),
			"api_version": text("Version of the vendor's API, such as `v2`."),
			"base_url":    text("Base URL of the API."),
			"account":     text(account),
			"whole":       truth("Whether the whole listing was read; false for a single page."),
			"scopes": schema.ListAttribute{
				MarkdownDescription: "The scopes that `entitlements` can have with this API: `account` alone with Vectara's REST v1; `account`, `corpus`, `agent` and `operation` with v2; none for end users of Openlayer.",
				ElementType:         types.StringType,
				Computed:            true,
			},
			"app_clients":      truth("Whether app clients were read."),
			"provider_version": text("Version of this provider."),
		},
	}
}
