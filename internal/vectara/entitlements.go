package vectara

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// The account-level roles that Vectara documents. A response may have other names.
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
	roleNone  = "CustomerRole_None" // means no role
	roleOwner = "owner"
)

// fromV1 maps the names of roles in v1 to their names in v2.
var fromV1 = map[string]string{
	"CustomerRole_Owner":         roleOwner,
	"CustomerRole_Admin":         "administrator",
	"CustomerRole_Billing_Admin": "billing_administrator",
	"CustomerRole_Corpus_Admin":  "corpus_administrator",
}

// apiRole returns v2's name of a role, or the role itself if v2 has no name for it.
func apiRole(role string) string {
	if name, ok := fromV1[role]; ok {
		return name
	}
	return role
}

// HasRole returns whether users of a version of the API may have a role, by its name in either version. It returns true
// for a name that Vectara does not document, and for an unknown version.
func HasRole(version, role string) bool {
	switch version {
	case V1:
		return !slices.Contains(RolesV2, role) || slices.ContainsFunc(RolesV1, func(name string) bool { return apiRole(name) == role })
	case V2:
		return role != roleNone
	}
	return true
}

// HasStatus returns whether users of a version of the API may have a status. In v2, a user is enabled or disabled, or
// has no status.
func HasStatus(version, status string) bool { return version != V2 || status != statusNone }

// HasType returns whether users of a version of the API may have a type. In v2, only app clients have one.
func HasType(version, kind string) bool { return version != V2 || kind == TypeAppClient }

// APIRoles returns the account-level roles by their names in v2, without duplicates.
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

// The scopes of an [Entitlement]. v1 has only ScopeAccount.
const (
	ScopeAccount   = "account"
	ScopeCorpus    = "corpus"
	ScopeAgent     = "agent"
	ScopeOperation = "operation"
)

// Scopes returns the scopes of the entitlements in a version of the API.
func Scopes(version string) []string {
	if version == V1 {
		return []string{ScopeAccount}
	}
	return []string{ScopeAccount, ScopeCorpus, ScopeAgent, ScopeOperation}
}

// Entitlement is a role of a user, or an operation that the user may call.
type Entitlement struct {
	// Scope is one of [ScopeAccount], [ScopeCorpus], [ScopeAgent] and [ScopeOperation].
	Scope string
	// Resource is the key of the corpus or agent. nil means the account, or any resource.
	Resource *string
	// Role is the name of a role in v2, or of an operation, or "any operation".
	Role string
	// Privileged is true for owners, for all kinds of administrators, and for operations.
	Privileged bool
}

// Entitlements returns all entitlements of the user that the version of the API has.
func (u *User) Entitlements() []Entitlement {
	all := []Entitlement{}
	type key struct {
		scope, resource, role string
		hasResource           bool
	}
	seen := map[key]bool{} // a user of two listings may have duplicates
	add := func(e Entitlement) {
		if key := (key{e.Scope, deref(e.Resource), e.Role, e.Resource != nil}); !seen[key] {
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
		if u.APIPolicy.allowsAny() {
			add(Entitlement{ScopeOperation, nil, anyOperation, true})
		}
		for _, operation := range slices.Sorted(maps.Keys(u.APIPolicy.AllowedOperations)) {
			for _, resource := range u.APIPolicy.AllowedOperations[operation].resources() {
				add(Entitlement{ScopeOperation, resource, operation, true})
			}
		}
	}
	return all
}

// anyOperation is the role of a user whose policy has a name and no operations. Vectara does not document its meaning. A
// policy with neither a name nor operations gives no entitlement.
const anyOperation = "any operation"

// maxEntitlements is the maximum number of roles, operations and resources of a user. Entitlements needs several times the
// memory of these, and does not end with the context.
const maxEntitlements = 100_000

// checkEntitlements returns an error for a user with more than maxEntitlements.
func (u *User) checkEntitlements() error {
	n := len(u.Roles) + len(u.CorpusRoles) + len(u.AgentRoles)
	if u.APIPolicy != nil {
		for _, policy := range u.APIPolicy.AllowedOperations {
			n++
			if policy != nil {
				for _, keys := range policy.AllowedResources {
					n += len(keys)
				}
			}
		}
	}
	if n > maxEntitlements {
		return fmt.Errorf("the user %.40q has %d roles, operations and resources, and may have at most %d", deref(u.ID), n, maxEntitlements)
	}
	return nil
}

// isPrivileged reports whether a role, in any scope, is that of an owner or administrator. The prefix customerrole_ and
// the suffix admin are for roles of v1 that fromV1 does not have. Case and surrounding space do not matter.
func isPrivileged(role string) bool {
	name := strings.TrimPrefix(strings.ToLower(strings.TrimSpace(role)), "customerrole_")
	return name == roleOwner || strings.HasSuffix(name, "administrator") || strings.HasSuffix(name, "admin")
}

// Privileged reports whether the user has a privileged entitlement.
func (u *User) Privileged() bool {
	return slices.ContainsFunc(u.Entitlements(), func(e Entitlement) bool { return e.Privileged })
}

// APIPolicy allows single operations to a user.
type APIPolicy struct {
	Name *string `json:"name"`
	// AllowedOperations are the operations by name. nil allows an operation on any resource.
	AllowedOperations map[string]*OperationPolicy `json:"allowed_operations"`
}

// allowsAny returns whether the policy counts as a policy for any operation. See anyOperation.
func (p *APIPolicy) allowsAny() bool { return deref(p.Name) != "" && len(p.AllowedOperations) == 0 }

// with merges two policies. The result allows all operations of both.
func (p *APIPolicy) with(other *APIPolicy) *APIPolicy {
	if p == nil || other == nil {
		return cmp.Or(p, other)
	}
	both := &APIPolicy{Name: cmp.Or(p.Name, other.Name), AllowedOperations: map[string]*OperationPolicy{}}
	maps.Copy(both.AllowedOperations, p.AllowedOperations)
	for operation, policy := range other.AllowedOperations {
		if own, ok := both.AllowedOperations[operation]; ok && !reflect.DeepEqual(own, policy) {
			policy = nil // allows any resource, and so those of both policies
		}
		both.AllowedOperations[operation] = policy
	}
	if p.allowsAny() || other.allowsAny() {
		both.AllowedOperations[anyOperation] = nil
	}
	return both
}

// OperationPolicy has the resources that an operation is allowed on.
type OperationPolicy struct {
	AllowAnyResource *bool `json:"allow_any_resource"`
	// AllowedResources are the keys of resources, by the operation's parameter for the resource, such as
	// path.corpus_key.
	AllowedResources map[string][]string `json:"allowed_resources"`
}

// resources returns the keys of the resources, without duplicates. A nil key means any resource. A policy without
// resources counts as a policy for any resource, since Vectara does not document its meaning.
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

// deref returns the string that text points to, "" for nil.
func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
