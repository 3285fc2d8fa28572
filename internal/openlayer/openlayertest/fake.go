// Package openlayertest provides a mock server of the Openlayer endpoint that the provider uses,
// POST /v1/inference-pipelines/{inferencePipelineId}/users.
//
// The live API needs a paid workspace with traces, so tests and the sandbox use this mock server, over real HTTP. It
// follows the published OpenAPI document and shares no code with the client, so that tests find a misreading in either
// of them. The mock server may be stricter than a live server: an unknown query parameter, an unknown field of the
// body, or a duplicate parameter is a 400, because it is always a bug of the client.
//
// If the document does not define a behavior, the mock server chooses one, and a comment says so.
package openlayertest

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// BasePath is the beginning of every path. The client's base URL is the server's URL followed by BasePath.
const BasePath = "/v1"

// The limits and defaults of the OpenAPI document.
const (
	defaultPerPage   = 25
	maxPerPage       = 100
	maxColumnFilters = 5
	maxSearchRunes   = 300
)

// User is an end user of the traced application, with the totals of the user's traces.
type User struct {
	ID          string    // the application's ID of the user
	FirstRecord time.Time // sent as RFC 3339, in its own time zone
	LastRecord  time.Time
	Sessions    int64
	Records     int64
	Tokens      float64
	Cost        float64 // the document defines no currency

	// Columns are additional columns for filters, searches and sorting. The mock server does not send them. A value is a
	// string, float64, bool, []string or []float64. A missing column is null.
	Columns map[string]any

	// RowIDs are the IDs of the user's traces, for rowIdList and excludeRowIdList.
	RowIDs []int64
}

// Request is a recorded request.
type Request = fakehttp.Request

// Fake is the mock server, an [http.Handler]. Set the fields while no request is in flight. Call the methods at any
// time.
type Fake struct {
	// Loading is the number of valid requests that first receive a 202 and {"success":true}.
	Loading int

	// LoadingRetryAfter is the Retry-After header of the 202s, if not empty.
	LoadingRetryAfter string

	// MaxPerPage limits the page size, even if perPage is larger. 0 means no limit.
	MaxPerPage int

	// RepeatLastPage makes the mock server send the last page for every page after it. Otherwise, those pages are empty.
	// The document does not define this case.
	RepeatLastPage bool

	// MaxConcurrent is the number of requests that the mock server serves at the same time. It responds to all others with
	// 429 at once. 0 means no limit. The document has no limit, but a service behind a gateway often limits concurrency. A
	// request counts until its response begins, so that a client can send its next request after it reads a response.
	MaxConcurrent int

	// RejectedRetryAfter is the Retry-After header of these 429s, if not empty.
	RejectedRetryAfter string

	// Latency is the wait before each response of the mock server. It ends early if the client closes the connection.
	Latency time.Duration

	// Intercept, if set, handles requests before the mock server. See [fakehttp.Intercept].
	Intercept fakehttp.Intercept

	apiKey  string
	journal fakehttp.Journal

	mu        sync.Mutex
	pipelines map[string]*pipeline // by ID in lower case
	loaded    int                  // number of 202s so far
	serving   int                  // number of requests whose response has not begun
	rejected  int                  // number of requests that MaxConcurrent has rejected
}

var _ http.Handler = (*Fake)(nil)

// New returns a mock server that accepts this API key, without pipelines.
func New(apiKey string) *Fake {
	return &Fake{apiKey: apiKey, pipelines: make(map[string]*pipeline)}
}

// NewServer runs the mock server on a loopback port until the test ends. The client's base URL is the server's URL
// followed by [BasePath].
func NewServer(tb testing.TB, fake *Fake) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(fake)
	tb.Cleanup(server.Close)
	return server
}

// SetUsers creates a pipeline, or replaces its users. The mock server lists them in this order. It panics if a column
// has a type that [User] does not allow.
func (f *Fake) SetUsers(pipelineID string, users []User) {
	p := newPipeline(users)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pipelines[strings.ToLower(pipelineID)] = p
}

// Requests returns copies of all requests so far, in order. They include rejected requests.
func (f *Fake) Requests() []Request { return f.journal.Requests() }

// Rejected returns how many requests MaxConcurrent has rejected so far.
func (f *Fake) Rejected() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rejected
}

// ServeHTTP implements [http.Handler].
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.journal.Serve(w, r, f.Intercept, f.serve)
}

// refusal is the body of an error response.
type refusal struct {
	Code  int    `json:"code"` // same as the HTTP status
	Error string `json:"error"`
}

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{Code: code, Error: fmt.Sprintf(format, args...)}
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	page, refused := f.admit(r)
	switch {
	case refused != nil:
		switch {
		case refused.Code == http.StatusMethodNotAllowed:
			w.Header().Set("Allow", http.MethodPost)
		case refused.Code == http.StatusTooManyRequests && f.RejectedRetryAfter != "":
			w.Header().Set("Retry-After", f.RejectedRetryAfter)
		}
		fakehttp.WriteJSON(w, refused.Code, refused)
	case f.stillLoading():
		if f.LoadingRetryAfter != "" {
			w.Header().Set("Retry-After", f.LoadingRetryAfter)
		}
		fakehttp.WriteJSON(w, http.StatusAccepted, map[string]bool{"success": true})
	default:
		fakehttp.WriteEncoded(w, http.StatusOK, page)
	}
}

// admit waits for the latency, and returns the page. It rejects the request if MaxConcurrent requests are in flight.
func (f *Fake) admit(r *http.Request) ([]byte, *refusal) {
	f.mu.Lock()
	if f.MaxConcurrent > 0 && f.serving >= f.MaxConcurrent {
		f.rejected++
		f.mu.Unlock()
		return nil, refuse(http.StatusTooManyRequests, "more than %d requests at the same time", f.MaxConcurrent)
	}
	f.serving++
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.serving--
	}()
	if err := fakehttp.Wait(r.Context(), f.Latency); err != nil {
		panic(http.ErrAbortHandler) // a return would send a 200
	}
	return f.page(r)
}

func (f *Fake) stillLoading() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.loaded >= f.Loading {
		return false
	}
	f.loaded++
	return true
}

// page returns the requested page in JSON, or an error response.
func (f *Fake) page(r *http.Request) ([]byte, *refusal) {
	p, refused := f.authorize(r)
	if refused != nil {
		return nil, refused
	}
	query, refused := parseListQuery(r.URL.RawQuery)
	if refused != nil {
		return nil, refused
	}
	body, err := readBody(r)
	if err != nil {
		return nil, refuse(http.StatusUnsupportedMediaType, "%v", err)
	}
	rows, err := p.listed(body, query.sortColumn, query.asc)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "%v", err)
	}

	perPage := query.perPage
	if f.MaxPerPage > 0 {
		perPage = min(perPage, f.MaxPerPage)
	}
	pages := (len(rows) + perPage - 1) / perPage
	page := query.page
	if f.RepeatLastPage {
		page = min(page, pages)
	}
	var items [][]byte
	if page >= 1 && page <= pages {
		for _, r := range rows[(page-1)*perPage : min(page*perPage, len(rows))] {
			items = append(items, r.item)
		}
	}
	return slices.Concat([]byte(`{"items":[`), bytes.Join(items, []byte(",")), []byte(`]}`)), nil
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// authorize returns the pipeline of the request, or an error response. It does not use http.ServeMux for the path,
// which redirects a path with a double slash.
func (f *Fake) authorize(r *http.Request) (*pipeline, *refusal) {
	id, hasPrefix := strings.CutPrefix(r.URL.Path, BasePath+"/inference-pipelines/")
	id, hasSuffix := strings.CutSuffix(id, "/users")
	switch {
	case !hasPrefix || !hasSuffix || strings.Contains(id, "/"):
		return nil, refuse(http.StatusNotFound, "nothing is served at %s", r.URL.Path)
	case r.Method != http.MethodPost:
		return nil, refuse(http.StatusMethodNotAllowed, "the method is POST, not %s", r.Method)
	case r.Header.Get("Authorization") != "Bearer "+f.apiKey:
		return nil, refuse(http.StatusUnauthorized, "the API key is missing or not valid")
	case !uuidPattern.MatchString(id):
		return nil, refuse(http.StatusBadRequest, "inferencePipelineId: %q is not a UUID", id)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.pipelines[strings.ToLower(id)]
	if !ok {
		return nil, refuse(http.StatusNotFound, "there is no inference pipeline %s", id)
	}
	return p, nil
}

// listQuery has the parameters of the query string, with their defaults.
type listQuery struct {
	page, perPage int
	sortColumn    string // "" means the order of SetUsers
	asc           bool
}

func parseListQuery(raw string) (listQuery, *refusal) {
	q := listQuery{page: 1, perPage: defaultPerPage, asc: true}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, refuse(http.StatusBadRequest, "the query string is malformed: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 {
			return q, refuse(http.StatusBadRequest, "%s: given more than once", name)
		}
		value := values.Get(name)
		var ok bool
		switch name {
		case "page":
			q.page, err = strconv.Atoi(value)
			ok = err == nil && q.page >= 1
		case "perPage":
			q.perPage, err = strconv.Atoi(value)
			ok = err == nil && q.perPage >= 1 && q.perPage <= maxPerPage
		case "sortColumn":
			q.sortColumn = value
			ok = value != ""
		case "asc":
			q.asc = value == "true"
			ok = value == "true" || value == "false"
		default:
			return q, refuse(http.StatusBadRequest, "%s: unknown query parameter", name)
		}
		if !ok {
			return q, refuse(http.StatusBadRequest, "%s: %q is not allowed", name, value)
		}
	}
	return q, nil
}

// readBody returns the body. If it is not empty, its Content-Type must be JSON.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	contentType := r.Header.Get("Content-Type")
	if mediaType, _, err := mime.ParseMediaType(contentType); err != nil || mediaType != "application/json" {
		return nil, fmt.Errorf("the body is to be application/json, not %q", contentType)
	}
	return body, nil
}
