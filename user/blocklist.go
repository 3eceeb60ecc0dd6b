package user

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// common holds words that lead lists of leaked passwords, collected by hand from what people in Italy and elsewhere
// choose first: words, names, clubs, heroes. It is not a corpus: a password made of one or two of them and a few digits
// is refused, so 600 words stand for many thousands of passwords.
//
//go:embed common.txt
var common string

var commonWords = words(common)

// rows are what fingers run along. Read backwards too.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "12345678901234567890",
	"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
	"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "a1s2d3f4g5h6j7k8l9", "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j",
}

// likeness are the signs that stand for letters.
var likeness = map[rune]string{
	'0': "o", '1': "il", '3': "e", '4': "a", '5': "s", '7': "t", '8': "b", '9': "g",
	'@': "a", '$': "s", '!': "i", '€': "e", '|': "il", '+': "t",
}

// longGuess: beyond it a password of one or two words is no longer one, and looking costs more than it tells.
const longGuess = 64

// guessable says why a password would be among the first guesses, or "".
func guessable(p string, about About) Why {
	runes := []rune(cases.Fold().String(norm.NFKC.String(p)))
	if unit := period(runes); len(string(runes[:unit])) < about.Min && unit < len(runes) {
		return WhyPattern
	}
	if effort(runes) < 6 {
		return WhyPattern
	}
	if len(runes) > longGuess {
		return ""
	}
	own := words(about.Brand + " " + about.Username)
	for _, a := range about.Addresses {
		local, domain, _ := strings.Cut(a, "@")
		own = append(own, words(local+" "+domain)...)
	}
	if little(without(runes, own, len(runes))) {
		return WhyContext
	}
	if little(without(runes, commonWords, 2)) {
		return WhyCommon
	}
	return ""
}

// period is the length of the shortest unit whose repetition (the last one maybe cut) is the whole.
func period(r []rune) int {
	for n := 1; n <= len(r)/2; n++ {
		if slices.Equal(r[n:], r[:len(r)-n]) {
			return n
		}
	}
	return len(r)
}

// effort counts a password in moves: a run along a row, or of one character, is one move however long.
func effort(r []rune) int {
	moves := 0
	for i := 0; i < len(r); moves++ {
		n := 1
		for i+n < len(r) && r[i+n] == r[i] {
			n++
		}
		for _, row := range rows {
			n = max(n, run([]rune(row), r[i:]))
		}
		i += n
	}
	return moves
}

// run is how far r follows the row, forwards or backwards; less than three steps are chance.
func run(row, r []rune) int {
	most := 1
	for at, c := range row {
		if c != r[0] {
			continue
		}
		for _, step := range []int{1, -1} {
			n := 1
			for n < len(r) && at+n*step >= 0 && at+n*step < len(row) && row[at+n*step] == r[n] {
				n++
			}
			most = max(most, n)
		}
	}
	if most < 3 {
		return 1
	}
	return most
}

// without removes up to n words, also when written with likenesses, in the way that leaves least: "musicapril" is music
// and april, not musica and four letters. ok is false when there was none.
func without(r []rune, list []string, n int) (rest []rune, ok bool) {
	n = min(n, len(r)/4+1) // a word has at least four letters
	lengths := make([][]int, len(r))
	for i := range r {
		for _, w := range list {
			if l := starts(r[i:], []rune(w)); l > 0 {
				lengths[i] = append(lengths[i], l)
			}
		}
	}
	// most[k][i] is how much of r[i:] up to k words cover; word[k][i] is the one to begin with, 0 = none.
	most, word := make([][]int, n+1), make([][]int, n+1)
	for k := range most {
		most[k], word[k] = make([]int, len(r)+1), make([]int, len(r)+1)
		for i := len(r) - 1; i >= 0; i-- {
			most[k][i] = most[k][i+1]
			for _, l := range lengths[i] {
				if k > 0 && l+most[k-1][i+l] > most[k][i] {
					most[k][i], word[k][i] = l+most[k-1][i+l], l
				}
			}
		}
	}
	for i, k := 0, n; i < len(r); {
		if l := word[k][i]; l > 0 {
			ok, k, i = true, k-1, i+l
			continue
		}
		rest = append(rest, r[i])
		i++
	}
	return rest, ok
}

func starts(r, word []rune) int {
	if len(word) > len(r) {
		return 0
	}
	for i, c := range word {
		if r[i] != c && !strings.ContainsRune(likeness[r[i]], c) {
			return 0
		}
	}
	return len(word)
}

// little: what is left beside the words is what people add because a form asked for it.
func little(rest []rune, ok bool) bool {
	letters, digits := 0, 0
	for _, c := range rest {
		switch {
		case unicode.IsLetter(c):
			letters++
		case unicode.IsDigit(c):
			digits++
		}
	}
	return ok && letters < 4 && (digits <= 6 || effort(rest) < 6)
}

// words splits into folded words of at least four characters, without likenesses of punctuation.
func words(text string) []string {
	folded := cases.Fold().String(norm.NFKC.String(text))
	var out []string
	for _, w := range strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) >= 4 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
