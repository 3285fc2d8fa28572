// Command sandbox runs mock servers of both vendors' APIs on a loopback port, with made-up users. With it, you can try
// the examples and your first configuration without an account.
//
// It writes the variables that configure the provider for the sandbox, as lines for a POSIX shell, and serves until an
// interrupt. The lines go to a file, which the sandbox removes at its end:
//
//	go run ./internal/sandbox -env-file sandbox.env &
//	until [ -s sandbox.env ]; do sleep 1; done
//	. ./sandbox.env
//
// Without the flag -env-file, the lines go to standard output.
//
// The flags -auth and -api choose the credential and the version of the API with which the provider reads the Vectara
// team. With -log, the sandbox logs each request, and the status of each response.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/openlayer/openlayertest"
	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/vectara/vectaratest"
)

// The credentials and IDs that the sandbox accepts. They are not secret: only this machine can reach the sandbox, and
// all its data is made up.
const (
	openlayerKey      = "sandbox-openlayer-key"
	pipelineID        = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	vectaraCustomerID = "1526022105"

	vectaraToken        = "sandbox-vectara-token"
	vectaraClientID     = "sandbox-vectara-client"
	vectaraClientSecret = "sandbox-vectara-client-secret"
	vectaraAPIKey       = "sandbox-vectara-api-key"
)

// The values of -auth. The sandbox always accepts all three credentials. The flag chooses the one to print.
const (
	authToken  = "token"
	authClient = "client"
	authKey    = "key"
)

// The values of -api.
const (
	apiV1   = "v1"
	apiV2   = "v2"   // with v1 retired
	apiBoth = "both" // to compare them
)

// The paths of the two mock servers.
const (
	openlayerPath = "/openlayer"
	vectaraPath   = "/vectara"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

type options struct {
	addr        string
	envFile     string
	users       int
	team        int
	latency     time.Duration
	loading     int
	concurrency int
	log         bool
	seed        uint64
	now         time.Time
	auth        string
	api         string
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("sandbox", flag.ExitOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:0", "loopback `address` to listen on; port 0 takes a free one")
	flags.StringVar(&o.envFile, "env-file", "", "`file` to write the environment to, instead of standard output; removed at the end")
	flags.IntVar(&o.users, "users", 420, "`number` of users of the Openlayer pipeline")
	flags.IntVar(&o.team, "team", 36, "`number` of members of the Vectara team")
	flags.DurationVar(&o.latency, "latency", 40*time.Millisecond, "`time` that each answer takes")
	flags.IntVar(&o.loading, "loading", 1, "`number` of requests that Openlayer first answers with 202")
	flags.IntVar(&o.concurrency, "concurrency", 0, "`number` of requests that Openlayer serves at the same time, answering the others with 429; 0 for any number")
	flags.Uint64Var(&o.seed, "seed", 1, "`number` that the data depends on")
	flags.StringVar(&o.auth, "auth", authToken, "`credential` for Vectara: token, client, or key, which only API v2 accepts")
	flags.BoolVar(&o.log, "log", false, "write each request, and the status of each response, to standard error")
	flags.StringVar(&o.api, "api", apiV2, "`version` of Vectara's API: v2 with v1 retired, v1, or both, to compare them")
	now := flags.String("now", time.Now().UTC().Format(time.DateOnly), "`date` that the data is as of, as in 2026-01-31")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.users < 0 || o.team < 0 || o.loading < 0 || o.concurrency < 0 || o.latency < 0 {
		return o, errors.New("-users, -team, -loading, -concurrency and -latency cannot be negative")
	}
	if o.auth != authToken && o.auth != authClient && o.auth != authKey {
		return o, fmt.Errorf("-auth: %q is none of token, client and key", o.auth)
	}
	if o.api != apiV1 && o.api != apiV2 && o.api != apiBoth {
		return o, fmt.Errorf("-api: %q is none of v1, v2 and both", o.api)
	}
	if o.auth == authKey && o.api != apiV2 {
		return o, errors.New("-auth key: Vectara's API v1 does not accept an API key; leave out -api, or set it to v2")
	}
	var err error
	if o.now, err = time.Parse(time.DateOnly, *now); err != nil {
		return o, fmt.Errorf("-now: %q is not a date like 2026-01-31", *now)
	}
	return o, nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	listener, err := listenLoopback(o.addr)
	if err != nil {
		return err
	}
	// The listener already queues connections, so a client can use these lines at once.
	lines := environment(o, "http://"+listener.Addr().String())
	if o.envFile == "" {
		_, err = io.WriteString(stdout, lines)
	} else {
		if err = writeWhole(o.envFile, lines); err != nil {
			err = fmt.Errorf("-env-file: %w", err)
		}
		defer func() { err = errors.Join(err, removeOwn(o.envFile, lines)) }()
	}
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(stderr, "Serving %d users of an Openlayer pipeline and a Vectara team of %d on %s, as of %s.\nCtrl-C stops.\n",
		o.users, o.team, listener.Addr(), o.now.Format(time.DateOnly))

	handler := newHandler(o)
	if o.log {
		handler = logged(handler, log.New(stderr, "", 0))
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		// An interrupt also ends the latency of a response.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close() // do not wait for a client that has sent half a request
	}
	return nil
}

// listenLoopback listens on a loopback address. It rejects addresses that another machine could reach, because the
// sandbox's credentials are public.
func listenLoopback(addr string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-addr: %w", err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("-addr: %q is not a loopback address; take one like 127.0.0.1:8080", addr)
	}
	return net.ListenTCP("tcp", resolved)
}

func newHandler(o options) http.Handler {
	openlayer := openlayertest.New(openlayerKey)
	openlayer.Latency = o.latency
	openlayer.Loading = o.loading
	openlayer.MaxConcurrent = o.concurrency
	openlayer.SetUsers(pipelineID, botUsers(o.users, o.seed, o.now))

	vectara := vectaratest.New(vectaraCustomerID, vectaraToken)
	vectara.Latency = o.latency
	vectara.SetUsers(teamMembers(o.team, o.seed, o.now))
	vectara.Corpora = corpora
	vectara.APIKeys = []string{vectaraAPIKey}
	vectara.ClientID, vectara.ClientSecret = vectaraClientID, vectaraClientSecret
	if o.api == apiV2 {
		vectara.V1Gone = http.StatusGone
	}

	mux := http.NewServeMux()
	mux.Handle(openlayerPath+"/", http.StripPrefix(openlayerPath, openlayer))
	mux.Handle(vectaraPath+"/", http.StripPrefix(vectaraPath, vectara))
	return mux
}

// logged logs the method and the URL of each request before the handler runs, and the status, the method and the URL
// before the response.
func logged(handler http.Handler, to *log.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to.Println(r.Method, r.URL)
		handler.ServeHTTP(&loggedResponse{w, func(status int) { to.Println(status, r.Method, r.URL) }}, r)
	})
}

// loggedResponse logs the status of a response. The mock servers call WriteHeader for every response.
type loggedResponse struct {
	http.ResponseWriter
	write func(status int)
}

func (l *loggedResponse) WriteHeader(status int) {
	l.write(status)
	l.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController, which needs the underlying writer.
func (l *loggedResponse) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// environment returns the lines for a shell. root is the sandbox's URL.
//
// The lines also unset variables of an earlier sandbox or a real account, since two Vectara credentials are an error of
// the provider.
func environment(o options, root string) string {
	type variable struct{ name, value string }
	variables := []variable{
		{"OPENLAYER_API_KEY", openlayerKey},
		{"OPENLAYER_BASE_URL", root + openlayerPath + openlayertest.BasePath},
	}
	if o.api != apiV2 { // without an ID, the provider uses v2
		variables = append(variables, variable{"VECTARA_CUSTOMER_ID", vectaraCustomerID})
	}
	if o.api == apiBoth { // a provider block can override it with vectara_api_version = "v1"
		variables = append(variables, variable{"VECTARA_API_VERSION", apiV2})
	}
	switch o.auth {
	case authToken:
		variables = append(variables, variable{"VECTARA_OAUTH_TOKEN", vectaraToken})
	case authClient:
		variables = append(variables,
			variable{"VECTARA_CLIENT_ID", vectaraClientID},
			variable{"VECTARA_CLIENT_SECRET", vectaraClientSecret},
			variable{"VECTARA_TOKEN_URL", root + vectaraPath + vectaratest.TokenPath},
		)
	case authKey:
		variables = append(variables, variable{"VECTARA_API_KEY", vectaraAPIKey})
	}
	variables = append(variables,
		variable{"VECTARA_BASE_URL", root + vectaraPath},
		variable{"TF_VAR_inference_pipeline_id", pipelineID},
	)

	var lines strings.Builder
	lines.WriteString("unset VECTARA_CUSTOMER_ID VECTARA_API_VERSION VECTARA_OAUTH_TOKEN" +
		" VECTARA_CLIENT_ID VECTARA_CLIENT_SECRET VECTARA_TOKEN_URL VECTARA_API_KEY\n")
	for _, v := range variables {
		fmt.Fprintf(&lines, "export %s=%s\n", v.name, shellQuote(v.value))
	}
	return lines.String()
}

// writeWhole writes a file atomically, so that a reader never finds a part of the content.
func writeWhole(path, content string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".sandbox-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// removeOwn removes the file of this sandbox. A stale file would have the address of a sandbox that has ended, and
// would end the wait for the next sandbox too early. It keeps the file if a newer sandbox has written it.
func removeOwn(path, content string) error {
	found, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && string(found) != content {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Remove(path)
}

// shellQuote quotes s as a single word of a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
