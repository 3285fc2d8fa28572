// Command demo demonstrates the provider on this machine. It builds the provider, plans the scenario access-audit with a
// real Terraform or OpenTofu against the sandbox, and prints a summary of the report:
//
//	go run ./internal/demo -terraform terraform
//
// With -archive, it installs the provider from an archive of a release, as users do. The demo fails if the archive's
// name, contents or program are wrong.
//
// The demo works in a temporary folder, which it removes at its end. It leaves only the report, in .cache/demo of the
// checkout.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

func main() {
	terraform := flag.String("terraform", "terraform", "the Terraform or OpenTofu to run: a `name` in PATH, or a path")
	api := flag.String("api", "v2", "the `version` of Vectara's API: v1 or v2")
	archive := flag.String("archive", "", "the `zip` of a release to install the provider from, instead of building it")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}

	// See https://no-color.org and https://bixense.com/clicolors.
	terminalHasColour := os.Getenv("TERM") != "dumb" && isTerminal(os.Stdout)
	colour := style(os.Getenv("NO_COLOR") == "" && (os.Getenv("CLICOLOR_FORCE") != "" || terminalHasColour))
	workspace.Main(func(ctx context.Context) error {
		return run(ctx, options{
			terraform: *terraform, api: *api, archive: *archive, environ: os.Environ(), temp: os.TempDir(), report: filepath.Join(".cache", "demo"),
			out: os.Stdout, style: colour,
		})
	})
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

type options struct {
	terraform string   // a name in PATH, or a path
	api       string   // the version of Vectara's API
	archive   string   // of a release; empty to build the provider
	environ   []string // in the format of [os.Environ]
	temp      string   // the parent of the demo's folder
	report    string   // the folder of the report, relative to the checkout
	out       io.Writer
	style     style
}

// run runs the demo. Before it returns, its child processes end, and it removes its folder.
func run(ctx context.Context, o options) (err error) {
	out, style := o.out, o.style
	d, err := newDemo(ctx, o.temp, o.terraform, o.environ)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Remove()) }()

	var sandbox *workspace.Sandbox
	defer func() {
		if sandbox != nil {
			sandbox.Stop()
		}
	}()
	var found review
	var page string
	programs, installed := "the provider and the sandbox", "the provider that was just built"
	if o.archive != "" {
		programs, installed = "the sandbox", filepath.Base(o.archive)
	}

	fmt.Fprint(out, style.heading(d.Engine))
	steps := []struct {
		command string
		do      func() (detail string, err error)
	}{
		{"go build", func() (string, error) {
			return programs, d.build(ctx, o.archive)
		}},
		{"sandbox", func() (_ string, err error) {
			if sandbox, err = d.StartSandbox(ctx, o.api); err != nil {
				return "", err
			}
			return "plays both vendors, with Vectara's API " + o.api + ", at " + sandbox.Address(), nil
		}},
		{d.Engine.Command + " init", func() (string, error) {
			return "installs " + installed, d.init(ctx)
		}},
		{d.Engine.Command + " plan", func() (string, error) {
			plan, err := d.plan(ctx, sandbox.Environ)
			if err != nil {
				return "", err
			}
			var texts reports
			if texts, found, err = decodePlan(plan); err != nil {
				return "", err
			}
			page, err = d.leaveReport(o.report, texts)
			return "reads both listings for " + scenario, err
		}},
	}
	for i, step := range steps {
		fmt.Fprint(out, style.stepBegins(i+1, step.command))
		start := time.Now()
		detail, err := step.do()
		if ctx.Err() != nil {
			fmt.Fprintln(out, "interrupted")
			return context.Cause(ctx)
		}
		if err != nil {
			fmt.Fprintln(out, "failed")
			return err
		}
		fmt.Fprint(out, style.stepEnds(detail, time.Since(start)))
	}
	text, err := style.show(found, page)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(out, text)
	return err
}
