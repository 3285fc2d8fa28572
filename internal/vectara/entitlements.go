package vectara

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// The account-level roles that Vectara documents. There may be others by now: a response may have any
// name.
var (
	// RolesV1 are the names in REST v1.
	RolesV1 = []string{"CustomerRole_Owner", "CustomerRole_Admin", "CustomerRole_Billing_Admin", "CustomerRole_Corpus_Admin", roleNone}
	// RolesV2 are the names in REST v2.
	RolesV2 = []string{
		roleOwner, "administrator", "billing_administrator", "corpus_administrator", "corpus_developer", "corpus_viewer", "viewer",
		"agent_administrator", "agent_developer", "agent_viewer", "agent_user", "pipeline_administrator", "pipeline_viewer",
	}
)

const (
	roleNone  = "CustomerRole_None" // v1's word for no role
	roleOwner = "owner"
)

// fromV1 has v2's name of a role of v1.
var fromV1 = map[string]string{
	"CustomerRole_Owner":         roleOwner,
	"CustomerRole_Admin":         "administrator",
	"CustomerRole_Billing_Admin": "billing_administrator",
	"CustomerRole_Corpus_Admin":  "corpus_administrator",
}

// apiRole is a role in v2's words. What has no word there stays as it is.
func apiRole(role string) string {
	if name, ok := fromV1[role]; ok {
		return name
	}
	return role
}

// APIRoles are the account-level roles in v2's words, whichever version they come from, each once.
func (u *User) APIRoles() []string {
	roles := make([]string, 0, len(u.Roles))
	seen := make(map[string]bool, len(u.Roles))
	for _, role := range u.Roles {
		if name := apiRole(role); role != roleNone && !seen[name] {
			seen[name], roles = true, append(roles, name)
		}
	}
	return roles
}

// The scopes of an [Entitlement]. v1 has the first alone.
const (
	ScopeAccount   = "account"
	ScopeCorpus    = "corpus"
	ScopeAgent     = "agent"
	ScopeOperation = "operation"
)

// Scopes are the scopes of which a version of the API has the entitlements.
func Scopes(version string) []string {
	if version == V1 {
		return []string{ScopeAccount}
	}
	return []string{ScopeAccount, ScopeCorpus, ScopeAgent, ScopeOperation}
}

// Entitlement is something that a user may do.
type Entitlement struct {
	// Scope is one of [ScopeAccount], [ScopeCorpus], [ScopeAgent] and [ScopeOperation].
	Scope string
	// Resource is the key of the corpus or agent; nil for the account, and for any resource.
	Resource *string
	// Role is a role in v2's words, or the name of an operation.
	Role string
	// Privileged says that it is the role of an owner or of any administrator, or an operation, which somebody
	// has allowed by hand.
	Privileged bool
}

// Entitlements are all that the user may do, as far as the version of the API has it.
func (u *User) Entitlements() []Entitlement {
	all := []Entitlement{}
	seen := map[[3]string]bool{} // since a user may be in two listings
	add := func(e Entitlement) {
		if key := [3]string{e.Scope, deref(e.Resource), e.Role}; !seen[key] {
			seen[key], all = true, append(all, e)
		}
	}
	role := func(scope string, resource *string, role string) {
		add(Entitlement{scope, resource, role, isPrivileged(role)})
	}
	for _, name := range u.APIRoles() {
		role(ScopeAccount, nil, name)
	}
	for _, r := range u.CorpusRoles {
		role(ScopeCorpus, r.CorpusKey, deref(r.Role))
	}
	for _, r := range u.AgentRoles {
		role(ScopeAgent, r.AgentKey, deref(r.Role))
	}
	if u.APIPolicy != nil {
		for _, operation := range slices.Sorted(maps.Keys(u.APIPolicy.AllowedOperations)) {
			for _, resource := range u.APIPolicy.AllowedOperations[operation].resources() {
				add(Entitlement{ScopeOperation, resource, operation, true})
			}
		}
	}
	return all
}

// isPrivileged says whether a role, in any scope, is that of an owner or administrator. A role of v1 that has no
// name in v2 ends in _Admin.
func isPrivileged(role string) bool {
	return role == roleOwner || strings.HasSuffix(role, "administrator") || strings.HasSuffix(role, "_Admin")
}

// Privileged says whether any of the entitlements is.
func (u *User) Privileged() bool {
	return slices.ContainsFunc(u.Entitlements(), func(e Entitlement) bool { return e.Privileged })
}

// APIPolicy allows single operations to a user.
type APIPolicy struct {
	Name *string `json:"name"`
	// AllowedOperations are by name; nil allows an operation on any resource.
	AllowedOperations map[string]*OperationPolicy `json:"allowed_operations"`
}

// with is a policy that allows what either of two does.
func (p *APIPolicy) with(other *APIPolicy) *APIPolicy {
	if p == nil || other == nil {
		return cmp.Or(p, other)
	}
	both := &APIPolicy{Name: cmp.Or(p.Name, other.Name), AllowedOperations: map[string]*OperationPolicy{}}
	maps.Copy(both.AllowedOperations, p.AllowedOperations)
	for operation, policy := range other.AllowedOperations {
		if own, ok := both.AllowedOperations[operation]; ok && !reflect.DeepEqual(own, policy) {
			policy = nil // on any resource, which is no less than either
		}
		both.AllowedOperations[operation] = policy
	}
	return both
}

// OperationPolicy says on which resources an operation is allowed.
type OperationPolicy struct {
	AllowAnyResource *bool `json:"allow_any_resource"`
	// AllowedResources are keys by the parameter of the operation that names the resource, such as
	// path.corpus_key.
	AllowedResources map[string][]string `json:"allowed_resources"`
}

// resources are the keys of the resources, each once; a nil key is any resource. A policy that names none
// counts as one for any: Vectara does not say what it means.
func (p *OperationPolicy) resources() []*string {
	if p == nil || p.AllowAnyResource != nil && *p.AllowAnyResource {
		return []*string{nil}
	}
	var keys []string
	for _, more := range p.AllowedResources {
		keys = append(keys, more...)
	}
	if len(keys) == 0 {
		return []*string{nil}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	resources := make([]*string, len(keys))
	for i := range keys {
		resources[i] = &keys[i]
	}
	return resources
}

// deref is a text, "" where there is none.
func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
