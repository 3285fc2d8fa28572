package vectaratest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// The gRPC codes that the mock server responds with.
const (
	codeInvalidArgument  = 3
	codeDeadlineExceeded = 4
	codeNotFound         = 5
	codePermissionDenied = 7
	codeUnimplemented    = 12
	codeUnauthenticated  = 16
)

// The values of listUsersType.
const (
	listNone     = "LIST_USERS_TYPE__NONE"
	listCustomer = "LIST_USERS_TYPE__CUSTOMER"
	listAll      = "LIST_USERS_TYPE__ALL"
)

// defaultResults is the page size without numResults. The reference has no default, so the mock server uses v2's.
const defaultResults = 10

// keyPrefixV1 is the prefix of v1's page keys. It is empty, so the keys are plain base64.
const keyPrefixV1 = ""

// refusal is the body of an error response.
type refusal struct {
	status  int
	Code    int    `json:"code"` // gRPC code
	Message string `json:"message"`
	Details []any  `json:"details"`
}

func refuse(status, code int, format string, args ...any) *refusal {
	return &refusal{status: status, Code: code, Message: fmt.Sprintf(format, args...), Details: []any{}}
}

func invalid(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, codeInvalidArgument, format, args...)
}

// serveV1 calls a method of v1, and writes its response.
func (f *Fake) serveV1(w http.ResponseWriter, r *http.Request, call func(*http.Request) (any, *refusal)) {
	response, refused := f.callV1(r, call)
	if refused == nil {
		fakehttp.WriteJSON(w, http.StatusOK, response)
		return
	}
	if refused.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	fakehttp.WriteJSON(w, refused.status, refused)
}

// serveGone responds to every v1 request after V1Gone is set. gRPC has no code for 410, so a 410 has the code of a 404.
func (f *Fake) serveGone(w http.ResponseWriter, r *http.Request) {
	f.wait(r)
	code := codeNotFound
	if f.V1Gone == http.StatusMethodNotAllowed || f.V1Gone == http.StatusNotImplemented {
		code = codeUnimplemented
	}
	fakehttp.WriteJSON(w, f.V1Gone, refuse(f.V1Gone, code, "%s", http.StatusText(f.V1Gone)))
}

// callV1 waits for the latency, and calls a method. The client's timeout may end the wait.
func (f *Fake) callV1(r *http.Request, call func(*http.Request) (any, *refusal)) (any, *refusal) {
	ctx := r.Context()
	// The reference documents the header timeout, but a gateway uses grpc-timeout. Both have the same format.
	for _, name := range []string{"timeout", "grpc-timeout"} {
		value := r.Header.Get(name)
		if value == "" {
			continue
		}
		timeout, err := parseTimeout(value)
		if err != nil {
			return nil, invalid("%s: %v", name, err)
		}
		if name == "grpc-timeout" {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
	}
	switch err := fakehttp.Wait(ctx, f.Latency); {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, refuse(http.StatusGatewayTimeout, codeDeadlineExceeded, "the call took longer than its timeout")
	case err != nil:
		panic(http.ErrAbortHandler) // a return would send a 200
	}
	return call(r)
}

var timeoutPattern = regexp.MustCompile(`^[0-9]{1,8}[HMSmun]$`)

// parseTimeout parses a timeout in gRPC's format: at most eight digits and a unit, such as 30S.
func parseTimeout(s string) (time.Duration, error) {
	if !timeoutPattern.MatchString(s) {
		return 0, fmt.Errorf("%q is not a timeout", s)
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil {
		return 0, err
	}
	unit := map[byte]time.Duration{
		'H': time.Hour,
		'M': time.Minute,
		'S': time.Second,
		'm': time.Millisecond,
		'u': time.Microsecond,
		'n': time.Nanosecond,
	}[s[len(s)-1]]
	if time.Duration(n) > math.MaxInt64/unit {
		return math.MaxInt64, nil // the hours do not fit into a Duration
	}
	return time.Duration(n) * unit, nil
}

// listUsersResponse is the body of a 200. The mock server always sends all fields.
type listUsersResponse struct {
	User    []user  `json:"user"`
	PageKey string  `json:"pageKey"`
	Status  *status `json:"status"`
}

type user struct {
	ID         uint32   `json:"id"`
	Handle     string   `json:"handle"`
	Type       string   `json:"type"`
	Comment    string   `json:"comment"`
	TsCreate   int64    `json:"tsCreate,string"`
	IDCreate   uint32   `json:"idCreate"`
	Email      string   `json:"email"`
	UserStatus string   `json:"userStatus"`
	Role       []string `json:"role"`
}

type status struct {
	Code         string `json:"code"`
	StatusDetail string `json:"statusDetail"`
}

func newUser(u User) user {
	sent := user{
		ID:         u.ID,
		Handle:     u.Handle,
		Type:       u.Type,
		Comment:    u.Comment,
		TsCreate:   u.TsCreate,
		IDCreate:   u.IDCreate,
		Email:      u.Email,
		UserStatus: u.UserStatus,
		Role:       append([]string{}, u.Roles...), // never null
	}
	if sent.Type == "" {
		sent.Type = "USER_TYPE__NONE"
	}
	if sent.UserStatus == "" {
		sent.UserStatus = "USER_STATUS__NONE"
	}
	return sent
}

func (f *Fake) listUsers(r *http.Request) (any, *refusal) {
	if r.Method != http.MethodPost {
		return nil, refuse(http.StatusMethodNotAllowed, codeUnimplemented, "the method is POST, not %s", r.Method)
	}
	if refused := f.authorizeV1(r); refused != nil {
		return nil, refused
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, invalid("body: %v", err)
	}
	p, err := f.parseListUsers(body)
	if err != nil {
		return nil, invalid("%v", err)
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.Status; s != nil && (s.Times == 0 || f.statuses < s.Times) {
		f.statuses++
		return listUsersResponse{User: []user{}, Status: &status{Code: s.Code, StatusDetail: s.Detail}}, nil
	}
	response := listUsersResponse{User: []user{}}
	if !f.NullStatus {
		response.Status = &status{Code: "OK"}
	}
	users, more := f.page(p.At, p.Size, func(u User) bool { return listed(p.Type, u) })
	for _, u := range users {
		response.User = append(response.User, newUser(u))
	}
	if more {
		response.PageKey = f.seal(keyPrefixV1, position{At: p.At + len(users), Size: p.Size, Type: p.Type})
	}
	return response, nil
}

var customerIDPattern = regexp.MustCompile(`^[0-9]+$`)

func (f *Fake) authorizeV1(r *http.Request) *refusal {
	if !f.authenticates(r.Header.Get("Authorization")) {
		return refuse(http.StatusUnauthorized, codeUnauthenticated, "the JWT is missing or did not authenticate")
	}
	customerID := r.Header.Get("customer-id")
	if !customerIDPattern.MatchString(customerID) {
		return invalid("customer-id: %q is not a customer's number", customerID)
	}
	if customerID != f.customerID {
		return refuse(http.StatusForbidden, codePermissionDenied, "the token does not belong to customer %s", customerID)
	}
	return nil
}

// listed reports whether a listing of this type contains the user. The reference does not document NONE. In the mock
// server, it lists no users, so that tests find a client that relies on it.
func listed(listType string, u User) bool {
	switch listType {
	case listAll:
		return true
	case listCustomer:
		return slices.ContainsFunc(u.Roles, func(role string) bool { return role != "CustomerRole_None" })
	default:
		return false
	}
}

// position identifies a page. The position of the first page comes from the fields of the request, that of later pages
// from the page key.
type position struct {
	At   int    `json:"at"` // number of users on earlier pages
	Size int    `json:"size"`
	Type string `json:"type"`
}

// parseListUsers parses the body of a request. A gateway would also accept names in snake_case. The mock server accepts
// only camelCase, as in the reference.
func (f *Fake) parseListUsers(body []byte) (position, error) {
	p := position{Size: defaultResults, Type: listNone}
	object, err := fakehttp.DecodeObject(body, "listUsersType", "pageKey", "numResults")
	if err != nil {
		return p, fmt.Errorf("body: %w", err)
	}
	if object == nil {
		return p, errors.New("body: null is not an object")
	}
	// null means the default. A page key overrides the other fields, but they must still be valid.
	if raw := object["listUsersType"]; isSet(raw) {
		if p.Type, err = parseListType(raw); err != nil {
			return p, err
		}
	}
	if raw := object["numResults"]; isSet(raw) {
		n, err := parseUint32(raw)
		if err != nil {
			return p, fmt.Errorf("numResults: %w", err)
		}
		if n > 0 {
			p.Size = int(n)
		}
	}
	if raw := object["pageKey"]; isSet(raw) {
		var key string
		if err := json.Unmarshal(raw, &key); err != nil {
			return p, fmt.Errorf("pageKey: %w", err)
		}
		if key != "" {
			if err := f.unseal(keyPrefixV1, key, &p); err != nil {
				return p, fmt.Errorf("pageKey: %w", err)
			}
		}
	}
	return p, nil
}

func isSet(raw json.RawMessage) bool { return raw != nil && string(raw) != "null" }

// parseListType accepts the name of an enum value or its number, as a gateway does.
func parseListType(raw json.RawMessage) (string, error) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return "", fmt.Errorf("listUsersType: %w", err)
	}
	switch value {
	case listNone, 0.0:
		return listNone, nil
	case listCustomer, 2.0:
		return listCustomer, nil
	case listAll, 3.0:
		return listAll, nil
	}
	return "", fmt.Errorf("listUsersType: %s is not a value of it", raw)
}

// parseUint32 accepts a number, or a string with a number, as a gateway does. The number may have an exponent: 1e2 is
// 100.
func parseUint32(raw json.RawMessage) (uint32, error) {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return 0, err
	}
	n, err := number.Float64()
	if err != nil {
		return 0, err
	}
	if n != math.Trunc(n) || n < 0 || n > math.MaxUint32 {
		return 0, fmt.Errorf("%s is not an unsigned 32-bit integer", raw)
	}
	return uint32(n), nil
}
