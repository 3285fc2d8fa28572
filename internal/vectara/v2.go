package vectara

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// v2 is REST v2.
type v2 struct{}

var _ api = v2{}

func (v2) request(query Query) rest.Request {
	parameters := url.Values{"limit": {strconv.FormatInt(query.NumResults, 10)}}
	if query.PageKey != nil && *query.PageKey != "" {
		parameters.Set("page_key", *query.PageKey)
	}
	name := "the users of the Vectara account"
	if query.CorpusKey != "" {
		parameters.Set("corpus_key", query.CorpusKey)
		name += " with access to corpus " + query.CorpusKey
	}
	return rest.Request{
		Name:   name,
		Method: http.MethodGet,
		Path:   "/v2/users",
		Query:  parameters,
		Header: func(timeout time.Duration) http.Header {
			header := http.Header{}
			header.Set("Request-Timeout", strconv.FormatInt(int64(timeout/time.Second), 10))
			return header
		},
	}
}

// responseV2 is the body of v2's response.
type responseV2 struct {
	Users    *[]userV2   `json:"users"`
	Metadata *metadataV2 `json:"metadata"`
}

// metadataV2 has the key of the next page, which is null or empty on the last page.
type metadataV2 struct {
	PageKey *string `json:"page_key"`
}

// nextPageKey returns the key of the page after a page with this number of users. A full page without metadata is an
// error, since there may be another page.
func (m *metadataV2) nextPageKey(query Query, users int) (string, error) {
	switch {
	case m != nil:
		return deref(m.PageKey), nil
	case int64(users) >= query.NumResults:
		return "", errors.New(`the response has no "metadata", so it is unknown whether there is another page`)
	}
	return "", nil
}

// userV2 is a user in v2's response. Every field may be missing.
type userV2 struct {
	ID          *string      `json:"id"`
	Email       *string      `json:"email"`
	Username    *string      `json:"username"`
	Enabled     *bool        `json:"enabled"`
	Description *string      `json:"description"`
	CreatedAt   *string      `json:"created_at"`
	UpdatedAt   *string      `json:"updated_at"`
	APIRoles    []*string    `json:"api_roles"`
	CorpusRoles []CorpusRole `json:"corpus_roles"`
	AgentRoles  []AgentRole  `json:"agent_roles"`
	APIPolicy   *APIPolicy   `json:"api_policy"`
}

func (v2) decode(query Query, body []byte) (users []User, nextPageKey string, err error) {
	var page responseV2
	if err := rest.Decode(body, &page); err != nil {
		return nil, "", err
	}
	if page.Users == nil {
		return nil, "", errors.New(`the response has no list "users"`)
	}
	users = make([]User, len(*page.Users))
	for i, user := range *page.Users {
		users[i] = user.user()
		if isAppClientID(user.ID) {
			users[i].setAppClient()
		}
	}
	if nextPageKey, err = page.Metadata.nextPageKey(query, len(users)); err != nil {
		return nil, "", err
	}
	return users, nextPageKey, nil
}

// user converts the user to a User, whose names are those of v1.
func (u userV2) user() User {
	user := User{
		ID:          u.ID,
		Handle:      u.Username,
		Email:       u.Email,
		Comment:     u.Description,
		Enabled:     u.Enabled,
		Roles:       []string{},
		CreatedAt:   u.CreatedAt,
		UpdatedAt:   u.UpdatedAt,
		CorpusRoles: append([]CorpusRole{}, u.CorpusRoles...),
		AgentRoles:  append([]AgentRole{}, u.AgentRoles...),
		APIPolicy:   u.APIPolicy,
	}
	for _, role := range u.APIRoles {
		if role != nil {
			user.Roles = append(user.Roles, *role)
		}
	}
	if u.Enabled != nil {
		status := statusDisabled
		if *u.Enabled {
			status = statusActive
		}
		user.UserStatus = &status
	}
	if u.CreatedAt != nil {
		if at, err := time.Parse(time.RFC3339, *u.CreatedAt); err == nil {
			seconds := at.Unix()
			user.TsCreate = &seconds
		}
	}
	return user
}

// apiError decodes the body of a response with a status of 4xx or 5xx. It adds the request ID, which Vectara's support
// needs. A 403 may mean an expired token, since v2 documents no other status for it.
func (v2) apiError(status int, body []byte) *rest.Error {
	var e struct {
		Messages    []string          `json:"messages"`
		FieldErrors map[string]string `json:"field_errors"`
		RequestID   string            `json:"request_id"`
	}
	expired := status == http.StatusForbidden
	if rest.Decode(body, &e) != nil || len(e.Messages) == 0 {
		return &rest.Error{Unauthorized: expired}
	}
	parts := e.Messages
	for _, field := range slices.Sorted(maps.Keys(e.FieldErrors)) {
		parts = append(parts, field+": "+e.FieldErrors[field])
	}
	message := strings.Join(parts, "; ")
	if e.RequestID != "" {
		message += " (request " + e.RequestID + ")"
	}
	return &rest.Error{Message: message, Unauthorized: expired}
}

func (v2) compare(a, b User) int { return compareIDs(a, b, strings.Compare) }
