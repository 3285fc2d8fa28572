//go:build unix

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// median returns the median of each figure of the samples.
func median(samples []sample) sample {
	return sample{
		wall:     middle(samples, func(_ int, s sample) time.Duration { return s.wall }),
		cpu:      middle(samples, func(_ int, s sample) time.Duration { return s.cpu }),
		requests: middle(samples, func(_ int, s sample) int { return s.requests }),
		rejected: middle(samples, func(_ int, s sample) int { return s.rejected }),
		state:    middle(samples, func(_ int, s sample) int64 { return s.state }),
	}
}

// ratio returns the median of the ratios of a figure in each turn. The two samples of a turn come one after the other,
// so the ratio changes less than the figures if the machine becomes slower.
func ratio(samples, others []sample, number func(sample) float64) float64 {
	return middle(samples, func(turn int, s sample) float64 { return number(s) / number(others[turn]) })
}

// middle returns the median of a figure. For an even count, it returns the lower of the two middle values.
func middle[N cmp.Ordered](samples []sample, number func(turn int, s sample) N) N {
	var numbers []N
	for turn, s := range samples {
		numbers = append(numbers, number(turn, s))
	}
	slices.Sort(numbers)
	return numbers[(len(numbers)-1)/2]
}

// column is a column of a table. A cell may be empty.
type column struct {
	name string
	cell func(p *peer, m sample) string
}

// The columns of every table, and the columns of some tables.
var (
	common = []column{
		{"users", func(p *peer, _ sample) string { return grouped(p.server.users) }},
		{"a page", func(p *peer, _ sample) string { return milliseconds(p.server.latency) }},
		{"wall", func(_ *peer, m sample) string { return seconds(m.wall) }},
		{"CPU", func(_ *peer, m sample) string { return seconds(m.cpu) }},
		{"requests", func(_ *peer, m sample) string { return grouped(m.requests) }},
		{"state", func(_ *peer, m sample) string { return size(m.state) }},
		{"provider memory", func(p *peer, _ sample) string { return size(p.memory) }},
	}
	rejected = column{"rejected", func(_ *peer, m sample) string { return grouped(m.rejected) }}
	perUser  = []column{
		{"wall per user", func(p *peer, m sample) string {
			return fmt.Sprintf("%.0f µs", m.wall.Seconds()*1e6/float64(p.server.users))
		}},
		{"memory per user", func(p *peer, _ sample) string {
			return fmt.Sprintf("%.0f B", float64(p.memory)/float64(p.server.users))
		}},
	}
)

// writeTable writes a line for each peer.
func writeTable(out io.Writer, peers []*peer, columns []column) {
	lines := [][]string{{""}}
	for _, c := range columns {
		lines[0] = append(lines[0], c.name)
	}
	for _, p := range peers {
		m := median(p.samples)
		line := []string{p.name}
		for _, c := range columns {
			line = append(line, c.cell(p, m))
		}
		lines = append(lines, line)
	}
	writeAligned(out, lines)
}

// writeAligned writes cells in aligned columns. The first column is left-aligned, all others are right-aligned.
func writeAligned(out io.Writer, lines [][]string) {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		var text strings.Builder
		for i, cell := range line {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				text.WriteString(cell + space)
			} else {
				text.WriteString("   " + space + cell)
			}
		}
		fmt.Fprintln(out, strings.TrimRight(text.String(), " "))
	}
}

// writeRatios compares each of our providers with each later peer of the same server and kind. It writes the ratio of
// their figures.
func writeRatios(out io.Writer, peers []*peer, compared string, number func(sample) float64) {
	separator := "\n"
	for i, p := range peers {
		for _, other := range peers[i+1:] {
			if p.ours && p.server == other.server && p.ephemeral == other.ephemeral {
				fmt.Fprintf(out, "%s%v: %s takes %.2f of the %s of %s.\n", separator, p.server, p.name,
					ratio(p.samples, other.samples, number), compared, other.name)
				separator = ""
			}
		}
	}
}

func seconds(d time.Duration) string      { return fmt.Sprintf("%.2f s", d.Seconds()) }
func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// size formats a number of bytes in kB or MB, 0 as "".
func size(bytes int64) string {
	switch {
	case bytes == 0:
		return ""
	case bytes < 1e6:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

// grouped formats a number with commas between groups of three digits.
func grouped(number int) string {
	digits := strconv.Itoa(number)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
