// Package openlayertest is a fake of the one Openlayer endpoint that the provider reads,
// POST /v1/inference-pipelines/{inferencePipelineId}/users.
//
// The live API needs a paid workspace with traces in it, so tests and the sandbox talk to this
// fake instead, over real HTTP. It is written from the published OpenAPI document and shares no
// code with the client, so that a misreading in one of them shows. It refuses what the document
// rules out, and more strictly than a live server might: an unknown query parameter, an unknown
// field of the body, or one parameter twice is a 400, because that is always our bug.
//
// Where the document is silent the fake decides, and says so at the place.
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

// BasePath begins every path that the fake serves: the client's base URL is the server's URL
// followed by BasePath.
const BasePath = "/v1"

// The limits and defaults of the OpenAPI document.
const (
	defaultPerPage   = 25
	maxPerPage       = 100
	maxColumnFilters = 5
	maxSearchRunes   = 300
)

// User is one end user of the traced application, with what its traces add up to.
type User struct {
	ID          string    // the application's own id of the user
	FirstRecord time.Time // sent as RFC 3339, in its own time zone
	LastRecord  time.Time
	Sessions    int64
	Records     int64
	Tokens      float64
	Cost        float64 // the contract names no currency

	// Columns are further columns that a filter, a search or a sort can name. They are never
	// sent. A value is a string, float64, bool, []string or []float64; a user without the key
	// has null there.
	Columns map[string]any

	// RowIDs are the traces of this user, which rowIdList and excludeRowIdList refer to.
	RowIDs []int64
}

// Request is what the fake keeps of one request.
type Request = fakehttp.Request

// Fake is the fake API, an [http.Handler]. Its fields are set while no request is in flight; its
// methods may be called at any time.
type Fake struct {
	// Loading is how many requests, of those it would otherwise fulfil, first get a response of
	// 202 and {"success":true}.
	Loading int

	// LoadingRetryAfter is the Retry-After header of those responses, if not empty.
	LoadingRetryAfter string

	// MaxPerPage cuts a page down below the perPage that was requested, without a word. 0 cuts
	// nothing.
	MaxPerPage int

	// RepeatLastPage responds to a page past the end with the last page again. Otherwise it is
	// empty. The document does not say which is right.
	RepeatLastPage bool

	// MaxConcurrent is how many requests are served at the same time; the fake responds to any
	// beyond with 429, at once. 0: any number. The document names no limit, but a service behind a gateway
	// often has one on concurrency, besides one on the rate. A request counts until its response
	// begins, so that a client that has read a response can send its next request.
	MaxConcurrent int

	// RejectedRetryAfter is the Retry-After header of those 429s, if not empty.
	RejectedRetryAfter string

	// Latency is waited before each response of the fake's own, until the client goes away.
	Latency time.Duration

	// Intercept, if set, sees each request before the fake does. See [fakehttp.Intercept].
	Intercept fakehttp.Intercept

	apiKey  string
	journal fakehttp.Journal

	mu        sync.Mutex
	pipelines map[string]*pipeline // by the id in lower case
	loaded    int                  // responses of 202 so far
	serving   int                  // requests whose response has not begun
	rejected  int                  // requests beyond MaxConcurrent
}

var _ http.Handler = (*Fake)(nil)

// New returns a fake without pipelines that accepts this API key.
func New(apiKey string) *Fake {
	return &Fake{apiKey: apiKey, pipelines: make(map[string]*pipeline)}
}

// NewServer serves the fake on a loopback port until the test ends. The client's base URL is
// the server's URL followed by [BasePath].
func NewServer(tb testing.TB, fake *Fake) *httptest.Server {
	tb.Helper()
	server := httptest.NewServer(fake)
	tb.Cleanup(server.Close)
	return server
}

// SetUsers makes the pipeline known and gives it these users, in this order, in place of any
// before. It panics at a column of a type that [User] does not name.
func (f *Fake) SetUsers(pipelineID string, users []User) {
	p := newPipeline(users)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pipelines[strings.ToLower(pipelineID)] = p
}

// Requests returns copies of the requests so far, refused ones included, in order.
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

// refusal is the body of every response that is not a success.
type refusal struct {
	Code  int    `json:"code"` // the HTTP status once more
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

// admit waits for the latency and returns the page, unless too many requests are being served.
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
		panic(http.ErrAbortHandler) // merely returning would respond with 200
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

// page returns the page that is requested, in JSON, or why it is refused.
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

// authorize finds the pipeline that the request may read.
//
// The path is taken apart by hand because http.ServeMux responds to a path with a double slash with
// a redirect, which this API does not know.
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

// listQuery is the query string, with the defaults filled in.
type listQuery struct {
	page, perPage int
	sortColumn    string // "": the order of SetUsers
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

// readBody returns the body, which may be empty. If it is not, it has to be declared as JSON.
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
