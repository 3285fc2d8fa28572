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

// refusalV2 is the body of every response of v2 whose HTTP status is not 200.
type refusalV2 struct {
	status      int
	Messages    []string          `json:"messages"`
	FieldErrors map[string]string `json:"field_errors,omitempty"` // of a 400
	RequestID   string            `json:"request_id"`
}

func refuseV2(status int, format string, args ...any) *refusalV2 {
	return &refusalV2{status: status, Messages: []string{fmt.Sprintf(format, args...)}}
}

// invalidV2 has the reason twice: field_errors is the fake's addition, of which a client need not know.
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

// callV2 waits for the latency or, if that is shorter, until the time that the client gives. What
// the API responds with then is not documented; here it is 504, as with v1.
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
		panic(http.ErrAbortHandler) // merely returning would respond with 200
	}
	return call(r)
}

// requestTimeout returns what the two headers for it say, or 0 if there is neither. The reference
// allows both in one request, without a word on which of them counts; the fake refuses that.
func requestTimeout(header http.Header) (timeout time.Duration, refused *refusalV2) {
	for _, known := range []struct {
		name string
		unit time.Duration
	}{{"Request-Timeout", time.Second}, {"Request-Timeout-Millis", time.Millisecond}} {
		name, values := known.name, header.Values(known.name)
		if len(values) == 0 {
			continue
		}
		n, err := strconv.ParseUint(values[0], 10, 31) // which accepts no sign
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
	PageKey *string `json:"page_key"` // null or empty at the end
}

// userV2 has no field that is surely there but the id.
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
		sent.APIPolicy = u.APIPolicy // a nil pointer is no zero interface, and is sent as null
	}
	return sent
}

// textV2 returns nil for a text that is left out.
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

// namesV2 are v2's words for the roles of v1. CustomerRole_None is no role, so v2 has no word for it.
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

// everyCorpus are the account's roles that give access to all of its corpora. The reference says
// that one for a kind of resource does so for all of that kind; that owner, administrator and viewer
// are roles for every kind is how the fake interprets it.
var everyCorpus = []string{
	"owner", "administrator", "viewer",
	"corpus_administrator", "corpus_developer", "corpus_viewer",
}

// hasAccess says whether a listing for one corpus has the user: any role on it will do, and so will
// one of the account. Whether a disabled user still has access, the reference does not say;
// here such a user is listed, because the role is still held.
func hasAccess(u User, corpusKey string) bool {
	return slices.ContainsFunc(u.CorpusRoles, func(role CorpusRole) bool { return role.CorpusKey == corpusKey }) ||
		slices.ContainsFunc(apiRoles(u), func(role string) bool { return slices.Contains(everyCorpus, role) })
}

// positionV2 is what a page key of v2 stands for. It belongs to one listing and to what that is
// narrowed to, but not to one limit.
type positionV2 struct {
	At        int    `json:"at"`        // how many entries the pages before had
	Parameter string `json:"parameter"` // the one that this listing alone has: corpus_key or filter
	Value     string `json:"value"`     // what it is set to; "" if it is not
}

// keyPrefixV2 begins every page key of v2, so that none of them survives a query unescaped and none
// is one of v1.
const keyPrefixV2 = "+/+/"

// corpusKeyPattern is that of the reference, for the whole key.
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

// metadataV2 has the key of the page after the one at p, which has n entries.
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

// authorizeV2 accepts a GET with a personal API key or an OAuth token. The reference has a 403 for a
// caller who may not list; that a missing credential and, unless InvalidTokenStatus says otherwise, a
// token that is not valid are a 401 is the fake's choice, and so is that it ignores a customer id,
// which v2 does not need.
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

// parseQueryV2 reads the query of a listing that has a parameter of its own besides limit and
// page_key. A parameter that is there has a value.
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
		n, err := strconv.ParseUint(query.Get("limit"), 10, 31) // which accepts no sign
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
