package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// referenceTable is what the page of a data source has in its reference tables: the cells of a row by their
// column, of each argument and attribute by its path, such as users[*].id.
func referenceTable(t *testing.T, typeName string) map[string]map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/data-sources/" + typeName + ".md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Reference\n")
	section, _, _ = strings.Cut(section, "\n## ")
	table := map[string]map[string]string{}
	var columns []string
	for line := range strings.Lines(section) {
		cells, ok := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if !ok {
			columns = nil
			continue
		}
		row := strings.Split(strings.TrimSuffix(cells, " |"), " | ")
		switch {
		case columns == nil:
			columns = row
		case row[0] != "---":
			table[strings.Trim(row[0], "`")] = map[string]string{}
			for i, column := range columns {
				table[strings.Trim(row[0], "`")][column] = row[i]
			}
		}
	}
	return table
}

// pathsOf are the paths of all attributes of a type.
func pathsOf(outer string, typ tftypes.Type) []string {
	var paths []string
	switch typ := typ.(type) {
	case tftypes.List:
		paths = pathsOf(outer+"[*]", typ.ElementType)
	case tftypes.Map:
		paths = pathsOf(outer+"[*]", typ.ElementType)
	case tftypes.Object:
		for name, inner := range typ.AttributeTypes {
			path := strings.TrimPrefix(outer+"."+name, ".")
			paths = append(append(paths, path), pathsOf(path, inner)...)
		}
	}
	return paths
}

// Every argument and every attribute is in the tables, and nothing else. An argument that is left out has a
// default, or is a filter.
func TestReferenceIsComplete(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTestProvider(nil))
	for typeName, schema := range s.schemas.DataSourceSchemas {
		table := referenceTable(t, typeName)
		for _, path := range pathsOf("", schema.ValueType()) {
			if table[path] == nil {
				t.Errorf("the page of %s has no row for %s; run \"make docs\"", typeName, path)
			}
			delete(table, path)
		}
		if len(table) > 0 {
			t.Errorf("the page of %s has rows of what does not exist: %v", typeName, slices.Sorted(maps.Keys(table)))
		}
		table = referenceTable(t, typeName)
		for _, a := range allArguments(schema.Block) {
			isFilter := strings.HasPrefix(a.Description, "Keeps ") || strings.HasPrefix(a.Description, "Drops ")
			if path := a.String(); !isFilter && a.path[0] != "column_filters" && table[path]["Default"] == "none" {
				t.Errorf("%s: the description of %s has no sentence \"Default: ...\", and does not say what it keeps or drops", typeName, path)
			}
		}
	}
}

// The tables say of an attribute whether it is null with a version of the API, and of an argument whether it
// is an error.
func TestReferenceVersions(t *testing.T) {
	t.Parallel()
	eachListing(t, "Vectara", func(t *testing.T, l testListing, kind string) {
		f := newFakes(t)
		l.serve(f, l.variedRows())
		s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
		s.configure(t, `{}`)
		table, column := referenceTable(t, l.typeName), "REST "+l.version

		result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with())
		if len(diagnostics) > 0 {
			t.Fatal(text(diagnostics))
		}
		for path, row := range table {
			if _, isAttribute := row["Attribute"]; !isAttribute || path == "next_page_key" || path == "users[*].type" { // of a page, and of app clients
				continue
			}
			values := valuesAt(result, strings.Split(path, "."))
			isNull := !slices.ContainsFunc(values, func(v any) bool { return v != nil })
			if isNull != (row[column] == "null") {
				t.Errorf("the table says %q of %s, and the values are %q", row[column], path, values)
			}
		}

		for _, a := range allArguments(s.schema(kind, l.typeName).Block) {
			if len(a.path) > 1 {
				continue
			}
			_, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, a.with(l.typeName, s.validValue(t, kind, l.typeName, a)))
			isError := false
			for _, d := range diagnostics {
				isError = isError || d.Summary == "Argument of another version" && attributePath(d) == a.Name
			}
			if isError != (table[a.Name][column] == "error") {
				t.Errorf("the table says %q of %s, and the diagnostics are\n%s", table[a.Name][column], a.Name, text(diagnostics))
			}
		}
	})
}

// An argument that is set to its default changes neither the requests nor the result.
func TestReferenceDefaults(t *testing.T) {
	t.Parallel()
	eachListing(t, "", func(t *testing.T, l testListing, kind string) {
		read := func(arguments string) (map[string]any, []fakehttp.Request) {
			f := newFakes(t)
			l.serve(f, l.variedRows())
			s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
			s.configure(t, `{"max_concurrency": 1}`)
			result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with(arguments))
			if hasError(diagnostics) {
				t.Fatal(text(diagnostics))
			}
			return result, append(f.openlayer.Requests(), f.vectara.Requests()...)
		}
		want, wantRequests := read("")
		compared := 0
		for _, a := range allArguments(newServer(t, newTestProvider(nil)).schema(kind, l.typeName).Block) {
			row := referenceTable(t, l.typeName)[a.String()]
			literal, isLiteral := strings.CutPrefix(row["Default"], "`")
			literal, rest, _ := strings.Cut(literal, "`")
			if !isLiteral || rest != "" || row["REST "+l.version] == "error" || strings.Contains(l.arguments, `"`+a.Name+`"`) {
				continue
			}
			if a.kind.Is(tftypes.String) {
				literal = fmt.Sprintf("%q", literal)
			}
			argument := fmt.Sprintf("%q: %s", a.Name, literal)
			if len(a.path) > 1 {
				argument = fmt.Sprintf("%q: {%s}", a.path[0], argument)
			}
			got, gotRequests := read(argument)
			delete(got, a.path[0])
			for _, result := range []map[string]any{got, want} {
				delete(result["source"].(map[string]any), "base_url") // of another server
			}
			for name := range got {
				if !reflect.DeepEqual(got[name], want[name]) {
					t.Errorf("%s changes %s from %q to %q", argument, name, want[name], got[name])
				}
			}
			if !reflect.DeepEqual(gotRequests, wantRequests) {
				t.Errorf("%s changes the requests from %v to %v", argument, wantRequests, gotRequests)
			}
			compared++
		}
		if compared < 3 {
			t.Errorf("%d defaults are in the table", compared)
		}
	})
}

// variedRows are users in JSON that together have every value of the fields.
func (l testListing) variedRows() string {
	most := 0
	for _, values := range l.fields {
		most = max(most, len(values))
	}
	var list []map[string]json.RawMessage
	for i := range most {
		user := map[string]json.RawMessage{"id": json.RawMessage(fmt.Sprintf("%q", fmt.Sprint("u", i)))}
		for name, values := range l.fields {
			if name == "id" {
				user["id"] = json.RawMessage(fmt.Sprint(i))
			} else {
				user[name] = json.RawMessage(values[i%len(values)])
			}
		}
		list = append(list, user)
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// valuesAt are the values of a path in a result. Of a list or map that is null, and of an empty one, there are none.
func valuesAt(value any, path []string) []any {
	if len(path) == 0 {
		return []any{value}
	}
	name, ofElements := strings.CutSuffix(path[0], "[*]")
	object, _ := value.(map[string]any)
	if !ofElements {
		return valuesAt(object[name], path[1:])
	}
	var values []any
	switch elements := object[name].(type) {
	case []any:
		for _, element := range elements {
			values = append(values, valuesAt(element, path[1:])...)
		}
	case map[string]any:
		for _, element := range elements {
			values = append(values, valuesAt(element, path[1:])...)
		}
	}
	return values
}

// validValue is a value of an argument, in JSON, that is neither an error nor a warning.
func (s *server) validValue(t *testing.T, kind, typeName string, a argument) string {
	t.Helper()
	var candidates []string
	switch {
	case a.kind.Is(tftypes.Bool):
		candidates = []string{`true`}
	case a.kind.Is(tftypes.Number):
		candidates = []string{`1`}
	case a.kind.Is(tftypes.String):
		candidates = []string{`"1"`, `"1s"`, `"LIST_USERS_TYPE__ALL"`}
	case a.kind.Is(tftypes.List{}):
		candidates = []string{`["owner"]`, `["USER_STATUS__ACTIVE"]`, `["USER_TYPE__APP_CLIENT"]`}
	}
	for _, candidate := range candidates {
		if len(s.validateAs(t, kind, typeName, a.with(typeName, candidate))) == 0 {
			return candidate
		}
	}
	t.Fatalf("none of %v is a valid value of %s", candidates, a)
	return ""
}
