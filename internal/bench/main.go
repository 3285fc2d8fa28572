//go:build unix

// Command bench measures the provider beside the other ways to the same users, in one run on this
// machine, against the sandbox:
//
//	go run ./internal/bench -terraform terraform -table peers
//
// Each way is run once to warm up and then several times, in turns; what is told is the median. The
// tables:
//
//   - peers: hashicorp/http, hashicorp/external and the vendor's Go SDK, 20,000 users and 50 ms a page
//   - small: one page of hashicorp/http, ten users and 50 ms a page
//   - limit: Terraform with the answer ready made, 100,000 users without latency
//   - growth: the provider alone, from 1,000 to 300,000 users without latency
//
// Terraform gets the two other providers as it does anywhere, from a folder or from the network, and
// go the SDK. A peer that cannot be had is left out, and that is said.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

func main() {
	var o options
	flag.StringVar(&o.terraform, "terraform", "terraform", "the Terraform or OpenTofu to run: a `name` in PATH, or a path")
	flag.StringVar(&o.table, "table", "peers", "`what` to measure: peers, small, limit or growth")
	flag.IntVar(&o.runs, "runs", 3, "`number` of runs that are measured, after one to warm up")
	flag.IntVar(&o.users, "users", 0, "`number` of users instead of the table's own")
	flag.StringVar(&o.mirror, "mirror", "", "`folder` to take the other providers from, as \"terraform providers mirror\" fills it")
	flag.StringVar(&o.also, "also", "", "`folder` of another checkout, whose provider is measured, too")
	flag.Parse()
	if _, known := tables[o.table]; flag.NArg() > 0 || !known || o.runs < 1 || o.users < 0 {
		flag.Usage()
		os.Exit(2)
	}
	workspace.Main(func(ctx context.Context) error { return run(ctx, o, os.Environ(), os.Stdout, os.Stderr) })
}

type options struct {
	terraform    string
	table        string
	runs, users  int
	mirror, also string // "" for none
}

// table says what is measured.
type table struct {
	users   []int // one sandbox each
	latency time.Duration
	peers   func(*bench) []*peer
	// compare is what the provider is compared in, "" if it is alone.
	compare string
	by      func(sample) float64
}

func wallTime(s sample) float64 { return s.wall.Seconds() }
func cpuTime(s sample) float64  { return s.cpu.Seconds() }

var tables = map[string]table{
	"peers": {
		users: []int{20_000}, latency: 50 * time.Millisecond, compare: "wall time", by: wallTime,
		peers: func(b *bench) []*peer { return append(b.provider(), b.http(), b.external(), b.sdk()) },
	},
	"small": {
		users: []int{10}, latency: 50 * time.Millisecond, compare: "wall time", by: wallTime,
		peers: func(b *bench) []*peer { return append(b.provider(), b.http()) },
	},
	"limit": {
		users: []int{100_000}, compare: "CPU", by: cpuTime,
		peers: func(b *bench) []*peer { return slices.Concat(b.provider(), b.ephemeral(), b.readyMade()) },
	},
	"growth": {
		users: []int{1_000, 10_000, 100_000, 300_000},
		peers: (*bench).provider,
	},
}

// run measures a table, and tells its progress to another writer than the table itself.
func run(ctx context.Context, o options, environ []string, out, progress io.Writer) (err error) {
	t := tables[o.table]
	if o.users > 0 {
		t.users = []int{o.users}
	}
	w, err := workspace.New(ctx, os.TempDir(), o.terraform, environ)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Remove()) }()
	b := &bench{Workspace: w, options: o, out: out, progress: progress}
	if err := b.build(ctx); err != nil {
		return err
	}

	fmt.Fprintf(out, "%s %s, a server that takes %v a page, %d processors, median of %d runs.\n",
		w.Engine.Name, w.Engine.Version, t.latency, runtime.NumCPU(), o.runs)
	var all []*peer
	for _, users := range t.users {
		peers, err := b.measure(ctx, users, t.latency, t.peers)
		if err != nil {
			return err
		}
		all = append(all, peers...)
	}
	alone := t.compare == ""
	fmt.Fprintln(out)
	writeTable(out, all, alone)
	if !alone {
		writeRatios(out, all, t.compare, t.by)
	}
	return nil
}

// bench is a workspace with all programs, and with the sandbox that is measured against.
type bench struct {
	*workspace.Workspace
	options       options
	out, progress io.Writer

	users   int
	sandbox *workspace.Sandbox
}

// build builds the programs, and installs each provider as a version of its own.
func (b *bench) build(ctx context.Context) error {
	err := b.Build(ctx, b.Root, "bin", ".", "./internal/sandbox", "./internal/bench/meter", "./internal/bench/readymade")
	if err != nil {
		return err
	}
	providers := map[string]string{
		version:          b.Path("bin", workspace.ProviderName),
		readyMadeVersion: b.Path("bin", "readymade"),
		meteredVersion:   b.Path("bin", "meter"),
	}
	if b.options.also != "" {
		if err := b.Build(ctx, b.options.also, "also", "."); err != nil {
			return err
		}
		providers[alsoVersion] = b.Path("also", workspace.ProviderName)
	}
	for version, program := range providers {
		if err := b.Install(program, version); err != nil {
			return err
		}
	}
	config := ""
	if b.options.mirror != "" {
		mirror, err := filepath.Abs(b.options.mirror)
		if err != nil {
			return err
		}
		config = workspace.MirrorConfig(mirror)
	}
	return os.WriteFile(b.peersConfig(), []byte(config), 0o600)
}

// peersConfig is the CLI configuration for the providers of others.
func (b *bench) peersConfig() string { return b.Path("peers.tfrc") }

// measure runs the peers, in turns, against a sandbox with a number of users.
func (b *bench) measure(ctx context.Context, users int, latency time.Duration, of func(*bench) []*peer) ([]*peer, error) {
	sandbox, err := b.StartSandbox(ctx, "v1", "-log", "-loading", "0", "-users", fmt.Sprint(users), "-latency", latency.String())
	if err != nil {
		return nil, err
	}
	defer sandbox.Stop()
	b.users, b.sandbox = users, sandbox

	var peers []*peer
	for _, p := range of(b) {
		if err := p.prepare(ctx); err != nil {
			if ctx.Err() != nil || p.ours {
				return nil, err
			}
			fmt.Fprintf(b.out, "%s is left out: %s\n", p.name, firstError(err))
			continue
		}
		peers = append(peers, p)
	}
	for turn := range b.options.runs + 1 {
		for _, p := range peers {
			s, err := p.run(ctx, turn == 0)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			what := fmt.Sprintf("run %d", turn)
			if turn == 0 {
				what = "to warm up"
				p.memory = s.memory
			} else {
				p.samples = append(p.samples, s)
			}
			fmt.Fprintf(b.progress, "%s users, %s, %s: %s\n", grouped(users), p.name, what, seconds(s.wall))
		}
	}
	return peers, nil
}

// firstError is the line that says most of what a command wrote, or the whole error of another kind.
func firstError(err error) string {
	failed, ok := errors.AsType[*workspace.CommandError](err)
	if !ok {
		return err.Error()
	}
	for line := range strings.Lines(failed.Output) {
		if _, text, ok := strings.Cut(line, "Error: "); ok {
			return strings.TrimSpace(text)
		}
	}
	first, _, _ := strings.Cut(strings.TrimSpace(failed.Output), "\n")
	return fmt.Sprintf("%s: %s", failed.Command, first)
}
