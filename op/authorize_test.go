package op

import (
	"context"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
)

// ownPage checks that an answer is a page of ours and leads nowhere.
func ownPage(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Location") != "" {
		t.Errorf("got %d, Location %q, want a page with %d", w.Code, w.Header().Get("Location"), status)
	}
	if body := w.Body.String(); !strings.Contains(body, `id="error-code">`+code+`<`) || !strings.Contains(body, `id="error-ref"`) {
		t.Errorf("no page with code %s and a reference: %s", code, body)
	}
}

// refusedWith checks an error by query redirect.
func refusedWith(t *testing.T, w *httptest.ResponseRecorder, code string) url.Values {
	t.Helper()
	q := answerOf(t, w)
	if q.Get("error") != code || q.Get("iss") != issuer || q.Has("code") {
		t.Errorf("got %v, want error %s with iss", q, code)
	}
	return q
}

func TestA01_UnknownClientOrRedirectIsAPageAndAudited(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		b := h.browser()
		for _, c := range []struct{ name, value, code, client string }{
			{"client_id", "nobody", "invalid_client", ""}, {"client_id", "", "invalid_client", ""}, {"client_id", "RP1", "invalid_client", ""},
			{"client_id", "rp1 ", "invalid_client", ""}, {"client_id", "rp1\x01", "invalid_client", ""}, {"client_id", strings.Repeat("c", 5000), "invalid_client", ""},
			{"redirect_uri", "", "invalid_redirect_uri", "rp1"}, {"redirect_uri", "https://rp.example/CB", "invalid_redirect_uri", "rp1"},
			{"redirect_uri", "https://rp2.example/cb", "invalid_redirect_uri", "rp1"}, {"redirect_uri", callback + "\r\n", "invalid_redirect_uri", "rp1"},
		} {
			q := authRequest(c.name, c.value, "response_mode", "form_post", "prompt", "none") // what would be answered otherwise by redirect
			for _, w := range []*httptest.ResponseRecorder{b.get("/authorize?" + q.Encode()), b.post("/authorize", q)} {
				ownPage(t, w, 400, c.code)
				h.audited(w, "authz.denied", "fail", c.code, c.client)
				if strings.Contains(w.Body.String(), `"https://rp`) || len(w.Result().Cookies()) > 0 {
					t.Errorf("%s %.20q: the page leads to a panel, or sets a cookie", c.name, c.value)
				}
			}
		}
		if !strings.Contains(h.log.String(), "nearest="+callback) {
			t.Errorf("the log does not name the nearest redirect URI: %s", h.log)
		}
		q := authRequest()
		q.Add("redirect_uri", "https://evil.example/")
		ownPage(t, b.get("/authorize?"+q.Encode()), 400, "invalid_redirect_uri")
		q = authRequest()
		q.Add("client_id", "rp2")
		ownPage(t, b.get("/authorize?"+q.Encode()), 400, "invalid_client")
	})
}

func TestA02_RedirectURIsAreComparedExactly(t *testing.T) {
	list := []string{callback, "https://rp.example/second?x=1", "https://bare.example"}
	for _, uri := range []string{
		"https://rp.example.evil/cb", "https://rpXexample/cb", callback + "/x", callback + "?x=1", "https://rp.example/CB", callback + "/",
		callback + "#f", "http://rp.example/cb", "https://rp.example:443/cb", "https://rp.example./cb", "https://rp.example/%63b",
		"https://RP.example/cb", " " + callback, callback + " ", "https://rp.example/second", "https://rp.example/second?x=1&y=2",
		"https://bare.example/", "https://user@rp.example/cb", "//rp.example/cb", `https:\\rp.example/cb`, "", "*", "https://rp.example/x/../cb",
	} {
		if registered(uri, list, false) || registered(uri, list, true) {
			t.Errorf("%q is not registered", uri)
		}
	}
	for _, uri := range list {
		if !registered(uri, list, false) {
			t.Errorf("%q is registered", uri)
		}
	}
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for _, uri := range []string{
			"https://rp.example.evil/cb", "https://rpXexample/cb", callback + "/x", callback + "?x=1", "https://rp.example/CB", callback + "/",
			callback + "#f", "http://rp.example/cb", "https://rp.example:443/cb", "https://rp.example./cb", "https://rp.example/%63b",
			"https://rp.example%2fcb", "https://rp.example@evil.example/cb", "https://evil.example/https://rp.example/cb", callback + "%00", "javascript:alert(1)//" + callback,
			"https://rp.example/second?x=1&x=2", "https://rp.example/second?X=1", "https://bare.example", "https://rp.example\u3002evil/cb", callback + "\t", "https://ｒp.example/cb",
		} {
			w := b.authorize("redirect_uri", uri)
			ownPage(t, w, 400, "invalid_redirect_uri")
			h.audited(w, "authz.denied", "fail", "invalid_redirect_uri", "rp1")
		}
		code := b.code()
		if b.authorize("redirect_uri", "https://rp.example/second?x=1").Code != 302 {
			t.Error("the second one is registered")
		}
		bad(t, h.token("rp1", codeForm(code, "redirect_uri", callback+"/")), 400, "invalid_grant")
	})
}

func TestA04_OnlyNativeClientsMayChooseALoopbackPort(t *testing.T) {
	list := []string{"http://127.0.0.1/cb"}
	for uri, want := range map[string]bool{
		"http://127.0.0.1/cb": true, "http://127.0.0.1:1/cb": true, "http://127.0.0.1:65535/cb": true,
		"http://127.0.0.1:65536/cb": false, "http://127.0.0.1:/cb": false, "http://127.0.0.1:8o/cb": false, "http://localhost:80/cb": false,
		"http://127.0.0.1.evil/cb": false, "http://127.0.0.1:80.evil/cb": false, "http://127.0.0.1:80@evil/cb": false, "http://[::1]:80/cb": false,
		"http://127.1/cb": false, "http://127.0.0.1@evil/cb": false, "https://127.0.0.1:80/cb": false, "http://127.0.0.1:80/cb/": false,
		"http://127.0.0.1:80/cb#x": false, "http://127.0.0.1:80": false, "http://127.0.0.1:-1/cb": false, `http://127.0.0.1:80\cb`: false,
	} {
		if got := registered(uri, list, true); got != want {
			t.Errorf("native %q: %v", uri, got)
		}
		if registered(uri, list, false) != (uri == list[0]) {
			t.Errorf("a web client got the exception: %q", uri)
		}
	}
	if !registered("http://[::1]:99/cb", []string{"http://[::1]/cb"}, true) {
		t.Error("IPv6 loopback, registered")
	}
	inBubble(t, func(c *config.Config) {
		c.Clients["rp1"].RedirectURIs = append(c.Clients["rp1"].RedirectURIs, "http://127.0.0.1/cb")
	}, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for _, uri := range []string{"http://127.0.0.1/cb", "http://127.0.0.1:80/cb", "http://127.0.0.1:49152/cb", "com.example.app:/cb"} {
			if to := b.authorize("client_id", "rp3", "redirect_uri", uri).Header().Get("Location"); !strings.HasPrefix(to, uri+"?code=") {
				t.Errorf("native %s: %q", uri, to)
			}
		}
		for _, uri := range []string{
			"http://localhost/cb", "http://localhost:5000/cb", "http://127.0.0.1.evil/cb", "http://127.0.0.1.evil:80/cb", "http://[::1]/cb", "http://[::1]:80/cb",
			"http://127.1/cb", "http://127.0.0.1@evil/cb", "http://127.0.0.1:80@evil/cb", "http://0x7f000001/cb", "http://2130706433/cb", "http://0.0.0.0/cb",
			"http://127.0.0.2/cb", "http://[::ffff:127.0.0.1]/cb", "http://127.0.0.1:080000/cb", "http://127.0.0.1:0x50/cb", "http://127.0.0.1:80/cb?x=1",
			"http://127.0.0.1:80/x/../cb", "https://127.0.0.1/cb", "HTTP://127.0.0.1/cb", "com.example.app:/CB", "com.example.app://cb",
		} {
			w := b.authorize("client_id", "rp3", "redirect_uri", uri)
			ownPage(t, w, 400, "invalid_redirect_uri")
			h.audited(w, "authz.denied", "fail", "invalid_redirect_uri", "rp3")
		}
		if answerOf(t, b.authorize("redirect_uri", "http://127.0.0.1/cb")).Get("code") == "" {
			t.Error("a web client's loopback address serves as it is registered")
		}
		w := b.authorize("redirect_uri", "http://127.0.0.1:5000/cb")
		ownPage(t, w, 400, "invalid_redirect_uri")
		h.audited(w, "authz.denied", "fail", "invalid_redirect_uri", "rp1")
	})
}

func TestA08_OnlyTheCodeFlowAndTwoResponseModes(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for _, rt := range []string{"token", "id_token", "id_token token", "token id_token", "code token", "code id_token", "code id_token token", "none",
			"CODE", "Code", "code code", " code", "code\u00a0", "saml"} {
			for _, mode := range []string{"", "query"} {
				q := refusedWith(t, b.authorize("response_type", rt, "response_mode", mode), "unsupported_response_type")
				if q.Get("state") != "st" {
					t.Errorf("%s: state %q", rt, q.Get("state"))
				}
			}
		}
		for _, rt := range []string{"", strings.Repeat("code ", 20)} {
			refusedWith(t, b.authorize("response_type", rt), "invalid_request")
		}
		refusedWith(t, b.get("/authorize?"+authRequest().Encode()+"&response_type=token"), "invalid_request")
		if !strings.Contains(h.log.String(), "client=rp1 error=unsupported_response_type") {
			t.Errorf("the log does not say what the panel asked for: %s", h.log)
		}
		for _, mode := range []string{"fragment", "bogus", "web_message", "query.jwt", "form_post.jwt", "jwt", "QUERY", "query form_post", strings.Repeat("m", 100)} {
			refusedWith(t, b.authorize("response_mode", mode), "invalid_request")
		}
		if b.authorize("response_mode", "form_post").Code != 200 || b.authorize("response_mode", "query").Code != 302 {
			t.Error("query and form_post work")
		}
		app := []string{"client_id", "rp3", "redirect_uri", "com.example.app:/cb", "response_mode", "form_post"}
		if to := h.browser().authorize(app...).Header().Get("Location"); !strings.HasPrefix(to, "com.example.app:/cb?error=unauthorized_client") {
			t.Errorf("no form can be posted to an app's own scheme: %q", to)
		}
		w := h.signIn("anna", pwd, totp("anna")).authorize("client_id", "strong", "redirect_uri", "https://strong.example/cb", "response_mode", "query")
		if w.Code != 200 || !strings.Contains(w.Body.String(), "unauthorized_client") {
			t.Errorf("a form_post client is answered by form_post: %d %s", w.Code, w.Body)
		}
		service := *h.cfg.Clients["rp1"]
		service.ID, service.Grants = "service", []string{"client_credentials"}
		next := *h.cfg
		next.Clients = maps.Clone(next.Clients)
		next.Clients["service"] = &service
		h.cfg = &next
		refusedWith(t, b.authorize("client_id", "service"), "unauthorized_client")
		var d struct {
			Types  []string `json:"response_types_supported"`
			Modes  []string `json:"response_modes_supported"`
			Grants []string `json:"grant_types_supported"`
		}
		if err := json.Unmarshal(b.get("/.well-known/openid-configuration").Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Types, []string{"code"}) || !slices.Equal(d.Modes, []string{"query", "form_post"}) || slices.Contains(d.Grants, "implicit") {
			t.Errorf("discovery advertises %+v", d)
		}
	})
}

func TestA09_Fault06_FormPostEscapesAndPostsOnlyToThePanel(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		state := `"><script>alert(1)</script>&<'`
		posted := b.get(b.post("/authorize", authRequest("response_mode", "form_post", "state", state)).Header().Get("Location"))
		for name, w := range map[string]*httptest.ResponseRecorder{
			"success":              b.authorize("response_mode", "form_post", "state", state),
			"an error of parsing":  b.authorize("response_mode", "form_post", "state", state, "response_type", "token"),
			"an error of deciding": b.authorize("response_mode", "form_post", "state", state, "prompt", "none", "acr_values", "mfa"),
			"a posted request":     posted,
		} {
			body, csp := w.Body.String(), w.Header().Get("Content-Security-Policy")
			if w.Code != 200 || w.Header().Get("Location") != "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
			for _, inline := range []string{"<script>", "onload", "onsubmit", "onclick", "javascript:", "style=", "http-equiv"} {
				if strings.Contains(body, inline) { // what the page's own policy blocks is not there to be blocked
					t.Errorf("%s: %s in %s", name, inline, body)
				}
			}
			if strings.Count(body, "<form") != 1 || strings.Count(body, "<button") != 1 || !strings.Contains(body, `<script src="/static/`) {
				t.Errorf("%s: one form, sent by a script of ours or by its button: %s", name, body)
			}
			if html.UnescapeString(between(body, `name="state" value="`, `"`)) != state {
				t.Errorf("%s: the state is not what was sent: %s", name, body)
			}
			if code := strings.Contains(body, `name="code"`); code == strings.Contains(body, `name="error"`) || code != !strings.HasPrefix(name, "an error") {
				t.Errorf("%s: code or error: %s", name, body)
			}
			if !strings.Contains(body, `action="`+callback+`"`) || !strings.Contains(body, `name="iss" value="`+issuer+`"`) || !strings.Contains(body, `name="state"`) {
				t.Error(body)
			}
			if between(csp+";", "form-action ", ";") != callback || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
				t.Error(csp)
			}
		}
	})
}

func TestA12_PromptNoneNeverShowsAPage(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		none := h.browser()
		state := strings.Repeat("s", 128)
		if q := refusedWith(t, none.authorize("prompt", "none", "state", state), acr.ErrLoginRequired); q.Get("state") != state {
			t.Error("state")
		}
		b := h.signIn("anna", pwd)
		essential := `{"id_token":{"acr":{"essential":true,"values":["%s"]}}}`
		for _, c := range []struct {
			code string
			more []string
		}{
			{acr.ErrInteractionRequired, []string{"acr_values", "mfa"}},
			{acr.ErrInteractionRequired, []string{"acr_values", "https://refeds.org/profile/mfa"}},
			{acr.ErrInteractionRequired, []string{"acr_values", "phr mfa"}},
			{acr.ErrInteractionRequired, []string{"claims", strings.Replace(essential, "%s", "mfa", 1)}},
			{acr.ErrInteractionRequired, []string{"scope", "openid billing"}},
			{acr.ErrInteractionRequired, []string{"client_id", "strong", "redirect_uri", "https://strong.example/cb"}},
			{acr.ErrUnmet, []string{"acr_values", "phr"}},
			{acr.ErrUnmet, []string{"claims", strings.Replace(essential, "%s", "urn:x", 1)}},
		} {
			w := b.authorize(append([]string{"prompt", "none"}, c.more...)...)
			client := "rp1"
			if c.more[0] == "client_id" { // answers by form_post only: no page of the sign-in either
				client = "strong"
				if body := w.Body.String(); w.Code != 200 || !strings.Contains(body, `value="`+c.code+`"`) || !strings.Contains(body, `action="https://strong.example/cb"`) {
					t.Errorf("%v: %d %s", c.more, w.Code, body)
				}
			} else if refusedWith(t, w, c.code); w.Body.Len() > 0 {
				t.Errorf("%v: HTML", c.more)
			}
			rows, err := h.store.Events(t.Context(), "anna", h.op.now().Add(time.Hour), 1)
			if err != nil || len(rows) != 1 {
				t.Fatal(err, rows)
			}
			h.audited(w, "authz.denied", "fail", rows[0].Reason, client)
			if !strings.Contains(string(rows[0].Detail), c.code) || rows[0].Reason == "" || rows[0].SessionID != b.session.ID {
				t.Errorf("%v: the record does not say why: %s %+v", c.more, rows[0].Detail, rows[0])
			}
			time.Sleep(time.Second) // the newest record is this one's
		}
		for _, q := range []string{"none login", "login none", "none consent", "none none", "none select_account", "create", "NONE"} {
			refusedWith(t, b.authorize("prompt", q), "invalid_request")
		}
		refusedWith(t, b.authorize("prompt", "none", "max_age", "0"), acr.ErrLoginRequired)
		refusedWith(t, b.authorize("prompt", "none", "id_token_hint", "x.y.z"), "invalid_request")
		for range 20 { // the loop breaker is no exception
			if answerOf(t, b.authorize("prompt", "none")).Get("code") == "" {
				t.Fatal("silent")
			}
		}
		to := b.post("/authorize", authRequest("prompt", "none", "acr_values", "mfa")).Header().Get("Location")
		if w := b.get(to); w.Body.Len() > 0 {
			t.Error("a posted request shows a page")
		} else {
			refusedWith(t, w, acr.ErrInteractionRequired)
		}
	})
}

func TestA17_LengthsAndControlCharactersAreRefusedBeforeWork(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for name, value := range map[string]string{
			"max_age": "-1", "ui_locales": strings.Repeat("it ", 3400), "nonce": strings.Repeat("n", 10000),
			"claims": `{"id_token":`, "scope": strings.TrimSpace(strings.Repeat("openid profile ", 2500)), "login_hint": "a\x00b", "acr_values": "a\r\nb",
			"id_token_hint": "a.b.c", "code_challenge_method": "plain", "code_challenge": "short",
			"prompt": strings.Repeat("login ", 20), "display": strings.Repeat("p", 100),
			"claims_locales": strings.Repeat("it ", 200), "response_mode": "query\x00", "response_type": strings.Repeat("code ", 2000),
		} {
			w := b.authorize(name, value)
			refusedWith(t, w, "invalid_request")
			plainWords(t, name, w)
		}
		for _, age := range []string{"abc", "99999999999999999999", "+1", "1.5", "0x10", "-0", "1e3", " 1", "1 ", "٣", "4294967296", "2147483648", "NaN", "1_000", "0b1"} {
			w := b.authorize("max_age", age)
			refusedWith(t, w, "invalid_request")
			plainWords(t, "max_age="+age, w)
		}
		for name, raw := range map[string]string{ // as JSON: 5 000 deep, a name of numbers, a list, nothing
			"deep": `{"id_token":` + strings.Repeat("[", 5000), "deep and closed": strings.Repeat(`{"a":`, 1500) + "1" + strings.Repeat("}", 1500) + "x",
			"a list": "[]", "text": `"x"`, "null": "null", "long": `{"x":"` + strings.Repeat("x", 9000) + `"}`, "wrong types": `{"id_token":{"acr":[1]}}`,
		} {
			w := b.authorize("claims", raw)
			refusedWith(t, w, "invalid_request")
			plainWords(t, name, w)
		}
		words := make([]string, 65)
		for i := range words {
			words[i] = "s" + strconv.Itoa(i)
		}
		refusedWith(t, b.authorize("scope", "openid "+strings.Join(words, " ")), "invalid_request")
		for _, state := range []string{"a\x00b", "a\r\nb", "\xff\xfe", strings.Repeat("s", 4097), "a\tb", "a\x7fb", "a\nSet-Cookie: x=y"} {
			if q := refusedWith(t, b.authorize("state", state), "invalid_request"); q.Has("state") {
				t.Errorf("%.10q was echoed", state)
			}
		}
		for _, state := range []string{"a b+c&d=e%20#/?", "è€𝄞", strings.Repeat("x", 4096), `<>"'`, "%0d%0a", "%00", " ", "é\u200b", `{"a":"b"}`, "=&=&", ";", `\`} {
			if q := answerOf(t, b.authorize("state", state)); q.Get("state") != state || q.Get("code") == "" {
				t.Errorf("%.20q came back as %.20q", state, q.Get("state"))
			}
		}
		many := ""
		for i := range 200 {
			many += "&p" + string(rune('a'+i%26)) + "=" + strings.Repeat("x", i%7+1)
		}
		refusedWith(t, b.get("/authorize?"+authRequest().Encode()+many), "invalid_request")
		if body := b.authorize("redirect_uri", strings.Repeat("x", 9000)).Body.String(); strings.Contains(body, "net/url") || strings.Contains(body, "parse") {
			t.Error("Go error text")
		}
	})
}

// plainWords checks that an answer has no text of the program in it.
func plainWords(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	for _, text := range []string{"strconv", "json:", "unmarshal", "net/url", "invalid syntax", "unexpected", "value out of range", ".go:", "goroutine", "acr."} {
		if strings.Contains(w.Header().Get("Location")+w.Body.String(), text) {
			t.Errorf("%s: the answer holds %q: %q", name, text, w.Header().Get("Location"))
		}
	}
}

func TestA18_Fault13_Scopes(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		refusedWith(t, b.authorize("scope", ""), "invalid_scope")
		refusedWith(t, b.authorize("scope", "nothing-known"), "invalid_scope")
		for _, scope := range []string{"openid payments", "payments", "openid billing payments", "OPENID", "openid,email", "Billing"} {
			refusedWith(t, b.authorize("scope", scope), "invalid_scope")
		}
		refusedWith(t, b.authorize("client_id", "rp2", "redirect_uri", "https://rp2.example/cb", "scope", "openid billing"), "invalid_scope")
		got := h.redeem(b.code("scope", "openid  email unknown email"))
		if got.Scope != "openid email" {
			t.Errorf("%q", got.Scope)
		}
		if g := h.redeem(b.code("scope", "openid Email BILLING")); g.Scope != "openid" {
			t.Errorf("scopes are case-sensitive (RFC 6749 §3.3): %q", g.Scope)
		}
		oauth := h.redeem(b.code("scope", "email", "nonce", "n"))
		if again := good(t, h.token("rp1", refreshForm(oauth.Refresh))); again.ID != "" || again.Scope != "email" {
			t.Errorf("OAuth only, refreshed: %+v", again)
		}
		if said := h.introspect("rp1", oauth.Access); said["scope"] != "email" {
			t.Errorf("%v", said)
		}
		if oauth.ID != "" || oauth.Scope != "email" {
			t.Errorf("OAuth only: %+v", oauth)
		}
		if w := h.userinfo(oauth.Access); w.Code != http.StatusForbidden || !strings.Contains(w.Header().Get("WWW-Authenticate"), "insufficient_scope") {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	})
}

func TestFault01_AnotherBrowserNeverGetsTheCode(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		h.person("eve")
		attacker, victim := h.browser(), h.signIn("anna", pwd)
		w := attacker.authorize()
		id, ok := strings.CutPrefix(w.Header().Get("Location"), "/login/")
		if !ok || w.Code != 302 {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		ownPage(t, victim.get("/authorize/"+id), 403, "other_browser")
		if !slices.Contains(h.events(), "authz.denied other_browser") {
			t.Error(h.events())
		}
		// The victim's session in the attacker's browser never happens; the attacker's own session finishes it, once.
		h.signInto(attacker, "eve", pwd)
		if answerOf(t, attacker.get("/authorize/"+id)).Get("code") == "" {
			t.Fatal("no code")
		}
		ownPage(t, attacker.get("/authorize/"+id), 410, "already_finished")
		ownPage(t, attacker.get("/authorize/"+secret.NewID()), 410, "session_expired")
	})
}

func TestFault01_APostedRequestIsBoundByTheFirstGetOnly(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		w := b.post("/authorize", authRequest())
		to := w.Header().Get("Location")
		if w.Code != 303 || !strings.HasPrefix(to, "/authorize/") || len(w.Result().Cookies()) != 0 {
			t.Fatalf("%d %q %v", w.Code, to, w.Result().Cookies())
		}
		other := h.browser()
		if loc := other.get(to).Header().Get("Location"); !strings.HasPrefix(loc, "/login/") {
			t.Fatalf("unbound: the first browser gets it: %q", loc)
		}
		ownPage(t, b.get(to), 403, "other_browser")
		to = b.post("/authorize", authRequest()).Header().Get("Location")
		if answerOf(t, b.get(to)).Get("code") == "" {
			t.Error("and with a session it is silent")
		}
		if q := refusedWith(t, b.post("/authorize", authRequest("response_type", "token")), "unsupported_response_type"); q.Get("state") != "st" {
			t.Error("errors of a POST go by redirect too")
		}
		ownPage(t, b.post("/authorize", authRequest("client_id", "x")), 400, "invalid_client")
	})
}

func TestFault02_PKCEIsDemandedWithS256(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		refusedWith(t, b.authorize("code_challenge", ""), "invalid_request")
		refusedWith(t, b.authorize("code_challenge", "", "code_challenge_method", ""), "invalid_request")
		refusedWith(t, b.authorize("code_challenge_method", ""), "invalid_request") // the default is plain
		refusedWith(t, b.authorize("code_challenge_method", "s256"), "invalid_request")
		refusedWith(t, b.authorize("code_challenge", verifier+"+"), "invalid_request")
		old := []string{"client_id", "old", "redirect_uri", "https://old.example/cb"}
		if b.code(append(old, "code_challenge", "", "code_challenge_method", "")...) == "" {
			t.Error("pkce: optional")
		}
		refusedWith(t, b.authorize(append(old, "code_challenge_method", "plain")...), "invalid_request")
	})
}

func TestFault03_ParametersAreDecodedOnceAndComeOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		ownPage(t, b.authorize("redirect_uri", url.QueryEscape(callback)), 400, "invalid_redirect_uri")
		for _, name := range []string{"state", "scope", "response_type", "nonce", "prompt", "anything"} {
			refusedWith(t, b.get("/authorize?"+authRequest("anything", "1").Encode()+"&"+name+"=again"), "invalid_request")
		}
		refusedWith(t, b.get("/authorize?"+authRequest().Encode()+"&x=%zz"), "invalid_request")
		if answerOf(t, b.get("/authorize?"+authRequest().Encode()+"&resource=a&resource=b&prompt=&display=popup&claims_locales=it&ui_locales=xx-nope&x=y")).Get("code") == "" {
			t.Error("resource may come twice, and unknown things change nothing")
		}
	})
}

func TestFault05_ErrorsGoByRedirectInTheAskedMode(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		b := h.browser()
		refusedWith(t, b.authorize("request", "x"), "request_not_supported")
		refusedWith(t, b.authorize("request_uri", "https://x"), "request_uri_not_supported")
		w := b.authorize("response_mode", "form_post", "prompt", "none")
		body := w.Body.String()
		if w.Code != 200 || w.Header().Get("Location") != "" || !strings.Contains(body, `value="login_required"`) || !strings.Contains(body, `value="`+issuer+`"`) {
			t.Errorf("%d %s", w.Code, body)
		}
		q := b.authorize("redirect_uri", "https://rp.example/second?x=1", "prompt", "none").Header().Get("Location")
		if !strings.HasPrefix(q, "https://rp.example/second?x=1&error=login_required") {
			t.Error("the URI's own query stays: " + q)
		}
	})
}

func TestA13_IssIsInEveryAnswer(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for name, w := range map[string]*httptest.ResponseRecorder{
			"success": b.authorize(), "an error": b.authorize("prompt", "bogus"), "no state": b.authorize("state", ""), "with a query": b.authorize("redirect_uri", "https://rp.example/second?x=1"),
			"silent": h.browser().authorize("prompt", "none"), "unmet": b.authorize("acr_values", "phr"), "posted": b.post("/authorize", authRequest("response_type", "token")),
			"an iss of the panel's own": b.authorize("iss", "https://evil.example"),
		} {
			if q := answerOf(t, w); len(q["iss"]) != 1 || q.Get("iss") != issuer {
				t.Errorf("%s: %v", name, q)
			}
		}
		for _, w := range []*httptest.ResponseRecorder{b.authorize("response_mode", "form_post"), b.authorize("response_mode", "form_post", "prompt", "bogus")} {
			if strings.Count(w.Body.String(), `name="iss" value="`+issuer+`"`) != 1 {
				t.Error(w.Body)
			}
		}
		for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"} {
			var d map[string]any
			if err := json.Unmarshal(b.get(path).Body.Bytes(), &d); err != nil || d["issuer"] != issuer || d["authorization_response_iss_parameter_supported"] != true {
				t.Errorf("%s: %v %v %v", path, err, d["issuer"], d["authorization_response_iss_parameter_supported"])
			}
		}
		if answerOf(t, b.authorize("state", "")).Has("state") {
			t.Error("no state, none back")
		}
	})
}

func TestAPageIsNeededThenTheRequestIsStoredAndFinished(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.browser()
		w := b.authorize("login_hint", "anna@x", "ui_locales", "en", "acr_values", "mfa")
		id := strings.TrimPrefix(w.Header().Get("Location"), "/login/")
		row, err := h.store.Request(t.Context(), secret.Hash(id), h.op.now())
		if err != nil {
			t.Fatal(err)
		}
		if p := string(row.Params); !strings.Contains(p, `"login_hint":"anna@x"`) || !strings.Contains(p, `"ui_locales":"en"`) {
			t.Error(p)
		}
		if loc := b.get("/authorize/" + id).Header().Get("Location"); loc != "/login/"+id {
			t.Errorf("nothing proved: %q", loc)
		}
		h.signInto(b, "anna", pwd)
		if loc := b.get("/authorize/" + id).Header().Get("Location"); loc != "/login/"+id {
			t.Errorf("half proved: %q", loc)
		}
		row.Interacted = true
		if err := h.store.UpdateRequest(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		h.signInto(b, "anna", pwd, totp("anna"))
		done := b.get("/authorize/" + id)
		if done.Code != 200 || !strings.Contains(done.Body.String(), "http-equiv=\"refresh\"") || !strings.Contains(done.Body.String(), "code=sog_ac_") {
			t.Errorf("after a form the last hop is a page: %d %s", done.Code, done.Body)
		}
	})
}

func TestADeclinedRequestIsFinishedWithItsError(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		id := strings.TrimPrefix(b.authorize("acr_values", "mfa").Header().Get("Location"), "/login/")
		row, err := h.store.Request(t.Context(), secret.Hash(id), h.op.now())
		if err != nil {
			t.Fatal(err)
		}
		row.Asked = []byte(strings.Replace(string(row.Asked), "{", `{"declined":true,`, 1))
		if err := h.store.UpdateRequest(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		refusedWith(t, b.get("/authorize/"+id), "access_denied")
		ownPage(t, b.get("/authorize/"+id), 410, "already_finished")
		if !slices.Contains(h.events(), "authz.denied declined") {
			t.Error(h.events())
		}
	})
}

func TestAClientTakenOutOfTheConfigurationGetsNothingMore(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.browser()
		id := strings.TrimPrefix(b.authorize().Header().Get("Location"), "/login/")
		h.signInto(b, "anna", pwd)
		access := h.redeem(b.code()).Access
		next := *h.cfg
		next.Clients = map[string]*config.Client{"rp2": h.cfg.Clients["rp2"]}
		h.cfg = &next
		ownPage(t, b.get("/authorize/"+id), 400, "invalid_client")
		bad(t, h.userinfo(access), 401, "invalid_token")
	})
}

func TestTheGateRefusesWithoutADecision(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		pass := passage{client: h.op.view().clients["rp1"], asked: acr.Request{ID: "x", Client: "rp1"}, answer: &request.Answer{}}
		if _, err := h.op.gate.issue(context.Background(), acr.Granted{}, consent.Given{}, pass); err != errGate {
			t.Errorf("zero value: %v", err)
		}
		h.person("anna")
		b := h.signIn("anna", pwd)
		granted := acr.Decide(h.cfg.Policy, acr.Request{ID: "y", Client: "rp1"}, acr.Person{ID: "anna", HasPassword: true},
			acr.Evidence{Session: b.session.ID, Version: 1, Events: []acr.Event{{ID: "e", Method: acr.Password, At: h.op.now()}}}, h.op.now())
		if granted.Outcome != acr.Satisfied {
			t.Fatal(granted)
		}
		ctx := context.Background()
		given, missing, err := consent.Ask(ctx, h.store, h.cfg.Clients["rp1"], consent.State{}, granted.Granted)
		if err != nil || len(missing) > 0 {
			t.Fatal(err, missing)
		}
		if _, err := h.op.gate.issue(ctx, granted.Granted, given, pass); err != errGate {
			t.Errorf("another request's decision: %v", err)
		}
		pass.asked.ID = "y"
		if _, err := h.op.gate.issue(ctx, granted.Granted, consent.Given{}, pass); err != errGate {
			t.Errorf("without the person's word: %v", err)
		}
	})
}
