package vectara

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// User is a member of an account: a person, or an app client. A field that the version of the API does not have is nil.
type User struct {
	// ID is a number in digits in v1, at most 4294967295, and a string (usr_..., app_...) in v2.
	ID *string
	// Handle is the user's name.
	Handle, Email, Comment *string
	// AppClient is true for a program, false for a person.
	AppClient bool
	// Type is an enum value of v1. In v2, only app clients have a type.
	Type *string
	// UserStatus is an enum value of v1. In v2, the client makes it from Enabled. In v1, Enabled is nil if the status is
	// neither active nor disabled.
	UserStatus *string
	Enabled    *bool
	// Roles are account-level roles by their names in the version: see [User.APIRoles]. Some responses have an owner
	// without roles.
	Roles []string
	// TsCreate is in seconds since the epoch. In v1, 0 means unknown. CreatedAt is the same time in RFC 3339, nil for
	// unknown.
	TsCreate  *int64
	CreatedAt *string
	// IDCreate is the ID of the user who created this user. v1 only.
	IDCreate *string
	// UpdatedAt is a time in RFC 3339. v2 only.
	UpdatedAt *string
	// CorpusRoles and AgentRoles are nil in v1, and never nil in v2.
	CorpusRoles []CorpusRole
	AgentRoles  []AgentRole
	// APIPolicy is nil in v1, and for a user without a policy.
	APIPolicy *APIPolicy
}

// CorpusRole is a role in a corpus.
type CorpusRole struct {
	CorpusKey *string `json:"corpus_key"`
	Role      *string `json:"role"`
}

// AgentRole is a role in an agent.
type AgentRole struct {
	AgentKey *string `json:"agent_key"`
	Role     *string `json:"role"`
}

// identity returns a text that identifies the user in a listing: the ID, or all fields of a user without an ID. unique
// is true for an ID.
func (u *User) identity() (text string, unique bool) {
	if u.hasID() {
		return *u.ID, true
	}
	return "without an id: " + string(encode(u)), false
}

// hasID returns whether the user has an ID. v1 writes an unset ID as 0.
func (u *User) hasID() bool { return u.ID != nil && *u.ID != "" && *u.ID != "0" }

// encode returns a value as JSON without escapes for HTML, with which a text could need six times the memory. The value
// has only strings and numbers.
func encode(value any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // no error
	return text.Bytes()
}

// memoryOf estimates the memory of users, in bytes.
func memoryOf(users []User) int {
	const (
		each    = 320 // the struct, its pointers, and the entry in the set of known users
		perRole = 80
		perMap  = 480 // a map has space for eight elements
	)
	size := each * len(users)
	add := func(texts ...*string) {
		for _, text := range texts {
			if text != nil {
				size += len(*text)
			}
		}
	}
	for i := range users {
		u := &users[i]
		add(u.ID, u.Handle, u.Email, u.Comment, u.Type, u.UserStatus, u.CreatedAt, u.UpdatedAt)
		for _, role := range u.Roles {
			size += len(role)
		}
		for _, role := range u.CorpusRoles {
			add(role.CorpusKey, role.Role)
		}
		for _, role := range u.AgentRoles {
			add(role.AgentKey, role.Role)
		}
		size += perRole * (len(u.Roles) + len(u.CorpusRoles) + len(u.AgentRoles))
		if u.APIPolicy != nil {
			size += perRole + perMap + len(deref(u.APIPolicy.Name))
			for operation, policy := range u.APIPolicy.AllowedOperations {
				size += perRole + len(operation)
				if policy == nil {
					continue
				}
				size += perMap
				for parameter, keys := range policy.AllowedResources {
					size += perRole + len(parameter)
					for _, key := range keys {
						size += perRole + len(key)
					}
				}
			}
		}
	}
	return size
}

// The values of v1's status for enabled and disabled users, and for no status.
const (
	statusActive   = "USER_STATUS__ACTIVE"
	statusDisabled = "USER_STATUS__DISABLED"
	statusNone     = "USER_STATUS__NONE"
)

// The values that Vectara's document of REST v1 has. A response may have other values.
var (
	// Statuses are the values of UserStatus.
	Statuses = []string{statusActive, statusDisabled, statusNone}
	// Types are the values of Type.
	Types = []string{"USER_TYPE__USER", "USER_TYPE__FEDERATED_USER", TypeAppClient, "USER_TYPE__NONE"}
)

// compareIDs orders users by ID, with the function compare. Users without an ID come last, by their texts and roles. It
// does not use identity: for 100,000 users without an ID, encoding both users in each comparison took ten seconds.
func compareIDs(a, b User, compare func(a, b string) int) int {
	switch {
	case a.hasID() && b.hasID():
		return compare(*a.ID, *b.ID)
	case a.hasID():
		return -1
	case b.hasID():
		return 1
	}
	return cmp.Or(
		compareTexts(a.Handle, b.Handle), compareTexts(a.Email, b.Email), compareTexts(a.Comment, b.Comment),
		compareTexts(a.Type, b.Type), compareTexts(a.UserStatus, b.UserStatus), compareTexts(a.IDCreate, b.IDCreate),
		compareTexts(a.CreatedAt, b.CreatedAt), compareTexts(a.UpdatedAt, b.UpdatedAt),
		slices.Compare(a.Roles, b.Roles), slices.CompareFunc(a.CorpusRoles, b.CorpusRoles, compareCorpusRoles),
		slices.CompareFunc(a.AgentRoles, b.AgentRoles, compareAgentRoles),
	)
}

func compareCorpusRoles(a, b CorpusRole) int {
	return cmp.Or(compareTexts(a.CorpusKey, b.CorpusKey), compareTexts(a.Role, b.Role))
}

func compareAgentRoles(a, b AgentRole) int {
	return cmp.Or(compareTexts(a.AgentKey, b.AgentKey), compareTexts(a.Role, b.Role))
}

// compareTexts orders texts. nil comes before "".
func compareTexts(a, b *string) int {
	switch {
	case a != nil && b != nil:
		return strings.Compare(*a, *b)
	case a != nil:
		return 1
	case b != nil:
		return -1
	}
	return 0
}

// sortLists sorts the roles and the keys of resources. Their order has no meaning, and if the vendor returns another
// order for the same user, the plan must not show a change.
func (u *User) sortLists() {
	slices.Sort(u.Roles)
	slices.SortFunc(u.CorpusRoles, compareCorpusRoles)
	slices.SortFunc(u.AgentRoles, compareAgentRoles)
	if u.APIPolicy == nil {
		return
	}
	for _, policy := range u.APIPolicy.AllowedOperations {
		if policy != nil {
			for _, keys := range policy.AllowedResources {
				slices.Sort(keys)
			}
		}
	}
}

// replaceKelvin replaces the Kelvin sign in the names of the user. Unicode NFC, in which Terraform stores every string,
// changes it to K, so that a rule would see an address of another domain.
func (u *User) replaceKelvin() {
	for _, name := range []*string{u.Email, u.Handle} {
		if name != nil {
			*name = strings.ReplaceAll(*name, "\u212a", "\ufffd")
		}
	}
}

// inRFC3339 formats seconds since the epoch. It returns nil if the year is not from 0 to 9999, as RFC 3339 requires.
func inRFC3339(seconds int64) *string {
	at := time.Unix(seconds, 0).UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return nil
	}
	text := at.Format(time.RFC3339)
	return &text
}

// byNumber compares numbers in digits, without leading zeros. The longer number is the larger number.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
