package openlayer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Filter selects users of a result, because the API has no such filters. A user must match all fields that are not nil.
type Filter struct {
	// IDs contains the user's id.
	IDs []string
	// IDPattern matches a part of the user's id.
	IDPattern *regexp.Regexp
	// The user's last record is not before ActiveSince, and is before InactiveSince.
	ActiveSince, InactiveSince *time.Time
}

// Apply returns the users who match, in the same order. Without conditions, it returns users itself. It returns an
// error if the filter has a time and the last record of a user has no valid date, or if the context ends.
func (f Filter) Apply(ctx context.Context, users []User) ([]User, error) {
	if f.IDs == nil && f.IDPattern == nil && f.ActiveSince == nil && f.InactiveSince == nil {
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
		if f.ActiveSince != nil || f.InactiveSince != nil {
			lastRecord, err := parseTime(user.DateOfLastRecord)
			if err != nil {
				return nil, fmt.Errorf("the last record of user %.40q %w", user.ID, err)
			}
			if f.ActiveSince != nil && lastRecord.Before(*f.ActiveSince) || f.InactiveSince != nil && !lastRecord.Before(*f.InactiveSince) {
				continue
			}
		}
		matched = append(matched, user)
	}
	return matched, nil
}

func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, errors.New("has no date")
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("has the date %.40q, which is not in RFC 3339", text)
	}
	return at, nil
}
