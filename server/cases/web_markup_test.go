package cases

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// evil is markup for each place a text can stand in: an element, a quoted attribute, an URL, a header, a template.
const evil = `</title></main>"><script>alert(1)</script><img src=x onerror=alert(2)>' autofocus onfocus=alert(3) {{.}} javascript:alert(4)`

// evilNames puts markup into every name that an operator writes.
func evilNames(f *config.File) {
	f.Branding.Name = "Brand " + evil
	for i := range f.Clients {
		f.Clients[i].Name = "Panel " + evil
	}
	s := f.Scopes["dns"]
	s.Title = map[string]string{"it": "Titolo " + evil, "en": "Title " + evil}
	f.Scopes["dns"] = s
	p := f.Providers["social"]
	p.Name = "Social " + evil
	f.Providers["social"] = p
}

// harmless holds a page against markup that became part of it.
func harmless(t *testing.T, where string, body string, h http.Header) {
	t.Helper()
	for _, bad := range []string{"<script>alert", "<img src=x", "</main>\"", "</title></main>"} {
		if strings.Contains(body, bad) {
			t.Errorf("%s: %s is part of the page", where, bad)
		}
	}
	for _, tag := range regexp.MustCompile(`<[a-z][^>]*>`).FindAllString(regexp.MustCompile(`"[^"]*"`).ReplaceAllString(body, `""`), -1) {
		if strings.Contains(tag, "onfocus") || strings.Contains(tag, "onerror") {
			t.Errorf("%s: an attribute was left: %s", where, tag)
		}
	}
	for _, m := range regexp.MustCompile(`(?:href|src|action|formaction)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(m[1])), "javascript:") || strings.HasPrefix(strings.ToLower(m[1]), "data:text") {
			t.Errorf("%s leads to %s", where, m[1])
		}
	}
	for name, values := range h {
		if v := strings.Join(values, " "); strings.ContainsAny(v, "\r\n") || strings.Contains(v, "<script") {
			t.Errorf("%s: %s: %s", where, name, v)
		}
	}
}

// W04: what the operator, the person, the browser and the panel wrote is text on every page and in every message.
func TestW04MarkupInNamesStaysText(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		row, err := w.Store.Person(t.Context(), w.U2.ID)
		if err != nil {
			t.Fatal(err)
		}
		row.Profile = []byte(`{"name":"<script>alert(1)</script>"}`)
		if err := w.Store.UpdatePerson(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		shown := false
		b := w.Browser("dora")
		b.UserAgent = evil
		b.Open(w.RP1.Login("login_hint", evil, "ui_locales", evil+" en")).WantStep("login")
		look := func(where string) {
			t.Helper()
			shown = shown || strings.Contains(string(b.Body()), "&lt;script&gt;")
			harmless(t, where, string(b.Body()), b.Header())
		}
		look("sign-in")
		b.FillID("username", evil).FillID("password", evil).Submit("login-submit").WantStatus(422)
		look("wrong password")
		b.SignIn(w.U2)
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa")).WantStep("otp")
		look("code")
		b.FillID("otp", evil).Submit("otp-submit")
		look("wrong code")
		b.GiveCode(w.Code(w.U2.Email))
		b.Open(w.RP2.Login("scope", "openid dns")).WantStep("consent")
		look("consent")
		b.Do(http.MethodGet, w.RP1.Authorize(url.Values{"response_mode": {"form_post"}, "state": {evil}}), nil)
		look("form_post")
		for _, path := range []string{"/account", "/account/sessions", "/account/factors", "/account/panels", "/end_session", "/support", "/forgot"} {
			b.Open(here + path)
			look(path)
		}
		for _, path := range []string{"/callback/social", "/authorize", "/end_session", "/login", "/support", "/password/reset", "/not-me", "/contacts/revert", "/end_session/done"} {
			q := url.Values{}
			for _, name := range []string{"error", "error_description", "error_uri", "state", "code", "ui_locales", "lang", "client_id", "ticket", "t", "done"} {
				q.Set(name, evil)
			}
			b.Do(http.MethodGet, here+path+"?"+q.Encode(), nil)
			look(path + " with parameters")
		}
		if !shown {
			t.Error("no page showed any of it: nothing was tested")
		}
		for _, m := range w.Mails(w.U2.Email) {
			harmless(t, "mail "+m.Subject, m.HTML, nil)
			if strings.ContainsAny(m.Subject, "\r\n") {
				t.Errorf("subject %q", m.Subject)
			}
		}
	}, servertest.With(asking), servertest.With(evilNames))
}

// W04: what a provider answers is not repeated, in words or markup.
func TestW04MarkupOfAProviderStaysText(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		for _, q := range []url.Values{
			{"error": {evil}, "error_description": {evil}},
			{"error": {"access_denied"}, "error_description": {evil}, "error_uri": {"javascript:alert(1)"}},
			{"code": {evil}},
		} {
			b := w.Browser("dora").Open(w.RP1.Login())
			b.Do(http.MethodGet, here+b.URL().Path+"/social/social", nil)
			to := b.Value("continue", "href")
			u, err := url.Parse(to)
			if err != nil || u.Query().Get("state") == "" {
				t.Fatalf("no way to the provider: %d %q", b.Status(), to)
			}
			q.Set("state", u.Query().Get("state"))
			b.Faults = true // the provider, not we, is at fault
			b.Do(http.MethodGet, here+"/callback/social?"+q.Encode(), nil)
			harmless(t, "callback", string(b.Body()), b.Header())
			if strings.Contains(b.Text(), "alert(") {
				t.Errorf("the provider's words are shown: %s", b.Text())
			}
		}
	})
}
