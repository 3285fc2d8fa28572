// The provider llmusers reads who uses and who runs a company's LLM systems.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/provider"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run on its own, so that a debugger can be attached")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/seed-f6cb25c4/llmusers",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
