package gatewaytest

import (
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		ucs2 bool
	}{
		{"", 1, false},
		{strings.Repeat("x", 160), 1, false},
		{strings.Repeat("x", 161), 2, false},
		{strings.Repeat("x", 306), 2, false},
		{strings.Repeat("x", 307), 3, false},
		{strings.Repeat("€", 80), 1, false},
		{strings.Repeat("€", 81), 2, false},
		{"il codice è già qui @x.it #1", 1, false},
		{"ç", 1, true}, // only the capital is in the alphabet
		{"“", 1, true},
		{strings.Repeat("č", 70), 1, true},
		{strings.Repeat("č", 71), 2, true},
		{strings.Repeat("😀", 35), 1, true},
		{strings.Repeat("😀", 36), 2, true},
	} {
		if n, ucs2 := segments(c.text); n != c.n || ucs2 != c.ucs2 {
			t.Errorf("%.9q (%d bytes): %d %v, want %d %v", c.text, len(c.text), n, ucs2, c.n, c.ucs2)
		}
	}
}
