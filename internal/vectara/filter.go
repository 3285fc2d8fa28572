package vectara

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// Filter keeps users who have been read; the API knows nothing of it. A user has to match all that is set;
// nil matches every user.
type Filter struct {
	// Roles has at least one of the user's account-level roles.
	Roles []string
	// Statuses and Types have the user's.
	Statuses, Types []string
	// Emails has the user's mail address, with no regard to ASCII case.
	Emails []string
	// EmailPattern matches somewhere in the user's mail address, which is "" where there is none.
	EmailPattern *regexp.Regexp
	// Enabled is what the user surely is.
	Enabled *bool
}

// Apply returns the users who match, in their order. It stops when the context ends; what it returns then is
// not all of them.
func (f Filter) Apply(ctx context.Context, users []User) []User {
	roles, statuses, types := set(f.Roles), set(f.Statuses), set(f.Types)
	emails := map[string]bool{}
	for _, email := range f.Emails {
		emails[lowerASCII(email)] = true
	}
	matched := []User{}
	for _, user := range users {
		if ctx.Err() != nil {
			break
		}
		email := ""
		if user.Email != nil {
			email = *user.Email
		}
		if (f.Roles == nil || slices.ContainsFunc(user.Roles, func(role string) bool { return roles[role] })) &&
			(f.Statuses == nil || user.UserStatus != nil && statuses[*user.UserStatus]) &&
			(f.Types == nil || user.Type != nil && types[*user.Type]) &&
			(f.Emails == nil || emails[lowerASCII(email)]) &&
			(f.EmailPattern == nil || f.EmailPattern.MatchString(onlyASCIIFolds.Replace(email))) &&
			(f.Enabled == nil || user.Enabled != nil && *user.Enabled == *f.Enabled) {
			matched = append(matched, user)
		}
	}
	return matched
}

// onlyASCIIFolds replaces the two letters that match an ASCII letter in a regular expression with the flag
// i: the Kelvin sign and the long s.
var onlyASCIIFolds = strings.NewReplacer("\u212a", "\ufffd", "\u017f", "\ufffd")

func set(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// lowerASCII folds the case of ASCII letters alone. In other alphabets the lower case of one letter may be
// another domain's letter: that of İ (U+0130) begins with a plain i.
func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// Summary counts users. Whose status or type is not known is in none of its counts.
type Summary struct {
	ByRole, ByStatus, ByType map[string]int64
}

// Summarize counts users; one with two roles counts in both.
func Summarize(users []User) Summary {
	s := Summary{ByRole: map[string]int64{}, ByStatus: map[string]int64{}, ByType: map[string]int64{}}
	last := map[string]int{} // the user who was counted last for a role, since a user may have a role twice
	for i, user := range users {
		for _, role := range user.Roles {
			if last[role] != i+1 {
				last[role] = i + 1
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
