// Package gsm7 is the alphabet of text messages (3GPP TS 23.038 §6.2.1): how much of a message a text takes, and how a name is
// written in it.
//
// It leaves to others what is said (templates) and how a gateway is told the alphabet (notify).
//
// Easy to get wrong: one character beyond the alphabet halves a message and doubles its price, and it does not look foreign:
// a curly apostrophe, a long dash, a capital È.
package gsm7

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extra = "\f^{}\\[~]|€" // two septets each
)

// Septets is how many of a message's 160 septets a text takes; false = it has characters beyond the alphabet.
func Septets(text string) (n int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(basic, r):
			n++
		case strings.ContainsRune(extra, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// One reports a text that is one message of the alphabet.
func One(text string) bool {
	n, ok := Septets(text)
	return ok && n <= 160
}

// Size is what a text costs.
type Size struct {
	Alphabet string // GSM-7 or UCS-2
	Units    int    // septets, or UTF-16 units
	Segments int    // each is paid
}

// Measure is the size of a text: one message holds 160 septets or 70 UTF-16 units, each of several 153 or 67 (3GPP TS 23.040
// §9.2.3.24.1).
func Measure(text string) Size {
	s := Size{Alphabet: "GSM-7"}
	one, each := 160, 153
	n, ok := Septets(text)
	if !ok {
		s.Alphabet, n = "UCS-2", len(utf16.Encode([]rune(text)))
		one, each = 70, 67
	}
	s.Units, s.Segments = n, 1
	if n > one {
		s.Segments = (n + each - 1) / each
	}
	return s
}

// instead are characters that look like others, and letters that no accent sets apart.
var instead = strings.NewReplacer(
	"’", "'", "‘", "'", "‚", "'", "‛", "'", "ʼ", "'", "´", "'", "`", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"–", "-", "—", "-", "‐", "-", "‑", "-", "−", "-", "·", "-", "•", "-", "…", "...", "\u00a0", " ", "\u2009", " ", "\u202f", " ",
	"œ", "oe", "Œ", "OE", "ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ð", "d", "þ", "th", "ı", "i", "ħ", "h", "ẞ", "SS",
	"™", "", "©", "", "®", "",
)

// Plain writes a text in the alphabet: with letters whose accents it lacks bare, and without emoji and other signs. One that
// has letters of another script has no such form, and Plain returns "": half of a name would be another name.
func Plain(text string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(instead.Replace(text)) {
		if _, ok := Septets(string(r)); ok {
			out.WriteRune(r)
			continue
		}
		bare := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFKD.String(string(r)))
		if _, ok := Septets(bare); ok {
			out.WriteString(bare)
			continue
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return ""
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
