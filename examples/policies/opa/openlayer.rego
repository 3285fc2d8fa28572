# Policies for the end users of an Openlayer pipeline.
package llmusers.openlayer

import data.llmusers.plan

listings := plan.listings("openlayer_pipeline_users")

passed if count(deny) == 0

deny contains {"policy": "everybody_is_listed", "msg": msg} if {
	some msg in plan.unseen("openlayer_pipeline_users")
}

# The ID of another pipeline can be the reason.
deny contains {"policy": "everybody_is_listed", "msg": msg} if {
	some listing in listings
	plan.whole(listing)
	not listing.address in plan.partial
	count(listing.values.users) == 0
	msg := sprintf("%s: the pipeline has no end users, so there is nothing to assess.", [listing.address])
}

deny contains {"policy": "end_users_are_active", "msg": msg} if {
	some listing in listings
	dormant := [user.id |
		some user in plan.users(listing)
		time.parse_rfc3339_ns(user.date_of_last_record) < dormant_before
	]
	count(dormant) > 0
	msg := sprintf("%s: end users without a record for more than %v days, %s.", [listing.address, dormant_days, plan.named(dormant)])
}

# An end user without a date in RFC 3339 may be dormant.
deny contains {"policy": "end_users_are_active", "msg": msg} if {
	some listing in listings
	undated := [user.id |
		some user in plan.users(listing)
		not dated(user)
	]
	count(undated) > 0
	msg := sprintf("%s: end users without a date of their last record, %s.", [listing.address, plan.named(undated)])
}

# A date after the plan is wrong, so the end user may be dormant. A day allows for clocks that differ.
deny contains {"policy": "end_users_are_active", "msg": msg} if {
	some listing in listings
	future := [user.id |
		some user in plan.users(listing)
		time.parse_rfc3339_ns(user.date_of_last_record) > planned + day
	]
	count(future) > 0
	msg := sprintf("%s: end users whose last record is in the future, %s.", [listing.address, plan.named(future)])
}

deny contains {"policy": "end_users_stay_within_max_cost", "msg": msg} if {
	some listing in listings
	expensive := [sprintf("%s (%v)", [user.id, user.cost]) |
		some user in plan.users(listing)
		priced(user)
		user.cost > data.llmusers.params.max_cost
	]
	count(expensive) > 0
	msg := sprintf("%s: end users with a cost above %v, %s.", [listing.address, data.llmusers.params.max_cost, plan.named(expensive)])
}

deny contains {"policy": "end_users_stay_within_max_cost", "msg": msg} if {
	some listing in listings
	unpriced := [user.id |
		some user in plan.users(listing)
		not priced(user)
	]
	count(unpriced) > 0
	msg := sprintf("%s: end users whose cost is not known or is negative, %s.", [listing.address, plan.named(unpriced)])
}

deny contains {"policy": "parameters", "msg": "max_cost: must be a number of zero or more, in the unit in which the pipeline records cost."} if {
	not valid_max_cost
}

deny contains {"policy": "parameters", "msg": "dormant_days: must be a number above zero."} if {
	not valid_dormant_days
}

deny contains {"policy": "end_users_are_active", "msg": "the plan has no timestamp, which needs Terraform 1.5 or OpenTofu 1.6."} if {
	not planned
}

dated(user) if time.parse_rfc3339_ns(user.date_of_last_record)

priced(user) if {
	is_number(user.cost)
	user.cost >= 0
}

valid_max_cost if {
	is_number(data.llmusers.params.max_cost)
	data.llmusers.params.max_cost >= 0
}

default dormant_days := 90

dormant_days := data.llmusers.params.dormant_days

valid_dormant_days if {
	is_number(dormant_days)
	dormant_days > 0
}

# Days count back from the time of the plan, not from now, so that the same plan always has the same result.
planned := time.parse_rfc3339_ns(plan.document.timestamp)

dormant_before := planned - (dormant_days * day)

day := (24 * 3600) * 1000000000 # in nanoseconds
