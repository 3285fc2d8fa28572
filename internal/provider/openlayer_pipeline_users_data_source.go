package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// openlayerPipelineUsersDataSource reads the end users of an inference pipeline.
type openlayerPipelineUsersDataSource struct {
	clients *clients
}

var (
	_ datasource.DataSourceWithConfigure      = (*openlayerPipelineUsersDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*openlayerPipelineUsersDataSource)(nil)
)

func newOpenlayerPipelineUsersDataSource() datasource.DataSource {
	return &openlayerPipelineUsersDataSource{}
}

func (d *openlayerPipelineUsersDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "openlayer_pipeline_users"
}

func (d *openlayerPipelineUsersDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = openlayerPipelineUsersSchema(ctx)
}

func (d *openlayerPipelineUsersDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.clients = configuredClients(req, resp)
}

func (d *openlayerPipelineUsersDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model openlayerPipelineUsersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	model.validate(&resp.Diagnostics)
}

func (d *openlayerPipelineUsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model openlayerPipelineUsersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client, deferred, diags := d.clients.openlayer.get(req.ClientCapabilities)
	resp.Deferred = deferred
	resp.Diagnostics.Append(diags...)
	query := model.query(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || resp.Deferred != nil {
		return
	}

	ctx, cancel := context.WithTimeout(ctx, readTimeout(model.Timeouts))
	defer cancel()
	users, err := client.Users(ctx, query)
	if err != nil {
		resp.Diagnostics.Append(openlayerFailures.diagnostic(err))
		return
	}
	tflog.Debug(ctx, "Read a listing", map[string]any{"pipeline": query.PipelineID, "users": len(users)})
	model.setUsers(users)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
