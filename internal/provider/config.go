package provider

import (
	"context"
	"fmt"
	urlpath "path"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// The environment variables of the settings. An attribute of the provider is its variable in lower
// case: see [attributeOf].
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

// attributeOf is the attribute that a variable stands in for. Terraform rejects a misspelt attribute
// of the provider, but drops one inside of a nested attribute, so all of them are at the top.
func attributeOf(variable string) string {
	return strings.ToLower(strings.TrimPrefix(variable, "LLMUSERS_"))
}

// setting is one attribute of the provider's configuration.
type setting struct {
	variable    string
	label       string // for diagnostics
	description string
	byDefault   string
	sensitive   bool
	// check returns what is wrong with a text; whole is set for a number instead.
	check func(text string) error
	whole *wholeNumber
}

// settings are the provider's whole configuration: its schema, its validation and how it is resolved
// are made from this table.
var settings = []setting{
	{
		variable: envOpenlayerAPIKey, label: "Openlayer API key", sensitive: true, check: checkCredential,
		description: "API key of the Openlayer workspace that holds the pipelines. `openlayer_pipeline_users` needs it.",
	},
	{
		variable: envOpenlayerBaseURL, label: "Openlayer base URL", byDefault: openlayer.DefaultBaseURL, check: checkBaseURL,
		description: "Base URL of Openlayer's API, with its version and without a query: `https`, or `http` to a loopback address.",
	},
	{
		variable: envVectaraCustomerID, label: "Vectara customer ID", check: checkCustomerID,
		description: "Number of the Vectara account, in digits, such as `1526022105`; `customer_id` of a data source overrides it. " +
			"REST v1 needs it; v2 goes by the credential.",
	},
	{
		variable: envVectaraOAuthToken, label: "Vectara OAuth token", sensitive: true, check: checkCredential,
		description: "OAuth 2.0 access token (a JWT), which lives 30 minutes. Excludes `vectara_client_id` and `vectara_client_secret`.",
	},
	{
		variable: envVectaraClientID, label: "Vectara client ID", check: checkCredential,
		description: "ID of an OAuth 2.0 app client. The provider fetches its tokens, and renews them in time.",
	},
	{
		variable: envVectaraClientSecret, label: "Vectara client secret", sensitive: true, check: checkCredential,
		description: "Secret of the app client.",
	},
	{
		variable: envVectaraTokenURL, label: "Vectara token URL", byDefault: vectara.DefaultTokenURL, check: checkBaseURL,
		description: "URL from which the app client's tokens are fetched: `https`, or `http` to a loopback address. Vectara's documents name " +
			"`https://auth.vectara.io/oauth2/token`, `https://auth.vectara.com/oauth2/token` and, for each customer, " +
			"`https://vectara-prod-<customer-id>.auth.us-west-2.amazoncognito.com/oauth2/token`.",
	},
	{
		variable: envVectaraAPIKey, label: "Vectara API key", sensitive: true, check: checkCredential,
		description: "Personal API key of an owner or administrator, which only REST v2 accepts; there it comes before the other credentials of " +
			"the same source (configuration or environment).",
	},
	{
		variable: envVectaraAPIVersion, label: "Vectara API version", check: oneOf(vectara.V1, vectara.V2),
		description: "Version of Vectara's REST API: `v2`, or `v1`, whose retirement Vectara announced for 2025-08-16. Default: `v1` where a customer ID " +
			"is set (`vectara_customer_id`, or `customer_id` of the data source) and the credential is no API key; otherwise `v2`.",
	},
	{
		variable: envVectaraBaseURL, label: "Vectara base URL", byDefault: vectara.DefaultBaseURL, check: checkVectaraBaseURL,
		description: "Base URL of Vectara's API, without its version and without a query: `https`, or `http` to a loopback address.",
	},
	{
		variable: envMaxRetries, label: "Number of retries", byDefault: "4", whole: &wholeNumber{0, 10},
		description: "How often a request is sent again after a connection error or a response of 408, 429, 500, 502, 503 or 504, or with a Vectara " +
			"code for a temporary failure, from 0 to 10. Waiting for data that Openlayer is still loading does not count.",
	},
	{
		// What it takes to read 200 pages, twice, at 50 ms each, in about a second. No listing begins with
		// so many, and a vendor that limits the rate has fewer of them at once.
		variable: envMaxConcurrency, label: "Number of concurrent requests", byDefault: "32", whole: &wholeNumber{1, 32},
		description: "How many requests may be in flight at the same time, over all data sources of this provider configuration and both vendors, " +
			"from 1 to 32. It is a bound: an Openlayer listing begins with two, and each full page allows two more. After a 429, " +
			"no more are in flight than the vendor has served.",
	},
}

func providerSchema() schema.Schema {
	attributes := make(map[string]schema.Attribute, len(settings))
	for _, s := range settings {
		description := s.description
		if s.byDefault != "" {
			description += " Default: `" + s.byDefault + "`."
		}
		description += " Environment variable: `" + s.variable + "`."
		attributes[attributeOf(s.variable)] = schema.StringAttribute{
			MarkdownDescription: description, Optional: true, Sensitive: s.sensitive, Validators: []validator.String{emptyOr(s.check)},
		}
		if s.whole != nil {
			attributes[attributeOf(s.variable)] = schema.NumberAttribute{
				MarkdownDescription: description, Optional: true, Validators: []validator.Number{s.whole},
			}
		}
	}
	return schema.Schema{
		MarkdownDescription: "Reads who uses and who runs a company's LLM systems: the end users of an " +
			"Openlayer inference pipeline and the members of a Vectara account. It reads and never writes.",
		Attributes: attributes,
	}
}

// origin is where a value comes from; the greater wins.
type origin int

const (
	fromNowhere origin = iota // or from the default
	fromEnvironment
	fromConfiguration // which may be unknown
)

// configValue is the value of a setting.
type configValue struct {
	setting
	text    string
	unknown bool
	origin  origin
}

// name is what the value was set with: the attribute, or the variable.
func (v configValue) name() string {
	if v.origin == fromEnvironment {
		return v.variable
	}
	return attributeOf(v.variable)
}

// number is the value of a setting that is a whole number; it has been validated.
func (v configValue) number() int {
	number, _ := strconv.Atoi(v.text)
	return number
}

// check reports a value that is missing or unknown. For an unknown one it returns true instead where
// Terraform can come back later.
func (v configValue) check(deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	attribute := attributeOf(v.variable)
	switch {
	case v.unknown && deferralAllowed:
		return true, nil
	case v.unknown:
		diags.AddError(v.label+" not known yet", fmt.Sprintf(
			"The provider's configuration sets %s to a value that is only known after apply, and this data source needs it now, to read.\n\n"+
				"Give it a value that is known at plan time, such as a variable, or leave it out and set %s in the environment. "+
				"Where the value comes from a resource, apply that resource first: terraform apply -target=<its address>.", attribute, v.variable))
	case v.text == "":
		diags.AddError(v.label+" missing", fmt.Sprintf(
			"This data source cannot be read without it. Set %s in the configuration of the provider llmusers, or %s in the environment.", attribute, v.variable))
	}
	return false, diags
}

// checkAll checks all of the values, so that every problem is reported, not only the first.
func checkAll(values []configValue, deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	for _, v := range values {
		wait, problems := v.check(deferralAllowed)
		deferred = deferred || wait
		diags.Append(problems...)
	}
	return deferred, diags
}

// resolve finds the value of each setting, by its variable: configuration before environment before
// default. An empty string counts as unset, so that a variable with a default of "" can be passed on.
func resolve(ctx context.Context, config tfsdk.Config, getenv func(string) string, diags *diag.Diagnostics) map[string]configValue {
	values := make(map[string]configValue, len(settings))
	for _, s := range settings {
		v := configValue{setting: s, text: s.byDefault}
		configured, unknown := s.configured(ctx, config, diags)
		fromEnv := getenv(s.variable)
		switch {
		case configured != "" || unknown:
			v.unknown, v.origin = unknown, fromConfiguration
			if !unknown {
				v.text = configured
			}
		case fromEnv != "":
			v.text, v.origin = fromEnv, fromEnvironment
			check := s.check
			if s.whole != nil {
				check = s.whole.checkText
			}
			if err := check(fromEnv); err != nil { // the schema has checked the configuration
				diags.AddError(invalidValue, fmt.Sprintf("The environment variable %s, which stands in for %s, %s.", s.variable, attributeOf(s.variable), err))
			}
		}
		values[s.variable] = v
	}
	return values
}

// configured is what the configuration says, empty for null.
func (s setting) configured(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) (text string, unknown bool) {
	at := path.Root(attributeOf(s.variable))
	if s.whole == nil {
		var value types.String
		diags.Append(config.GetAttribute(ctx, at, &value)...)
		return value.ValueString(), value.IsUnknown()
	}
	var value types.Number
	diags.Append(config.GetAttribute(ctx, at, &value)...)
	if !isKnown(value) {
		return "", value.IsUnknown()
	}
	return value.ValueBigFloat().Text('f', -1), false
}

// clients are what the data sources get from the provider's configuration.
type clients struct {
	openlayer openlayerAccess
	vectara   vectaraAccess
}

// openlayerAccess is a client, and the values without which it cannot be used. They matter only to a
// data source that needs the client.
type openlayerAccess struct {
	client *openlayer.Client
	needs  []configValue
	source sourceModel // but for what a block reads
}

// get returns the client, or what is missing. It returns true where a value is unknown and Terraform
// can come back later.
func (a openlayerAccess) get(deferralAllowed bool) (client *openlayer.Client, deferred bool, diags diag.Diagnostics) {
	deferred, diags = checkAll(a.needs, deferralAllowed)
	return a.client, deferred, diags
}

// configure makes the clients. It reports every problem that it finds, not only the first.
func (p *llmUsersProvider) configure(ctx context.Context, req provider.ConfigureRequest) (*clients, diag.Diagnostics) {
	var diags diag.Diagnostics
	values := resolve(ctx, req.Config, p.getenv, &diags)
	if diags.HasError() {
		return nil, diags
	}
	retries, concurrency := values[envMaxRetries], values[envMaxConcurrency]
	options := rest.Options{
		UserAgent:  fmt.Sprintf("Terraform/%s terraform-provider-llmusers/%s", req.TerraformVersion, p.version),
		MaxRetries: retries.number(),
		Limiter:    rest.NewLimiter(concurrency.number()),
		Sleep:      p.sleep,
		Log:        tflog.Debug,
	}
	key, baseURL := values[envOpenlayerAPIKey], values[envOpenlayerBaseURL]
	openlayerURL := trimURL(baseURL.text)
	return &clients{
		openlayer: openlayerAccess{
			client: openlayer.New(openlayer.Config{BaseURL: openlayerURL, APIKey: key.text, Options: options}),
			needs:  []configValue{key, baseURL, retries, concurrency},
			source: sourceModel{Vendor: "openlayer", APIVersion: urlpath.Base(openlayerURL), BaseURL: openlayerURL, Scopes: []string{}, ProviderVersion: p.version},
		},
		vectara: newVectaraAccess(values, options, p.version),
	}, diags
}
