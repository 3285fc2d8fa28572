// Package openlayer reads the users of an inference pipeline from Openlayer's API, as its document
// of "List data source users" describes it.
package openlayer

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// DefaultBaseURL is where Openlayer serves its API.
const DefaultBaseURL = "https://api.openlayer.com/v1"

// MaxPerPage is the largest page that the API gives.
const MaxPerPage = 100

// timeout is how long a request may take. The API's document has no limit; a server that is still
// computing answers 202 instead.
const timeout = 2 * time.Minute

// Config is what a [Client] needs to reach the API.
type Config struct {
	// BaseURL ends in the API's version, without a slash: [DefaultBaseURL].
	BaseURL string
	// APIKey is a workspace's key. It must be fit to be sent in a header.
	APIKey string
	// Options are shared with the other vendor's client.
	Options rest.Options
}

// Client reads from Openlayer. It is safe for concurrent use.
type Client struct {
	rest     *rest.Client
	listings listing.Group[[]User]
}

// New returns a client; it sends nothing yet.
func New(config Config) *Client {
	return &Client{rest: rest.New(rest.Config{
		Options:    config.Options,
		BaseURL:    config.BaseURL,
		Credential: rest.StaticCredential{Name: "Authorization", Scheme: "Bearer ", Secret: config.APIKey},
		APIError:   apiError,
	})}
}

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.rest.CloseIdle() }

// Query says which users to read. Its fields are the API's, with nil and zero for what is left out.
type Query struct {
	// PipelineID is the UUID of the inference pipeline.
	PipelineID string
	// Page is the one page to read, counted from 1; 0 reads the whole listing.
	Page int64
	// PerPage is how many users a page holds, at most [MaxPerPage]; 0 leaves it to the API for one
	// page, and is the most for the whole listing.
	PerPage int64
	// SortColumn and Asc order the users. The API's document names no columns.
	SortColumn string
	Asc        *bool
	// Body is the request's body.
	Body DatasetFilter
}

// DatasetFilter is that of the API's document. A nil list is left out of the body, an empty one is sent.
type DatasetFilter struct {
	// ColumnFilters are at most five.
	ColumnFilters     []ColumnFilter `json:"columnFilters,omitzero"`
	SearchQueryOr     []string       `json:"searchQueryOr,omitzero"`
	SearchQueryAnd    []string       `json:"searchQueryAnd,omitzero"`
	NotSearchQueryOr  []string       `json:"notSearchQueryOr,omitzero"`
	NotSearchQueryAnd []string       `json:"notSearchQueryAnd,omitzero"`
	RowIDList         []int64        `json:"rowIdList,omitzero"`
	ExcludeRowIDList  []int64        `json:"excludeRowIdList,omitzero"`
}

// ColumnFilter is one of the three shapes of filter in the API's document, which differ in the
// operators and in the type of the value: a list, a number or null, a string or boolean.
type ColumnFilter struct {
	Measurement string `json:"measurement"`
	Operator    string `json:"operator"`
	Value       any    `json:"value"`
}

// Users reads one page, in the order in which the API gives it, or the whole listing: every user once,
// ordered by id unless the query has an order of its own. While the API answers that it is still loading
// (202), it polls. The context should have a deadline, since that may go on. Any error is a [*rest.Error];
// no users come with it.
//
// Callers with the same query share a result, as [listing.Group] says, and must not change it.
func (c *Client) Users(ctx context.Context, query Query) ([]User, error) {
	if query.Page == 0 && query.PerPage == 0 {
		query.PerPage = MaxPerPage
	}
	key, err := json.Marshal(query)
	if err != nil {
		return nil, c.rest.Failed(request(query), rest.KindRequest, err)
	}
	users, err := c.listings.Read(ctx, string(key), func(ctx context.Context) ([]User, error) { return c.read(ctx, query) })
	return slices.Clip(users), listing.Error(ctx, c.rest, request(query), err)
}

// read is what Users does for the first of several callers with the same query.
func (c *Client) read(ctx context.Context, query Query) (users []User, err error) {
	if query.Page != 0 {
		var page listing.Page[User]
		page, err = c.fetch(ctx, query, listing.Page[User]{})
		users = page.Users
	} else {
		users, err = listing.Numbered[User]{
			PerPage:     int(query.PerPage),
			Concurrency: c.rest.Concurrency(),
			Fetch: func(ctx context.Context, number int, before listing.Page[User]) (listing.Page[User], error) {
				query := query
				query.Page = int64(number)
				return c.fetch(ctx, query, before)
			},
			Identity: func(u *User) (string, bool) { return u.ID, true },
		}.Read(ctx)
	}
	if err == nil {
		err = listing.NormalizeIDs(users, func(u *User) *string { return &u.ID })
	}
	if err != nil {
		return nil, err
	}
	if query.Page == 0 && query.SortColumn == "" {
		slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.ID, b.ID) })
	}
	return users, nil
}

// seed is what checksums of responses depend on. They have 64 bits, and no server can make two responses
// with the same one.
var seed = maphash.MakeSeed()

// fetch fetches a page. It is the page before, not decoded again, where the response is the same.
func (c *Client) fetch(ctx context.Context, query Query, before listing.Page[User]) (page listing.Page[User], err error) {
	r := request(query)
	r.Decode = func(body []byte) (int, error) {
		page.Sum = maphash.Bytes(seed, body)
		if page.Sum == before.Sum && before.Users != nil {
			page = before
			return len(page.Users), nil
		}
		users, err := decodeUsers(body)
		page.Users, page.Bytes = users, memoryOf(users)
		return len(users), err
	}
	err = c.rest.Do(ctx, r)
	return page, err
}

// request is the request for one page.
func request(query Query) rest.Request {
	r := rest.Request{
		Name:    "the users of Openlayer inference pipeline " + query.PipelineID,
		Method:  http.MethodPost,
		Path:    "/inference-pipelines/" + url.PathEscape(query.PipelineID) + "/users",
		Query:   url.Values{},
		Body:    query.Body,
		Timeout: timeout,
		Poll:    true,
	}
	if query.Page != 0 {
		r.Name += ", page " + strconv.FormatInt(query.Page, 10)
		r.Query.Set("page", strconv.FormatInt(query.Page, 10))
	}
	if query.PerPage != 0 {
		r.Query.Set("perPage", strconv.FormatInt(query.PerPage, 10))
	}
	if query.SortColumn != "" {
		r.Query.Set("sortColumn", query.SortColumn)
	}
	if query.Asc != nil {
		r.Query.Set("asc", strconv.FormatBool(*query.Asc))
	}
	return r
}

// apiError reads the body of the document's UnexpectedError.
func apiError(_ int, body []byte) rest.APIError {
	var e struct {
		Code  any    `json:"code"`
		Error string `json:"error"`
	}
	if rest.Decode(body, &e) != nil {
		return rest.APIError{}
	}
	if e.Code == nil {
		return rest.APIError{Message: e.Error}
	}
	return rest.APIError{Code: fmt.Sprint(e.Code), Message: e.Error}
}
