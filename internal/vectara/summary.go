package vectara

// Summary counts users. A user whose status or type is not known is in none of its counts.
type Summary struct {
	// WithoutRole are those without an account-level role, Privileged and AppClients those who are.
	WithoutRole, Privileged, AppClients int64
	// ByRole is by account-level role in v2's words; a user with two roles counts in both.
	ByRole, ByStatus, ByType map[string]int64
}

// Summarize counts users.
func Summarize(users []User) Summary {
	s := Summary{ByRole: map[string]int64{}, ByStatus: map[string]int64{}, ByType: map[string]int64{}}
	for i := range users {
		u := &users[i]
		roles := u.APIRoles()
		for _, role := range roles {
			s.ByRole[role]++
		}
		if len(roles) == 0 {
			s.WithoutRole++
		}
		if u.Privileged() {
			s.Privileged++
		}
		if u.AppClient {
			s.AppClients++
		}
		if u.UserStatus != nil {
			s.ByStatus[*u.UserStatus]++
		}
		if u.Type != nil {
			s.ByType[*u.Type]++
		}
	}
	return s
}
