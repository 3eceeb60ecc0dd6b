package op

import (
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const bye = "https://rp.example/bye"

func logoutQuery(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

func (b *browser) signedIn() bool {
	return answerOf(b.h.t, b.authorize("prompt", "none")).Has("code")
}

func TestD09_OnlyAHintOfThisVerySessionSignsOutUnasked(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b, elsewhere := h.signIn("anna", pwd), h.signIn("anna", pwd)
		got, foreign := h.redeem(b.code()), h.redeem(elsewhere.code())

		w := b.get("/end_session")
		if w.Code != 200 || !strings.Contains(w.Body.String(), `id="logout-confirm"`) || !strings.Contains(w.Body.String(), `action="/end_session/confirm"`) {
			t.Fatalf("no parameters: a question: %d %s", w.Code, w.Body)
		}
		w = b.get("/end_session?" + logoutQuery("id_token_hint", foreign.ID, "post_logout_redirect_uri", bye).Encode())
		if w.Code != 200 || !strings.Contains(w.Body.String(), `id="logout-confirm"`) {
			t.Errorf("another session's hint: a question: %d", w.Code)
		}
		forged := got.ID[:len(got.ID)-6] + "AAAAAA"
		none := rebuilt(map[string]any{"alg": "none", "typ": "JWT"}, strings.Split(got.ID, ".")[1], func(string) []byte { return nil })
		for _, hint := range []string{forged, none, "x", got.Access} {
			ownPage(t, b.get("/end_session?"+logoutQuery("id_token_hint", hint).Encode()), 400, "invalid_id_token_hint")
		}
		if !b.signedIn() {
			t.Fatal("nothing of this signed out")
		}
		time.Sleep(30 * time.Minute) // the hint expired, the session did not
		w = b.get("/end_session?" + logoutQuery("id_token_hint", got.ID, "post_logout_redirect_uri", bye, "state", "a b&c").Encode())
		if w.Code != 302 || w.Header().Get("Location") != bye+"?state=a+b%26c" {
			t.Errorf("%d %q", w.Code, w.Header().Get("Location"))
		}
		if b.cookies["__Host-soglia_session"] != "" || b.signedIn() || !elsewhere.signedIn() {
			t.Error("this session and no other")
		}
		if !slices.Contains(h.events(), "session.end logout") {
			t.Error(h.events())
		}
		bad(t, h.token("rp1", refreshForm(got.Refresh)), 400, "invalid_grant")
	})
}

func TestFault14_TheCookiesSessionEndsAfterTheQuestion(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		cookie := b.cookies["__Host-soglia_session"]
		page := b.get("/end_session").Body.String()
		w := b.post("/end_session/confirm", url.Values{"shown": {between(page, `name="shown" value="`, `"`)}})
		if w.Code != 303 || w.Header().Get("Location") != "/end_session/done" {
			t.Fatalf("%d %q", w.Code, w.Header().Get("Location"))
		}
		if body := b.get("/end_session/done").Body.String(); !strings.Contains(body, `id="logged-out"`) {
			t.Error(body)
		}
		b.cookies["__Host-soglia_session"] = cookie // replayed
		if b.signedIn() {
			t.Error("the session is over on the server too")
		}
		delete(b.cookies, "__Host-soglia_session")
		if body := b.get("/end_session").Body.String(); !strings.Contains(body, `id="logged-out"`) {
			t.Error("nothing to sign out of")
		}
	})
}

func TestD10_OnlyRegisteredAddressesAndNoneUnasked(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		hint := h.redeem(b.code()).ID
		for _, uri := range []string{"//evil", `/\evil`, "https:evil", bye + "/x", bye + "?", "https://rp2.example/bye", "https://u@rp.example/bye", "https://rp.example.evil/bye", "javascript:alert(1)", "\t//evil"} {
			w := b.get("/end_session?" + logoutQuery("id_token_hint", hint, "post_logout_redirect_uri", uri).Encode())
			if w.Code != 400 || w.Header().Get("Location") != "" {
				t.Errorf("%q: %d %q", uri, w.Code, w.Header().Get("Location"))
			}
		}
		ownPage(t, b.get("/end_session?"+logoutQuery("client_id", "rp2", "id_token_hint", hint).Encode()), 400, "invalid_client")
		ownPage(t, b.get("/end_session?"+logoutQuery("client_id", "nobody").Encode()), 400, "invalid_client")
		for _, q := range []url.Values{logoutQuery("post_logout_redirect_uri", bye), logoutQuery("client_id", "rp1"), logoutQuery("returnTo", "//evil", "next", "//evil")} {
			w := b.get("/end_session?" + q.Encode())
			if w.Code != 200 || !strings.Contains(w.Body.String(), "logout-confirm") || strings.Contains(w.Body.String(), `href="https://rp.example`) || strings.Contains(w.Body.String(), `name="ticket"`) {
				t.Errorf("%v: %d %s", q, w.Code, w.Body)
			}
		}
		if !b.signedIn() {
			t.Error("nothing of this signed out")
		}
		w := b.get("/end_session?" + logoutQuery("id_token_hint", hint, "post_logout_redirect_uri", bye+"?x=1", "state", "s").Encode())
		if w.Header().Get("Location") != bye+"?x=1&state=s" {
			t.Error(w.Header().Get("Location"))
		}
	})
}

// confirm presses the button of a question.
func (b *browser) confirm(page *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	b.h.t.Helper()
	body := page.Body.String()
	if !strings.Contains(body, `id="logout-confirm"`) {
		b.h.t.Fatalf("no question: %d %s", page.Code, body)
	}
	form := url.Values{"shown": {between(body, `name="shown" value="`, `"`)}}
	if strings.Contains(body, `name="ticket"`) {
		form.Set("ticket", between(body, `name="ticket" value="`, `"`))
	}
	w := b.post("/end_session/confirm", form)
	if w.Code != 303 {
		b.h.t.Fatalf("the button: %d %s", w.Code, w.Body)
	}
	return b.get(w.Header().Get("Location"))
}

// Whatever is wrong with a panel's request, the person can sign out: the code of the error, the question and its button,
// and no way to an address that was refused. It once was an error page without a button, with the session alive.
func TestQ11AWrongSignOutRequestStillLetsThePersonOut(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		other := h.signIn("anna", pwd)
		hint := h.redeem(other.code()).ID
		for code, q := range map[string]url.Values{
			"invalid_id_token_hint":            logoutQuery("id_token_hint", hint[:len(hint)-6]+"AAAAAA", "post_logout_redirect_uri", bye, "state", "s"),
			"invalid_post_logout_redirect_uri": logoutQuery("id_token_hint", hint, "post_logout_redirect_uri", bye+"/x", "state", "s"),
			"invalid_client":                   logoutQuery("id_token_hint", hint, "client_id", "rp2", "post_logout_redirect_uri", bye),
			"invalid_request":                  {"id_token_hint": {hint, hint}, "post_logout_redirect_uri": {bye}},
		} {
			for way, ask := range map[string]func(*browser) *httptest.ResponseRecorder{
				"GET": func(b *browser) *httptest.ResponseRecorder { return b.get("/end_session?" + q.Encode()) },
				"POST": func(b *browser) *httptest.ResponseRecorder {
					return b.get(b.post("/end_session", q).Header().Get("Location"))
				},
			} {
				b := h.signIn("anna", pwd)
				page := ask(b)
				ownPage(t, page, 400, code)
				if !b.signedIn() {
					t.Errorf("%s %s: signed out unasked", way, code)
				}
				done := b.confirm(page)
				if b.signedIn() || done.Code != 200 || !strings.Contains(done.Body.String(), `id="logged-out"`) || strings.Contains(done.Body.String(), "rp.example") {
					t.Errorf("%s %s, confirmed: %d %s", way, code, done.Code, done.Body)
				}
				nobody := ask(b)
				ownPage(t, nobody, 400, code)
				if strings.Contains(nobody.Body.String(), "logout-confirm") {
					t.Errorf("%s %s: a question to nobody", way, code)
				}
			}
		}
	})
}

// A question that lay open for longer than its ticket lives signs out all the same, and stays on a page of ours.
func TestQ11AQuestionLeftOpenStillSignsOut(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		page := b.get("/end_session?" + logoutQuery("client_id", "rp1", "post_logout_redirect_uri", bye).Encode())
		time.Sleep(ticketLife + time.Minute)
		if done := b.confirm(page); b.signedIn() || strings.Contains(done.Body.String(), bye) {
			t.Errorf("%d %s", done.Code, done.Body)
		}
	})
}

// RP-Initiated Logout §2: client_id may stand for the hint. Then the person is asked first, and only the answer leads back;
// who is signed out already gets a page with the link.
func TestQ48WithoutAHintThePersonIsAskedAndThenReturns(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		to := "/end_session?" + logoutQuery("client_id", "rp1", "post_logout_redirect_uri", bye, "state", "a b&c").Encode()
		page := b.get(to)
		if page.Code != 200 || !b.signedIn() {
			t.Fatalf("%d %s", page.Code, page.Body)
		}
		ticket := between(page.Body.String(), `name="ticket" value="`, `"`)
		if got := b.get("/end_session/done?ticket=" + ticket); strings.Contains(got.Body.String(), bye) {
			t.Errorf("a ticket nobody confirmed leads to the panel: %s", got.Body)
		}
		done := b.confirm(page)
		if done.Code != 200 || !strings.Contains(done.Body.String(), `content="0;url=`+bye+`?state=a&#43;b%26c"`) || b.signedIn() {
			t.Errorf("%d %s", done.Code, done.Body)
		}
		for _, signedOut := range []*httptest.ResponseRecorder{b.get(to), h.browser().get(to)} {
			body := signedOut.Body.String()
			if signedOut.Code != 200 || signedOut.Header().Get("Location") != "" || strings.Contains(body, "http-equiv") ||
				!strings.Contains(body, `id="logged-out"`) || !strings.Contains(body, `id="continue" href="`+bye+`?state=a&#43;b%26c"`) {
				t.Errorf("signed out already: %d %q %s", signedOut.Code, signedOut.Header().Get("Location"), body)
			}
		}
	})
}

func TestAPostedSignOutGoesOnByGetWithoutTheToken(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code())
		w := b.post("/end_session", logoutQuery("id_token_hint", got.ID, "post_logout_redirect_uri", bye, "state", "s"))
		to := w.Header().Get("Location")
		if w.Code != 303 || !strings.HasPrefix(to, "/end_session?ticket=") || strings.Contains(to, got.ID[:20]) {
			t.Fatalf("%d %q", w.Code, to)
		}
		if loc := b.get(to).Header().Get("Location"); loc != bye+"?state=s" || b.signedIn() {
			t.Errorf("%q", loc)
		}
		time.Sleep(11 * time.Minute)
		ownPage(t, b.get(to), 400, "session_expired")
		ownPage(t, b.get("/end_session?ticket=x"), 400, "invalid_request")
		ownPage(t, b.get(b.post("/end_session", logoutQuery("id_token_hint", "x")).Header().Get("Location")), 400, "invalid_id_token_hint")
	})
}

func TestTheQuestionLeadsBackToThePanelThatAsked(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b, other := h.signIn("anna", pwd), h.signIn("anna", pwd)
		hint := h.redeem(other.code()).ID
		page := b.get("/end_session?" + logoutQuery("id_token_hint", hint, "post_logout_redirect_uri", bye).Encode()).Body.String()
		w := b.post("/end_session/confirm", url.Values{
			"ticket": {between(page, `name="ticket" value="`, `"`)}, "shown": {between(page, `name="shown" value="`, `"`)},
		})
		done := b.get(w.Header().Get("Location"))
		if done.Code != 200 || !strings.Contains(done.Body.String(), bye) || b.signedIn() {
			t.Errorf("%d %s", done.Code, done.Body)
		}
	})
}

func TestATicketLeadsToNoAddressThatWasTakenAway(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code())
		to := b.post("/end_session", logoutQuery("id_token_hint", got.ID, "post_logout_redirect_uri", bye, "state", "s")).Header().Get("Location")
		next := *h.cfg
		next.Clients = maps.Clone(h.cfg.Clients)
		rp := *next.Clients["rp1"]
		rp.PostLogoutRedirectURIs = []string{"https://rp.example/elsewhere"}
		next.Clients["rp1"] = &rp
		h.cfg = &next
		ownPage(t, b.get(to), 400, "invalid_post_logout_redirect_uri")
		if !b.signedIn() {
			t.Error("a refused request signed out")
		}
	})
}
