package mfa

import "strings"

// maxTyped is the longest text that is looked at as a code.
const maxTyped = 64

// zeros are the first of ten consecutive digits: ASCII, full-width, Arabic-Indic and extended Arabic-Indic, which phones
// type and apps show.
var zeros = []rune{'0', '０', '٠', '۰'}

// filler is what people leave or put between the groups of a code.
const filler = " \t\r\n\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000-\u2010\u2011\u2012\u2013\u2014."

// Normalise returns the ASCII digits of a code as typed or pasted: spaces of every kind, dashes and dots between groups are
// left out, full-width and Arabic digits become ASCII. Anything else in it gives "", which is no code.
func Normalise(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	var b strings.Builder
next:
	for _, r := range typed {
		for _, zero := range zeros {
			if zero <= r && r <= zero+9 {
				b.WriteByte(byte('0' + r - zero))
				continue next
			}
		}
		if !strings.ContainsRune(filler, r) {
			return ""
		}
	}
	return b.String()
}
