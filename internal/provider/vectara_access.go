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

// vectaraAccess is the configuration for Vectara. The version of the API may depend on the block.
type vectaraAccess struct {
	client     *vectara.Client
	credential vectaraCredential
	customerID configValue
	version    configValue
	needs      []configValue // without the credential's
	source     sourceModel   // without the attributes that depend on the block
}

// vectaraCredential is the credential that the provider uses, or the problem with it.
type vectaraCredential struct {
	config vectara.Config // only the credential is set
	needs  []configValue
	// apiKey is the attribute or the variable that sets the API key, if the credential is an API key.
	apiKey string
	// problem is set if there is no credential, or more than one.
	problem diag.Diagnostic
}

func newVectaraAccess(values map[string]configValue, options rest.Options, providerVersion string) vectaraAccess {
	baseURL := trimURL(values[envVectaraBaseURL].text)
	a := vectaraAccess{
		source:     sourceModel{Vendor: "vectara", BaseURL: baseURL, ProviderVersion: providerVersion},
		credential: chooseVectaraCredential(values),
		customerID: values[envVectaraCustomerID],
		version:    values[envVectaraAPIVersion],
		needs:      []configValue{values[envVectaraBaseURL], values[envMaxRetries], values[envMaxConcurrency]},
	}
	config := a.credential.config
	config.BaseURL, config.Options = baseURL, options
	a.client = vectara.New(config)
	return a
}

// chooseVectaraCredential prefers the configuration to the environment. Of the credentials of one source, it prefers
// the API key. If v1 is configured, it ignores the API key, which v1 does not accept.
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
		id.beside, secret.beside = secret.name(), id.name()
		return vectaraCredential{
			config: vectara.Config{ClientID: id.text, ClientSecret: secret.text, TokenURL: tokenURL.text},
			needs:  []configValue{id, secret, tokenURL},
		}
	case best > fromNowhere:
		return vectaraCredential{problem: diag.NewErrorDiagnostic(twoCredentials, fmt.Sprintf(
			"The environment has a token (%s) and an app client (%s or %s). Unset one of these credentials, or set the credential to use in the "+
				"provider's configuration, which has precedence over the environment.", envVectaraOAuthToken, envVectaraClientID, envVectaraClientSecret))}
	}
	ways := []string{envVectaraOAuthToken, envVectaraClientID, envVectaraClientSecret}
	advice := "This block needs a credential. In the provider's configuration, set %s, or %s and %s"
	if version.text != vectara.V1 {
		ways = append(ways, envVectaraAPIKey)
		advice += ", or %s"
	}
	var names []any
	for _, variable := range ways {
		names = append(names, attributeOf(variable))
	}
	advice = fmt.Sprintf(advice, names...) + ". Or set the environment variables with the same names in upper case, such as " + envVectaraOAuthToken + "."
	if key.origin > fromNowhere {
		advice += fmt.Sprintf("\n\n%s is set, but REST v1 does not accept an API key. The provider uses v1, because %s is \"v1\". "+
			"To use the key, set %s = \"v2\".", key.name(), version.name(), attributeOf(envVectaraAPIVersion))
	}
	return vectaraCredential{problem: diag.NewErrorDiagnostic("Vectara credential missing", advice)}
}

const twoCredentials = "Two Vectara credentials"

// validateVectaraCredential rejects a configuration with both a token and an app client.
func validateVectaraCredential(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	values := resolve(ctx, config, func(string) string { return "" }, diags)
	token := values[envVectaraOAuthToken]
	for _, variable := range []string{envVectaraClientID, envVectaraClientSecret} {
		if token.text != "" && values[variable].text != "" {
			diags.AddAttributeError(path.Root(attributeOf(variable)), twoCredentials, fmt.Sprintf(
				"%s and %s are both set. Set either the token, or the ID and secret of an app client.", token.name(), attributeOf(variable)))
			return
		}
	}
}

// vectaraRead is the client of one block, with the version, the credential and the account.
type vectaraRead struct {
	client *vectara.Client
	// version is empty if it depends on an unknown value. because is the reason for the version, for messages.
	version, because string
	credential       vectaraCredential
	// customerID is the account that v1 reads. account is the attribute or the variable that sets it.
	customerID, account string
	source              sourceModel // without the attributes that depend on the block
}

// get returns the client of a block with this customer_id. It reports missing and unknown settings. It returns true
// if a setting is unknown and Terraform allows deferral.
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
	case accountUnknown: // an ID would choose v1, an empty string v2
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
			"The provider uses REST v1, because %s. REST v1 needs the customer ID. Set %s in the provider's configuration, %s in the environment, "+
				"or customer_id in this block. %s", read.because, attributeOf(envVectaraCustomerID), envVectaraCustomerID, read.otherWay()))
	}
	return read, deferred, diags
}

// with adds the client, the credential and the source. It reports missing and unknown settings.
func (a vectaraAccess) with(read vectaraRead, needs []configValue, deferralAllowed bool) (_ vectaraRead, deferred bool, diags diag.Diagnostics) {
	deferred, diags = checkAll(slices.Concat(a.credential.needs, a.needs, needs), deferralAllowed)
	if a.credential.problem != nil {
		diags.Append(a.credential.problem)
	}
	read.client, read.credential, read.source = a.client, a.credential, a.source
	read.source.APIVersion, read.source.Scopes = read.version, vectara.Scopes(read.version)
	if read.version == vectara.V1 {
		read.source.Account = types.StringValue(read.customerID) // v2 does not return the account
	}
	return read, deferred, diags
}

// otherWay returns the advice to use the other version.
func (r vectaraRead) otherWay() string {
	version, account := attributeOf(envVectaraAPIVersion), ""
	if r.customerID == "" {
		account = " and " + attributeOf(envVectaraCustomerID)
	}
	switch {
	case r.version == vectara.V1 && r.account == "customer_id":
		return fmt.Sprintf("To use v2, remove customer_id, and set %s = \"v2\" (or %s=v2).", version, envVectaraAPIVersion)
	case r.version == vectara.V1:
		return fmt.Sprintf("To use v2, set %s = \"v2\" (or %s=v2).", version, envVectaraAPIVersion)
	case r.credential.apiKey != "":
		return fmt.Sprintf("To use v1, set %s = \"v1\"%s, and an OAuth token or an app client, because v1 does not accept an API key.", version, account)
	}
	return fmt.Sprintf("To use v1, set %s = \"v1\" (or %s=v1)%s.", version, envVectaraAPIVersion, account)
}

// whyVersion returns the end of the advice on a response that may come from the wrong version: the version, the reason
// for it, and how to read the other version.
func (r vectaraRead) whyVersion() string {
	return fmt.Sprintf(" The provider uses REST %s, because %s. %s", r.version, r.because, r.otherWay())
}
