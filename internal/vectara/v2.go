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
	reading := "the users of the Vectara account"
	if query.CorpusKey != "" {
		parameters.Set("corpus_key", query.CorpusKey)
		reading += " with access to corpus " + query.CorpusKey
	}
	header := http.Header{}
	header.Set("Request-Timeout", strconv.FormatInt(int64(query.Timeout/time.Second), 10))
	return rest.Request{
		Reading: reading,
		Method:  http.MethodGet,
		Path:    "/v2/users",
		Query:   parameters,
		Header:  header,
	}
}

// answerV2 is the body of v2's answer.
type answerV2 struct {
	Users    *[]userV2 `json:"users"`
	Metadata *struct {
		PageKey *string `json:"page_key"`
	} `json:"metadata"`
}

// userV2 is a user as v2 writes it. None of the fields is surely there.
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
}

func (v2) decode(body []byte) (Listing, error) {
	var page answerV2
	if err := rest.Decode(body, &page); err != nil {
		return Listing{}, err
	}
	if page.Users == nil {
		return Listing{}, errors.New(`the answer has no list "users"`)
	}
	result := Listing{Users: make([]User, len(*page.Users))}
	if page.Metadata != nil && page.Metadata.PageKey != nil {
		result.NextPageKey = *page.Metadata.PageKey
	}
	for i, user := range *page.Users {
		result.Users[i] = user.user()
	}
	return result, nil
}

// user tells in v1's words what v2 says in its own.
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

// refusal reads the body of an answer with an HTTP status of 4xx or 5xx. The request's id is what
// Vectara's support asks for.
func (v2) refusal(body []byte) rest.Refusal {
	var refused struct {
		Messages    []string          `json:"messages"`
		FieldErrors map[string]string `json:"field_errors"`
		RequestID   string            `json:"request_id"`
	}
	if rest.Decode(body, &refused) != nil || len(refused.Messages) == 0 {
		return rest.Refusal{}
	}
	message := strings.Join(refused.Messages, "; ")
	for _, field := range slices.Sorted(maps.Keys(refused.FieldErrors)) {
		message += "; " + field + ": " + refused.FieldErrors[field]
	}
	if refused.RequestID != "" {
		message += " (request " + refused.RequestID + ")"
	}
	return rest.Refusal{Message: message}
}

func (v2) compare(a, b User) int { return compareIDs(a, b, strings.Compare) }
