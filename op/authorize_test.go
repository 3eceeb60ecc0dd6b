package op

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
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
		ownPage(t, b.authorize("client_id", "nobody"), 400, "invalid_client")
		ownPage(t, b.authorize("client_id", ""), 400, "invalid_client")
		ownPage(t, b.authorize("redirect_uri", ""), 400, "invalid_redirect_uri")
		ownPage(t, b.authorize("redirect_uri", "https://rp.example/CB"), 400, "invalid_redirect_uri")
		if n := len(slices.DeleteFunc(h.events(), func(e string) bool { return !strings.HasPrefix(e, "authz.denied") })); n != 4 {
			t.Errorf("%d records: %v", n, h.events())
		}
		if !strings.Contains(h.log.String(), "nearest="+callback) {
			t.Errorf("the log does not name the nearest redirect URI: %s", h.log)
		}
		q := request()
		q.Add("redirect_uri", "https://evil.example/")
		ownPage(t, b.get("/authorize?"+q.Encode()), 400, "invalid_redirect_uri")
		q = request()
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
}

func TestA08_OnlyTheCodeFlowAndTwoResponseModes(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for _, rt := range []string{"token", "id_token", "id_token token", "code token", "none", "CODE"} {
			q := refusedWith(t, b.authorize("response_type", rt), "unsupported_response_type")
			if q.Get("state") != "st" {
				t.Errorf("%s: state %q", rt, q.Get("state"))
			}
		}
		refusedWith(t, b.authorize("response_type", ""), "invalid_request")
		for _, mode := range []string{"fragment", "bogus", "web_message", "query.jwt"} {
			refusedWith(t, b.authorize("response_mode", mode), "invalid_request")
		}
		if b.authorize("response_mode", "form_post").Code != 200 || b.authorize("response_mode", "query").Code != 302 {
			t.Error("query and form_post work")
		}
		w := h.signIn("anna", pwd, totp("anna")).authorize("client_id", "strong", "redirect_uri", "https://strong.example/cb", "response_mode", "query")
		if w.Code != 200 || !strings.Contains(w.Body.String(), "unauthorized_client") {
			t.Errorf("a form_post client is answered by form_post: %d %s", w.Code, w.Body)
		}
	})
}

func TestA09_Fault06_FormPostEscapesAndPostsOnlyToThePanel(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		state := `"><script>alert(1)</script>&<'`
		for _, w := range []*httptest.ResponseRecorder{
			b.authorize("response_mode", "form_post", "state", state),
			b.authorize("response_mode", "form_post", "state", state, "response_type", "token"),
		} {
			body, csp := w.Body.String(), w.Header().Get("Content-Security-Policy")
			if w.Code != 200 || w.Header().Get("Location") != "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %v", w.Code, w.Header())
			}
			if strings.Contains(body, "<script>alert") || strings.Contains(body, "onload") || strings.Contains(body, "javascript:") {
				t.Error(body)
			}
			if !strings.Contains(body, `action="`+callback+`"`) || !strings.Contains(body, `name="iss" value="`+issuer+`"`) || !strings.Contains(body, `name="state"`) {
				t.Error(body)
			}
			if !strings.Contains(csp, "form-action https://rp.example") || strings.Contains(csp, "unsafe-inline") {
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
		refusedWith(t, b.authorize("prompt", "none", "acr_values", "mfa"), acr.ErrInteractionRequired)
		refusedWith(t, b.authorize("prompt", "none", "acr_values", "phr"), acr.ErrUnmet)
		refusedWith(t, b.authorize("prompt", "none login"), "invalid_request")
		refusedWith(t, b.authorize("prompt", "create"), "invalid_request")
		for range 20 { // the loop breaker is no exception
			if answerOf(t, b.authorize("prompt", "none")).Get("code") == "" {
				t.Fatal("silent")
			}
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
		} {
			refusedWith(t, b.authorize(name, value), "invalid_request")
		}
		for _, age := range []string{"abc", "99999999999999999999", "+1", "1.5", "0x10"} {
			refusedWith(t, b.authorize("max_age", age), "invalid_request")
		}
		for _, state := range []string{"a\x00b", "a\r\nb", "\xff\xfe", strings.Repeat("s", 5000)} {
			if q := refusedWith(t, b.authorize("state", state), "invalid_request"); q.Has("state") {
				t.Errorf("%.10q was echoed", state)
			}
		}
		for _, state := range []string{"a b+c&d=e%20#/?", "è€𝄞", strings.Repeat("x", 4096), `<>"'`} {
			if q := answerOf(t, b.authorize("state", state)); q.Get("state") != state || q.Get("code") == "" {
				t.Errorf("%.20q came back as %.20q", state, q.Get("state"))
			}
		}
		many := ""
		for i := range 200 {
			many += "&p" + string(rune('a'+i%26)) + "=" + strings.Repeat("x", i%7+1)
		}
		refusedWith(t, b.get("/authorize?"+request().Encode()+many), "invalid_request")
		if body := b.authorize("redirect_uri", strings.Repeat("x", 9000)).Body.String(); strings.Contains(body, "net/url") || strings.Contains(body, "parse") {
			t.Error("Go error text")
		}
	})
}

func TestA18_Fault13_Scopes(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		refusedWith(t, b.authorize("scope", ""), "invalid_scope")
		refusedWith(t, b.authorize("scope", "nothing-known"), "invalid_scope")
		refusedWith(t, b.authorize("scope", "openid payments"), "invalid_scope")
		refusedWith(t, b.authorize("client_id", "rp2", "redirect_uri", "https://rp2.example/cb", "scope", "openid billing"), "invalid_scope")
		got := h.redeem(b.code("scope", "openid  email unknown email"))
		if got.Scope != "openid email" {
			t.Errorf("%q", got.Scope)
		}
		oauth := h.redeem(b.code("scope", "email"))
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
		w := b.post("/authorize", request())
		to := w.Header().Get("Location")
		if w.Code != 303 || !strings.HasPrefix(to, "/authorize/") || len(w.Result().Cookies()) != 0 {
			t.Fatalf("%d %q %v", w.Code, to, w.Result().Cookies())
		}
		other := h.browser()
		if loc := other.get(to).Header().Get("Location"); !strings.HasPrefix(loc, "/login/") {
			t.Fatalf("unbound: the first browser gets it: %q", loc)
		}
		ownPage(t, b.get(to), 403, "other_browser")
		to = b.post("/authorize", request()).Header().Get("Location")
		if answerOf(t, b.get(to)).Get("code") == "" {
			t.Error("and with a session it is silent")
		}
		if q := refusedWith(t, b.post("/authorize", request("response_type", "token")), "unsupported_response_type"); q.Get("state") != "st" {
			t.Error("errors of a POST go by redirect too")
		}
		ownPage(t, b.post("/authorize", request("client_id", "x")), 400, "invalid_client")
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
			refusedWith(t, b.get("/authorize?"+request("anything", "1").Encode()+"&"+name+"=again"), "invalid_request")
		}
		refusedWith(t, b.get("/authorize?"+request().Encode()+"&x=%zz"), "invalid_request")
		if answerOf(t, b.get("/authorize?"+request().Encode()+"&resource=a&resource=b&prompt=&display=popup&claims_locales=it&ui_locales=xx-nope&x=y")).Get("code") == "" {
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
		for _, w := range []*httptest.ResponseRecorder{b.authorize(), b.authorize("prompt", "bogus"), b.authorize("state", "")} {
			if q := answerOf(t, w); q.Get("iss") != issuer {
				t.Error(q)
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

func TestOpenRequestsOfOneBrowserAreLimited(t *testing.T) {
	inBubble(t, func(c *config.Config) { c.Limits.RequestsPerBrowser = 3 }, func(t *testing.T, h *house) {
		b := h.browser()
		for range 3 {
			if w := b.authorize(); w.Code != 302 {
				t.Fatal(w.Code)
			}
		}
		w := b.authorize()
		ownPage(t, w, 429, "too_many_requests")
		if w.Header().Get("Retry-After") == "" {
			t.Error("Retry-After")
		}
	})
}

func TestASixthRoundOfTheSameRequestIsAPage(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for i := range 5 {
			if w := b.authorize("acr_values", "sfa", "state", string(rune('a'+i))); w.Code != 302 {
				t.Fatal(w.Code)
			}
		}
		ownPage(t, b.authorize("acr_values", "sfa"), 429, "loop")
		if b.authorize("acr_values", "sfa", "scope", "openid email").Code != 302 {
			t.Error("another request is no loop")
		}
		for range 50 { // a program
			if b.authorize().Code != 302 {
				t.Fatal("a plain request of a program is not counted")
			}
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
		pass := passage{client: h.op.view().panels["rp1"], asked: acr.Request{ID: "x", Client: "rp1"}, answer: &answer{}}
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
