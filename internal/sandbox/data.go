package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// Each generator has its own random stream, so that the size of a listing does not change the other listing, and the
// fields that only Vectara's v2 has do not change the others.
const (
	botStream    = 1
	teamStream   = 2
	accessStream = 3
)

const day = 24 * time.Hour

// dormantAfter is the minimum age of a dormant user's last record. All other users have a record within activeWithin.
const (
	dormantAfter = 90 * day
	activeWithin = 60 * day
)

// botUsers returns n end users of a support bot as of now. Most users hardly use the bot, and a few use it a lot. The
// first two users cost over 100 US dollars each, and all others less than 40. At least three users are dormant. Three
// recent users work at northwind.example, and one of them is a member of the team.
func botUsers(n int, seed uint64, now time.Time) []openlayertest.User {
	rng := rand.New(rand.NewPCG(seed, botStream))
	dormant := max(3, n/60)

	users := make([]openlayertest.User, 0, n)
	for i := range n {
		u := openlayertest.User{Columns: botColumns(rng)}
		switch {
		case i == 0: // a script with few, very long sessions
			u.Sessions, u.Records, u.Tokens = 3, 21_840, 26_208_000
		case i == 1: // an integration that sends whole documents
			u.Sessions, u.Records, u.Tokens = 612, 4_896, 22_031_000
		default:
			// A Pareto distribution, limited so that no cost reaches 40.
			u.Sessions = int64(min(400, math.Pow(1-rng.Float64(), -1/1.1)))
			u.Records = u.Sessions * (2 + rng.Int64N(7))
			u.Tokens = float64(u.Records * (300 + rng.Int64N(1_200)))
		}
		// A million tokens cost 5 to 7 dollars, as with a mix of a cheap and an expensive model.
		u.Cost = math.Round(u.Tokens*(5+2*rng.Float64())) / 1e6

		idle := randomDuration(rng, 0, activeWithin)
		if i >= 2 && i < 2+dormant {
			idle = randomDuration(rng, dormantAfter+day, 300*day)
		}
		u.LastRecord = now.Add(-idle).Truncate(time.Second)
		// A single session lasts minutes. Many sessions extend over months.
		span := randomDuration(rng, time.Minute, 20*time.Minute)
		if u.Sessions > 1 {
			span = randomDuration(rng, time.Hour, time.Duration(min(u.Sessions, 30))*10*day)
		}
		u.FirstRecord = u.LastRecord.Add(-span).Truncate(time.Second)
		users = append(users, u)
	}
	rng.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })

	customer, row, colleagues := 10_000, int64(1), staff
	for i := range users {
		customer += 1 + rng.IntN(40)
		users[i].ID = fmt.Sprintf("cust-%05d", customer)
		if rng.IntN(12) == 0 { // a deployment that sends addresses instead of customer numbers
			users[i].ID = fmt.Sprintf("%s.%d@%s", mailboxes[rng.IntN(len(mailboxes))], customer, customerDomains[rng.IntN(len(customerDomains))])
		} else if len(colleagues) > 0 && users[i].Cost < 1 && now.Sub(users[i].LastRecord) < 14*day {
			users[i].ID, colleagues = colleagues[0], colleagues[1:]
		}
		for range users[i].Records {
			users[i].RowIDs = append(users[i].RowIDs, row)
			row++
		}
	}
	// The latest users come first. The API documents no order, so the order is not that of IDs.
	slices.SortStableFunc(users, func(a, b openlayertest.User) int { return b.LastRecord.Compare(a.LastRecord) })
	return users
}

var (
	// staff are users of the bot who work at the company. The first has left, according to the directories of the
	// scenarios. The last is also a member of the Vectara team.
	staff           = []string{"Hana.Morvan@northwind.example", "rosalind.fujita@northwind.example", "yuki.haddad@northwind.example"}
	mailboxes       = []string{"accounts", "frontdesk", "help", "ops", "orders", "reception"}
	customerDomains = []string{"harbour-dental.example", "lumen-cycles.example", "oak-and-ash.example", "tidewater.example"}
	// A value occurs more often if it is repeated.
	plans     = []string{"free", "free", "free", "free", "pro", "pro", "business", "enterprise"}
	countries = []string{"DE", "US", "US", "US", "BR", "CA", "FR", "GB", "GB", "IN", "JP", "KE", "NL", "PL", "SE"}
	channels  = []string{"web", "web", "web", "app", "app", "email"}
	topics    = []string{"billing", "delivery", "login", "refund", "warranty"}
)

// botColumns returns columns of every type that filters accept. Only some users have a rating.
func botColumns(rng *rand.Rand) map[string]any {
	first := rng.IntN(len(topics))
	columns := map[string]any{
		"plan":       plans[rng.IntN(len(plans))],
		"country":    countries[rng.IntN(len(countries))],
		"channel":    channels[rng.IntN(len(channels))],
		"newsletter": rng.IntN(3) == 0,
		"topics":     []string{topics[first], topics[(first+1+rng.IntN(len(topics)-1))%len(topics)]},
	}
	if rng.IntN(4) == 0 {
		columns["rating"] = float64(1 + rng.IntN(5))
	}
	return columns
}

// teamMembers returns n members of the Vectara account of northwind.example as of now, ordered by ID and by time of
// creation. If n is large enough, an access audit finds:
//   - two owners, one of them no longer needed
//   - an administrator with an address at another domain
//   - two disabled users who still have a role
//   - an app client without a status or a role, as the API lists it
//
// Members 16 to 20 have problems that a careless audit misses:
//   - an app client that is an administrator, and whose credentials the sandbox accepts
//   - a user with an API policy for single operations
//   - a disabled user who is still an administrator of a corpus
//   - a user who is only the administrator of an agent, with an address at another domain
//   - a user with a role whose domain, in lower case, looks like the company's
//
// The other members have no problems.
func teamMembers(n int, seed uint64, now time.Time) []vectaratest.User {
	rng := rand.New(rand.NewPCG(seed, teamStream))
	names := rng.Perm(len(givenNames) * len(familyNames))

	members := make([]vectaratest.User, 0, n)
	for i := range n {
		given := givenNames[names[i%len(names)]%len(givenNames)]
		family := familyNames[names[i%len(names)]/len(givenNames)]
		handle := strings.ToLower(given + "." + family)
		if round := i / len(names); round > 0 {
			handle = fmt.Sprintf("%s%d", handle, round+1)
		}
		u := vectaratest.User{
			Handle:     handle,
			Email:      handle + "@northwind.example",
			Type:       "USER_TYPE__USER",
			Comment:    given + " " + family,
			UserStatus: "USER_STATUS__ACTIVE",
		}
		switch i {
		case 0:
			u.Roles = []string{"CustomerRole_Owner"}
		case 1:
			u.Roles = []string{"CustomerRole_Owner"}
			u.Comment += ", owner until the move to the new plan"
		case 2:
			u.Roles = []string{"CustomerRole_Admin"}
			u.Email = handle + "@freelance.example"
			u.Comment += ", contractor for the migration"
		case 3:
			u.Roles = []string{"CustomerRole_Corpus_Admin"}
			u.UserStatus = "USER_STATUS__DISABLED"
		case 4:
			u.Roles = []string{"CustomerRole_Billing_Admin"}
			u.UserStatus = "USER_STATUS__DISABLED"
		case 5:
			appClient(&u, "support-bot")
			u.CorpusRoles = onEveryCorpus("viewer")
		case 6:
			u.Type = "USER_TYPE__FEDERATED_USER"
		case 7:
			u.Roles = []string{"CustomerRole_Admin"}
		case 8:
			u.Roles = []string{"CustomerRole_Admin", "CustomerRole_Billing_Admin"}
		case 9:
			u.Roles = []string{"CustomerRole_Billing_Admin"}
		case 10, 11, 12:
			u.Roles = []string{"CustomerRole_Corpus_Admin"}
		case 13:
			appClient(&u, "nightly-indexer")
			u.CorpusRoles = onEveryCorpus("editor")
		case 14:
			u.UserStatus = "USER_STATUS__DISABLED" // has left, and has no role
		case 15:
			appClient(&u, "terraform")
			u.Roles = []string{"CustomerRole_Admin"}
			u.ClientID, u.ClientSecret = vectaraClientID, vectaraClientSecret
		case 16:
			u.APIPolicy = &vectaratest.APIPolicy{Name: "contract exports", AllowedOperations: map[string]*vectaratest.OperationPolicy{
				"listCorpora":         nil,
				"listCorpusDocuments": {AllowedResources: map[string][]string{"path.corpus_key": {"contracts"}}},
				"createApiKey":        {AllowAnyResource: true},
			}}
		case 17:
			u.UserStatus = "USER_STATUS__DISABLED"
			u.CorpusRoles = []vectaratest.CorpusRole{{CorpusKey: "contracts", Role: "administrator"}}
		case 18:
			u.Email = handle + "@agency.example"
			u.Comment += ", of the agency for the returns desk"
			u.AgentRoles = []vectaratest.AgentRole{{AgentKey: "returns-desk", Role: "agent_administrator"}}
		case 19:
			u.Email = handle + "@northw\u0130nd.example" // a capital I with a dot, which Terraform's lower() changes to i
			u.Roles = []string{"CustomerRole_Billing_Admin"}
		}
		members = append(members, u)
	}
	// The owner comes first. Shuffle all others.
	if n > 1 {
		rest := members[1:]
		rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	}
	number(rng, members, now)
	grant(rand.New(rand.NewPCG(seed, accessStream)), members, now)
	return members
}

// appClient changes u to an app client, which has no address.
func appClient(u *vectaratest.User, handle string) {
	u.Handle = handle
	u.Email = ""
	u.Type = vectaratest.TypeAppClient
	u.Comment = "client credentials of " + handle
	u.UserStatus = "USER_STATUS__NONE"
}

// onEveryCorpus returns this role in each corpus.
func onEveryCorpus(role string) []vectaratest.CorpusRole {
	var roles []vectaratest.CorpusRole
	for _, key := range corpora {
		roles = append(roles, vectaratest.CorpusRole{CorpusKey: key, Role: role})
	}
	return roles
}

// number sets ascending IDs, ascending times of creation within the last two years, and the owner as the creator.
func number(rng *rand.Rand, members []vectaratest.User, now time.Time) {
	if len(members) == 0 {
		return
	}
	const age = 700 * day
	step := age / time.Duration(len(members))
	id := 31_000 + rng.Uint32N(9_000)
	owner := id
	for i := range members {
		members[i].ID = id
		members[i].IDCreate = owner
		members[i].TsCreate = now.Add(-age + time.Duration(i)*step + randomDuration(rng, 0, step)).Unix()
		id += 1 + rng.Uint32N(50)
	}
}

// The team's corpora and agents, and the roles in them. A role occurs more often if it is repeated.
var (
	corpora     = []string{"contracts", "product-manuals", "support-articles"}
	corpusRoles = []string{"viewer", "viewer", "viewer", "editor", "editor", "administrator"}
	agents      = []string{"returns-desk", "support-bot"}
	agentRoles  = []string{"agent_user", "agent_user", "agent_viewer", "agent_developer"}
)

// grant sets the fields that only v2 has. All members get a time of their last change. Active people who have neither
// an account-level role nor a role in an agent get roles in one or two corpora, and some of them a role in an agent.
func grant(rng *rand.Rand, members []vectaratest.User, now time.Time) {
	for i := range members {
		u := &members[i]
		created := time.Unix(u.TsCreate, 0).UTC()
		u.UpdatedAt = created.Add(randomDuration(rng, 0, now.Sub(created))).Truncate(time.Second)
		if u.Type == vectaratest.TypeAppClient || u.UserStatus == "USER_STATUS__DISABLED" || len(u.Roles)+len(u.AgentRoles) > 0 {
			continue
		}
		first := rng.IntN(len(corpora))
		for j := range 1 + rng.IntN(2) {
			u.CorpusRoles = append(u.CorpusRoles, vectaratest.CorpusRole{
				CorpusKey: corpora[(first+j)%len(corpora)],
				Role:      corpusRoles[rng.IntN(len(corpusRoles))],
			})
		}
		if rng.IntN(3) == 0 {
			u.AgentRoles = []vectaratest.AgentRole{{
				AgentKey: agents[rng.IntN(len(agents))],
				Role:     agentRoles[rng.IntN(len(agentRoles))],
			}}
		}
		if rng.IntN(8) == 0 { // an account-level role that v1 does not have
			u.APIRoles = []string{"agent_administrator"}
		}
	}
}

// The names are combined at random. Any match with a real person is a coincidence.
var (
	givenNames = []string{
		"Adaeze", "Anneli", "Bastien", "Chidi", "Dariusz", "Elif", "Farah", "Gustavo", "Hana", "Ingrid", "Jamal", "Kavita",
		"Leilani", "Mateus", "Nomvula", "Oskar", "Priyanka", "Quentin", "Rosalind", "Siobhan", "Tomasz", "Umar", "Veronika", "Yuki",
	}
	familyNames = []string{
		"Abernathy", "Bergqvist", "Castellanos", "Dlamini", "Eriksen", "Fujita", "Gallagher", "Haddad", "Ilves", "Jankowski",
		"Kahananui", "Lindholm", "Morvan", "Nakagawa", "Okonjo", "Salgueiro", "Qureshi", "Rasmussen", "Szymanski", "Thibault",
		"Venkataraman", "Wanjiru", "Yilmaz", "Zielinski",
	}
)

// randomDuration returns a duration from low (inclusive) to high (exclusive).
func randomDuration(rng *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(rng.Int64N(int64(high-low)))
}
