package config

import (
	"fmt"
	"slices"
	"strings"
)

// didYouMean returns a hint naming the word nearest to what was written; without a near one it lists the words when
// they are few.
func didYouMean(written string, words []string) string {
	if near := nearest(written, words); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(words) == 0 || len(words) > 8 {
		return ""
	}
	words = slices.Sorted(slices.Values(words))
	return "possible: " + strings.Join(words, ", ")
}

// DidYouMean is the same hint for what was written on a command line.
func DidYouMean(written string, words []string) string { return didYouMean(written, words) }

// nearest returns the word at the smallest edit distance, or "" when none is close enough to be what was meant.
func nearest(written string, words []string) string {
	best, limit := "", 1+len([]rune(written))/4
	for _, w := range slices.Sorted(slices.Values(words)) {
		if d := distance([]rune(strings.ToLower(written)), []rune(strings.ToLower(w))); d <= limit && d < len([]rune(w)) {
			best, limit = w, d-1
		}
	}
	return best
}

// distance counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
func distance(a, b []rune) int {
	if len(a) > 64 || len(b) > 64 {
		return 64 // too long for a typing mistake, and quadratic time in a hostile file
	}
	before, above := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
