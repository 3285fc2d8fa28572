package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpguts"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// The checks of a setting return what is wrong with a value, to follow "The value …". They never
// repeat a credential, and take an empty string for one that is left out.

var digits = regexp.MustCompile(`^[0-9]+$`)

func checkCustomerID(value string) error {
	switch {
	case value == "" || digits.MatchString(value):
		return nil
	case len(value) > 20: // perhaps a credential in the wrong place, which is not to be shown
		return fmt.Errorf("must be a Vectara customer ID, which has digits only, such as 1526022105; it has %d characters", len(value))
	}
	return fmt.Errorf("must be a Vectara customer ID, which has digits only, such as 1526022105; it is %q", value)
}

func checkCredential(value string) error {
	switch {
	case value != strings.TrimSpace(value):
		return errors.New("begins or ends with white space or a line break, which is not part of a credential; in a configuration, trimspace() takes it off")
	case len(value) > 7 && strings.EqualFold(value[:7], "Bearer "):
		return errors.New("begins with \"Bearer\", which is not part of the credential; the provider adds it itself")
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
	case strings.ContainsAny(value, " \t\r\n"):
		return errors.New("must be a URL without white space")
	case err != nil || parsed.Hostname() == "":
		return errors.New("must be a URL, such as https://api.example.com/v1")
	case parsed.User != nil:
		// The value is not repeated: it has a password.
		return errors.New("must not have a user or password in it; credentials have attributes of their own")
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" || strings.Contains(value, "#"):
		// The value is not repeated: a query may hold a key.
		return errors.New("must not have a query (?) or a fragment (#); credentials have attributes of their own")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return fmt.Errorf("must begin with https://, since a credential is sent to it; http is for a loopback address only; it is %q", value)
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return fmt.Errorf("must begin with https://; it is %q", value)
	}
	if port := parsed.Port(); port != "" {
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			return fmt.Errorf("has a port that is not valid; it is %q", value)
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
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
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

// finite is a validator of numbers, since Terraform has infinite ones (1/0), and JSON has none.
type finite struct{}

func (finite) Description(context.Context) string         { return "a finite number" }
func (finite) MarkdownDescription(context.Context) string { return "a finite number" }

func (finite) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if number := req.ConfigValue; !number.IsNull() && !number.IsUnknown() && number.ValueBigFloat().IsInf() {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value", fmt.Sprintf("The value of %s must be a finite number.", req.Path))
	}
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

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

func checkUUID(value string) error {
	if !uuid.MatchString(value) {
		return fmt.Errorf("must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e; it is %q", value)
	}
	return nil
}

// oneOf returns a check of a text that is one of these.
func oneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("must be one of %s; it is %q", strings.Join(values, ", "), value)
		}
		return nil
	}
}

// prefixed returns a check of a text that begins like this.
func prefixed(prefix, example string) func(string) error {
	return func(value string) error {
		if !strings.HasPrefix(value, prefix) {
			return fmt.Errorf("must begin with %s, such as %s; it is %q", prefix, example, value)
		}
		return nil
	}
}

// atMostCharacters returns a check of a text's length in Unicode characters.
func atMostCharacters(most int) func(string) error {
	return func(value string) error {
		if length := utf8.RuneCountInString(value); length > most {
			return fmt.Errorf("must have at most %d characters; it has %d", most, length)
		}
		return nil
	}
}

func checkNotEmpty(value string) error {
	if value == "" {
		return errors.New("must not be empty")
	}
	return nil
}

func checkNoOuterSpace(value string) error {
	if value != strings.TrimSpace(value) {
		return fmt.Errorf("must not begin or end with white space, with which nothing would match; it is %q", value)
	}
	return nil
}

// eachText makes a validator of lists from a check of an element.
func eachText(check func(string) error) validator.List {
	return listvalidator.ValueStringsAre(valid(check))
}

// noNulls is a validator of lists.
type noNulls struct{}

func (noNulls) Description(context.Context) string         { return "no element is null" }
func (noNulls) MarkdownDescription(context.Context) string { return "no element is null" }

func (noNulls) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		if at := req.Path.AtListIndex(i); element.IsNull() {
			resp.Diagnostics.AddAttributeError(at, "Invalid value", fmt.Sprintf("The value of %s must not be null.", at))
		}
	}
}

// atMostElements is a validator of lists.
type atMostElements int

func (v atMostElements) Description(context.Context) string {
	return fmt.Sprintf("at most %d elements", int(v))
}
func (v atMostElements) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v atMostElements) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if n := len(req.ConfigValue.Elements()); n > int(v) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid value", fmt.Sprintf("The value of %s must have at most %d elements; it has %d.", req.Path, int(v), n))
	}
}

// checkPattern checks a regular expression.
func checkPattern(value string) error {
	if _, err := regexp.Compile(value); err != nil {
		return fmt.Errorf("must be a regular expression (RE2); %w", err)
	}
	return nil
}

// checkTime checks a time in RFC 3339.
func checkTime(value string) error {
	if _, err := time.Parse(time.RFC3339, value); err != nil {
		return fmt.Errorf("must be a time in RFC 3339, such as 2026-01-31T08:00:00Z; it is %q", value)
	}
	return nil
}
