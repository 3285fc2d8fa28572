# Policies about the members of a Vectara account. Role names are those of both versions of its API.
package llmusers.vectara

import data.llmusers.plan

listings := plan.listings("vectara_users")

passed if count(deny) == 0

deny contains {"policy": "everybody_is_listed", "msg": msg} if {
	some msg in plan.unseen("vectara_users")
}

# An account has at least the one who reads it.
deny contains {"policy": "everybody_is_listed", "msg": msg} if {
	some listing in listings
	plan.whole(listing)
	count(listing.values.users) == 0
	msg := sprintf("%s: lists nobody.", [listing.address])
}

deny contains {"policy": "administrators_belong_to_the_company", "msg": msg} if {
	some listing in listings
	outside := [text(user) |
		some user in plan.users(listing)
		administers(user)
		not inside(user)
	]
	count(outside) > 0
	msg := sprintf("%s: administrators without an address of the company, %s.", [listing.address, plan.named(outside)])
}

deny contains {"policy": "at_most_one_owner", "msg": msg} if {
	some listing in listings
	owners := [name(user) | some user in plan.users(listing); owns(user)]
	count(owners) > max_owners
	msg := sprintf("%s: owners, %s. At most %d.", [listing.address, plan.named(owners), max_owners])
}

deny contains {"policy": "disabled_members_hold_no_role", "msg": msg} if {
	some listing in listings
	disabled := [text(user) |
		some user in plan.users(listing)
		user.enabled == false # null where Vectara says neither
		count(held(user)) > 0
	]
	count(disabled) > 0
	msg := sprintf("%s: disabled members with a role, %s.", [listing.address, plan.named(disabled)])
}

deny contains {"policy": "parameters", "msg": "company_domains: must be a list of mail domains without the @, such as [northwind.example]."} if {
	not valid_domains
}

deny contains {"policy": "parameters", "msg": "max_owners: must be a number of zero or more."} if {
	not valid_max_owners
}

valid_domains if {
	is_array(data.llmusers.params.company_domains)
	count(data.llmusers.params.company_domains) > 0
	every domain in data.llmusers.params.company_domains {
		regex.match(`^[^@\s]+$`, domain)
	}
}

default max_owners := 1

max_owners := data.llmusers.params.max_owners

valid_max_owners if {
	is_number(max_owners)
	max_owners >= 0
}

# The roles of a member: in the account, and with REST v2 on single corpora and agents.
held(user) := array.concat(
	[{"role": role, "text": role} |
		some role in user.roles
		role != "CustomerRole_None"
	],
	array.concat(
		[{"role": on.role, "text": sprintf("%v on the corpus %v", [on.role, on.corpus_key])} | some on in user.corpus_roles],
		[{"role": on.role, "text": sprintf("%v on the agent %v", [on.role, on.agent_key])} | some on in user.agent_roles],
	),
)

owns(user) if {
	some role in user.roles
	role in {"CustomerRole_Owner", "owner"}
}

# Owners, and holders of any role that ends in Admin (v1) or administrator (v2).
administers(user) if owns(user)

administers(user) if {
	some holding in held(user)
	regex.match(`(?i)admin(istrator)?$`, holding.role)
}

# Whoever has no address cannot be shown to belong to the company, nor does an app client.
inside(user) if {
	some domain in data.llmusers.params.company_domains
	endswith(lower(user.email), concat("", ["@", lower(domain)]))
}

text(user) := sprintf("%s (%s)", [name(user), concat(", ", [holding.text | some holding in held(user)])])

name(user) := names[0] if {
	names := [user[key] | some key in ["email", "handle", "id"]; is_string(user[key]); user[key] != ""]
	count(names) > 0
} else := "a member without a name"
