package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type validationTest struct {
	name    string
	config  string   // JSON attributes
	unknown []string // the paths of unknown attributes
	at      string   // the argument of the diagnostic; empty for no diagnostic
	want    string   // part of the diagnostic's detail
	warning bool     // the diagnostic is a warning
}

func runValidationTests(t *testing.T, typeName string, tests []validationTest) {
	t.Helper()
	s := newServer(t, newTestProvider(nil))
	for _, test := range tests {
		for _, kind := range kinds {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				diagnostics := s.validateAs(t, kind, typeName, `{`+test.config+`}`, test.unknown...)
				if test.at == "" {
					if len(diagnostics) > 0 {
						t.Errorf("want no diagnostic, got:\n%s", text(diagnostics))
					}
					return
				}
				if len(diagnostics) != 1 {
					t.Fatalf("got %d diagnostics, want one:\n%s", len(diagnostics), text(diagnostics))
				}
				severity := tfprotov6.DiagnosticSeverityError
				if test.warning {
					severity = tfprotov6.DiagnosticSeverityWarning
				}
				d := diagnostics[0]
				at := test.at
				if element, _, nested := strings.Cut(at, "]."); nested {
					at = element + "]" // see visible
				}
				if d.Severity != severity || attributePath(d) != at || !strings.Contains(strings.Join(strings.Fields(d.Detail), " "), test.want) {
					t.Errorf("want a %s at %s with %q, got:\n%s", severity, test.at, test.want, text(diagnostics))
				}
				if !test.warning && (d.Summary != invalidValue || !strings.HasPrefix(d.Detail, "The value of "+test.at+" ")) {
					t.Errorf("the error does not have the summary and the beginning that all errors of validation have:\n%s", text(diagnostics))
				}
			})
		}
	}
}

// attributePath formats the path of a diagnostic as in a configuration.
func attributePath(d *tfprotov6.Diagnostic) string {
	text := strings.NewReplacer(`AttributeName("`, "", `")`, "", `.ElementKeyInt(`, "[", `)`, "]").Replace(d.Attribute.String())
	return text
}
