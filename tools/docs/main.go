// Command docs puts the provider's name in front of every type in a provider schema, as
// "terraform providers schema -json" writes it: openlayer_pipeline_users becomes
// llmusers_openlayer_pipeline_users. It reads standard input and writes standard output.
//
// tfplugindocs needs that. It looks for the provider under registry.terraform.io/hashicorp/, finds
// the type of a page by joining the provider's name and the page's, and does not know of types that
// begin with another word, as all of ours do. Only the pages' names come from these types, and those
// without the prefix, so that docs/data-sources/openlayer_pipeline_users.md comes out as it should.
//
// It also makes a list of nested attributes of each list of objects. The schema has no description for an
// attribute of an object, so that the provider writes them into the description of the list
// (internal/biglist). On a page each belongs beside its attribute.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
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

func run(in io.Reader, out io.Writer, tables string) error {
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
			schemas, err := describedSchemas(content)
			if err != nil {
				return fmt.Errorf("%s: %w", section, err)
			}
			if section == "data_source_schemas" {
				if err := writeTables(tables, schemas); err != nil {
					return err
				}
			}
			if provider[section], err = prefixTypes(schemas); err != nil {
				return fmt.Errorf("%s: %w", section, err)
			}
		}
		renamed["registry.terraform.io/hashicorp/"+name] = provider
	}
	document.Providers = renamed

	return json.NewEncoder(out).Encode(document)
}

// schema is the schema of a type.
type schema struct {
	Version int64          `json:"version"`
	Block   map[string]any `json:"block"`
}

// describedSchemas reads the schemas of types, and describes the objects in them.
func describedSchemas(object json.RawMessage) (map[string]schema, error) {
	var types map[string]schema
	if err := json.Unmarshal(object, &types); err != nil {
		return nil, err
	}
	for typeName, schema := range types {
		attributes, _ := schema.Block["attributes"].(map[string]any)
		for name, attribute := range attributes {
			if attribute, ok := attribute.(map[string]any); ok {
				if err := describeObjects(attribute); err != nil {
					return nil, fmt.Errorf("%s.%s: %w", typeName, name, err)
				}
			}
		}
	}
	return types, nil
}

// writeTables writes the reference tables of data sources to a directory.
func writeTables(directory string, schemas map[string]schema) error {
	for typeName, schema := range schemas {
		tables, err := reference(schema.Block)
		if err != nil {
			return fmt.Errorf("%s: %w", typeName, err)
		}
		if err := os.WriteFile(filepath.Join(directory, typeName+".md"), []byte(tables), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// prefixTypes puts the prefix in front of the types, and leaves out what a page says in its tables.
func prefixTypes(schemas map[string]schema) (json.RawMessage, error) {
	prefixed := make(map[string]schema, len(schemas))
	for typeName, schema := range schemas {
		withoutOrigin(schema.Block)
		prefixed[name+"_"+typeName] = schema
	}
	return json.Marshal(prefixed)
}

// item is an attribute in the description of a list: its name, and what it is.
var item = regexp.MustCompile("^  - `(\\w+)` \\([^)]*\\) (.+)$")

// describeObjects makes nested attributes of an attribute that is an object, or a list or map of objects, and
// leaves any other as it is. The items of a nested object are indented by two more spaces.
func describeObjects(attribute map[string]any) error {
	mode := "single"
	object, _ := attribute["type"].([]any)
	if len(object) == 2 && (object[0] == "list" || object[0] == "map") {
		mode, _ = object[0].(string)
		object, _ = object[1].([]any)
	}
	if len(object) != 2 || object[0] != "object" {
		return nil
	}
	types, _ := object[1].(map[string]any)

	text, _ := attribute["description"].(string)
	own, items, _ := strings.Cut(text, "\n\n")
	described := map[string]string{}
	last := ""
	for line := range strings.Lines(items) {
		if match := item.FindStringSubmatch(strings.TrimSuffix(line, "\n")); match != nil {
			last = match[1]
			described[last] = match[2] + "\n\n"
		} else {
			described[last] += strings.TrimPrefix(line, "  ")
		}
	}

	nested := map[string]any{}
	for name, typ := range types {
		if described[name] == "" {
			return fmt.Errorf("the description has nothing on the attribute %s", name)
		}
		inner := map[string]any{"type": typ, "description": strings.TrimRight(described[name], "\n"), "description_kind": "markdown", "computed": true}
		if err := describeObjects(inner); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		nested[name] = inner
	}
	delete(attribute, "type")
	attribute["description"] = own
	attribute["nested_type"] = map[string]any{"attributes": nested, "nesting_mode": mode}
	return nil
}
