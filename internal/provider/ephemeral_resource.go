package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/ephemeral/timeouts"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

// ephemeralResource is the twin of a data source, with the same arguments and the same result, of
// which Terraform writes nothing to plan or state.
type ephemeralResource[M any, L listing[M]] struct {
	typeName string
	schema   schema.Schema
	clients  *clients
}

// newEphemeralResource makes the schema of the twin out of the data source's.
func newEphemeralResource[M any, L listing[M]](typeName string, listing datasourceschema.Schema) func() ephemeral.EphemeralResource {
	twin := schema.Schema{
		MarkdownDescription: listing.MarkdownDescription + "\n\n" +
			"This is the ephemeral twin of the data source of the same name: it takes the same arguments and gives the same result, " +
			"and Terraform writes nothing of it to plan or state.",
		Attributes: map[string]schema.Attribute{"timeouts": ephemeralTimeouts()},
	}
	for name, attribute := range listing.Attributes {
		if name != "timeouts" {
			twin.Attributes[name] = twinAttribute(attribute)
		}
	}
	return func() ephemeral.EphemeralResource {
		return &ephemeralResource[M, L]{typeName: typeName, schema: twin}
	}
}

func (e *ephemeralResource[M, L]) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = e.typeName
}

func (e *ephemeralResource[M, L]) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = e.schema
}

func (e *ephemeralResource[M, L]) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.clients = configuredClients(req.ProviderData, &resp.Diagnostics)
}

func (e *ephemeralResource[M, L]) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var model M
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	L(&model).validate(&resp.Diagnostics)
}

func (e *ephemeralResource[M, L]) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model M
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	deferred, diags := L(&model).read(ctx, e.clients, req.ClientCapabilities.DeferralAllowed)
	resp.Diagnostics.Append(diags...)
	switch {
	case resp.Diagnostics.HasError():
	case deferred:
		resp.Deferred = &ephemeral.Deferred{Reason: ephemeral.DeferredReasonProviderConfigUnknown}
	default:
		resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
	}
}

// twinAttribute is an attribute of a data source as one of an ephemeral resource, whose types are
// others with the same fields. A kind of attribute that no data source had before is added here.
func twinAttribute(attribute datasourceschema.Attribute) schema.Attribute {
	switch a := attribute.(type) {
	case datasourceschema.StringAttribute:
		return schema.StringAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.BoolAttribute:
		return schema.BoolAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.NumberAttribute:
		return schema.NumberAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.Int64Attribute:
		return schema.Int64Attribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.ListAttribute:
		return schema.ListAttribute{MarkdownDescription: a.MarkdownDescription, ElementType: a.ElementType, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.MapAttribute:
		return schema.MapAttribute{MarkdownDescription: a.MarkdownDescription, ElementType: a.ElementType, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.SingleNestedAttribute:
		return schema.SingleNestedAttribute{MarkdownDescription: a.MarkdownDescription, Attributes: twinAttributes(a.Attributes), Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.ListNestedAttribute:
		return schema.ListNestedAttribute{MarkdownDescription: a.MarkdownDescription,
			NestedObject: schema.NestedAttributeObject{Attributes: twinAttributes(a.NestedObject.Attributes), Validators: a.NestedObject.Validators},
			Required:     a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	}
	panic(fmt.Sprintf("twinAttribute does not know %T", attribute)) // at the first start, and in every test
}

func twinAttributes(attributes map[string]datasourceschema.Attribute) map[string]schema.Attribute {
	twins := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		twins[name] = twinAttribute(attribute)
	}
	return twins
}

// ephemeralTimeouts is the attribute timeouts of an ephemeral resource.
func ephemeralTimeouts() schema.Attribute {
	attribute := timeouts.AttributesWithOpts(context.Background(), timeouts.Opts{
		OpenDescription: "How long reading may take in all, with its retries and waits, such as `30s` or `1h`. Default: `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Time limits (added by the provider)."
		return nested
	}
	return attribute
}

// ephemeralTimeout is the one that an ephemeral resource may have.
type ephemeralTimeout struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (t ephemeralTimeout) limit() timeLimit {
	return timeLimit{"open", t.Timeouts.Attributes()["open"]}
}
