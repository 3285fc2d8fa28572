// Package openlayer reads the users of an inference pipeline from Openlayer's API, as its document
// of "List data source users" describes it.
package openlayer

import (
	"context"
	"encoding/json"
	"errors"
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

const (
	// An answer of 202 is followed by another request after firstPoll, then after half as long
	// again each time, up to longestPoll. The API's document says nothing of an interval.
	firstPoll   = time.Second
	longestPoll = 10 * time.Second

	// tryTimeout is when a request is given up for another one. The API's document has no limit;
	// one that is still computing answers 202 instead.
	tryTimeout = 2 * time.Minute
)

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
	readings listing.Shared[[]User]
}

// New returns a client; it sends nothing yet.
func New(config Config) *Client {
	return &Client{rest: rest.New(rest.Config{
		Options:    config.Options,
		BaseURL:    config.BaseURL,
		Credential: rest.Fixed{Name: "Authorization", Scheme: "Bearer ", Secret: config.APIKey},
		Refusal:    refusal,
	})}
}

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.rest.CloseIdle() }

// Query says which users to read. Its fields are the API's, with nil and zero for what is left
// out.
type Query struct {
	// PipelineID is the UUID of the inference pipeline.
	PipelineID string
	// Page is the one page to read, counted from 1; 0 reads the whole listing.
	Page int64
	// PerPage is how many users a page holds, at most [MaxPerPage]; 0 leaves it to the API for one
	// page, and takes the most for the whole listing.
	PerPage int64
	// SortColumn and Asc order the users. The API's document names no columns.
	SortColumn string
	Asc        *bool
	// Filter is the request's body.
	Filter Filter
}

// Filter is the DatasetFilter of the API's document. A nil list is left out of the body, an empty
// one is sent.
type Filter struct {
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

// Users reads one page, exactly as the API gives it, or the whole listing: every user once,
// ordered by id unless the query has an order of its own. It waits while the API answers that it
// is still loading. The context should have a deadline, since that may go on. Any error is a
// [*rest.Error]; no users come with it.
//
// Whoever asks the same at the same time, or within [listing.Lag], gets the same users, and must not
// change them.
func (c *Client) Users(ctx context.Context, query Query) ([]User, error) {
	if query.Page == 0 && query.PerPage == 0 {
		query.PerPage = MaxPerPage
	}
	question, err := json.Marshal(query)
	if err != nil {
		return nil, c.rest.Failed(request(query), rest.Unsent, err)
	}
	users, err := c.readings.Read(ctx, string(question), func(ctx context.Context) ([]User, time.Time, error) {
		return c.read(ctx, query)
	})
	if _, ok := errors.AsType[*rest.Error](err); err != nil && !ok { // the context's
		return nil, c.rest.Ended(ctx, request(query), errors.New("the listing was not complete"))
	}
	return slices.Clip(users), err
}

// read is what Users does, for all who ask the same. It tells since when nobody can be missing.
func (c *Client) read(ctx context.Context, query Query) (users []User, since time.Time, err error) {
	source := &querySource{c, query}
	if query.Page != 0 {
		page := source.await(ctx, query.Page, nil, source.ask(ctx, query.Page, nil))
		return page.users, page.at, page.err
	}
	users, since, err = whole(ctx, source, query.PerPage)
	if moved, ok := errors.AsType[*listing.MovedError](err); ok {
		return nil, since, c.rest.Failed(request(query), rest.Unsteady, moved)
	}
	if query.SortColumn == "" {
		slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.ID, b.ID) })
	}
	return users, since, err
}

// querySource is the source of the pages of a query.
type querySource struct {
	client *Client
	query  Query
}

var _ source = (*querySource)(nil)

func (s *querySource) width() int { return s.client.rest.Width() }

func (s *querySource) request(number int64) rest.Request {
	query := s.query
	query.Page = number
	return request(query)
}

func (s *querySource) ask(ctx context.Context, number int64, before pages) answer {
	var given answer
	at := time.Now()
	request := s.request(number)
	request.Judge = func(judged rest.Answer) (int, error) {
		given = answer{at: at}
		if judged.Status == http.StatusAccepted {
			given.loading = &rest.Answer{Status: judged.Status, Header: judged.Header}
			return 0, nil
		}
		given.sum = maphash.Bytes(seed, judged.Body)
		users, known := before[given.sum]
		if !known {
			var err error
			if users, err = decodeUsers(judged.Body); err != nil {
				return 0, err
			}
		}
		given.users = users
		return len(users), nil
	}
	if err := s.client.rest.Do(ctx, request); err != nil {
		return answer{err: err}
	}
	return given
}

// seed is what sums of bodies depend on. They are of 64 bits, and nobody outside can make two bodies
// with the same one.
var seed = maphash.MakeSeed()

func (s *querySource) await(ctx context.Context, number int64, before pages, given answer) answer {
	wait := firstPoll
	for tries := 1; given.loading != nil; tries++ {
		loading := given.loading
		next := wait
		if said, ok := rest.RetryAfter(loading.Header); ok {
			next = said
		}
		if err := s.client.rest.Wait(ctx, s.request(number), loading.Status, tries, next); err != nil {
			return answer{err: err}
		}
		wait = min(wait*3/2, longestPoll)
		given = s.ask(ctx, number, before)
		// When the time is up before there is an answer, the one before it explains more.
		failure, failed := errors.AsType[*rest.Error](given.err)
		if failed && failure.Status == 0 && (failure.Kind == rest.TimedOut || failure.Kind == rest.Interrupted) {
			failure.Status, failure.Err, failure.Tries = loading.Status, nil, tries+failure.Tries
		}
	}
	return given
}

// request is the request for one page.
func request(query Query) rest.Request {
	r := rest.Request{
		Reading:    "the users of Openlayer inference pipeline " + query.PipelineID,
		Method:     http.MethodPost,
		Path:       "/inference-pipelines/" + url.PathEscape(query.PipelineID) + "/users",
		Query:      url.Values{},
		Body:       query.Filter,
		TryTimeout: tryTimeout,
	}
	if query.Page != 0 {
		r.Reading += ", page " + strconv.FormatInt(query.Page, 10)
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

// refusal reads the body of the document's UnexpectedError.
func refusal(body []byte) rest.Refusal {
	var refused struct {
		Code  any    `json:"code"`
		Error string `json:"error"`
	}
	if rest.Decode(body, &refused) != nil {
		return rest.Refusal{}
	}
	refusal := rest.Refusal{Message: refused.Error}
	if refused.Code != nil {
		refusal.Code = fmt.Sprint(refused.Code)
	}
	return refusal
}
