package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
)

// lastVariable is the variable in the last line of the sandbox's output.
const lastVariable = "TF_VAR_inference_pipeline_id"

// start runs the sandbox until the test ends. It returns the lines that the sandbox prints.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, printed, io.Discard)
		printed.CloseWithError(err) // ends the loop below if the sandbox fails to start
		done <- err
	}()

	var lines strings.Builder
	reader := bufio.NewReader(stdout)
	for !strings.Contains(lines.String(), lastVariable) {
		line, err := reader.ReadString('\n')
		if err != nil {
			t.Fatalf("after %q: %v", lines.String(), err)
		}
		lines.WriteString(line)
	}
	t.Cleanup(func() {
		stop()
		if more, err := io.ReadAll(reader); len(more) > 0 || err != nil {
			t.Errorf("printed more than the environment: %q, %v", more, err)
		}
		if err := <-done; err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return lines.String()
}

// eval evaluates the lines in a shell with this environment. It returns the environment of a child of the shell.
func eval(t *testing.T, lines string, environ ...string) map[string]string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell here")
	}
	cmd := exec.CommandContext(t.Context(), shell, "-c", `eval "$1"; env`, "sh", lines)
	cmd.Env = append([]string{"PATH=/usr/bin:/bin"}, environ...)
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	variables := make(map[string]string)
	for line := range strings.Lines(string(output)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		variables[name] = value
	}
	return variables
}

func post(t *testing.T, url, body string, headers map[string]string, into any) int {
	t.Helper()
	return request(t, http.MethodPost, url, body, headers, into)
}

func request(t *testing.T, method, url, body string, headers map[string]string, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatalf("%s: status %d: %v", url, resp.StatusCode, err)
	}
	return resp.StatusCode
}

// With the variables that the sandbox prints, a client can read both listings.
func TestPrintedEnvironmentWorks(t *testing.T) {
	t.Parallel()
	env := eval(t, start(t, "-users", "30", "-team", "8", "-latency", "1ms", "-now", "2026-03-01"))

	var users struct{ Items []struct{ ID string } }
	usersURL := env["OPENLAYER_BASE_URL"] + "/inference-pipelines/" + env["TF_VAR_inference_pipeline_id"] + "/users?perPage=100"
	auth := map[string]string{"Authorization": "Bearer " + env["OPENLAYER_API_KEY"]}
	for _, want := range []int{http.StatusAccepted, http.StatusOK} {
		if got := post(t, usersURL, "", auth, &users); got != want {
			t.Errorf("Openlayer's mock server returned %d, want %d", got, want)
		}
	}
	if len(users.Items) != 30 {
		t.Errorf("%d users, want 30", len(users.Items))
	}

	if got := readTeam(t, env); got != 8 {
		t.Errorf("%d members, want 8", got)
	}
}

// readTeam reads the Vectara team with these variables. It returns the number of members, including app clients.
func readTeam(t *testing.T, env map[string]string) int {
	t.Helper()
	token := env["VECTARA_OAUTH_TOKEN"]
	if tokenURL := env["VECTARA_TOKEN_URL"]; tokenURL != "" {
		var response struct {
			AccessToken string `json:"access_token"`
		}
		form := url.Values{
			"grant_type":    {"client_credentials"},
			"client_id":     {env["VECTARA_CLIENT_ID"]},
			"client_secret": {env["VECTARA_CLIENT_SECRET"]},
		}
		post(t, tokenURL, form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, &response)
		token = response.AccessToken
	}
	headers := map[string]string{"Authorization": "Bearer " + token}
	if key := env["VECTARA_API_KEY"]; key != "" {
		headers = map[string]string{"x-api-key": key}
	}

	type appClient struct {
		ClientID string `json:"client_id"`
	}
	var team struct {
		User, Users []struct{ ID any }
		AppClients  []appClient `json:"app_clients"`
	}
	var status int
	if env["VECTARA_API_VERSION"] == "v2" || env["VECTARA_CUSTOMER_ID"] == "" { // the same rule as in the provider
		status = request(t, http.MethodGet, env["VECTARA_BASE_URL"]+"/v2/users?limit=100&corpus_key="+corpora[0], "", headers, &team)
		if status != http.StatusOK || len(team.Users) == 0 {
			t.Errorf("one corpus: status %d with %d users", status, len(team.Users))
		}
		if status = request(t, http.MethodGet, env["VECTARA_BASE_URL"]+"/v2/app_clients?limit=100", "", headers, &team); status != http.StatusOK {
			t.Errorf("app clients: status %d", status)
		}
		if id := env["VECTARA_CLIENT_ID"]; id != "" && !slices.Contains(team.AppClients, appClient{id}) {
			t.Errorf("the app client of the credentials is not in %v", team.AppClients)
		}
		status = request(t, http.MethodGet, env["VECTARA_BASE_URL"]+"/v2/users?limit=100", "", headers, &team)
	} else {
		headers["customer-id"] = env["VECTARA_CUSTOMER_ID"]
		status = post(t, env["VECTARA_BASE_URL"]+"/v1/list-users", `{"listUsersType": "LIST_USERS_TYPE__ALL", "numResults": 100}`, headers, &team)
	}
	if status != http.StatusOK {
		t.Errorf("Vectara's mock server returned %d", status)
	}
	return len(team.User) + len(team.Users) + len(team.AppClients)
}

// After a shell evaluates the lines, it has exactly one Vectara credential, and a client can read the team.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"":                       "BASE_URL OAUTH_TOKEN",
		"-api v2":                "BASE_URL OAUTH_TOKEN",
		"-auth client":           "BASE_URL CLIENT_ID CLIENT_SECRET TOKEN_URL",
		"-auth key":              "API_KEY BASE_URL",
		"-api v1":                "BASE_URL CUSTOMER_ID OAUTH_TOKEN",
		"-api v1 -auth client":   "BASE_URL CLIENT_ID CLIENT_SECRET CUSTOMER_ID TOKEN_URL",
		"-api both":              "API_VERSION BASE_URL CUSTOMER_ID OAUTH_TOKEN",
		"-api both -auth client": "API_VERSION BASE_URL CLIENT_ID CLIENT_SECRET CUSTOMER_ID TOKEN_URL",
	} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			lines := start(t, append(strings.Fields(flags), "-team", "36", "-users", "1", "-latency", "0")...)
			env := eval(t, lines,
				"VECTARA_API_KEY=old", "VECTARA_API_VERSION=old", "VECTARA_BASE_URL=old", "VECTARA_CLIENT_ID=old",
				"VECTARA_CLIENT_SECRET=old", "VECTARA_CUSTOMER_ID=old", "VECTARA_OAUTH_TOKEN=old", "VECTARA_TOKEN_URL=old")
			var names []string
			for name := range env {
				if name, ok := strings.CutPrefix(name, "VECTARA_"); ok {
					names = append(names, name)
				}
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := readTeam(t, env); got != 36 {
				t.Errorf("%d members, want 36", got)
			}
			if env["VECTARA_API_VERSION"] != "" { // with -api both
				env["VECTARA_API_VERSION"] = "v1"
				if got := readTeam(t, env); got != 36 {
					t.Errorf("%d members by v1, want 36", got)
				}
			}

			wantV1 := http.StatusOK
			if env["VECTARA_CUSTOMER_ID"] == "" {
				wantV1 = http.StatusGone // retired
			}
			var response any
			got := post(t, env["VECTARA_BASE_URL"]+"/v1/list-users", "{}", map[string]string{
				"Authorization": "Bearer " + vectaraToken, "customer-id": vectaraCustomerID,
			}, &response)
			if got != wantV1 {
				t.Errorf("v1 returned %d, want %d", got, wantV1)
			}
		})
	}
}

// startWithFile runs the sandbox with -env-file. It returns the content of the file after the sandbox listens, and a
// function that stops the sandbox.
func startWithFile(t *testing.T, file string) (lines string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var stdout strings.Builder
	from, stderr := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-env-file", file, "-users", "1", "-team", "8", "-latency", "0"}, &stdout, stderr)
		stderr.CloseWithError(err)
		done <- err
	}()
	reader := bufio.NewReader(from)
	if line, err := reader.ReadString('\n'); err != nil || !strings.HasPrefix(line, "Serving ") {
		t.Fatalf("the sandbox printed %q, %v", line, err)
	}
	go io.Copy(io.Discard, reader) // Discard the rest, so that the sandbox does not block.
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content), func() {
		cancel()
		if err := <-done; err != nil || stdout.Len() > 0 {
			t.Errorf("stopping: %v, with %q on standard output", err, &stdout)
		}
	}
}

// The sandbox replaces the file atomically, so that a reader never finds a part of it, and removes it at its end.
func TestEnvFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, earlier := filepath.Join(dir, "sandbox.env"), filepath.Join(dir, "earlier")
	if err := errors.Join(os.WriteFile(file, []byte("earlier"), 0o600), os.Link(file, earlier)); err != nil {
		t.Fatal(err)
	}

	first, stopFirst := startWithFile(t, file)
	if content, err := os.ReadFile(earlier); string(content) != "earlier" {
		t.Errorf("the file was written in place: %q, %v", content, err)
	}
	if got := readTeam(t, eval(t, first)); got != 8 {
		t.Errorf("%d members, want 8", got)
	}

	second, stopSecond := startWithFile(t, file)
	stopFirst()
	if content, err := os.ReadFile(file); string(content) != second {
		t.Errorf("after the end of the first sandbox, the second one's file has %q, %v", content, err)
	}
	stopSecond()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "earlier" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestStopsDuringAResponse(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"-latency", "1h", "-users", "1"}, printed, io.Discard) }()

	lines := make([]byte, 4096)
	n, err := stdout.Read(lines)
	if err != nil {
		t.Fatal(err)
	}
	baseURL, err := url.Parse(eval(t, string(lines[:n]))["VECTARA_BASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", baseURL.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The server sends "100 Continue" when the handler reads the body, so the handler is running by then.
	io.WriteString(conn, "POST /vectara/v1/list-users HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}") // An error makes the read below fail.
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}

	stopped := time.Now()
	stop()
	if err := <-done; err != nil || time.Since(stopped) > 3*time.Second {
		t.Errorf("got %v after %v", err, time.Since(stopped))
	}
}

func TestLogged(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	handler := logged(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, lines.String()) // An error makes the comparison below fail.
	}), log.New(&lines, "", 0))
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/openlayer/v1/users?page=2", nil))
	const request = "POST /openlayer/v1/users?page=2\n"
	if want := request + "202 " + request; recorder.Body.String() != want || recorder.Code != http.StatusAccepted {
		t.Errorf("the response has the status %d, and before it was sent there was %q, want %q", recorder.Code, recorder.Body, want)
	}
}

// The test uses synctest, so that the requests are in flight at the same time.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, err := parseOptions(strings.Fields("-concurrency 2 -loading 0 -users 1 -latency 1s"), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var lines strings.Builder
		handler := logged(newHandler(o), log.New(&lines, "", 0))
		path := openlayerPath + openlayertest.BasePath + "/inference-pipelines/" + pipelineID + "/users"
		statuses := make(chan int)
		for range 3 {
			go func() {
				request := httptest.NewRequest(http.MethodPost, path, nil)
				request.Header.Set("Authorization", "Bearer "+openlayerKey)
				response := httptest.NewRecorder()
				handler.ServeHTTP(response, request)
				statuses <- response.Code
			}()
		}
		got := []int{<-statuses, <-statuses, <-statuses}
		slices.Sort(got)
		if want := []int{200, 200, 429}; !slices.Equal(got, want) {
			t.Errorf("got %d, want %d", got, want)
		}
		if got := strings.Count(lines.String(), "\n429 POST "+path+"\n"); got != 1 {
			t.Errorf("%d responses of 429 in the log, want 1:\n%s", got, &lines)
		}
	})
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-addr 0.0.0.0:0":      "not a loopback address",
		"-addr :0":             "not a loopback address",
		"-addr [::]:0":         "not a loopback address",
		"-addr 192.0.2.1:8080": "not a loopback address",
		"-addr 127.0.0.1":      "missing port",
		"-users -1":            "negative",
		"-concurrency -1":      "negative",
		"-now yesterday":       "not a date",
		"-auth basic":          `"basic" is none of token, client and key`,
		"-api 2":               `"2" is none of v1, v2 and both`,
		"-auth key -api v1":    "API v1 does not accept an API key",
		"-auth key -api both":  "API v1 does not accept an API key",
		"-env-file /nowhere/x": "-env-file: open /nowhere/",
		"eval":                 `unexpected argument "eval"`,
	} {
		var stdout strings.Builder
		err := run(t.Context(), strings.Fields(args), &stdout, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || stdout.Len() > 0 {
			t.Errorf("%s: got %v and printed %q, want an error with %q", args, err, stdout.String(), want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	lines := "export A=" + shellQuote(`it's $HOME "and" \more`) + "\n"
	if got := eval(t, lines)["A"]; got != `it's $HOME "and" \more` {
		t.Errorf("the shell reads %q", got)
	}
}
