// Package provider implements the Terraform provider: its configuration and schema, the data sources and ephemeral
// resources, and the diagnostics.
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// llmUsersProvider is the Terraform provider.
type llmUsersProvider struct {
	version string
	// getenv reads an environment variable. sleep waits between requests. nil means real waits. Tests replace both.
	getenv func(variable string) string
	sleep  func(ctx context.Context, wait time.Duration)
}

var (
	_ provider.Provider                       = (*llmUsersProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*llmUsersProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*llmUsersProvider)(nil)
)

// NewServer returns a function that makes the provider's protocol server. The version is for the user agent and for
// the attribute source.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return newProtocolServer(&llmUsersProvider{version: version, getenv: os.Getenv})
	}
}

// newProtocolServer wraps the framework's server. Long lists bypass the framework: see [biglist].
func newProtocolServer(p *llmUsersProvider) *biglist.Server {
	return &biglist.Server{
		ProviderServer: providerserver.NewProtocol6(p)(),
		MaxObject:      biglist.MaxObject,
		TooLarge:       tooLarge,
	}
}

func (p *llmUsersProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "llmusers"
	resp.Version = p.version
}

func (p *llmUsersProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *llmUsersProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	validateVectaraCredential(ctx, req.Config, &resp.Diagnostics)
}

func (p *llmUsersProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	clients, diags := p.configure(ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.DataSourceData = clients
	resp.EphemeralResourceData = clients
}

func (p *llmUsersProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newDataSource[openlayerPipelineUsersModel]("openlayer_pipeline_users", openlayerPipelineUsersSchema()),
		newDataSource[vectaraUsersModel]("vectara_users", vectaraUsersSchema()),
	}
}

func (p *llmUsersProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		newEphemeralResource[openlayerPipelineUsersModel]("openlayer_pipeline_users", openlayerPipelineUsersSchema()),
		newEphemeralResource[vectaraUsersModel]("vectara_users", vectaraUsersSchema()),
	}
}

func (p *llmUsersProvider) Resources(context.Context) []func() resource.Resource { return nil }
