package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// vectaraAccess is what the provider's configuration says of Vectara. Which version of the API is
// read may depend on the block, so there is a client for each.
type vectaraAccess struct {
	clients    map[string]*vectara.Client // by version
	credential vectaraCredential
	customerID configValue
	version    configValue
	needs      []configValue // besides the credential
	source     sourceModel   // but for what a block reads
}

// vectaraCredential is how the provider signs in at Vectara.
type vectaraCredential struct {
	config vectara.Config // with the credential alone
	needs  []configValue
	// apiKey is what the API key was set with, where that is the credential.
	apiKey string
	// problem is set where there is no credential, or more than one.
	problem diag.Diagnostic
}

func newVectaraAccess(values map[string]configValue, options rest.Options, providerVersion string) vectaraAccess {
	baseURL := trimURL(values[envVectaraBaseURL].text)
	a := vectaraAccess{
		source:     sourceModel{Vendor: "vectara", BaseURL: baseURL, ProviderVersion: providerVersion},
		clients:    map[string]*vectara.Client{},
		credential: chooseVectaraCredential(values),
		customerID: values[envVectaraCustomerID],
		version:    values[envVectaraAPIVersion],
		needs:      []configValue{values[envVectaraBaseURL], values[envMaxRetries], values[envMaxConcurrency]},
	}
	for _, version := range []string{vectara.V1, vectara.V2} {
		config := a.credential.config
		config.Version, config.BaseURL, config.Options = version, baseURL, options
		a.clients[version] = vectara.New(config)
	}
	return a
}

// chooseVectaraCredential prefers what the configuration has to what the environment has, and an API
// key to another credential of the same source, unless v1 is configured, which accepts no key.
func chooseVectaraCredential(values map[string]configValue) vectaraCredential {
	token, key, version := values[envVectaraOAuthToken], values[envVectaraAPIKey], values[envVectaraAPIVersion]
	id, secret, tokenURL := values[envVectaraClientID], values[envVectaraClientSecret], values[envVectaraTokenURL]
	client := max(id.origin, secret.origin)
	best := max(token.origin, client)
	switch {
	case version.text != vectara.V1 && key.origin > fromNowhere && key.origin >= best:
		return vectaraCredential{config: vectara.Config{APIKey: key.text}, needs: []configValue{key}, apiKey: key.name()}
	case token.origin > client, token.unknown && token.origin == client:
		return vectaraCredential{config: vectara.Config{OAuthToken: token.text}, needs: []configValue{token}}
	case client > token.origin, (id.unknown || secret.unknown) && client == token.origin:
		return vectaraCredential{
			config: vectara.Config{ClientID: id.text, ClientSecret: secret.text, TokenURL: tokenURL.text},
			needs:  []configValue{id, secret, tokenURL},
		}
	case best > fromNowhere:
		return vectaraCredential{problem: diag.NewErrorDiagnostic(twoCredentials, fmt.Sprintf(
			"The environment has %s and, with %s or %s, an app client as well. Unset what is not to be used, or set one of them in the provider's "+
				"configuration, which comes first.", envVectaraOAuthToken, envVectaraClientID, envVectaraClientSecret))}
	}
	ways := []string{envVectaraOAuthToken, envVectaraClientID, envVectaraClientSecret}
	advice := "This data source cannot be read without one. In the configuration of the provider llmusers, set %s, or %s and %s"
	if version.text != vectara.V1 {
		ways = append(ways, envVectaraAPIKey)
		advice += ", or %s"
	}
	var names []any
	for _, variable := range ways {
		names = append(names, attributeOf(variable))
	}
	advice = fmt.Sprintf(advice, names...) + "; or in the environment the variables of the same names in upper case, such as " + envVectaraOAuthToken + "."
	if key.origin > fromNowhere {
		advice += fmt.Sprintf("\n\n%s is set, but REST v1 does not accept an API key, and v1 is read, because %s is \"v1\". "+
			"To use the key, set %s = \"v2\", or leave it out.", key.name(), version.name(), attributeOf(envVectaraAPIVersion))
	}
	return vectaraCredential{problem: diag.NewErrorDiagnostic("Vectara credential missing", advice)}
}

const twoCredentials = "Two Vectara credentials"

// validateVectaraCredential finds two credentials in the configuration of which neither comes first.
func validateVectaraCredential(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	values := resolve(ctx, config, func(string) string { return "" }, diags)
	token := values[envVectaraOAuthToken]
	for _, variable := range []string{envVectaraClientID, envVectaraClientSecret} {
		if token.text != "" && values[variable].text != "" {
			diags.AddAttributeError(path.Root(attributeOf(variable)), twoCredentials, fmt.Sprintf(
				"%s and %s are both set. Set the token, or the ID and secret of an app client, and not both.", token.name(), attributeOf(variable)))
			return
		}
	}
}

// vectaraRead is what one block reads with.
type vectaraRead struct {
	client *vectara.Client
	// version is empty while it depends on a value that is unknown; because says what chose it.
	version, because string
	credential       vectaraCredential
	// customerID is the account that v1 reads, and account what it was set with.
	customerID, account string
	source              sourceModel // but for what the block reads
}

// get returns what a block with this customer_id reads with, or what is missing. It returns true
// where a value is unknown and Terraform can come back later.
func (a vectaraAccess) get(customerID types.String, deferralAllowed bool) (read vectaraRead, deferred bool, diags diag.Diagnostics) {
	read = vectaraRead{customerID: a.customerID.text, account: a.customerID.name()}
	if !customerID.IsNull() {
		read.customerID, read.account = customerID.ValueString(), "customer_id"
	}
	accountUnknown := customerID.IsNull() && a.customerID.unknown

	var needs []configValue
	switch {
	case a.version.unknown:
		needs = append(needs, a.version)
	case a.version.text != "":
		read.version, read.because = a.version.text, fmt.Sprintf("%s is %q", a.version.name(), a.version.text)
	case a.credential.apiKey != "":
		read.version, read.because = vectara.V2, a.credential.apiKey+" is set"
	case accountUnknown: // an ID chooses v1, and an empty string v2
	case read.customerID != "":
		read.version, read.because = vectara.V1, read.account+" is set"
	default:
		read.version, read.because = vectara.V2, "no customer ID is set"
	}
	if accountUnknown && read.version != vectara.V2 {
		needs = append(needs, a.customerID)
	}
	read, deferred, diags = a.with(read, needs, deferralAllowed)
	if read.version == vectara.V1 && read.customerID == "" && !accountUnknown {
		diags.AddError(a.customerID.label+" missing", fmt.Sprintf(
			"REST v1, which is read because %s, cannot be read without it. Set %s in the configuration of the provider llmusers, or %s in the environment, "+
				"or customer_id in this block, for it alone. %s", read.because, attributeOf(envVectaraCustomerID), envVectaraCustomerID, read.otherWay()))
	}
	return read, deferred, diags
}

// with adds the client of the version, with its credential, and reports what is missing of these and of the other
// values that are needed.
func (a vectaraAccess) with(read vectaraRead, needs []configValue, deferralAllowed bool) (_ vectaraRead, deferred bool, diags diag.Diagnostics) {
	deferred, diags = checkAll(slices.Concat(a.credential.needs, a.needs, needs), deferralAllowed)
	if a.credential.problem != nil {
		diags.Append(a.credential.problem)
	}
	read.client, read.credential, read.source = a.clients[read.version], a.credential, a.source
	read.source.APIVersion, read.source.Scopes = read.version, vectara.Scopes(read.version)
	if read.version == vectara.V1 {
		read.source.Account = types.StringValue(read.customerID) // which v2 does not say
	}
	return read, deferred, diags
}

// otherWay says how to read the other version.
func (r vectaraRead) otherWay() string {
	version, account := attributeOf(envVectaraAPIVersion), ""
	if r.customerID == "" {
		account = " and " + attributeOf(envVectaraCustomerID)
	}
	switch {
	case r.version == vectara.V1 && r.account == "customer_id":
		return fmt.Sprintf("To read v2, leave customer_id out, and set %s = \"v2\" (or %s=v2).", version, envVectaraAPIVersion)
	case r.version == vectara.V1:
		return fmt.Sprintf("To read v2, set %s = \"v2\" (or %s=v2).", version, envVectaraAPIVersion)
	case r.credential.apiKey != "":
		return fmt.Sprintf("To read v1, set %s = \"v1\"%s, and an OAuth token or an app client, since v1 does not accept an API key.", version, account)
	}
	return fmt.Sprintf("To read v1, set %s = \"v1\" (or %s=v1)%s.", version, envVectaraAPIVersion, account)
}

// whyVersion says which version was read and how to read the other: the end of the advice on a response that may
// come from the wrong one.
func (r vectaraRead) whyVersion() string {
	return fmt.Sprintf(" REST %s was read, because %s. %s", r.version, r.because, r.otherWay())
}
