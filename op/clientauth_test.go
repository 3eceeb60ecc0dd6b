package op

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestB10_TwentyWrongSecretsShutTheDoorOnWrongOnes(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		wrong := func(r *http.Request) { r.SetBasicAuth("rp1", "wrong") }
		seen := func(w *httptest.ResponseRecorder) string {
			head := w.Header().Clone()
			head.Del("X-Request-Id")
			return fmt.Sprint(w.Code, head, w.Body)
		}
		unknown := func() string {
			return seen(h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth("nobody", "wrong") }))
		}
		for i := range 20 {
			stranger := unknown()
			w := h.token("rp1", codeForm("x"), wrong)
			if got := seen(w); got != stranger {
				t.Fatalf("known and unknown clients differ:\n%s\n%s", got, stranger)
			}
			h.audited(w, "client.auth.fail", "fail", "wrong_secret", "rp1")
			if i == 19 {
				h.audited(w, "limit.hit", "fail", "client_auth", "rp1")
			}
		}
		w := h.token("rp1", codeForm("x"), wrong)
		bad(t, w, 429, "too_many_requests")
		if got := unknown(); got != seen(w) {
			t.Errorf("over the limit, known and unknown clients differ:\n%s\n%s", got, seen(w))
		}
		if after, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || after < 1 || after > 600 {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
		records := len(h.events())
		for range 5 { // shut: neither counted nor recorded, whichever endpoint is asked
			bad(t, h.token("rp1", codeForm("x"), wrong), 429, "too_many_requests")
			bad(t, h.at("/introspect", "rp1", url.Values{"token": {"x"}}, wrong), 429, "too_many_requests")
			bad(t, h.at("/revoke", "rp1", url.Values{"token": {"x"}}, wrong), 429, "too_many_requests")
		}
		if len(h.events()) != records {
			t.Error("a stranger goes on writing records")
		}
		bad(t, h.token("rp1", codeForm("x"), wrong, from("198.51.100.7:1")), 401, "invalid_client") // another address
		if dump := fmt.Sprintf("%s", h.cfg.Clients["rp1"].SecretHashes); strings.Contains(dump, "rp1-secret") {
			t.Error("the secret is kept as it is")
		}
	})
}

// failures says how many failed client authentications and hit limits are on record.
func (h *house) failures() (n int) {
	rows, err := h.store.Events(h.t.Context(), "", time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC), 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range rows {
		if e.Name == "client.auth.fail" || e.Name == "limit.hit" {
			n++
		}
	}
	return n
}

// Secrets are too long to be guessed, so the counter protects none of them: it only keeps strangers from filling the
// database. Whoever has the secret is let in whatever strangers did, at every endpoint and every instance.
func TestQ42_WhoHasTheSecretIsLetInWhateverOthersDid(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		ec := panelKeys()[jose.ES256]
		assert := func(key any, client string) *httptest.ResponseRecorder {
			return h.asserts(own(), signed(t, jose.ES256, key, "", said(client, h.op.now(), nil)))
		}
		other := jose.JSONWebKey{Key: ec, KeyID: "another"}
		withSecret := func(client string) *httptest.ResponseRecorder {
			return h.token("rp2", url.Values{"grant_type": {"refresh_token"}}, func(r *http.Request) {
				q := url.Values{"client_id": {client}, "client_secret": {"wrong"}, "grant_type": {"refresh_token"}}
				*r = *httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(q.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			})
		}
		good(t, assert(ec, "keyed"))
		for range 25 {
			h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth("rp1", "wrong") })
			h.at("/introspect", "rp3", url.Values{"token": {"x"}}) // a public client may not
			withSecret("rp3")
			withSecret("keyed")
			assert(other, "keyed")
		}
		bad(t, h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth("rp1", "wrong") }), 429, "too_many_requests")
		bad(t, assert(other, "keyed"), 429, "too_many_requests")
		bad(t, withSecret("rp3"), 429, "too_many_requests")

		second := h.second() // which knows of the counters only what the database knows
		for name, mux := range map[string]http.Handler{"this instance": h.mux, "another": h.op.Site.Mux(second.Routes())} {
			h.mux = mux
			before := h.failures()
			token := good(t, h.token("rp1", codeForm(b.code()))).Access
			if h.introspect("rp1", token) == nil || h.at("/revoke", "rp1", url.Values{"token": {token}}).Code != 200 {
				t.Errorf("%s: introspection or revocation", name)
			}
			good(t, assert(ec, "keyed"))
			bad(t, h.token("rp3", codeForm("x")), 400, "invalid_grant")
			bad(t, h.token("rp2", codeForm("x")), 400, "invalid_grant")
			if n := h.failures() - before; n != 0 {
				t.Errorf("%s: %d failures were recorded", name, n)
			}
		}
	})
}

// A right secret at the wrong place is refused where the YAML says one place, and counts for nothing: it is no guess. The
// records that tell the operator of it stop at the limit too.
func TestQ42_ARightSecretAtTheWrongPlaceIsNoGuess(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		byPost := func(client, secret string) *httptest.ResponseRecorder {
			return h.token("rp2", url.Values{}, func(r *http.Request) {
				q := codeForm("x", "client_id", client, "client_secret", secret)
				*r = *httptest.NewRequest(http.MethodPost, issuer+"/token", strings.NewReader(q.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			})
		}
		basic := func(client, secret string) *httptest.ResponseRecorder {
			return h.token("rp1", codeForm("x"), func(r *http.Request) { r.SetBasicAuth(client, secret) })
		}
		misplaced := map[string]func() *httptest.ResponseRecorder{
			"a basic client by post":      func() *httptest.ResponseRecorder { return byPost("rp1", "rp1-secret") },
			"a post client by basic":      func() *httptest.ResponseRecorder { return basic("rp2", "rp2-secret") },
			"a public client by basic":    func() *httptest.ResponseRecorder { return basic("rp3", "") },
			"with another id in the body": func() *httptest.ResponseRecorder { return h.token("old", codeForm("x", "client_id", "rp2")) },
		}
		for name, ask := range misplaced {
			w := ask()
			bad(t, w, 401, "invalid_client")
			for range 30 {
				bad(t, ask(), 401, "invalid_client")
			}
			if w.Header().Get("Retry-After") != "" {
				t.Errorf("%s: told to wait", name)
			}
		}
		if n := h.failures(); n > len(misplaced)*20 {
			t.Errorf("%d records", n)
		}
		for _, client := range []string{"rp1", "rp2", "rp3", "old"} {
			bad(t, byPost(client, "wrong"), 401, "invalid_client") // the first guess
		}
		for range 30 {
			byPost("rp1", "wrong")
		}
		bad(t, byPost("rp1", "wrong"), 429, "too_many_requests")
		bad(t, byPost("rp1", "rp1-secret"), 401, "invalid_client")
		bad(t, basic("rp1", "rp1-secret"), 400, "invalid_grant")
	})
}
