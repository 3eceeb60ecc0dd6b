package user

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is kept of an operator's claim stands in tokens as it is kept: it is what was checked, not the bytes that came.
func TestQ50AClaimOfTheOperatorsOwnIsKeptAsItWasChecked(t *testing.T) {
	for in, want := range map[string]string{
		`"gold"`:                                "\"gold\"",
		`["a" , "b"]`:                           `["a","b"]`,
		`9007199254740993`:                      `9007199254740993`,
		`-1.50`:                                 `-1.50`,
		`true`:                                  `true`,
		"\"a\xffb\"":                            "\"a\uFFFDb\"",
		`["\ud800"]`:                            "[\"\uFFFD\"]",
		`1e999`:                                 "",
		"0." + strings.Repeat("0", 60000) + "1": "",
		strings.Repeat("9", 300):                "",
	} {
		var p Profile
		err := p.SetOwn("x", json.RawMessage(in))
		if got := string(p.Own["x"]); got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q is kept as %.40q, %v; want %q", in, got, err, want)
		}
	}
}
