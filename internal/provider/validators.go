package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpguts"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// The checks of a setting return what is wrong with a value, to follow "The value …". They never
// repeat a credential, and take an empty string for one that is left out.

var digits = regexp.MustCompile(`^[0-9]+$`)

func checkCustomerID(value string) error {
	if value != "" && !digits.MatchString(value) {
		return fmt.Errorf("must be a Vectara customer ID, which has digits only, such as 1526022105; it is %q", value)
	}
	return nil
}

func checkCredential(value string) error {
	switch {
	case value != strings.TrimSpace(value):
		return errors.New("begins or ends with white space or a line break, which is not part of a credential; in a configuration, trimspace() takes it off")
	case !httpguts.ValidHeaderFieldValue(value):
		return errors.New("has a line break or another control character, which cannot be part of a credential")
	}
	return nil
}

func checkBaseURL(value string) error {
	if value == "" {
		return nil
	}
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Hostname() == "":
		return errors.New("must be a URL, such as https://api.example.com/v1")
	case parsed.User != nil:
		// The value is not repeated: it has a password.
		return errors.New("must not have a user or password in it; credentials have attributes of their own")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return fmt.Errorf("must begin with https://, since a credential is sent to it; http is for a loopback address only; it is %q", value)
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return fmt.Errorf("must begin with https://; it is %q", value)
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" || strings.Contains(value, "#"):
		return fmt.Errorf("must not have a query (?) or a fragment (#); it is %q", value)
	}
	if port := parsed.Port(); port != "" {
		if _, err := net.LookupPort("tcp", port); err != nil {
			return fmt.Errorf("has a port that is none; it is %q", value)
		}
	}
	return nil
}

func checkAPIVersion(value string) error {
	switch value {
	case "", vectara.V1, vectara.V2:
		return nil
	}
	return fmt.Errorf("must be v1 or v2; it is %q", value)
}

// checkRequestTimeout allows what the timeout header can say: at most eight digits of seconds.
func checkRequestTimeout(value string) error {
	timeout, err := time.ParseDuration(value)
	if err != nil || timeout < time.Second || timeout%time.Second != 0 || timeout > 99_999_999*time.Second {
		return fmt.Errorf("must be a whole number of seconds, at least 1, written as a duration such as 45s or 2m; it is %q", value)
	}
	return nil
}

// trimURL takes the slash off a base URL's end, to which paths with a slash are appended.
func trimURL(value string) string { return strings.TrimRight(value, "/") }

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// wholeNumber is a validator of numbers, and the reader of those that it has validated. The framework
// has integer types of its own, but words a fraction in one as a bug in the provider.
type wholeNumber struct{ least, most int64 }

// any64 is any whole number that fits 64 bits.
var any64 = wholeNumber{math.MinInt64, math.MaxInt64}

func (v wholeNumber) Description(context.Context) string {
	switch {
	case v == any64:
		return "a whole number"
	case v.most == math.MaxInt64:
		return fmt.Sprintf("a whole number, at least %d", v.least)
	}
	return fmt.Sprintf("a whole number from %d to %d", v.least, v.most)
}

func (v wholeNumber) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v wholeNumber) ValidateNumber(ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if number := req.ConfigValue.ValueBigFloat(); !v.holds(number) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value",
			fmt.Sprintf("The value of %s must be %s; it is %s.", req.Path, v.Description(ctx), number.Text('g', 20)))
	}
}

func (v wholeNumber) holds(number *big.Float) bool {
	whole, accuracy := number.Int64()
	return accuracy == big.Exact && whole >= v.least && whole <= v.most
}

// int64Of is a number that a wholeNumber has validated, 0 for null.
func int64Of(number types.Number) int64 {
	if number.IsNull() {
		return 0
	}
	whole, _ := number.ValueBigFloat().Int64()
	return whole
}

// valid makes a validator of a check.
func valid(check func(string) error) validator.String { return checkValidator{check} }

type checkValidator struct{ check func(string) error }

func (v checkValidator) Description(context.Context) string         { return "" }
func (v checkValidator) MarkdownDescription(context.Context) string { return "" }

func (v checkValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value", fmt.Sprintf("The value of %s %s.", req.Path, err))
	}
}

var uuid = stringvalidator.RegexMatches(
	regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`),
	"must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e")

// defaultReadTimeout is how long a data source reads where its timeouts do not say.
const defaultReadTimeout = 5 * time.Minute

// timeoutsAttribute is the attribute timeouts of every data source.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		ReadDescription: "How long reading may take in all, with its retries and waits, such as `30s` or `1h`. Default: `5m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "Time limits of this data source (added by the provider)."
		return nested
	}
	return attribute
}

// validateTimeouts finds a time limit that leaves no time.
func validateTimeouts(value timeouts.Value, diags *diag.Diagnostics) {
	if limit := readTimeout(value); limit <= 0 {
		diags.AddAttributeError(path.Root("timeouts").AtName("read"), "Invalid value",
			fmt.Sprintf("The value of timeouts.read must be more than 0; it is %s.", limit))
	}
}

// readTimeout is the time limit of a data source: its own, or the default, which also stands for
// one that is not known yet, or that the schema has found not to be a duration. The library's
// own method logs a line where there is none.
func readTimeout(value timeouts.Value) time.Duration {
	text, ok := value.Attributes()["read"].(types.String)
	if !ok || text.IsNull() || text.IsUnknown() {
		return defaultReadTimeout
	}
	limit, err := time.ParseDuration(text.ValueString())
	if err != nil {
		return defaultReadTimeout
	}
	return limit
}
