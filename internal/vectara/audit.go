package vectara

import (
	"regexp"
	"slices"
	"strings"
)

// Criteria select among users who have been read; the API knows nothing of them. A user has to
// fulfil all that are set; nil does not ask.
type Criteria struct {
	// Roles has at least one of the user's account-level roles.
	Roles []string
	// Statuses and Types have the user's.
	Statuses, Types []string
	// Emails has the user's mail address, in whatever case.
	Emails []string
	// EmailPattern matches somewhere in the user's mail address, which is "" where there is none.
	EmailPattern *regexp.Regexp
}

// Select returns the users who fulfil the criteria, in their order.
func Select(users []User, criteria Criteria) []User {
	selected := []User{}
	for _, user := range users {
		if criteria.fulfilledBy(user) {
			selected = append(selected, user)
		}
	}
	return selected
}

func (c Criteria) fulfilledBy(user User) bool {
	email := ""
	if user.Email != nil {
		email = *user.Email
	}
	isEmail := func(other string) bool { return strings.EqualFold(other, email) }
	holds := func(role string) bool { return slices.Contains(c.Roles, role) }
	return (c.Roles == nil || slices.ContainsFunc(user.Roles, holds)) &&
		among(c.Statuses, user.UserStatus) &&
		among(c.Types, user.Type) &&
		(c.Emails == nil || slices.ContainsFunc(c.Emails, isEmail)) &&
		(c.EmailPattern == nil || c.EmailPattern.MatchString(email))
}

// among tells whether a value is one of those that are asked for. One that is not known is none.
func among(asked []string, value *string) bool {
	return asked == nil || value != nil && slices.Contains(asked, *value)
}

// Summary counts users. Whose status or type is not known is in none of its counts.
type Summary struct {
	ByRole, ByStatus, ByType map[string]int64
}

// Summarize counts users; one with two roles counts in both.
func Summarize(users []User) Summary {
	s := Summary{ByRole: map[string]int64{}, ByStatus: map[string]int64{}, ByType: map[string]int64{}}
	for _, user := range users {
		for i, role := range user.Roles {
			if !slices.Contains(user.Roles[:i], role) {
				s.ByRole[role]++
			}
		}
		if user.UserStatus != nil {
			s.ByStatus[*user.UserStatus]++
		}
		if user.Type != nil {
			s.ByType[*user.Type]++
		}
	}
	return s
}
