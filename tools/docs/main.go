// Command docs puts the provider's name in front of every type in a provider schema, as
// "terraform providers schema -json" writes it: openlayer_pipeline_users becomes
// llmusers_openlayer_pipeline_users. It reads standard input and writes standard output.
//
// tfplugindocs needs that. It looks for the provider under registry.terraform.io/hashicorp/, finds
// the type of a page by joining the provider's name and the page's, and does not know of types that
// begin with another word, as all of ours do. Only the pages' names come from these types, and those
// without the prefix, so that docs/data-sources/openlayer_pipeline_users.md comes out as it should.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

const name = "llmusers"

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tools/docs:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
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
			// data_source_schemas, ephemeral_resource_schemas and whatever else is named by type.
			// The provider's own schema and its functions are not.
			if !strings.HasSuffix(section, "_schemas") {
				continue
			}
			prefixed, err := prefixTypes(content)
			if err != nil {
				return fmt.Errorf("%s: %w", section, err)
			}
			provider[section] = prefixed
		}
		renamed["registry.terraform.io/hashicorp/"+name] = provider
	}
	document.Providers = renamed

	return json.NewEncoder(out).Encode(document)
}

// prefixTypes puts the prefix in front of the keys of a JSON object.
func prefixTypes(object json.RawMessage) (json.RawMessage, error) {
	var types map[string]json.RawMessage
	if err := json.Unmarshal(object, &types); err != nil {
		return nil, err
	}
	prefixed := make(map[string]json.RawMessage, len(types))
	for typeName, schema := range types {
		prefixed[name+"_"+typeName] = schema
	}
	return json.Marshal(prefixed)
}
