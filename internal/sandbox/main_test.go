package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// start runs the sandbox until the test ends and returns the lines that it prints.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, printed, io.Discard)
		printed.CloseWithError(err) // ends the reading below if the sandbox could not start
		done <- err
	}()

	var lines strings.Builder
	reader := bufio.NewReader(stdout)
	for range 6 {
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

// eval has a shell evaluate the lines and returns the variables that a child of it sees.
func eval(t *testing.T, lines string) map[string]string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell here")
	}
	cmd := exec.CommandContext(t.Context(), shell, "-c", `eval "$1"; env`, "sh", lines)
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
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

func post(t *testing.T, url, body string, headers map[string]string, answer any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
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
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		t.Fatalf("%s: status %d: %v", url, resp.StatusCode, err)
	}
	return resp.StatusCode
}

// What the sandbox prints is all that a client needs to read both listings.
func TestPrintedEnvironmentWorks(t *testing.T) {
	t.Parallel()
	env := eval(t, start(t, "-users", "30", "-team", "8", "-latency", "1ms", "-now", "2026-03-01"))

	var users struct{ Items []struct{ ID string } }
	usersURL := env["OPENLAYER_BASE_URL"] + "/inference-pipelines/" + env["TF_VAR_inference_pipeline_id"] + "/users?perPage=100"
	auth := map[string]string{"Authorization": "Bearer " + env["OPENLAYER_API_KEY"]}
	for _, want := range []int{http.StatusAccepted, http.StatusOK} {
		if got := post(t, usersURL, "", auth, &users); got != want {
			t.Errorf("Openlayer answered %d, want %d", got, want)
		}
	}
	if len(users.Items) != 30 {
		t.Errorf("%d users, want 30", len(users.Items))
	}

	var team struct{ User []struct{ Email string } }
	status := post(t, env["VECTARA_BASE_URL"]+"/v1/list-users", `{"listUsersType": "LIST_USERS_TYPE__ALL"}`, map[string]string{
		"Authorization": "Bearer " + env["VECTARA_OAUTH_TOKEN"],
		"customer-id":   env["VECTARA_CUSTOMER_ID"],
	}, &team)
	if status != http.StatusOK || len(team.User) != 8 {
		t.Errorf("Vectara answered %d with %d users, want 8", status, len(team.User))
	}
}

func TestStopsDuringAnAnswer(t *testing.T) {
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
	// The server says "100 Continue" once the handler reads the body, so it is at work by then.
	io.WriteString(conn, "POST /vectara/v1/list-users HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}") //nolint:errcheck // The read below fails then.
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}

	stopped := time.Now()
	stop()
	if err := <-done; err != nil || time.Since(stopped) > 3*time.Second {
		t.Errorf("got %v after %v", err, time.Since(stopped))
	}
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
		"-now yesterday":       "not a date",
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
