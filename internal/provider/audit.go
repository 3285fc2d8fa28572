package provider

import (
	"fmt"
	"math"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// What the provider adds to every listing, for audits.

// afterReading ends the description of an argument that the API does not know.
const afterReading = "Applied by the provider, after it has read the users that the other arguments ask for."

func includeUsersAttribute() schema.Attribute {
	return schema.BoolAttribute{
		MarkdownDescription: "Whether the result has `users`. With `false` they are null, so that nothing about a person gets into the state, " +
			"and a policy that loops over them fails instead of passing over nobody; `summary` stays (added by the provider). Default: `true`.",
		Optional: true,
	}
}

// includesUsers is include_users with its default.
func includesUsers(argument types.Bool) bool { return argument.IsNull() || argument.ValueBool() }

func maxUsersAttribute() schema.Attribute {
	return schema.NumberAttribute{
		MarkdownDescription: "Makes it an error if more users than this match, at least 0; the listing is never cut (added by the provider).",
		Optional:            true,
		Validators:          []validator.Number{wholeNumber{0, math.MaxInt64}},
	}
}

func checkMaxUsers(argument types.Number, matched int, diags *diag.Diagnostics) {
	if limit := int64Of(argument); !argument.IsNull() && int64(matched) > limit {
		diags.AddAttributeError(path.Root("max_users"), "Too many users", fmt.Sprintf(
			"%d users match, and max_users allows %d. Ask for fewer of them with the filters, or raise max_users.", matched, limit))
	}
}

// tooLarge is the error about a result that would have this many bytes.
func tooLarge(size int) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity:  tfprotov6.DiagnosticSeverityError,
		Summary:   "Too many users for Terraform",
		Attribute: tftypes.NewAttributePath().WithAttributeName("include_users"),
		Detail: fmt.Sprintf("With all of these users the result would have %d MiB, and at most %d MiB can be sent to Terraform at once. "+
			"No users are returned, not even some of them.\n\n"+
			"Ask for fewer of them with the filters, or set include_users = false, which leaves the summary.", (size-1)>>20+1, biglist.MaxObject>>20),
	}
}

func totalAttribute() schema.Attribute {
	return schema.Int64Attribute{MarkdownDescription: "How many users the API listed.", Computed: true}
}

func matchedAttribute() schema.Attribute {
	return schema.Int64Attribute{MarkdownDescription: "How many of them the filters that the provider applies have kept.", Computed: true}
}

// pattern is a regular expression that has been validated, with flags; nil for null.
func pattern(text types.String, flags string) *regexp.Regexp {
	if text.IsNull() {
		return nil
	}
	return regexp.MustCompile(flags + text.ValueString())
}
