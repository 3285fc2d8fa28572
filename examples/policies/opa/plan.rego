# The provider's data sources in a plan, and the reasons why the plan may lack users.
#
# A rule passes if it has no users to evaluate: Rego does not distinguish an empty list from a missing list. So each
# cause of missing users is a reason to deny. shows_users is a rule of its own, since
# "not is_array(listing.values.users)" does not hold if the attribute is missing.
package llmusers.plan

# The JSON of the plan: the whole input, or a part of it in HCP Terraform and Terraform Enterprise.
default document := {}

document := object.get(input, "plan", input)

# The data sources that Terraform read during the plan, from all modules. They are in the prior state, not in the
# changes.
read contains listing if {
	walk(document.prior_state.values.root_module, [path, listing])
	not "values" in path # the values of a resource may look like a data source
	listing.mode == "data"
}

listings(type) := {listing | some listing in read; listing.type == type}

# The users of a listing. If users is not an array, there are none, and hidden() reports it.
users(listing) := [user | some user in listing.values.users]

# The reasons why a plan may lack users of a type. If the set is empty, the plan has all users.
unseen(type) := union({not_a_plan, incomplete, absent(type), late(type), hidden(type), narrowed(type)})

not_a_plan contains "This is not the JSON of a plan. Make it with: terraform show -json <saved plan>" if {
	not is_plan
}

is_plan if {
	startswith(document.format_version, "1.")
	is_object(document.planned_values)
}

# With -target, a listing that this plan did not read can still be there: an old listing from the state.
incomplete contains "The plan is incomplete: it covers a part of the configuration (-target), or Terraform deferred a part." if {
	document.complete == false
}

incomplete contains "The plan failed, and is incomplete." if {
	document.errored == true
}

absent(type) := {sprintf("The plan has no data source of the type %s.", [type]) |
	count(listings(type)) == 0
	count(unknown(type)) == 0
}

# The addresses of the data sources that Terraform reads during apply, after the policies. A data source within a check
# is also in the changes. If its users are known, Terraform has read it.
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

# Changes that Terraform defers to a later plan are in a list of their own.
deferred_changes := [deferred.resource_change | some deferred in changes("deferred_changes")]

changes(name) := [change | some change in document[name]]

late(type) := {msg |
	some address in (unknown(type) - partial)
	msg := sprintf("%s: not known at plan. Terraform reads it during apply, or could not read it.", [address])
}

hidden(type) := {msg |
	some listing in listings(type)
	not listing.address in (unknown(type) | partial)
	not shows_users(listing)
	msg := sprintf("%s: users is null. With include_users = false, the plan has no users.", [listing.address])
}

# The listings whose arguments leave users out, unless another data source has the whole listing of the same account or
# pipeline.
narrowed(type) := {msg |
	some listing in listings(type)
	not listing.address in (unknown(type) | partial)
	shows_users(listing)
	not whole(listing)
	every other in listings(type) {
		not covers(other, listing)
	}
	msg := sprintf("%s: not a whole listing. Its arguments leave users out, and no other data source has the whole listing.", [listing.address])
}

covers(other, listing) if {
	whole(other)
	origin(other) == origin(listing)
	origin_is_known(listing)
}

origin_is_known(listing) if is_string(listing.values.source.account)

# Vectara's REST v2 does not return the account. With one configuration of the provider, there is only one account. With
# an alias, OpenTofu may have several (for_each).
origin_is_known(listing) if {
	keys := {block.provider_config_key |
		walk(document.configuration.root_module, [_, block])
		block.type == listing.type
	}
	count(keys) == 1
	every key in keys {
		not document.configuration.provider_config[key].alias
	}
}

origin(listing) := object.filter(listing.values.source, ["vendor", "base_url", "account"])

shows_users(listing) if is_array(listing.values.users)

whole(listing) if {
	shows_users(listing)
	listing.values.source.whole
	reads_app_clients(listing)

	# With filters of the provider, fewer users match than the vendor listed.
	listing.values.summary.matched == listing.values.summary.total

	# These arguments go to the vendor, which then lists fewer users. Openlayer does not document what an empty list means.
	every argument in narrowing {
		object.get(listing.values, argument, null) == null
	}
	object.get(listing.values, "column_filters", null) in {null, []}
	object.get(listing.values, "list_users_type", null) in {null, "LIST_USERS_TYPE__ALL"}
}

narrowing := {
	"corpus_key", "exclude_row_id_list", "not_search_query_and", "not_search_query_or", "row_id_list",
	"search_query_and", "search_query_or",
}

reads_app_clients(listing) if listing.values.source.app_clients

# A pipeline has no app clients.
reads_app_clients(listing) if listing.type == "openlayer_pipeline_users"

# The addresses of data sources that may have fewer than all users, or none.
partial := {address | some address in data.llmusers.params.partial}

# The number of names, and at most five of them, for a message.
named(names) := sprintf("%d: %s", [count(names), concat(", ", names)]) if count(names) <= 5

named(names) := sprintf("%d: %s and %d more", [
	count(names),
	concat(", ", array.slice(names, 0, 5)),
	count(names) - 5,
]) if {
	count(names) > 5
}
