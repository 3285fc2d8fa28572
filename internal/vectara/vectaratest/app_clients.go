package vectaratest

import (
	"cmp"
	"net/http"
	"regexp"
)

// listAppClientsResponse is the body of a 200.
type listAppClientsResponse struct {
	AppClients []appClient `json:"app_clients"`
	Metadata   metadataV2  `json:"metadata"`
}

// appClient is an app client in a response. It has no status and no dates. The reference requires none of its fields,
// but the mock server always sends the ID and the credentials.
type appClient struct {
	ID           string  `json:"id"`
	Name         *string `json:"name,omitzero"`
	Description  *string `json:"description,omitzero"`
	ClientID     string  `json:"client_id"`
	ClientSecret string  `json:"client_secret"`
	accessV2
}

func (f *Fake) appClient(u User) appClient {
	id := idV2(u)
	return appClient{
		ID:           id,
		Name:         f.textV2(u.Handle),
		Description:  f.textV2(u.Comment),
		ClientID:     cmp.Or(u.ClientID, "client-id-of-"+id),
		ClientSecret: cmp.Or(u.ClientSecret, SecretPrefix+id),
		accessV2:     f.accessV2(u),
	}
}

// listAppClients lists the app clients. The filter is a regular expression in Go's syntax, and matches a part of the
// name. The reference documents neither the syntax nor whether it must match the whole name.
func (f *Fake) listAppClients(r *http.Request) (any, *refusalV2) {
	if refused := f.authorizeV2(r); refused != nil {
		return nil, refused
	}
	if f.DenyAppClients {
		return nil, refuseV2(http.StatusForbidden, "Permissions do not allow listing App Clients.")
	}
	limit, p, refused := f.parseQueryV2(r.URL.RawQuery, "filter")
	if refused != nil {
		return nil, refused
	}
	filter, err := regexp.Compile(p.Value) // an empty filter matches every name
	if err != nil {
		return nil, invalidV2("filter", "is not a regular expression")
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	clients, more := f.page(p.At, limit, func(u User) bool { return u.Type == TypeAppClient && filter.MatchString(u.Handle) })
	response := listAppClientsResponse{AppClients: []appClient{}, Metadata: f.metadataV2(p, len(clients), more)}
	for _, u := range clients {
		response.AppClients = append(response.AppClients, f.appClient(u))
	}
	return response, nil
}
