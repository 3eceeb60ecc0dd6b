package cases

import (
	"encoding/base32"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

var shownKey = regexp.MustCompile(`<code class="key">([A-Z2-7 ]+)</code>`)

func keyOn(b *servertest.Browser) string {
	if m := shownKey.FindStringSubmatch(string(b.Body())); m != nil {
		return strings.ReplaceAll(m[1], " ", "")
	}
	return ""
}

// F13: the key is the answer to one POST. It is in no other answer, no address, log, record, cookie or header, and not in
// the database as anybody could read it; and it is on both roads to it, the sign-in's and the account's.
func TestF13TheKeyOfAnAppIsShownOnceAndKeptNowhere(t *testing.T) {
	roads := map[string]func(a *arena, b *servertest.Browser){
		"sign-in": func(a *arena, b *servertest.Browser) {
			b.Open(a.RP1.Login("acr_values", "mfa")).WantStep("otp").Click("Switch on the Authenticator app").GiveCode(a.Code(a.U2.Email))
			b.WantStep("enrol").Click("Switch on the Authenticator app")
		},
		"account": func(a *arena, b *servertest.Browser) {
			b.Open(here + "/account/factors/new").GiveCode(a.Code(a.U2.Email))
			b.WantStep("account_new").Submit("add-totp")
		},
	}
	for name, walk := range roads {
		t.Run(name, func(t *testing.T) {
			inTurns(t, func(t *testing.T, a *arena) {
				b := a.Browser("dora")
				a.SignedIn(b, a.RP1, a.U2)
				walk(a, b)
				b.WantStep("enrol_totp")
				key := keyOn(b)
				raw, err := base32.StdEncoding.DecodeString(key)
				if err != nil || len(raw) != 20 {
					t.Fatalf("the key %q: %v", key, err)
				}
				want(t, "Cache-Control", b.Header().Get("Cache-Control"), "no-store")
				if policy := b.Header().Get("Referrer-Policy"); policy != "no-referrer" && policy != "same-origin" {
					t.Errorf("Referrer-Policy %q", policy)
				}
				// One link hands it to an app on the same phone; no request goes out when it is followed.
				if n := strings.Count(string(b.Body()), "otpauth:"); n != 1 || !b.Has("open-app") {
					t.Errorf("%d links with the key", n)
				}
				at := b.URL().String()
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					again := b.Tab(method).Do(method, at, nil)
					if strings.Contains(string(again.Body()), key) || keyOn(again) != "" || again.Has("qr") {
						t.Errorf("%s of the page shows a key", method)
					}
				}
				wrongly := &servertest.Person{Key: key}
				b.FillID("otp", never(wrongly)).Submit("otp-submit").WantStatus(http.StatusUnprocessableEntity)
				want(t, "mistyped: the same key, for who may have scanned it", keyOn(b), key)
				b.FillID("otp", wrongly.AppCode()).Submit("otp-submit").WantStep("recovery_codes")
				want(t, "records of the factor", len(a.Records("factor.added")), 1)
				ev := a.Records("factor.added")[0]
				if ev.Outcome != "ok" || ev.Reason != "totp" || ev.PersonID != a.U2.ID || ev.IP == "" || ev.RequestID == "" {
					t.Errorf("%+v", ev)
				}
				time.Sleep(time.Minute)
				b.Open(here + "/account/factors").WantStep("account_factors")
				want(t, "afterwards", keyOn(b), "")

				places := map[string]string{"database": a.Dump() + a.File(), "log": a.Logs.String()}
				for _, x := range a.Net.Seen() {
					places["an address"] += x.URL + "\n"
					for k, v := range x.Header {
						places["a header"] += k + strings.Join(v, " ") + "\n"
					}
				}
				for _, m := range a.Mails(a.U2.Email) {
					places["a mail"] += m.Text + m.HTML
				}
				for place, content := range places {
					if len(content) < 200 {
						t.Errorf("%s: nothing to look at", place)
					}
					for _, form := range []string{key, strings.ToLower(key), string(raw), "otpauth"} {
						if strings.Contains(content, form) {
							t.Errorf("the key is in the %s", place)
						}
					}
				}
			})
		})
	}
}
