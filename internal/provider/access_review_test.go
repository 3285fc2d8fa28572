package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
)

// Every module has tests, and all of them pass.
func TestAccModules(t *testing.T) {
	t.Parallel()
	emptyCLI(t) // skips the test without a CLI
	folders, err := os.ReadDir(modulesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			if testing.Short() && folder.Name() == "access-review" {
				t.Skip("is slow: it plans more than 200 reviews")
			}
			c := emptyCLI(t)
			copyFolder(t, modulesDir, c.dir)
			c.dir = filepath.Join(c.dir, folder.Name())
			c.must(t, "init", "-input=false", "-no-color")
			printed := c.must(t, "test", "-no-color")
			if passed := regexp.MustCompile(`Success! [1-9]\d* passed, 0 failed\.`); !passed.MatchString(printed) {
				t.Errorf("the module has no tests:\n%s", printed)
			}
		})
	}
}

// reviewInput is the input of the module access-review, for a JSON file.
type reviewInput struct {
	Members   []map[string]any  `json:"members"`
	Source    map[string]any    `json:"members_source"`
	Approvals []map[string]any  `json:"approvals"`
	Directory any               `json:"directory"`
	EndUsers  any               `json:"end_users"`
	Previous  any               `json:"previous_review"`
	Excluded  map[string]string `json:"excluded_controls"`
}

const reviewConfig = `
locals {
  input = jsondecode(file("${path.module}/input.json"))
}

module "review" {
  source = "./modules/access-review"

  members           = local.input.members
  members_source    = local.input.members_source
  approvals         = local.input.approvals
  company_domains   = ["northwind.example"]
  directory         = local.input.directory
  end_users         = local.input.end_users
  end_users_source  = local.input.end_users == null ? null : merge(local.input.members_source, { vendor = "openlayer" })
  previous_review   = local.input.previous_review
  excluded_controls = local.input.excluded_controls
}

output "message" {
  value = module.review.message
}
` + reviewOutputs

const reviewOutputs = `
output "report_json" {
  sensitive = true
  value     = module.review.report_json
}

output "report_html" {
  sensitive = true
  value     = module.review.report_html
}

output "report_md" {
  sensitive = true
  value     = module.review.report_md
}
`

// newReview makes and initializes a root module that calls the module access-review.
func newReview(t *testing.T, config string) *cli {
	t.Helper()
	c := emptyCLI(t)
	modules := filepath.Join(c.dir, "modules")
	if err := os.Mkdir(modules, 0o700); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, modulesDir, modules)
	write(t, c.dir, "main.tf", config)
	c.must(t, "init", "-input=false", "-no-color")
	return c
}

// reports plans a review, and returns its outputs, which are strings. If input is nil, it does not write input.json.
func (c *cli) reports(t *testing.T, input any) map[string]string {
	t.Helper()
	if input != nil {
		write(t, c.dir, "input.json", toJSON(t, input))
	}
	c.must(t, "plan", "-input=false", "-no-color", "-out=review.plan")
	texts := map[string]string{}
	for name, output := range c.plan(t, "review.plan").PlannedValues.Outputs {
		texts[name], _ = output.Value.(string)
	}
	return texts
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func reviewSource() map[string]any {
	return map[string]any{
		"vendor": "vectara", "api_version": "v2", "base_url": "https://vectara.example", "account": "1526022105", "whole": true,
		"scopes": []string{"account", "corpus", "agent", "operation"}, "app_clients": true, "provider_version": "1.0.0",
	}
}

func reviewMember(id, email, role string) map[string]any {
	return map[string]any{
		"id": id, "handle": "handle-" + id, "email": email, "enabled": true, "created_at": "2026-01-02T03:04:05Z", "app_client": false,
		"privileged":   role != "viewer",
		"entitlements": []map[string]any{{"scope": "account", "resource": nil, "role": role, "privileged": role != "viewer"}},
	}
}

func reviewApproval(subject string) map[string]any {
	return map[string]any{"subject": subject, "roles": []string{"owner"}, "owner": "bo@northwind.example", "reason": "Platform", "ends": "2099-12-31"}
}

// reviewSchema reads report.schema.json.
func reviewSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(modulesDir, "access-review", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func checkSchema(schema *jsonschema.Schema, report string) error {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(report))
	if err != nil {
		return err
	}
	return schema.Validate(document)
}

// The schema in report.schema.json accepts report_json, and rejects every broken report in the table.
func TestAccReviewSchema(t *testing.T) {
	t.Parallel()
	emptyCLI(t)
	schema := reviewSchema(t)
	c := newReview(t, reviewConfig)
	input := reviewInput{
		Members:   []map[string]any{reviewMember("1", "ada@northwind.example", "owner"), reviewMember("2", "bo@northwind.example", "viewer")},
		Source:    reviewSource(),
		Approvals: []map[string]any{reviewApproval("ada@northwind.example")},
		Excluded:  map[string]string{"duties_are_separated": "A team of two"},
	}
	first := c.reports(t, input)["report_json"]
	previous := strings.Replace(first, `"read_at":"`, `"read_at":"2026-01-01T00:00:00Z","read_at":"`, 1)
	previous = regexp.MustCompile(`("read_at":"2026-01-01T00:00:00Z"),"read_at":"[^"]*"`).ReplaceAllString(previous, "$1")

	input.Previous = previous
	input.Members[1] = reviewMember("2", "bo@northwind.example", "administrator")
	input.Directory = map[string]any{"as_of": "2026-01-01", "people": []map[string]any{{"email": "ada@northwind.example"}}}
	input.EndUsers = []map[string]any{{"id": "bo@northwind.example"}}
	input.Members = append(input.Members, reviewMember("3", "cy@northwind.example", "administrator"), map[string]any{
		"app_client": false, "privileged": true, "entitlements": []map[string]any{{"scope": "corpus", "privileged": true}},
	})
	second := c.reports(t, input)["report_json"]

	input.Members = []map[string]any{}
	input.Source["whole"] = false
	for name, report := range map[string]string{"first": first, "second": second, "without members": c.reports(t, input)["report_json"]} {
		if err := checkSchema(schema, report); err != nil {
			t.Errorf("%s: %v\n%s", name, err, report)
		}
	}

	for name, change := range map[string][2]string{
		"a control without a field":  {`"advice":"[^"]*",`, ``},
		"an unknown result":          {`"result":"fails"`, `"result":"passes"`},
		"holds despite a finding":    {`"result":"fails"`, `"result":"holds"`},
		"an unknown severity":        {`"severity":"high"`, `"severity":"grave"`},
		"a number as a string":       {`"looked_at":(\d+)`, `"looked_at":"$1"`},
		"an unknown attribute":       {`^\{`, `{"more":1,`},
		"another format":             {`access-review/1`, `access-review/2`},
		"a time with another zone":   {`("read_at":"[^"]*)Z"`, `$1+01:00"`},
		"an empty key":               {`"key":"address [^"]*"`, `"key":""`},
		"a change without its roles": {`"gained":\[[^\]]*\],`, ``},
	} {
		broken := regexp.MustCompile(change[0]).ReplaceAllString(second, change[1])
		if broken == second {
			t.Errorf("%s: the pattern does not match the report", name)
		}
		if err := checkSchema(schema, broken); err == nil {
			t.Errorf("%s: the schema accepts the broken report", name)
		}
	}
}

// With either version of the API, the report of the scenario access-audit is valid against the schema, and the CLI
// prints no name of a user. A character that looks like another one, such as İ, is unchanged in the report.
func TestAccReviewOfTheSandbox(t *testing.T) {
	t.Parallel()
	emptyCLI(t)
	schema := reviewSchema(t)
	sandboxes := startSandboxes(t)
	people := listed(t, sandboxes)
	c := emptyCLI(t)
	copyFolder(t, examplesDir, c.dir)
	c.dir = filepath.Join(c.dir, "scenarios", "access-audit")
	c.must(t, "init", "-input=false", "-no-color")
	for _, version := range slices.Sorted(maps.Keys(sandboxes)) {
		c.env = append(slices.Clone(sandboxes[version]), "TF_VAR_account=1526022105", "TF_VAR_directory_as_of=2026-01-01")
		reports := c.reports(t, nil)
		if err := checkSchema(schema, reports["report_json"]); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		if name := "siobhan.kahananui@northwİnd.example"; !strings.Contains(reports["report_json"], name) {
			t.Errorf("%s: %s is not in the report", version, name)
		}
		c.printed.Reset() // drop the JSON of the plan, which contains the names of users
		c.must(t, "plan", "-input=false", "-no-color")
		c.must(t, "apply", "-input=false", "-no-color", "review.plan")
		if !strings.Contains(c.printed.String(), "fails: Every member is approved.") {
			t.Errorf("%s: the message of the check does not name the control that fails:\n%s", version, &c.printed)
		}
		for _, name := range people {
			if strings.Contains(c.printed.String(), name) {
				t.Errorf("%s: the output of the CLI contains the name %s", version, name)
			}
		}
		c.printed.Reset()
	}
}

// An error about the input of a review contains no name of a user.
func TestAccReviewErrorsNameNoUsers(t *testing.T) {
	t.Parallel()
	emptyCLI(t)
	c := newReview(t, reviewConfig)
	const secret = "zelda"
	for name, change := range map[string]struct {
		set  func(*reviewInput)
		says string
	}{
		"previous review that is not JSON":  {func(i *reviewInput) { i.Previous = secret + "@northwind.example" }, "must be the report_json"},
		"previous review of another format": {func(i *reviewInput) { i.Previous = `{"format":"access-review/0","name":"` + secret + `"}` }, "must be the report_json"},
		"approval with a wrong end":         {func(i *reviewInput) { i.Approvals[0]["ends"] = "soon" }, "The end of an approval"},
		"approval with a wrong key":         {func(i *reviewInput) { i.Approvals[0]["exceptions"] = []string{"x"} }, "Exceptions are possible"},
		"approval without a subject":        {func(i *reviewInput) { i.Approvals[0]["subject"] = " " }, "needs a subject"},
		"directory with a name as address": {func(i *reviewInput) {
			i.Directory = map[string]any{"as_of": "2026-01-01", "people": []any{map[string]any{"email": secret}}}
		}, "must be a mail address"},
		"directory with a wrong end": {func(i *reviewInput) {
			i.Directory = map[string]any{"as_of": "2026-01-01", "people": []any{map[string]any{"email": secret + "@b", "ends": "soon"}}}
		}, "end of a person's employment"},
	} {
		input := reviewInput{
			Members: []map[string]any{reviewMember("1", secret+"@northwind.example", "owner")}, Source: reviewSource(),
			Approvals: []map[string]any{reviewApproval(secret + "@northwind.example")}, Excluded: map[string]string{},
		}
		input.Approvals[0]["owner"] = secret
		change.set(&input)
		write(t, c.dir, "input.json", toJSON(t, input))
		c.printed.Reset()
		if err := c.run(t, "plan", "-input=false", "-no-color"); err == nil {
			t.Errorf("%s: no error", name)
		}
		if printed := c.printed.String(); !strings.Contains(printed, change.says) || strings.Contains(printed, secret) {
			t.Errorf("%s: the error lacks %q, or contains the name of a user:\n%s", name, change.says, printed)
		}
	}
}

// A configuration can call the module twice, for two accounts. Only the two checks cause warnings.
func TestAccReviewOfTwoAccounts(t *testing.T) {
	t.Parallel()
	emptyCLI(t)
	config := ""
	for _, account := range []string{"1", "2"} {
		config += fmt.Sprintf(`
module "review_%[1]s" {
  source = "./modules/access-review"

  members         = []
  members_source  = { vendor = "vectara", api_version = "v2", base_url = "https://vectara.example", whole = true, scopes = ["account"], app_clients = true, provider_version = "1.0.0" }
  account         = %[1]q
  approvals       = []
  company_domains = ["northwind.example"]
}

check "account_%[1]s" {
  assert {
    condition     = module.review_%[1]s.result == "holds"
    error_message = module.review_%[1]s.message
  }
}
`, account)
	}
	c := newReview(t, config)
	c.must(t, "validate", "-no-color")
	if strings.Contains(c.printed.String(), "Warning") {
		t.Errorf("init or validate prints a warning:\n%s", &c.printed)
	}
	c.printed.Reset()
	printed := c.must(t, "plan", "-input=false", "-no-color")
	if warnings := strings.Count(printed, "Warning: "); warnings != 2 || strings.Count(printed, "Warning: Check block assertion failed") != 2 {
		t.Errorf("the plan has %d warnings, want only those of the two checks:\n%s", warnings, printed)
	}
	for _, account := range []string{"1", "2"} {
		if !strings.Contains(printed, "Access review of the account "+account) {
			t.Errorf("no warning names the account %s:\n%s", account, printed)
		}
	}
}

// hostileValues are an attacker's values for the fields that a report shows.
var hostileValues = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`</style></title></bdi></th></td></table><h1>x</h1>`,
	`<!-- <![CDATA[ &lt;script&gt; &#60;b&#62;`,
	`| x | y`,
	`\| x \\| y \`,
	`[a](javascript:1) ![b](x "y") [c][d] [^1] <https://evil.example>`,
	`www.evil.example https://evil.example/?a=b WWW.evil.example`,
	"`code` ``code`` ~~d~~ *e* __f__ $g$ {{ h }}",
	`# h`, `> q`, `- [ ] i`, `1. i`, `---`, `===`,
	"first\nsecond\r\n\r\n# third\t|\n| - |",
	`${var.company_domain} %{ if true }%{ endif } $${x}`,
	`</code>@everyone @org/team #1`,
}

// hostileReview returns an input with each value in every field that an attacker may control. The first value is also
// the reason of an excluded control.
func hostileReview(values []string) reviewInput {
	input := reviewInput{Source: reviewSource(), Excluded: map[string]string{"duties_are_separated": values[0]}}
	for i, value := range values {
		// The report sorts members by name. With the numbers, the order does not depend on the values.
		for j, names := range [][2]any{{fmt.Sprintf("%02d %s", i, value), "h" + value}, {nil, fmt.Sprintf("%02d+%s", i, value)}} {
			input.Members = append(input.Members, map[string]any{
				"id": fmt.Sprint(2*i + j), "email": names[0], "handle": names[1], "created_at": value, "enabled": false, "app_client": j == 1, "privileged": true,
				"entitlements": []map[string]any{
					{"scope": "account", "role": value, "privileged": true},
					{"scope": "corpus", "resource": value, "role": value, "privileged": false},
				},
			})
		}
		input.Approvals = append(input.Approvals, map[string]any{"subject": "s" + value, "roles": []string{value}, "owner": value, "reason": value, "ends": "2026-01-01"})
	}
	return input
}

// A report shows the whole of each hostile value as text. The elements and attributes of the report are the same as
// with harmless values.
func TestAccReviewIsInert(t *testing.T) {
	t.Parallel()
	emptyCLI(t)
	harmless := make([]string, len(hostileValues))
	for i := range harmless {
		harmless[i] = fmt.Sprintf("value%02d", i)
	}
	c := newReview(t, reviewConfig)
	want, got := c.reports(t, hostileReview(harmless)), c.reports(t, hostileReview(hostileValues))
	for format, pages := range map[string][2]string{
		"HTML":     {want["report_html"], got["report_html"]},
		"Markdown": {renderedMarkdown(t, want["report_md"]), renderedMarkdown(t, got["report_md"])},
	} {
		wanted := parseReport(t, pages[0])
		page := parseReport(t, pages[1])
		if len(wanted.elements) < 300 {
			t.Fatalf("%s: the report has only %d elements:\n%s", format, len(wanted.elements), pages[0])
		}
		if !slices.Equal(page.elements, wanted.elements) {
			t.Errorf("%s: a value changes the elements of the page%s", format, firstDifference(page.elements, wanted.elements))
		}
		for _, value := range hostileValues {
			if !strings.Contains(page.text, strings.Join(strings.Fields(value), " ")) {
				t.Errorf("%s: the page does not show %q", format, value)
			}
		}
		if format == "Markdown" && strings.Contains(page.prose, "@") {
			t.Errorf("%s: the text outside of code contains a mention (@): %s", format, page.prose)
		}
		foreign := regexp.MustCompile(`^<(script|link|base|img|iframe|object|form)\b| (on\w+|src|srcset|action)=|href="[^#]`)
		for _, element := range page.elements {
			if foreign.MatchString(element) {
				t.Errorf("%s: the page has the element %s", format, element)
			}
		}
	}

	// HTML and Markdown have U+FFFD in place of a character that is invisible or changes the direction of text. The JSON
	// keeps the character.
	for _, character := range []string{"\u202e", "\u2066", "\u200b", "\u200d", "\u00ad", "\u061c", "\u3164", "\U000e0041", "\u0007"} {
		hidden := "a" + character + "b"
		reports := c.reports(t, hostileReview([]string{hidden}))
		for _, format := range []string{"report_html", "report_md"} {
			if strings.Contains(reports[format], character) || !strings.Contains(reports[format], "a�b") {
				t.Errorf("%s: %q is not replaced by U+FFFD", format, character)
			}
		}
		if report := reports["report_json"]; !strings.Contains(report, hidden) && !strings.Contains(report, strings.Trim(toJSON(t, hidden), `"`)) {
			t.Errorf("report_json lacks %q", character)
		}
	}
	for _, name := range []string{"ada@northwİnd.example", "ada\u00a0"} {
		input := hostileReview([]string{"x"})
		input.Members[0]["email"] = name
		if report := c.reports(t, input)["report_json"]; !strings.Contains(report, `"email":"`+name+`"`) {
			t.Errorf("report_json lacks %q", name)
		}
	}
}

// The Markdown of a large review has fewer than 65,536 characters, the limit of a comment on a pull request. It
// contains the numbers of the findings and of the members that it leaves out.
func TestAccReviewIsShort(t *testing.T) {
	t.Parallel()
	emptyCLI(t)
	c := newReview(t, reviewConfig)
	for name, value := range map[string]string{"combining": "a" + strings.Repeat("\u0301\u0327", 150), "wide": strings.Repeat("𐍈", 300), "escaped": strings.Repeat("|", 300)} {
		const members = 300 // more than fit into the largest table and the longest list in report.tf
		input := reviewInput{Source: reviewSource(), Excluded: map[string]string{}}
		for i := range members {
			member := reviewMember(fmt.Sprint(i), fmt.Sprintf("%s%d@agency.example", value, i), value)
			member["enabled"] = false
			input.Members = append(input.Members, member)
		}
		for i := range 50 {
			input.Approvals = append(input.Approvals, map[string]any{"subject": fmt.Sprint(value, i), "roles": []string{value}, "owner": value})
		}
		markdown := c.reports(t, input)["report_md"]
		if length := utf8.RuneCountInString(markdown); length >= 65_536 || length < 2_000 {
			t.Errorf("%s: the Markdown has %d characters", name, length)
		}
		shown := strings.Count(markdown, " | disabled | ")
		listed := map[int]int{100: 20, 25: 8, 10: 3}[shown] // the list's length by the table's, from local.sizes in report.tf
		for _, want := range []string{fmt.Sprintf("<code>… and %d more, in report_json</code>", members-listed), fmt.Sprintf("\n… and %d more, in report_json.\n", members-shown), fmt.Sprintf("| %d: <code>", members), fmt.Sprintf("- Members: %d\n", members)} {
			if !strings.Contains(markdown, want) {
				t.Errorf("%s: the Markdown lacks %q", name, want)
			}
		}
		if controls := strings.Count(markdown, "looked at\\:\u00a0"); controls != 12 {
			t.Errorf("%s: the Markdown has %d controls", name, controls)
		}
	}
}

// renderedMarkdown renders Markdown to HTML as GitHub does, but keeps unsafe HTML.
func renderedMarkdown(t *testing.T, markdown string) string {
	t.Helper()
	var page bytes.Buffer
	converter := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(markdownhtml.WithUnsafe()))
	if err := converter.Convert([]byte(markdown), &page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// reportPage is a parsed HTML page: its elements and comments as tags, its text with single spaces between words, and
// prose, the part of the text outside of code elements.
type reportPage struct {
	elements    []string
	text, prose string
}

func parseReport(t *testing.T, page string) reportPage {
	t.Helper()
	page = strings.ReplaceAll(page, "<wbr>", "") // <wbr> is a possible line break in an address
	document, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var p reportPage
	var words, prose []string
	for node := range document.Descendants() {
		switch node.Type {
		case html.ElementNode:
			var tag strings.Builder
			tag.WriteString("<" + node.Data)
			for _, attribute := range node.Attr {
				fmt.Fprintf(&tag, " %s=%q", attribute.Key, attribute.Val)
			}
			p.elements = append(p.elements, tag.String()+">")
		case html.CommentNode:
			p.elements = append(p.elements, "<!--"+node.Data+"-->")
		case html.TextNode:
			if node.Parent.Data == "style" {
				continue
			}
			words = append(words, strings.Fields(node.Data)...)
			if node.Parent.Data != "code" {
				prose = append(prose, strings.Fields(node.Data)...)
			}
		}
	}
	p.text, p.prose = strings.Join(words, " "), strings.Join(prose, " ")
	return p
}

// firstDifference formats the first difference between two lists.
func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf(":\ngot  %q\nwant %q", got[max(0, i-2):min(len(got), i+3)], want[max(0, i-2):min(len(want), i+3)])
		}
	}
	return fmt.Sprintf(": %d elements, want %d", len(got), len(want))
}
