// Command terraform-provider-llmusers is a Terraform provider that lists the users of a company's LLM systems.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/provider"
)

// version is the version of a release. The linker sets it.
var version = "dev"

func main() {
	withDebugger := flag.Bool("debug", false, "run on its own, so that a debugger can be attached")
	showVersion := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}

	provider.LimitMemory()
	var options []tf6server.ServeOpt
	if *withDebugger {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		for _, variable := range unheard(os.Getenv) {
			_ = os.Setenv(variable, "OFF") // an error only costs time
		}
	}
	// net/http logs bytes that a server sends without a request. They may contain a credential.
	log.SetOutput(io.Discard)
	if err := tf6server.Serve("registry.terraform.io/seed-f6cb25c4/llmusers", provider.NewServer(version), options...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// unheard returns the variables to set to OFF if logging is not enabled. Terraform discards the log, but only after
// the provider has written it and Terraform has read it: about 300 lines for a data source, and a line for each
// request. That took 5% of the time of a data source with ten users.
func unheard(getenv func(string) string) []string {
	// The log of the framework and the log of the provider.
	variables := []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_LLMUSERS"}
	// With TF_TEMP_LOG_PATH, which is undocumented, Terraform writes all logs to a file.
	for _, enabling := range append([]string{"TF_LOG", "TF_LOG_PROVIDER", "TF_TEMP_LOG_PATH"}, variables...) {
		if getenv(enabling) != "" {
			return nil
		}
	}
	return variables
}
