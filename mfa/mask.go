package mfa

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Mask hides most of an address, so that its owner recognises it and nobody else learns it: m•••@e•••.it of a mail
// address, ••• ••• 567 of a number. "" stays "": an app has no address.
func Mask(address string) string {
	local, domain, mail := strings.Cut(address, "@")
	switch {
	case address == "":
		return ""
	case mail && local != "":
		host, top := domain, ""
		if i := strings.LastIndexByte(domain, '.'); i > 0 {
			host, top = domain[:i], domain[i:]
		}
		return first(local) + "•••@" + first(host) + "•••" + top
	case len(address) > 5:
		return "••• ••• " + address[len(address)-3:]
	}
	return "•••"
}

// Detail is what a record keeps of an address.
func Detail(address string) []byte {
	detail, _ := json.Marshal(map[string]string{"address": Mask(address)}) // texts
	return detail
}

func first(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
