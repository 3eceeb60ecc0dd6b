package web

import (
	"strings"
	"testing"
)

func TestW01FormsAreTakenFromOurOwnPagesOnly(t *testing.T) {
	browser := "Cookie: __Host-soglia_browser=" + strings.Repeat("b", 43)
	for name, c := range map[string]struct {
		header []string
		want   int
	}{
		"same-origin":                           {[]string{"Sec-Fetch-Site: same-origin", "Origin: https://sso.example.it"}, 303},
		"Origin null from our no-referrer page": {[]string{"Sec-Fetch-Site: same-origin", "Origin: null"}, 303},
		"typed by the person":                   {[]string{"Sec-Fetch-Site: none"}, 303},
		"cross-site":                            {[]string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"}, 403},
		"cross-site with our cookie":            {[]string{"Sec-Fetch-Site: cross-site", browser}, 403},
		"same site, other host":                 {[]string{"Sec-Fetch-Site: same-site", "Origin: https://panel.example.it"}, 403},
		"nonsense":                              {[]string{"Sec-Fetch-Site: SAME-ORIGIN"}, 403},
		"old browser, our page":                 {[]string{"Origin: https://sso.example.it"}, 303},
		"old browser, other page":               {[]string{"Origin: https://evil.example", browser}, 403},
		"old browser, Origin null":              {[]string{"Origin: null", browser}, 403},
		"old browser, our host without TLS":     {[]string{"Origin: http://sso.example.it", browser}, 403},
		"neither header":                        {nil, 403},
		"neither header, the browser's cookie":  {[]string{browser}, 303},
		"neither header, the cookie twice":      {[]string{browser, browser}, 403},
		"method override":                       {[]string{"Sec-Fetch-Site: cross-site", "X-HTTP-Method-Override: GET"}, 403},
		"text/plain":                            {[]string{"Sec-Fetch-Site: same-origin", "Content-Type: text/plain"}, 415},
		"multipart":                             {[]string{"Sec-Fetch-Site: same-origin", "Content-Type: multipart/form-data; boundary=x"}, 415},
	} {
		h := open(t)
		resp := h.ask("POST", "/page", "username=u", c.header...)
		if resp.StatusCode != c.want || h.calls != map[bool]int{true: 1}[c.want == 303] {
			t.Errorf("%s: %d after %d effects, want %d", name, resp.StatusCode, h.calls, c.want)
		}
	}
	if resp := open(t).ask("POST", "/authorize", "a=b", "Sec-Fetch-Site: cross-site", "Origin: https://rp.example"); resp.StatusCode != 303 {
		t.Errorf("a panel's POST to an entry: %d", resp.StatusCode)
	}
}
