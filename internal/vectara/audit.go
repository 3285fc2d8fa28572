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
	// Emails has the user's mail address, in upper or lower case of ASCII letters.
	Emails []string
	// EmailPattern matches somewhere in the user's mail address, which is "" where there is none.
	EmailPattern *regexp.Regexp
	// Enabled is what the user surely is.
	Enabled *bool
}

// Select returns the users who fulfil the criteria, in their order.
func Select(users []User, criteria Criteria) []User {
	emails := map[string]bool{} // not a slice: there may be as many addresses as users
	for _, email := range criteria.Emails {
		emails[lower(email)] = true
	}
	roles := map[string]bool{}
	for _, role := range criteria.Roles {
		roles[role] = true
	}
	holds := func(role string) bool { return roles[role] }
	selected := []User{}
	for _, user := range users {
		email := ""
		if user.Email != nil {
			email = *user.Email
		}
		if (criteria.Roles == nil || slices.ContainsFunc(user.Roles, holds)) &&
			among(criteria.Statuses, user.UserStatus) &&
			among(criteria.Types, user.Type) &&
			(criteria.Emails == nil || emails[lower(email)]) &&
			(criteria.EmailPattern == nil || criteria.EmailPattern.MatchString(asciiFold.Replace(email))) &&
			(criteria.Enabled == nil || user.Enabled != nil && *user.Enabled == *criteria.Enabled) {
			selected = append(selected, user)
		}
	}
	return selected
}

// lower changes the case of ASCII letters alone. With others, two addresses of different people may
// become the same: the lower case of the Kelvin sign is a k.
func lower(email string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, email)
}

// asciiFold replaces the two letters that match an ASCII letter in a regular expression with the flag i,
// the Kelvin sign and the long s.
var asciiFold = strings.NewReplacer("\u212a", "\ufffd", "\u017f", "\ufffd")

// among reports whether a value is one of a list. A nil list does not restrict it, and an unknown value
// is in no list.
func among(values []string, value *string) bool {
	return values == nil || value != nil && slices.Contains(values, *value)
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
