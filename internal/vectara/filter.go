package vectara

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Filter keeps users who have been read; the API knows nothing of it. A user has to match all that is set;
// nil matches every user.
type Filter struct {
	// Roles has at least one of the user's account-level roles, in the words of either version.
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
	roles, statuses, types := map[string]bool{}, set(f.Statuses), set(f.Types)
	for _, role := range f.Roles {
		roles[apiRole(role)] = true
	}
	emails := map[string]bool{}
	for _, email := range f.Emails {
		emails[lowerASCII(normalAddress(email))] = true
	}
	matched := []User{}
	for _, user := range users {
		if ctx.Err() != nil {
			break
		}
		email := normalAddress(deref(user.Email))
		if (f.Roles == nil || slices.ContainsFunc(user.Roles, func(role string) bool { return roles[apiRole(role)] })) &&
			(f.Statuses == nil || user.UserStatus != nil && statuses[*user.UserStatus]) &&
			(f.Types == nil || user.Type != nil && types[*user.Type]) &&
			(f.Emails == nil || emails[lowerASCII(email)]) &&
			(f.EmailPattern == nil || f.EmailPattern.MatchString(email)) &&
			(f.Enabled == nil || user.Enabled != nil && *user.Enabled == *f.Enabled) {
			matched = append(matched, user)
		}
	}
	return matched
}

// notASCII replaces the two letters that match an ASCII letter in a regular expression with the flag i: the Kelvin
// sign, which is also a K in Unicode NFC, and the long s.
var notASCII = strings.NewReplacer("\u212a", "\ufffd", "\u017f", "\ufffd")

// normalAddress is an address in Unicode NFC, in which Terraform stores every string, without these letters.
func normalAddress(email string) string { return norm.NFC.String(notASCII.Replace(email)) }

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
