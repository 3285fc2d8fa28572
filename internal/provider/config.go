package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// The environment variables that stand in for attributes.
const (
	envOpenlayerAPIKey     = "OPENLAYER_API_KEY"
	envOpenlayerBaseURL    = "OPENLAYER_BASE_URL"
	envVectaraCustomerID   = "VECTARA_CUSTOMER_ID"
	envVectaraOAuthToken   = "VECTARA_OAUTH_TOKEN"
	envVectaraClientID     = "VECTARA_CLIENT_ID"
	envVectaraClientSecret = "VECTARA_CLIENT_SECRET"
	envVectaraTokenURL     = "VECTARA_TOKEN_URL"
	envVectaraAPIKey       = "VECTARA_API_KEY"
	envVectaraAPIVersion   = "VECTARA_API_VERSION"
	envVectaraBaseURL      = "VECTARA_BASE_URL"
	envMaxRetries          = "LLMUSERS_MAX_RETRIES"
	envMaxConcurrency      = "LLMUSERS_MAX_CONCURRENCY"
)

var (
	maxRetries     = wholeNumber{0, 10}
	maxConcurrency = wholeNumber{1, 32}
)

const (
	defaultMaxRetries = 4
	// What it takes to read 200 pages, twice, at 50 ms each, in about a second. No reading begins with
	// so many, and a vendor that turns a request away has fewer of them at once.
	defaultMaxConcurrency = 32
)

// The provider's configuration. The nested objects are kept as values, since an object as a whole
// may be unknown.
type providerModel struct {
	Openlayer      types.Object `tfsdk:"openlayer"`
	Vectara        types.Object `tfsdk:"vectara"`
	MaxRetries     types.Number `tfsdk:"max_retries"`
	MaxConcurrency types.Number `tfsdk:"max_concurrency"`
}

// clients are what the data sources get from the provider's configuration: a client for each
// vendor, or the reason why there is none, which matters only to a data source that needs it.
type clients struct {
	openlayer vendorClient[*openlayer.Client]
	vectara   vendorClient[*vectara.Client]
	// vectaraVersion is the version of Vectara's API, and vectaraFailures words its errors.
	vectaraVersion  string
	vectaraFailures failures
	// customerID is the default of the data sources' own, which only v1 needs.
	customerID setting
}

// vendorClient is a client, and the settings without which it cannot be used.
type vendorClient[C any] struct {
	client C
	needs  []setting
}

// get returns the client. Without one, it returns the errors that say which settings are missing;
// where they are only not known yet and Terraform can come back later, it returns true.
func (v vendorClient[C]) get(mayDefer bool) (client C, deferred bool, diags diag.Diagnostics) {
	for _, need := range v.needs {
		wait, problems := need.check(mayDefer)
		diags.Append(problems...)
		deferred = deferred || wait
	}
	return v.client, deferred, diags
}

// origin is where a setting comes from; the greater wins.
type origin int

const (
	leftOut origin = iota // and perhaps a default
	fromEnvironment
	fromConfiguration // which may be unknown
)

// setting is a value of the provider's configuration, wherever it came from.
type setting struct {
	value   string
	unknown bool
	origin  origin
	// What it is, and its attribute and variable, for diagnostics.
	label, attribute, variable string
	// invalid is what is wrong with it, where something is.
	invalid string
	// hint is one more sentence for when it is missing.
	hint string
}

// check tells whether the setting can be used, as [vendorClient.get] does.
func (s setting) check(mayDefer bool) (deferred bool, diags diag.Diagnostics) {
	switch {
	case s.invalid != "":
		diags.AddError(s.label, s.invalid)
	case s.unknown && mayDefer:
		return true, nil
	case s.unknown:
		diags.AddError(s.label+" not known yet", fmt.Sprintf(
			"The provider's configuration sets %s to a value that is only known after apply, and this data source needs it now, to read.\n\n"+
				"Give it a value that is known at plan time, such as a variable, or leave it out and set %s in the environment. "+
				"Where the value comes from a resource, apply that resource first: terraform apply -target=<its address>.", s.attribute, s.variable))
	case s.value == "":
		detail := fmt.Sprintf("This data source cannot be read without it. Set %s in the configuration of the provider llmusers, or %s in the environment.",
			s.attribute, s.variable)
		if s.hint != "" {
			detail += "\n\n" + s.hint
		}
		diags.AddError(s.label+" missing", detail)
	}
	return false, diags
}

// configure makes the clients. It reports every problem that it finds, not only the first.
func (p *llmUsersProvider) configure(ctx context.Context, req provider.ConfigureRequest) (*clients, diag.Diagnostics) {
	var model providerModel
	var diags diag.Diagnostics
	diags.Append(req.Config.Get(ctx, &model)...)
	if diags.HasError() {
		return nil, diags
	}
	r := resolver{getenv: p.getenv, diags: &diags}

	retries, retriesSetting := r.number("max_retries", model.MaxRetries, envMaxRetries, maxRetries, defaultMaxRetries)
	concurrency, concurrencySetting := r.number("max_concurrency", model.MaxConcurrency, envMaxConcurrency, maxConcurrency, defaultMaxConcurrency)
	options := rest.Options{
		UserAgent:  fmt.Sprintf("Terraform/%s terraform-provider-llmusers/%s", req.TerraformVersion, p.version),
		MaxRetries: int(retries),
		Limiter:    rest.NewLimiter(int(concurrency)),
		Sleep:      p.sleep,
		Log:        tflog.Debug,
	}

	openlayerKey := r.text(setting{label: "Openlayer API key", attribute: "openlayer.api_key", variable: envOpenlayerAPIKey},
		model.Openlayer, "api_key", "", checkCredential)
	openlayerURL := r.text(setting{label: "Openlayer base URL", attribute: "openlayer.base_url", variable: envOpenlayerBaseURL},
		model.Openlayer, "base_url", openlayer.DefaultBaseURL, checkBaseURL)
	version := r.text(setting{label: "Vectara API version", attribute: "vectara.api_version", variable: envVectaraAPIVersion},
		model.Vectara, "api_version", vectara.V1, checkAPIVersion)
	vectaraURL := r.text(setting{label: "Vectara base URL", attribute: "vectara.base_url", variable: envVectaraBaseURL},
		model.Vectara, "base_url", vectara.DefaultBaseURL, checkBaseURL)
	customerID := r.text(setting{label: "Vectara customer ID", attribute: "vectara.customer_id", variable: envVectaraCustomerID,
		hint: "Or set customer_id in this block, for it alone."},
		model.Vectara, "customer_id", "", checkCustomerID)
	config, credential := r.vectaraCredential(model.Vectara, version)
	if diags.HasError() {
		return nil, diags
	}

	config.Version, config.BaseURL, config.Options = version.value, trimURL(vectaraURL.value), options
	return &clients{
		openlayer: vendorClient[*openlayer.Client]{
			client: openlayer.New(openlayer.Config{BaseURL: trimURL(openlayerURL.value), APIKey: openlayerKey.value, Options: options}),
			needs:  []setting{openlayerKey, openlayerURL, retriesSetting, concurrencySetting},
		},
		vectara: vendorClient[*vectara.Client]{
			client: vectara.New(config),
			needs:  append(credential, version, vectaraURL, retriesSetting, concurrencySetting),
		},
		vectaraVersion:  version.value,
		vectaraFailures: vectaraFailures(config),
		customerID:      customerID,
	}, diags
}

// vectaraCredential chooses between the ways to sign in at Vectara: the one that the configuration
// has before those in the environment. It returns the settings of that way.
func (r resolver) vectaraCredential(object types.Object, version setting) (vectara.Config, []setting) {
	token := r.text(setting{label: "Vectara OAuth token", attribute: "vectara.oauth_token", variable: envVectaraOAuthToken},
		object, "oauth_token", "", checkCredential)
	id := r.text(setting{label: "Vectara client ID", attribute: "vectara.client_id", variable: envVectaraClientID},
		object, "client_id", "", checkCredential)
	secret := r.text(setting{label: "Vectara client secret", attribute: "vectara.client_secret", variable: envVectaraClientSecret},
		object, "client_secret", "", checkCredential)
	tokenURL := r.text(setting{label: "Vectara token URL", attribute: "vectara.token_url", variable: envVectaraTokenURL},
		object, "token_url", vectara.DefaultTokenURL, checkBaseURL)
	key := r.text(setting{label: "Vectara API key", attribute: "vectara.api_key", variable: envVectaraAPIKey},
		object, "api_key", "", checkCredential)

	pair := max(id.origin, secret.origin)
	switch {
	case version.value == vectara.V2 && key.origin > leftOut && key.origin >= max(token.origin, pair):
		return vectara.Config{APIKey: key.value}, []setting{key}
	case token.origin > pair, token.unknown && token.origin == pair:
		return vectara.Config{OAuthToken: token.value}, []setting{token}
	case pair > token.origin, (id.unknown || secret.unknown) && pair == token.origin:
		return vectara.Config{ClientID: id.value, ClientSecret: secret.value, TokenURL: tokenURL.value}, []setting{id, secret, tokenURL}
	case token.origin > leftOut:
		return vectara.Config{}, []setting{{label: "Two Vectara credentials", invalid: "The environment has " + envVectaraOAuthToken + " and, with " +
			envVectaraClientID + " or " + envVectaraClientSecret + ", a client as well. Unset what is not to be used, or set one of them in the provider's configuration, which comes first."}}
	}
	if version.unknown && key.origin > leftOut {
		return vectara.Config{}, []setting{key} // perhaps; the version is needed, too
	}
	missing := setting{
		label:     "Vectara credential",
		attribute: "vectara.oauth_token, or vectara.client_id and vectara.client_secret,",
		variable:  envVectaraOAuthToken + ", or " + envVectaraClientID + " and " + envVectaraClientSecret + ",",
	}
	switch {
	case version.value == vectara.V2:
		missing.attribute = "vectara.api_key, or vectara.oauth_token, or vectara.client_id and vectara.client_secret,"
		missing.variable = envVectaraAPIKey + ", or " + missing.variable
	case key.origin > leftOut:
		missing.hint = "There is an API key (vectara.api_key, or " + envVectaraAPIKey + "), which only REST v2 takes: set vectara.api_version = \"v2\" to use it."
	}
	return vectara.Config{}, []setting{missing}
}

// validateVectaraCredential finds two credentials in the configuration of which one is to be chosen.
func validateVectaraCredential(object types.Object, diags *diag.Diagnostics) {
	r := resolver{getenv: func(string) string { return "" }, diags: diags}
	anything := func(string) error { return nil }
	token := r.text(setting{}, object, "oauth_token", "", anything)
	for _, name := range []string{"client_id", "client_secret"} {
		if token.value != "" && r.text(setting{}, object, name, "", anything).value != "" {
			diags.AddAttributeError(path.Root("vectara").AtName(name), "Two Vectara credentials", fmt.Sprintf(
				"vectara.oauth_token and vectara.%s are both set. Set the token, or the client's ID and secret, and not both.", name))
			return
		}
	}
}

// resolver finds the value of a setting: configuration before environment before default. An empty
// string counts as left out, so that a variable with a default of "" can be handed on.
type resolver struct {
	getenv func(string) string
	diags  *diag.Diagnostics
}

// text resolves an attribute of a nested object. What the configuration says has been checked by
// the schema; what the environment says is checked here.
func (r resolver) text(s setting, object types.Object, name, byDefault string, check func(string) error) setting {
	configured, _ := object.Attributes()[name].(basetypes.StringValue)
	switch {
	case object.IsUnknown() || configured.IsUnknown():
		s.unknown, s.origin = true, fromConfiguration
	case configured.ValueString() != "":
		s.value, s.origin = configured.ValueString(), fromConfiguration
	case r.getenv(s.variable) != "":
		s.value, s.origin = r.getenv(s.variable), fromEnvironment
		if err := check(s.value); err != nil {
			r.diags.AddError("Invalid "+s.variable, fmt.Sprintf(
				"The environment variable %s, which stands in for %s, %s.", s.variable, s.attribute, err))
		}
	default:
		s.value = byDefault
	}
	return s
}

// number resolves a whole number at the top of the configuration. While it is unknown, the setting
// says so to whoever needs it.
func (r resolver) number(attribute string, configured types.Number, variable string, allowed wholeNumber, byDefault int64) (int64, setting) {
	// It is never missing, since there is a default.
	s := setting{label: attribute, attribute: attribute, variable: variable, value: "default", unknown: configured.IsUnknown()}
	switch text := r.getenv(variable); {
	case s.unknown:
	case !configured.IsNull():
		return int64Of(configured), s
	case text != "":
		number, err := strconv.ParseInt(text, 10, 64)
		if err == nil && number >= allowed.least && number <= allowed.most {
			return number, s
		}
		r.diags.AddError("Invalid "+variable, fmt.Sprintf(
			"The environment variable %s, which stands in for %s, must be %s; it is %q.",
			variable, attribute, allowed.Description(context.Background()), text))
	}
	return byDefault, s
}
