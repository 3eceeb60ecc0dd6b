package op

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
)

const (
	frame1 = "https://rp.example/out?from=sso&x='%22%3E%3Cscript%3E"
	frame2 = "https://rp2.example/out"
)

func withFrames(c *config.Config) {
	c.Clients["rp1"].FrontchannelLogoutURI = frame1
	c.Clients["rp2"].FrontchannelLogoutURI = frame2
}

var frameTag = regexp.MustCompile(`<iframe [^>]*src="([^"]*)"`)

// framesIn are the addresses that a page loads in frames, sorted.
func framesIn(body string) (list []string) {
	for _, m := range frameTag.FindAllStringSubmatch(body, -1) {
		list = append(list, html.UnescapeString(m[1]))
	}
	slices.Sort(list)
	return list
}

// visit signs in at both panels, and returns the hint of the first and what the frames of the session must be.
func (b *browser) visit() (hint string, frames []string) {
	b.h.t.Helper()
	first := b.h.redeem(b.code())
	code := b.code("client_id", "rp2", "redirect_uri", "https://rp2.example/cb")
	second := good(b.h.t, b.h.token("rp2", codeForm(code, "redirect_uri", "https://rp2.example/cb")))
	add := "iss=" + url.QueryEscape(issuer) + "&sid="
	// html/template escapes the apostrophe, which a URL may hold, once more.
	return first.ID, []string{
		strings.Replace(frame1, "'", "%27", 1) + "&" + add + claims(b.h.t, first.ID)["sid"].(string),
		frame2 + "?" + add + claims(b.h.t, second.ID)["sid"].(string),
	}
}

// Signing out at a panel: the page loads a frame for each panel of this session, by the sid of its ID tokens, and goes on.
func TestD11FramesTellThePanelsOfThisSessionAndNoOther(t *testing.T) {
	inBubble(t, withFrames, func(t *testing.T, h *house) {
		h.person("anna")
		elsewhere := h.signIn("anna", pwd)
		elsewhere.visit()
		b := h.signIn("anna", pwd)
		hint, want := b.visit()
		b.code("client_id", "old", "redirect_uri", "https://old.example/cb", "code_challenge", "", "code_challenge_method", "")
		w := b.get("/end_session?" + logoutQuery("id_token_hint", hint, "post_logout_redirect_uri", bye, "state", "s").Encode())
		body := w.Body.String()
		if got := framesIn(body); w.Code != 200 || !slices.Equal(got, want) {
			t.Errorf("%d\n got %q\nwant %q", w.Code, got, want)
		}
		if b.signedIn() || !elsewhere.signedIn() {
			t.Error("this session and no other")
		}
		for _, part := range []string{`content="2;url=` + bye + `?state=s"`, `id="continue" href="` + bye + `?state=s"`, `id="logged-out"`, `<iframe hidden `} {
			if !strings.Contains(body, part) {
				t.Errorf("no %s in\n%s", part, body)
			}
		}
		if strings.Contains(body, "<script>") {
			t.Error("the address is markup")
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.HasSuffix(csp, "; form-action 'self'; frame-src https://rp.example https://rp2.example") && !strings.HasSuffix(csp, "; form-action 'self'; frame-src https://rp2.example https://rp.example") {
			t.Errorf("policy %q", csp)
		}
		if !strings.Contains(csp, "frame-ancestors 'none'") || w.Header().Get("X-Frame-Options") != "DENY" {
			t.Error("the page itself may be framed")
		}
		w = b.get("/end_session?" + logoutQuery("id_token_hint", hint, "post_logout_redirect_uri", bye).Encode())
		if w.Code != 302 || w.Header().Get("Location") != bye {
			t.Errorf("signed out already: %d %s", w.Code, w.Body)
		}
	})
}

// The question's answer leads to the same page; what it shows came from the end itself.
func TestD11FramesAfterTheQuestion(t *testing.T) {
	inBubble(t, withFrames, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		_, want := b.visit()
		done := b.confirm(b.get("/end_session"))
		if got := framesIn(done.Body.String()); !slices.Equal(got, want) || strings.Contains(done.Body.String(), "http-equiv") {
			t.Errorf("no way back:\n got %q\nwant %q\n%s", got, want, done.Body)
		}
		b = h.signIn("anna", pwd)
		_, want = b.visit()
		done = b.confirm(b.get("/end_session?" + logoutQuery("client_id", "rp1", "post_logout_redirect_uri", bye).Encode()))
		if got := framesIn(done.Body.String()); !slices.Equal(got, want) || !strings.Contains(done.Body.String(), `content="2;url=`+bye+`"`) {
			t.Errorf("back to the panel:\n got %q\nwant %q\n%s", got, want, done.Body)
		}
		b = h.signIn("anna", pwd)
		b.visit()
		page := b.get("/end_session")
		form := url.Values{"shown": {between(page.Body.String(), `name="shown" value="`, `"`)}}
		to := b.post("/end_session/confirm", form).Header().Get("Location")
		time.Sleep(ticketLife + time.Minute)
		if got := b.get(to); got.Code != 200 || len(framesIn(got.Body.String())) > 0 || strings.Contains(got.Header().Get("Content-Security-Policy"), "frame-src") {
			t.Errorf("later: %d %s", got.Code, got.Body)
		}
	})
}

// Whoever is asked has signed out of nothing, and a page that ended nothing loads nothing.
func TestD11NoFramesForAStrangersHint(t *testing.T) {
	inBubble(t, withFrames, func(t *testing.T, h *house) {
		h.person("anna")
		h.person("eva")
		stranger := h.signIn("eva", pwd)
		hers, _ := stranger.visit()
		b := h.signIn("anna", pwd)
		b.visit()
		for what, w := range map[string]string{
			"another person's hint, signed in": hers, "no hint, signed in": "", "a forged one": hers[:len(hers)-6] + "AAAAAA",
		} {
			got := b.get("/end_session?" + logoutQuery("id_token_hint", w, "post_logout_redirect_uri", bye).Encode())
			if len(framesIn(got.Body.String())) > 0 || strings.Contains(got.Header().Get("Content-Security-Policy"), "frame-src") || !b.signedIn() {
				t.Errorf("%s: %d %s", what, got.Code, got.Body)
			}
		}
		got := h.browser().get("/end_session?" + logoutQuery("id_token_hint", hers, "post_logout_redirect_uri", bye).Encode())
		if got.Code != 302 || !stranger.signedIn() {
			t.Errorf("signed out: %d %s", got.Code, got.Body)
		}
		ticket := url.QueryEscape(h.op.sealTicket(&logoutRequest{}, forLogout))
		if got := h.browser().get("/end_session/done?ticket=" + ticket); len(framesIn(got.Body.String())) > 0 {
			t.Errorf("a ticket of the question: %s", got.Body)
		}
	})
}

// Where no panel has such an address, the redirect is immediate, as before; so it is where one got no code on this session.
func TestD11NoPageWhereNoPanelIsInAFrame(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Clients["rp2"].FrontchannelLogoutURI = frame2 }, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code())
		b.code("client_id", "rp2", "redirect_uri", "https://rp2.example/cb") // never redeemed
		w := b.get("/end_session?" + logoutQuery("id_token_hint", got.ID, "post_logout_redirect_uri", bye).Encode())
		if w.Code != 302 || w.Header().Get("Location") != bye {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
