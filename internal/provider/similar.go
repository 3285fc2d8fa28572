package provider

import "strings"

// mostSimilar returns the name with the least edit distance to a text. It ignores case.
func mostSimilar(text string, names []string) string {
	best, least := "", 0
	for _, name := range names {
		if distance := editDistance(strings.ToLower(text), strings.ToLower(name)); best == "" || distance < least {
			best, least = name, distance
		}
	}
	return best
}

// editDistance returns the Levenshtein distance of two strings, in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1) // the distances between a prefix of a and all prefixes of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
