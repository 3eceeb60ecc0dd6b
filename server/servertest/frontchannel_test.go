package servertest_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

var frames = regexp.MustCompile(`<iframe [^>]*src="([^"]*)"`)

// framesOf are the addresses that the page before a browser loads in frames.
func framesOf(b *servertest.Browser) (list []string) {
	for _, m := range frames.FindAllStringSubmatch(string(b.Body()), -1) {
		list = append(list, html.UnescapeString(m[1]))
	}
	return list
}

// D11: a panel that has nothing but a browser is told wherever a sign-out is confirmed in this browser, and of this browser's
// session alone. One that is told by its server is not told a second time.
func TestD11PanelsWithoutAServerAreToldInFrames(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		var doc struct {
			Front   bool `json:"frontchannel_logout_supported"`
			Session bool `json:"frontchannel_logout_session_supported"`
		}
		if err := w.RP1.Provider().Claims(&doc); err != nil || !doc.Front || !doc.Session {
			t.Errorf("discovery: %+v, %v", doc, err)
		}
		ear := listen(w, panelEar, w.RP1)
		elsewhere := w.Browser("dora elsewhere")
		w.SignedIn(elsewhere, w.RP2, w.U2)
		for what, end := range map[string]func(b *servertest.Browser, hint string){
			"at a panel, which has a way back": func(b *servertest.Browser, hint string) {
				b.Open(w.RP1.SignOut("id_token_hint", hint, "post_logout_redirect_uri", "https://"+servertest.Panel+"/"))
				if !strings.Contains(string(b.Body()), `content="2;url=https://`+servertest.Panel+`/"`) {
					t.Errorf("it does not go on:\n%s", b.Text())
				}
			},
			"after the question": func(b *servertest.Browser, _ string) {
				b.Open("https://" + servertest.SSO + "/end_session")
				b.Submit("logout-confirm")
			},
			"everywhere": func(b *servertest.Browser, _ string) {
				b.Open("https://" + servertest.SSO + "/account/sessions")
				b.Submit("sign-out-everywhere")
				if elsewhere.Open(w.RP2.Login()); elsewhere.Step() == "rp-signed-in" {
					t.Error("the other browser is signed in")
				}
			},
		} {
			b := w.Browser("dora " + what)
			got := w.SignedIn(b, w.RP1, w.U2)
			b.Open(w.RP2.Login())
			want := "https://" + servertest.Panel2 + "/out?from=sso&iss=" + url.QueryEscape("https://"+servertest.SSO) + "&sid=" + sidOf(t, w.RP2.Last())
			end(b, got.RawIDToken())
			if list := framesOf(b); b.Step() != "logged_out" || !slices.Equal(list, []string{want}) {
				t.Errorf("%s: step %s\n got %q\nwant %q", what, b.Step(), list, want)
			}
			if policy := b.Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; frame-src https://"+servertest.Panel2) {
				t.Errorf("%s: %s", what, policy)
			}
			if sids := ear.heard(); !slices.Contains(sids, sidOf(t, got)) {
				t.Errorf("%s: the back channel heard of %q", what, sids)
			}
			time.Sleep(time.Minute)
		}
		later := w.Browser("dora later")
		later.Open("https://" + servertest.SSO + "/account/sessions").SignIn(w.U2)
		if page := later.Text(); !strings.Contains(page, "only in the browser in which you sign out") || strings.Contains(page, "cannot be told") {
			t.Errorf("the page says %q", page)
		}
	}, servertest.With(withEars), servertest.With(func(f *config.File) {
		for i := range f.Clients {
			c := &f.Clients[i]
			u, _ := url.Parse(c.RedirectURIs[0])
			if c.ID == "panel" || c.ID == "panel2" { // of which the first has both
				c.FrontchannelLogoutURI = "https://" + u.Host + "/out?from=sso"
			}
			if c.ID == "panel2" {
				c.BackchannelLogoutURI = ""
			}
		}
	}))
}
