package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type validationTest struct {
	name    string
	config  string   // JSON attributes
	unknown []string // paths
	at      string   // the argument of the diagnostic; empty for no diagnostic
	want    string   // part of its text
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
						t.Errorf("unexpected:\n%s", text(diagnostics))
					}
					return
				}
				if len(diagnostics) != 1 {
					t.Fatalf("got %d diagnostics:\n%s", len(diagnostics), text(diagnostics))
				}
				severity := tfprotov6.DiagnosticSeverityError
				if test.warning {
					severity = tfprotov6.DiagnosticSeverityWarning
				}
				d := diagnostics[0]
				if d.Severity != severity || attributePath(d) != test.at || !strings.Contains(strings.Join(strings.Fields(d.Detail), " "), test.want) {
					t.Errorf("want a %s at %s with %q, got:\n%s", severity, test.at, test.want, text(diagnostics))
				}
				if !test.warning && (d.Summary != invalidValue || !strings.HasPrefix(d.Detail, "The value of "+test.at+" ")) {
					t.Errorf("the message is not worded as all others:\n%s", text(diagnostics))
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
