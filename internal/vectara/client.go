// Package vectara reads the users of an account from Vectara's REST API, with version v1 or v2.
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

// DefaultBaseURL is the base URL of Vectara's API, for both versions.
const DefaultBaseURL = "https://api.vectara.io"

// The versions of the API.
const (
	V1 = "v1"
	V2 = "v2"
)

const (
	// DefaultNumResults is the default page size. The documentation of v1's listing has neither a default nor a limit.
	DefaultNumResults = 100
	// MaxNumResultsV1 is v1's largest page size, which is a uint32.
	MaxNumResultsV1 = math.MaxUint32
	// MaxNumResultsV2 is v2's documented largest page size.
	MaxNumResultsV2 = 100
	// DefaultTimeout is the default of v1's timeout header.
	DefaultTimeout = 30 * time.Second
	// grace is the time that the client adds to the timeout in the header. The server's timeout then ends first, with
	// an error that has the reason.
	grace = 15 * time.Second
	// maxPageKey is the maximum length of a page key, in bytes. In a request, a key may need six times its length.
	maxPageKey = 64 << 10
)

// The values of v1's listUsersType. ListNone is the API's default. Vectara does not document which users it lists.
const (
	ListNone     = "LIST_USERS_TYPE__NONE"
	ListCustomer = "LIST_USERS_TYPE__CUSTOMER"
	ListAll      = "LIST_USERS_TYPE__ALL"
)

// Config is the configuration of a [Client]. [rest.IsCredential] must be true for its credentials. If several are set, a
// token has precedence over a client ID and secret, and these over an API key.
type Config struct {
	// BaseURL is a URL without version and without a slash at the end, such as [DefaultBaseURL].
	BaseURL string
	// OAuthToken is a JWT.
	OAuthToken string
	// ClientID and ClientSecret are the credentials of an app client. The client exchanges them for tokens at TokenURL,
	// such as [DefaultTokenURL].
	ClientID, ClientSecret, TokenURL string
	// APIKey is the personal API key of an administrator or owner. v2 only.
	APIKey string
	// Options are the options that the clients of both vendors share.
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

// Client is a client of both versions of Vectara's API. It is safe for concurrent use.
type Client struct {
	rest     *rest.Client
	listings listing.Group[Listing]
}

// api is the protocol of a listing in a version of the API.
type api interface {
	// request returns the request for a page. All fields of the query are set.
	request(query Query) rest.Request
	// decode decodes the body of a response, as [rest.Request.Decode] does. The next page key is empty on the last page.
	decode(query Query, body []byte) (users []User, nextPageKey string, err error)
	// apiError decodes the body of a response with an error status.
	apiError(status int, body []byte) *rest.Error
	// compare orders users by ID. Users without an ID come last.
	compare(a, b User) int
}

// New returns a client. It sends no request.
func New(config Config) *Client {
	return &Client{rest: rest.New(rest.Config{
		Options:    config.Options,
		BaseURL:    config.BaseURL,
		Credential: config.credential(),
	})}
}

// Query selects the users to read.
type Query struct {
	// Version is the version of the API: [V1] or [V2].
	Version string
	// CustomerID is the number of the account, in digits. v1 only: v2 finds the account by the credential.
	CustomerID string
	// ListUsersType is [ListNone], [ListCustomer] or [ListAll]. Empty means [ListAll]. v1 only.
	ListUsersType string
	// CorpusKey selects the users with access to a corpus. Empty selects all users. v2 only.
	CorpusKey string
	// NumResults is the page size, at most [MaxNumResultsV1] or [MaxNumResultsV2]. 0 means [DefaultNumResults].
	NumResults int64
	// PageKey is the key of a single page to read, empty for the first page. nil means the whole listing.
	PageKey *string
	// AppClients includes app clients. v2 has a separate listing of app clients. The client does not read it if
	// CorpusKey or PageKey is set, which apply only to the listing of users.
	AppClients bool
	// Timeout is the server's time limit for a page: whole seconds, of at most eight digits. 0 means [DefaultTimeout].
	Timeout time.Duration
}

// Listing is the result of a [Query].
type Listing struct {
	// Users are ordered by ID, in v1 by number. Users without an ID come last.
	Users []User
	// NextPageKey is the key of the page after a single page. It is empty after the last page, and for a whole listing.
	NextPageKey string
}

// Users reads a page or the whole listing. The result has each user once. The context should have a deadline. Every
// error is a [*rest.Error], and comes without users. Each call needs its own context: if the listing is large, other
// large listings wait until it ends.
//
// Callers with the same query share a result, as [listing.Group] describes, and must not change it.
func (c *Client) Users(ctx context.Context, query Query) (Listing, error) {
	apis := []api{v1{}}
	if query.Version == V2 {
		apis = []api{v2{}}
		if query.AppClients && query.CorpusKey == "" && query.PageKey == nil {
			apis = append(apis, appClients{})
		}
	}
	query.ListUsersType = cmp.Or(query.ListUsersType, ListAll)
	query.NumResults = cmp.Or(query.NumResults, DefaultNumResults)
	query.Timeout = cmp.Or(query.Timeout, DefaultTimeout)
	request := apis[0].request(query)
	key, err := json.Marshal(query)
	if err != nil {
		return Listing{}, c.rest.Complete(request, err)
	}
	result, err := c.listings.Read(ctx, c.rest, string(key), func(ctx context.Context, lease *rest.Lease) (Listing, error) {
		return c.read(ctx, lease, apis, query)
	})
	if err != nil {
		return Listing{}, c.rest.Complete(request, err)
	}
	result.Users = slices.Clip(result.Users)
	return result, nil
}

// read reads a page or the whole listing. Users calls it for the first caller with a query.
func (c *Client) read(ctx context.Context, lease *rest.Lease, apis []api, query Query) (result Listing, err error) {
	if query.PageKey != nil {
		result.Users, err = listing.ReadPage(ctx, lease, func() (page listing.Page[User], err error) {
			page, result.NextPageKey, err = c.fetch(ctx, apis[0], query, 0)
			return page, err
		})
		if err == nil && result.NextPageKey != "" && result.NextPageKey == *query.PageKey {
			err = listing.Endless("the page has its own page key as the next page key")
		}
	} else {
		result.Users, err = c.whole(ctx, lease, apis, query)
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

// whole reads the users, and concurrently the app clients, if apis has their listing. If one of the listings fails, it
// returns an error.
func (c *Client) whole(ctx context.Context, lease *rest.Lease, apis []api, query Query) ([]User, error) {
	if len(apis) == 1 {
		return c.list(ctx, lease, apis[0], query)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var clients []User
	clientsErr := make(chan error, 1)
	go func() {
		var err error
		if clients, err = c.list(ctx, lease, apis[1], query); err != nil {
			err = c.rest.Complete(apis[1].request(query), err)
		}
		clientsErr <- err
	}()
	users, err := c.list(ctx, lease, apis[0], query)
	if err != nil {
		return nil, err // an error of the other listing probably has the same cause
	}
	if err := <-clientsErr; err != nil {
		return nil, err
	}
	all := withAppClients(users, clients)
	if memoryOf(all) > listing.MaxBytes {
		return nil, listing.ErrTooLarge
	}
	for i := range all {
		if err := all[i].checkEntitlements(); err != nil {
			return nil, &rest.Error{Kind: rest.KindMalformed, Err: err}
		}
	}
	return all, nil
}

// list reads all pages of a listing.
func (c *Client) list(ctx context.Context, lease *rest.Lease, api api, query Query) ([]User, error) {
	return listing.Keyed[User]{
		Fetch: func(ctx context.Context, key string, number int) (listing.Page[User], string, error) {
			query := query
			query.PageKey = &key
			return c.fetch(ctx, api, query, number)
		},
		Identity: (*User).identity,
	}.Read(ctx, lease)
}

// fetch fetches a page. Its number is for errors. 0 means unknown.
func (c *Client) fetch(ctx context.Context, api api, query Query, number int) (page listing.Page[User], nextPageKey string, err error) {
	r := api.request(query)
	if number > 0 {
		r.Name += fmt.Sprintf(", page %d", number)
	}
	r.Timeout, r.Grace, r.APIError = query.Timeout, grace, api.apiError
	if api == (appClients{}) { // the response contains the secret of each client
		r.Kept = func() []byte { return encode([]any{page.Users, nextPageKey}) }
	}
	r.Decode = func(body []byte) (int, error) {
		if page.Users, nextPageKey, err = api.decode(query, body); err != nil {
			return 0, err
		}
		page.Bytes = memoryOf(page.Users)
		if len(nextPageKey) > maxPageKey {
			return 0, fmt.Errorf("the key of the next page has %d bytes, and may have at most %d", len(nextPageKey), maxPageKey)
		}
		for i := range page.Users {
			if err := page.Users[i].checkEntitlements(); err != nil {
				return 0, err
			}
			page.Users[i].sortLists()
			page.Users[i].replaceKelvin()
		}
		return len(page.Users), nil
	}
	err = c.rest.Do(ctx, r)
	return page, nextPageKey, err
}
