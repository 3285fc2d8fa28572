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

// Main runs a whole program, whose context an interrupt ends, and exits if it fails.
func Main(run func(context.Context) error) {
	// SIGPIPE would end the program on the spot when its reader leaves, as head does, and with it
	// the chance to clean up.
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

// The variables that a child must not inherit from the user who runs the program: the settings of
// Terraform, OpenTofu, the vendors and the provider would make it do something else.
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

// Lookup finds a variable of an environment, and returns "" for one that is not there.
func Lookup(environ []string, name string) string {
	for _, variable := range slices.Backward(environ) { // the last one counts
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// grace is how long a child may take to end by itself after an interrupt.
const grace = 10 * time.Second

// Command prepares a child process that is interrupted, with all of its own children, when ctx
// ends. It is in a process group of its own, so that Ctrl-C on the terminal reaches it through ctx
// only: at a second interrupt Terraform would stop without tidying up.
func Command(ctx context.Context, environ []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = environ
	cmd.WaitDelay = grace
	group(cmd)
	return cmd
}

// Output runs a command to its end and returns what it wrote to standard output. The error of one
// that fails is a [*CommandError].
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

// CommandError is a command that failed, with all that it wrote.
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

// spoken is a command line without the folder of its program.
func spoken(args []string) string {
	return strings.Join(append([]string{filepath.Base(args[0])}, args[1:]...), " ")
}
