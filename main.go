// The provider llmusers reads who uses and who runs a company's LLM systems.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

// memoryLimit is what the garbage collector tries to keep the program's memory below, in bytes. What a server
// sends is bounded so that the program needs less than that; a GOMEMLIMIT in the environment has precedence.
const memoryLimit = 400 << 20

func main() {
	withDebugger := flag.Bool("debug", false, "run on its own, so that a debugger can be attached")
	showVersion := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}

	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	var options []tf6server.ServeOpt
	if *withDebugger {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		for _, variable := range unheard(os.Getenv) {
			_ = os.Setenv(variable, "OFF") // nothing but time is lost if it cannot be set
		}
	}
	// net/http logs what a server sends without a request for it, which may be a credential.
	log.SetOutput(io.Discard)
	if err := tf6server.Serve("registry.terraform.io/seed-f6cb25c4/llmusers", provider.NewServer(version), options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// unheard returns the variables that turn off a log that Terraform does not show. Terraform drops all of a
// provider's log unless it is enabled, but only after the provider has written it, and Terraform has
// read it: some 300 lines for a data source, and one more for each request, which was a twentieth of the
// time of reading ten users.
func unheard(getenv func(string) string) []string {
	// The framework's log, and the provider's own.
	variables := []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_LLMUSERS"}
	// The third one, which is not documented, has Terraform write everything to a file.
	for _, enabling := range append([]string{"TF_LOG", "TF_LOG_PROVIDER", "TF_TEMP_LOG_PATH"}, variables...) {
		if getenv(enabling) != "" {
			return nil
		}
	}
	return variables
}
