package vectara

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The entitlements have the same names for users of either version.
func TestEntitlements(t *testing.T) {
	t.Parallel()
	text := func(text string) *string { return &text }
	yes, no := true, false
	policy := func(operations map[string]*OperationPolicy) *APIPolicy {
		return &APIPolicy{AllowedOperations: operations}
	}
	for name, test := range map[string]struct {
		user       User
		apiRoles   string
		want       string // scope, resource, role, and ! for privileged
		privileged bool
	}{
		"no roles":               {},
		"v1's owner":             {user: User{Roles: []string{"CustomerRole_Owner"}}, apiRoles: "owner", want: "account - owner!", privileged: true},
		"v2's owner":             {user: User{Roles: []string{"owner"}}, apiRoles: "owner", want: "account - owner!", privileged: true},
		"v1's other roles":       {user: User{Roles: []string{"CustomerRole_Admin", "CustomerRole_Billing_Admin", "CustomerRole_Corpus_Admin"}}, apiRoles: "administrator billing_administrator corpus_administrator", want: "account - administrator!, account - billing_administrator!, account - corpus_administrator!", privileged: true},
		"v1's new role":          {user: User{Roles: []string{"CustomerRole_Agent_Admin"}}, apiRoles: "CustomerRole_Agent_Admin", want: "account - CustomerRole_Agent_Admin!", privileged: true},
		"v1's CustomerRole_None": {user: User{Roles: []string{"CustomerRole_None"}}},
		"new roles":              {user: User{Roles: []string{"CustomerRole_New", "robot_administrator", "administrator_viewer", "owner_of_nothing"}}, apiRoles: "CustomerRole_New robot_administrator administrator_viewer owner_of_nothing", want: "account - CustomerRole_New, account - robot_administrator!, account - administrator_viewer, account - owner_of_nothing", privileged: true},
		"roles in other letters": {user: User{Roles: []string{"Owner", "ADMINISTRATOR", "agent_admin", " owner ", "customerrole_OWNER"}}, apiRoles: "Owner ADMINISTRATOR agent_admin  owner  customerrole_OWNER", want: "account - Owner!, account - ADMINISTRATOR!, account - agent_admin!, account -  owner !, account - customerrole_OWNER!", privileged: true},
		"a duplicate role":       {user: User{Roles: []string{"viewer", "viewer"}}, apiRoles: "viewer", want: "account - viewer"},
		"a corpus": {
			user: User{CorpusRoles: []CorpusRole{{CorpusKey: text("c"), Role: text("editor")}, {Role: text("administrator")}, {CorpusKey: text("d"), Role: text("owner")}, {CorpusKey: text("e")}}},
			want: "corpus c editor, corpus - administrator!, corpus d owner!, corpus e ", privileged: true,
		},
		"an agent": {
			user: User{AgentRoles: []AgentRole{{AgentKey: text("a"), Role: text("agent_user")}, {AgentKey: text("b"), Role: text("agent_administrator")}}},
			want: "agent a agent_user, agent b agent_administrator!", privileged: true,
		},
		"a viewer of one agent": {user: User{AgentRoles: []AgentRole{{AgentKey: text("a"), Role: text("agent_viewer")}}}, want: "agent a agent_viewer"},
		"operations": {
			user: User{APIPolicy: policy(map[string]*OperationPolicy{
				"b": {AllowedResources: map[string][]string{"path.corpus_key": {"z", "y", "z"}, "path.agent_key": {"x"}}},
				"a": nil,
				"c": {AllowAnyResource: &yes, AllowedResources: map[string][]string{"path.corpus_key": {"z"}}},
				"d": {AllowAnyResource: &no},
			})},
			want: "operation - a!, operation x b!, operation y b!, operation z b!, operation - c!, operation - d!", privileged: true,
		},
		"a duplicate corpus role": {
			user: User{CorpusRoles: []CorpusRole{{CorpusKey: text("c"), Role: text("editor")}, {CorpusKey: text("c"), Role: text("editor")}}},
			want: "corpus c editor",
		},
		"an empty policy":             {user: User{APIPolicy: policy(nil)}},
		"a policy without operations": {user: User{APIPolicy: &APIPolicy{Name: text("all")}}, want: "operation - any operation!", privileged: true},
	} {
		if got := strings.Join(test.user.APIRoles(), " "); got != test.apiRoles {
			t.Errorf("%s: got the roles %q, want %q", name, got, test.apiRoles)
		}
		rows := []string{}
		for _, e := range test.user.Entitlements() {
			resource := "-"
			if e.Resource != nil {
				resource = *e.Resource
			}
			rows = append(rows, fmt.Sprintf("%s %s %s%s", e.Scope, resource, e.Role, map[bool]string{true: "!"}[e.Privileged]))
		}
		if got := strings.Join(rows, ", "); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
		if got := test.user.Privileged(); got != test.privileged {
			t.Errorf("%s: privileged is %v", name, got)
		}
	}
	for _, name := range RolesV1[:len(RolesV1)-1] {
		if !slices.Contains(RolesV2, apiRole(name)) {
			t.Errorf("v2 has no %s, which is %s of v1", apiRole(name), name)
		}
	}
}

// An app client that is in both listings is one user, with the entitlements of both.
func TestWithAppClients(t *testing.T) {
	t.Parallel()
	text := func(text string) *string { return &text }
	yes := true
	policy := func(operations map[string]*OperationPolicy) *APIPolicy {
		return &APIPolicy{AllowedOperations: operations}
	}
	users := []User{{ID: text("usr_1"), Roles: []string{"viewer"}}, {ID: text("app_2"), Email: text("e"), Roles: []string{"viewer"}, CorpusRoles: []CorpusRole{{CorpusKey: text("a")}}, APIPolicy: policy(map[string]*OperationPolicy{"a": {AllowedResources: map[string][]string{"x": {"1"}}}})}, {ID: text("")}}
	clients := []User{
		{ID: text("app_2"), AppClient: true, Handle: text("h"), Roles: []string{"owner", "viewer"}, CorpusRoles: []CorpusRole{{Role: text("editor")}},
			APIPolicy: policy(map[string]*OperationPolicy{"a": {AllowedResources: map[string][]string{"x": {"2"}}}, "b": {AllowAnyResource: &yes}})},
		{ID: text("app_3"), AppClient: true}, {ID: text(""), AppClient: true},
	}
	got := withAppClients(users, clients)
	if len(got) != 5 || got[0].AppClient || got[1].AppClient != true || deref(got[1].Type) != TypeAppClient || deref(got[1].Email) != "e" || deref(got[1].Handle) != "h" ||
		!slices.Equal(got[1].Roles, []string{"owner", "viewer"}) || len(got[1].CorpusRoles) != 2 || got[1].CorpusRoles[0].CorpusKey != nil || got[2].AppClient || !got[3].AppClient || !got[4].AppClient {
		t.Errorf("got %+v", got)
	}
	if operations := got[1].APIPolicy.AllowedOperations; len(operations) != 2 || operations["a"] != nil || operations["b"] == nil || len(users[1].APIPolicy.AllowedOperations) != 1 {
		t.Errorf("the policy is %+v", operations)
	}
	named, operation := &APIPolicy{Name: text("all")}, policy(map[string]*OperationPolicy{"a": nil})
	for _, merged := range []*APIPolicy{named.with(operation), operation.with(named)} {
		user := User{APIPolicy: merged}
		if got := user.Entitlements(); len(got) != 2 || got[0].Role != "a" || got[1] != (Entitlement{ScopeOperation, nil, anyOperation, true}) {
			t.Errorf("the merged policy gives %+v, want a and any operation", got)
		}
	}
	if users[1].AppClient {
		t.Error("withAppClients has changed its argument")
	}

	no, created := false, int64(1)
	full := User{
		ID: text("app_2"), AppClient: true, Type: text(TypeAppClient), Handle: text("h"), Email: text("e"), Comment: text("c"), Enabled: &no, UserStatus: text(statusDisabled),
		TsCreate: &created, CreatedAt: text("t"), UpdatedAt: text("u"), Roles: []string{"r"}, CorpusRoles: []CorpusRole{{}}, AgentRoles: []AgentRole{{}}, APIPolicy: &APIPolicy{},
	}
	later := int64(2)
	other := User{
		ID: text("app_2"), AppClient: true, Handle: text("x"), Email: text("x"), Comment: text("x"), Enabled: &yes, UserStatus: text(statusActive),
		TsCreate: &later, CreatedAt: text("x"), UpdatedAt: text("x"),
	}
	for name, pair := range map[string][2]User{
		"the user has only an ID":       {{ID: full.ID}, full},
		"the app client has only an ID": {full, {ID: full.ID}},
		"both have all fields":          {full, other},
	} {
		if got := withAppClients(pair[:1], pair[1:]); len(got) != 1 || !reflect.DeepEqual(got[0], full) {
			t.Errorf("%s: got %+v, want %+v", name, got, full)
		}
	}
}

// The limit counts all roles, operations and resources of a user.
func TestCheckEntitlements(t *testing.T) {
	t.Parallel()
	operations := func(n int, policy *OperationPolicy) *APIPolicy {
		all := map[string]*OperationPolicy{}
		for i := range n {
			all[strconv.Itoa(i)] = policy
		}
		return &APIPolicy{AllowedOperations: all}
	}
	for name, user := range map[string]func(n int) User{
		"roles":        func(n int) User { return User{Roles: make([]string, n)} },
		"corpus roles": func(n int) User { return User{CorpusRoles: make([]CorpusRole, n)} },
		"agent roles":  func(n int) User { return User{AgentRoles: make([]AgentRole, n)} },
		"operations":   func(n int) User { return User{APIPolicy: operations(n, nil)} },
		"resources": func(n int) User {
			return User{APIPolicy: operations(1, &OperationPolicy{AllowedResources: map[string][]string{"x": make([]string, n/2), "y": make([]string, n-1-n/2)}})}
		},
		"all": func(n int) User {
			return User{Roles: make([]string, n-4), CorpusRoles: make([]CorpusRole, 1), AgentRoles: make([]AgentRole, 1), APIPolicy: operations(2, &OperationPolicy{})}
		},
	} {
		most, more := user(100_000), user(100_001)
		if err := most.checkEntitlements(); err != nil {
			t.Errorf("%s: 100,000 are an error: %v", name, err)
		}
		if err := more.checkEntitlements(); err == nil || !strings.Contains(err.Error(), "has 100001 roles, operations and resources, and may have at most 100000") {
			t.Errorf("%s: 100,001 got %v", name, err)
		}
	}
}

// The entitlements distinguish a missing key from an empty key.
func TestEntitlementsWithoutKey(t *testing.T) {
	t.Parallel()
	empty, role := "", "editor"
	user := User{CorpusRoles: []CorpusRole{{&empty, &role}, {nil, &role}}}
	user.sortLists()
	if got := user.Entitlements(); len(got) != 2 || got[0].Resource != nil || got[1].Resource == nil {
		t.Errorf("got %+v", got)
	}
}
