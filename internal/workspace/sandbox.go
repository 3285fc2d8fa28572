package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"slices"
	"strings"
)

// baseURL is the variable of the sandbox that tells where it listens.
const baseURL = "VECTARA_BASE_URL"

// The variables that the sandbox gives, all of which the scenario needs: those that are the same for
// both versions of Vectara's API, and one for each.
var (
	sandboxVariables = []string{
		"OPENLAYER_API_KEY", "OPENLAYER_BASE_URL",
		"VECTARA_OAUTH_TOKEN", baseURL,
		"TF_VAR_inference_pipeline_id",
	}
	apiVariables = map[string]string{"v1": "VECTARA_CUSTOMER_ID", "v2": "VECTARA_API_VERSION"}
)

// sandbox is the running sandbox.
type sandbox struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	// environ leads the provider and the scenario to it.
	environ []string
}

// startSandbox starts a program, for a version of Vectara's API, and waits until it has told its
// variables, which it does when it listens. It runs until stop.
func startSandbox(ctx context.Context, environ []string, program, api string) (*sandbox, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &sandbox{cmd: command(ctx, environ, program, "-addr", "127.0.0.1:0", "-api", api), cancel: cancel}
	var stderr bytes.Buffer
	s.cmd.Stderr = &stderr
	stdout, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	if s.environ, err = readExports(stdout, append(slices.Clone(sandboxVariables), apiVariables[api])); err != nil {
		s.stop()
		return nil, &commandError{command: spoken(s.cmd.Args), err: err, output: stderr.String()}
	}
	return s, nil
}

// stop ends the sandbox and waits for its end.
func (s *sandbox) stop() {
	s.cancel()
	_ = s.cmd.Wait() // it was interrupted, so that its status says nothing
	killGroup(s.cmd)
}

// address is where the sandbox listens.
func (s *sandbox) address() string {
	parsed, err := url.Parse(lookup(s.environ, baseURL))
	if err != nil {
		return ""
	}
	return parsed.Host
}

// readExports reads lines of a shell, export NAME='value', until it has all of the names, and
// returns them as NAME=value.
func readExports(from io.Reader, names []string) ([]string, error) {
	missing := map[string]bool{}
	for _, name := range names {
		missing[name] = true
	}
	var environ []string
	lines := bufio.NewScanner(from)
	for len(missing) > 0 && lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok || !missing[name] {
			continue
		}
		delete(missing, name)
		environ = append(environ, name+"="+unquote(value))
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("it ended without having told %d of the variables %s", len(missing), strings.Join(names, ", "))
	}
	return environ, nil
}

// unquote takes a word out of a shell's single quotes.
func unquote(word string) string {
	inner, ok := strings.CutPrefix(word, "'")
	if !ok {
		return word
	}
	return strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `'\''`, "'")
}
