// Package openlayer reads the users of an inference pipeline from Openlayer's API, as its document
// of "List data source users" describes it.
package openlayer

import (
	"context"
	"errors"
	"fmt"
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
	rest *rest.Client
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
func (c *Client) Users(ctx context.Context, query Query) ([]User, error) {
	if query.Page != 0 {
		return c.page(ctx, query)
	}
	if query.PerPage == 0 {
		query.PerPage = MaxPerPage
	}
	users, err := listing.Settle(func() (*listing.Pages[User], error) { return c.whole(ctx, query) })
	if moved, ok := errors.AsType[*listing.MovedError](err); ok {
		return nil, c.rest.Failed(request(query), rest.Unsteady, moved)
	}
	if err != nil {
		return nil, err
	}
	if query.SortColumn == "" {
		slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.ID, b.ID) })
	}
	return users, nil
}

// whole reads page after page until one brings nobody new. A short page is no proof of the end,
// since a server may hold its pages smaller than they were asked to be; nor is an empty page the
// only one, since a server may repeat its last page for whatever is past the end.
func (c *Client) whole(ctx context.Context, query Query) (*listing.Pages[User], error) {
	seen := listing.New(func(u User) (string, bool) { return u.ID, true })
	first := 0 // users on the first page
	for query.Page = 1; ; query.Page++ {
		users, err := c.page(ctx, query)
		if err != nil {
			return nil, err
		}
		fresh, err := seen.Add(users)
		if err != nil {
			return nil, err
		}
		if query.Page == 1 {
			first = len(users)
		}
		if fresh {
			continue
		}
		// From a first page that was full, the only user of a second one may have moved up. A page
		// that is short for another reason, a server's own cap, is not told from one that is the
		// whole listing: that would cost every small listing a third request.
		if query.Page <= 2 && int64(first) < query.PerPage {
			seen.OneMoment()
		}
		if len(users) > 0 {
			err = c.pastTheEnd(ctx, query, seen)
		}
		return seen, err
	}
}

// pastTheEnd looks at a page that brought nobody new and is not empty. Either
//   - it is past the end, and the server repeats its last page there; or
//   - so many users have come in front of it that it has those of the page before.
//
// A page that is far past the end tells one from the other: the first server repeats its last page
// there as well, the second has none. Where pages hold a single user, who may be here and there by
// chance, a doubt remains.
func (c *Client) pastTheEnd(ctx context.Context, query Query, seen *listing.Pages[User]) error {
	number := query.Page
	query.Page *= 10
	users, err := c.page(ctx, query)
	if err != nil {
		return err
	}
	fresh, err := seen.Add(users)
	if err != nil {
		return err
	}
	reason := fmt.Sprintf("page %d brought nobody new, and was not the last", number)
	switch {
	case fresh || len(users) == 0:
		return &listing.MovedError{Reason: reason}
	case len(users) == 1:
		seen.Doubt(reason)
	}
	return nil
}

// page reads one page, waiting for as long as the API is still loading it.
func (c *Client) page(ctx context.Context, query Query) ([]User, error) {
	request := request(query)
	var users []User
	var loading *rest.Answer
	request.Judge = func(answer rest.Answer) (int, error) {
		users, loading = nil, nil
		if answer.Status == http.StatusAccepted {
			loading = &answer
			return 0, nil
		}
		var err error
		users, err = decodeUsers(answer.Body)
		return len(users), err
	}
	wait := firstPoll
	for tries := 1; ; tries++ {
		if err := c.rest.Do(ctx, request); err != nil {
			// When the time is up before there is an answer, the one before it explains more.
			failure, _ := errors.AsType[*rest.Error](err)
			if loading != nil && failure.Status == 0 && (failure.Kind == rest.TimedOut || failure.Kind == rest.Interrupted) {
				failure.Status, failure.Err, failure.Tries = loading.Status, nil, tries-1+failure.Tries
			}
			return nil, err
		}
		if loading == nil {
			return users, nil
		}
		next := wait
		if said, ok := rest.RetryAfter(loading.Header); ok {
			next = said
		}
		if err := c.rest.Wait(ctx, request, loading.Status, tries, next); err != nil {
			return nil, err
		}
		wait = min(wait*3/2, longestPoll)
	}
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
