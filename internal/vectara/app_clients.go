package vectara

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

const appClientsPath = "/v2/app_clients"

// OfAppClients reports whether an error comes from v2's listing of app clients.
func OfAppClients(err error) bool {
	failure, ok := errors.AsType[*rest.Error](err)
	return ok && strings.HasSuffix(failure.URL, appClientsPath)
}

// TypeAppClient is the type of an app client in v1.
const TypeAppClient = "USER_TYPE__APP_CLIENT"

// appClients is v2's listing of app clients. v1 lists app clients with the users.
type appClients struct{ v2 }

var _ api = appClients{}

func (a appClients) request(query Query) rest.Request {
	r := a.v2.request(query)
	r.Name, r.Path = "the app clients of the Vectara account", appClientsPath
	r.Query = url.Values{"limit": {strconv.FormatInt(query.NumResults, 10)}}
	if query.PageKey != nil && *query.PageKey != "" {
		r.Query.Set("page_key", *query.PageKey)
	}
	return r
}

// decode decodes a page. Its types have no field for the client secrets, so it drops them.
func (appClients) decode(query Query, body []byte) (users []User, nextPageKey string, err error) {
	var page struct {
		AppClients *[]struct {
			userV2
			Name *string `json:"name"`
		} `json:"app_clients"`
		Metadata *metadataV2 `json:"metadata"`
	}
	if err := rest.Decode(body, &page); err != nil {
		return nil, "", err
	}
	if page.AppClients == nil {
		return nil, "", errors.New(`the response has no list "app_clients"`)
	}
	users = make([]User, len(*page.AppClients))
	for i, client := range *page.AppClients {
		client.Username = client.Name
		users[i] = client.user()
		users[i].setAppClient()
	}
	if nextPageKey, err = page.Metadata.nextPageKey(query, len(users)); err != nil {
		return nil, "", err
	}
	return users, nextPageKey, nil
}

// setAppClient makes the user an app client.
func (u *User) setAppClient() {
	kind := TypeAppClient
	u.AppClient, u.Type = true, &kind
}

// isAppClientID reports whether an ID of v2 belongs to an app client. v2 may list app clients with the users, since
// Vectara's documentation says that it treats them like users.
func isAppClientID(id *string) bool { return id != nil && strings.HasPrefix(*id, "app_") }

// withAppClients adds the app clients to the users. If an ID is in both listings, it merges the two into one user, who
// has the entitlements of both, and the client's value of each field that the user lacks.
func withAppClients(users, clients []User) []User {
	all := slices.Clone(users)
	at := map[string]int{}
	for i := range all {
		if id, unique := all[i].identity(); unique {
			at[id] = i
		}
	}
	for _, client := range clients {
		id, unique := client.identity()
		i, both := at[id]
		if !unique || !both {
			all = append(all, client)
			continue
		}
		user := &all[i]
		user.setAppClient()
		user.Handle, user.Email, user.Comment = cmp.Or(user.Handle, client.Handle), cmp.Or(user.Email, client.Email), cmp.Or(user.Comment, client.Comment)
		user.Enabled, user.UserStatus = cmp.Or(user.Enabled, client.Enabled), cmp.Or(user.UserStatus, client.UserStatus)
		user.TsCreate, user.CreatedAt, user.UpdatedAt = cmp.Or(user.TsCreate, client.TsCreate), cmp.Or(user.CreatedAt, client.CreatedAt), cmp.Or(user.UpdatedAt, client.UpdatedAt)
		user.APIPolicy = user.APIPolicy.with(client.APIPolicy)
		user.Roles = slices.Concat(user.Roles, client.Roles)
		user.CorpusRoles = slices.Concat(user.CorpusRoles, client.CorpusRoles)
		user.AgentRoles = slices.Concat(user.AgentRoles, client.AgentRoles)
		user.sortLists()
		user.Roles = slices.Compact(user.Roles)
	}
	return all
}
