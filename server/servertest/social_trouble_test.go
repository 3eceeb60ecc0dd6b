package servertest_test

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// refused: one friendly page and a record, nobody made, nobody signed in. Many faults share a world, because making one
// is what costs.
func refused(t *testing.T, w *servertest.World, b *servertest.Browser, provider, subject string) {
	t.Helper()
	want(t, "step", b.Step(), "error")
	if s := b.Status(); s < 400 || s == 500 {
		t.Errorf("status %d\n%s", s, b.Text())
	}
	if n := len(w.Records("idp.reject")); n == 0 {
		t.Error("no record")
	}
	if p := person(t, w, provider, subject); p != nil {
		t.Fatalf("somebody was made: %+v", p)
	}
	for _, name := range []string{"session.new", "idp.link", "authn.ok"} {
		want(t, name, len(w.Records(name)), 0)
	}
	want(t, "answers", w.RP1.Answers(), 0)
}

// byPassword: whatever the provider does, the password opens the door.
func byPassword(t *testing.T, w *servertest.World) {
	t.Helper()
	b := w.Browser("by password").Open(w.RP1.Login()).SignIn(w.U2)
	want(t, "by password", b.URL().Host, servertest.Panel)
}

// spaces is a body that never ends in time.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	return len(p), nil
}

// K11, R20: a provider in trouble, at every address it is asked at.
func TestK11GoogleAndFacebookInTrouble(t *testing.T) {
	troubles := map[string]func(http.ResponseWriter, *http.Request){
		"500":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"429":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) },
		"30 seconds": func(_ http.ResponseWriter, r *http.Request) { wait(r, 30*time.Second) },
		"100 MB":     func(w http.ResponseWriter, _ *http.Request) { io.CopyN(w, spaces{}, 100<<20) },
		"JSON bomb":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat(`{"a":[`, 150_000)) },
		"not JSON":   func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>soon back</html>") },
		"redirected": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1/", http.StatusFound)
		},
	}
	for path, provider := range map[string]string{
		"/.well-known/openid-configuration": "google", "/token": "google", "/certs": "google",
		"/v22.0/oauth/access_token": "facebook", "/v22.0/debug_token": "facebook", "/v22.0/me": "facebook",
	} {
		t.Run(provider+path, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, fb *servertest.Facebook) {
				for name, trouble := range troubles {
					answer := func(rw http.ResponseWriter, r *http.Request) bool {
						if r.URL.Path == path {
							trouble(rw, r)
						}
						return r.URL.Path == path
					}
					g.Answer, fb.Answer = answer, answer
					b := w.Browser(name)
					b.Faults = true
					b.Open(w.RP1.Login()).WantStep("login")
					began := time.Now()
					b.Click(map[string]string{"google": "Continue with Google", "facebook": "Continue with Facebook"}[provider])
					if took := time.Since(began); took > 10*time.Second {
						t.Errorf("%s: the answer took %s", name, took)
					}
					refused(t, w, b, provider, map[string]string{"google": "107", "facebook": "1220"}[provider])
					triesAgain(t, b, provider)
					time.Sleep(11 * time.Second) // a failure is remembered for a moment
				}
				byPassword(t, w)
			})
		})
	}
}

// triesAgain: the page names the provider, and leads back to it and to the sign-in page of the same request (Q12).
func triesAgain(t *testing.T, b *servertest.Browser, provider string) {
	t.Helper()
	title := map[string]string{"google": "Google", "facebook": "Facebook"}[provider]
	if b.WantText(title); !b.Has("retry") || !b.Has("back") {
		t.Errorf("no way to try again: %s", b.Text())
		return
	}
	b.Click("Back to sign-in").WantStep("login").WantText("Continue with " + title)
}

// A request that asks for English is answered in English, also where the provider failed (Q32).
func TestQ12Q32AFailedProviderLeavesTheRequestAndItsLanguage(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		g.Answer = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/token" {
				rw.WriteHeader(500)
			}
			return r.URL.Path == "/token"
		}
		b := w.Browser("italian")
		b.Lang, b.Faults = "it", true
		b.Open(w.RP1.Login("ui_locales", "en")).WantStep("login").Click("Continue with Google").WantStep("error")
		b.WantText("Google is not answering")
		g.Answer = nil
		g.Now = servertest.Account{Subject: "107", Name: "Mario", Email: "mario@gmail.com", Verified: true}
		if b.Click("Try again"); b.Step() == "error" {
			t.Errorf("tried again: %s", b.Text())
		}
	})
}

// wait is a handler that takes its time, in the bubble's clock.
func wait(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

func TestR20FacebookOutOfReachOrOutOfPatience(t *testing.T) {
	graph := func(status, code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Host != servertest.FacebookGraph {
				return false
			}
			w.WriteHeader(status)
			io.WriteString(w, `{"error":{"message":"(#4) Application request limit reached <script>","type":"OAuthException","code":`+strconv.Itoa(code)+`}}`)
			return true
		}
	}
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, fb *servertest.Facebook) {
		for name, c := range map[string]struct {
			answer func(http.ResponseWriter, *http.Request) bool
			fault  error
			status int
		}{
			"limit of the app":   {answer: graph(400, 4), status: 502},
			"limit of the user":  {answer: graph(403, 17), status: 502},
			"unknown trouble":    {answer: graph(400, 1), status: 502},
			"code used already":  {answer: graph(400, 100), status: 400},
			"connection refused": {fault: errors.New("connection refused"), status: 502},
		} {
			fb.Answer = c.answer
			if c.fault != nil {
				w.Net.Break(servertest.FacebookGraph, servertest.Fault{Err: c.fault})
			}
			b := w.Browser(name)
			b.Faults = true
			b.Open(w.RP1.Login()).Click("Continue with Facebook").WantStatus(c.status)
			refused(t, w, b, "facebook", "1220")
			if strings.Contains(string(b.Body()), "request limit") {
				t.Error("the provider's words are on our page")
			}
			w.Net.Mend(servertest.FacebookGraph)
		}
		byPassword(t, w)
	})
}

// K08: an answer that is not the answer to our question.
func TestK08CallbacksThatAreNotOurs(t *testing.T) {
	cases := map[string]struct {
		change func(url.Values)
		to     string // "" = the provider it came from
		other  bool   // in another browser
	}{
		"no state":       {change: func(q url.Values) { q.Del("state") }},
		"foreign state":  {change: func(q url.Values) { q.Set("state", "x"+q.Get("state")) }},
		"state twice":    {change: func(q url.Values) { q.Add("state", q.Get("state")) }},
		"no code":        {change: func(q url.Values) { q.Del("code") }},
		"foreign code":   {change: func(q url.Values) { q.Set("code", "x") }},
		"other issuer":   {change: func(q url.Values) { q.Set("iss", "https://evil.example") }},
		"error instead":  {change: func(q url.Values) { q.Del("code"); q.Set("error", "<script>alert(1)</script>") }},
		"mix-up":         {to: "facebook"},
		"other browser":  {other: true},
		"social instead": {to: "social"},
		"nobody":         {to: "nobody"},
	}
	for provider, subject := range map[string]string{"google": "107", "facebook": "1220"} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			for name, c := range cases {
				to := cmp.Or(c.to, provider)
				if c.to == provider {
					continue
				}
				q := callback(t, w, provider)
				b, values := q.browser, q.values
				if c.change != nil {
					c.change(values)
				}
				if c.other {
					b = w.Browser(name)
					b.Open(w.RP2.Login()).WantStep("login")
				}
				b.Faults = true
				b.Open("https://" + servertest.SSO + "/callback/" + to + "?" + values.Encode())
				refused(t, w, b, provider, subject)
				if strings.Contains(string(b.Body()), "<script>alert") {
					t.Errorf("%s: markup on the page", name)
				}
			}
			byPassword(t, w)
		})
	}
}

func TestK08AStateIsGoodOnce(t *testing.T) {
	for provider, subject := range map[string]string{"google": "107", "facebook": "1220"} {
		at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
			q := callback(t, w, provider)
			again := "https://" + servertest.SSO + "/callback/" + provider + "?" + q.values.Encode()
			q.browser.Open(again)
			if person(t, w, provider, subject) == nil {
				t.Fatalf("%s: %s\n%s", provider, q.browser.Step(), q.browser.Text())
			}
			q.browser.Open(again).WantStatus(400).WantStep("error")
			want(t, "records", len(w.Records("idp.reject")), 1)
			want(t, "identities made", len(w.Records("idp.link")), 1)
		})
	}
}

// answer is what came back to the browser from a provider, not yet delivered.
type callbackAnswer struct {
	browser *servertest.Browser
	values  url.Values
}

// callback goes to the provider and catches its answer.
func callback(t *testing.T, w *servertest.World, provider string) callbackAnswer {
	t.Helper()
	b := w.Browser("guest").Open(w.RP1.Login()).WantStep("login")
	page := b.Do(http.MethodGet, b.URL().String()+"/social/"+provider, nil).WantStep("leave")
	var to string
	for _, l := range page.Links() {
		if strings.Contains(l, "code_challenge") {
			to = l
		}
	}
	if to == "" {
		t.Fatalf("no way to the provider: %v", page.Links())
	}
	b.Do(http.MethodGet, to, nil).WantStatus(http.StatusFound)
	back, err := url.Parse(b.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return callbackAnswer{b, back.Query()}
}

func TestK08ForgedAndForeignGoogleTokens(t *testing.T) {
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var tell []func(*testing.T, *servertest.World, *servertest.Google)
	for name, lie := range map[string]func(*servertest.Google){
		"nonce of another": func(g *servertest.Google) { g.Claims = func(c map[string]any) { c["nonce"] = "x" } },
		"for another client": func(g *servertest.Google) {
			g.Claims = func(c map[string]any) { c["aud"] = "other.apps.googleusercontent.com" }
		},
		"azp of another": func(g *servertest.Google) { g.Claims = func(c map[string]any) { c["azp"] = "other" } },
		"another issuer": func(g *servertest.Google) {
			g.Claims = func(c map[string]any) { c["iss"] = "https://accounts.google.com.evil.test" }
		},
		"expired": func(g *servertest.Google) {
			g.Claims = func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }
		},
		"no subject": func(g *servertest.Google) { g.Claims = func(c map[string]any) { delete(c, "sub") } },
		"alg none": func(g *servertest.Google) {
			g.Sign = func(map[string]any) string { return "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMDcifQ." }
		},
		"a stranger's key": func(g *servertest.Google) {
			g.Sign = func(c map[string]any) string {
				return servertest.Signed(t, jose.SigningKey{Algorithm: jose.ES256, Key: stranger}, c)
			}
		},
		"userinfo of another": func(g *servertest.Google) {
			g.Claims = func(c map[string]any) { delete(c, "email"); g.Now.Subject = "999" }
		},
		"no token at all": func(g *servertest.Google) { g.Sign = func(map[string]any) string { return "" } },
	} {
		tell = append(tell, func(t *testing.T, w *servertest.World, g *servertest.Google) {
			g.Now.Subject, g.Claims, g.Sign = "107", nil, nil
			lie(g)
			refused(t, w, w.Browser(name).Open(w.RP1.Login()).Click("Continue with Google").WantStatus(400), "google", "107")
		})
	}
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		for _, f := range tell {
			f(t, w, g)
		}
		byPassword(t, w)
	})
	t.Run("the issuer without its scheme is Google's too", func(t *testing.T) {
		at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
			g.Claims = func(c map[string]any) { c["iss"], c["hd"] = "accounts.google.com", "any.example" }
			w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").WantStep("otp")
		})
	})
}

func TestK08FacebookTokensThatAreNotForUs(t *testing.T) {
	var tell []func(*testing.T, *servertest.World, *servertest.Facebook)
	for name, lie := range map[string]func(*servertest.Facebook){
		"for another app":   func(f *servertest.Facebook) { f.Token = func(d map[string]any) { d["app_id"] = "666" } },
		"not valid":         func(f *servertest.Facebook) { f.Token = func(d map[string]any) { d["is_valid"] = false } },
		"valid as a string": func(f *servertest.Facebook) { f.Token = func(d map[string]any) { d["is_valid"] = "true" } },
		"of a page":         func(f *servertest.Facebook) { f.Token = func(d map[string]any) { d["type"] = "PAGE" } },
		"of another person": func(f *servertest.Facebook) { f.Me = func(d map[string]any) { d["id"] = "77" } },
		"no id":             func(f *servertest.Facebook) { f.Me = func(d map[string]any) { delete(d, "id") } },
		"id an object":      func(f *servertest.Facebook) { f.Me = func(d map[string]any) { d["id"] = map[string]any{} } },
	} {
		tell = append(tell, func(t *testing.T, w *servertest.World, f *servertest.Facebook) {
			f.Token, f.Me = nil, nil
			lie(f)
			refused(t, w, w.Browser(name).Open(w.RP1.Login()).Click("Continue with Facebook").WantStatus(400), "facebook", "1220")
		})
	}
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, f *servertest.Facebook) {
		for _, lie := range tell {
			lie(t, w, f)
		}
		byPassword(t, w)
	})
}

// Only the JSON value true is true: anything else is an address that was not verified, and so none.
func TestK10EmailVerifiedIsTrueOrItIsNot(t *testing.T) {
	for name, verified := range map[string]any{"string": "true", "null": nil, "number": 1, "false": false} {
		t.Run(name, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
				g.Now.Verified = verified
				w.Browser("gaia").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact")
				want(t, "contacts", len(person(t, w, "google", "107").Contacts), 0)
				want(t, "messages", len(w.Mails(g.Now.Email)), 0)
			})
		})
	}
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, f *servertest.Facebook) {
		f.Now.Email = "fabio@posta.test"
		f.Me = func(m map[string]any) { m["email_verified"], m["verified"] = true, true }
		w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		want(t, "contacts", len(person(t, w, "facebook", "1220").Contacts), 0)
	})
}

func TestTheProviderIsDeclinedAndTheSignInGoesOn(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, f *servertest.Facebook) {
		g.Denies, f.Denies = true, true
		b := w.Browser("guest").Open(w.RP1.Login())
		b.Click("Continue with Google").WantStep("login").Click("Continue with Facebook").WantStep("login").SignIn(w.U2)
		want(t, "by password", w.RP1.Last().Acr(), "sfa")
	})
}

// second_factor.social, each word a journey: how many steps the second and third sign-in have.
func TestWhenASocialSignInNeedsASecondStep(t *testing.T) {
	for word, c := range map[string]struct{ first, sameBrowser, newBrowser string }{
		string(acr.SocialFirstLogin): {"otp", "", ""},
		string(acr.SocialNewDevice):  {"otp", "", "otp"},
		string(acr.SocialAlways):     {"otp", "otp", "otp"},
		string(acr.SocialNever):      {"", "", ""},
	} {
		t.Run(word, func(t *testing.T) {
			at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
				signIn := func(what string, b *servertest.Browser, step string) {
					t.Helper()
					before := w.RP2.Answers()
					b.Open(w.RP2.Login()).WantStep("login").Click("Continue with Google")
					if step == "otp" {
						want(t, what+": answers before the second step", w.RP2.Answers(), before)
						b.GiveCode(w.Code(g.Now.Email))
					}
					want(t, what+": answers", w.RP2.Answers(), before+1)
					want(t, what+": error", w.RP2.Last().Error, "")
				}
				b := w.Browser("gaia")
				signIn("first", b, c.first)
				time.Sleep(13 * time.Hour) // the session is over, the browser is the same
				signIn("same browser", b, c.sameBrowser)
				time.Sleep(time.Hour)
				signIn("new browser", w.Browser("gaia elsewhere"), c.newBrowser)
			}, servertest.With(func(f *config.File) { f.SecondFactor.Social = word }))
		})
	}
}
