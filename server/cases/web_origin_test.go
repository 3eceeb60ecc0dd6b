package cases

import (
	"maps"
	"net/http"
	"testing"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// W01, the sign-in form itself: whoever posts it from elsewhere signs nobody in, not even as the attacker (login CSRF);
// our own page does, however the browser says that it is ours.
func TestW01TheSignInFormIsOurPagesOnly(t *testing.T) {
	for name, c := range map[string]struct {
		header []string
		cookie bool // the browser the request is bound to
		says   string
	}{
		"our page": {[]string{"Sec-Fetch-Site", "same-origin", "Origin", here}, true, "303 /authorize/ID"},
		"our page, whose policy hides its origin":  {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, true, "303 /authorize/ID"},
		"an old browser, our page":                 {[]string{"Origin", here}, true, "303 /authorize/ID"},
		"a program with the browser's cookie":      {nil, true, "303 /authorize/ID"},
		"typed by the person":                      {[]string{"Sec-Fetch-Site", "none"}, true, "303 /authorize/ID"},
		"neither header nor cookie":                {nil, false, "403 cross_site"},
		"our page, but another browser":            {[]string{"Sec-Fetch-Site", "same-origin"}, false, "403 other_browser"},
		"another site":                             {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://attacker.test"}, true, "403 cross_site"},
		"a panel of the same site":                 {[]string{"Sec-Fetch-Site", "same-site", "Origin", "https://" + servertest.Panel}, true, "403 cross_site"},
		"a sandboxed frame":                        {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, true, "403 cross_site"},
		"an old browser, another site":             {[]string{"Origin", "https://attacker.test"}, true, "403 cross_site"},
		"an old browser, a sandboxed frame":        {[]string{"Origin", "null"}, true, "403 cross_site"},
		"our own name without TLS":                 {[]string{"Origin", "http://" + servertest.SSO}, true, "403 cross_site"},
		"another site that sends text":             {[]string{"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"}, true, "403 cross_site"},
		"another site that says it is a GET":       {[]string{"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET"}, true, "403 cross_site"},
		"another site that lies in another header": {[]string{"Sec-Fetch-Site", "cross-site", "Referer", here + "/login", "X-Forwarded-Host", "attacker.test"}, true, "403 cross_site"},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("victim").Open(w.RP1.Login())
				id := requestOf(b)
				h := head(c.header...)
				if c.cookie {
					h.Set("Cookie", cookies(b))
				}
				before, rows := w.Dump(), kept(w)
				p := &prober{t: t, w: w}
				a := p.send(probe{http.MethodPost, "/login/" + id + "/password", "username=vera&password=pioggia+sui+tetti+rossi", h})
				wanted := c.says
				if c.says == "303 /authorize/ID" {
					wanted = "303 /authorize/" + id
					recorded(t, w, "authn.ok", storage.Event{Outcome: "ok", Reason: "pwd", ClientID: "panel", PersonID: w.V.ID})
				} else {
					if c.says == "403 other_browser" { // leaves a record (Q55), and nothing else
						recorded(t, w, "authz.denied", storage.Event{Outcome: "fail", Reason: "other_browser", ClientID: "panel"})
						want(t, "the rows stay", maps.Equal(kept(w), rows), true)
					} else {
						want(t, "the database stays", w.Dump() == before, true)
					}
					want(t, "cookies", len(a.cookies), 0)
				}
				want(t, "answer", a.says(), wanted)
			})
		})
	}
}
