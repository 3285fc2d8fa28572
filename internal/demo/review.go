package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// width is the maximum width of a line.
const width = 100

// reports are the outputs of the scenario.
type reports struct{ json, html, md string }

// review has the fields of report_json that the demo prints. Its schema is
// examples/modules/access-review/report.schema.json.
type review struct {
	Verdict       string `json:"verdict"`
	MembersSource struct {
		APIVersion string `json:"api_version"`
	} `json:"members_source"`
	Population struct {
		Members    int `json:"members"`
		AppClients int `json:"app_clients"`
		Owners     int `json:"owners"`
		Privileged int `json:"privileged"`
		Disabled   int `json:"disabled"`
	} `json:"population"`
	EndUsersSource struct {
		Count int `json:"count"`
	} `json:"end_users_source"`
	Controls []struct {
		Title       string    `json:"title"`
		Result      string    `json:"result"`
		Findings    []finding `json:"findings"`
		Exceptions  []finding `json:"exceptions"`
		NotAssessed []string  `json:"not_assessed"`
	} `json:"controls"`
}

type finding struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// decodePlan decodes the output of "terraform show -json" for a plan. It returns the reports, and the review from
// report_json.
func decodePlan(text []byte) (reports, review, error) {
	var plan struct {
		PlannedValues struct {
			Outputs map[string]struct {
				Value any `json:"value"`
			} `json:"outputs"`
		} `json:"planned_values"`
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return reports{}, review{}, fmt.Errorf("the plan cannot be read: %w", err)
	}
	var r reports
	for name, to := range map[string]*string{"report_json": &r.json, "report_html": &r.html, "report_md": &r.md} {
		value, ok := plan.PlannedValues.Outputs[name].Value.(string)
		if !ok {
			return reports{}, review{}, fmt.Errorf("the plan has no value for the output %s", name)
		}
		*to = value
	}
	var found review
	if err := json.Unmarshal([]byte(r.json), &found); err != nil {
		return reports{}, review{}, fmt.Errorf("report_json cannot be read: %w", err)
	}
	if len(found.Controls) == 0 {
		return reports{}, review{}, fmt.Errorf("report_json has no control")
	}
	return r, found, nil
}

// style formats the demo's output. It uses colours if it is true.
type style bool

const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
)

func (s style) paint(code, text string) string {
	if !s {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) heading(e workspace.Engine) string {
	return s.paint(bold, fmt.Sprintf("An access review of LLM systems with %s %s", e.Name, e.Version)) + "\n" +
		"It reads mock servers of Openlayer and Vectara on this machine, and leaves its report only.\n\n"
}

// The widths of a step's columns: its number and command, its detail, and its duration.
const (
	commandWidth = 17
	tookWidth    = 8
	detailWidth  = width - len("  1  ") - commandWidth - tookWidth
)

// stepBegins returns the beginning of a step's line, which is visible while the step runs.
func (s style) stepBegins(number int, command string) string {
	return fmt.Sprintf("  %d  %s", number, s.paint(bold, pad(command, commandWidth)))
}

// stepEnds returns the rest of the line.
func (s style) stepEnds(detail string, took time.Duration) string {
	return pad(detail, detailWidth) + s.paint(faint, fmt.Sprintf("%6.1f s", took.Seconds())) + "\n"
}

// pad adds spaces to a text until it has this number of columns.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-utf8.RuneCountInString(text)))
}

// cut shortens a text to this number of columns. The reports have the whole text.
func cut(text string, columns int) string {
	if runes := []rune(text); len(runes) > columns {
		return string(runes[:columns-1]) + "…"
	}
	return text
}

// summary is the template of the demo's output. The reports have more details.
const summary = `
{{bold .Review.Verdict}}
  vectara_users, REST {{.Review.MembersSource.APIVersion}}: {{with .Review.Population}}{{.Members}} members with {{.AppClients}} app clients, {{.Owners}} owners, {{.Privileged}} privileged, {{.Disabled}} disabled{{end}}
  openlayer_pipeline_users: {{.Review.EndUsersSource.Count}} end users

{{range .Review.Controls}}  {{result .Result}}  {{bold .Title}}
{{range .Findings}}           {{finding . ""}}
{{end}}{{range .Exceptions}}           {{finding . "approved: "}}
{{end}}{{range .NotAssessed}}           {{faint .}}
{{end}}{{end}}
{{bold "Next"}}
  {{printf "%-41s" .Page}}  the report; report.md and report.json are beside it
  examples/scenarios/access-audit/README.md  run the review on your own accounts, and make it block
  go run ./internal/sandbox                  the same users, for a configuration of your own
`

// show returns the summary of a review whose page is at this path.
func (s style) show(found review, page string) (string, error) {
	results := map[string]string{
		"holds": s.paint(green, "✓ holds"), "fails": s.paint(red, "✗ fails"), "not assessed": "? not assessed",
	}
	text := template.Must(template.New("summary").Funcs(template.FuncMap{
		"bold":   func(text string) string { return s.paint(bold, text) },
		"faint":  func(text string) string { return s.paint(faint, text) },
		"result": func(result string) string { return results[result] },
		"finding": func(f finding, label string) string {
			text := label + f.Name
			if f.Detail != "" {
				text += " (" + f.Detail + ")"
			}
			return cut(text, width-len("           "))
		},
	}).Parse(summary))
	var out strings.Builder
	err := text.Execute(&out, struct {
		Review review
		Page   string
	}{found, page})
	return out.String(), err
}
