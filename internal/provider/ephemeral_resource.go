package provider

import (
	"context"
	"fmt"

	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

// ephemeralResource is the ephemeral counterpart of a data source, with the same arguments and the same result.
// Terraform does not write it to plan or state.
type ephemeralResource[M any, L listing[M]] struct {
	typeName string
	schema   schema.Schema
	clients  *clients
}

var _ ephemeral.EphemeralResourceWithConfigure = (*ephemeralResource[vectaraUsersModel, *vectaraUsersModel])(nil)

// newEphemeralResource makes an ephemeral resource from the schema of its data source.
func newEphemeralResource[M any, L listing[M]](typeName string, listing datasourceschema.Schema) func() ephemeral.EphemeralResource {
	counterpart := schema.Schema{
		MarkdownDescription: listing.MarkdownDescription + "\n\n" +
			"This is the ephemeral counterpart of the data source of the same name: it has the same arguments and the same result, " +
			"and Terraform writes nothing of it to plan or state.",
		Attributes: ephemeralAttributes(listing.Attributes),
		Blocks:     map[string]schema.Block{"timeouts": ephemeralTimeouts()},
	}
	return func() ephemeral.EphemeralResource {
		return &ephemeralResource[M, L]{typeName: typeName, schema: counterpart}
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

// ephemeralAttribute converts an attribute of a data source. The framework has different types for the two, with the
// same fields. To use another type in a data source, add it here.
func ephemeralAttribute(attribute datasourceschema.Attribute) schema.Attribute {
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
		return schema.SingleNestedAttribute{MarkdownDescription: a.MarkdownDescription, Attributes: ephemeralAttributes(a.Attributes), Required: a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	case datasourceschema.ListNestedAttribute:
		return schema.ListNestedAttribute{MarkdownDescription: a.MarkdownDescription,
			NestedObject: schema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes), Validators: a.NestedObject.Validators},
			Required:     a.Required, Optional: a.Optional, Computed: a.Computed, Validators: a.Validators}
	}
	panic(fmt.Sprintf("ephemeralAttribute has no case for %T", attribute)) // at the first start, and in every test
}

func ephemeralAttributes(attributes map[string]datasourceschema.Attribute) map[string]schema.Attribute {
	counterparts := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		counterparts[name] = ephemeralAttribute(attribute)
	}
	return counterparts
}
