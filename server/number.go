package server

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/soglia-sso/soglia/templates"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// number reads a number with its prefix, as people write it.
func number(_ *http.Request, typed string) (string, *templates.FormError) {
	n := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(typed)
	if after, ok := strings.CutPrefix(n, "00"); ok {
		n = "+" + after
	}
	if !e164.MatchString(n) {
		return "", &templates.FormError{Field: "number", Text: "bad_number"}
	}
	return n, nil
}
