package chromium_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

// D11: the hidden frame reaches the panel, which is another site, with iss and sid; then the page goes on by itself: with
// scripts, without them, and when the panel never answers.
func TestD11TheFrameOfASignOutReachesThePanel(t *testing.T) {
	var mu sync.Mutex
	var came []*http.Request
	var hangs bool
	const at = "out.partner.test"
	w := servertest.New(t, servertest.With(func(f *config.File) {
		for i := range f.Clients {
			if f.Clients[i].ID == "panel2" {
				f.Clients[i].RedirectURIs = append(f.Clients[i].RedirectURIs, "https://"+at+"/cb")
				f.Clients[i].FrontchannelLogoutURI = "https://" + at + "/out?from=sso"
			}
		}
	}))
	w.Net.Handle(at, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		came = append(came, r)
		wait := hangs
		mu.Unlock()
		if wait {
			<-r.Context().Done()
		}
	}))
	browser := chromium.Start(t, "it", chromium.At(w.Net.Listen(t))...)
	browser = chromium.NewTab(t, browser, "frames", false).Ctx
	for _, c := range []struct {
		name             string
		hangs, noScripts bool
	}{{name: "scripts"}, {name: "no scripts", noScripts: true}, {name: "a panel that hangs", hangs: true}} {
		t.Run(c.name, func(t *testing.T) {
			mu.Lock()
			came, hangs = nil, c.hangs
			mu.Unlock()
			p := chromium.NewTab(t, browser, "frames", true)
			p.Open(w.RP1.Login())
			p.Arrive("login")
			p.Fill("username", w.U2.Username)
			p.Fill("password", w.U2.Password)
			p.Click("#login-submit")
			p.Arrive("rp-signed-in")
			hint := w.RP1.Last().RawIDToken()
			p.Open(w.RP2.Login())
			p.Arrive("rp-signed-in")
			sid, _ := w.RP2.Last().Claims["sid"].(string)
			if c.noScripts {
				p.Do("no scripts", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
					_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
					return err
				}))
			}
			leaves := w.RP1.SignOut("id_token_hint", hint, "post_logout_redirect_uri", "https://"+servertest.Panel+"/")
			p.Do("sign out", chromedp.Evaluate[chromedp.Void]("location.href = "+quoted(leaves)))
			p.WaitFor("the page of the sign-out", `document.getElementById("logged-out") !== null`)
			if !c.hangs && !c.noScripts {
				p.Fits("frames")
			}
			p.WaitFor("the panel", `location.href === "https://`+servertest.Panel+`/"`)
			mu.Lock()
			defer mu.Unlock()
			if len(came) != 1 {
				t.Fatalf("the panel was asked %d times", len(came))
			}
			want := "from=sso&iss=" + url.QueryEscape("https://"+servertest.SSO) + "&sid=" + sid
			if r := came[0]; r.URL.RawQuery != want || r.Header.Get("Sec-Fetch-Dest") != "iframe" || r.Header.Get("Sec-Fetch-Site") != "cross-site" || r.Referer() != "" {
				t.Errorf("it came as %q, want %q; %v", r.URL.RawQuery, want, r.Header)
			}
		})
	}
}

func quoted(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }
