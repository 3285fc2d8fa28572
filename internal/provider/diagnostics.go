package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
)

// failures makes diagnostics from the errors of one vendor's client: what happened, and what to do. It uses the
// fields of a rest.Error, never the text of an error.
type failures struct {
	vendor string
	// Advice on a response that rejects the credential (unauthorized, forbidden) or the request (notFound, refused),
	// and the name of the setting for the base URL.
	unauthorized, forbidden, notFound, refused, baseURL string
	// notFoundAt is the argument that a "not found" error points at, and refusedAt the argument of a 400 or 422.
	notFoundAt, refusedAt path.Path
	// tooLarge and slow are the advice on a response that is too large or too late.
	tooLarge, slow string
	// listingTooLarge is the advice on a listing that does not fit into memory.
	listingTooLarge string
	// noAPI is the advice on a response of 405, 410 or 501 from a vendor with several APIs. It is also the advice on
	// a 404 if notFound is empty: the request then names nothing that could be missing.
	noAPI string
	// inconsistent is the advice on a listing that changes while it is read.
	inconsistent string
	// statusOf returns the HTTP status with the meaning of a vendor's code, 0 for none.
	statusOf func(code string) int
	// token is for errors of the request for a token. appClients is for errors of REST v2's listing of app clients,
	// if it is read with the users.
	token, appClients *failures
}

// either returns the names of a provider attribute and of its variable.
func either(variable string) string { return attributeOf(variable) + " (or " + variable + ")" }

// responseSays is the beginning of the advice on a request that a vendor rejects.
const responseSays = "The response above gives the reason."

// checkThese returns the advice to check the arguments that are set, if any, and the argument if there is only one.
func checkThese(arguments map[string]attr.Value) (advice string, at path.Path) {
	var set []string
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		if !arguments[name].IsNull() {
			set = append(set, name)
		}
	}
	switch last := len(set) - 1; last {
	case -1:
		return "", path.Empty()
	case 0:
		return " Check " + set[0] + ".", path.Root(set[0])
	default:
		return " Check " + strings.Join(set[:last], ", ") + " and " + set[last] + ".", path.Empty()
	}
}

// openlayerFailures returns the failures of a listing with these arguments.
func openlayerFailures(arguments map[string]attr.Value) failures {
	check, checkAt := checkThese(arguments)
	f := failures{
		vendor: "Openlayer",
		unauthorized: "Check openlayer_api_key in the provider's configuration, or " + envOpenlayerAPIKey + " in the environment. " +
			"The key must be complete, not revoked, and from the workspace that holds the pipeline.",
		forbidden: "The API key has no access to this pipeline. Set " + either(envOpenlayerAPIKey) + " to a key of the " +
			"workspace that holds the pipeline.",
		notFound: "Check inference_pipeline_id. The pipeline may be deleted, or may belong to another workspace than the API key. " +
			"Also check " + either(envOpenlayerBaseURL) + ", which must end in the version of the API (/v1).",
		notFoundAt:      path.Root("inference_pipeline_id"),
		refused:         responseSays + check,
		refusedAt:       checkAt,
		baseURL:         either(envOpenlayerBaseURL),
		tooLarge:        "Set per_page to a smaller number.",
		listingTooLarge: "Read fewer users with column_filters, the search queries or row_id_list, or read single pages with page and per_page.",
		slow:            "Set per_page to a smaller number, or try again later.",
		inconsistent: "Set sort_column to a column whose values stay the same while people use the application, such as the date of the " +
			"first record. Users then stay on their pages. Or run Terraform again when fewer people use the application.",
		statusOf: func(string) int { return 0 },
	}
	if given(arguments["sort_column"]) || given(arguments["column_filters"]) {
		f.refused += " The provider cannot check the names of columns, because Openlayer does not document them."
	}
	return f
}

func given(argument attr.Value) bool { return argument != nil && !argument.IsNull() }

// vectaraFailures returns the failures of a listing with these arguments.
func vectaraFailures(read vectaraRead, arguments map[string]attr.Value) failures {
	check, checkAt := checkThese(arguments)
	f := failures{
		vendor:          "Vectara",
		baseURL:         either(envVectaraBaseURL),
		tooLarge:        "Set num_results to a smaller number.",
		listingTooLarge: "Read fewer users with corpus_key (REST v2), or read single pages with page_key and a small num_results.",
		slow:            "Raise request_timeout, or set num_results to a smaller number.",
		inconsistent:    "Run Terraform again, at a time when users do not join or leave.",
		refused:         responseSays + check,
		refusedAt:       checkAt,
		statusOf:        vectaraStatus,
		token:           &tokenFailures,
	}
	account := ", and that it belongs to an owner or administrator of the account."
	switch config := read.credential.config; {
	case config.APIKey != "":
		f.unauthorized = "Check vectara_api_key in the provider's configuration, or " + envVectaraAPIKey + " in the environment. The key must " +
			"be complete, enabled, and the personal API key of an owner or administrator. Some of Vectara's documents say that listing users " +
			"needs OAuth. If the key is correct, use vectara_client_id and vectara_client_secret."
		f.forbidden = "The API key has no permission to list users. Check that " + either(envVectaraAPIKey) + " is a complete personal API key" + account
	case config.ClientID != "":
		f.unauthorized = "Vectara rejects the new token that it issued for vectara_client_id. Check that the client is enabled and " +
			"belongs to the account, and that vectara_token_url is the token URL of the account."
		f.forbidden = "The app client of " + either(envVectaraClientID) + " has a token, but no permission to list users. Check its roles in the account."
	default:
		f.unauthorized = "Check vectara_oauth_token in the provider's configuration, or " + envVectaraOAuthToken + " in the environment. " +
			"The token must belong to the account. It is valid for 30 minutes, so it may have expired. With vectara_client_id and " +
			"vectara_client_secret, the provider fetches the tokens itself."
		f.forbidden = "The token of " + either(envVectaraOAuthToken) + " has no permission to list the users of this account. Check that it has not expired, that it is for this account" + account
	}
	baseURL := "Check " + either(envVectaraBaseURL) + ", which must not contain the version of the API."
	if read.version == vectara.V1 {
		f.forbidden += " Also check " + read.account + "."
		f.noAPI = "Vectara announced that it would retire REST v1 on 2025-08-16, so v1 may no longer exist. " +
			"The guide \"From v1 to v2\" describes the changes. " + baseURL + read.whyVersion()
	} else {
		f.noAPI = baseURL + read.whyVersion()
		if given(arguments["corpus_key"]) {
			f.notFound = "Check corpus_key. The account may have no corpus with this key. " + f.noAPI
			f.notFoundAt = path.Root("corpus_key")
		}
	}
	// With an API key, the version is right: only v2 accepts an API key.
	if read.credential.config.APIKey == "" {
		f.unauthorized, f.forbidden = f.unauthorized+read.whyVersion(), f.forbidden+read.whyVersion()
	}
	return f
}

// tokenFailures are the failures of Vectara's token endpoint.
var tokenFailures = failures{
	vendor: "Vectara's token endpoint",
	unauthorized: "Check vectara_client_id and vectara_client_secret in the provider's configuration, or " + envVectaraClientID + " and " +
		envVectaraClientSecret + " in the environment. The client may be deleted, or its secret may have changed. " +
		"Also check that vectara_token_url is the token URL of the account.",
	forbidden: "Check that the app client of vectara_client_id is enabled, and that it may use the client credentials grant.",
	notFound:  "Check " + either(envVectaraTokenURL) + ".",
	refused:   "Check " + either(envVectaraTokenURL) + ", and that the app client of vectara_client_id may use the client credentials grant.",
	baseURL:   either(envVectaraTokenURL),
	slow:      "Check " + either(envVectaraTokenURL) + ", or try again later.",
	tooLarge:  "Check " + either(envVectaraTokenURL) + ". The response is too large for a token.",
	statusOf: func(code string) int {
		switch code { // error codes of RFC 6749, section 5.2
		case "invalid_client", "invalid_grant":
			return http.StatusUnauthorized
		case "unauthorized_client", "access_denied":
			return http.StatusForbidden
		}
		return 0
	},
}

// vectaraStatus returns the HTTP status with the meaning of Vectara's code. REST v1 sends its codes in the body of a
// 200.
func vectaraStatus(code string) int {
	switch code {
	case "UNAUTHENTICATED", "UNAUTHORIZED", "16", "401", "DISABLED_API_KEY", "EXPIRED_API_KEY", "INVALID_API_KEY":
		return http.StatusUnauthorized
	case "PERMISSION_DENIED", "FORBIDDEN", "7", "403", "DISABLED_CUSTOMER", "1100", "INVALID_CUSTOMER_ID", "1101", "ADM__INVALID_CUSTOMER_ID":
		return http.StatusForbidden
	case "INVALID_ARGUMENT", "BAD_REQUEST", "3", "400", "OUT_OF_RANGE", "FAILED_PRECONDITION":
		return http.StatusBadRequest
	case "NOT_FOUND", "5", "404", "METHOD_NOT_ALLOWED", "405", "UNIMPLEMENTED", "12", "NOT_IMPLEMENTED", "501":
		return http.StatusNotFound
	case "RESOURCE_EXHAUSTED", "TOO_MANY_REQUESTS", "8", "429":
		return http.StatusTooManyRequests
	case "DEADLINE_EXCEEDED", "4":
		return http.StatusGatewayTimeout
	case "FAILURE", "1", "UNKNOWN", "2", "ABORTED", "10", "INTERNAL", "13", "UNAVAILABLE", "14",
		"INTERNAL_SERVER_ERROR", "500", "SERVICE_UNAVAILABLE", "503":
		return http.StatusServiceUnavailable
	}
	return 0
}

// diagnostic makes a diagnostic from a client's error, with the request, the response, the number of attempts, and
// what to do.
func (f failures) diagnostic(err error) diag.Diagnostic {
	failure, ok := errors.AsType[*rest.Error](err)
	if !ok {
		return diag.NewErrorDiagnostic("Unexpected error", err.Error()+"\n\nThis is a bug in the provider. Please report it.")
	}
	switch {
	case failure.ForCredential && f.token != nil:
		f = *f.token
	case f.appClients != nil && vectara.OfAppClients(err):
		f = *f.appClients
	}
	summary, advice, at := f.explain(failure)

	var detail strings.Builder
	fmt.Fprintf(&detail, "Could not read %s. The provider does not return a partial listing.\n\n", failure.Name)
	fmt.Fprintf(&detail, "  Request: %s %s\n", failure.Method, failure.URL)
	fmt.Fprintf(&detail, "  Response: %s\n", failure.Outcome())
	if failure.Attempts > 0 {
		fmt.Fprintf(&detail, "  Attempts: %d\n", failure.Attempts)
	}
	if failure.Wait > 0 {
		fmt.Fprintf(&detail, "  Wait: the next request was due in %s, after the time limit\n", failure.Wait.Round(100*time.Millisecond))
	}
	fmt.Fprintf(&detail, "\n%s", advice)
	if len(at.Steps()) == 0 {
		return diag.NewErrorDiagnostic(summary, detail.String())
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, detail.String())
}

// besideAppClients adds the advice on the listing of app clients, which include_app_clients = false leaves out.
func (f failures) besideAppClients() failures {
	clients, without := f, "set include_app_clients = false. The provider then lists only the users, and source.app_clients is false."
	clients.forbidden = "The credential has no permission to list app clients. Use a credential of an owner or administrator, or " + without
	clients.notFound, clients.noAPI = "Vectara has no listing of app clients at this address. To read without it, "+without, f.noAPI+" Or "+without
	clients.notFoundAt = path.Root("include_app_clients")
	f.appClients = &clients
	return f
}

// interrupted makes a diagnostic for a context that ends after the listing, while the provider filters the users.
func (f failures) interrupted(ctx context.Context) diag.Diagnostic {
	summary, advice, at := f.explain(&rest.Error{Kind: rest.EndOf(ctx), Attempts: 1})
	const detail = "The provider had read all users, and was still filtering and counting them. It does not return a partial listing.\n\n"
	if len(at.Steps()) == 0 {
		return diag.NewErrorDiagnostic(summary, detail+advice)
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, detail+advice)
}

// explain returns the summary of a failure, the advice, and the argument that the diagnostic points at.
func (f failures) explain(failure *rest.Error) (summary, advice string, at path.Path) {
	at = path.Empty()
	switch failure.Kind {
	case rest.KindConnection:
		return f.vendor + " cannot be reached",
			"Check " + f.baseURL + ", the network, and the proxy (HTTPS_PROXY). If the certificate is not trusted, add its " +
				"certificate authority to the system's trust store, or set SSL_CERT_FILE to the authority's certificate file.", at
	case rest.KindMalformed:
		return "Unexpected response from " + f.vendor,
			"Check that " + f.baseURL + " is the address of the API, and that the response does not come from a proxy. If both are correct, " +
				"the API may have changed. Please report the response above.", at
	case rest.KindAttemptTimeout:
		return f.vendor + " takes too long to respond", f.slow, at
	case rest.KindTooLarge:
		return "Response from " + f.vendor + " too large", f.tooLarge, at
	case rest.KindDeadline:
		advice = fmt.Sprintf("Raise %s, or try again later.", readTimeoutPath)
		if failure.Status == http.StatusAccepted {
			advice = f.vendor + " was still loading the data. This does not mean that there are no users. " + advice
		}
		if failure.Attempts == 0 && !failure.ForCredential {
			advice += " If requests of other data sources delay this request, raise max_concurrency. If their listings do, run Terraform with a lower -parallelism."
		}
		return "Time limit reached while reading from " + f.vendor, advice, readTimeoutPath
	case rest.KindCanceled:
		return "Reading from " + f.vendor + " was interrupted", "There is nothing to clean up. Run Terraform again.", at
	case rest.KindInconsistent:
		return "Listing from " + f.vendor + " is inconsistent",
			"The provider does not return it, because a user may be missing. " + f.inconsistent, at
	case rest.KindDuplicateID:
		return "Two users with the same ID from " + f.vendor,
			"Terraform stores every string in Unicode NFC, so it cannot distinguish these two users. Change one of the IDs in the system that assigns it.", at
	case rest.KindListingTooLarge:
		return "Listing from " + f.vendor + " too large", f.listingTooLarge, at
	case rest.KindRequest:
		return "Request to " + f.vendor + " could not be made", "This is a bug in the provider. Please report it.", at
	}

	status := failure.Status
	if status == http.StatusOK || failure.ForCredential {
		status = cmp.Or(f.statusOf(failure.Code), status)
	}
	slow := status == http.StatusGatewayTimeout && f.statusOf(failure.Code) == http.StatusGatewayTimeout
	switch {
	case status == http.StatusOK:
		return f.vendor + " reports a failure",
			"The code and the message are from the vendor. Look them up in the vendor's documentation. " +
				"If they do not help, try again later, or contact the vendor.", at
	case status >= 300 && status < 400:
		return f.vendor + " redirects to another address",
			"The provider does not follow redirects, because it would send the credential to the target. " +
				"If the target belongs to the API, correct " + f.baseURL + ".", at
	case slow: // the vendor's time limit, which request_timeout sets
		return f.vendor + " takes too long to respond", f.slow, at
	case f.noAPI != "" && (status == http.StatusNotFound && f.notFound == "" ||
		status == http.StatusMethodNotAllowed || status == http.StatusGone || status == http.StatusNotImplemented):
		return f.vendor + " does not have this API", f.noAPI, at
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusGone:
		return "Not found by " + f.vendor, f.notFound, f.notFoundAt
	case status == http.StatusUnauthorized:
		return f.vendor + " does not accept the credential", f.unauthorized, at
	case status == http.StatusForbidden:
		return f.vendor + " denies access", f.forbidden, at
	case status == http.StatusTooManyRequests:
		return f.vendor + " limits the rate of requests",
			"Raise max_retries, or try again later.", at
	case failure.Attempts > 1 && (status == http.StatusRequestTimeout || status >= 500):
		return f.vendor + " is not available",
			"The vendor's server has a problem. Try again later, or raise max_retries.", at
	case status == http.StatusRequestTimeout || status >= 500:
		return f.vendor + " is not available", "The vendor's server has a problem. Try again later.", at
	}
	if status == http.StatusBadRequest || status == http.StatusUnprocessableEntity {
		at = f.refusedAt
	}
	return f.vendor + " rejects the request", f.refused, at
}
