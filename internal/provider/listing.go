package provider

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/biglist"
)

// listing is the arguments and the result of a data source, and of its ephemeral counterpart: a pointer
// to the struct that the configuration is read into.
type listing[M any] interface {
	*M
	// read sets the result. It returns true where a setting of the provider is unknown and Terraform
	// allows the listing to be deferred.
	read(ctx context.Context, clients *clients, deferralAllowed bool) (deferred bool, diags diag.Diagnostics)
}

// list is the attribute of a listing that holds what was listed. The arguments about it are named for
// it: for users they are include_users, min_users and max_users.
type list[T any] struct {
	name        string // of the attribute, in the plural
	description string
	element     biglist.Object[T]
}

// listArguments are the arguments about a list.
type listArguments struct {
	Include  types.Bool
	Min, Max types.Number
	Timeouts types.Object
}

// usersArguments are listArguments with the names that they have for a list called users. One type converts to the
// other.
type usersArguments struct {
	Include  types.Bool   `tfsdk:"include_users"`
	Min      types.Number `tfsdk:"min_users"`
	Max      types.Number `tfsdk:"max_users"`
	Timeouts types.Object `tfsdk:"timeouts"`
}

// with adds the list, and the arguments about it, to the attributes of a schema.
func (l list[T]) with(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes[l.name] = l.element.Schema(l.description)
	attributes["include_"+l.name] = schema.BoolAttribute{
		MarkdownDescription: fmt.Sprintf("Whether the result has `%[1]s`. With `false`, `%[1]s` is null: no personal data get into plan or state, "+
			"and a rule that loops over it fails instead of passing. `summary` remains. Default: `true`. Added by the provider.", l.name),
		Optional: true,
	}
	attributes["min_"+l.name] = schema.NumberAttribute{
		MarkdownDescription: fmt.Sprintf("Fewer matched %s than this are an error. Set it to `1` if a rule must not pass because "+
			"the list is empty. Default: `0`. Added by the provider.", l.spoken()),
		Optional:   true,
		Validators: []validator.Number{count, atMost{argument: "max_" + l.name}},
	}
	attributes["max_"+l.name] = schema.NumberAttribute{
		MarkdownDescription: fmt.Sprintf("More matched %s than this are an error. The list is never cut. Default: no limit. Added by the provider.", l.spoken()),
		Optional:            true,
		Validators:          []validator.Number{count},
	}
	return attributes
}

// summary is the attribute with figures of the list: these, and the counts that every summary has.
func (l list[T]) summary(description string, figures map[string]schema.Attribute) schema.Attribute {
	figures["total"] = schema.Int64Attribute{MarkdownDescription: "Number of " + l.spoken() + " that the API listed.", Computed: true}
	figures["matched"] = schema.Int64Attribute{MarkdownDescription: "Number of " + l.spoken() + " that match the filters of the provider.", Computed: true}
	return schema.SingleNestedAttribute{MarkdownDescription: description + " Added by the provider.", Computed: true, Attributes: figures}
}

var count = wholeNumber{0, math.MaxInt64}

// spoken is the name in words.
func (l list[T]) spoken() string { return strings.ReplaceAll(l.name, "_", " ") }

// reader is how a list is read.
type reader[T any] struct {
	// fetch returns the whole list, or a page of it.
	fetch func(context.Context) ([]T, error)
	// match keeps the elements that match the filters of the provider, and sums them up. Where the context
	// ends meanwhile, nothing that it returns or sets is used.
	match func(context.Context, []T) ([]T, diag.Diagnostics)
	// failures words the errors of fetch.
	failures failures
	// logged says in the log what the list is of.
	logged map[string]any
}

// read is the list as an attribute. It is null where there are errors.
func (l list[T]) read(ctx context.Context, args listArguments, r reader[T], diags *diag.Diagnostics) types.List {
	ctx, cancel := context.WithTimeout(ctx, readTimeout(args.Timeouts))
	defer cancel()
	all, err := r.fetch(ctx)
	if err != nil {
		diags.Append(r.failures.diagnostic(err))
		return l.element.Null()
	}
	r.logged[l.name] = len(all)
	tflog.Debug(ctx, "Read a listing", r.logged)

	var matched []T
	var problems diag.Diagnostics
	if !interruptible(ctx, func() { matched, problems = r.match(ctx, all) }) {
		diags.Append(r.failures.interrupted(ctx))
		return l.element.Null()
	}
	if diags.Append(problems...); diags.HasError() {
		return l.element.Null()
	}
	return l.value(ctx, args, matched, diags)
}

// value is the list as an attribute. It adds an error where the number of elements is not allowed.
func (l list[T]) value(ctx context.Context, args listArguments, elements []T, diags *diag.Diagnostics) types.List {
	if least := int64Of(args.Min); int64(len(elements)) < least {
		diags.AddAttributeError(path.Root("min_"+l.name), "Too few "+l.spoken(), fmt.Sprintf(
			"%d %s match, and min_%s requires %d. Check the filters and the credential, or lower min_%[3]s.", len(elements), l.spoken(), l.name, least))
	}
	if most := int64Of(args.Max); !args.Max.IsNull() && int64(len(elements)) > most {
		diags.AddAttributeError(path.Root("max_"+l.name), "Too many "+l.spoken(), fmt.Sprintf(
			"%d %s match, and max_%s allows %d. Select fewer with the filters, or raise max_%[3]s.", len(elements), l.spoken(), l.name, most))
	}
	if !args.Include.IsNull() && !args.Include.ValueBool() {
		return l.element.Null()
	}
	value, err := l.element.List(ctx, l.name, elements)
	if err != nil {
		diags.AddError("Unexpected protocol server", fmt.Sprintf("%s cannot be returned: %s. This is a bug in the provider; please report it.", l.name, err))
	}
	return value
}

// tooLarge is the error about a result that would have this many bytes because of a list.
func tooLarge(list string, size int) *tfprotov6.Diagnostic {
	include := "include_" + list
	return &tfprotov6.Diagnostic{
		Severity:  tfprotov6.DiagnosticSeverityError,
		Summary:   "Result too large for Terraform",
		Attribute: tftypes.NewAttributePath().WithAttributeName(include),
		Detail: fmt.Sprintf("With all %s that match, the result would have %d MiB, and the provider sends Terraform at most %d MiB at once. "+
			"Nothing is returned, not even a part of it.\n\n"+
			"Select fewer with the filters, or set %s = false, which leaves the summary.",
			strings.ReplaceAll(list, "_", " "), (size-1)>>20+1, biglist.MaxObject>>20, include),
	}
}

// counts are the figures that every summary has.
type counts struct {
	Total   types.Int64 `tfsdk:"total"`
	Matched types.Int64 `tfsdk:"matched"`
}

func newCounts(total, matched int) counts {
	return counts{types.Int64Value(int64(total)), types.Int64Value(int64(matched))}
}

// interruptible does work that takes no notice of the end of a context, such as to match a regular expression
// with a long text. It returns false as soon as the context ends; the work then ends by itself, and what it
// sets must not be used.
func interruptible(ctx context.Context, work func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	select {
	case <-done:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// filtered ends the description of a filter that the API does not have.
const filtered = "Filtered by the provider, after reading."

// elements are the elements of a list, nil for null.
func elements[E any](ctx context.Context, list types.List, diags *diag.Diagnostics) []E {
	if list.IsNull() {
		return nil
	}
	values := make([]E, 0, len(list.Elements()))
	diags.Append(list.ElementsAs(ctx, &values, false)...)
	return values
}

// pattern is a regular expression that has been validated, with flags; nil for null.
func pattern(text types.String, flags string) *regexp.Regexp {
	if text.IsNull() {
		return nil
	}
	return regexp.MustCompile(flags + text.ValueString())
}
