//go:build unix

package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// peers has a folder for each configuration, and a folder with a program that uses the SDK.
//
//go:embed peers
var peers embed.FS

// The versions of the installed providers.
const (
	version          = "99.0.0"
	alsoVersion      = "98.0.0"
	readyMadeVersion = "97.0.0"
	meteredVersion   = "96.0.0"
)

const (
	sdkModule  = "github.com/openlayer-ai/openlayer-go"
	sdkVersion = "v0.8.0"
)

// peer is a way to read the users. bench prepares it once, and runs it several times.
type peer struct {
	name    string
	server  server
	prepare func(context.Context) error
	// run reads the users, and fails if their number is wrong. A metered run is slightly slower, and measures the memory
	// of the provider.
	run func(ctx context.Context, metered bool) (sample, error)
	// ours is true for the provider of this checkout or of another checkout. bench fails without it.
	ours bool
	// ephemeral is true for an ephemeral resource.
	ephemeral bool

	samples []sample
	memory  int64 // of the metered run
}

// sample has the figures of a run.
type sample struct {
	wall     time.Duration
	cpu      time.Duration // of Terraform and the provider
	requests int
	rejected int   // number of requests with a 429
	state    int64 // bytes
	memory   int64 // peak memory of the provider, in bytes; 0 if not measured
}

// provider returns the data source of this checkout's provider, and of the other checkout's with -also.
func (b *bench) provider() []*peer { return b.ours("llmusers") }

// ephemeral returns the ephemeral resources of the same providers.
func (b *bench) ephemeral() []*peer { return b.ours("ephemeral") }

func (b *bench) ours(configuration string) []*peer {
	peers := []*peer{b.llmusers("llmusers", configuration, version, b.Path("bin", workspace.ProviderName))}
	if b.options.also != "" {
		peers = append(peers, b.llmusers("llmusers of "+b.options.also, configuration, alsoVersion, b.Path("also", workspace.ProviderName)))
	}
	for _, p := range peers {
		p.ours = true
	}
	return peers
}

// readyMade returns a data source and an ephemeral resource that respond with prepared bytes.
func (b *bench) readyMade() []*peer {
	var peers []*peer
	for _, configuration := range []string{"llmusers", "ephemeral"} {
		p := b.llmusers("ready made", configuration, readyMadeVersion, b.Path("bin", "readymade"))
		prepare := p.prepare
		p.prepare = func(ctx context.Context) error {
			if err := prepare(ctx); err != nil {
				return err
			}
			_, err := p.run(ctx, false) // prepares the bytes
			return err
		}
		peers = append(peers, p)
	}
	return peers
}

func (b *bench) http() *peer { return b.others("hashicorp/http 3.6.0", "http") }

// external returns hashicorp/external with a Python script.
func (b *bench) external() *peer {
	p := b.others("hashicorp/external 2.4.0", "external")
	prepare := p.prepare
	p.prepare = func(ctx context.Context) error {
		if _, err := exec.LookPath("python3"); err != nil {
			return err
		}
		return prepare(ctx)
	}
	return p
}

// llmusers returns a peer for a program that is installed as this version of the provider.
func (b *bench) llmusers(name, configuration, version, program string) *peer {
	folder := b.Path(b.folder, configuration+"-"+version)
	metered := folder + "-metered"
	ephemeral := configuration == "ephemeral"
	if ephemeral {
		name += ", ephemeral"
	}
	environ := append(b.environ(), "LLMUSERS_READYMADE="+b.Path(b.folder, "readymade"))
	return &peer{
		name: name, server: b.server, ephemeral: ephemeral,
		prepare: func(ctx context.Context) error {
			return errors.Join(b.prepare(ctx, folder, configuration, version, environ), b.prepare(ctx, metered, configuration, meteredVersion, environ))
		},
		run: func(ctx context.Context, meter bool) (sample, error) {
			if !meter {
				return b.apply(ctx, folder, environ)
			}
			log := filepath.Join(metered, "memory")
			s, err := b.apply(ctx, metered, append(slices.Clone(environ), "LLMUSERS_METERED="+program, "LLMUSERS_METER="+log))
			if err != nil {
				return s, err
			}
			s.memory, err = readMeter(log)
			return s, err
		},
	}
}

// others returns a peer for a provider that Terraform downloads.
func (b *bench) others(name, configuration string) *peer {
	folder := b.Path(b.folder, configuration)
	environ := append(b.environ(), "TF_CLI_CONFIG_FILE="+b.peersConfig())
	return &peer{
		name: name, server: b.server,
		prepare: func(ctx context.Context) error { return b.prepare(ctx, folder, configuration, "", environ) },
		run:     func(ctx context.Context, _ bool) (sample, error) { return b.apply(ctx, folder, environ) },
	}
}

// environ returns the sandbox's variables, and the values for the variables of the configurations.
func (b *bench) environ() []string {
	return append(slices.Clone(b.sandbox.Environ),
		"TF_VAR_base_url="+workspace.Lookup(b.sandbox.Environ, "OPENLAYER_BASE_URL"),
		"TF_VAR_api_key="+workspace.Lookup(b.sandbox.Environ, "OPENLAYER_API_KEY"),
		fmt.Sprintf("TF_VAR_pages=%d", (b.server.users+99)/100),
		fmt.Sprintf("TF_VAR_users=%d", b.server.users),
	)
}

// prepare makes a folder with a configuration, and initializes it. If version is not empty, the configuration requires
// this version of llmusers.
func (b *bench) prepare(ctx context.Context, folder, configuration, version string, environ []string) error {
	files, err := fs.Sub(peers, "peers/"+configuration)
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, files); err != nil {
		return err
	}
	if version != "" {
		if err := os.WriteFile(filepath.Join(folder, "versions.tf"), []byte(workspace.RequireVersion(version)), 0o600); err != nil {
			return err
		}
	}
	_, err = workspace.Output(b.Terraform(ctx, folder, environ, "init", "-input=false", "-no-color"))
	return err
}

// apply removes the state, and applies a configuration.
func (b *bench) apply(ctx context.Context, folder string, environ []string) (sample, error) {
	state := filepath.Join(folder, "terraform.tfstate")
	if err := os.Remove(state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return sample{}, err
	}
	s, _, err := b.timed(b.Terraform(ctx, folder, environ, "apply", "-auto-approve", "-input=false", "-no-color"))
	if err != nil {
		return sample{}, err
	}
	text, err := os.ReadFile(state)
	if err != nil {
		return sample{}, err
	}
	var decoded struct {
		Outputs struct{ Users struct{ Value int } }
	}
	if err := json.Unmarshal(text, &decoded); err != nil {
		return sample{}, err
	}
	s.state = int64(len(text))
	return s, b.check(decoded.Outputs.Users.Value)
}

// timed runs a command and measures it.
func (b *bench) timed(cmd *exec.Cmd) (sample, []byte, error) {
	receivedBefore, rejectedBefore, err := b.sandbox.Requests()
	if err != nil {
		return sample{}, nil, err
	}
	start := time.Now()
	output, err := workspace.Output(cmd)
	wall := time.Since(start)
	if err != nil {
		return sample{}, nil, err
	}
	received, rejected, err := b.sandbox.Requests()
	return sample{
		wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		requests: received - receivedBefore, rejected: rejected - rejectedBefore,
	}, output, err
}

// check returns an error if a peer has found a wrong number of users.
func (b *bench) check(found int) error {
	if found != b.server.users {
		return fmt.Errorf("it found %d users of %d", found, b.server.users)
	}
	return nil
}

// sdk returns a peer for a program that calls the vendor's SDK in a loop. prepare builds the program.
func (b *bench) sdk() *peer {
	folder := b.Path(b.folder, "openlayer-go")
	program := filepath.Join(folder, "main")
	return &peer{
		name: fmt.Sprintf("openlayer-go %s, no Terraform", strings.TrimPrefix(sdkVersion, "v")), server: b.server,
		prepare: func(ctx context.Context) error {
			files, err := fs.Sub(peers, "peers/openlayer-go")
			if err != nil {
				return err
			}
			if err := os.CopyFS(folder, files); err != nil {
				return err
			}
			for _, args := range [][]string{{"mod", "init", "openlayer-go"}, {"get", sdkModule + "@" + sdkVersion}} {
				if _, err := workspace.Output(b.Command(ctx, folder, nil, "go", args...)); err != nil {
					return err
				}
			}
			return b.Build(ctx, folder, filepath.Join(b.folder, "openlayer-go"), "main.go")
		},
		run: func(ctx context.Context, _ bool) (sample, error) {
			s, output, err := b.timed(b.Command(ctx, folder, b.environ(), program))
			if err != nil {
				return s, err
			}
			found, err := strconv.Atoi(strings.TrimSpace(string(output)))
			return s, errors.Join(err, b.check(found))
		},
	}
}

// readMeter returns the largest value that the meter wrote, in bytes. There are several values, since Terraform starts a
// provider several times.
func readMeter(file string) (int64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var most int64
	for line := range strings.Lines(string(text)) {
		peak, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			return 0, err
		}
		most = max(most, peak)
	}
	if runtime.GOOS != "darwin" {
		most *= 1024 // other systems report KiB
	}
	return most, nil
}
