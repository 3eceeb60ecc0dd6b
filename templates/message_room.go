package templates

import (
	"strings"

	"github.com/soglia-sso/soglia/gsm7"
)

// TextMessages tells whether text messages with a code are one segment each with this host in their last line, and whether all of
// them name the brand.
func TextMessages(brand, host string, digits, minutes int) (fit, named bool, err error) {
	tx, err := loadTexts()
	if err != nil {
		return false, false, err
	}
	s := &Set{texts: tx}
	plain := gsm7.Plain(brand)
	fit, named = true, plain != ""
	for _, lang := range languages {
		for _, purpose := range []string{"login", "areas", "verify", "enrol", "account"} {
			l := &letter{set: s, name: "code", Lang: lang, Code: strings.Repeat("0", digits), Host: host, minutes: minutes, purpose: purpose}
			if purpose == "areas" {
				l.areas = []string{""}
			}
			for _, a := range []about{{}, {Brand: plain}} {
				said, err := s.short(l, a)
				if err != nil {
					return false, false, err
				}
				one := gsm7.One(typewritten.Replace(said.Text))
				named, fit = named && one, fit && (one || a.Brand != "")
			}
		}
	}
	return fit, named, nil
}
