// Package vectara reads the users of an account from Vectara's REST API, of which it knows two
// versions: v1, as its document of "ListUsers" describes it, and v2.
package vectara

import (
	"cmp"
	"context"
	"encoding/json"
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
	// grace is how much longer than the timeout in the header an attempt may take, so that it is the
	// server that ends it, and says why.
	grace = 15 * time.Second
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
		return rest.StaticCredential{Name: "Authorization", Scheme: "Bearer ", Secret: c.OAuthToken}
	case c.ClientID != "":
		return newClientCredentials(c.ClientID, c.ClientSecret, c.TokenURL, c.Options)
	}
	return rest.StaticCredential{Name: "x-api-key", Secret: c.APIKey}
}

// Client reads from Vectara. It is safe for concurrent use.
type Client struct {
	rest     *rest.Client
	api      api
	listings listing.Group[Listing]
}

// api is a listing in a version of the API: its request for a page, and its response.
type api interface {
	// request is the request for one page of a query whose defaults are filled in.
	request(query Query) rest.Request
	// decode decodes the body of a response to a request, as [rest.Request.Decode] does. The next page key is
	// empty at the end.
	decode(query Query, body []byte) (users []User, nextPageKey string, err error)
	// apiError decodes the body of a response with an error status.
	apiError(status int, body []byte) rest.APIError
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
		APIError:   version.apiError,
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
	// AppClients says whether app clients are in the result. v2 has a listing of their own for them, which is
	// not read with a CorpusKey or a PageKey, since it knows neither.
	AppClients bool
	// Timeout is how long the server may take for a page, in whole seconds, at most eight digits of
	// them; 0 is [DefaultTimeout].
	Timeout time.Duration
}

// Listing is what a [Query] brings.
type Listing struct {
	// Users are ordered by id, in v1 as numbers; users whose id is left out come last.
	Users []User
	// NextPageKey is the key of the page after the one that was read. It is empty when there is none,
	// and when the whole listing was read.
	NextPageKey string
}

// Users reads one page or the whole listing, every user once. The context should have a deadline.
// Any error is a [*rest.Error]; no users come with it.
//
// Callers with the same query share a result, as [listing.Group] says, and must not change it.
func (c *Client) Users(ctx context.Context, query Query) (Listing, error) {
	apis := []api{c.api}
	if c.api == (v2{}) && query.AppClients && query.CorpusKey == "" && query.PageKey == nil {
		apis = append(apis, appClients{})
	}
	return c.share(ctx, apis, query)
}

// share reads a listing, or two that are merged, for all callers with the same query.
func (c *Client) share(ctx context.Context, apis []api, query Query) (Listing, error) {
	query.ListUsersType = cmp.Or(query.ListUsersType, ListAll)
	query.NumResults = cmp.Or(query.NumResults, DefaultNumResults)
	query.Timeout = cmp.Or(query.Timeout, DefaultTimeout)
	request := apis[0].request(query)
	key, err := json.Marshal(query)
	if err != nil {
		return Listing{}, c.rest.Failed(request, rest.KindRequest, err)
	}
	result, err := c.listings.Read(ctx, request.Path+string(key), func(ctx context.Context) (Listing, error) { return c.read(ctx, apis, query) })
	result.Users = slices.Clip(result.Users)
	return result, listing.Error(ctx, c.rest, request, err)
}

// read is what share does for the first of several callers with the same query.
func (c *Client) read(ctx context.Context, apis []api, query Query) (result Listing, err error) {
	if query.PageKey != nil {
		var page listing.Page[User]
		page, result.NextPageKey, err = c.fetch(ctx, apis[0], query, 0)
		if err == nil && result.NextPageKey != "" && result.NextPageKey == *query.PageKey {
			err = fmt.Errorf("the page has its own page key as the next one: %w", listing.ErrEndless)
		}
		result.Users = page.Users
	} else {
		result.Users, err = c.whole(ctx, apis, query)
	}
	if !query.AppClients {
		result.Users = slices.DeleteFunc(result.Users, func(u User) bool { return u.AppClient })
	}
	if err == nil {
		err = listing.NormalizeIDs(result.Users, func(u *User) *string { return u.ID })
	}
	if err != nil {
		return Listing{}, err
	}
	slices.SortStableFunc(result.Users, apis[0].compare)
	return result, nil
}

// whole reads the whole listing, or both: there is an error if one of them cannot be read.
func (c *Client) whole(ctx context.Context, apis []api, query Query) ([]User, error) {
	if len(apis) == 1 {
		return c.list(ctx, apis[0], query)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var clients []User
	clientsErr := make(chan error, 1)
	go func() {
		var err error
		clients, err = c.list(ctx, apis[1], query)
		clientsErr <- listing.Error(ctx, c.rest, apis[1].request(query), err)
	}()
	users, err := c.list(ctx, apis[0], query)
	if err != nil {
		return nil, err // not that of the other listing, which is likely to have the same cause
	}
	if err := <-clientsErr; err != nil {
		return nil, err
	}
	all := withAppClients(users, clients)
	if memoryOf(all) > listing.MaxBytes {
		return nil, listing.ErrTooLarge
	}
	return all, nil
}

// list reads a listing to its end.
func (c *Client) list(ctx context.Context, api api, query Query) ([]User, error) {
	return listing.Keyed[User]{
		Fetch: func(ctx context.Context, key string, number int) (listing.Page[User], string, error) {
			query := query
			query.PageKey = &key
			return c.fetch(ctx, api, query, number)
		},
		Identity: (*User).identity,
	}.Read(ctx)
}

// fetch fetches one page; its number, counted from 1, is for errors alone, and 0 where it is not known.
func (c *Client) fetch(ctx context.Context, api api, query Query, number int) (page listing.Page[User], nextPageKey string, err error) {
	r := api.request(query)
	if number > 0 {
		r.Name += fmt.Sprintf(", page %d", number)
	}
	r.Timeout, r.Grace = query.Timeout, grace
	if api == (appClients{}) { // the response has each client's secret
		r.Kept = func() []byte {
			kept, _ := json.Marshal([]any{page.Users, nextPageKey}) // which are nothing but strings and numbers
			return kept
		}
	}
	r.Decode = func(body []byte) (int, error) {
		page.Users, nextPageKey, err = api.decode(query, body)
		page.Bytes = memoryOf(page.Users)
		return len(page.Users), err
	}
	err = c.rest.Do(ctx, r)
	return page, nextPageKey, err
}
