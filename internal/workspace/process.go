package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The variables that a child must not get from whoever runs the demo: Terraform's, OpenTofu's, the
// vendors' and the provider's own settings would make it another demo.
var foreign = []string{"TF_", "TOFU_", "OPENTOFU_", "TERRAFORM_", "OPENLAYER_", "VECTARA_", "LLMUSERS_"}

// cleanEnviron returns the environment without what is foreign.
func cleanEnviron(environ []string) []string {
	var clean []string
next:
	for _, variable := range environ {
		for _, prefix := range foreign {
			if strings.HasPrefix(variable, prefix) {
				continue next
			}
		}
		clean = append(clean, variable)
	}
	return clean
}

// lookup finds a variable of an environment.
func lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) { // the last one counts
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// grace is how long a child may take to end by itself after an interrupt.
const grace = 10 * time.Second

// command prepares a child process that is interrupted, with all of its own children, when ctx
// ends. It is in a process group of its own, so that Ctrl-C on the terminal reaches it through ctx
// only: at a second interrupt Terraform would stop without tidying up.
func command(ctx context.Context, environ []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = environ
	cmd.WaitDelay = grace
	group(cmd)
	return cmd
}

// output runs a command to its end and returns what it wrote to standard output. The error of one
// that fails holds all that it wrote.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	killGroup(cmd)
	if err != nil {
		return nil, &commandError{command: spoken(cmd.Args), err: err, output: stdout.String() + stderr.String()}
	}
	return stdout.Bytes(), nil
}

// commandError is a command that failed.
type commandError struct {
	command, output string
	err             error
}

func (e *commandError) Error() string {
	text := fmt.Sprintf("%s failed: %v", e.command, e.err)
	if output := strings.TrimSpace(e.output); output != "" {
		text += "\n\n" + output
	}
	return text
}

func (e *commandError) Unwrap() error { return e.err }

// spoken is a command line without the folder of its program.
func spoken(args []string) string {
	return strings.Join(append([]string{filepath.Base(args[0])}, args[1:]...), " ")
}
