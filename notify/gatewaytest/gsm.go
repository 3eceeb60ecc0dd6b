package gatewaytest

import (
	"strings"
	"unicode/utf16"
)

// The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1).
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtra = "\f^{}\\[~]|€" // two septets each
)

// segments is how many text messages a text is, and whether it needs UCS-2: one holds 160 septets or 70 UTF-16 units, each
// of several 153 or 67 (3GPP TS 23.040 §9.2.3.24.1).
func segments(text string) (n int, ucs2 bool) {
	septets := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			septets++
		case strings.ContainsRune(gsmExtra, r):
			septets += 2
		default:
			return parts(len(utf16.Encode([]rune(text))), 70, 67), true
		}
	}
	return parts(septets, 160, 153), false
}

func parts(units, one, several int) int {
	if units <= one {
		return 1
	}
	return (units + several - 1) / several
}
