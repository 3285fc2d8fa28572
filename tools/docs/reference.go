package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// What a schema cannot hold is in the descriptions, as sentences of a fixed form:
//
//	Default: `100`.                           on an argument
//	REST v2 only.                             on an argument that is an error with v1, or an attribute that is null with v1
//	Added by the provider.                    on what the API does not have
//	Filtered by the provider, after reading.  on a filter that the API does not have
//
// The reference tables are made of the first three. The last two are not repeated on a page.
var (
	defaultValue = regexp.MustCompile(`\bDefault: (.+?)\.(?:\s|$)`)
	onlyVersion  = regexp.MustCompile(`\bREST (v\d) only\b`)
)

const (
	added    = " Added by the provider."
	filtered = " Filtered by the provider, after reading."
)

// block and attribute are the parts of a schema that the reference tables are made of.
type block struct {
	Description string               `json:"description"`
	Attributes  map[string]attribute `json:"attributes"`
	BlockTypes  map[string]struct {
		Block block `json:"block"`
	} `json:"block_types"`
}

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

// row is an argument or an attribute in a table.
type row struct {
	path, typeName, description string
	only                        string // the version of the API that has it; empty: each
	required, computed          bool
}

// reference is the section of a page with all arguments and attributes of a data source.
func reference(schema map[string]any) (string, error) {
	text, err := json.Marshal(schema)
	if err != nil {
		return "", err
	}
	var b block
	if err := json.Unmarshal(text, &b); err != nil {
		return "", err
	}
	rows := rowsOf("", "", b.Attributes)
	for _, name := range slices.Sorted(maps.Keys(b.BlockTypes)) {
		nested := b.BlockTypes[name].Block
		rows = append(rows, row{path: name, typeName: "Block", description: nested.Description})
		rows = append(rows, rowsOf(name+".", "", nested.Attributes)...)
	}

	var versions, filters, additions []string
	for _, r := range rows {
		if r.only != "" && !slices.Contains(versions, r.only) {
			versions = append(versions, r.only)
		}
		if strings.Contains(r.description, filtered) {
			filters = append(filters, "`"+r.path+"`")
		}
		if strings.Contains(r.description, added) {
			additions = append(additions, "`"+r.path+"`")
		}
	}
	slices.Sort(versions)
	cells := ""
	if len(versions) > 0 {
		cells = " \"error\" is an argument that the version does not accept, \"null\" an attribute that it does not have."
	}
	return fmt.Sprintf("## Reference\n\nAll arguments and attributes in short. [Schema](#schema) describes each.%s\n\n"+
		"### Arguments\n\n%s\nThe provider adds %s, and the filters %s, which it applies after reading. All others are the API's.\n\n"+
		"### Attributes\n\n%s", cells, table(rows, versions, false), enumerate(additions), enumerate(filters), table(rows, versions, true)), nil
}

func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// rowsOf are the attributes at a path, those that are required first, each before what is nested in it. A
// version that alone has the outer attribute alone has the nested ones.
func rowsOf(outer, only string, attributes map[string]attribute) []row {
	names := slices.Sorted(maps.Keys(attributes))
	slices.SortStableFunc(names, func(a, b string) int {
		if attributes[a].Required == attributes[b].Required {
			return 0
		}
		if attributes[a].Required {
			return -1
		}
		return 1
	})
	var rows []row
	for _, name := range names {
		a := attributes[name]
		r := row{path: outer + name, typeName: typeName(a.Type), description: a.Description, only: only, required: a.Required, computed: a.Computed}
		if match := onlyVersion.FindStringSubmatch(a.Description); match != nil {
			r.only = match[1]
		}
		if a.Nested == nil {
			rows = append(rows, r)
			continue
		}
		inner := r.path + "."
		r.typeName = "Object"
		if a.Nested.Mode != "single" {
			r.typeName, inner = strings.ToUpper(a.Nested.Mode[:1])+a.Nested.Mode[1:]+" of Object", r.path+"[*]."
		}
		rows = append(append(rows, r), rowsOf(inner, r.only, a.Nested.Attributes)...)
	}
	return rows
}

// typeName is a type in words, as on the rest of a page.
func typeName(typ any) string {
	switch t := typ.(type) {
	case string:
		if t == "bool" {
			return "Boolean"
		}
		return strings.ToUpper(t[:1]) + t[1:]
	case []any:
		return typeName(t[0]) + " of " + typeName(t[1])
	}
	return ""
}

// table is the table of the arguments or of the attributes. It has a column for each version of the API
// if there are differences.
func table(rows []row, versions []string, computed bool) string {
	columns := []string{"Argument", "Type", "Default"}
	if computed {
		columns = []string{"Attribute", "Type"}
	}
	for _, version := range versions {
		columns = append(columns, "REST "+version)
	}
	var b strings.Builder
	write := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	write(columns)
	write(slices.Repeat([]string{"---"}, len(columns)))
	missing := "error"
	if computed {
		missing = "null"
	}
	for _, r := range rows {
		if r.computed != computed {
			continue
		}
		cells := []string{"`" + r.path + "`", r.typeName}
		if !computed {
			cells = append(cells, defaultOf(r))
		}
		for _, version := range versions {
			if r.only == "" || r.only == version {
				cells = append(cells, "yes")
			} else {
				cells = append(cells, missing)
			}
		}
		write(cells)
	}
	return b.String()
}

func defaultOf(r row) string {
	if r.required {
		return "required"
	}
	if match := defaultValue.FindStringSubmatch(r.description); match != nil {
		return match[1]
	}
	return "none"
}

// withoutOrigin takes the sentences on who added an argument from every description in a schema.
func withoutOrigin(node any) {
	switch n := node.(type) {
	case map[string]any:
		for key, value := range n {
			if text, ok := value.(string); ok && key == "description" {
				n[key] = strings.NewReplacer(added, "", filtered, "").Replace(text)
				continue
			}
			withoutOrigin(value)
		}
	case []any:
		for _, value := range n {
			withoutOrigin(value)
		}
	}
}
