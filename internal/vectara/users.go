package vectara

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/rest"
)

// User is a member of an account. Fields that the API leaves out are nil.
type User struct {
	// ID and IDCreate, the user who created this one, are numbers in digits, at most 4294967295.
	ID, IDCreate *string
	// Handle is the user's name.
	Handle, Email, Comment *string
	// Type and UserStatus are the API's enum values, or ones that it has got since.
	Type, UserStatus *string
	// Roles are the API's enum values. Empty proves nothing: an owner was seen without any.
	Roles []string
	// TsCreate is in seconds since the epoch, and 0 where the API does not know.
	TsCreate *int64
}

// byID orders users by their ids as numbers, users without one last.
func byID(a, b User) int {
	switch {
	case a.ID == nil || b.ID == nil:
		return cmp.Compare(boolToInt(a.ID == nil), boolToInt(b.ID == nil))
	case len(*a.ID) != len(*b.ID): // digits without a leading zero: the longer is the larger
		return cmp.Compare(len(*a.ID), len(*b.ID))
	}
	return strings.Compare(*a.ID, *b.ID)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// answer is the body of the API's answer.
type answer struct {
	User    *[]item `json:"user"`
	PageKey *string `json:"pageKey"`
	Status  *struct {
		Code         enum   `json:"code"`
		StatusDetail string `json:"statusDetail"`
	} `json:"status"`
}

// item is a user as the API writes it.
type item struct {
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

// statusOK is the status code of success; 0 is its number, and what is left out.
var statusOK = map[enum]bool{"OK": true, "0": true, "": true}

// retryStatus has the status codes that Vectara documents as worth another try, by name and number.
var retryStatus = map[string]bool{
	"FAILURE": true, "UNKNOWN": true, "DEADLINE_EXCEEDED": true, "RESOURCE_EXHAUSTED": true,
	"ABORTED": true, "INTERNAL": true, "UNAVAILABLE": true, "TOO_MANY_REQUESTS": true,
	"INTERNAL_SERVER_ERROR": true, "SERVICE_UNAVAILABLE": true,
	"429": true, "500": true, "503": true,
}

// retryGRPC has the codes of google.rpc.Status among them: in the body of an HTTP error, 1 stands
// for CANCELLED, where in the status of a 200 it stands for FAILURE.
var retryGRPC = map[string]bool{"2": true, "4": true, "8": true, "10": true, "13": true, "14": true}

// decodeListing reads the body of an answer with an HTTP status of 200, which may carry a failure
// all the same.
func decodeListing(body []byte) (Listing, error) {
	var page answer
	if err := rest.Decode(body, &page); err != nil {
		return Listing{}, err
	}
	if status := page.Status; status != nil && !statusOK[status.Code] {
		code := string(status.Code)
		return Listing{}, rest.Refused(rest.Refusal{
			Code:    code,
			Message: status.StatusDetail,
			Again:   retryStatus[code] || code == "1" || retryGRPC[code],
		})
	}
	if page.User == nil && page.PageKey == nil && page.Status == nil {
		// A field that is left out is an empty one, but an answer without any is not a listing.
		return Listing{}, errors.New(`the answer has none of "user", "pageKey" and "status"`)
	}
	var result Listing
	if page.PageKey != nil {
		result.NextPageKey = *page.PageKey
	}
	if page.User == nil {
		return result, nil
	}
	result.Users = make([]User, len(*page.User))
	for i, item := range *page.User {
		user := User{
			ID:         (*string)(item.ID),
			IDCreate:   (*string)(item.IDCreate),
			Handle:     item.Handle,
			Email:      item.Email,
			Comment:    item.Comment,
			Type:       (*string)(item.Type),
			UserStatus: (*string)(item.UserStatus),
			TsCreate:   (*int64)(item.TsCreate),
			Roles:      []string{},
		}
		for _, role := range item.Role {
			if role != "" { // a null
				user.Roles = append(user.Roles, string(role))
			}
		}
		result.Users[i] = user
	}
	return result, nil
}

// enum is an enum value: its name, or the number of one that the gateway has no name for.
type enum string

// UnmarshalJSON reads a string or a number.
func (e *enum) UnmarshalJSON(text []byte) error {
	return unmarshalStringOrNumber(text, (*string)(e))
}

// digits is a number that serves as a name, in digits.
type digits string

// UnmarshalJSON reads a whole number of at least zero, written as a number or a string.
func (d *digits) UnmarshalJSON(text []byte) error {
	var written string
	if err := unmarshalStringOrNumber(text, &written); err != nil {
		return err
	}
	number, err := strconv.ParseUint(written, 10, 64)
	if err != nil {
		return fmt.Errorf("the id %.40q is not a whole number", written)
	}
	*d = digits(strconv.FormatUint(number, 10))
	return nil
}

// seconds is a time in seconds since the epoch.
type seconds int64

// UnmarshalJSON reads a whole number, written as a string or a number.
func (s *seconds) UnmarshalJSON(text []byte) error {
	var written string
	if err := unmarshalStringOrNumber(text, &written); err != nil {
		return err
	}
	number, err := strconv.ParseInt(written, 10, 64)
	if err != nil {
		return fmt.Errorf("the time %.40q is not a whole number of seconds", written)
	}
	*s = seconds(number)
	return nil
}

// unmarshalStringOrNumber reads either way in which protocol buffers may write a number: those of
// 64 bits are written as strings, those of 32 as numbers, and every reader takes both.
func unmarshalStringOrNumber(text []byte, into *string) error {
	if text[0] == '"' {
		return json.Unmarshal(text, into)
	}
	var number json.Number
	if err := json.Unmarshal(text, &number); err != nil {
		return fmt.Errorf("%.40q is neither a string nor a number", text)
	}
	*into = number.String()
	return nil
}
