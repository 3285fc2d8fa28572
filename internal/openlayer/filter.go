package openlayer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Filter keeps users who have been read; the API knows nothing of it. A user has to match all that is set.
type Filter struct {
	// IDs has the user's id; nil matches every user.
	IDs []string
	// IDPattern matches somewhere in the user's id; nil matches every user.
	IDPattern *regexp.Regexp
	// ActiveSince is at or before the user's last record, InactiveSince after it; zero matches every user.
	ActiveSince, InactiveSince time.Time
}

// Apply returns the users who match, in their order; without a filter, the very list that it was given. It
// returns an error when there is a time and a user's last record has none: the user might belong to either
// side. It stops when the context ends, with that error.
func (f Filter) Apply(ctx context.Context, users []User) ([]User, error) {
	if f.IDs == nil && f.IDPattern == nil && f.ActiveSince.IsZero() && f.InactiveSince.IsZero() {
		return users, nil
	}
	ids := make(map[string]bool, len(f.IDs))
	for _, id := range f.IDs {
		ids[id] = true
	}
	matched := []User{}
	for _, user := range users {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.IDs != nil && !ids[user.ID] || f.IDPattern != nil && !f.IDPattern.MatchString(user.ID) {
			continue
		}
		match, err := f.matchesTime(user)
		if err != nil {
			return nil, fmt.Errorf("the last record of user %.40q %w", user.ID, err)
		}
		if match {
			matched = append(matched, user)
		}
	}
	return matched, nil
}

func (f Filter) matchesTime(user User) (bool, error) {
	if f.ActiveSince.IsZero() && f.InactiveSince.IsZero() {
		return true, nil
	}
	last, err := parseTime(user.DateOfLastRecord)
	if err != nil {
		return false, err
	}
	return (f.ActiveSince.IsZero() || !last.Before(f.ActiveSince)) &&
		(f.InactiveSince.IsZero() || last.Before(f.InactiveSince)), nil
}

func parseTime(text *string) (time.Time, error) {
	if text == nil {
		return time.Time{}, errors.New("has no date")
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil {
		return time.Time{}, fmt.Errorf("has the date %.40q, which is not in RFC 3339", *text)
	}
	return at, nil
}
