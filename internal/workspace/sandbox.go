package workspace

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// baseURL is the variable with the sandbox's address.
const baseURL = "VECTARA_BASE_URL"

// The variables that the sandbox prints, for both versions of Vectara's API, and for a version only.
var (
	sandboxVariables = []string{
		"OPENLAYER_API_KEY", "OPENLAYER_BASE_URL",
		"VECTARA_OAUTH_TOKEN", baseURL,
		"TF_VAR_inference_pipeline_id",
	}
	apiVariables = map[string][]string{"v1": {"VECTARA_CUSTOMER_ID"}}
)

// Sandbox is a running sandbox.
type Sandbox struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	log    string
	// Environ has the variables that configure the provider for the sandbox.
	Environ []string
}

// StartSandbox starts the sandbox for a version of Vectara's API, and waits until it listens. The program must be in
// bin. The sandbox runs until Stop.
func (w *Workspace) StartSandbox(ctx context.Context, api string, flags ...string) (*Sandbox, error) {
	// The log is a file and not a pipe, so that the line of a request is readable before its response.
	log, err := os.CreateTemp(w.dir, "sandbox-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close() //nolint:errcheck // Only the sandbox writes to it.
	ctx, cancel := context.WithCancel(ctx)
	s := &Sandbox{
		cmd:    Command(ctx, w.environ, w.Path("bin", "sandbox"), append([]string{"-addr", "127.0.0.1:0", "-api", api}, flags...)...),
		cancel: cancel,
		log:    log.Name(),
	}
	s.cmd.Stderr = log
	stdout, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	// The sandbox prints its variables when it listens.
	if s.Environ, err = readExports(stdout, append(slices.Clone(sandboxVariables), apiVariables[api]...)); err != nil {
		s.Stop()
		said, readErr := os.ReadFile(s.log)
		return nil, errors.Join(&CommandError{Command: spoken(s.cmd.Args), Err: err, Output: string(said)}, readErr)
	}
	return s, nil
}

// Stop ends the sandbox and waits for its end.
func (s *Sandbox) Stop() {
	s.cancel()
	_ = s.cmd.Wait() // the status of an interrupted process is not an error
	killGroup(s.cmd)
}

// Address returns the address at which the sandbox listens.
func (s *Sandbox) Address() string {
	parsed, err := url.Parse(Lookup(s.Environ, baseURL))
	if err != nil {
		return ""
	}
	return parsed.Host
}

// Requests returns the number of requests that the sandbox has received, and that it has rejected with 429. It needs the
// sandbox's flag -log.
func (s *Sandbox) Requests() (received, rejected int, err error) {
	log, err := os.ReadFile(s.log)
	count := func(line string) int { return bytes.Count(log, []byte("\n"+line+" ")) }
	return count("POST") + count("GET"), count("429"), err
}

// readExports reads lines export NAME='value' until it has all names. It returns them as NAME=value.
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
		return nil, fmt.Errorf("it ended without printing %d of the variables %s", len(missing), strings.Join(names, ", "))
	}
	return environ, nil
}

// unquote removes the single quotes of a shell.
func unquote(word string) string {
	inner, ok := strings.CutPrefix(word, "'")
	if !ok {
		return word
	}
	return strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `'\''`, "'")
}
