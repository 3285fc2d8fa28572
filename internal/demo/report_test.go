package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	markdownhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
)

// hostileValues are values of an attacker where the report shows them.
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
	`<script>`,
}

// The report with hostile values has the elements, the attributes and the values of attributes that
// it has with harmless ones: they show as text, whole, and are nothing else.
func TestAccReportIsInert(t *testing.T) {
	t.Parallel()
	d := installed(t)
	render := func(t *testing.T, api string, values []string) audit {
		t.Helper()
		var team, endUsers []map[string]any
		for i, value := range values {
			// One member has it for a mail address, and one without an address for a handle. The order of
			// the members is by name: the numbers keep it.
			for j, member := range []map[string]any{{"email": fmt.Sprintf("%02d %s", i, value)}, {"email": "", "name": fmt.Sprintf("%02d+%s", i, value)}} {
				if api == "v1" {
					member["id"], member["handle"], member["comment"], member["type"] = 2*i+j, member["name"], value, "USER_TYPE__"+value
					member["role"], member["userStatus"] = []string{value, "x" + value}, value
				} else {
					member["id"], member["username"], member["description"], member["created_at"] = fmt.Sprint("usr_", 2*i+j), member["name"], value, "2026-03-01T00:00:00Z"
					member["api_roles"] = []string{value, value + "administrator"}
					member["corpus_roles"] = []map[string]string{{"corpus_key": value, "role": value}}
					member["agent_roles"] = []map[string]string{{"agent_key": value, "role": value}}
				}
				delete(member, "name")
				team = append(team, member)
			}
			endUsers = append(endUsers, map[string]any{"id": value, "cost": 100 - i})
		}
		plan, err := d.plan(t.Context(), append(serveListings(t, api, toJSON(t, team), "[]", toJSON(t, endUsers)), "TF_VAR_account="+values[0]))
		if err != nil {
			t.Fatal(err)
		}
		found, err := decodePlan(plan)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	harmless := make([]string, len(hostileValues))
	for i := range harmless {
		harmless[i] = fmt.Sprintf("value%02d", i)
	}
	for _, api := range []string{"v1", "v2"} {
		t.Run(api, func(t *testing.T) {
			want, got := render(t, api, harmless), render(t, api, hostileValues)
			for format, pages := range map[string][2]string{
				"HTML":     {want.html, got.html},
				"Markdown": {rendered(t, want.markdown), rendered(t, got.markdown)},
			} {
				wantElements, _ := parsed(t, pages[0])
				elements, text := parsed(t, pages[1])
				if len(wantElements) < 500 {
					t.Fatalf("%s: the report has %d elements alone:\n%s", format, len(wantElements), pages[0])
				}
				if !slices.Equal(elements, wantElements) {
					t.Errorf("%s: a value has become part of the page%s", format, difference(elements, wantElements))
				}
				for _, value := range hostileValues {
					if !strings.Contains(text, strings.Join(strings.Fields(value), " ")) {
						t.Errorf("%s: it does not show %q", format, value)
					}
				}
			}
		})
	}
}

// The page is complete, and its policy lets the browser do nothing.
func TestAccReportStandsAlone(t *testing.T) {
	t.Parallel()
	d := installed(t)
	const members, endUsers = 1_000, 1_000
	team := make([]map[string]any, members)
	for i := range team {
		team[i] = map[string]any{"id": i, "email": fmt.Sprintf("member%d@northwind.example", i), "role": []string{}}
	}
	team[members-1]["role"] = []string{"CustomerRole_Owner"}
	users := make([]map[string]any, endUsers)
	for i := range users {
		users[i] = map[string]any{"id": fmt.Sprintf("user%d", i), "cost": 0.25 * float64(i)}
	}
	plan, err := d.plan(t.Context(), serveListings(t, "v1", toJSON(t, team), "[]", toJSON(t, users)))
	if err != nil {
		t.Fatal(err)
	}
	found, err := decodePlan(plan)
	if err != nil {
		t.Fatal(err)
	}
	elements, text := parsed(t, found.html)
	foreign := regexp.MustCompile(`^<(script|link|base|img|iframe|object|form)\b| (on\w+|src|srcset|style|action)=`)
	rows := 0
	for _, element := range elements {
		if element == "<tr>" {
			rows++
		}
		if foreign.MatchString(element) {
			t.Errorf("the page has %s", element)
		}
		if _, link, ok := strings.Cut(element, "href="); ok && !strings.HasPrefix(link, `"#`) {
			t.Errorf("the page leads to %s", element)
		}
	}
	// A header, the 25 dearest, all others, the total; a header and the members.
	if want := 1 + 25 + 1 + 1 + 1 + members; rows != want {
		t.Errorf("the page has %d rows, want %d", rows, want)
	}
	for _, want := range []string{
		"and 975 more, together 118,706.25", // 0.25 * (0 + 1 + ... + 974)
		"All 1,000 124,875.00",
		"Members 1,000 ",
		"Not approved: 1,000",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(text, "Since member999@northwind.example") {
		t.Error("the owner does not come first")
	}
	if strings.Contains(found.html, "://") {
		t.Error("the page names an address")
	}
}

func toJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rendered is the page that a site such as GitHub makes of Markdown, without what it does for safety.
func rendered(t *testing.T, markdown string) string {
	t.Helper()
	var page strings.Builder
	converter := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(markdownhtml.WithUnsafe()))
	if err := converter.Convert([]byte(markdown), &page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// parsed is what a browser makes of a page: its elements, as tags, and its text, with the spaces
// between words that one sees.
func parsed(t *testing.T, page string) (elements []string, text string) {
	t.Helper()
	document, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for node := range document.Descendants() {
		switch node.Type {
		case html.ElementNode:
			var tag strings.Builder
			tag.WriteString("<" + node.Data)
			for _, attribute := range node.Attr {
				fmt.Fprintf(&tag, " %s=%q", attribute.Key, attribute.Val)
			}
			elements = append(elements, tag.String()+">")
		case html.CommentNode:
			elements = append(elements, "<!--"+node.Data+"-->")
		case html.TextNode:
			if node.Parent.Data != "style" {
				words = append(words, strings.Fields(node.Data)...)
			}
		}
	}
	return elements, strings.Join(words, " ")
}

// difference shows where two lists part.
func difference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf(":\ngot  %q\nwant %q", got[max(0, i-2):min(len(got), i+3)], want[max(0, i-2):min(len(want), i+3)])
		}
	}
	return fmt.Sprintf(": %d elements, want %d", len(got), len(want))
}
