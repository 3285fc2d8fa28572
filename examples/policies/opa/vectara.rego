# Policies for the users of a Vectara account. entitlements, privileged and app_client mean the same with both versions
# of the API.
package llmusers.vectara

import data.llmusers.plan

listings := plan.listings("vectara_users")

passed if count(deny) == 0

deny contains {"policy": "everybody_is_listed", "msg": msg} if {
	some msg in plan.unseen("vectara_users")
}

# A policy cannot evaluate entitlements that the version of the API does not return.
deny contains {"policy": "everything_is_assessed", "msg": msg} if {
	some listing in listings
	plan.whole(listing)
	missing := [scope | some scope in scopes; not scope in listing.values.source.scopes]
	count(missing) > 0
	msg := sprintf("%s: REST %s has no entitlements of the scopes %s.", [listing.address, listing.values.source.api_version, concat(", ", missing)])
}

# Every account has an owner.
deny contains {"policy": "everything_is_assessed", "msg": msg} if {
	some listing in listings
	plan.whole(listing)
	every user in listing.values.users { not owns(user) }
	msg := sprintf("%s: no owner is visible, and every account has one.", [listing.address])
}

deny contains {"policy": policy, "msg": msg} if {
	some listing in listings
	some policy, names in offenders(listing)
	count(names) > 0
	msg := sprintf("%s: %s, %s.", [listing.address, described[policy], plan.named(names)])
}

# How a message describes the users who break a policy.
described := {
	"app_clients_are_not_privileged": "privileged app clients",
	"owners_are_within_limits": sprintf("owners, where at most %v may be", [max_owners]),
	"disabled_users_hold_no_entitlements": "disabled users with a role",
	"privileged_users_belong_to_the_company": "privileged users without an address of the company",
	"users_have_no_api_policy": "users whom an API policy allows single operations",
}

# The users who break each policy.
offenders(listing) := {
	"app_clients_are_not_privileged": [text(user, privileged(user)) |
		some user in plan.users(listing)
		user.privileged
		is_app_client(user)
	],
	"owners_are_within_limits": [owner | some owner in owners(listing); count(owners(listing)) > max_owners],
	"disabled_users_hold_no_entitlements": [text(user, user.entitlements) |
		some user in plan.users(listing)
		user.enabled == false # null is unknown
		count(user.entitlements) > 0
	],
	"privileged_users_belong_to_the_company": [text(user, privileged(user)) |
		some user in plan.users(listing)
		user.privileged
		not is_app_client(user) # app clients have a policy of their own
		not inside(user)
	],
	"users_have_no_api_policy": [text(user, operations) |
		some user in plan.users(listing)
		operations := [row | some row in user.entitlements; row.scope == "operation"]
		count(operations) > 0
	],
}

owners(listing) := [name(user) | some user in plan.users(listing); owns(user)]

owns(user) if {
	some row in user.entitlements
	row.scope == "account"
	row.role == "owner"
}

is_app_client(user) if user.app_client

privileged(user) := [row | some row in user.entitlements; row.privileged]

# A user without an address does not belong to the company. Neither does a user with several addresses in one text.
inside(user) if {
	regex.match(`^[^@\s\pZ,;]+@[^@\s\pZ,;]+$`, user.email)
	some domain in data.llmusers.params.company_domains
	endswith(folded(user.email), concat("", ["@", folded(domain)]))
}

# Changes only ASCII letters to lower case. lower() also turns İ (U+0130) into i, so another domain could match the
# company's.
folded(text) := concat("", [concat("", [lower(part[1]), part[2]]) |
	some part in regex.find_all_string_submatch_n(`([A-Z]*)([^A-Z]*)`, text, -1)
])

text(user, entitlements) := sprintf("%s (%s)", [name(user), concat(", ", [in_words(row) | some row in entitlements])])

in_words(row) := row.role if row.scope == "account"

in_words(row) := sprintf("%s on %s", [row.role, object.get({null: "any resource"}, row.resource, row.resource)]) if row.scope != "account"

name(user) := names[0] if {
	names := [user[key] | some key in ["email", "handle", "id"]; is_string(user[key]); user[key] != ""]
	count(names) > 0
} else := "a member without a name"

deny contains {"policy": "parameters", "msg": "company_domains: must be a list of mail domains without the @, such as [northwind.example]."} if {
	not valid_domains
}

deny contains {"policy": "parameters", "msg": "max_owners: must be a number of zero or more."} if {
	not valid_max_owners
}

deny contains {"policy": "parameters", "msg": "scopes: must be a list of at least one of account, corpus, agent and operation."} if {
	not valid_scopes
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

all_scopes := ["account", "corpus", "agent", "operation"]

scopes := data.llmusers.params.scopes

scopes := all_scopes if not data.llmusers.params.scopes

valid_scopes if {
	is_array(scopes)
	count(scopes) > 0
	every scope in scopes { scope in all_scopes }
}
