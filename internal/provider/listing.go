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

// listing is a pointer to a model: the struct of the arguments and the result of a data source, and of its ephemeral
// counterpart.
type listing[M any] interface {
	*M
	// read sets the result. It returns true if a setting of the provider is unknown and Terraform allows deferral.
	read(ctx context.Context, clients *clients, deferralAllowed bool) (deferred bool, diags diag.Diagnostics)
}

// list is the attribute of a listing with its elements, such as users. Its name is part of the names of three
// arguments: include_users, min_users and max_users.
type list[T any] struct {
	name        string // of the attribute, in the plural
	description string
	element     biglist.Kind[*T]
}

// listArguments are the arguments that a list adds, and the time limit.
type listArguments struct {
	Include  types.Bool
	Min, Max types.Number
	Timeouts types.Object
}

// usersArguments are listArguments with the attribute names of a list called users. The types are convertible.
type usersArguments struct {
	Include  types.Bool   `tfsdk:"include_users"`
	Min      types.Number `tfsdk:"min_users"`
	Max      types.Number `tfsdk:"max_users"`
	Timeouts types.Object `tfsdk:"timeouts"`
}

// with adds the list and its arguments to the attributes of a schema.
func (l list[T]) with(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes[l.name] = l.element.ListSchema(l.description)
	attributes["include_"+l.name] = schema.BoolAttribute{
		MarkdownDescription: fmt.Sprintf("Whether to return `%[1]s`. With `false`, `%[1]s` is null, so the result contains no %[2]s, "+
			"and a rule that loops over `%[1]s` is an error. `summary` is always set. Default: `true`. Not part of the API.", l.name, l.spoken()),
		Optional: true,
	}
	attributes["min_"+l.name] = schema.NumberAttribute{
		MarkdownDescription: fmt.Sprintf("Minimum number of matched %s. Fewer are an error. Set it to `1` if a rule must not pass on "+
			"an empty list. Default: `0`. Not part of the API.", l.spoken()),
		Optional:   true,
		Validators: []validator.Number{count, atMost{argument: "max_" + l.name}},
	}
	attributes["max_"+l.name] = schema.NumberAttribute{
		MarkdownDescription: fmt.Sprintf("Maximum number of matched %s. More are an error: the provider never cuts the list. Default: no limit. Not part of the API.", l.spoken()),
		Optional:            true,
		Validators:          []validator.Number{count},
	}
	return attributes
}

// summary returns the attribute with figures about the list: these figures, and the counts that every summary has.
func (l list[T]) summary(description string, figures map[string]schema.Attribute) schema.Attribute {
	figures["total"] = schema.Int64Attribute{MarkdownDescription: "Number of " + l.spoken() + " before the filters of the provider.", Computed: true}
	figures["matched"] = schema.Int64Attribute{MarkdownDescription: "Number of " + l.spoken() + " after the filters of the provider.", Computed: true}
	return schema.SingleNestedAttribute{MarkdownDescription: description + " Not part of the API.", Computed: true, Attributes: figures}
}

var count = wholeNumber{0, math.MaxInt64}

// spoken returns the name as words.
func (l list[T]) spoken() string { return strings.ReplaceAll(l.name, "_", " ") }

// reader has the functions that read and filter a list.
type reader[T any] struct {
	// fetch returns the whole listing, or a page of it.
	fetch func(context.Context) ([]T, error)
	// match returns the elements that match the filters of the provider, and sets the summary. If the context ends
	// first, read discards both.
	match func(context.Context, []T) ([]T, diag.Diagnostics)
	// failures makes diagnostics from the errors of fetch.
	failures failures
	// logged are the fields of the log entry.
	logged map[string]any
}

// read reads and filters the list, and stores it for the response.
func (l list[T]) read(ctx context.Context, args listArguments, r reader[T]) diag.Diagnostics {
	call := ctx
	ctx, cancel := context.WithTimeout(call, readTimeout(args.Timeouts))
	context.AfterFunc(call, cancel) // not at the end of read: the lease for a large listing ends with ctx
	all, err := r.fetch(ctx)
	if err != nil {
		return diag.Diagnostics{r.failures.diagnostic(err)}
	}
	r.logged[l.name] = len(all)
	tflog.Debug(ctx, "Read a listing", r.logged)

	var matched []T
	var diags diag.Diagnostics
	if !interruptible(ctx, func() { matched, diags = r.match(ctx, all) }) {
		return diag.Diagnostics{r.failures.interrupted(ctx)} // not diags, which match may still set
	}
	if !diags.HasError() {
		diags.Append(l.store(ctx, args, matched)...)
	}
	return diags
}

// store stores the list for the response. It returns an error if there are too few or too many elements.
func (l list[T]) store(ctx context.Context, args listArguments, elements []T) (diags diag.Diagnostics) {
	if least := int64Of(args.Min); int64(len(elements)) < least {
		diags.AddAttributeError(path.Root("min_"+l.name), "Too few "+l.spoken(), fmt.Sprintf(
			"Matching %s: %d. min_%s requires %d. Check the filters and the credential, or lower min_%[3]s.", l.spoken(), len(elements), l.name, least))
	}
	if most := int64Of(args.Max); !args.Max.IsNull() && int64(len(elements)) > most {
		diags.AddAttributeError(path.Root("max_"+l.name), "Too many "+l.spoken(), fmt.Sprintf(
			"Matching %s: %d. max_%s allows %d. Select fewer %[1]s with the filters, or raise max_%[3]s.", l.spoken(), len(elements), l.name, most))
	}
	if args.Include.IsNull() || args.Include.ValueBool() {
		if err := biglist.Store(ctx, l.name, l.element, elements); err != nil {
			diags.AddError("Unexpected protocol server", fmt.Sprintf("The provider cannot return %s: %s. This is a bug in the provider. Please report it.", l.name, err))
		}
	}
	return diags
}

// tooLarge returns the error for a result of size bytes, which is too large because of the list.
func tooLarge(list string, size int) *tfprotov6.Diagnostic {
	include := "include_" + list
	return &tfprotov6.Diagnostic{
		Severity:  tfprotov6.DiagnosticSeverityError,
		Summary:   "Result too large for Terraform",
		Attribute: tftypes.NewAttributePath().WithAttributeName(include),
		Detail: fmt.Sprintf("The result with all matching %[1]s would have %[2]d MiB. The provider can send at most %[3]d MiB to Terraform. "+
			"It does not return a partial result.\n\n"+
			"Select fewer %[1]s with the filters, or set %[4]s = false to get only the summary.",
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

// interruptible runs work that ignores the context, such as matching a regular expression with a long string. If the
// context ends first, it returns false at once. The work then continues in the background, and the caller must not
// use its results.
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

// filtered is the end of the description of each filter that the provider applies.
const filtered = "The provider applies this filter after reading."

// elements returns the elements of a list, nil for null.
func elements[E any](ctx context.Context, list types.List, diags *diag.Diagnostics) []E {
	if list.IsNull() {
		return nil
	}
	values := make([]E, 0, len(list.Elements()))
	diags.Append(list.ElementsAs(ctx, &values, false)...)
	return values
}

// pattern compiles a validated regular expression with flags. It returns nil for null.
func pattern(text types.String, flags string) *regexp.Regexp {
	if text.IsNull() {
		return nil
	}
	return regexp.MustCompile(flags + text.ValueString())
}
