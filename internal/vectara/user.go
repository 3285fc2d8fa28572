package vectara

import (
	"cmp"
	"encoding/json"
	"time"
)

// User is a member of an account: a person, or an app client. What a version of the API does not have is
// nil.
type User struct {
	// ID is a number in digits, at most 4294967295, in v1, and a text (usr_..., app_...) in v2.
	ID *string
	// Handle is the user's name.
	Handle, Email, Comment *string
	// AppClient says whether the user is a program.
	AppClient bool
	// Type is one of v1's enum values, or one that it has got since. With v2 it is set for app clients alone.
	Type *string
	// UserStatus is one of v1's enum values, which v2's "enabled" is translated to. Enabled is nil
	// where the status says neither.
	UserStatus *string
	Enabled    *bool
	// Roles are account-level roles in the words of the version; see [User.APIRoles]. Empty proves nothing:
	// an owner was seen without any.
	Roles []string
	// TsCreate is in seconds since the epoch, and 0 where v1 does not know. CreatedAt is the same
	// time in RFC 3339, nil where it is not known.
	TsCreate  *int64
	CreatedAt *string
	// IDCreate is the user who created this one; v1 only.
	IDCreate *string
	// UpdatedAt is in RFC 3339; v2 only.
	UpdatedAt *string
	// CorpusRoles and AgentRoles are nil in v1, and never nil in v2.
	CorpusRoles []CorpusRole
	AgentRoles  []AgentRole
	// APIPolicy is nil where there is none, and in v1.
	APIPolicy *APIPolicy
}

// CorpusRole is a role in one corpus.
type CorpusRole struct {
	CorpusKey *string `json:"corpus_key"`
	Role      *string `json:"role"`
}

// AgentRole is a role at one agent.
type AgentRole struct {
	AgentKey *string `json:"agent_key"`
	Role     *string `json:"role"`
}

// identity distinguishes the users of a listing: it is the id, or, without one, all that is known of the
// user. v1 writes a number that is not set as 0.
func (u *User) identity() (text string, unique bool) {
	if u.ID != nil && *u.ID != "" && *u.ID != "0" {
		return *u.ID, true
	}
	all, _ := json.Marshal(u) // which has nothing but strings and numbers
	return "without an id: " + string(all), false
}

// memoryOf is about how much memory users take, in bytes.
func memoryOf(users []User) int {
	const (
		each    = 320 // the struct, what it points to, and the user's place among those known
		perRole = 80
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
			size += perRole + len(deref(u.APIPolicy.Name))
			for operation, policy := range u.APIPolicy.AllowedOperations {
				size += perRole + len(operation)
				if policy == nil {
					continue
				}
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

// v1's words for whether a user is enabled.
const (
	statusActive   = "USER_STATUS__ACTIVE"
	statusDisabled = "USER_STATUS__DISABLED"
)

// compareIDs orders users by a comparison of their ids, those without one last, by name and address.
func compareIDs(a, b User, compare func(a, b string) int) int {
	switch {
	case a.ID == nil && b.ID == nil:
		return cmp.Or(cmp.Compare(deref(a.Handle), deref(b.Handle)), cmp.Compare(deref(a.Email), deref(b.Email)))
	case a.ID == nil:
		return 1
	case b.ID == nil:
		return -1
	}
	return compare(*a.ID, *b.ID)
}

// inRFC3339 writes seconds since the epoch, which RFC 3339 can up to the year 9999.
func inRFC3339(seconds int64) *string {
	at := time.Unix(seconds, 0).UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return nil
	}
	text := at.Format(time.RFC3339)
	return &text
}

// byNumber compares numbers in digits, without zeros in front: the longer is the larger.
func byNumber(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
