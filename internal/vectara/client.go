// Package vectara reads the users of an account from Vectara's REST API, of which it knows two
// versions: v1, as its document of "ListUsers" describes it, and v2.
package vectara

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/listing"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// DefaultBaseURL is where Vectara serves its API, in every version.
const DefaultBaseURL = "https://api.vectara.io"

// The versions of the API.
const (
	V1 = "v1"
	V2 = "v2"
)

const (
	// DefaultNumResults is the page size where a query leaves it out. v1's document gives neither a
	// default nor a limit; Vectara's sibling listings give at most 100.
	DefaultNumResults = 100
	// MaxNumResultsV1 is v1's largest page size: what a uint32 holds.
	MaxNumResultsV1 = math.MaxUint32
	// MaxNumResultsV2 is v2's, as it documents.
	MaxNumResultsV2 = 100
	// DefaultTimeout is the default of v1's timeout header.
	DefaultTimeout = 30 * time.Second
	// answerGrace is how much longer than the timeout in the header a try may take, so that it is
	// the server that ends it, and says why.
	answerGrace = 15 * time.Second
)

// The values of v1's listUsersType. What None gives, the API's own default, its document does not
// say.
const (
	ListNone     = "LIST_USERS_TYPE__NONE"
	ListCustomer = "LIST_USERS_TYPE__CUSTOMER"
	ListAll      = "LIST_USERS_TYPE__ALL"
)

// Config is what a [Client] needs to reach the API. All credentials must be fit to be sent in a
// header. One of them is used: a token before an ID and secret, and those before an API key.
type Config struct {
	// Version is [V1] or [V2].
	Version string
	// BaseURL is without version and without a slash at its end: [DefaultBaseURL].
	BaseURL string
	// OAuthToken is a JWT.
	OAuthToken string
	// ClientID and ClientSecret are exchanged for tokens at TokenURL: [DefaultTokenURL].
	ClientID, ClientSecret, TokenURL string
	// APIKey is the personal API key of an administrator or owner; v2 only.
	APIKey string
	// Options are shared with the other vendor's client.
	Options rest.Options
}

func (c Config) credential() rest.Credential {
	switch {
	case c.OAuthToken != "":
		return rest.Fixed{Name: "Authorization", Scheme: "Bearer ", Secret: c.OAuthToken}
	case c.ClientID != "":
		return newClientCredentials(c.ClientID, c.ClientSecret, c.TokenURL, c.Options)
	}
	return rest.Fixed{Name: "x-api-key", Secret: c.APIKey}
}

// Client reads from Vectara. It is safe for concurrent use.
type Client struct {
	rest     *rest.Client
	api      api
	readings listing.Shared[Listing]
}

// api is a version of the API: its request for a page, and its answer.
type api interface {
	// request asks for one page of a query whose defaults are filled in.
	request(query Query) rest.Request
	// decode reads the body of an answer with a status of 2xx, as [rest.Request.Judge] does.
	decode(body []byte) (Listing, error)
	// refusal reads the body of any other answer.
	refusal(body []byte) rest.Refusal
	// compare orders users by their ids, those without one last.
	compare(a, b User) int
}

// New returns a client; it sends nothing yet.
func New(config Config) *Client {
	var version api = v1{}
	if config.Version == V2 {
		version = v2{}
	}
	return &Client{api: version, rest: rest.New(rest.Config{
		Options:    config.Options,
		BaseURL:    config.BaseURL,
		Credential: config.credential(),
		Refusal:    version.refusal,
	})}
}

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() { c.rest.CloseIdle() }

// Query says which users to read.
type Query struct {
	// CustomerID is the account's number, in digits; v1 only, v2 goes by the credential.
	CustomerID string
	// ListUsersType is one of [ListNone], [ListCustomer] and [ListAll]; empty is [ListAll]. v1 only.
	ListUsersType string
	// CorpusKey keeps the users who have access to a corpus; empty keeps all. v2 only.
	CorpusKey string
	// NumResults is how many users a page holds, at most [MaxNumResultsV1] or [MaxNumResultsV2]; 0
	// is [DefaultNumResults].
	NumResults int64
	// PageKey is the key of the one page to read, empty for the first; nil reads the whole listing.
	PageKey *string
	// Timeout is how long the server may take for a page, in whole seconds, at most eight digits of
	// them; 0 is [DefaultTimeout].
	Timeout time.Duration
}

// Listing is what a [Query] brings.
type Listing struct {
	// Users are ordered by id, in v1 as numbers; users without one come last.
	Users []User
	// NextPageKey is the key of the page after the one that was read. It is empty when there is none,
	// and when the whole listing was read.
	NextPageKey string
}

// Users reads one page or the whole listing, every user once. The context should have a deadline.
// Any error is a [*rest.Error]; no users come with it.
//
// Whoever asks the same at the same time, or within [listing.Lag], gets the same users, and must not
// change them.
func (c *Client) Users(ctx context.Context, query Query) (Listing, error) {
	query.ListUsersType = cmp.Or(query.ListUsersType, ListAll)
	query.NumResults = cmp.Or(query.NumResults, DefaultNumResults)
	query.Timeout = cmp.Or(query.Timeout, DefaultTimeout)
	question, err := json.Marshal(query)
	if err != nil {
		return Listing{}, c.rest.Failed(c.api.request(query), rest.Unsent, err)
	}
	result, err := c.readings.Read(ctx, string(question), func(ctx context.Context) (Listing, time.Time, error) {
		return c.read(ctx, query)
	})
	if _, ok := errors.AsType[*rest.Error](err); err != nil && !ok { // the context's
		return Listing{}, c.rest.Ended(ctx, c.api.request(query), errors.New("the listing was not complete"))
	}
	result.Users = slices.Clip(result.Users)
	return result, err
}

// read is what Users does, for all who ask the same. It tells since when nobody can be missing.
func (c *Client) read(ctx context.Context, query Query) (result Listing, since time.Time, err error) {
	if query.PageKey != nil {
		since = time.Now()
		result, err = c.page(ctx, query, 0)
		if err == nil && result.NextPageKey != "" && result.NextPageKey == *query.PageKey {
			err = c.rest.Failed(c.api.request(query), rest.Unsteady, errors.New("the page has its own page key as the next one, so the listing would never end"))
		}
	} else {
		result.Users, since, err = listing.Settle(func() (*listing.Pages[User], error) { return c.whole(ctx, query) })
	}
	if moved, ok := errors.AsType[*listing.MovedError](err); ok {
		err = c.rest.Failed(c.api.request(query), rest.Unsteady, moved)
	}
	if err != nil {
		return Listing{}, since, err
	}
	slices.SortStableFunc(result.Users, c.api.compare)
	return result, since, nil
}

// whole follows the page keys to the end, which is an empty one.
func (c *Client) whole(ctx context.Context, query Query) (*listing.Pages[User], error) {
	seen := listing.New(func(u User) (string, bool) {
		if u.ID == nil || *u.ID == "0" { // v1 writes a number that is not set as 0
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
			return nil, c.rest.Failed(c.api.request(query), rest.Unsteady, fmt.Errorf("page %d has the page key of page %d once more, so the listing would never end", number, at))
		}
		fresh, err := seen.Add(page.Users)
		if err != nil {
			return nil, err
		}
		if !fresh && len(page.Users) > 0 {
			return nil, &listing.MovedError{Reason: fmt.Sprintf("page %d brought nobody new, and is not empty", number)}
		}
		if key == "" {
			if number == 1 {
				seen.OneMoment()
			}
			return seen, nil
		}
		keys[key] = number
		query.PageKey = &key
	}
}

// page reads one page; its number, from 1, is for errors alone, and 0 where it is not known.
func (c *Client) page(ctx context.Context, query Query, number int) (Listing, error) {
	request := c.api.request(query)
	if number > 0 {
		request.Reading += fmt.Sprintf(", page %d", number)
	}
	request.TryTimeout = query.Timeout + answerGrace
	var page Listing
	request.Judge = func(answer rest.Answer) (int, error) {
		var err error
		page, err = c.api.decode(answer.Body)
		return len(page.Users), err
	}
	err := c.rest.Do(ctx, request)
	return page, err
}
