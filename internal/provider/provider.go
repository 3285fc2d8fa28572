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
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// llmUsersProvider reads who uses and who runs a company's LLM systems.
type llmUsersProvider struct {
	version string
	// getenv looks up the environment, and pace replaces the waits of both clients; tests set them.
	getenv func(variable string) string
	pace   func(wait time.Duration) time.Duration
}

var (
	_ provider.Provider                       = (*llmUsersProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*llmUsersProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*llmUsersProvider)(nil)
)

// NewServer returns the provider at a version, which it tells the vendors in its user agent, as
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
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads who uses and who runs a company's LLM systems: the end users of an " +
			"Openlayer inference pipeline and the members of a Vectara account. It reads and never writes.",
		Attributes: map[string]schema.Attribute{
			"openlayer": schema.SingleNestedAttribute{
				MarkdownDescription: "Access to Openlayer. Only `openlayer_pipeline_users` needs it.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"api_key": schema.StringAttribute{
						MarkdownDescription: "API key of the Openlayer workspace that holds the pipelines. " +
							"May be set with `" + envOpenlayerAPIKey + "` instead.",
						Optional:   true,
						Sensitive:  true,
						Validators: []validator.String{valid(checkCredential)},
					},
					"base_url": schema.StringAttribute{
						MarkdownDescription: "Where Openlayer's API is, with its version and without a query: `https`, or `http` to " +
							"a loopback address. May be set with `" + envOpenlayerBaseURL + "` instead. Default: `" + openlayer.DefaultBaseURL + "`.",
						Optional:   true,
						Validators: []validator.String{valid(checkBaseURL)},
					},
				},
			},
			"vectara": schema.SingleNestedAttribute{
				MarkdownDescription: "Access to Vectara. Only `vectara_users` needs it.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"customer_id": schema.StringAttribute{
						MarkdownDescription: "Number of the Vectara account, in digits, such as `1526022105`; a data source's own " +
							"`customer_id` overrides it. REST v1 needs it; v2 goes by the credential. May be set with `" + envVectaraCustomerID + "` instead.",
						Optional:   true,
						Validators: []validator.String{valid(checkCustomerID)},
					},
					"oauth_token": schema.StringAttribute{
						MarkdownDescription: "OAuth 2.0 access token (a JWT), which lives 30 minutes. Excludes `client_id` and `client_secret`. " +
							"May be set with `" + envVectaraOAuthToken + "` instead.",
						Optional:   true,
						Sensitive:  true,
						Validators: []validator.String{valid(checkCredential)},
					},
					"client_id": schema.StringAttribute{
						MarkdownDescription: "ID of an OAuth 2.0 app client, for which the provider gets tokens itself, and new ones in time. " +
							"May be set with `" + envVectaraClientID + "` instead.",
						Optional:   true,
						Validators: []validator.String{valid(checkCredential)},
					},
					"client_secret": schema.StringAttribute{
						MarkdownDescription: "Secret of the app client. May be set with `" + envVectaraClientSecret + "` instead.",
						Optional:            true,
						Sensitive:           true,
						Validators:          []validator.String{valid(checkCredential)},
					},
					"token_url": schema.StringAttribute{
						MarkdownDescription: "Where tokens for the app client come from: `https`, or `http` to a loopback address. Vectara's documents name " +
							"`https://auth.vectara.io/oauth2/token`, `https://auth.vectara.com/oauth2/token` and, for each customer, " +
							"`https://vectara-prod-<customer-id>.auth.us-west-2.amazoncognito.com/oauth2/token`. " +
							"May be set with `" + envVectaraTokenURL + "` instead. Default: `" + vectara.DefaultTokenURL + "`.",
						Optional:   true,
						Validators: []validator.String{valid(checkBaseURL)},
					},
					"api_key": schema.StringAttribute{
						MarkdownDescription: "Personal API key of an owner or administrator, which only REST v2 takes; there it comes before " +
							"the other credentials of the same source. May be set with `" + envVectaraAPIKey + "` instead.",
						Optional:   true,
						Sensitive:  true,
						Validators: []validator.String{valid(checkCredential)},
					},
					"api_version": schema.StringAttribute{
						MarkdownDescription: "Version of Vectara's REST API: `v1`, whose retirement Vectara announced for 2025-08-16, or `v2`. " +
							"May be set with `" + envVectaraAPIVersion + "` instead. Default: `v1`.",
						Optional:   true,
						Validators: []validator.String{valid(checkAPIVersion)},
					},
					"base_url": schema.StringAttribute{
						MarkdownDescription: "Where Vectara's API is, without its version and without a query: `https`, or `http` to " +
							"a loopback address. May be set with `" + envVectaraBaseURL + "` instead. Default: `" + vectara.DefaultBaseURL + "`.",
						Optional:   true,
						Validators: []validator.String{valid(checkBaseURL)},
					},
				},
			},
			"max_retries": schema.NumberAttribute{
				MarkdownDescription: "How often a request is sent again after a connection error or an answer of 408, 429, 500, 502, " +
					"503 or 504, or with a Vectara code for a temporary failure, from 0 to 10. Waiting for data that Openlayer is still " +
					"loading does not count. May be set with `" + envMaxRetries + "` instead. Default: `4`.",
				Optional:   true,
				Validators: []validator.Number{maxRetries},
			},
			"max_concurrency": schema.NumberAttribute{
				MarkdownDescription: "How many requests may be under way at the same time, over all data sources of this provider " +
					"configuration and both vendors, from 1 to 32. It is a bound: a listing of Openlayer's begins with two, dares more as pages " +
					"come back full, and goes back to one when the vendor answers 429. May be set with `" + envMaxConcurrency + "` instead. Default: `32`.",
				Optional:   true,
				Validators: []validator.Number{maxConcurrency},
			},
		},
	}
}

func (p *llmUsersProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	validateVectaraCredential(model.Vectara, &resp.Diagnostics)
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
