// Package vectaratest is a fake of the Vectara endpoints that the provider reads: POST /v1/list-users
// of the REST API v1, GET /v2/users and GET /v2/app_clients of the API v2, and the token endpoint of
// OAuth.
//
// The live API needs an account and credentials of it, so tests and the sandbox talk to this fake
// instead, over real HTTP. It is written from the published reference and shares no code with
// the client, so that a misreading in one of them shows.
//
// REST v1 is a gRPC gateway, and the fake speaks as one: a 64-bit integer is a JSON string, a field
// without a value is sent all the same, an error is {code, message, details} with a gRPC code, and a
// field that the gateway does not know is refused. v2 leaves out a field without a value, and an
// error of it is {messages, request_id}.
//
// Both versions serve one account. v1 lists app clients among the users; v2 has a listing of its own
// for them, whose responses hold their secrets.
//
// It is stricter than a live server may be: a query parameter that v2 does not know, a parameter or
// a header twice, or two credentials at once are refused, because they are always our bug.
//
// Where the reference is silent the fake decides, and says so at the place.
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

// User is one member of the account's team: a person, or an app client if its Type says so.
type User struct {
	ID         uint32 // v2 sends it as a string: usr_ and the digits, or app_ for an app client
	Handle     string
	Email      string // v2's listing of app clients has none
	Type       string // "" is sent as USER_TYPE__NONE
	Comment    string
	TsCreate   int64    // seconds since the epoch
	IDCreate   uint32   // the user who created this one
	UserStatus string   // "" is sent as USER_STATUS__NONE
	Roles      []string // CustomerRole_...

	// Only v2 sends what follows. It leaves out a field without a value, unless EmptyFields is set;
	// an empty list that is not nil is a value.

	UpdatedAt   time.Time // sent in its own time zone
	CorpusRoles []CorpusRole
	AgentRoles  []AgentRole
	APIRoles    []string // in v2's words; nil: those that follow from Roles
	APIPolicy   *APIPolicy

	// ClientID and ClientSecret are an app client's credentials, which v2's listing of app clients
	// sends. If they are empty, the fake makes them up, because every app client has both; the secret
	// is then [SecretPrefix] followed by the id.
	ClientID, ClientSecret string
}

// TypeAppClient is the Type of an app client.
const TypeAppClient = "USER_TYPE__APP_CLIENT"

// SecretPrefix begins every client secret that the fake makes up. A test that looks for it finds any
// of them.
const SecretPrefix = "made-up-client-secret-of-"

// APIPolicy allows single operations, besides those that the roles allow.
type APIPolicy struct {
	Name              string                      `json:"name"`
	AllowedOperations map[string]*OperationPolicy `json:"allowed_operations"` // nil: sent as {}; a nil value: on any resource
}

// OperationPolicy says on which resources an operation is allowed.
type OperationPolicy struct {
	AllowAnyResource bool                `json:"allow_any_resource"`
	AllowedResources map[string][]string `json:"allowed_resources,omitzero"` // by resource path, as in path.corpus_key
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

// CorpusRole is what a user may do with one corpus.
type CorpusRole struct {
	CorpusKey string `json:"corpus_key"`
	Role      string `json:"role"`
}

// AgentRole is what a user may do with one agent.
type AgentRole struct {
	AgentKey string `json:"agent_key"`
	Role     string `json:"role"`
}

// Status is what a response with HTTP status 200 says of itself.
type Status struct {
	Code   string // other than OK
	Detail string
	Times  int // how many requests get it before all is well again; 0: all of them
}

// Request is what the fake keeps of one request.
type Request = fakehttp.Request

// Fake is the fake API, an [http.Handler]; the client's base URL is the server's URL, and its token
// URL is that followed by [TokenPath]. Its fields are set while no request is in flight; its methods
// may be called at any time.
type Fake struct {
	// MaxResults cuts a page down below the number of users that was requested. 0 cuts nothing;
	// New sets 1000, the highest limit that the reference names for a sibling of v1's endpoint.
	MaxResults int

	// Status, if set, replaces users and page key of v1 by this failure, under HTTP status 200.
	Status *Status

	// NullStatus sends a successful status as null, as some captured responses of v1 have it.
	NullStatus bool

	// V1Gone, if not 0, is the HTTP status with which v1 responds to every request, as it may since
	// its retirement: 404, 405, 410 or 501, for it is not known which.
	V1Gone int

	// NullPageKey has v2 end a listing with a page key that is null instead of empty.
	NullPageKey bool

	// EmptyFields has v2 send "" for a text without a value, and null for a policy, where it leaves
	// them out otherwise. The reference requires neither field, and Vectara's own tests see "".
	EmptyFields bool

	// AppClientsAmongUsers has v2 list app clients among the users as well, under the ids that they
	// have in their own listing. The reference does not say that it does so, but a page of Vectara's
	// says that app clients are treated like users internally.
	AppClientsAmongUsers bool

	// DenyAppClients has v2 respond to the listing of app clients with 403. The reference gives each
	// listing a 403 of its own, so that a caller may have access to the users alone.
	DenyAppClients bool

	// Corpora are the keys of the account's corpora.
	Corpora []string

	// APIKeys are the personal API keys that v2 accepts.
	APIKeys []string

	// ClientID and ClientSecret are the credentials that the token endpoint accepts; without an id it
	// accepts none. The listing of app clients has them only if a user of [Fake.SetUsers] has them.
	ClientID, ClientSecret string

	// TokenLifetime is how long an issued token is good for. 0: the documented 30 minutes.
	// A token with a negative one is dead when it is issued.
	TokenLifetime time.Duration

	// TokenCalls is how many API calls an issued token is good for. 0: any number.
	TokenCalls int

	// InvalidTokenStatus is the HTTP status with which v2 responds to a token that is not valid, or no
	// longer. 0: 401. The reference of v2 names 403 alone, and gateways that respond with 403 exist.
	InvalidTokenStatus int

	// Now is the clock by which issued tokens expire. nil: [time.Now].
	Now func() time.Time

	// Latency is waited before each response of the fake's own, until the client goes away or
	// its timeout has passed, which is grpc-timeout for v1 and Request-Timeout for v2.
	Latency time.Duration

	// Intercept, if set, sees each API request before the fake does. See [fakehttp.Intercept].
	Intercept fakehttp.Intercept

	// InterceptToken is the same for the token requests, which are counted on their own.
	InterceptToken fakehttp.Intercept

	customerID    string
	token         string
	journal       fakehttp.Journal
	tokenRequests fakehttp.Journal

	mu       sync.Mutex
	users    []User
	statuses int            // responses with Status so far
	issued   []*issuedToken // in order
	refusals int            // of v2, each of which has a number
}

var _ http.Handler = (*Fake)(nil)

// New returns a fake of the account customerID, without users, that always accepts this OAuth
// token.
func New(customerID, token string) *Fake {
	return &Fake{MaxResults: 1000, customerID: customerID, token: token}
}

// NewServer serves the fake on a loopback port until the test ends. The client's base URL is
// the server's URL.
func NewServer(tb testing.TB, fake *Fake) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(fake)
	tb.Cleanup(server.Close)
	return server
}

// SetUsers gives the account these users, in this order, in place of any before.
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

// Requests returns copies of the API requests so far, refused ones included, in order.
func (f *Fake) Requests() []Request { return f.journal.Requests() }

// TokenRequests returns copies of the requests to the token endpoint so far, refused ones
// included, in order.
func (f *Fake) TokenRequests() []Request { return f.tokenRequests.Requests() }

// ServeHTTP implements [http.Handler].
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == TokenPath {
		f.tokenRequests.Serve(w, r, f.InterceptToken, f.serveToken)
		return
	}
	f.journal.Serve(w, r, f.Intercept, f.route)
}

// route is a switch because http.ServeMux responds to a path with a double slash with a redirect,
// which this API does not know.
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

// wait waits for the latency where the client cannot name a timeout.
func (f *Fake) wait(r *http.Request) {
	if err := fakehttp.Wait(r.Context(), f.Latency); err != nil {
		panic(http.ErrAbortHandler) // merely returning would respond with 200
	}
}

// page returns the users of one page of those that a listing has, and whether there are more. at
// is how many users the pages before had. f.mu is held.
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

// seal makes a page key of v, signed, so that a key that a client made up is refused. The prefix is
// that of all keys of one API version.
func (f *Fake) seal(prefix string, v any) string {
	payload, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers and strings
	}
	return prefix + base64.StdEncoding.EncodeToString(append(f.sign(prefix, payload), payload...))
}

// unseal reads a page key into v.
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
