package vectara

// Summary has counts of users.
type Summary struct {
	// WithoutRole counts users without an account-level role. Privileged and AppClients count privileged users and app
	// clients.
	WithoutRole, Privileged, AppClients int64
	// ByRole counts users by account-level role, by its name in v2. A user with two roles counts in both. ByStatus and
	// ByType leave out users whose status or type is unknown.
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
