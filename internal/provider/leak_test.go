package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// The provider writes a log only if a variable of the CLI enables the log of providers.
func TestAccLogOnDemand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	for name, test := range map[string]struct {
		setting string
		logs    bool
	}{
		"the CLI's log": {"TF_LOG_CORE=TRACE", false}, "the provider's log": {"TF_LOG_PROVIDER=DEBUG", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakes(t)
			f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "somebody"}})
			c := newCLIOf(t, loggingVersion, f, `
				data "openlayer_pipeline_users" "all" {
					provider              = llmusers
					inference_pipeline_id = "`+testPipeline+`"
				}`)
			log := write(t, t.TempDir(), "log", "")
			c.env = append(c.env, "PROVIDER_LOG="+log, "TF_LOG=", test.setting)
			c.must(t, "plan")
			written, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{"Sent a request", "tf_rpc"} { // of the provider and of the framework
				if strings.Contains(string(written), line) != test.logs {
					t.Errorf("%q is in the log: %t, want %t", line, !test.logs, test.logs)
				}
			}
		})
	}
}

// The output, the log at the level TRACE, the plan and the state of a run contain no credential, even if a vendor sends
// the credential back.
func TestAccNoCredentialIsLeftBehind(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request, _ testListing) {
		w.WriteHeader(http.StatusUnauthorized)
		header := r.Header.Get("Authorization")
		said := fmt.Sprintf("%q", "not good: "+header)
		fmt.Fprintf(w, `{"code": 16, "message": %[1]s, "error": %[1]s, "messages": [%[1]s]}`, said)
	}
	echoInBody := func(w http.ResponseWriter, r *http.Request, _ testListing) {
		fmt.Fprintf(w, "<html>%s</html>", r.Header)
	}
	echoInNumber := func(w http.ResponseWriter, r *http.Request, l testListing) {
		field := map[string]string{"Openlayer": "sessions", "Vectara": "enabled"}[l.vendor]
		if l.fields["id"] != nil {
			field = "id"
		}
		fmt.Fprintf(w, l.rows, fmt.Sprintf(`[{%q: %q}]`, field, r.Header.Get("Authorization")))
	}
	// The credential follows the response, because net/http logs bytes that arrive on an idle connection.
	echoAfter := func(w http.ResponseWriter, r *http.Request, l testListing) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		page := fmt.Sprintf(l.rows, "[]")
		fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", len(page), page, r.Header.Get("Authorization"))
		_ = connection.Close()
	}
	for name, fault := range map[string]fault{
		"a good run": nil, "an echo in the vendor's message": echo, "an echo in HTML": echoInBody, "an echo in a number": echoInNumber,
		"an echo after the response": echoAfter,
	} {
		for _, l := range listings {
			t.Run(name+"/"+l.name, func(t *testing.T) {
				t.Parallel()
				f := newFakes(t)
				f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: "somebody@northwind.example"}})
				f.vectara.SetUsers([]vectaratest.User{{ID: 1, Email: "somebody@northwind.example"}, {ID: 2, Handle: "somebody@northwind.example", Type: vectaratest.TypeAppClient}})
				if fault != nil {
					l.intercept(f, fault)
				}
				c := newCLI(t, f, l.block("data"))
				if hasSince(t, ephemeralSince) {
					write(t, c.dir, "ephemeral.tf", l.block("ephemeral"))
				}
				c.env = append(c.env, envVectaraAPIVersion+"="+l.version)
				good := fault == nil || name == "an echo after the response"
				for _, args := range [][]string{{"validate"}, {"plan", "-out=saved"}, {"show", "-json", "saved"}, {"apply", "saved"}, {"show", "-json"}} {
					if err := c.run(t, args...); err != nil {
						if !good && args[0] == "plan" {
							break
						}
						t.Fatalf("%s: %v\n%s", args, err, &c.printed)
					}
				}
				all := c.leftBehind(t)
				for _, secret := range []string{testAPIKey, testToken} {
					for file, content := range all {
						// A part of a credential is a leak too.
						if i := bytes.Index(content, []byte(secret[:10])); i >= 0 {
							t.Errorf("%s contains a credential: …%s…", file, content[max(0, i-200):min(len(content), i+100)])
						}
					}
				}
				// Check that the search covered the log, and the state and the plan if the run succeeds.
				if log := string(all["trace.log"]); !strings.Contains(log, "Sent a request") || !strings.Contains(log, "TRACE") {
					t.Errorf("the log has no request at the level TRACE: %d bytes", len(log))
				}
				if good {
					if fault == nil && !strings.Contains(string(all["terraform.tfstate"]), "somebody@northwind.example") {
						t.Error("there is no state")
					}
					if _, ok := all["saved/tfplan"]; !ok {
						t.Error("there is no plan")
					}
				} else if printed := string(all["printed"]); !strings.Contains(printed, "[withheld: it repeats a credential]") && !strings.Contains(printed, "the response repeats the credential") &&
					(name == "an echo in the vendor's message" || strings.Contains(printed, "the body begins")) { // the error does not always quote the body
					t.Errorf("the output does not say that the response repeats a credential:\n%s", all["printed"])
				}
			})
		}
	}
}

// REST v2 lists app clients with their client secrets. The output, the log, the plan and the state of a run contain no
// such secret, whether the listing succeeds or fails. The listing also has the provider's own client secret.
func TestAccNoClientSecretIsLeftBehind(t *testing.T) {
	t.Parallel()
	const clientID, clientSecret = "own-client-31d8", "own-secret-5b7e+/&\\"
	client := `{"id": "app_9", "name": "stranger", "client_id": "c", "client_secret": "` + vectaratest.SecretPrefix + `app_9"`
	respond := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		respond func(http.ResponseWriter)
		printed string // part of the error
	}{
		"a good run":                 {},
		"a response that is cut off": {respond(http.StatusOK, `{"app_clients": [`+client), "Could not read the app clients"},
		"a field of another type":    {respond(http.StatusOK, `{"app_clients": [`+client+`, "api_roles": 7}]}`), "Could not read the app clients"},
		"no list":                    {respond(http.StatusOK, `{"clients": [`+client+`}]}`), "no list"},
		"HTML":                       {respond(http.StatusOK, `<html>`+client+`</html>`), "Could not read the app clients"},
		"a part of the listing":      {respond(http.StatusPartialContent, `{"app_clients": [`+client+`}]}`), "Could not read the app clients"},
		"the listing in a 400":       {respond(http.StatusBadRequest, `{"app_clients": [`+client+`}]}`), "Could not read the app clients"},
		"a 403":                      {respond(http.StatusForbidden, `{"messages": ["Not allowed."]}`), "include_app_clients"},
		"a 403 in HTML":              {respond(http.StatusForbidden, `<html>`+client+`</html>`), "include_app_clients"},
	} {
		for _, kind := range []string{"data", "ephemeral"} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				if kind == "ephemeral" {
					skipWithoutEphemeral(t)
				}
				f := newFakes(t)
				f.vectara.ClientID, f.vectara.ClientSecret = clientID, clientSecret
				f.vectara.SetUsers([]vectaratest.User{
					{ID: 1, Email: "somebody@northwind.example", Roles: []string{"CustomerRole_Owner"}},
					{ID: 2, Handle: "own", Type: vectaratest.TypeAppClient, ClientID: clientID, ClientSecret: clientSecret},
					{ID: 3, Handle: "other", Type: vectaratest.TypeAppClient, APIPolicy: &vectaratest.APIPolicy{Name: "exports"}},
				})
				listed := make(chan bool, 100)
				f.vectara.Intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
					if r.URL.Path != "/v2/app_clients" {
						return false
					}
					listed <- true
					if test.respond == nil {
						return false
					}
					test.respond(w)
					return true
				}
				c := newCLI(t, f, kind+` "vectara_users" "all" {
					provider = llmusers
				}
				check "everybody" {
					assert {
						condition     = length(`+map[string]string{"data": "data.", "ephemeral": "ephemeral."}[kind]+`vectara_users.all.users) == 3
						error_message = "There are others."
					}
				}`)
				c.env = append(c.env, envVectaraAPIVersion+"=v2", envVectaraOAuthToken+"=", envVectaraTokenURL+"="+f.vectaraServer.URL+vectaratest.TokenPath,
					envVectaraClientID+"="+clientID, envVectaraClientSecret+"="+clientSecret)
				for _, args := range [][]string{{"validate"}, {"plan", "-out=saved"}, {"show", "-json", "saved"}, {"apply", "saved"}, {"show", "-json"}} {
					if err := c.run(t, args...); err != nil {
						if test.respond != nil && args[0] == "plan" {
							break
						}
						t.Fatalf("%s: %v\n%s", args, err, &c.printed)
					}
				}
				all := c.leftBehind(t)
				for _, secret := range []string{
					vectaratest.SecretPrefix[:10], clientSecret[:10],
					base64.StdEncoding.EncodeToString([]byte(clientSecret))[:10], hex.EncodeToString([]byte(clientSecret))[:10], url.QueryEscape(clientSecret),
				} {
					for file, content := range all {
						if i := bytes.Index(content, []byte(secret)); i >= 0 {
							t.Errorf("%s contains a client secret: …%s…", file, content[max(0, i-200):min(len(content), i+100)])
						}
					}
				}
				// Check that the provider read the app clients, and that the search covered the log.
				if len(listed) == 0 {
					t.Error("the provider did not request the app clients")
				}
				if log := string(all["trace.log"]); !strings.Contains(log, "app_clients") || !strings.Contains(log, "TRACE") {
					t.Errorf("the log has no request for app clients at the level TRACE: %d bytes", len(log))
				}
				printed := strings.Join(strings.Fields(regexp.MustCompile("\x1b\\[[0-9]+m|│").ReplaceAllString(string(all["printed"]), " ")), " ")
				if !strings.Contains(printed, test.printed) || strings.Contains(printed, "There are others.") {
					t.Errorf("got the output %q, want one with %q and without a failed check", printed, test.printed)
				}
				if state := string(all["terraform.tfstate"]); test.respond == nil && strings.Contains(state, `"other"`) != (kind == "data") {
					t.Errorf("only a data source has users in the state, got %s", state)
				}
			})
		}
	}
}

// The output, the log, the plan and the state of a run contain no mail address, no handle and no ID of a user from an
// ephemeral resource or from a data source with include_users = false, even if a condition uses them.
func TestAccNoPersonalDataIsLeftBehind(t *testing.T) {
	t.Parallel()
	skipWithoutEphemeral(t)
	names := []string{"ada@northwind.example", "ada-handle", "cust-ada"}
	f := newFakes(t)
	f.openlayer.SetUsers(testPipeline, []openlayertest.User{{ID: names[2], Cost: 7}})
	f.vectara.SetUsers([]vectaratest.User{{ID: 1, Email: names[0], Handle: names[1], Roles: []string{"CustomerRole_Owner"}}})
	config := func(owners int) string {
		return fmt.Sprintf(`
			ephemeral "vectara_users" "team" {
				provider = llmusers
				lifecycle {
					postcondition {
						condition     = length([for u in self.users : u if endswith(u.email, "@northwind.example") && contains(u.roles, "CustomerRole_Owner")]) == %d
						error_message = "The number of owners is another one."
					}
				}
			}
			ephemeral "openlayer_pipeline_users" "bot" {
				provider              = llmusers
				inference_pipeline_id = %q
				lifecycle {
					postcondition {
						condition     = alltrue([for u in self.users : u.cost < 10])
						error_message = "A user costs too much."
					}
				}
			}
			data "vectara_users" "team" {
				provider      = llmusers
				include_users = false
			}
			output "members" {
				value = data.vectara_users.team.summary.matched
			}`, owners, testPipeline)
	}
	c := newCLI(t, f, config(1))
	// The commands do not include "show -json": Terraform 1.11 crashes there if an ephemeral block has a condition.
	for _, args := range [][]string{{"plan", "-out=saved"}, {"show", "saved"}, {"apply", "saved"}, {"show"}} {
		if err := c.run(t, args...); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, &c.printed)
		}
	}
	all := c.leftBehind(t)
	for file, content := range all {
		for _, name := range names {
			if bytes.Contains(content, []byte(name)) {
				t.Errorf("%s contains %s", file, name)
			}
		}
	}
	if state := string(all["terraform.tfstate"]); !strings.Contains(state, `"matched": 1`) {
		t.Errorf("there is no summary in the state: %s", state)
	}

	broken := newCLI(t, f, config(2))
	if err := broken.run(t, "plan"); err == nil || !strings.Contains(broken.printed.String(), "The number of owners is another one.") {
		t.Errorf("the plan returns %v, want the error of the postcondition:\n%s", err, &broken.printed)
	}
}
