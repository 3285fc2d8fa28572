// Package openlayer reads the users of an inference pipeline from Openlayer's API. The API's document calls the request
// "List data source users".
package openlayer

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// DefaultBaseURL is the URL of Openlayer's API.
const DefaultBaseURL = "https://api.openlayer.com/v1"

// MaxPerPage is the maximum number of users of a page.
const MaxPerPage = 100

// timeout is the time limit of an attempt. The document names no limit. The API returns 202 while it loads data.
const timeout = 2 * time.Minute

// Config is the configuration of a [Client].
type Config struct {
	// BaseURL ends with the API's version, without a slash, as [DefaultBaseURL] does.
	BaseURL string
	// APIKey is the key of a workspace. It is a text for which [rest.IsCredential] is true.
	APIKey  string
	Options rest.Options
}

// Client sends requests to Openlayer. It is safe for concurrent use.
type Client struct {
	rest     *rest.Client
	listings listing.Group[[]User]
}

// New returns a client, and sends no request.
func New(config Config) *Client {
	return &Client{rest: rest.New(rest.Config{
		Options:    config.Options,
		BaseURL:    config.BaseURL,
		Credential: rest.StaticCredential{Name: "Authorization", Scheme: "Bearer ", Secret: config.APIKey},
	})}
}

// Query has the arguments of the request. An argument that is nil or zero is not sent.
type Query struct {
	// PipelineID is the UUID of the inference pipeline.
	PipelineID string
	// Page is the number of the page to read, counted from 1. If it is 0, the whole listing is read.
	Page int64
	// PerPage is the number of users of a page, at most [MaxPerPage]. If it is 0, a whole listing uses MaxPerPage, and for
	// a single page the API chooses the number.
	PerPage int64
	// SortColumn and Asc order the users. The API's document names no columns.
	SortColumn string
	Asc        *bool
	Body       DatasetFilter
}

// DatasetFilter is the body of the request. A nil list is not sent, but an empty list is.
type DatasetFilter struct {
	// ColumnFilters has at most five elements.
	ColumnFilters     []ColumnFilter `json:"columnFilters,omitzero"`
	SearchQueryOr     []string       `json:"searchQueryOr,omitzero"`
	SearchQueryAnd    []string       `json:"searchQueryAnd,omitzero"`
	NotSearchQueryOr  []string       `json:"notSearchQueryOr,omitzero"`
	NotSearchQueryAnd []string       `json:"notSearchQueryAnd,omitzero"`
	RowIDList         []int64        `json:"rowIdList,omitzero"`
	ExcludeRowIDList  []int64        `json:"excludeRowIdList,omitzero"`
}

// ColumnFilter is a filter of a column. The API's document has three types of filters with different operators. The
// type of the value is a list, a number or null, or a string or boolean.
type ColumnFilter struct {
	Measurement string `json:"measurement"`
	Operator    string `json:"operator"`
	Value       any    `json:"value"`
}

// Users returns the users of a page in the API's order, or every user of the listing once. The users of the listing are
// sorted by id unless the query has a SortColumn. If the API returns 202 because it loads data, Users polls until the
// context ends, so the context should have a deadline. Every error is a [*rest.Error]; no users come with an error. Each
// call needs its own context: if the listing is large, other large listings wait until it ends.
//
// Callers with the same query share a result and must not change it. See [listing.Group].
func (c *Client) Users(ctx context.Context, query Query) ([]User, error) {
	if query.Page == 0 && query.PerPage == 0 {
		query.PerPage = MaxPerPage
	}
	key, err := json.Marshal(query)
	if err != nil {
		return nil, c.rest.Complete(request(query), err)
	}
	users, err := c.listings.Read(ctx, c.rest, string(key), func(ctx context.Context, lease *rest.Lease) ([]User, error) {
		return c.read(ctx, lease, query)
	})
	if err != nil {
		return nil, c.rest.Complete(request(query), err)
	}
	return slices.Clip(users), nil // an append by a caller must not write into the shared result
}

// read reads the users for all callers with the same query.
func (c *Client) read(ctx context.Context, lease *rest.Lease, query Query) (users []User, err error) {
	if query.Page != 0 {
		users, err = listing.ReadPage(ctx, lease, func() (listing.Page[User], error) { return c.fetch(ctx, query, listing.Page[User]{}) })
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
		}.Read(ctx, lease)
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

// fetch fetches a page. If the response has the same checksum as the page before, fetch returns the page before.
func (c *Client) fetch(ctx context.Context, query Query, before listing.Page[User]) (page listing.Page[User], err error) {
	r := request(query)
	r.Decode = func(body []byte) (int, error) {
		checksum := listing.Checksum(body)
		if checksum == before.Checksum && before.Users != nil {
			page = before
			return len(page.Users), nil
		}
		users, err := decodeUsers(body)
		page = listing.Page[User]{Users: users, Checksum: checksum, Bytes: memoryOf(users)}
		return len(users), err
	}
	err = c.rest.Do(ctx, r)
	return page, err
}

func request(query Query) rest.Request {
	r := rest.Request{
		Name:     "the users of Openlayer inference pipeline " + query.PipelineID,
		Method:   http.MethodPost,
		Path:     "/inference-pipelines/" + url.PathEscape(query.PipelineID) + "/users",
		Query:    url.Values{},
		Body:     query.Body,
		Timeout:  timeout,
		Poll:     true,
		APIError: apiError,
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

// apiError decodes an UnexpectedError of the API's document.
func apiError(_ int, body []byte) *rest.Error {
	var e struct {
		Code  json.RawMessage `json:"code"` // the document has a number
		Error string          `json:"error"`
	}
	if rest.Decode(body, &e) != nil {
		return &rest.Error{}
	}
	var code string
	if json.Unmarshal(e.Code, &code) != nil {
		code = string(e.Code)
	}
	return &rest.Error{Code: code, Message: e.Error}
}
