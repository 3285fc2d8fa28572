package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-f6cb25c4/terraform-provider-llmusers/internal/workspace"
)

// width is that of a line at the most.
const width = 100

// style renders the demo's text. The true one has colour.
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
	return s.paint(bold, fmt.Sprintf("An access audit of LLM systems with %s %s", e.Name, e.Version)) + "\n" +
		"It reads fakes of Openlayer and Vectara on this machine, and nothing but its report is left behind.\n\n"
}

// The columns of a step: its number and command, its detail, and the time it took.
const (
	commandWidth = 17
	tookWidth    = 8
	detailWidth  = width - len("  1  ") - commandWidth - tookWidth
)

// stepBegins is the part of a step's line that is shown while the step runs.
func (s style) stepBegins(number int, command string) string {
	return fmt.Sprintf("  %d  %s", number, s.paint(bold, pad(command, commandWidth)))
}

// stepEnds is the rest of the line.
func (s style) stepEnds(detail string, took time.Duration) string {
	return pad(detail, detailWidth) + s.paint(faint, fmt.Sprintf("%6.1f s", took.Seconds())) + "\n"
}

// story says what the plan found, where the page with the report is, and where to go from there.
func (s style) story(e workspace.Engine, a audit, page string) string {
	var text strings.Builder
	s.users(&text, a)
	s.policies(&text, a.policies)
	fmt.Fprintf(&text, "\nChecks warn and block nothing: %s plan succeeded all the same.\n", e.Command)
	fmt.Fprintf(&text, "\n%s\n", s.paint(bold, "Next"))
	fmt.Fprintf(&text, "  %-41s  the report; audit.md beside it is for a pull request\n", page)
	fmt.Fprintf(&text, "  %-41s  run the audit on your own accounts, and make it block\n", scenario+"/README.md")
	fmt.Fprintf(&text, "  %-41s  the same users, for a configuration of your own\n", "go run ./internal/sandbox")
	return text.String()
}

// users says how many users both listings have.
func (s style) users(text *strings.Builder, a audit) {
	const indent = "    "
	fmt.Fprintf(text, "\n%s\n", s.paint(bold, "Users found"))

	fmt.Fprintf(text, "  vectara_users: %s members of the account, %s of them disabled, %s without a role\n",
		whole(a.team.Members), whole(a.team.Disabled), whole(a.team.WithoutRole))
	roles := slices.SortedFunc(maps.Keys(a.team.ByRole), func(x, y string) int {
		return cmp.Or(cmp.Compare(a.team.ByRole[y], a.team.ByRole[x]), cmp.Compare(x, y))
	})
	var counts []string
	for _, role := range roles {
		counts = append(counts, whole(a.team.ByRole[role])+" "+role)
	}
	if len(counts) > 0 {
		writeWrapped(text, indent, strings.Join(counts, ", "))
	}

	fmt.Fprintf(text, "  openlayer_pipeline_users: %s end users of the application\n", whole(a.endUsers.Total))
	writeWrapped(text, indent, fmt.Sprintf("%s sessions, %s records, %s tokens, cost %s", whole(a.endUsers.Sessions),
		whole(a.endUsers.Records), amount(&a.endUsers.Tokens, 0), amount(&a.endUsers.Cost, 2)))
	if len(a.mostExpensive) == 0 {
		return
	}
	fmt.Fprintf(text, "%s%s\n", indent, s.paint(faint, fmt.Sprintf("%-36s %10s %14s %10s", "most expensive", "cost", "tokens", "sessions")))
	for _, user := range a.mostExpensive {
		fmt.Fprintf(text, "%s%s %10s %14s %10s\n", indent, pad(user.ID, 36), amount(user.Cost, 2), amount(user.Tokens, 0), amount(user.Sessions, 0))
	}
}

// policies lists the result of each check, with the users behind a failing one.
func (s style) policies(text *strings.Builder, policies []policy) {
	counts := map[string]int{}
	for _, p := range policies {
		counts[p.status]++
	}
	fmt.Fprintf(text, "\n%s\n", s.paint(bold, fmt.Sprintf("Policies: %d of %d hold", counts["pass"], len(policies))))
	for _, p := range policies {
		var verdict string
		switch p.status {
		case "pass":
			verdict = s.paint(green, "✓ holds")
		case "fail":
			verdict = s.paint(red, "✗ fails")
		default:
			verdict = "? " + p.status
		}
		fmt.Fprintf(text, "  %s  %s\n", verdict, s.paint(bold, words(p.check)))
		for _, problem := range p.problems {
			writeWrapped(text, "           ", problem)
		}
	}
}

// words makes a sentence of the name of a check.
func words(name string) string {
	name = strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

// writeWrapped writes lines that are indented and, as far as their words allow, not too wide.
func writeWrapped(to *strings.Builder, indent, text string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(indent+line+" "+word) > width {
			fmt.Fprintf(to, "%s%s\n", indent, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	fmt.Fprintf(to, "%s%s\n", indent, line)
}

// pad fills a text with spaces, as many as it shows characters short of the columns.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-utf8.RuneCountInString(text)))
}

// whole is a whole number with separators of thousands.
func whole(number int64) string { return separate(strconv.FormatInt(number, 10)) }

// amount is a number with separators of thousands and so many decimals.
func amount(number *float64, decimals int) string {
	if number == nil {
		return "unknown"
	}
	return separate(strconv.FormatFloat(*number, 'f', decimals, 64))
}

// separate puts commas between the thousands of a decimal number.
func separate(number string) string {
	digits, negative := strings.CutPrefix(number, "-")
	integer, fraction, _ := strings.Cut(digits, ".")
	separated := ""
	for len(integer) > 3 {
		separated = "," + integer[len(integer)-3:] + separated
		integer = integer[:len(integer)-3]
	}
	separated = integer + separated
	if fraction != "" {
		separated += "." + fraction
	}
	if negative {
		separated = "-" + separated
	}
	return separated
}
