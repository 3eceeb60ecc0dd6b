package demo

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/chromium"
)

// A09: the form_post page sends its form in a real browser, under its own policy, to the registered address and with the
// values as they were, success and error alike.
func TestA09FormPostReachesThePanelInChromium(t *testing.T) {
	browser := chromium.Start(t, "en")
	posted := make(chan url.Values, 1)
	panel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/cb" && r.ParseForm() == nil {
			posted <- r.PostForm
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(`<!doctype html><title>panel</title><main data-step="posted"></main>`))
	}))
	t.Cleanup(panel.Close)
	at := running(t, Options{tune: func(f *config.File) {
		i := slices.IndexFunc(f.Clients, func(c config.FileClient) bool { return c.ID == panelClient })
		f.Clients[i].RedirectURIs = append(f.Clients[i].RedirectURIs, panel.URL+"/cb")
	}})
	tab := chromium.NewTab(t, browser, "form_post", false)
	state := `"><script>document.title='x'</script>&amp;é <'`
	ask := func(more ...string) url.Values {
		t.Helper()
		q := url.Values{
			"client_id": {panelClient}, "redirect_uri": {panel.URL + "/cb"}, "response_type": {"code"}, "response_mode": {"form_post"}, "scope": {"openid"},
			"state": {state}, "code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"}, // RFC 7636 appendix B
		}
		for i := 0; i+1 < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		tab.Open(at.SSO + "/authorize?" + q.Encode())
		if len(more) == 0 {
			signIn(tab, at.Customers[0])
		}
		select {
		case form := <-posted:
			tab.WaitFor("the panel", `document.querySelector("main")?.dataset.step === "posted"`) // or the next page aborts this one
			return form
		case <-time.After(chromium.Patience):
			t.Fatalf("nothing was posted\n%s", tab.Describe())
			return nil
		}
	}
	for name, c := range map[string]struct {
		form url.Values
		has  string
	}{
		"error":   {ask("prompt", "none"), "error"},
		"success": {ask(), "code"},
	} {
		want(t, name+": state", c.form.Get("state"), state)
		want(t, name+": iss", c.form.Get("iss"), at.SSO)
		if c.form.Get(c.has) == "" || c.form.Has("code") == c.form.Has("error") {
			t.Errorf("%s: %v", name, c.form)
		}
	}
}
