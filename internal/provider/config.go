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

// The environment variables of the settings. [attributeOf] returns the attribute of a variable.
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

// attributeOf returns the attribute of the provider for a variable. All attributes are at the top level: there,
// Terraform rejects a misspelt name. In a nested attribute, it ignores the name.
func attributeOf(variable string) string {
	return strings.ToLower(strings.TrimPrefix(variable, "LLMUSERS_"))
}

// setting is an attribute of the provider's configuration.
type setting struct {
	variable    string
	label       string // for diagnostics
	description string
	byDefault   string
	sensitive   bool
	// check validates a string. For a number, whole is set instead.
	check func(text string) error
	whole *wholeNumber
}

// settings are all attributes of the provider. The schema, the validation and resolve use this table.
var settings = []setting{
	{
		variable: envOpenlayerAPIKey, label: "Openlayer API key", sensitive: true, check: checkCredential,
		description: "API key of the Openlayer workspace that has the pipelines. `openlayer_pipeline_users` needs it.",
	},
	{
		variable: envOpenlayerBaseURL, label: "Openlayer base URL", byDefault: openlayer.DefaultBaseURL, check: checkBaseURL,
		description: "Base URL of Openlayer's API, with the version and without a query. It begins with `https://`, or with `http://` for a loopback address.",
	},
	{
		variable: envVectaraCustomerID, label: "Vectara customer ID", check: checkCustomerID,
		description: "ID of the Vectara account, in digits, such as `1526022105`. `customer_id` of a data source overrides it. " +
			"REST v1 needs it. REST v2 gets the account from the credential.",
	},
	{
		variable: envVectaraOAuthToken, label: "Vectara OAuth token", sensitive: true, check: checkCredential,
		description: "OAuth 2.0 access token (a JWT), which is valid for 30 minutes. Conflicts with `vectara_client_id` and `vectara_client_secret`.",
	},
	{
		variable: envVectaraClientID, label: "Vectara client ID", check: checkCredential,
		description: "ID of an OAuth 2.0 app client. The provider fetches access tokens for it, and renews them before they expire.",
	},
	{
		variable: envVectaraClientSecret, label: "Vectara client secret", sensitive: true, check: checkCredential,
		description: "Secret of the app client.",
	},
	{
		variable: envVectaraTokenURL, label: "Vectara token URL", byDefault: vectara.DefaultTokenURL, check: checkBaseURL,
		description: "URL from which the provider fetches the tokens of the app client. It begins with `https://`, " +
			"or with `http://` for a loopback address. Vectara documents `https://auth.vectara.io/oauth2/token`, `https://auth.vectara.com/oauth2/token` and, for each customer, " +
			"`https://vectara-prod-<customer-id>.auth.us-west-2.amazoncognito.com/oauth2/token`.",
	},
	{
		variable: envVectaraAPIKey, label: "Vectara API key", sensitive: true, check: checkCredential,
		description: "Personal API key of an owner or administrator. Only REST v2 accepts it. With v2, it has precedence over the other credentials " +
			"in the same place (configuration or environment).",
	},
	{
		variable: envVectaraAPIVersion, label: "Vectara API version", check: oneOf(vectara.V1, vectara.V2),
		description: "Version of Vectara's REST API: `v2`, or `v1`, which Vectara planned to retire on 2025-08-16. Default: `v1` if a customer ID " +
			"is set (`vectara_customer_id`, or `customer_id` of the data source) and the credential is not an API key, otherwise `v2`.",
	},
	{
		variable: envVectaraBaseURL, label: "Vectara base URL", byDefault: vectara.DefaultBaseURL, check: checkVectaraBaseURL,
		description: "Base URL of Vectara's API, without the version and without a query. It begins with `https://`, or with `http://` for a loopback address.",
	},
	{
		variable: envMaxRetries, label: "Number of retries", byDefault: "4", whole: &wholeNumber{0, 10},
		description: "Maximum number of retries of a request, from 0 to 10. The provider retries after a connection error, after a response of 408, " +
			"429, 500, 502, 503 or 504, and after a Vectara code for a temporary failure. Requests that wait for Openlayer to load " +
			"data do not count.",
	},
	{
		// With 32 requests, reading 200 pages twice, at 50 ms a page, lasts about a second. A listing begins with fewer
		// requests, and a vendor's rate limit reduces their number.
		variable: envMaxConcurrency, label: "Number of concurrent requests", byDefault: "32", whole: &wholeNumber{1, 32},
		description: "Maximum number of concurrent requests to each vendor, for all data sources of this provider configuration together, " +
			"from 1 to 32. An Openlayer listing begins with two requests, and each full page adds three. After a response of 429, the " +
			"provider reduces the number for that vendor.",
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
		MarkdownDescription: "Lists the users of a company's LLM systems: the end users of an " +
			"Openlayer inference pipeline, and the members of a Vectara account. The provider only reads.",
		Attributes: attributes,
	}
}

// origin is where a value comes from. The greatest origin has precedence.
type origin int

const (
	fromNowhere origin = iota // unset, or the default
	fromEnvironment
	fromConfiguration // the value may be unknown
)

// configValue is the value of a setting.
type configValue struct {
	setting
	text    string
	unknown bool
	origin  origin
	// beside is another setting that needs this one, such as the ID of a client its secret. It may be empty.
	beside string
}

// name returns the attribute or the variable that sets the value.
func (v configValue) name() string {
	if v.origin == fromEnvironment {
		return v.variable
	}
	return attributeOf(v.variable)
}

// number returns the value of a validated whole number.
func (v configValue) number() int {
	number, _ := strconv.Atoi(v.text)
	return number
}

// check reports a missing or unknown value. For an unknown value, it returns true instead if Terraform allows
// deferral.
func (v configValue) check(deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	attribute := attributeOf(v.variable)
	switch {
	case v.unknown && deferralAllowed:
		return true, nil
	case v.unknown:
		diags.AddError(v.label+" not known yet", fmt.Sprintf(
			"The provider's configuration sets %[1]s to a value that Terraform knows only after apply. This block needs the value at plan.\n\n"+
				"Set %[1]s to a value that is known at plan, such as a variable, or remove %[1]s and set %[2]s in the environment. "+
				"If the value comes from a resource, apply the resource first: terraform apply -target=<address of the resource>.", attribute, v.variable))
	case v.text == "":
		because := ""
		if v.beside != "" {
			because = ", because " + v.beside + " is set"
		}
		diags.AddError(v.label+" missing", fmt.Sprintf(
			"This block needs the %s%s. Set %s in the provider's configuration, or %s in the environment.", v.label, because, attribute, v.variable))
	}
	return false, diags
}

// checkAll checks all values, and reports every problem, not only the first.
func checkAll(values []configValue, deferralAllowed bool) (deferred bool, diags diag.Diagnostics) {
	for _, v := range values {
		wait, problems := v.check(deferralAllowed)
		deferred = deferred || wait
		diags.Append(problems...)
	}
	return deferred, diags
}

// resolve returns the values of all settings, by variable. The configuration has precedence over the environment,
// and the environment over the default. An empty string counts as unset, so that a module can pass on a Terraform
// variable whose default is "".
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
			if err := check(fromEnv); err != nil { // Terraform has validated the configuration
				diags.AddError(invalidValue, fmt.Sprintf("The environment variable %s, which sets %s, %s.", s.variable, attributeOf(s.variable), err))
			}
		}
		values[s.variable] = v
	}
	return values
}

// configured returns the value of a setting in the configuration, empty for null.
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

// clients is the provider data, which the framework hands to each data source and ephemeral resource.
type clients struct {
	openlayer openlayerAccess
	vectara   vectaraAccess
}

// openlayerAccess is a client, and the settings that it needs. get checks the settings, so a missing setting is an
// error only for a data source that uses the client.
type openlayerAccess struct {
	client *openlayer.Client
	needs  []configValue
	source sourceModel // without the attributes that depend on the block
}

// get returns the client. It reports missing and unknown settings. It returns true if a setting is unknown and
// Terraform allows deferral.
func (a openlayerAccess) get(deferralAllowed bool) (client *openlayer.Client, deferred bool, diags diag.Diagnostics) {
	deferred, diags = checkAll(a.needs, deferralAllowed)
	return a.client, deferred, diags
}

// configure makes the clients. It reports every invalid setting, not only the first.
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
		Memory:     rest.NewMemory(),
		Sleep:      p.sleep,
		Log:        tflog.Debug,
	}
	openlayerOptions, vectaraOptions := options, options // the vendors' rate limits are independent
	openlayerOptions.Throttle, vectaraOptions.Throttle = rest.NewThrottle(concurrency.number()), rest.NewThrottle(concurrency.number())
	key, baseURL := values[envOpenlayerAPIKey], values[envOpenlayerBaseURL]
	openlayerURL := trimURL(baseURL.text)
	return &clients{
		openlayer: openlayerAccess{
			client: openlayer.New(openlayer.Config{BaseURL: openlayerURL, APIKey: key.text, Options: openlayerOptions}),
			needs:  []configValue{key, baseURL, retries, concurrency},
			source: sourceModel{Vendor: "openlayer", APIVersion: urlpath.Base(openlayerURL), BaseURL: openlayerURL, Scopes: []string{}, ProviderVersion: p.version},
		},
		vectara: newVectaraAccess(values, vectaraOptions, p.version),
	}, diags
}
