package op

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/tokens"
)

// bombs are texts that cost a careless reader of tokens more than their sender: by name.
func bombs(t *testing.T, token string) map[string]string {
	t.Helper()
	b64 := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	var zipped bytes.Buffer
	w, err := flate.NewWriter(&zipped, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 32<<20)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	zip := b64(zipped.String()[:20<<10])
	part := strings.Split(token, ".")
	return map[string]string{
		"JWE, a thousand million rounds": b64(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":1000000000,"p2s":"AAAA"}`) + ".AAAA.AAAA.AAAA.AAAA",
		"JWE that inflates":              b64(`{"alg":"dir","enc":"A128GCM","zip":"DEF"}`) + "..AAAA." + zip + ".AAAA",
		"JWS with zip":                   b64(`{"alg":"ES256","zip":"DEF","typ":"at+jwt"}`) + "." + zip + ".AAAA",
		"10 000 dots":                    strings.Repeat(".", 10_000),
		"60 000 dots":                    strings.Repeat(".", 60_000),
		"dots behind a token":            token + strings.Repeat(".", 10_000),
		"a header 10 000 deep":           b64(`{"alg":"ES256","x":`+strings.Repeat("[", 10_000)) + "." + part[1] + "." + part[2],
		"a header 2 000 deep":            b64(`{"alg":"ES256","typ":"at+jwt","x":`+strings.Repeat(`{"a":`, 1000)+"1"+strings.Repeat("}", 1000)+"}") + "." + part[1] + "." + part[2],
		"claims 10 000 deep":             part[0] + "." + b64(`{"a":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+"}") + "." + part[2],
		"claims 1 500 deep":              part[0] + "." + b64(`{"sub":`+strings.Repeat("[", 1_500)+strings.Repeat("]", 1_500)+"}") + "." + part[2],
		"1 000 members of one name":      b64("{"+strings.Repeat(`"alg":"none",`, 400)+`"alg":"ES256"}`) + "." + part[1] + "." + part[2],
		"a number of 5 000 digits":       b64(`{"alg":"ES256","x":`+strings.Repeat("9", 5000)+"}") + "." + part[1] + "." + part[2],
		"JSON serialisation":             `{"payload":"` + part[1] + `","signatures":[` + strings.Repeat(`{"signature":""},`, 300) + `{}]}`,
		"a signature of 7 kB":            part[0] + "." + part[1] + "." + strings.Repeat("A", 6000),
		"nothing but brackets":           strings.Repeat("[", 15_000),
	}
}

// C04: such a text is refused by its form, before anything of it is decoded, inflated, derived or nested. What the row
// asks in milliseconds and MiB is measured elsewhere; here is the cause: no answer allocates more than a form may hold.
func TestC04_BombsAreRefusedByTheirForm(t *testing.T) {
	inBubble(t, withKeys, func(t *testing.T, h *house) {
		h.cfg.Limits.ClientAuthFailures = 1000
		h.person("anna")
		b := h.signIn("anna", pwd)
		got := h.redeem(b.code())
		small := func(name string, f func() *httptest.ResponseRecorder) *httptest.ResponseRecorder {
			t.Helper()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w := f()
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
				t.Errorf("%s allocated %d bytes", name, n)
			}
			return w
		}
		all := bombs(t, got.Access)
		small("warm-up", func() *httptest.ResponseRecorder { return b.authorize() })
		for name, bomb := range all {
			if w := small(name, func() *httptest.ResponseRecorder { return h.userinfo(bomb) }); w.Code != 401 && !(w.Code == 431 && len(bomb) > 30<<10) {
				t.Errorf("%s as a bearer: %d %s", name, w.Code, w.Body)
			}
			w := small(name, func() *httptest.ResponseRecorder { return h.at("/introspect", "rp1", url.Values{"token": {bomb}}) })
			if w.Code != 200 || w.Body.String() != inactive {
				t.Errorf("%s, introspected: %d %s", name, w.Code, w.Body)
			}
			if w := small(name, func() *httptest.ResponseRecorder { return h.at("/revoke", "rp1", url.Values{"token": {bomb}}) }); w.Code != 200 || w.Body.String() != "{}" {
				t.Errorf("%s, revoked: %d %s", name, w.Code, w.Body)
			}
			w = small(name, func() *httptest.ResponseRecorder { return h.asserts(own(), bomb) })
			bad(t, w, 401, "invalid_client")
			h.refusalAudited(name, w, w.Code)
			for parameter, code := range map[string]string{"id_token_hint": "invalid_request", "request": "request_not_supported", "claims": "invalid_request"} {
				q := authRequest(parameter, bomb)
				w := small(name, func() *httptest.ResponseRecorder { return b.post("/authorize", q) })
				if name == "JSON serialisation" && parameter == "claims" { // an object of short members, none of which is known
					continue
				}
				refusedWith(t, w, code)
			}
			w = small(name, func() *httptest.ResponseRecorder {
				return b.get(b.post("/end_session", url.Values{"id_token_hint": {bomb}}).Header().Get("Location"))
			})
			if len(bomb) > tokens.MaxToken {
				ownPage(t, w, 400, "invalid_request")
			} else {
				ownPage(t, w, 400, "invalid_id_token_hint")
			}
		}
		// A bomb that is signed by the client's own key is bounded by its length, like every other.
		deep := said("keyed", h.op.now(), map[string]any{"x": nested(600)})
		good(t, h.asserts(own(), signed(t, jose.ES256, panelKeys()[jose.ES256], "", deep)))
		deep["x"], deep["jti"] = nested(5000), "two"
		bad(t, h.asserts(own(), signed(t, jose.ES256, panelKeys()[jose.ES256], "", deep)), 401, "invalid_client")

		huge := strings.Repeat("a", 1<<20)
		if w := small("1 MB", func() *httptest.ResponseRecorder { return h.userinfo(huge) }); w.Code != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("a header of 1 MB: %d", w.Code)
		}
		bad(t, h.at("/introspect", "rp1", url.Values{"token": {huge}}), 413, "too_large")
		bad(t, h.asserts(own(), huge), 413, "too_large")
		time.Sleep(time.Second)
		if h.userinfo(got.Access).Code != 200 {
			t.Error("the real one works")
		}
	})
}

// nested is a list in a list in a list.
func nested(n int) any {
	var v any
	for range n {
		v = []any{v}
	}
	return v
}
