package vectaratest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// The limits and the default of v2.
const (
	minLimit     = 1
	maxLimit     = 100
	defaultLimit = 10
)

// refusalV2 is the body of an error response of v2.
type refusalV2 struct {
	status      int
	Messages    []string          `json:"messages"`
	FieldErrors map[string]string `json:"field_errors,omitempty"` // only with a 400
	RequestID   string            `json:"request_id"`
}

func refuseV2(status int, format string, args ...any) *refusalV2 {
	return &refusalV2{status: status, Messages: []string{fmt.Sprintf(format, args...)}}
}

// invalidV2 returns a 400. The reason is also in field_errors, which clients may ignore.
func invalidV2(field, format string, args ...any) *refusalV2 {
	reason := fmt.Sprintf(format, args...)
	refused := refuseV2(http.StatusBadRequest, "%s %s.", field, reason)
	refused.FieldErrors = map[string]string{field: reason}
	return refused
}

func (f *Fake) serveV2(w http.ResponseWriter, r *http.Request, call func(*http.Request) (any, *refusalV2)) {
	response, refused := f.callV2(r, call)
	if refused == nil {
		fakehttp.WriteJSON(w, http.StatusOK, response)
		return
	}
	f.mu.Lock()
	f.refusals++
	refused.RequestID = fmt.Sprintf("req_%06d", f.refusals)
	f.mu.Unlock()
	if refused.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodGet)
	}
	fakehttp.WriteJSON(w, refused.status, refused)
}

// callV2 waits for the latency, and calls a method. If the client's timeout ends the wait, it responds with 504, as in
// v1. The reference does not document this case.
func (f *Fake) callV2(r *http.Request, call func(*http.Request) (any, *refusalV2)) (any, *refusalV2) {
	timeout, refused := requestTimeout(r.Header)
	if refused != nil {
		return nil, refused
	}
	ctx := r.Context()
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	switch err := fakehttp.Wait(ctx, f.Latency); {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, refuseV2(http.StatusGatewayTimeout, "The request took longer than its timeout.")
	case err != nil:
		panic(http.ErrAbortHandler) // a return would send a 200
	}
	return call(r)
}

// requestTimeout returns the timeout from one of its two headers, or 0 without a header. The reference allows both in a
// request, but does not define which of them has precedence, so the mock server rejects both.
func requestTimeout(header http.Header) (timeout time.Duration, refused *refusalV2) {
	for _, known := range []struct {
		name string
		unit time.Duration
	}{{"Request-Timeout", time.Second}, {"Request-Timeout-Millis", time.Millisecond}} {
		name, values := known.name, header.Values(known.name)
		if len(values) == 0 {
			continue
		}
		n, err := strconv.ParseUint(values[0], 10, 31) // rejects a sign
		switch {
		case len(values) > 1:
			return 0, invalidV2(name, "is sent twice")
		case err != nil || n == 0:
			return 0, invalidV2(name, "is not a whole number above 0")
		case timeout > 0:
			return 0, refuseV2(http.StatusBadRequest, "The request has a timeout in seconds and one in milliseconds.")
		}
		timeout = time.Duration(n) * known.unit
	}
	return timeout, nil
}

// listUsersResponseV2 is the body of a 200.
type listUsersResponseV2 struct {
	Users    []userV2   `json:"users"`
	Metadata metadataV2 `json:"metadata"`
}

type metadataV2 struct {
	PageKey *string `json:"page_key"` // null or "" on the last page
}

// userV2 is a user in a response. It always has an ID. Every other field may be missing.
type userV2 struct {
	ID          string    `json:"id"`
	Email       *string   `json:"email,omitzero"`
	Username    *string   `json:"username,omitzero"`
	Enabled     *bool     `json:"enabled,omitzero"`
	Description *string   `json:"description,omitzero"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	accessV2
}

// accessV2 are the fields that users and app clients have in common.
type accessV2 struct {
	APIRoles    []string     `json:"api_roles,omitzero"`
	CorpusRoles []CorpusRole `json:"corpus_roles,omitzero"`
	AgentRoles  []AgentRole  `json:"agent_roles,omitzero"`
	APIPolicy   any          `json:"api_policy,omitzero"`
}

func (f *Fake) userV2(u User) userV2 {
	sent := userV2{
		ID:          idV2(u),
		Email:       f.textV2(u.Email),
		Username:    f.textV2(u.Handle),
		Description: f.textV2(u.Comment),
		UpdatedAt:   u.UpdatedAt,
		accessV2:    f.accessV2(u),
	}
	switch u.UserStatus {
	case "USER_STATUS__ACTIVE":
		sent.Enabled = new(true)
	case "USER_STATUS__DISABLED":
		sent.Enabled = new(false)
	}
	if u.TsCreate != 0 {
		sent.CreatedAt = time.Unix(u.TsCreate, 0).UTC()
	}
	return sent
}

func (f *Fake) accessV2(u User) accessV2 {
	sent := accessV2{APIRoles: apiRoles(u), CorpusRoles: u.CorpusRoles, AgentRoles: u.AgentRoles}
	if u.APIPolicy != nil || f.EmptyFields {
		sent.APIPolicy = u.APIPolicy // omitzero keeps a nil pointer, which is sent as null
	}
	return sent
}

// textV2 returns nil for a string that v2 leaves out.
func (f *Fake) textV2(text string) *string {
	if text == "" && !f.EmptyFields {
		return nil
	}
	return &text
}

func idV2(u User) string {
	if u.Type == TypeAppClient {
		return fmt.Sprintf("app_%d", u.ID)
	}
	return fmt.Sprintf("usr_%d", u.ID)
}

// namesV2 maps the names of roles in v1 to their names in v2. CustomerRole_None means no role, and has no name in v2.
var namesV2 = map[string]string{
	"CustomerRole_Owner":         "owner",
	"CustomerRole_Admin":         "administrator",
	"CustomerRole_Billing_Admin": "billing_administrator",
	"CustomerRole_Corpus_Admin":  "corpus_administrator",
}

func apiRoles(u User) []string {
	if u.APIRoles != nil {
		return u.APIRoles
	}
	var roles []string
	for _, role := range u.Roles {
		if name := namesV2[role]; name != "" {
			roles = append(roles, name)
		}
	}
	return roles
}

// everyCorpus are the account-level roles with access to all corpora. According to the reference, an account-level role
// for a kind of resource gives access to all resources of the kind. The mock server assumes that owner, administrator
// and viewer are roles for every kind.
var everyCorpus = []string{
	"owner", "administrator", "viewer",
	"corpus_administrator", "corpus_developer", "corpus_viewer",
}

// hasAccess reports whether the listing for a corpus contains the user, who needs any role in the corpus or a role in
// everyCorpus. The reference does not define whether a disabled user has access. The mock server lists disabled users,
// who keep their roles.
func hasAccess(u User, corpusKey string) bool {
	return slices.ContainsFunc(u.CorpusRoles, func(role CorpusRole) bool { return role.CorpusKey == corpusKey }) ||
		slices.ContainsFunc(apiRoles(u), func(role string) bool { return slices.Contains(everyCorpus, role) })
}

// positionV2 is the content of a page key of v2. A key is valid only for the same listing with the same corpus_key or
// filter, but for any limit.
type positionV2 struct {
	At        int    `json:"at"`        // number of entries on earlier pages
	Parameter string `json:"parameter"` // the listing's parameter: corpus_key or filter
	Value     string `json:"value"`     // its value, "" if it is not set
}

// keyPrefixV2 is the prefix of v2's page keys. With it, a key that the client does not escape in the query is invalid,
// and no key is valid for v1.
const keyPrefixV2 = "+/+/"

// corpusKeyPattern is the reference's pattern for a corpus key.
var corpusKeyPattern = regexp.MustCompile(`^[a-zA-Z0-9_=-]{1,50}$`)

func (f *Fake) listUsersV2(r *http.Request) (any, *refusalV2) {
	if refused := f.authorizeV2(r); refused != nil {
		return nil, refused
	}
	limit, p, refused := f.parseQueryV2(r.URL.RawQuery, "corpus_key")
	switch {
	case refused != nil:
		return nil, refused
	case p.Value != "" && !corpusKeyPattern.MatchString(p.Value):
		return nil, invalidV2("corpus_key", "is not the key of a corpus")
	case p.Value != "" && !slices.Contains(f.Corpora, p.Value):
		return nil, refuseV2(http.StatusNotFound, "There is no corpus %q.", p.Value)
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	users, more := f.page(p.At, limit, func(u User) bool {
		return (u.Type != TypeAppClient || f.AppClientsAmongUsers) && (p.Value == "" || hasAccess(u, p.Value))
	})
	response := listUsersResponseV2{Users: []userV2{}, Metadata: f.metadataV2(p, len(users), more)}
	for _, u := range users {
		response.Users = append(response.Users, f.userV2(u))
	}
	return response, nil
}

// metadataV2 returns the key of the page after the page at p, which has n entries.
func (f *Fake) metadataV2(p positionV2, n int, more bool) metadataV2 {
	p.At += n
	switch {
	case more:
		return metadataV2{PageKey: new(f.seal(keyPrefixV2, p))}
	case f.NullPageKey:
		return metadataV2{}
	}
	return metadataV2{PageKey: new("")}
}

// authorizeV2 accepts a GET with a personal API key or an OAuth token. The reference has only a 403, for a caller who
// may not list users. The mock server responds with 401 to a missing credential, and to an invalid token unless
// InvalidTokenStatus is set. It ignores a customer ID.
func (f *Fake) authorizeV2(r *http.Request) *refusalV2 {
	if r.Method != http.MethodGet {
		return refuseV2(http.StatusMethodNotAllowed, "The method is GET, not %s.", r.Method)
	}
	for _, name := range []string{"X-Api-Key", "Authorization"} {
		if len(r.Header.Values(name)) > 1 {
			return invalidV2(name, "is sent twice")
		}
	}
	key, authorization := r.Header.Get("X-Api-Key"), r.Header.Get("Authorization")
	switch {
	case key != "" && authorization != "":
		return refuseV2(http.StatusBadRequest, "The request has an API key and a token.")
	case key == "" && authorization == "":
		return refuseV2(http.StatusUnauthorized, "The request has neither an API key nor a token.")
	case key != "" && !slices.Contains(f.APIKeys, key):
		return refuseV2(http.StatusForbidden, "The API key is not one that may list users.")
	case key == "" && !f.authenticates(authorization):
		return refuseV2(cmp.Or(f.InvalidTokenStatus, http.StatusUnauthorized), "The token is not valid or has expired.")
	}
	return nil
}

// parseQueryV2 parses the query of a listing with the parameters limit, page_key and own. No parameter may be empty.
func (f *Fake) parseQueryV2(rawQuery, own string) (limit int, p positionV2, refused *refusalV2) {
	limit = defaultLimit
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return 0, p, refuseV2(http.StatusBadRequest, "The query is malformed.")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch value := query.Get(name); {
		case !slices.Contains([]string{"limit", "page_key", own}, name):
			return 0, p, invalidV2(name, "is not a parameter")
		case len(query[name]) > 1:
			return 0, p, invalidV2(name, "stands there twice")
		case value == "":
			return 0, p, invalidV2(name, "is empty")
		}
	}
	if query.Has("limit") {
		n, err := strconv.ParseUint(query.Get("limit"), 10, 31) // rejects a sign
		if err != nil || n < minLimit || n > maxLimit {
			return 0, p, invalidV2("limit", "is not an integer from %d to %d", minLimit, maxLimit)
		}
		limit = int(n)
	}
	first := positionV2{Parameter: own, Value: query.Get(own)}
	if !query.Has("page_key") {
		return limit, first, nil
	}
	if f.unseal(keyPrefixV2, query.Get("page_key"), &p) != nil {
		return 0, p, invalidV2("page_key", "is not a key that was given out")
	}
	if p.Parameter != first.Parameter || p.Value != first.Value {
		return 0, p, invalidV2("page_key", "belongs to another listing, or to one with another %s", own)
	}
	return limit, p, nil
}
