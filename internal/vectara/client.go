// Package vectara reads the users of an account from Vectara's REST API v1, as its document of
// "ListUsers" describes it. That API is a gRPC gateway, and its JSON is that of protocol buffers:
// 64-bit numbers and bytes are strings, an enum value that the gateway does not know is a number.
package vectara

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// DefaultBaseURL is where Vectara serves its API, in every version.
const DefaultBaseURL = "https://api.vectara.io"

const (
	// DefaultNumResults is the page size where a query leaves it out. The document gives neither a
	// default nor a limit; Vectara's sibling listings give at most 100.
	DefaultNumResults = 100
	// DefaultTimeout is the document's default of the timeout header.
	DefaultTimeout = 30 * time.Second
	// answerGrace is how much longer than the timeout in the header a try may take, so that it is
	// the server that ends it, and says why.
	answerGrace = 15 * time.Second
)

// The values of listUsersType in the document. What None gives, the API's own default, it does not
// say.
const (
	ListNone     = "LIST_USERS_TYPE__NONE"
	ListCustomer = "LIST_USERS_TYPE__CUSTOMER"
	ListAll      = "LIST_USERS_TYPE__ALL"
)

// Config is what a [Client] needs to reach the API.
type Config struct {
	// BaseURL is without version and without a slash at its end: [DefaultBaseURL].
	BaseURL string
	// OAuthToken is a JWT. It must be fit to be sent in a header.
	OAuthToken string
	// Options are shared with the other vendor's client.
	Options rest.Options
}

// Client reads from Vectara. It is safe for concurrent use.
type Client struct {
	rest *rest.Client
}

// New returns a client; it sends nothing yet.
func New(config Config) *Client {
	return &Client{rest: rest.New(rest.Config{
		Options: config.Options,
		BaseURL: config.BaseURL,
		Header:  http.Header{"Authorization": {"Bearer " + config.OAuthToken}},
		Secrets: []string{config.OAuthToken},
		Refusal: refusal,
	})}
}

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.rest.CloseIdle() }

// Query says which users to read.
type Query struct {
	// CustomerID is the account's number, in digits.
	CustomerID string
	// ListUsersType is one of [ListNone], [ListCustomer] and [ListAll]; empty is [ListAll].
	ListUsersType string
	// NumResults is how many users a page holds, at most 4294967295; 0 is [DefaultNumResults].
	NumResults int64
	// PageKey is the key of the one page to read, empty for the first; nil reads the whole listing.
	PageKey *string
	// Timeout is how long the server may take for a page, in whole seconds, at most eight digits of
	// them; 0 is [DefaultTimeout].
	Timeout time.Duration
}

// Listing is what a [Query] brings.
type Listing struct {
	// Users are ordered by id, as numbers; users without one come last.
	Users []User
	// NextPageKey is the key of the page after the one that was read. It is empty when there is none,
	// and when the whole listing was read.
	NextPageKey string
}

// Users reads one page or the whole listing, every user once. The context should have a deadline.
// Any error is a [*rest.Error]; no users come with it.
func (c *Client) Users(ctx context.Context, query Query) (Listing, error) {
	query.ListUsersType = cmp.Or(query.ListUsersType, ListAll)
	query.NumResults = cmp.Or(query.NumResults, DefaultNumResults)
	query.Timeout = cmp.Or(query.Timeout, DefaultTimeout)

	var result Listing
	var err error
	if query.PageKey != nil {
		result, err = c.page(ctx, query, 0)
	} else {
		result.Users, err = listing.Settle(func() (*listing.Pages[User], error) { return c.whole(ctx, query) })
	}
	if moved, ok := errors.AsType[*listing.MovedError](err); ok {
		return Listing{}, c.rest.Unsteady(request(query, 0), moved)
	}
	if err != nil {
		return Listing{}, err
	}
	slices.SortStableFunc(result.Users, byID)
	return result, nil
}

// whole follows the page keys to the end, which is an empty one.
func (c *Client) whole(ctx context.Context, query Query) (*listing.Pages[User], error) {
	seen := listing.New(func(u User) (string, bool) {
		if u.ID == nil {
			return "", false
		}
		return *u.ID, true
	})
	keys := map[string]int{}
	for number := 1; ; number++ {
		page, err := c.page(ctx, query, number)
		if err != nil {
			return nil, err
		}
		key := page.NextPageKey
		if at, used := keys[key]; used {
			return nil, c.rest.Unsteady(request(query, 0), fmt.Errorf("page %d has the page key of page %d once more, so the listing would never end", number, at))
		}
		fresh, err := seen.Add(page.Users)
		if err != nil {
			return nil, err
		}
		if !fresh && len(page.Users) > 0 {
			return nil, &listing.MovedError{Reason: fmt.Sprintf("page %d brought nobody new, and is not empty", number)}
		}
		if key == "" {
			return seen, nil
		}
		keys[key] = number
		query.PageKey = &key
	}
}

// page reads one page; its number, from 1, is for errors alone.
func (c *Client) page(ctx context.Context, query Query, number int) (Listing, error) {
	request := request(query, number)
	var page Listing
	request.Judge = func(answer rest.Answer) (int, error) {
		var err error
		page, err = decodeListing(answer.Body)
		return len(page.Users), err
	}
	err := c.rest.Do(ctx, request)
	return page, err
}

// request is the request for one page; the number 0 stands for a listing as a whole, or for a page
// whose number is not known.
func request(query Query, number int) rest.Request {
	// The form of a timeout in gRPC: at most eight digits and a unit. The document calls the header
	// timeout; grpc-timeout is the name that a gRPC gateway reads.
	timeout := strconv.FormatInt(int64(query.Timeout/time.Second), 10) + "S"
	header := http.Header{}
	header.Set("customer-id", query.CustomerID)
	header.Set("grpc-timeout", timeout)
	header.Set("timeout", timeout)

	body := map[string]any{"listUsersType": query.ListUsersType, "numResults": query.NumResults}
	if query.PageKey != nil && *query.PageKey != "" {
		body["pageKey"] = *query.PageKey
	}
	r := rest.Request{
		Reading:    "the users of Vectara account " + query.CustomerID,
		Method:     http.MethodPost,
		Path:       "/v1/list-users",
		Header:     header,
		Body:       body,
		TryTimeout: query.Timeout + answerGrace,
	}
	if number > 0 {
		r.Reading += ", page " + strconv.Itoa(number)
	}
	return r
}

// refusal reads the body of an answer with an HTTP status of 4xx or 5xx: a google.rpc.Status.
func refusal(body []byte) rest.Refusal {
	var refused struct {
		Code    json.Number `json:"code"`
		Message string      `json:"message"`
	}
	if rest.Decode(body, &refused) != nil {
		return rest.Refusal{}
	}
	return rest.Refusal{
		Code:    refused.Code.String(),
		Message: refused.Message,
		Again:   retryGRPC[refused.Code.String()],
	}
}
