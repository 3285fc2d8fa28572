package vectara

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Filter filters users after they are read. A user must match all fields that are not nil.
type Filter struct {
	// Roles are account-level roles, by their names in either version. A user with one of them matches.
	Roles []string
	// Statuses and Types are values of the user's status and type.
	Statuses, Types []string
	// Emails are mail addresses. ASCII letters match in upper and lower case.
	Emails []string
	// EmailPattern matches a part of the mail address, which is "" for a user without an address.
	EmailPattern *regexp.Regexp
	// Enabled must be equal to the user's Enabled. A user whose Enabled is nil does not match.
	Enabled *bool
}

// Apply returns the users who match, in the same order. It returns an error if the context ends.
func (f Filter) Apply(ctx context.Context, users []User) ([]User, error) {
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
		if err := ctx.Err(); err != nil {
			return nil, err
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
	return matched, nil
}

// normalAddress converts an address to Unicode NFC, as Terraform does with every string. It replaces the long s, which
// matches an s in a regular expression with the flag i. User.replaceKelvin has replaced the Kelvin sign, which matches a
// k.
func normalAddress(email string) string {
	return norm.NFC.String(strings.ReplaceAll(email, "\u017f", "\ufffd"))
}

func set(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// lowerASCII converts only ASCII letters to lower case. With other letters, the result could be an address in another
// domain: the lower case of İ (U+0130) begins with an ASCII i.
func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}
