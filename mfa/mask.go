package mfa

import "strings"

// Mask hides most of a mail address, so that its owner recognises it and nobody else learns it: m•••@example.com. Of
// anything else only the last two characters are shown.
func Mask(address string) string {
	local, domain, mail := strings.Cut(address, "@")
	r := []rune(local)
	switch {
	case mail && len(r) > 0:
		return string(r[0]) + "•••@" + domain
	case len(r) > 4:
		return "•••" + string(r[len(r)-2:])
	}
	return "•••"
}
