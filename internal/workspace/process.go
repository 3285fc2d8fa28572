package workspace

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Main runs a program with a context that ends at an interrupt. It exits if the program fails.
func Main(run func(context.Context) error) {
	// Without this, SIGPIPE would end the program before it can clean up, for example if its reader is head.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()

	err := run(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "\nInterrupted.")
		os.Exit(130)
	default:
		fmt.Fprintf(os.Stderr, "\n%s\n", err)
		os.Exit(1)
	}
}

// foreign are the prefixes of variables that a child process must not inherit from the user: settings of Terraform,
// OpenTofu, the vendors and the provider.
var foreign = []string{"TF_", "TOFU_", "OPENTOFU_", "TERRAFORM_", "OPENLAYER_", "VECTARA_", "LLMUSERS_"}

// cleanEnviron returns the environment without foreign variables.
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

// Lookup returns the value of a variable in an environment, "" for a missing variable.
func Lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) { // the last value counts
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// grace is the time that a child process has to end after an interrupt.
const grace = 10 * time.Second

// Command prepares a child process. When ctx ends, the process and its children receive an interrupt. The process has
// its own process group, so that Ctrl-C reaches it only through ctx: at a second interrupt, Terraform would stop without
// cleaning up.
func Command(ctx context.Context, environ []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = environ
	cmd.WaitDelay = grace
	group(cmd)
	return cmd
}

// Output runs a command and returns its standard output. If the command fails, the error is a [*CommandError].
func Output(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	killGroup(cmd)
	if err != nil {
		return nil, &CommandError{Command: spoken(cmd.Args), Output: stdout.String() + stderr.String(), Err: err}
	}
	return stdout.Bytes(), nil
}

// CommandError is the error of a command that failed, with its output.
type CommandError struct {
	Command, Output string
	Err             error
}

func (e *CommandError) Error() string {
	text := fmt.Sprintf("%s failed: %v", e.Command, e.Err)
	if output := strings.TrimSpace(e.Output); output != "" {
		text += "\n\n" + output
	}
	return text
}

func (e *CommandError) Unwrap() error { return e.Err }

// spoken returns a command line without the folder of its program.
func spoken(args []string) string {
	return strings.Join(append([]string{filepath.Base(args[0])}, args[1:]...), " ")
}
