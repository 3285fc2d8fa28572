# What a plan shows of the provider's data sources, and whether it shows everybody.
#
# A rule that has nothing to look at passes: Rego cannot tell "nobody" from "not there". So whatever
# keeps somebody out of a rule's sight is a reason to deny, of its own. And what follows a "not" is
# never an attribute: where that is missing, "not is_array(listing.values.users)" is not true either.
package llmusers.plan

# The JSON of the plan: the whole input, or a part of it in HCP Terraform and Terraform Enterprise.
default document := {}

document := object.get(input, "plan", input)

# The data blocks that Terraform has read while it planned, from all modules. They stand in the state
# that the plan starts from, and not among its changes.
read contains listing if {
	walk(document.prior_state.values.root_module, [_, listing])
	listing.mode == "data"
}

listings(type) := {listing | some listing in read; listing.type == type}

# The users of a listing; none where they are not an array, which hidden() reports.
users(listing) := [user | some user in listing.values.users]

# Why a plan may not show all users of a type. An empty set is the promise that it does.
unseen(type) := union({not_a_plan, incomplete, absent(type), late(type), hidden(type), narrowed(type)})

not_a_plan contains "This is not the JSON of a plan. Make it with: terraform show -json <saved plan>" if {
	not is_plan
}

is_plan if {
	startswith(document.format_version, "1.")
	is_object(document.planned_values)
}

# With -target, a listing that was not read in this plan is still there, from the state, and old.
incomplete contains "The plan is incomplete: Terraform was told to plan a part of the configuration (-target), or has deferred another." if {
	document.complete == false
}

incomplete contains "The plan failed, and shows what had been planned until then." if {
	document.errored == true
}

absent(type) := {sprintf("No data block of the type %s is in the plan.", [type]) |
	count(listings(type)) == 0
	count(unknown(type)) == 0
}

# The addresses of the data blocks that Terraform reads during apply, when it is too late for a
# policy. A data block within a check is among the changes as well, but has been read if it is known.
unknown(type) := {change.address |
	some change in array.concat(changes("resource_changes"), deferred_changes)
	change.mode == "data"
	change.type == type
	not is_known(change)
}

is_known(change) if {
	not change.change.after_unknown == true
	not change.change.after_unknown.users == true
	some listing in listings(change.type)
	listing.address == change.address
}

# Terraform lists separately what it defers to a later plan.
deferred_changes := [deferred.resource_change | some deferred in changes("deferred_changes")]

changes(name) := [change | some change in document[name]]

late(type) := {msg |
	some address in (unknown(type) - partial)
	msg := sprintf("%s: not known at plan. Terraform has put its reading off to apply, or could not read it.", [address])
}

hidden(type) := {msg |
	some listing in listings(type)
	not listing.address in (unknown(type) | partial)
	not shows_users(listing)
	msg := sprintf("%s: users is null. With include_users = false, a policy sees nobody.", [listing.address])
}

# Somebody who is left out by an argument is seen by no policy, unless another data block reads the
# same account or pipeline whole.
narrowed(type) := {msg |
	some listing in listings(type)
	not listing.address in (unknown(type) | partial)
	shows_users(listing)
	not whole(listing)
	every other in listings(type) {
		not covers(other, listing)
	}
	msg := sprintf("%s: not a whole listing. Its arguments leave users out, and no other data block lists them all.", [listing.address])
}

covers(other, listing) if {
	whole(other)
	origin(other) == origin(listing)
}

origin(listing) := object.filter(listing.values.source, ["vendor", "base_url", "account"])

shows_users(listing) if is_array(listing.values.users)

whole(listing) if {
	shows_users(listing)
	listing.values.source.whole
	reads_app_clients(listing)

	# The filters of the provider keep fewer than the vendor has listed.
	listing.values.summary.matched == listing.values.summary.total

	# The arguments that a vendor gets, which make it list fewer.
	every argument in narrowing {
		object.get(listing.values, argument, null) in {null, []}
	}
	object.get(listing.values, "list_users_type", null) in {null, "LIST_USERS_TYPE__ALL"}
}

narrowing := {
	"column_filters", "corpus_key", "exclude_row_id_list", "not_search_query_and", "not_search_query_or",
	"row_id_list", "search_query_and", "search_query_or",
}

reads_app_clients(listing) if listing.values.source.app_clients

# A pipeline has none.
reads_app_clients(listing) if listing.type == "openlayer_pipeline_users"

# The addresses of data blocks that are meant to show fewer than all users, or none.
partial := {address | some address in data.llmusers.params.partial}

# Names for a message: five at the most.
named(names) := sprintf("%d: %s", [count(names), concat(", ", names)]) if count(names) <= 5

named(names) := sprintf("%d: %s and %d more", [
	count(names),
	concat(", ", array.slice(names, 0, 5)),
	count(names) - 5,
]) if {
	count(names) > 5
}
