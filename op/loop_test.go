package op

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/storage"
)

// navigate is authorize as a browser does it: from a page of that relation.
func (b *browser) navigate(site string, changes ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", issuer+"/authorize?"+authRequest(changes...).Encode(), nil)
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Sec-Fetch-Site", site)
	return b.do(r)
}

// Nine tabs that a browser restores come together: no code of theirs was redeemed when the next one asks.
func TestQ16RestoredTabsEachGetTheirCode(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		var codes []string
		for i := range 9 {
			w := b.navigate("none", "acr_values", "sfa", "state", fmt.Sprint("tab", i))
			if w.Code != 302 {
				t.Fatalf("tab %d: %d", i+1, w.Code)
			}
			codes = append(codes, answerOf(t, w).Get("code"))
		}
		for _, code := range codes {
			h.redeem(code)
		}
	})
}

// Six at a time are as many as a browser opens to one host. The next six come when the first were redeemed.
func TestQ16TabsThatComeInWavesAreNoLoop(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for wave := range 4 {
			var codes []string
			for i := range 6 {
				time.Sleep(time.Millisecond)
				w := b.navigate("none", "acr_values", "sfa", "state", fmt.Sprint("tab", wave, i))
				if w.Code != 302 {
					t.Fatalf("wave %d, tab %d: %d", wave+1, i+1, w.Code)
				}
				codes = append(codes, answerOf(t, w).Get("code"))
			}
			for _, code := range codes {
				time.Sleep(time.Millisecond)
				h.redeem(code)
			}
		}
	})
}

func TestQ16ASixthRoundOfTheSameRequestIsAPage(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		round := func(site string, changes ...string) *httptest.ResponseRecorder {
			w := b.navigate(site, append([]string{"acr_values", "sfa"}, changes...)...)
			if w.Code == 302 {
				h.redeem(answerOf(t, w).Get("code"))
			}
			return w
		}
		for i := range 5 {
			if w := round("cross-site", "state", fmt.Sprint(i)); w.Code != 302 {
				t.Fatal(i, w.Code)
			}
		}
		again := round("cross-site")
		ownPage(t, again, 429, "loop")
		if again.Header().Get("Retry-After") != "10" || !strings.Contains(again.Body.String(), `id="retry" href="/authorize?`) {
			t.Errorf("no way to try again: %s", again.Body)
		}
		ownPage(t, round("cross-site"), 429, "loop")
		if round("cross-site", "scope", "openid email").Code != 302 {
			t.Error("another request is no loop")
		}
		if round("same-origin").Code != 302 {
			t.Error("the person's own try is the loop's next round")
		}
		time.Sleep(11 * time.Second)
		if round("cross-site").Code != 302 {
			t.Error("stopped for ever")
		}
	})
}

// A panel that does not redeem what it gets goes on asking, while tabs have come by then.
func TestQ16ALoopThatRedeemsNothingIsSeenByGoingOn(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for i := range 14 {
			time.Sleep(700 * time.Millisecond)
			if w := b.navigate("cross-site", "acr_values", "sfa"); w.Code == 429 {
				ownPage(t, w, 429, "loop")
				return
			} else if w.Code != 302 {
				t.Fatal(i, w.Code)
			}
		}
		t.Error("it went on and on")
	})
}

func TestAPlainRequestOfAProgramIsNoLoop(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		h.person("anna")
		b := h.signIn("anna", pwd)
		for range 50 {
			h.redeem(b.code())
		}
	})
}

// A panel that is refused may ask again at once, and there is no page in between: Roundcube without PKCE, with
// oauth_login_redirect, makes a browser give up after twenty redirects, on a page that names nobody.
func TestQ47ARefusedRequestThatRepeatsIsAPage(t *testing.T) {
	for name, changes := range map[string][]string{
		"no PKCE":                {"code_challenge", "", "code_challenge_method", ""},
		"a level that is no one": {"claims", `{"id_token":{"acr":{"essential":true,"value":"urn:x"}}}`},
		"a malformed parameter":  {"max_age", "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, h *house) {
				b := h.browser() // nobody signed in, no cookie yet
				again := func(site string, more ...string) *httptest.ResponseRecorder {
					return b.navigate(site, append(changes, more...)...)
				}
				for i := range 5 {
					w := again("cross-site", "state", fmt.Sprint(i), "nonce", fmt.Sprint(i))
					if w.Code != 302 || answerOf(t, w).Get("error") == "" {
						t.Fatalf("round %d: %d %s", i+1, w.Code, w.Header().Get("Location"))
					}
				}
				w := again("cross-site")
				ownPage(t, w, 429, "loop")
				if !strings.Contains(w.Body.String(), `id="retry" href="/authorize?`) {
					t.Errorf("no way to try again: %s", w.Body)
				}
				if again("same-origin").Code != 302 {
					t.Error("the person's own try is the loop's next round")
				}
				if other := h.browser().navigate("cross-site", changes...); other.Code != 302 {
					t.Errorf("another browser: %d", other.Code)
				}
				if other := b.navigate("cross-site", append([]string{"client_id", "rp2", "redirect_uri", "https://rp2.example/cb"}, changes...)...); other.Code == 429 {
					t.Error("another client")
				}
			})
		})
	}
}

// prompt=none is never answered by a page (OIDC Core §3.1.2.6), whatever else is wrong with it.
func TestQ47ASilentRequestIsNeverAPage(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, h *house) {
		b := h.browser()
		for range 20 {
			if w := b.navigate("cross-site", "prompt", "none"); answerOf(t, w).Get("error") != "login_required" {
				t.Fatal(w.Code)
			}
			if w := b.navigate("cross-site", "prompt", "none", "code_challenge", "", "code_challenge_method", ""); answerOf(t, w).Get("error") != "invalid_request" {
				t.Fatal(w.Code)
			}
		}
	})
}

func TestQ16RoundsAreThoseThatFollowEachOther(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	for name, c := range map[string]struct {
		rounds []storage.RedeemedCode
		want   int
	}{
		"none":                             {nil, 0},
		"one after another":                {[]storage.RedeemedCode{{Issued: at(0), Redeemed: at(5)}, {Issued: at(9), Redeemed: at(12)}, {Issued: at(20), Redeemed: at(21)}}, 3},
		"together":                         {[]storage.RedeemedCode{{Issued: at(0), Redeemed: at(5)}, {Issued: at(1), Redeemed: at(6)}, {Issued: at(2), Redeemed: at(7)}}, 1},
		"the long one over two short ones": {[]storage.RedeemedCode{{Issued: at(1), Redeemed: at(3)}, {Issued: at(4), Redeemed: at(6)}, {Issued: at(0), Redeemed: at(9)}}, 2},
	} {
		if got := inSequence(c.rounds); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
