// Package vectaratest is a fake of the Vectara endpoint that the provider reads,
// POST /v1/list-users of the REST API v1.
//
// The live API needs an account and an OAuth client, so tests and the sandbox talk to this fake
// instead, over real HTTP. It is written from the published reference and shares no code with
// the client, so that a misreading in one of them shows. REST v1 is a gRPC gateway, and the fake
// speaks as one: a 64-bit integer is a JSON string, a field without a value is sent all the same,
// an error is {code, message, details} with a gRPC code, and a field that the gateway does not
// know is refused.
//
// Where the reference is silent the fake decides, and says so at the place.
package vectaratest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// User is one member of the account's team.
type User struct {
	ID         uint32
	Handle     string
	Email      string
	Type       string // "" is sent as USER_TYPE__NONE
	Comment    string
	TsCreate   int64    // seconds since the epoch
	IDCreate   uint32   // the user who created this one
	UserStatus string   // "" is sent as USER_STATUS__NONE
	Roles      []string // CustomerRole_...
}

// Status is what an answer with HTTP status 200 says of itself.
type Status struct {
	Code   string // other than OK
	Detail string
	Times  int // how many requests get it before all is well again; 0: all of them
}

// Request is what the fake keeps of one request.
type Request = fakehttp.Request

// Fake is the fake API, an [http.Handler]; the client's base URL is the server's URL. Its fields
// are set while no request is under way; its methods may be called at any time.
type Fake struct {
	// MaxResults cuts a page down below the numResults that was asked for. 0 cuts nothing; New
	// sets 1000, the highest limit that the reference names for a sibling of this endpoint.
	MaxResults int

	// Status, if set, replaces users and page key by this failure, under HTTP status 200.
	Status *Status

	// NullStatus sends a successful status as null, as some captured answers have it.
	NullStatus bool

	// Latency is waited before each answer of the fake's own, until the client goes away or
	// its grpc-timeout has passed.
	Latency time.Duration

	// Intercept, if set, sees each request before the fake does. See [fakehttp.Intercept].
	Intercept fakehttp.Intercept

	customerID string
	token      string
	journal    fakehttp.Journal

	mu       sync.Mutex
	users    []User
	statuses int // how often Status was answered
}

var _ http.Handler = (*Fake)(nil)

// New returns a fake of the account customerID, without users, that accepts this OAuth token.
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
		users[i].Roles = slices.Clone(users[i].Roles)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.users = users
}

// Requests returns copies of the requests so far, refused ones included, in order.
func (f *Fake) Requests() []Request { return f.journal.Requests() }

// ServeHTTP implements [http.Handler].
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.journal.Serve(w, r, f.Intercept, f.route)
}

// route is a switch because http.ServeMux answers a path with a double slash with a redirect,
// which this API does not know.
func (f *Fake) route(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v1/list-users":
		f.serveV1(w, r, f.listUsers)
	default:
		f.serveV1(w, r, func(r *http.Request) (any, *refusal) {
			return nil, refuse(http.StatusNotFound, codeNotFound, "nothing is served at %s", r.URL.Path)
		})
	}
}
