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

// failures words the errors of one vendor's client: what happened and what to do. All errors of a
// client are rest.Errors; nothing else of them is looked at, and never their text.
type failures struct {
	vendor string
	// The advice on a response that does not accept the credential (unauthorized, forbidden) or the
	// request (notFound, refused), and on an address that is not the API's (baseURL).
	unauthorized, forbidden, notFound, refused, baseURL string
	// notFoundAt is the argument that names what was not found.
	notFoundAt path.Path
	// tooLarge and slow are what helps when a response is too large, or takes too long.
	tooLarge, slow string
	// listingTooLarge is what helps when there are more users than fit into memory.
	listingTooLarge string
	// noAPI is the advice on a response of 405, 410 or 501, and of 404 where nothing that the request names
	// may be missing, from a vendor who has more than one API.
	noAPI string
	// inconsistent is what helps against a listing that changes while it is read.
	inconsistent string
	// statusOf gives the HTTP status that means the same as a vendor's code; 0 for none.
	statusOf func(code string) int
	// token words the errors of getting a credential, and appClients those of REST v2's listing of app clients
	// where it is read beside the users.
	token, appClients *failures
}

// either names an attribute of the provider and its variable.
func either(variable string) string { return attributeOf(variable) + " (or " + variable + ")" }

// checkThese advises to check those of the arguments that are set, if any.
func checkThese(arguments map[string]attr.Value) string {
	var set []string
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		if !arguments[name].IsNull() {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return ""
	}
	last := len(set) - 1
	return " Check " + strings.TrimPrefix(strings.Join(set[:last], ", ")+" and "+set[last], " and ") + "."
}

// openlayerFailures words the errors of a listing with these arguments.
func openlayerFailures(arguments map[string]attr.Value) failures {
	f := failures{
		vendor: "Openlayer",
		unauthorized: "Check openlayer_api_key in the provider's configuration, or " + envOpenlayerAPIKey + " in the environment: " +
			"it must be a key of the workspace that holds the pipeline, in full, and not revoked.",
		forbidden: "The API key is good, but not for this pipeline. Use a key (openlayer_api_key, or " + envOpenlayerAPIKey + ") of the " +
			"workspace that holds the pipeline.",
		notFound: "Check inference_pipeline_id: the pipeline may be deleted, or belong to another workspace than the API key. " +
			"Check " + either(envOpenlayerBaseURL) + " as well, which ends in the API's version (/v1).",
		notFoundAt:      path.Root("inference_pipeline_id"),
		refused:         "Openlayer does not accept the request as it is; its message says why." + checkThese(arguments),
		baseURL:         either(envOpenlayerBaseURL),
		tooLarge:        "Set per_page to a smaller number, so that a page is smaller.",
		listingTooLarge: "Limit the listing to fewer users with column_filters, the search queries or row_id_list, or read single pages with page.",
		slow:            "Set per_page to a smaller number, or try again later.",
		inconsistent: "Set sort_column to a column whose values do not change while people use the application, such as the date of the " +
			"first record, so that users do not move between pages; or read at a quieter time.",
		statusOf: func(string) int { return 0 },
	}
	if given(arguments["sort_column"]) || given(arguments["column_filters"]) {
		f.refused += " The provider cannot check names of columns, since Openlayer does not document them."
	}
	return f
}

func given(argument attr.Value) bool { return argument != nil && !argument.IsNull() }

// vectaraFailures words the errors of what a block with these arguments reads.
func vectaraFailures(read vectaraRead, arguments map[string]attr.Value) failures {
	f := failures{
		vendor:          "Vectara",
		baseURL:         either(envVectaraBaseURL),
		tooLarge:        "Set num_results to a smaller number, so that a page is smaller.",
		listingTooLarge: "Limit the listing to fewer users with corpus_key (REST v2), or read single pages with page_key.",
		slow:            "Raise request_timeout, or set num_results to a smaller number.",
		inconsistent:    "Read again; if that does not help, read at a quieter time.",
		refused:         "Vectara does not accept the request as it is; its message says why." + checkThese(arguments),
		statusOf:        vectaraStatus,
		token:           &tokenFailures,
	}
	account := ", and that it belongs to an owner or administrator of the account."
	switch config := read.credential.config; {
	case config.APIKey != "":
		f.unauthorized = "Check vectara_api_key in the provider's configuration, or " + envVectaraAPIKey + " in the environment: it must be the " +
			"personal API key of an owner or administrator, in full, and enabled. Some of Vectara's documents say that listing users takes OAuth only: " +
			"if the key is right, use vectara_client_id and vectara_client_secret."
		f.forbidden = "The API key is good, but may not list users. Check that it is a personal API key" + account
	case config.ClientID != "":
		f.unauthorized = "The token is new, and was issued for vectara_client_id. Check that this client belongs to the account, that it is enabled, " +
			"and that vectara_token_url is that of the account."
		f.forbidden = "The client has got a token, but may not list users. Check its rights in the account."
	default:
		f.unauthorized = "Check vectara_oauth_token in the provider's configuration, or " + envVectaraOAuthToken + " in the environment: " +
			"a token lives 30 minutes, so it may have expired, and it must belong to the account. With vectara_client_id and vectara_client_secret, " +
			"the provider fetches its tokens itself."
		f.forbidden = "The token is good, but may not list the users of this account. Check that it was made for this account" + account
	}
	baseURL := "Check " + either(envVectaraBaseURL) + ", which is without the API's version."
	if read.version == vectara.V1 {
		f.forbidden += " Check " + read.account + " as well."
		f.noAPI = "Vectara announced that it would retire REST v1 on 2025-08-16: this may be it. The guide \"From v1 to v2\" says what changes. " + baseURL + read.whyVersion()
	} else {
		f.noAPI = baseURL + read.whyVersion()
		if given(arguments["corpus_key"]) {
			f.notFound = "Check corpus_key: there may be no such corpus in the account. " + f.noAPI
			f.notFoundAt = path.Root("corpus_key")
		}
	}
	// An API key is v2's alone, so the version is the right one.
	if read.credential.config.APIKey == "" {
		f.unauthorized, f.forbidden = f.unauthorized+read.whyVersion(), f.forbidden+read.whyVersion()
	}
	return f
}

// tokenFailures words the errors of Vectara's token endpoint.
var tokenFailures = failures{
	vendor: "Vectara's token endpoint",
	unauthorized: "Check vectara_client_id and vectara_client_secret in the provider's configuration, or " + envVectaraClientID + " and " +
		envVectaraClientSecret + " in the environment: the client may be deleted, or the secret may be another one by now. " +
		"Check that vectara_token_url is that of the account, too.",
	forbidden: "Check that the client of vectara_client_id is enabled, and may use client credentials.",
	notFound:  "Check " + either(envVectaraTokenURL) + ".",
	refused:   "Check " + either(envVectaraTokenURL) + ", and that the client of vectara_client_id may use client credentials.",
	baseURL:   either(envVectaraTokenURL),
	slow:      "Check " + either(envVectaraTokenURL) + ", or try again later.",
	tooLarge:  "Check " + either(envVectaraTokenURL) + ": this is no response of a token endpoint.",
	statusOf: func(code string) int {
		switch code { // of RFC 6749, section 5.2
		case "invalid_client", "invalid_grant":
			return http.StatusUnauthorized
		case "unauthorized_client", "access_denied":
			return http.StatusForbidden
		}
		return 0
	},
}

// vectaraStatus gives the HTTP status that means the same as a status code in the body of v1's 200.
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

// diagnostic makes a client's error one that says what was read, what came back, how often it was
// attempted, and what to do.
func (f failures) diagnostic(err error) diag.Diagnostic {
	failure, ok := errors.AsType[*rest.Error](err)
	if !ok {
		return diag.NewErrorDiagnostic("Unexpected error", err.Error()+"\n\nThis is a bug in the provider; please report it.")
	}
	switch {
	case failure.ForCredential && f.token != nil:
		f = *f.token
	case f.appClients != nil && vectara.OfAppClients(err):
		f = *f.appClients
	}
	summary, advice, at := f.explain(failure)

	var detail strings.Builder
	fmt.Fprintf(&detail, "Could not read %s. No users are returned, not even those that had been read.\n\n", failure.Name)
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

// besideAppClients are the failures of a block that reads app clients as well, and may leave them out.
func (f failures) besideAppClients() failures {
	clients, without := f, " Or set include_app_clients = false, which reads the users alone: source.app_clients is false then."
	clients.forbidden = "It is the listing of app clients that was denied. Use a credential of an owner or administrator." + without
	clients.notFound, clients.noAPI = "It is the listing of app clients that was not found."+without, f.noAPI+without
	clients.notFoundAt = path.Root("include_app_clients")
	f.appClients = &clients
	return f
}

// interrupted is the error of a listing whose users had been read, and were still being filtered and added up.
func (f failures) interrupted(ctx context.Context) diag.Diagnostic {
	summary, advice, at := f.explain(&rest.Error{Kind: rest.EndOf(ctx), Attempts: 1})
	const detail = "The users had been read, and were still being filtered and added up. None of them are returned.\n\n"
	if len(at.Steps()) == 0 {
		return diag.NewErrorDiagnostic(summary, detail+advice)
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, detail+advice)
}

// explain gives the summary of a failure, what to do, and the argument that it points at.
func (f failures) explain(failure *rest.Error) (summary, advice string, at path.Path) {
	at = path.Empty()
	switch failure.Kind {
	case rest.KindConnection:
		return f.vendor + " cannot be reached",
			"Check " + f.baseURL + ", the network, and the proxy (HTTPS_PROXY). For a certificate that is not trusted, add the " +
				"authority that signed it to the system's, or name it in SSL_CERT_FILE.", at
	case rest.KindRedirect:
		return f.vendor + " points to another address",
			"The provider follows no redirect, since it would send the credential there. If the target is right, put it into " + f.baseURL + ".", at
	case rest.KindMalformed:
		return "Unexpected response from " + f.vendor,
			"Check that " + f.baseURL + " is the address of the API, and that no proxy responds in its place. If both are right, " +
				"the API has changed; please report it with the response above.", at
	case rest.KindAttemptTimeout:
		return f.vendor + " takes too long to respond", f.slow, at
	case rest.KindTooLarge:
		return "Response from " + f.vendor + " too large", f.tooLarge, at
	case rest.KindDeadline:
		advice = fmt.Sprintf("Raise %s, or try again later.", readTimeoutPath)
		if failure.Status == http.StatusAccepted {
			advice = f.vendor + " was still loading the data, which does not mean that there are no users. " + advice
		}
		if failure.Attempts == 0 && !failure.ForCredential {
			advice += " If other data sources use all requests that may be in flight, raise max_concurrency."
		}
		return "Time limit reached while reading from " + f.vendor, advice, readTimeoutPath
	case rest.KindCanceled:
		return "Reading from " + f.vendor + " was interrupted", "Nothing is left to be cleaned up.", at
	case rest.KindInconsistent:
		return "Listing from " + f.vendor + " is inconsistent",
			"A user may be missing from it, so it is not used. " + f.inconsistent, at
	case rest.KindDuplicateID:
		return "Two users with the same ID from " + f.vendor,
			"Terraform stores every string in Unicode NFC, so it cannot distinguish these two users. Change one of the IDs where they come from.", at
	case rest.KindListingTooLarge:
		return "Listing from " + f.vendor + " too large", f.listingTooLarge, at
	case rest.KindRequest:
		return "Request to " + f.vendor + " could not be made", "This is a bug in the provider; please report it.", at
	}

	status := failure.Status
	if failure.Kind == rest.KindAPI || failure.ForCredential {
		status = cmp.Or(f.statusOf(failure.Code), status)
	}
	slow := status == http.StatusGatewayTimeout && f.statusOf(failure.Code) == http.StatusGatewayTimeout
	switch {
	case status == http.StatusOK:
		return f.vendor + " reports a failure",
			"What it means is in the vendor's code and message. If they do not help, try again later, or ask the vendor.", at
	case slow: // the vendor's own limit, which request_timeout sets
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
			"The fault is on the other side. Try again later, or raise max_retries.", at
	case status == http.StatusRequestTimeout || status >= 500:
		return f.vendor + " is not available", "The fault is on the other side. Try again later.", at
	}
	return f.vendor + " refuses the request", f.refused, at
}
