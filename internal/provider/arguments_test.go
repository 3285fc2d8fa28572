package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The tests in this file get the arguments from the schema, so they also test new arguments. They check that a mistake
// in an argument is an error or a warning.

// argument is an attribute that a configuration can set.
type argument struct {
	path []string // the names of the outer attribute or block, if any, and of the argument
	kind tftypes.Type
	*tfprotov6.SchemaAttribute
}

func (a argument) String() string { return strings.Join(a.path, ".") }

// allArguments returns the arguments of a block, and of its nested attributes and blocks.
func allArguments(block *tfprotov6.SchemaBlock) []argument {
	var all []argument
	var walk func(outer []string, attributes []*tfprotov6.SchemaAttribute)
	walk = func(outer []string, attributes []*tfprotov6.SchemaAttribute) {
		for _, attribute := range attributes {
			if attribute.Computed {
				continue
			}
			path := append(slices.Clone(outer), attribute.Name)
			all = append(all, argument{path, attribute.ValueType(), attribute})
			if attribute.NestedType != nil {
				walk(path, attribute.NestedType.Attributes)
			}
		}
	}
	walk(nil, block.Attributes)
	for _, nested := range block.BlockTypes {
		walk([]string{nested.TypeName}, nested.Block.Attributes)
	}
	return all
}

// filterOperators has an operator for each argument that sets the value of a column filter. It accepts the argument.
var filterOperators = map[string]string{
	"number_value": ">", "string_value": "is", "bool_value": "is", "null_value": "is", "string_values": "one_of", "number_values": "one_of",
}

// with returns a configuration in JSON in which the argument has this value. All other arguments are valid.
func (a argument) with(typeName, value string) string {
	config := map[string]any{}
	if err := json.Unmarshal([]byte(rowsOf(typeName)[0].with()), &config); err != nil {
		panic(err)
	}
	switch {
	case a.Name == "asc":
		config["asc"], config["sort_column"] = json.RawMessage(value), "cost"
	case len(a.path) == 1:
		config[a.path[0]] = json.RawMessage(value)
	case a.path[0] == "column_filters":
		filter := map[string]any{"measurement": "m", "operator": filterOperators[a.Name]}
		if filter["operator"] == "" {
			filter["operator"], filter["null_value"] = "is", true
		}
		filter[a.Name] = json.RawMessage(value)
		config["column_filters"] = []any{filter}
	default:
		config[a.path[0]] = map[string]any{a.Name: json.RawMessage(value)}
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// emptyIsAValue are the arguments that may be empty. Their descriptions explain the empty value.
var emptyIsAValue = []string{"page_key", "column_filters.string_value"}

// An empty value of an argument is an error or a warning, and so is a null for a required argument or for the value of
// a column filter. An unknown value is valid.
func TestArguments(t *testing.T) {
	t.Parallel()
	s := newServer(t, newTestProvider(nil))
	for _, typeName := range slices.Sorted(maps.Keys(s.schemas.DataSourceSchemas)) {
		arguments := allArguments(s.schemas.DataSourceSchemas[typeName].Block)
		if len(arguments) < 4 { // fewer than include_*, min_*, max_* and timeouts.read
			t.Errorf("%s has only %d arguments", typeName, len(arguments))
		}
		for _, a := range arguments {
			isFilterValue := filterOperators[a.Name] != ""
			var empty string
			switch {
			case a.kind.Is(tftypes.String):
				empty = `""`
			case a.kind.Is(tftypes.List{}):
				empty = `[]`
			}
			for _, test := range []struct {
				name, value string
				unknown     []string
				silent      bool
			}{
				// For Terraform, null is the same as no value, so it is a mistake only if a value is required.
				{name: "null", value: "null", silent: !a.Required && !isFilterValue},
				{name: "empty", value: empty, silent: slices.Contains(emptyIsAValue, a.String())},
				// Terraform validates the block again when the value is known.
				{name: "unknown", value: "null", unknown: []string{a.String()}, silent: true},
			} {
				if test.value == "" {
					continue
				}
				t.Run(fmt.Sprint(typeName, " ", a, " ", test.name), func(t *testing.T) {
					t.Parallel()
					diagnostics := s.validateAs(t, "data", typeName, a.with(typeName, test.value), test.unknown...)
					if (len(diagnostics) == 0) != test.silent {
						t.Errorf("no diagnostics: %v, want %v\n%s", len(diagnostics) == 0, test.silent, text(diagnostics))
					}
				})
			}
		}
	}
}

// Each attribute of the provider has the name of its environment variable, in lower case and without LLMUSERS_. The
// error for an invalid value names the attribute or the variable. It does not contain the value of a sensitive
// attribute.
func TestSettings(t *testing.T) {
	t.Parallel()
	attributes := newServer(t, newTestProvider(nil)).schemas.Provider.Block.Attributes
	if len(attributes) != len(settings) {
		t.Fatalf("the schema has %d attributes, and the table settings has %d", len(attributes), len(settings))
	}
	for _, attribute := range attributes {
		variable := strings.ToUpper(attribute.Name)
		if !strings.HasPrefix(variable, "OPENLAYER_") && !strings.HasPrefix(variable, "VECTARA_") {
			variable = "LLMUSERS_" + variable
		}
		const wrongText = "s3cret\n" // invalid for every setting
		wrong := `"s3cret\n"`
		if attribute.Type.Is(tftypes.Number) {
			wrong = "0.5"
		}
		fromVariable := "The environment variable " + variable + ", which sets " + attribute.Name + ", "
		for name, test := range map[string]struct{ value, at, want string }{
			"wrong":                      {wrong, attribute.Name, "The value of " + attribute.Name + " "},
			"empty, wrong in variable":   {`""`, "", fromVariable},
			"null, wrong in variable":    {`null`, "", fromVariable},
			"unknown, wrong in variable": {`unknown`, "", ""}, // the variable has no effect
		} {
			if test.value == `""` && attribute.Type.Is(tftypes.Number) {
				continue
			}
			t.Run(attribute.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, newTestProvider(map[string]string{variable: wrongText}))
				value, unknown := test.value, []string(nil)
				if value == "unknown" {
					value, unknown = "null", []string{attribute.Name}
				}
				diagnostics := s.configure(t, fmt.Sprintf(`{%q: %s}`, attribute.Name, value), unknown...)
				got := text(diagnostics)
				if test.want == "" {
					if len(diagnostics) > 0 {
						t.Errorf("want no diagnostics, got:\n%s", got)
					}
					return
				}
				if len(diagnostics) != 1 || diagnostics[0].Summary != invalidValue || attributePath(diagnostics[0]) != test.at || !strings.HasPrefix(diagnostics[0].Detail, test.want) ||
					attribute.Sensitive && strings.Contains(got, "s3cret") {
					t.Errorf("want one error at %q that begins %q, got:\n%s", test.at, test.want, got)
				}
			})
		}
	}
}

// If a setting is unknown, a data source that needs it is deferred if Terraform allows deferral, and returns an error
// otherwise. A data source that does not need it returns its users. Its ephemeral counterpart does the same.
func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	reads := map[string]string{"openlayer_pipeline_users": readOpenlayer, "vectara_users": readVectara}
	for _, setting := range settings {
		name := attributeOf(setting.variable)
		for source, config := range reads {
			vendor, _, _ := strings.Cut(source, "_")
			needs := setting.whole != nil || strings.HasPrefix(name, vendor+"_")
			for _, deferralAllowed := range []bool{false, true} {
				t.Run(fmt.Sprint(name, " ", source, " ", deferralAllowed), func(t *testing.T) {
					t.Parallel()
					f := newFakes(t)
					f.openlayer.SetUsers(testPipeline, nil)
					env := f.environment()
					if setting.variable == envVectaraTokenURL || setting.variable == envVectaraClientID || setting.variable == envVectaraClientSecret {
						delete(env, envVectaraOAuthToken)
						env[envVectaraClientID], env[envVectaraClientSecret] = "client", "secret-of-client"
					}
					f.vectara.ClientID, f.vectara.ClientSecret = "client", "secret-of-client"
					s := newServer(t, newTestProvider(env))
					if diagnostics := s.configure(t, `{}`, name); len(diagnostics) > 0 {
						t.Fatal(text(diagnostics))
					}
					state, response := s.readWith(t.Context(), t, source, config, &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: deferralAllowed})
					got := text(response.Diagnostics)
					switch {
					case !needs && users(state) == nil:
						t.Errorf("the data source returns no users:\n%s", got)
					case needs && deferralAllowed && (response.Deferred == nil || len(response.Diagnostics) > 0):
						t.Errorf("the data source is not deferred:\n%s", got)
					case needs && !deferralAllowed && (len(response.Diagnostics) != 1 || response.Diagnostics[0].Summary != setting.label+" not known yet" ||
						!strings.Contains(got, "sets "+name+" to") || !strings.Contains(got, setting.variable)):
						t.Errorf("want one error that names %s, got:\n%s", name, got)
					}
					opened, err := s.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
						TypeName: source, Config: value(t, s.schema("ephemeral", source), config),
						ClientCapabilities: &tfprotov6.OpenEphemeralResourceClientCapabilities{DeferralAllowed: deferralAllowed},
					})
					if err != nil {
						t.Fatal(err)
					}
					if (opened.Deferred != nil) != (response.Deferred != nil) || text(opened.Diagnostics) != got {
						t.Errorf("the ephemeral resource differs: deferred %v\n%s", opened.Deferred, text(opened.Diagnostics))
					}
				})
			}
		}
	}
}

// within returns a line of HCL with set, an assignment. If the argument is nested, the line has the nested attribute or
// block around set.
func (a argument) within(block *tfprotov6.SchemaBlock, set string) string {
	isBlock := slices.ContainsFunc(block.BlockTypes, func(nested *tfprotov6.SchemaNestedBlock) bool { return nested.TypeName == a.path[0] })
	switch {
	case len(a.path) == 1:
		return set
	case isBlock:
		return a.path[0] + " { " + set + " }"
	case a.path[0] == "column_filters":
		return "column_filters = [merge({ measurement = \"m\", operator = \"is\" }, { " + set + " })]"
	}
	return a.path[0] + " = { " + set + " }"
}

// misspelt returns a line of HCL with a misspelt name of the argument. The line is empty for an argument of a nested
// attribute other than column_filters: Terraform ignores a misspelt name there, and the default applies.
func (a argument) misspelt(block *tfprotov6.SchemaBlock) string {
	line := a.within(block, a.Name+"x = null")
	switch {
	case a.path[0] != "column_filters" || len(a.path) == 1:
		if strings.Contains(line, " = {") {
			return ""
		}
		return line
	case a.Required:
		return "column_filters = [{ " + a.Name + "x = \"is\", null_value = true }]"
	}
	return fmt.Sprintf("column_filters = [{ measurement = \"m\", operator = %q, %sx = null }]", filterOperators[a.Name], a.Name)
}

// mistakes is a configuration with several mistakes, each on a line of its own.
type mistakes struct {
	config strings.Builder
	lines  map[int]string // descriptions of the mistakes, by line number
}

func (m *mistakes) add(what, line string) {
	m.config.WriteString(line + "\n")
	if m.lines == nil {
		m.lines = map[int]string{}
	}
	m.lines[strings.Count(m.config.String(), "\n")] = what
}

// The command validate reports every misspelt argument, and every argument with a value of a wrong type.
func TestAccMistakesThatTerraformFinds(t *testing.T) {
	t.Parallel()
	skipWithoutEphemeral(t)
	wrongType := func(a argument) string {
		if a.kind.Is(tftypes.String) {
			return `[]`
		}
		return `"x"`
	}
	s := newServer(t, newTestProvider(nil))
	var provider, blocks mistakes
	provider.config.WriteString("provider \"llmusers\" {\n")
	for _, a := range allArguments(s.schemas.Provider.Block) {
		provider.add("provider "+a.Name+" misspelt", a.Name+"x = null")
		provider.add("provider "+a.Name+" of another type", a.Name+" = "+wrongType(a))
	}
	provider.config.WriteString("}\ndata \"vectara_users\" \"needs_it\" {\nprovider = llmusers\n}\n")
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{"data": s.schemas.DataSourceSchemas, "ephemeral": s.schemas.EphemeralResourceSchemas} {
		for typeName, schema := range schemas {
			for i, a := range allArguments(schema.Block) {
				for mistake, line := range map[string]string{"misspelt": a.misspelt(schema.Block), "of another type": a.within(schema.Block, a.Name+" = "+wrongType(a))} {
					if line == "" {
						continue
					}
					fmt.Fprintf(&blocks.config, "%s %q \"argument%d_%d\" {\nprovider = llmusers\n", kind, typeName, i, len(mistake))
					if len(a.path) > 1 || !a.Required {
						fmt.Fprintln(&blocks.config, rowsOf(typeName)[0].hcl())
					}
					blocks.add(fmt.Sprint(kind, " ", typeName, " ", a, " ", mistake), line)
					blocks.config.WriteString("}\n")
				}
			}
		}
	}
	if len(blocks.lines) < 100 {
		t.Errorf("the configuration has only %d mistakes in blocks", len(blocks.lines))
	}
	// There are two configurations, because Terraform does not validate blocks if their provider block has an error.
	for name, m := range map[string]*mistakes{"provider": &provider, "blocks": &blocks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, newFakes(t), "")
			write(t, c.dir, "mistakes.tf", m.config.String())
			if err := c.run(t, "validate", "-json"); err == nil {
				t.Fatal("the configuration is valid")
			}
			var validated struct {
				Diagnostics []struct {
					Range struct {
						Filename string
						Start    struct{ Line int }
					}
				}
			}
			if err := json.Unmarshal(c.printed.Bytes(), &validated); err != nil {
				t.Fatalf("%v\n%s", err, &c.printed)
			}
			lines := strings.Split(m.config.String(), "\n")
			found := map[int]bool{}
			for _, d := range validated.Diagnostics {
				if d.Range.Filename == "mistakes.tf" {
					found[d.Range.Start.Line] = true
				}
			}
			for line, what := range m.lines {
				// If the mistake is in an element of a list, Terraform points at the first line of the block.
				begin := line
				for name == "blocks" && !strings.Contains(lines[begin-1], "\" {") {
					begin--
				}
				if !found[line] && !found[begin] {
					t.Errorf("no diagnostic: %s", what)
				}
			}
		})
	}
}

// If the value of a filter is a variable that is null, the plan has an error, and the provider sends no request.
func TestAccFilterWithoutAValue(t *testing.T) {
	t.Parallel()
	f := newFakes(t)
	f.openlayer.SetUsers(testPipeline, nil)
	got := accErrors(t, newTestProvider(f.environment()), accPreamble+`
		variable "plan" {
		  type    = string
		  default = null
		}
		data "openlayer_pipeline_users" "bot" {
		  provider              = llmusers
		  inference_pipeline_id = "`+testPipeline+`"
		  column_filters        = [{ measurement = "plan", operator = "is", string_value = var.plan }]
		}`)
	if said := got["data.openlayer_pipeline_users.bot"]; !strings.Contains(said, "This filter has no value. Check it for null") || len(f.openlayer.Requests()) > 0 {
		t.Errorf("want an error about the filter and no request, got %v", got)
	}
}
