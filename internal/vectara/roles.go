package vectara

// The account-level roles that Vectara documents. There may be others by now: a response may have any
// name.
var (
	// RolesV1 are the names in REST v1.
	RolesV1 = []string{"CustomerRole_Owner", "CustomerRole_Admin", "CustomerRole_Billing_Admin", "CustomerRole_Corpus_Admin", "CustomerRole_None"}
	// RolesV2 are the names in REST v2.
	RolesV2 = []string{
		"owner", "administrator", "billing_administrator", "corpus_administrator", "corpus_developer", "corpus_viewer", "viewer",
		"agent_administrator", "agent_developer", "agent_viewer", "agent_user", "pipeline_administrator", "pipeline_viewer",
	}
)
