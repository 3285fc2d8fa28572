// Package vectaratest provides a mock server of the Vectara endpoints that the provider uses: POST /v1/list-users of
// the REST API v1, GET /v2/users and GET /v2/app_clients of the API v2, and the OAuth token endpoint.
//
// The live API needs an account, so tests and the sandbox use this mock server, over real HTTP. It follows the
// published reference and shares no code with the client, so that tests find a misreading in either of them.
//
// REST v1 is a gRPC gateway, and the mock server imitates a gateway: a 64-bit integer is a JSON string, it sends fields
// without a value, an error is {code, message, details} with a gRPC code, and an unknown field is an error. v2 leaves
// out fields without a value, and its errors are {messages, request_id}.
//
// Both versions serve the same account. v1 lists app clients with the users. v2 has a separate listing for them, whose
// responses contain their secrets.
//
// The mock server may be stricter than a live server: it rejects unknown query parameters of v2, duplicate parameters
// and headers, and two credentials in a request, because they are always a bug of the client.
//
// If the reference does not define a behavior, the mock server chooses one, and a comment says so.
package vectaratest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// User is a member of the account: a person, or an app client if its Type is [TypeAppClient].
type User struct {
	ID         uint32 // v2 sends it as a string: usr_ and the digits, or app_ for an app client
	Handle     string
	Email      string // not in v2's listing of app clients
	Type       string // "" is sent as USER_TYPE__NONE
	Comment    string
	TsCreate   int64    // seconds since the epoch
	IDCreate   uint32   // ID of the user who created this user
	UserStatus string   // "" is sent as USER_STATUS__NONE
	Roles      []string // CustomerRole_...

	// Only v2 sends the following fields. It leaves out a nil list, but sends an empty list.

	UpdatedAt   time.Time // sent in its own time zone
	CorpusRoles []CorpusRole
	AgentRoles  []AgentRole
	APIRoles    []string // names of v2; if nil, the mock server converts Roles
	APIPolicy   *APIPolicy

	// ClientID and ClientSecret are the credentials of an app client. v2's listing of app clients sends them. If they are
	// empty, the mock server sends made-up credentials. A made-up secret is [SecretPrefix] followed by the ID.
	ClientID, ClientSecret string
}

// TypeAppClient is the Type of an app client.
const TypeAppClient = "USER_TYPE__APP_CLIENT"

// SecretPrefix is the beginning of every client secret that the mock server makes up, so that tests can search for it.
const SecretPrefix = "made-up-client-secret-of-"

// APIPolicy allows single operations, in addition to those of the roles.
type APIPolicy struct {
	Name              string                      `json:"name"`
	AllowedOperations map[string]*OperationPolicy `json:"allowed_operations"` // nil is sent as {}; a nil value means any resource
}

// OperationPolicy has the resources that an operation is allowed on.
type OperationPolicy struct {
	AllowAnyResource bool                `json:"allow_any_resource"`
	AllowedResources map[string][]string `json:"allowed_resources,omitzero"` // by resource path, such as path.corpus_key
}

func (p *APIPolicy) clone() *APIPolicy {
	if p == nil {
		return nil
	}
	operations := make(map[string]*OperationPolicy, len(p.AllowedOperations))
	for name, operation := range p.AllowedOperations {
		operations[name] = nil
		if operation != nil {
			resources := maps.Clone(operation.AllowedResources)
			for path, allowed := range resources {
				resources[path] = slices.Clone(allowed)
			}
			operations[name] = &OperationPolicy{AllowAnyResource: operation.AllowAnyResource, AllowedResources: resources}
		}
	}
	return &APIPolicy{Name: p.Name, AllowedOperations: operations}
}

// CorpusRole is a role in a corpus.
type CorpusRole struct {
	CorpusKey string `json:"corpus_key"`
	Role      string `json:"role"`
}

// AgentRole is a role in an agent.
type AgentRole struct {
	AgentKey string `json:"agent_key"`
	Role     string `json:"role"`
}

// Status is a failure in the body of a 200.
type Status struct {
	Code   string // other than OK
	Detail string
	Times  int // number of requests that fail; 0 for all requests
}

// Request is a recorded request.
type Request = fakehttp.Request

// Fake is the mock server, an [http.Handler]. The client's base URL is the server's URL. Its token URL is this URL
// followed by [TokenPath]. Set the fields while no request is in flight. Call the methods at any time.
type Fake struct {
	// MaxResults limits the page size. 0 means no limit. New sets 1000, the largest page size in the reference of a
	// similar v1 listing.
	MaxResults int

	// Status, if set, makes v1 send this failure with HTTP status 200, without users and page key.
	Status *Status

	// NullStatus makes v1 send null as the status of success, as in some recorded responses.
	NullStatus bool

	// V1Gone, if not 0, is the HTTP status of all v1 responses, to simulate its retirement. The real status is unknown:
	// 404, 405, 410 or 501.
	V1Gone int

	// NullPageKey makes v2 send null instead of "" as the page key of the last page.
	NullPageKey bool

	// EmptyFields makes v2 send "" for a string without a value, and null for a missing policy, instead of leaving them
	// out. The reference does not require the fields, and Vectara's own tests contain "".
	EmptyFields bool

	// AppClientsAmongUsers makes v2 list app clients also with the users, with the same IDs. The reference does not
	// mention it, but Vectara's documentation says that app clients are treated like users internally.
	AppClientsAmongUsers bool

	// DenyAppClients makes v2 respond with 403 to the listing of app clients. The reference has a separate 403 for each
	// listing, so a caller may have access only to the users.
	DenyAppClients bool

	// Corpora are the keys of the account's corpora.
	Corpora []string

	// APIKeys are the personal API keys that v2 accepts.
	APIKeys []string

	// ClientID and ClientSecret are the credentials that the token endpoint accepts. If ClientID is empty, it accepts
	// none. The listing of app clients contains them only if a user of [Fake.SetUsers] has them.
	ClientID, ClientSecret string

	// TokenLifetime is the lifetime of issued tokens. 0 means the documented 30 minutes. If it is negative, tokens are
	// already expired.
	TokenLifetime time.Duration

	// TokenCalls is the number of API calls that an issued token is valid for. 0 means any number.
	TokenCalls int

	// InvalidTokenStatus is v2's HTTP status for an invalid or expired token. 0 means 401. The reference of v2 has only
	// 403, and some gateways respond with 403.
	InvalidTokenStatus int

	// Now is the clock for the expiry of tokens. nil means [time.Now].
	Now func() time.Time

	// Latency is the wait before each response of the mock server. It ends early if the client closes the connection, or
	// at the client's timeout: grpc-timeout for v1, Request-Timeout for v2.
	Latency time.Duration

	// Intercept, if set, handles API requests before the mock server. See [fakehttp.Intercept].
	Intercept fakehttp.Intercept

	// InterceptToken is the same for token requests, which have a separate count.
	InterceptToken fakehttp.Intercept

	customerID    string
	token         string
	journal       fakehttp.Journal
	tokenRequests fakehttp.Journal

	mu       sync.Mutex
	users    []User
	statuses int            // number of responses with Status
	issued   []*issuedToken // in order
	refusals int            // number of v2's error responses, for request IDs
}

var _ http.Handler = (*Fake)(nil)

// New returns a mock server with the account customerID, without users. It always accepts this OAuth token.
func New(customerID, token string) *Fake {
	return &Fake{MaxResults: 1000, customerID: customerID, token: token}
}

// NewServer runs the mock server on a loopback port until the test ends. The client's base URL is the server's URL.
func NewServer(tb testing.TB, fake *Fake) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(fake)
	tb.Cleanup(server.Close)
	return server
}

// SetUsers replaces the users of the account. The mock server lists them in this order.
func (f *Fake) SetUsers(users []User) {
	users = slices.Clone(users)
	for i := range users {
		u := &users[i]
		u.Roles = slices.Clone(u.Roles)
		u.CorpusRoles = slices.Clone(u.CorpusRoles)
		u.AgentRoles = slices.Clone(u.AgentRoles)
		u.APIRoles = slices.Clone(u.APIRoles)
		u.APIPolicy = u.APIPolicy.clone()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users = users
}

// Requests returns copies of all API requests so far, in order. They include rejected requests.
func (f *Fake) Requests() []Request { return f.journal.Requests() }

// TokenRequests returns copies of all token requests so far, in order. They include rejected requests.
func (f *Fake) TokenRequests() []Request { return f.tokenRequests.Requests() }

// ServeHTTP implements [http.Handler].
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == TokenPath {
		f.tokenRequests.Serve(w, r, f.InterceptToken, f.serveToken)
		return
	}
	f.journal.Serve(w, r, f.Intercept, f.route)
}

// route dispatches a request. It does not use http.ServeMux, which redirects a path with a double slash.
func (f *Fake) route(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case path == "/v2/users":
		f.serveV2(w, r, f.listUsersV2)
	case path == "/v2/app_clients":
		f.serveV2(w, r, f.listAppClients)
	case strings.HasPrefix(path, "/v2/"):
		f.serveV2(w, r, func(*http.Request) (any, *refusalV2) {
			return nil, refuseV2(http.StatusNotFound, "Nothing is served at %s.", path)
		})
	case strings.HasPrefix(path, "/v1/") && f.V1Gone != 0:
		f.serveGone(w, r)
	case path == "/v1/list-users":
		f.serveV1(w, r, f.listUsers)
	default:
		f.serveV1(w, r, func(*http.Request) (any, *refusal) {
			return nil, refuse(http.StatusNotFound, codeNotFound, "nothing is served at %s", path)
		})
	}
}

// wait waits for the latency of a request without a client timeout.
func (f *Fake) wait(r *http.Request) {
	if err := fakehttp.Wait(r.Context(), f.Latency); err != nil {
		panic(http.ErrAbortHandler) // a return would send a 200
	}
}

// page returns the users of a page, and whether there are more users. at is the number of users on earlier pages, and
// listed selects the users of the listing. The caller holds f.mu.
func (f *Fake) page(at, size int, listed func(User) bool) (users []User, more bool) {
	if f.MaxResults > 0 {
		size = min(size, f.MaxResults)
	}
	for _, u := range f.users {
		switch {
		case !listed(u):
		case at > 0:
			at--
		case len(users) == size:
			return users, true
		default:
			users = append(users, u)
		}
	}
	return users, false
}

// seal encodes v as a signed page key, so that the mock server can reject a key that it has not issued. The prefix
// marks the version of the API.
func (f *Fake) seal(prefix string, v any) string {
	payload, err := json.Marshal(v)
	if err != nil {
		panic(err) // no error: numbers and strings
	}
	return prefix + base64.StdEncoding.EncodeToString(append(f.sign(prefix, payload), payload...))
}

// unseal decodes a page key into v.
func (f *Fake) unseal(prefix, key string, v any) error {
	unprefixed, ok := strings.CutPrefix(key, prefix)
	if !ok {
		return errors.New("not a key that was given out")
	}
	data, err := base64.StdEncoding.DecodeString(unprefixed)
	if err != nil {
		return err
	}
	n := min(sha256.Size, len(data))
	if !hmac.Equal(data[:n], f.sign(prefix, data[n:])) {
		return errors.New("not a key that was given out")
	}
	return json.Unmarshal(data[n:], v)
}

func (f *Fake) sign(prefix string, payload []byte) []byte {
	mac := hmac.New(sha256.New, []byte(f.customerID+f.token))
	mac.Write([]byte(prefix))
	mac.Write(payload)
	return mac.Sum(nil)
}
