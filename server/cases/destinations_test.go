package cases

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/web"
)

// elsewhere are addresses that must not be followed: what parsers and browsers read differently.
var elsewhere = []string{
	"//attacker.test", `/\attacker.test`, `\\attacker.test`, "https:attacker.test", "https://attacker.test", "///attacker.test", "https:///attacker.test",
	"\t//attacker.test", "%09//attacker.test", "/%09/attacker.test", "https://panel.example.test.attacker.test/", "https://panel.example.test@attacker.test/",
	"https://attacker.test#@panel.example.test/", "javascript:alert('attacker.test')", "data:text/html,attacker.test",
}

// leaves reports whether a link leads to the attacker as a browser reads it: backslashes are slashes, tabs are nothing.
func leaves(target string) bool {
	base, _ := url.Parse(here)
	to, err := base.Parse(strings.NewReplacer(`\`, "/", "\t", "", "\n", "").Replace(strings.TrimSpace(target)))
	return err != nil || strings.Contains(to.Host+to.Opaque, "attacker.test") || strings.HasPrefix(to.Path, "//") && strings.Contains(to.Path, "attacker.test")
}

// D10: no page follows an address that a parameter names, by whatever name, in the query or in a form.
func TestD10NoPageLeadsWhereAParameterSays(t *testing.T) {
	inTurns(t, func(t *testing.T, a *arena) {
		b := a.Browser("dora")
		a.SignedIn(b, a.RP1, a.U2)
		hint := a.granted(b, a.RP1).ID
		b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp")
		id, p := requestOf(b), a.prober(0)
		clean := func(what string, got *answer) {
			t.Helper()
			targets := []string{got.header.Get("Location"), got.header.Get("Refresh")}
			for _, place := range []string{`href="`, `action="`, `content="0;`, `content="0; `, `src="`} {
				for _, part := range strings.Split(got.body, place)[1:] {
					target, _, _ := strings.Cut(part, `"`)
					targets = append(targets, html.UnescapeString(strings.TrimPrefix(target, "url=")))
				}
			}
			for _, target := range targets {
				if leaves(target) {
					t.Errorf("%s leads to %q", what, target)
				}
			}
			if got.status >= 500 {
				t.Errorf("%s: %s", what, got.says())
			}
		}
		for _, uri := range elsewhere {
			q := url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {uri}}
			got := p.send(probe{method: http.MethodGet, target: "/end_session?" + q.Encode(), header: head("Cookie", cookies(b))})
			want(t, "sign-out to "+uri, got.status, http.StatusBadRequest)
			want(t, "Location", got.header.Get("Location"), "")
			clean("sign-out", got)
		}
		want(t, "sessions ended", len(a.Records("session.end")), 0)
		walk(a.World, func(row web.Route, method string) {
			if row.Document || method == http.MethodOptions {
				return
			}
			for i, uri := range elsewhere {
				q := url.Values{}
				for _, name := range []string{"returnTo", "return_to", "next", "continue", "url", "redirect", "redirect_uri", "target", "then", "RelayState", "back", "goto"} {
					q.Set(name, uri)
				}
				at := probe{method: method, target: filled(row.Pattern, id), header: head("Cookie", cookies(b), "Sec-Fetch-Site", "same-origin", "Origin", here)}
				if method == http.MethodPost && i%2 == 0 {
					at.body = q.Encode()
				} else {
					at.target += "?" + q.Encode()
				}
				clean(method+" "+row.Pattern+" "+uri, p.send(at))
			}
		})
	})
}
