package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/fakehttp"
)

// A schema has no field for the default of an argument or the version of the API. So the description has them, in these
// sentences.
var (
	defaultSentence = regexp.MustCompile(`\bDefault: (.+?)\.(?:\s|$)`)
	versionSentence = regexp.MustCompile(`\bREST (v\d) only\b`)
)

// documented returns the descriptions of all arguments and attributes on a page, by path, such as users.id.
func documented(t *testing.T, kind, typeName string) map[string]string {
	t.Helper()
	folder := map[string]string{"data": "data-sources", "ephemeral": "ephemeral-resources"}[kind]
	page, err := os.ReadFile("../../docs/" + folder + "/" + typeName + ".md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Schema\n")
	section, _, _ = strings.Cut(section, "\n## ")
	descriptions := map[string]string{}
	var path []string
	for _, item := range regexp.MustCompile("(?m)^( *)- `(\\w+)` \\([^)]*\\) (.+)$").FindAllStringSubmatch(section, -1) {
		path = append(path[:len(item[1])/2], item[2])
		descriptions[strings.Join(path, ".")] = item[3]
	}
	return descriptions
}

// onlyIn returns the only version of the API that has the attribute at a path, empty if all versions have it. A nested
// attribute has the version of the outer attribute.
func onlyIn(descriptions map[string]string, path string) string {
	outer, _, _ := strings.Cut(path, ".")
	for at := outer; ; {
		if match := versionSentence.FindStringSubmatch(descriptions[at]); match != nil {
			return match[1]
		}
		rest, nested := strings.CutPrefix(path, at+".")
		if !nested {
			return ""
		}
		next, _, _ := strings.Cut(rest, ".")
		at += "." + next
	}
}

// pathsOf returns the paths of all attributes of a type.
func pathsOf(outer string, typ tftypes.Type) []string {
	var paths []string
	switch typ := typ.(type) {
	case tftypes.List:
		paths = pathsOf(outer, typ.ElementType)
	case tftypes.Map:
		paths = pathsOf(outer, typ.ElementType)
	case tftypes.Object:
		for name, inner := range typ.AttributeTypes {
			path := strings.TrimPrefix(outer+"."+name, ".")
			paths = append(append(paths, path), pathsOf(path, inner)...)
		}
	}
	return paths
}

// The page of a type describes exactly its arguments and attributes. The description of each optional argument has its
// default, unless the argument is a filter.
func TestReferenceIsComplete(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTestProvider(nil))
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{"data": s.schemas.DataSourceSchemas, "ephemeral": s.schemas.EphemeralResourceSchemas} {
		for typeName, schema := range schemas {
			descriptions := documented(t, kind, typeName)
			for _, path := range pathsOf("", schema.ValueType()) {
				if descriptions[path] == "" {
					t.Errorf("the page of %s (%s) has no description of %s; run \"make docs\"", typeName, kind, path)
				}
				delete(descriptions, path)
			}
			if len(descriptions) > 0 {
				t.Errorf("the page of %s (%s) describes arguments or attributes that do not exist: %v", typeName, kind, slices.Sorted(maps.Keys(descriptions)))
			}
			for _, a := range allArguments(schema.Block) {
				isFilter := strings.HasPrefix(a.Description, "Keeps ") || strings.HasPrefix(a.Description, "Drops ")
				if !isFilter && !a.Required && a.path[0] != "column_filters" && !defaultSentence.MatchString(a.Description) {
					t.Errorf("%s: the description of %s has no sentence \"Default: ...\", and does not say what it keeps or drops", typeName, a)
				}
			}
		}
	}
}

// The example, the arguments and the attributes begin in the first 100 lines of a data source's page.
func TestReferenceIsNearTheTop(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/data-sources/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("there are no pages", err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for _, heading := range []string{"## Example Usage", "### Arguments", "### Attributes"} {
			if at := slices.Index(lines, heading); at < 0 || at >= 100 {
				t.Errorf("%s: %q is at line %d, want it within 100 lines", page, heading, at+1)
			}
		}
	}
}

// An attribute is null if its description names the other version of the API, and only then. An argument is an error if
// its description names the other version, and only then.
func TestReferenceVersions(t *testing.T) {
	t.Parallel()
	eachListing(t, "Vectara", func(t *testing.T, l testListing, kind string) {
		f := newFakes(t)
		l.serve(f, l.variedRows())
		s := newServer(t, newTestProvider(l.fakeEnvironment(f)))
		s.configure(t, `{}`)
		descriptions := documented(t, kind, l.typeName)
		excluded := func(path string) bool {
			only := onlyIn(descriptions, path)
			return only != "" && only != l.version
		}

		result, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, l.with())
		if len(diagnostics) > 0 {
			t.Fatal(text(diagnostics))
		}
		arguments := allArguments(s.schema(kind, l.typeName).Block)
		isArgument := map[string]bool{"timeouts": true}
		for _, a := range arguments {
			isArgument[a.String()] = true
		}
		for path := range descriptions {
			// next_page_key needs a single page, and users.type needs app clients.
			if isArgument[path] || path == "next_page_key" || path == "users.type" {
				continue
			}
			values := valuesAt(result, strings.Split(path, "."))
			isNull := !slices.ContainsFunc(values, func(v any) bool { return v != nil })
			if isNull != excluded(path) {
				t.Errorf("the page describes %[2]s as %[1]q, but the values are %[3]q", descriptions[path], path, values)
			}
		}

		for _, a := range arguments {
			if len(a.path) > 1 {
				continue
			}
			_, diagnostics := s.readAs(t.Context(), t, kind, l.typeName, a.with(l.typeName, s.validValue(t, kind, l.typeName, a)))
			isError := false
			for _, d := range diagnostics {
				isError = isError || d.Summary == "Argument of another version" && attributePath(d) == a.Name
			}
			if isError != excluded(a.Name) {
				t.Errorf("the page describes %[2]s as %[1]q, but the diagnostics are\n%[3]s", descriptions[a.Name], a.Name, text(diagnostics))
			}
		}
	})
}

// An argument with its documented default as value changes neither the requests nor the result.
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
		descriptions := documented(t, kind, l.typeName)
		want, wantRequests := read("")
		compared := 0
		for _, a := range allArguments(newServer(t, newTestProvider(nil)).schema(kind, l.typeName).Block) {
			sentence := defaultSentence.FindStringSubmatch(descriptions[a.String()])
			if sentence == nil {
				continue
			}
			literal, isLiteral := strings.CutPrefix(sentence[1], "`")
			literal, rest, _ := strings.Cut(literal, "`")
			only := onlyIn(descriptions, a.String())
			if !isLiteral || rest != "" || only != "" && only != l.version || strings.Contains(l.arguments, `"`+a.Name+`"`) {
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
				delete(result["source"].(map[string]any), "base_url") // each read has its own server
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
			t.Errorf("compared only %d defaults of the page", compared)
		}
	})
}

// variedRows returns users in JSON. Together, they have every value of every field.
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

// valuesAt returns the values at a path in a result. A null or empty list or map on the path has no values.
func valuesAt(value any, path []string) []any {
	if len(path) == 0 {
		return []any{value}
	}
	object, _ := value.(map[string]any)
	inner := object[path[0]]
	if len(path) == 1 {
		return []any{inner}
	}
	var values []any
	switch elements := inner.(type) {
	case []any:
		for _, element := range elements {
			values = append(values, valuesAt(element, path[1:])...)
		}
	case map[string]any:
		if _, isObject := elements[path[1]]; isObject {
			return valuesAt(elements, path[1:])
		}
		for _, element := range elements { // elements is a map
			values = append(values, valuesAt(element, path[1:])...)
		}
	}
	return values
}

// validValue returns a valid value of an argument, in JSON.
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
