// Command docs prepares the output of "terraform providers schema -json" for tfplugindocs. It reads standard input and
// writes standard output.
//
// It adds the provider's name to every type: openlayer_pipeline_users becomes llmusers_openlayer_pipeline_users. This is
// necessary because tfplugindocs looks for the provider under registry.terraform.io/hashicorp/, joins the provider's name
// and the page's name to find a type, and supports only types that begin with the provider's name. tfplugindocs removes
// the prefix from the names of the pages: docs/data-sources/openlayer_pipeline_users.md.
//
// It also writes the arguments and attributes of each type to a file in a directory, for example
// data-sources/openlayer_pipeline_users.md. See schema.go for the reason.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const name = "llmusers"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: docs DIRECTORY <SCHEMA >PREFIXED")
		os.Exit(2)
	}
	if err := run(os.Stdin, os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "tools/docs:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, directory string) error {
	var document struct {
		FormatVersion string                                `json:"format_version"`
		Providers     map[string]map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.NewDecoder(in).Decode(&document); err != nil {
		return fmt.Errorf("reading the provider's schema: %w", err)
	}
	if len(document.Providers) != 1 {
		return fmt.Errorf("the schema has %d providers, want one", len(document.Providers))
	}

	renamed := make(map[string]map[string]json.RawMessage)
	for _, provider := range document.Providers {
		for section, content := range provider {
			// Sections such as data_source_schemas have types as keys. The provider's own schema and its functions
			// do not.
			kind, ok := strings.CutSuffix(section, "_schemas")
			if !ok {
				continue
			}
			var types map[string]json.RawMessage
			if err := json.Unmarshal(content, &types); err != nil {
				return fmt.Errorf("%s: %w", section, err)
			}
			folder := filepath.Join(directory, strings.ReplaceAll(kind, "_", "-")+"s")
			if err := os.MkdirAll(folder, 0o700); err != nil {
				return err
			}
			prefixed := make(map[string]json.RawMessage)
			for typeName, schema := range types {
				if err := writeSchema(filepath.Join(folder, typeName+".md"), schema); err != nil {
					return fmt.Errorf("%s: %w", typeName, err)
				}
				prefixed[name+"_"+typeName] = schema
			}
			var err error
			if provider[section], err = json.Marshal(prefixed); err != nil {
				return fmt.Errorf("%s: %w", section, err)
			}
		}
		renamed["registry.terraform.io/hashicorp/"+name] = provider
	}
	document.Providers = renamed

	return json.NewEncoder(out).Encode(document)
}
