//go:build unix

// Command bench compares the provider with other ways to read the same users, on this machine, against the sandbox:
//
//	go run ./internal/bench -terraform terraform -table peers
//
// It runs each peer once to warm up, and then all peers several times in turns. A table has the medians, and a ratio is
// the median of the ratios in each turn. The tables:
//
//   - peers: hashicorp/http, hashicorp/external and the vendor's Go SDK, 20,000 users and 50 ms a page
//   - small: one page of hashicorp/http, ten users and 50 ms a page
//   - latency: only the provider, from 10 to 20,000 users and from 10 to 90 ms a page
//   - throttled: only the provider, 20,000 users and 50 ms a page, with a server that responds with 429 to more than
//     4 requests at the same time
//   - limit: Terraform with a prepared response, 100,000 users without latency
//   - growth: only the provider, from 1,000 to 300,000 users without latency
//   - first-plan, second-plan: a resource for each of 5,000 users, 50 ms a page, and the same users in a file
//
// With -also, it also measures the provider of another checkout, and compares the two.
//
// Terraform installs the two other providers from a folder or from the network. The go command downloads the SDK. If a
// peer is not available, bench prints a message and leaves it out.
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
	"strconv"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

func main() {
	var o options
	flag.StringVar(&o.terraform, "terraform", "terraform", "the Terraform or OpenTofu to run: a `name` in PATH, or a path")
	flag.StringVar(&o.table, "table", "peers", "`what` to measure: peers, small, latency, throttled, limit, growth, first-plan or second-plan")
	flag.IntVar(&o.runs, "runs", 3, "`number` of runs that are measured, after one to warm up")
	flag.IntVar(&o.users, "users", 0, "`number` of users instead of those of the table")
	flag.StringVar(&o.mirror, "mirror", "", "`folder` to take the other providers from, as \"terraform providers mirror\" fills it")
	flag.StringVar(&o.also, "also", "", "`folder` of another checkout, whose provider is measured as well")
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

// table is a set of measurements.
type table struct {
	servers []server
	peers   func(*bench) []*peer
	columns []column
	// compared is the name of the figure for the ratios. number returns the figure.
	compared string
	number   func(sample) float64
}

// server is a sandbox to measure against.
type server struct {
	users       int
	latency     time.Duration // of a page
	concurrency int           // number of requests that it serves at the same time; 0 for any number
}

func (s server) String() string {
	text := grouped(s.users) + " users, " + milliseconds(s.latency) + " a page"
	if s.concurrency > 0 {
		text += fmt.Sprintf(", %d requests at the same time", s.concurrency)
	}
	return text
}

func wallTime(s sample) float64 { return s.wall.Seconds() }
func cpuTime(s sample) float64  { return s.cpu.Seconds() }

var tables = map[string]table{
	"peers": {
		servers: []server{{users: 20_000, latency: 50 * time.Millisecond}}, columns: common, compared: "wall time", number: wallTime,
		peers: func(b *bench) []*peer { return append(b.provider(), b.http(), b.external(), b.sdk()) },
	},
	"small": {
		servers: []server{{users: 10, latency: 50 * time.Millisecond}}, columns: common, compared: "wall time", number: wallTime,
		peers: func(b *bench) []*peer { return append(b.provider(), b.http()) },
	},
	"latency": {
		servers: combine([]int{10, 250, 2_000, 20_000}, 10*time.Millisecond, 50*time.Millisecond, 90*time.Millisecond),
		columns: common, compared: "wall time", number: wallTime,
		peers: (*bench).provider,
	},
	"throttled": {
		servers: []server{{users: 20_000, latency: 50 * time.Millisecond, concurrency: 4}},
		columns: append(slices.Clone(common), rejected), compared: "wall time", number: wallTime,
		peers: (*bench).provider,
	},
	"limit": {
		servers: []server{{users: 100_000}}, columns: common, compared: "CPU", number: cpuTime,
		peers: func(b *bench) []*peer { return slices.Concat(b.provider(), b.ephemeral(), b.readyMade()) },
	},
	"growth": {
		servers: combine([]int{1_000, 10_000, 100_000, 300_000}, 0),
		columns: append(slices.Clone(common), perUser...), compared: "wall time", number: wallTime,
		peers: (*bench).provider,
	},
	"first-plan": {
		servers: combine([]int{5_000}, 50*time.Millisecond), columns: common, compared: "CPU", number: cpuTime,
		peers: (*bench).firstPlans,
	},
	"second-plan": {
		servers: combine([]int{5_000}, 50*time.Millisecond), columns: common, compared: "CPU", number: cpuTime,
		peers: (*bench).secondPlans,
	},
}

// combine returns a server for each combination of a number of users and a latency.
func combine(users []int, latencies ...time.Duration) []server {
	var servers []server
	for _, latency := range latencies {
		for _, n := range users {
			servers = append(servers, server{users: n, latency: latency})
		}
	}
	return servers
}

// withUsers returns the servers with another number of users, without duplicates.
func withUsers(servers []server, users int) []server {
	var others []server
	for _, s := range servers {
		s.users = users
		if !slices.Contains(others, s) {
			others = append(others, s)
		}
	}
	return others
}

// run measures a table. It writes the table to out, and its progress to progress.
func run(ctx context.Context, o options, environ []string, out, progress io.Writer) (err error) {
	t := tables[o.table]
	if o.users > 0 {
		t.servers = withUsers(t.servers, o.users)
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

	fmt.Fprintf(out, "%s %s, %d processors, median of %d runs.\n", w.Engine.Name, w.Engine.Version, runtime.NumCPU(), o.runs)
	var all []*peer
	for _, server := range t.servers {
		peers, err := b.measure(ctx, server, t.peers)
		if err != nil {
			return err
		}
		all = append(all, peers...)
	}
	fmt.Fprintln(out)
	writeTable(out, all, t.columns)
	writeRatios(out, all, t.compared, t.number)
	return nil
}

// bench is a workspace with all programs, and the sandbox of the current measurements.
type bench struct {
	*workspace.Workspace
	options       options
	out, progress io.Writer

	server  server
	sandbox *workspace.Sandbox
	folder  string // of the configurations for this server
}

// build builds the programs, and installs each provider with its own version.
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

// peersConfig returns the path of the CLI configuration for the other providers.
func (b *bench) peersConfig() string { return b.Path("peers.tfrc") }

// measure runs the peers in turns against a server.
func (b *bench) measure(ctx context.Context, server server, of func(*bench) []*peer) ([]*peer, error) {
	sandbox, err := b.StartSandbox(ctx, "v1", "-log", "-loading", "0", "-users", strconv.Itoa(server.users),
		"-latency", server.latency.String(), "-concurrency", strconv.Itoa(server.concurrency))
	if err != nil {
		return nil, err
	}
	defer sandbox.Stop()
	b.server, b.sandbox = server, sandbox
	b.folder = fmt.Sprintf("%d-users-%v-%d", server.users, server.latency, server.concurrency)

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
			fmt.Fprintf(b.progress, "%v, %s, %s: %s\n", server, p.name, what, seconds(s.wall))
		}
	}
	return peers, nil
}

// firstError returns the first error line in the output of a command, or its first line. For other errors, it returns the
// whole text.
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
