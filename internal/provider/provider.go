// Package provider is the Terraform side: the schema, the configuration, and the way from a
// vendor's client to a data source's attributes and diagnostics.
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

// llmUsersProvider reads who uses and who runs a company's LLM systems.
type llmUsersProvider struct {
	version string
	// getenv looks up the environment, and sleep replaces the waits of both clients; tests set them.
	getenv func(variable string) string
	sleep  func(ctx context.Context, wait time.Duration) error
}

var (
	_ provider.Provider                       = (*llmUsersProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*llmUsersProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*llmUsersProvider)(nil)
)

// NewServer returns the provider at a version, which is in its user agent, as
// Terraform talks to it.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		return newProtocolServer(&llmUsersProvider{version: version, getenv: os.Getenv})
	}
}

// newProtocolServer is the framework's server of a provider, with the users taken past the framework.
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
