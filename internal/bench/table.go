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

// median is that of each of the samples' numbers.
func median(samples []sample) sample {
	return sample{
		wall:     middle(samples, func(s sample) time.Duration { return s.wall }),
		cpu:      middle(samples, func(s sample) time.Duration { return s.cpu }),
		requests: middle(samples, func(s sample) int { return s.requests }),
		state:    middle(samples, func(s sample) int64 { return s.state }),
	}
}

// middle is the median of one number; of an even count, the lower one of the two in the middle.
func middle[N cmp.Ordered](samples []sample, number func(sample) N) N {
	var numbers []N
	for _, s := range samples {
		numbers = append(numbers, number(s))
	}
	slices.Sort(numbers)
	return numbers[(len(numbers)-1)/2]
}

// writeTable writes a line for each peer, and what it takes for each user if that is of interest.
func writeTable(out io.Writer, peers []*peer, perUser bool) {
	lines := [][]string{{"", "users", "wall", "CPU", "requests", "state", "provider memory"}}
	if perUser {
		lines[0] = append(lines[0], "wall per user", "memory per user")
	}
	for _, p := range peers {
		m := median(p.samples)
		state, memory := "", ""
		if m.state > 0 {
			state = size(m.state)
		}
		if p.memory > 0 {
			memory = size(p.memory)
		}
		line := []string{p.name, grouped(p.users), seconds(m.wall), seconds(m.cpu), grouped(m.requests), state, memory}
		if perUser {
			line = append(line,
				fmt.Sprintf("%.0f µs", m.wall.Seconds()*1e6/float64(p.users)),
				fmt.Sprintf("%.0f B", float64(p.memory)/float64(p.users)))
		}
		lines = append(lines, line)
	}
	writeAligned(out, lines)
}

// writeAligned writes cells in columns, the first of which is aligned to the left.
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

// writeRatios writes what each of ours takes of what each of the others takes that does the same.
func writeRatios(out io.Writer, peers []*peer, what string, by func(sample) float64) {
	separator := "\n"
	for _, p := range peers {
		for _, other := range peers {
			if p.ours && !other.ours && p.ephemeral == other.ephemeral {
				fmt.Fprintf(out, "%s%s takes %.2f of the %s of %s.\n", separator, p.name, by(median(p.samples))/by(median(other.samples)), what, other.name)
				separator = ""
			}
		}
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// size is a number of bytes in the unit that fits it.
func size(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

// grouped is a number with a comma before each three digits.
func grouped(number int) string {
	digits := strconv.Itoa(number)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
