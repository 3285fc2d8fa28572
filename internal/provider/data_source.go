package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// dataSource is the data source of a listing. The type of its model chooses the listing.
type dataSource[M any, L listing[M]] struct {
	typeName string
	schema   schema.Schema
	clients  *clients
}

var _ datasource.DataSourceWithConfigure = (*dataSource[vectaraUsersModel, *vectaraUsersModel])(nil)

// newDataSource makes a data source from the schema of a listing, and adds the block timeouts.
func newDataSource[M any, L listing[M]](typeName string, listing schema.Schema) func() datasource.DataSource {
	listing.Blocks = map[string]schema.Block{"timeouts": dataSourceTimeouts()}
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

// configuredClients returns the clients that the provider's Configure has made. They are nil while Terraform
// validates, since it does not configure the provider then.
func configuredClients(providerData any, diags *diag.Diagnostics) *clients {
	if providerData == nil {
		return nil
	}
	configured, ok := providerData.(*clients)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf(
			"Expected the provider's clients, got %T. This is a bug in the provider. Please report it.", providerData))
	}
	return configured
}
