package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// This file replaces the lists of arguments and attributes of tfplugindocs, which puts each nested object into a section
// at the end of the page, in alphabetical order. Here an attribute is below its object, and the users come first. The
// attributes of a user have no description in the schema: the description of the list ends with a Markdown list of them
// (internal/biglist).

// block has the parts of a block that a page shows.
type block struct {
	Description string               `json:"description"`
	Attributes  map[string]attribute `json:"attributes"`
	BlockTypes  map[string]struct {
		Block block `json:"block"`
	} `json:"block_types"`
}

// attribute has the parts of an attribute that a page shows.
type attribute struct {
	Type        any    `json:"type"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Computed    bool   `json:"computed"`
	Nested      *struct {
		Attributes map[string]attribute `json:"attributes"`
		Mode       string               `json:"nesting_mode"`
	} `json:"nested_type"`
}

// writeSchema writes the section with all arguments and attributes of a type to a file.
func writeSchema(file string, text json.RawMessage) error {
	var schema struct {
		Block block `json:"block"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return err
	}
	arguments, attributes := items("", schema.Block.Attributes, false), items("", schema.Block.Attributes, true)
	for _, name := range slices.Sorted(maps.Keys(schema.Block.BlockTypes)) {
		nested := schema.Block.BlockTypes[name].Block
		arguments += item("", name, "Block", nested.Description) + items("  ", nested.Attributes, false)
	}
	return os.WriteFile(file, []byte("## Schema\n\n### Arguments\n\n"+arguments+"\n### Attributes\n\n"+attributes), 0o600)
}

// items returns a Markdown list. Required arguments and lists of objects come first, and the others follow by name.
func items(indent string, attributes map[string]attribute, computed bool) string {
	first := func(name string) int {
		if a := attributes[name]; a.Required || computed && typeName(a) == "List of Object" {
			return 0
		}
		return 1
	}
	names := slices.SortedFunc(maps.Keys(attributes), func(a, b string) int {
		return cmp.Or(first(a)-first(b), strings.Compare(a, b))
	})
	var list strings.Builder
	for _, name := range names {
		a := attributes[name]
		if a.Computed != computed {
			continue
		}
		kind := typeName(a)
		if a.Required {
			kind += ", required"
		}
		list.WriteString(item(indent, name, kind, a.Description))
		if a.Nested != nil {
			list.WriteString(items(indent+"  ", a.Nested.Attributes, computed))
		}
	}
	return list.String()
}

// item returns one item of a list. A list in its description becomes a nested list.
func item(indent, name, kind, description string) string {
	return fmt.Sprintf("%s- `%s` (%s) %s\n", indent, name, kind, strings.Replace(description, "\n\n", "\n", 1))
}

// typeName returns the type of an attribute in words.
func typeName(a attribute) string {
	switch {
	case a.Nested == nil:
		return spoken(a.Type)
	case a.Nested.Mode == "single":
		return "Object"
	default:
		return strings.ToUpper(a.Nested.Mode[:1]) + a.Nested.Mode[1:] + " of Object"
	}
}

// spoken returns a type of the schema in words: String for "string", and List of String for ["list", "string"].
func spoken(typ any) string {
	switch t := typ.(type) {
	case string:
		if t == "bool" {
			return "Boolean"
		}
		return strings.ToUpper(t[:1]) + t[1:]
	case []any:
		if t[0] == "object" {
			return "Object"
		}
		return spoken(t[0]) + " of " + spoken(t[1])
	}
	return ""
}
