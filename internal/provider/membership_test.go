package provider

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// membership has the users for the scenario membership, which has a resource for some of them.
type membership struct {
	team     []vectaratest.User
	endUsers []openlayertest.User
}

// firstMembership returns seven administrators, on four pages, and 250 end users, on three pages. Every hundredth end
// user is over budget.
func firstMembership() membership {
	var m membership
	for i := range 7 {
		handle := fmt.Sprintf("member%d", i)
		m.team = append(m.team, vectaratest.User{
			ID: uint32(100 + i), Handle: handle, Email: handle + "@northwind.example", Type: "USER_TYPE__USER",
			UserStatus: "USER_STATUS__ACTIVE", Roles: []string{"CustomerRole_Admin"},
		})
	}
	for i := range 250 {
		user := openlayertest.User{ID: fmt.Sprintf("cust-%03d", i), Cost: 1}
		if i%100 == 0 {
			user.Cost = 60
		}
		m.endUsers = append(m.endUsers, user)
	}
	return m
}

func (m membership) clone() membership {
	return membership{slices.Clone(m.team), slices.Clone(m.endUsers)}
}

func (m membership) setOn(f *fakes) {
	f.vectara.SetUsers(m.team)
	f.openlayer.SetUsers(testPipeline, m.endUsers)
}

// After a change of the users, the plan of the scenario membership has exactly the expected actions. During a fault of
// a server, an apply fails or changes no resource.
func TestAccMembership(t *testing.T) {
	t.Parallel()
	for _, version := range []string{vectara.V1, vectara.V2} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c, f, m := newMembership(t, version)
			c.wantActions(t, "start", map[string]string{
				seat("member0"): "create", seat("member1"): "create", seat("member2"): "create", seat("member3"): "create",
				seat("member4"): "create", seat("member5"): "create", seat("member6"): "create",
				quota("cust-000"): "create", quota("cust-100"): "create", quota("cust-200"): "create",
			})
			for _, step := range membershipChanges {
				step.change(&m)
				m.setOn(f)
				c.wantActions(t, step.name, step.want)
			}
			for _, fault := range membershipFaults {
				if fault.version != "" && fault.version != version {
					continue
				}
				fault.start(f, m.clone())
				c.wantNothingChanged(t, fault)
				f.vectara.Intercept, f.openlayer.Intercept = nil, nil
				m.setOn(f)
			}
			c.wantActions(t, "after the faults", nil)
		})
	}
}

// The drift jobs on GitHub and GitLab run the same script. It fails if the plan has changes or an error, and it prints
// no users.
func TestAccDriftWorkflow(t *testing.T) {
	t.Parallel()
	c, f, m := newMembership(t, vectara.V2)
	step := githubSteps(t, "drift")["Look for drift"]
	if script := gitlabJobs(t)["drift"].Script; step == "" || !slices.Equal(script, []string{step}) {
		t.Fatalf("GitLab runs\n%s\nand GitHub runs\n%s", script, step)
	}
	bin := t.TempDir()
	if err := os.Symlink(os.Getenv("TF_ACC_TERRAFORM_PATH"), filepath.Join(bin, "terraform")); err != nil {
		t.Fatal(err)
	}
	environ := append(slices.Clone(c.env), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TF_CLI_CONFIG_FILE="+accWorkspace.Path("cli.tfrc"))
	c.must(t, "apply", "-auto-approve", "-no-color", "-input=false")
	for _, test := range []struct {
		name   string
		start  func()
		status int
		prints string
	}{
		{name: "no changes", start: func() {}, status: 0, prints: "No changes. Your infrastructure matches the configuration.\n"},
		{name: "a member leaves", start: func() { f.vectara.SetUsers(m.team[1:]) }, status: 2, prints: "Plan: 0 to add, 0 to change, 1 to destroy.\n"},
		{name: "no handle", start: func() {
			m.team[1].Handle = ""
			f.vectara.SetUsers(m.team)
		}, status: 1, prints: "Error: Resource postcondition failed\n"},
		{name: "a fault", start: func() { vectaraFails(2, hangUp)(f, m) }, status: 1, prints: "Error: Vectara cannot be reached\n"},
	} {
		test.start()
		cmd := accWorkspace.Command(t.Context(), c.dir, environ, "sh", "-e", "-c", step)
		printed, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != test.status || string(printed) != test.prints {
			t.Errorf("%s: got %v, want exit status %d with\n%s\ngot:\n%s", test.name, err, test.status, test.prints, printed)
		}
	}
}

// newMembership returns a cli with an initialized copy of the scenario, and fakes. A page of members has two users.
func newMembership(t *testing.T, version string) (*cli, *fakes, membership) {
	t.Helper()
	c := emptyCLI(t)
	f := newFakes(t)
	f.vectara.MaxResults = 2
	copyScenario(t, "membership", c)
	c.must(t, "init", "-input=false", "-no-color")
	env := f.environment()
	maps.Copy(env, map[string]string{
		envVectaraAPIVersion: version, envMaxRetries: "0", "TF_VAR_inference_pipeline_id": testPipeline,
		"TF_VAR_min_administrators": "4", "TF_VAR_min_end_users": "200",
	})
	for variable, value := range env {
		c.env = append(c.env, variable+"="+value)
	}
	m := firstMembership()
	m.setOn(f)
	return c, f, m
}

func seat(handle string) string { return fmt.Sprintf("terraform_data.seat[%q]", handle) }

func quota(user string) string { return fmt.Sprintf("terraform_data.quota[%q]", user) }

// wantActions plans, compares the actions of the plan, and applies it.
func (c *cli) wantActions(t *testing.T, name string, want map[string]string) {
	t.Helper()
	c.must(t, "plan", "-no-color", "-input=false", "-out=saved.plan")
	if got := actions(c.plan(t, "saved.plan")); !maps.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
	c.must(t, "apply", "-no-color", "-input=false", "saved.plan")
}

// wantNothingChanged applies during a fault, and checks the error and that no resource changes.
func (c *cli) wantNothingChanged(t *testing.T, fault membershipFault) {
	t.Helper()
	state := func() []byte {
		content, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	before, printed := state(), c.printed.Len()
	err := c.run(t, "apply", "-auto-approve", "-no-color", "-input=false")
	said := strings.Join(strings.Fields(strings.ReplaceAll(c.printed.String()[printed:], "│", " ")), " ")
	if (err == nil) != (fault.err == "") || !strings.Contains(said, fault.err) {
		t.Errorf("%s: got %v, want an error with %q:\n%s", fault.name, err, fault.err, said)
	}
	if err == nil && !strings.Contains(said, "No changes.") || err != nil && !bytes.Equal(before, state()) {
		t.Errorf("%s: the apply changes a resource or the state:\n%s", fault.name, said)
	}
}

// membershipChanges are changes of the users, one after another.
var membershipChanges = []struct {
	name   string
	change func(*membership)
	want   map[string]string
}{
	{name: "nothing changes", change: func(*membership) {}},
	{name: "another order", change: func(m *membership) {
		slices.Reverse(m.team)
		slices.Reverse(m.endUsers)
	}},
	{name: "a user joins in the middle", change: func(m *membership) {
		m.team = slices.Insert(m.team, 3, vectaratest.User{ID: 99, Handle: "joined", Email: "joined@northwind.example", Roles: []string{"CustomerRole_Owner"}})
		m.endUsers = slices.Insert(m.endUsers, 120, openlayertest.User{ID: "cust-050b", Cost: 51})
	}, want: map[string]string{seat("joined"): "create", quota("cust-050b"): "create"}},
	{name: "a user leaves", change: func(m *membership) {
		m.team = slices.DeleteFunc(m.team, func(u vectaratest.User) bool { return u.Handle == "member2" })
		m.endUsers = slices.DeleteFunc(m.endUsers, func(u openlayertest.User) bool { return u.ID == "cust-100" })
	}, want: map[string]string{seat("member2"): "delete", quota("cust-100"): "delete"}},
	{name: "address, role and cost change", change: func(m *membership) {
		m.member("member1").Email = "new@northwind.example"
		m.member("member3").Roles = []string{"CustomerRole_Owner"}
		m.member("member4").Roles = []string{"CustomerRole_Billing_Admin", "CustomerRole_Admin"}
		m.endUser("cust-000").Cost = 75
		m.endUser("cust-001").Cost = 2
	}, want: map[string]string{seat("member1"): "update", seat("member3"): "update"}},
	{name: "a user qualifies, and two others no longer do", change: func(m *membership) {
		m.member("member4").Roles = []string{"CustomerRole_Billing_Admin"}
		m.endUser("cust-001").Cost = 50.01
		m.endUser("cust-200").Cost = 50
	}, want: map[string]string{seat("member4"): "delete", quota("cust-001"): "create", quota("cust-200"): "delete"}},
	{name: "another handle", change: func(m *membership) {
		m.member("member5").Handle = "renamed"
	}, want: map[string]string{seat("member5"): "delete", seat("renamed"): "create"}},
}

func (m *membership) member(handle string) *vectaratest.User {
	return &m.team[slices.IndexFunc(m.team, func(u vectaratest.User) bool { return u.Handle == handle })]
}

func (m *membership) endUser(id string) *openlayertest.User {
	return &m.endUsers[slices.IndexFunc(m.endUsers, func(u openlayertest.User) bool { return u.ID == id })]
}

// membershipFault is a fault of a server during an apply.
type membershipFault struct {
	name    string
	version string // empty for both
	start   func(*fakes, membership)
	err     string // part of the error; empty for an apply without changes
}

var membershipFaults = []membershipFault{
	{name: "the team is empty", err: "Matching users: 0. min_users requires 4.",
		start: func(f *fakes, _ membership) { f.vectara.SetUsers(nil) }},
	{name: "the team has too few administrators", err: "Matching users: 2. min_users requires 4.",
		start: func(f *fakes, m membership) { f.vectara.SetUsers(m.team[:3]) }}, // only two are administrators
	{name: "the application is empty", err: "Matching users: 0. min_users requires 200.",
		start: func(f *fakes, _ membership) { f.openlayer.SetUsers(testPipeline, nil) }},
	{name: "the application has too few users", err: "Matching users: 199. min_users requires 200.",
		start: func(f *fakes, m membership) { f.openlayer.SetUsers(testPipeline, m.endUsers[:199]) }},
	{name: "no handle", err: "these users have no handle, or the same handle:",
		start: func(f *fakes, m membership) {
			m.team[0].Handle = ""
			f.vectara.SetUsers(m.team)
		}},
	{name: "two users with the same handle", err: "these users have no handle, or the same handle:",
		start: func(f *fakes, m membership) {
			m.team[0].Handle = m.team[1].Handle
			f.vectara.SetUsers(m.team)
		}},
	{name: "Vectara fails at page 2", err: "Vectara is not available", start: vectaraFails(2, respondWith(http.StatusInternalServerError, "{}"))},
	{name: "Vectara limits the rate", err: "Vectara limits the rate of requests", start: vectaraFails(3, respondWith(http.StatusTooManyRequests, "{}"))},
	{name: "Vectara denies access", err: "Vectara denies access", start: vectaraFails(1, respondWith(http.StatusForbidden, "{}"))},
	{name: "Vectara closes the connection", err: "Vectara cannot be reached", start: vectaraFails(4, hangUp)},
	{name: "Vectara sends half a page", err: "Unexpected response from Vectara", start: vectaraFails(2, respondWith(http.StatusOK, `{"user": [`))},
	{name: "Vectara sends an empty object", err: "Unexpected response from Vectara", start: vectaraFails(1, respondWith(http.StatusOK, `{}`))},
	{name: "v1 fails in the body", version: vectara.V1, err: "Vectara is not available",
		start: vectaraFails(2, respondWith(http.StatusOK, `{"user": [], "pageKey": "", "status": {"code": "UNAVAILABLE", "statusDetail": "later"}}`))},
	{name: "v1 ends the second pass early", version: vectara.V1, start: vectaraFailsOnce(6, respondWith(http.StatusOK, `{"user": [], "pageKey": "", "status": null}`))},
	{name: "v2 ends the first pass early", version: vectara.V2, start: vectaraFailsOnce(2, respondWith(http.StatusOK, `{"users": [], "metadata": {"page_key": ""}}`))},
	{name: "the order changes at every request", err: "Listing from Vectara is inconsistent", start: func(f *fakes, m membership) {
		var mu sync.Mutex
		f.vectara.Intercept = func(http.ResponseWriter, *http.Request, int) bool {
			mu.Lock()
			defer mu.Unlock()
			m.team = append(m.team[1:], m.team[0])
			f.vectara.SetUsers(m.team)
			return false
		}
	}},
	{name: "Openlayer fails at page 2", err: "Openlayer is not available", start: openlayerFails(2, respondWith(http.StatusServiceUnavailable, "{}"))},
	{name: "Openlayer closes the connection", err: "Openlayer cannot be reached", start: openlayerFails(3, hangUp)},
	{name: "Openlayer does not have the pipeline", err: "Not found by Openlayer", start: openlayerFails(1, respondWith(http.StatusNotFound, "{}"))},
	{name: "Openlayer sends null", err: "Unexpected response from Openlayer", start: openlayerFails(2, respondWith(http.StatusOK, `{"items": null}`))},
	{name: "Openlayer sends an empty page", start: openlayerFailsOnce(2, respondWith(http.StatusOK, `{"items": []}`))},
	{name: "Openlayer is loading", start: openlayerFailsOnce(1, respondWith(http.StatusAccepted, `{"success": true}`))},
}

func respondWith(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// from responds with a fault to request number first, and to all later requests unless once is true.
func from(first int64, once bool, fault http.HandlerFunc) fakehttp.Intercept {
	var requests atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		n := requests.Add(1)
		if n < first || once && n > first {
			return false
		}
		fault(w, r)
		return true
	}
}

func vectaraFails(first int64, fault http.HandlerFunc) func(*fakes, membership) {
	return func(f *fakes, _ membership) { f.vectara.Intercept = from(first, false, fault) }
}

func vectaraFailsOnce(number int64, fault http.HandlerFunc) func(*fakes, membership) {
	return func(f *fakes, _ membership) { f.vectara.Intercept = from(number, true, fault) }
}

func openlayerFails(first int64, fault http.HandlerFunc) func(*fakes, membership) {
	return func(f *fakes, _ membership) { f.openlayer.Intercept = from(first, false, fault) }
}

func openlayerFailsOnce(number int64, fault http.HandlerFunc) func(*fakes, membership) {
	return func(f *fakes, _ membership) { f.openlayer.Intercept = from(number, true, fault) }
}
