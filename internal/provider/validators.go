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

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// invalidValue is the summary of the errors about values. Their detail names the argument.
const invalidValue = "Invalid value"

// addInvalid adds an error about the value of an argument.
func addInvalid(diags *diag.Diagnostics, at path.Path, err error) {
	diags.AddAttributeError(visible(at), invalidValue, fmt.Sprintf("The value of %s %s.", at, err))
}

// visible returns the path that a diagnostic points at. Terraform finds an element of a list in the configuration. For an
// attribute of the element, it would point at the whole block.
func visible(at path.Path) path.Path {
	for len(at.Steps()) > 2 {
		at = at.ParentPath()
	}
	return at
}

// The check functions return an error that continues the sentence "The value of x ...". It never contains a
// credential.

var digits = regexp.MustCompile(`^[0-9]+$`)

func checkCustomerID(value string) error {
	if digits.MatchString(value) {
		return nil
	}
	// Do not show the value: it may be a credential.
	return fmt.Errorf("must be a Vectara customer ID, which has digits only, such as 1526022105. It has %d characters", utf8.RuneCountInString(value))
}

func checkCredential(value string) error {
	switch {
	case value != strings.TrimSpace(value):
		return errors.New("begins or ends with white space or a line break, which is not part of a credential. In a configuration, trimspace() removes it")
	case len(value) > 7 && strings.EqualFold(value[:7], "Bearer "):
		return errors.New("begins with \"Bearer\", which the provider adds itself. Set the credential without it")
	case !rest.IsCredential(value):
		return errors.New("has a line break, another control character, or a character outside ASCII such as a curly quote, which cannot be part of a credential")
	}
	return nil
}

func checkBaseURL(value string) error {
	parsed, err := url.Parse(value)
	switch {
	case strings.ContainsAny(value, " \t\r\n"):
		return errors.New("must be a URL without white space")
	case err != nil || parsed.Hostname() == "":
		return errors.New("must be a URL, such as https://api.example.com/v1")
	case parsed.User != nil:
		// Do not show the value: it has a password.
		return errors.New("must not have a user or password. Set the credential in its own attribute")
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" || strings.Contains(value, "#"):
		// Do not show the value: a query may have a key.
		return errors.New("must not have a query (?) or a fragment (#). Set a credential in its own attribute")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return fmt.Errorf("must begin with https://, because the provider sends a credential to it. Only a loopback address may begin with http://. It is %q", value)
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return fmt.Errorf("must begin with https://. It is %q", value)
	}
	if port := parsed.Port(); port != "" {
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			return fmt.Errorf("has a port that is not valid. It is %q", value)
		}
	}
	return nil
}

// checkVectaraBaseURL also rejects a version at the end of the path. The client adds the version, so the path of a
// request would be /v2/v2/users.
func checkVectaraBaseURL(value string) error {
	if err := checkBaseURL(value); err != nil {
		return err
	}
	for _, version := range []string{"/v1", "/v2"} {
		if strings.HasSuffix(strings.ToLower(trimURL(value)), version) {
			return fmt.Errorf("must not end in %s, because the provider adds the version of the API (%s). It is %q",
				version, attributeOf(envVectaraAPIVersion), value)
		}
	}
	return nil
}

// checkRequestTimeout accepts the durations that fit the timeout header: whole seconds, of at most eight digits.
func checkRequestTimeout(value string) error {
	timeout, err := time.ParseDuration(value)
	if err != nil || timeout < time.Second || timeout%time.Second != 0 || timeout > 99_999_999*time.Second {
		return fmt.Errorf("must be a whole number of seconds, at least 1, written as a duration such as 45s or 2m. It is %q", value)
	}
	return nil
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

func checkUUID(value string) error {
	if !uuid.MatchString(value) {
		return fmt.Errorf("must be a UUID, such as 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e. It is %q", value)
	}
	return nil
}

// checkPattern checks a regular expression. It rejects an empty string, which would match all users and may come
// from an unset variable.
func checkPattern(value string) error {
	if value == "" {
		return checkNotEmpty(value)
	}
	if _, err := regexp.Compile(value); err != nil {
		return fmt.Errorf("must be a regular expression (RE2): %w", err)
	}
	return nil
}

func checkTime(value string) error {
	if _, err := time.Parse(time.RFC3339, value); err != nil {
		return fmt.Errorf("must be a time in RFC 3339, such as 2026-01-31T08:00:00Z. It is %q", value)
	}
	return nil
}

func checkNotEmpty(value string) error {
	if value == "" {
		return errors.New("must not be empty")
	}
	return nil
}

// oneOf returns a check for one of the allowed strings.
func oneOf(allowed ...string) func(string) error {
	return func(value string) error {
		if slices.Contains(allowed, value) {
			return nil
		}
		return fmt.Errorf("must be %s. It is %q", oneOfThese(allowed), value)
	}
}

// oneOfThese joins alternatives: "a, b or c".
func oneOfThese(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1]
}

func checkNoOuterSpace(value string) error {
	if value != strings.TrimSpace(value) {
		return fmt.Errorf("must not begin or end with white space, because no user would match. It is %q", value)
	}
	return nil
}

// atMostCharacters returns a check of the length of a string.
func atMostCharacters(longest int) func(string) error {
	return func(value string) error {
		if n := utf8.RuneCountInString(value); n > longest {
			return fmt.Errorf("must have at most %d characters. It has %d", longest, n)
		}
		return nil
	}
}

// trimURL removes slashes from the end of a base URL, since the paths of requests begin with a slash.
func trimURL(value string) string { return strings.TrimRight(value, "/") }

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}

// valid makes a validator from a check.
func valid(check func(string) error) validator.String { return textValidator{check: check} }

// emptyOr is [valid] for an attribute of the provider, where an empty string counts as unset.
func emptyOr(check func(string) error) validator.String {
	return valid(func(value string) error {
		if value == "" {
			return nil
		}
		return check(value)
	})
}

// undescribed is embedded in validators. They need no description: the attribute's description has the rule.
type undescribed struct{}

func (undescribed) Description(context.Context) string         { return "" }
func (undescribed) MarkdownDescription(context.Context) string { return "" }

func isKnown(value attr.Value) bool { return !value.IsNull() && !value.IsUnknown() }

type textValidator struct {
	undescribed
	check func(string) error
}

func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isKnown(req.ConfigValue) {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		addInvalid(&resp.Diagnostics, req.Path, err)
	}
}

// wholeNumber is a validator of numbers. The framework's integer attributes are not used, since the framework reports
// a fraction in them as a bug of the provider.
type wholeNumber struct{ least, most int64 }

// any64 accepts every whole number of 64 bits.
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

func (v wholeNumber) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if !isKnown(req.ConfigValue) {
		return
	}
	if err := v.check(req.ConfigValue.ValueBigFloat()); err != nil {
		addInvalid(&resp.Diagnostics, req.Path, err)
	}
}

func (v wholeNumber) check(number *big.Float) error {
	if whole, accuracy := number.Int64(); accuracy != big.Exact || whole < v.least || whole > v.most {
		return fmt.Errorf("must be %s. It is %s", v.Description(context.Background()), number.Text('g', 20))
	}
	return nil
}

// checkText checks the value of an environment variable.
func (v wholeNumber) checkText(text string) error {
	if number, err := strconv.ParseInt(text, 10, 64); err != nil || number < v.least || number > v.most {
		return fmt.Errorf("must be %s. It is %q", v.Description(context.Background()), text)
	}
	return nil
}

// int64Of converts a number that a wholeNumber has validated. It returns 0 for null.
func int64Of(number types.Number) int64 {
	if number.IsNull() {
		return 0
	}
	whole, _ := number.ValueBigFloat().Int64()
	return whole
}

// atMost is a validator that rejects a number greater than another argument.
type atMost struct {
	undescribed
	argument string
}

func (v atMost) ValidateNumber(ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	var most types.Number
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(v.argument), &most)...)
	if isKnown(req.ConfigValue) && isKnown(most) && req.ConfigValue.ValueBigFloat().Cmp(most.ValueBigFloat()) > 0 {
		addInvalid(&resp.Diagnostics, req.Path, fmt.Errorf("must not be greater than %s, which is %d. It is %d", v.argument, int64Of(most), int64Of(req.ConfigValue)))
	}
}

// after is a validator that rejects a time that is not after the time of another argument.
type after struct {
	undescribed
	argument string
}

func (v after) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var earlier types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(v.argument), &earlier)...)
	start, err := time.Parse(time.RFC3339, earlier.ValueString())
	end, endErr := time.Parse(time.RFC3339, req.ConfigValue.ValueString())
	if err == nil && endErr == nil && !end.After(start) {
		addInvalid(&resp.Diagnostics, req.Path, fmt.Errorf("must be after %s, which is %q. Otherwise no user matches. It is %q", v.argument, earlier.ValueString(), req.ConfigValue.ValueString()))
	}
}

// finite is a validator that rejects infinity, which Terraform has (1/0) and JSON has not.
type finite struct{ undescribed }

func (finite) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if !isKnown(req.ConfigValue) {
		return
	}
	if err := checkFinite(req.ConfigValue.ValueBigFloat()); err != nil {
		addInvalid(&resp.Diagnostics, req.Path, err)
	}
}

func checkFinite(number *big.Float) error {
	if number.IsInf() {
		return errors.New("must be a finite number")
	}
	return nil
}

// noNulls is a validator that rejects null elements.
type noNulls struct{ undescribed }

func (noNulls) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			addInvalid(&resp.Diagnostics, req.Path.AtListIndex(i), errors.New("must not be null"))
		}
	}
}

// atMostElements is a validator of the length of a list.
type atMostElements struct {
	undescribed
	limit int
}

func (v atMostElements) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if n := len(req.ConfigValue.Elements()); n > v.limit {
		addInvalid(&resp.Diagnostics, req.Path, fmt.Errorf("must have at most %d elements. It has %d", v.limit, n))
	}
}

// eachText makes a validator of a list of strings from a check of an element.
func eachText(check func(string) error) validator.List {
	return elementValidator{check: func(element attr.Value) error {
		text, _ := element.(types.String)
		return check(text.ValueString())
	}}
}

// eachNumber makes a validator of a list of numbers from a check of an element.
func eachNumber(check func(*big.Float) error) validator.List {
	return elementValidator{check: func(element attr.Value) error {
		number, _ := element.(types.Number)
		return check(number.ValueBigFloat())
	}}
}

type elementValidator struct {
	undescribed
	check func(attr.Value) error
}

func (v elementValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		if !isKnown(element) {
			continue
		}
		if err := v.check(element); err != nil {
			addInvalid(&resp.Diagnostics, req.Path.AtListIndex(i), err)
		}
	}
}

// whenEmpty is a validator that warns about an empty list, which may come from an unset variable.
type whenEmpty struct {
	undescribed
	effect string // of the empty list
}

var (
	keepsNoUser  = whenEmpty{effect: "so no user matches"}
	isNotDefined = whenEmpty{effect: "and Openlayer does not document what that means"}
)

func (v whenEmpty) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if list := req.ConfigValue; isKnown(list) && len(list.Elements()) == 0 {
		v.warn(req.Path, &resp.Diagnostics)
	}
}

func (v whenEmpty) warn(at path.Path, diags *diag.Diagnostics) {
	diags.AddAttributeWarning(visible(at), "Empty list", fmt.Sprintf("%s has no elements, %s. To leave the argument out, set it to null.", at, v.effect))
}
