package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// listing is the arguments and the result of a data source or ephemeral resource: a pointer to a
// struct that Terraform's configuration is read into.
type listing[M any] interface {
	*M
	// validate finds what is wrong with the arguments, some of which may be unknown.
	validate(diags *diag.Diagnostics)
	// read fills in the result. It returns true where a setting of the provider is not known yet
	// and Terraform can come back later.
	read(ctx context.Context, clients *clients, mayDefer bool) (deferred bool, diags diag.Diagnostics)
}

// dataSource is a data source that reads a listing; its model says which.
type dataSource[M any, L listing[M]] struct {
	typeName string
	schema   schema.Schema
	clients  *clients
}

// newDataSource adds the time limit, which every listing has, to the schema of a listing.
func newDataSource[M any, L listing[M]](typeName string, listing schema.Schema) func() datasource.DataSource {
	listing.Attributes["timeouts"] = dataSourceTimeouts()
	return func() datasource.DataSource {
		return &dataSource[M, L]{typeName: typeName, schema: listing}
	}
}

func (d *dataSource[M, L]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.typeName
}

func (d *dataSource[M, L]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.schema
}

func (d *dataSource[M, L]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.clients = configuredClients(req.ProviderData, &resp.Diagnostics)
}

func (d *dataSource[M, L]) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model M
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	L(&model).validate(&resp.Diagnostics)
}

func (d *dataSource[M, L]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model M
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	deferred, diags := L(&model).read(ctx, d.clients, req.ClientCapabilities.DeferralAllowed)
	resp.Diagnostics.Append(diags...)
	switch {
	case resp.Diagnostics.HasError():
	case deferred:
		resp.Deferred = &datasource.Deferred{Reason: datasource.DeferredReasonProviderConfigUnknown}
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
	}
}

// configuredClients takes what the provider's Configure has left. It is nil while Terraform only
// validates.
func configuredClients(providerData any, diags *diag.Diagnostics) *clients {
	if providerData == nil {
		return nil
	}
	configured, ok := providerData.(*clients)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf(
			"Expected the provider's clients, got %T. This is a bug in the provider; please report it.", providerData))
	}
	return configured
}

// dataSourceTimeouts is the attribute timeouts of a data source.
func dataSourceTimeouts() schema.Attribute {
	attribute := timeouts.AttributesWithOpts(context.Background(), timeouts.Opts{
		ReadDescription: "How long reading may take in all, with its retries and waits, such as `30s` or `1h`. Default: `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Time limits (added by the provider)."
		return nested
	}
	return attribute
}

// dataSourceTimeout is the one that a data source may have.
type dataSourceTimeout struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (t dataSourceTimeout) limit() timeLimit {
	return timeLimit{"read", t.Timeouts.Attributes()["read"]}
}
