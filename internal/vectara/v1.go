package vectara

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// v1 is REST v1. It is a gRPC gateway, and uses the JSON format of protocol buffers: a 64-bit number is a string, and an
// enum value that the gateway does not know is a number.
type v1 struct{}

var _ api = v1{}

func (v1) request(query Query) rest.Request {
	body := map[string]any{"listUsersType": query.ListUsersType, "numResults": query.NumResults}
	if query.PageKey != nil && *query.PageKey != "" {
		body["pageKey"] = *query.PageKey
	}
	return rest.Request{
		Name:   "the users of Vectara account " + query.CustomerID,
		Method: http.MethodPost,
		Path:   "/v1/list-users",
		Body:   body,
		Header: func(timeout time.Duration) http.Header {
			// The format is gRPC's: at most eight digits and a unit. Vectara documents the header timeout, but a gRPC
			// gateway reads grpc-timeout.
			seconds := strconv.FormatInt(int64(timeout/time.Second), 10) + "S"
			header := http.Header{}
			header.Set("customer-id", query.CustomerID)
			header.Set("grpc-timeout", seconds)
			header.Set("timeout", seconds)
			return header
		},
	}
}

// apiError decodes the body of a response with a status of 4xx or 5xx, which is a google.rpc.Status.
func (v1) apiError(_ int, body []byte) *rest.Error {
	var e struct {
		Code    enum   `json:"code"`
		Message string `json:"message"`
	}
	if rest.Decode(body, &e) != nil {
		return &rest.Error{}
	}
	return &rest.Error{
		Code: string(e.Code), Message: e.Message,
		Retryable:        retryableGRPC[string(e.Code)],
		DeadlineExceeded: e.Code == "4",
		RateLimited:      e.Code == "8",
	}
}

func (v1) compare(a, b User) int { return compareIDs(a, b, byNumber) }

// responseV1 is the body of v1's response.
type responseV1 struct {
	User    *[]userV1 `json:"user"`
	PageKey *string   `json:"pageKey"`
	Status  *struct {
		Code         enum   `json:"code"`
		StatusDetail string `json:"statusDetail"`
	} `json:"status"`
}

// userV1 is a user in v1's response.
type userV1 struct {
	ID         *digits  `json:"id"`
	Handle     *string  `json:"handle"`
	Type       *enum    `json:"type"`
	Comment    *string  `json:"comment"`
	TsCreate   *seconds `json:"tsCreate"`
	IDCreate   *digits  `json:"idCreate"`
	Email      *string  `json:"email"`
	UserStatus *enum    `json:"userStatus"`
	Role       []enum   `json:"role"`
}

// statusOK has the status codes of success: its name, its number 0, and "" for a missing code.
var statusOK = map[enum]bool{"OK": true, "0": true, "": true}

// retryableStatus has the status codes that Vectara documents as temporary, by name and number.
var retryableStatus = map[string]bool{
	"FAILURE": true, "UNKNOWN": true, "DEADLINE_EXCEEDED": true, "RESOURCE_EXHAUSTED": true,
	"ABORTED": true, "INTERNAL": true, "UNAVAILABLE": true, "TOO_MANY_REQUESTS": true,
	"INTERNAL_SERVER_ERROR": true, "SERVICE_UNAVAILABLE": true,
	"429": true, "500": true, "503": true,
}

// retryableGRPC has the retryable codes of google.rpc.Status. It does not have 1, which means CANCELLED in the body of an
// HTTP error, but FAILURE in the status of a 200.
var retryableGRPC = map[string]bool{"2": true, "4": true, "8": true, "10": true, "13": true, "14": true}

// decode decodes the body of a 200. It returns an error if the status in the body is a failure.
func (v1) decode(_ Query, body []byte) (users []User, nextPageKey string, err error) {
	var page responseV1
	if err := rest.Decode(body, &page); err != nil {
		return nil, "", err
	}
	if status := page.Status; status != nil && !statusOK[status.Code] {
		code := string(status.Code)
		return nil, "", &rest.Error{
			Code: code, Message: status.StatusDetail,
			Retryable:        retryableStatus[code] || code == "1" || retryableGRPC[code],
			Unauthorized:     code == "UNAUTHENTICATED" || code == "UNAUTHORIZED" || code == "16" || code == "401",
			DeadlineExceeded: code == "DEADLINE_EXCEEDED" || code == "4",
			RateLimited:      code == "RESOURCE_EXHAUSTED" || code == "8" || code == "TOO_MANY_REQUESTS" || code == "429",
		}
	}
	if page.User == nil && page.PageKey == nil && page.Status == nil {
		// A missing field means an empty field, but a response without any of the fields is not a listing.
		return nil, "", errors.New(`the response has none of "user", "pageKey" and "status"`)
	}
	if page.PageKey != nil {
		nextPageKey = *page.PageKey
	}
	if page.User == nil {
		return []User{}, nextPageKey, nil
	}
	users = make([]User, len(*page.User))
	for i, user := range *page.User {
		users[i] = user.user()
	}
	return users, nextPageKey, nil
}

func (u userV1) user() User {
	user := User{
		ID:         (*string)(u.ID),
		IDCreate:   (*string)(u.IDCreate),
		Handle:     u.Handle,
		Email:      u.Email,
		Comment:    u.Comment,
		Type:       (*string)(u.Type),
		UserStatus: (*string)(u.UserStatus),
		TsCreate:   (*int64)(u.TsCreate),
		Roles:      []string{},
		AppClient:  u.Type != nil && *u.Type == TypeAppClient,
	}
	for _, role := range u.Role {
		if role != "" { // "" is a null
			user.Roles = append(user.Roles, string(role))
		}
	}
	// With any other status, Enabled is unknown: some responses have USER_STATUS__NONE for an owner.
	if status := u.UserStatus; status != nil && (*status == statusActive || *status == statusDisabled) {
		enabled := *status == statusActive
		user.Enabled = &enabled
	}
	// Protocol buffers write an unset number as 0.
	if u.TsCreate != nil && *u.TsCreate != 0 {
		user.CreatedAt = inRFC3339(int64(*u.TsCreate))
	}
	return user
}

// enum is an enum value: its name, or its number if the gateway has no name for it.
type enum string

// UnmarshalJSON decodes a string or a number.
func (e *enum) UnmarshalJSON(text []byte) error {
	return unmarshalStringOrNumber(text, (*string)(e))
}

// digits is a number that serves as an ID, as a string of digits.
type digits string

// UnmarshalJSON decodes a whole number, at least 0, from a number or a string.
func (d *digits) UnmarshalJSON(text []byte) error {
	var written string
	if err := unmarshalStringOrNumber(text, &written); err != nil {
		return err
	}
	number, err := strconv.ParseUint(written, 10, 64)
	if err != nil {
		return errors.New("the id is not a whole number")
	}
	*d = digits(strconv.FormatUint(number, 10))
	return nil
}

// seconds is a time in seconds since the epoch.
type seconds int64

// UnmarshalJSON decodes a whole number from a string or a number.
func (s *seconds) UnmarshalJSON(text []byte) error {
	var written string
	if err := unmarshalStringOrNumber(text, &written); err != nil {
		return err
	}
	number, err := strconv.ParseInt(written, 10, 64)
	if err != nil {
		return errors.New("the time is not a whole number of seconds")
	}
	*s = seconds(number)
	return nil
}

// unmarshalStringOrNumber decodes a number or a string with a number. Protocol buffers write 64-bit numbers as strings
// and 32-bit numbers as numbers, and require every reader to accept both.
func unmarshalStringOrNumber(text []byte, into *string) error {
	if text[0] == '"' {
		return json.Unmarshal(text, into)
	}
	var number json.Number
	if err := json.Unmarshal(text, &number); err != nil {
		return errors.New("is neither a string nor a number")
	}
	*into = number.String()
	return nil
}
