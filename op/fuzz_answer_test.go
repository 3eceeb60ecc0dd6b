package op

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage/storagetest"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/net/html"
)

// FuzzFormPost: the page that posts an answer to the panel, read as a browser reads it, has one form, to the redirect URI,
// with the parameters of the answer and no others, and nothing that runs or leads elsewhere, whatever the panel is called
// and whatever it sent as state.
func FuzzFormPost(f *testing.F) {
	for _, s := range []string{
		"st", `"><script>alert(1)</script>&<'`, `' onfocus=x autofocus a='`, "</form><form action=//evil>", "&quot;&#34;&amp;lt;", "\u2028`{{.}}${x}", "javascript:x", "<!--", "a\x00\ufffd\r\nb",
	} {
		f.Add(s, s, uint8(len(s)))
	}
	h := newHouse(f, storagetest.SQLite(f), nil)
	targets := []string{callback, "https://rp.example/second?x=1&y=%22", "http://127.0.0.1:7/cb"}
	f.Fuzz(func(t *testing.T, state, name string, pick uint8) {
		if !clean(state) || !clean(name) {
			return
		}
		one := *h.op.view().clients["rp1"]
		registered := *one.Client
		registered.Name, one.Client = name, &registered
		a := request.Answer{RedirectURI: targets[int(pick)%len(targets)], Mode: string(oidc.ResponseModeFormPost), State: state, UILocales: name}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, issuer+"/authorize", nil)
		if err := h.op.respond(w, r, &hop{view: h.op.view(), client: &one, Open: &request.Open{Answer: a, Config: h.op.view().cfg}}, []field{{"code", "sog_ac_" + name}}); err != nil {
			t.Fatal(err)
		}
		want := []field{{"code", "sog_ac_" + name}, {"state", state}, {"iss", issuer}}
		if state == "" {
			want = slices.Delete(want, 1, 2)
		}
		action, fields := postedTo(t, w.Body.String())
		if action != a.RedirectURI || !slices.Equal(fields, want) {
			t.Errorf("posts %q to %q, want %q to %q", fields, action, want, a.RedirectURI)
		}
	})
}

// postedTo reads the only form of a page, and complains of everything that could run, post or lead elsewhere.
func postedTo(t *testing.T, page string) (action string, fields []field) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	forms := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "formaction" || a.Key == "style" || a.Key == "srcdoc" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if a.Key == "src" && !strings.HasPrefix(a.Val, "/static/") || a.Key == "href" && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("<%s> leads to %q", n.Data, a.Val)
			}
		}
		switch n.Data {
		case "form":
			forms++
			if action = attr["action"]; attr["method"] != "post" {
				t.Errorf("method %q", attr["method"])
			}
		case "input":
			if attr["type"] != "hidden" {
				t.Errorf("<input type=%q>", attr["type"])
			}
			fields = append(fields, field{attr["name"], attr["value"]})
		case "script":
			if attr["src"] == "" || n.FirstChild != nil {
				t.Error("a script of its own")
			}
		case "base", "iframe", "object", "embed", "template", "textarea", "select", "math", "foreignobject":
			t.Errorf("<%s>", n.Data)
		case "meta":
			if strings.EqualFold(attr["http-equiv"], "refresh") {
				t.Errorf("refresh to %q", attr["content"])
			}
		case "button":
			if attr["name"] != "" {
				t.Errorf("the button sends %q", attr["name"])
			}
		}
	}
	if forms != 1 {
		t.Errorf("%d forms", forms)
	}
	return action, fields
}

// FuzzEndSession: whatever its parameters, /end_session leads nowhere but to the panel's registered address with the state
// that was sent, by GET and by POST alike, and only for a token of ours; everything else is a page without Go's words.
func FuzzEndSession(f *testing.F) {
	const mine = "ID_TOKEN" // stands for a real one, which no seed can hold
	for _, q := range []url.Values{
		logoutQuery(), logoutQuery("id_token_hint", mine, "post_logout_redirect_uri", bye, "state", "a b&c=d#%20"),
		logoutQuery("id_token_hint", mine, "post_logout_redirect_uri", bye+"?x=1", "client_id", "rp1"), logoutQuery("client_id", "rp1", "post_logout_redirect_uri", bye),
		logoutQuery("id_token_hint", "a.b.c", "post_logout_redirect_uri", bye), logoutQuery("id_token_hint", mine, "post_logout_redirect_uri", "https://rp.example/bye/"),
		logoutQuery("id_token_hint", mine, "post_logout_redirect_uri", "//evil", "ui_locales", "en it"), logoutQuery("ticket", "AAAA"), logoutQuery("id_token_hint", mine, "client_id", "rp2"),
	} {
		f.Add(q.Encode())
	}
	f.Add("id_token_hint=" + mine + "&post_logout_redirect_uri=" + url.QueryEscape(bye) + "&state=1&state=2&%zz")
	h := newHouse(f, storagetest.SQLite(f), nil)
	h.person("anna")
	hint := h.redeem(h.signIn("anna", pwd).code()).ID
	f.Fuzz(func(t *testing.T, raw string) {
		if strings.ContainsAny(raw, "\r\n \x00#") || !clean(raw) {
			return // no request line holds these
		}
		raw = strings.ReplaceAll(raw, mine, hint)
		stranger := h.browser() // without a session nobody is asked, so every good request leaves at once
		r := httptest.NewRequest(http.MethodGet, issuer+"/end_session", nil)
		r.URL.RawQuery = raw
		leaves(t, h, stranger.do(r), raw, hint)

		r = httptest.NewRequest(http.MethodPost, issuer+"/end_session", strings.NewReader(raw))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := stranger.do(r)
		if to := w.Header().Get("Location"); to != "" {
			if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/end_session?ticket=") {
				t.Fatalf("%d to %q", w.Code, to)
			}
			w = stranger.get(to)
		}
		leaves(t, h, w, raw, hint)
	})
}

var ticketIn = regexp.MustCompile(`ticket=[A-Za-z0-9_-]*`)

func leaves(t *testing.T, h *house, w *httptest.ResponseRecorder, raw, hint string) {
	t.Helper()
	to := w.Header().Get("Location")
	if to == "" {
		body := ticketIn.ReplaceAllString(w.Body.String(), "") // of random letters, which spell 0x… once in some thousand
		if w.Code >= 500 || goText.MatchString(body) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		return
	}
	uris, states := sent(raw, "post_logout_redirect_uri"), sent(raw, "state")
	if len(uris) != 1 || len(states) > 1 || !slices.Equal(sent(raw, "id_token_hint"), []string{hint}) || !slices.Contains(h.cfg.Clients["rp1"].PostLogoutRedirectURIs, uris[0]) {
		t.Fatalf("%q leads to %q", raw, to)
	}
	rest, ok := strings.CutPrefix(to, uris[0])
	if _, query, _ := strings.Cut(to, "?"); !ok || !slices.Equal(sent(query, "state"), states) || len(states) == 0 && rest != "" || strings.ContainsAny(to, "\r\n #") {
		t.Errorf("%q with state %q leads to %q", uris[0], states, to)
	}
}
