package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// vectaraUsersDataSource reads the members of a Vectara account.
type vectaraUsersDataSource struct {
	clients *clients
}

var (
	_ datasource.DataSourceWithConfigure      = (*vectaraUsersDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*vectaraUsersDataSource)(nil)
)

func newVectaraUsersDataSource() datasource.DataSource { return &vectaraUsersDataSource{} }

func (d *vectaraUsersDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "vectara_users"
}

func (d *vectaraUsersDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = vectaraUsersSchema(ctx)
}

func (d *vectaraUsersDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.clients = configuredClients(req, resp)
}

func (d *vectaraUsersDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model vectaraUsersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateTimeouts(model.Timeouts, &resp.Diagnostics)
}

func (d *vectaraUsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model vectaraUsersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client, deferred, diags := d.clients.vectara.get(req.ClientCapabilities)
	resp.Deferred = deferred
	resp.Diagnostics.Append(diags...)
	query := model.query()
	switch d.clients.vectaraVersion {
	case vectara.V1:
		model.validateV1(&resp.Diagnostics)
		if query.CustomerID == "" {
			deferred, diags := d.clients.customerID.check(req.ClientCapabilities)
			if deferred != nil {
				resp.Deferred = deferred
			}
			query.CustomerID = d.clients.customerID.value
			resp.Diagnostics.Append(diags...)
		}
	case vectara.V2:
		model.validateV2(&resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() || resp.Deferred != nil {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, readTimeout(model.Timeouts))
	defer cancel()
	listing, err := client.Users(ctx, query)
	if err != nil {
		resp.Diagnostics.Append(d.clients.vectaraFailures.diagnostic(err))
		return
	}
	tflog.Debug(ctx, "Read a listing", map[string]any{"version": d.clients.vectaraVersion, "users": len(listing.Users)})
	model.setListing(listing)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
