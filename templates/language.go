package templates

import (
	"strings"

	"golang.org/x/text/language"
)

// The longest preferences that are read. Parsing a tag list costs more than linearly in its length, and nobody states
// that many languages.
const (
	maxAcceptLanguage = 256
	maxLocales        = 8
	maxLocale         = 35 // RFC 5646 §4.4.1
)

// Match is the offered language that suits best: ui_locales in its order first (OIDC Core §3.1.2.1), then
// Accept-Language, then the default. Garbage is no error (the same section: unknown locales must not be one).
func (s *Set) Match(acceptLanguage, uiLocales string) string {
	for i, loc := range strings.Fields(cut(uiLocales, maxLocales*(maxLocale+1), " ")) {
		if i == maxLocales {
			break
		}
		if len(loc) > maxLocale {
			continue
		}
		if tag, err := language.Parse(loc); err == nil {
			if lang, ok := s.offered(tag); ok {
				return lang
			}
		}
	}
	tags, _, err := language.ParseAcceptLanguage(cut(acceptLanguage, maxAcceptLanguage, ","))
	if err == nil {
		for _, tag := range tags {
			if lang, ok := s.offered(tag); ok {
				return lang
			}
		}
	}
	return s.brand.DefaultLang
}

func (s *Set) offered(tag language.Tag) (string, bool) {
	base, confidence := tag.Base()
	if confidence != language.Exact { // "und", "*": no language was named
		return "", false
	}
	for _, lang := range s.brand.Offered {
		if lang == base.String() {
			return lang, true
		}
	}
	return "", false
}

// cut shortens to n bytes, at the last separator before.
func cut(s string, n int, sep string) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i]
	}
	return ""
}
