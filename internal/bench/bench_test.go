//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	goversion "github.com/hashicorp/go-version"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

func TestTable(t *testing.T) {
	t.Parallel()
	took := func(milliseconds ...int) []sample {
		var samples []sample
		for _, n := range milliseconds {
			samples = append(samples, sample{
				wall: time.Duration(n) * time.Millisecond, cpu: time.Duration(n/2) * time.Millisecond, requests: 1_234, rejected: n / 500, state: int64(n) * 1_000,
			})
		}
		return samples
	}
	large := server{users: 20_000, latency: 50 * time.Millisecond, concurrency: 4}
	peers := []*peer{
		{name: "llmusers", server: large, ours: true, samples: took(3_000, 1_000, 2_000), memory: 12_345_678},
		{name: "llmusers of old", server: large, ours: true, samples: took(2_500, 2_500, 2_500)},
		{name: "llmusers, ephemeral", server: large, ours: true, ephemeral: true, samples: took(500)},
		{name: "other", server: large, samples: took(4_000, 9_000, 3_000)},
		{name: "other, ephemeral", server: large, ephemeral: true, samples: took(250)},
		{name: "llmusers", server: server{users: 10}, ours: true, samples: took(100)},
		{name: "other", server: server{users: 10}, samples: took(1_000)},
	}
	var out strings.Builder
	writeTable(&out, peers, slices.Concat(common, []column{rejected}, perUser))
	writeRatios(&out, peers, "wall time", wallTime)
	want := `                       users   a page     wall      CPU   requests      state   provider memory   rejected   wall per user   memory per user
llmusers              20,000    50 ms   2.00 s   1.00 s      1,234     2.0 MB           12.3 MB          4          100 µs             617 B
llmusers of old       20,000    50 ms   2.50 s   1.25 s      1,234     2.5 MB                            5          125 µs               0 B
llmusers, ephemeral   20,000    50 ms   0.50 s   0.25 s      1,234   500.0 kB                            1           25 µs               0 B
other                 20,000    50 ms   4.00 s   2.00 s      1,234     4.0 MB                            8          200 µs               0 B
other, ephemeral      20,000    50 ms   0.25 s   0.12 s      1,234   250.0 kB                            0           12 µs               0 B
llmusers                  10     0 ms   0.10 s   0.05 s      1,234   100.0 kB                            0        10000 µs               0 B
other                     10     0 ms   1.00 s   0.50 s      1,234     1.0 MB                            2       100000 µs               0 B

20,000 users, 50 ms a page, 4 requests at the same time: llmusers takes 0.80 of the wall time of llmusers of old.
20,000 users, 50 ms a page, 4 requests at the same time: llmusers takes 0.67 of the wall time of other.
20,000 users, 50 ms a page, 4 requests at the same time: llmusers of old takes 0.62 of the wall time of other.
20,000 users, 50 ms a page, 4 requests at the same time: llmusers, ephemeral takes 2.00 of the wall time of other, ephemeral.
10 users, 0 ms a page: llmusers takes 0.10 of the wall time of other.
`
	if out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", &out, want)
	}
}

// withUsers removes duplicates: servers that differed only in the number of users.
func TestWithUsers(t *testing.T) {
	t.Parallel()
	got := withUsers(combine([]int{10, 20}, time.Second, time.Minute), 30)
	if want := []server{{users: 30, latency: time.Second}, {users: 30, latency: time.Minute}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	for number, want := range map[int]string{0: "0", 999: "999", 1_000: "1,000", 123_456: "123,456", 1_234_567: "1,234,567"} {
		if got := grouped(number); got != want {
			t.Errorf("%d: got %s, want %s", number, got, want)
		}
	}
}

func TestFirstError(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"plain": fmt.Errorf("plain"),
		"Failed to query": fmt.Errorf("prepare: %w", &workspace.CommandError{
			Command: "terraform init", Output: "Initializing...\n\nError: Failed to query\n\nNo network.\n",
		}),
		"go get x: no such host": &workspace.CommandError{Command: "go get x", Output: "\nno such host\nand more"},
	} {
		if got := firstError(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestAccBench runs whole tables with few users. It checks the content of the tables, not the speed.
func TestAccBench(t *testing.T) {
	t.Parallel()
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if os.Getenv("TF_ACC") == "" || terraform == "" {
		t.Skip("runs a real Terraform; set TF_ACC and TF_ACC_TERRAFORM_PATH to let it")
	}
	environ := append(os.Environ(), "GOPROXY=off") // no downloads
	const took = ` [0-9]+ ms [0-9.]+ s [0-9.]+ s `
	const provider = took + `[1-9]\d* [0-9.]+ kB [0-9.]+ MB`
	for table, wants := range map[string][]string{
		"peers": {
			`hashicorp/http 3\.6\.0 is left out: `,
			`hashicorp/external 2\.4\.0 is left out: `,
			`llmusers 250` + provider,
		},
		"latency": {
			`llmusers 250 10 ms .* llmusers 250 50 ms .* llmusers 250 90 ms `,
			`llmusers 250` + provider,
		},
		"throttled":   {`llmusers 2,000` + provider + ` [1-9]\d*$`},
		"first-plan":  {`llmusers 250` + took + `[1-9]`, `the same users in a file 250` + took + `0 `, `llmusers takes [0-9.]+ of the CPU of the same users in a file\.`},
		"second-plan": {`llmusers 250` + took + `[1-9]`, `the same users in a file 250` + took + `0 `},
		"limit": {
			`llmusers 250` + provider,
			`llmusers, ephemeral 250` + provider,
			`ready made 250` + took + `0 [0-9.]+ kB [0-9.]+ MB`,
			`ready made, ephemeral 250` + took + `0 [0-9.]+ kB [0-9.]+ MB`,
			`250 users, 0 ms a page: llmusers takes [0-9.]+ of the CPU of ready made\.`,
			`250 users, 0 ms a page: llmusers, ephemeral takes [0-9.]+ of the CPU of ready made, ephemeral\.`,
		},
	} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			o := options{terraform: terraform, table: table, runs: 1, users: 250, mirror: t.TempDir()}
			if table == "limit" {
				skipWithoutEphemeral(t, terraform)
			}
			if table == "throttled" {
				o.users = 2_000 // so that more pages are in flight than the server serves
			}
			if err := run(t.Context(), o, environ, &out, t.Output()); err != nil {
				t.Fatal(err)
			}
			flat := strings.Join(strings.Fields(out.String()), " ")
			for _, want := range wants {
				if !regexp.MustCompile(want).MatchString(flat) {
					t.Errorf("no match for %s in\n%s", want, &out)
				}
			}
		})
	}
}

// skipWithoutEphemeral skips a test if the CLI does not have ephemeral resources.
func skipWithoutEphemeral(t *testing.T, terraform string) {
	t.Helper()
	printed, err := exec.CommandContext(t.Context(), terraform, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := workspace.ParseVersion(terraform, string(printed))
	if err != nil {
		t.Fatal(err)
	}
	since := map[string]string{"Terraform": "1.10.0", "OpenTofu": "1.11.0"}[engine.Name]
	if goversion.Must(goversion.NewVersion(engine.Version)).Core().LessThan(goversion.Must(goversion.NewVersion(since))) {
		t.Skipf("%s has ephemeral resources since %s, and this is %s", engine.Name, since, engine.Version)
	}
}

func TestReadMeter(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "memory")
	if err := os.WriteFile(file, []byte("2000\n10000\n9000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := readMeter(file); err != nil || got != 10_000*1024 && got != 10_000 {
		t.Errorf("got %d and %v", got, err)
	}
}
