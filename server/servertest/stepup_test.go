package servertest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

const (
	essentialMFA  = `{"id_token":{"acr":{"essential":true,"value":"mfa"}}}`
	essentialNone = `{"id_token":{"acr":{"essential":true,"values":["urn:nobody:knows"]}}}`
	refedsMFA     = "https://refeds.org/profile/mfa"
)

// E06: the panel sends nothing but the scope.
func TestE06ScopeWithAFloorAsksByItself(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		want(t, "acr", w.SignedIn(b, w.RP2, w.U2).Acr(), "sfa")
		b.Open(w.RP2.Login("scope", "openid billing", "prompt", "none"))
		want(t, "prompt=none", w.RP2.Last().Error, "interaction_required")
		b.Open(w.RP2.Login("scope", "openid billing")).WantStep("otp").WantText("Billing and contact details")
		b.GiveCode(w.Code(w.U2.Email))
		want(t, "acr", w.RP2.Last().Acr(), "mfa")
		want(t, "billing granted", w.RP2.Last().Scoped("billing"), true)
	})
}

// Who calls the help desk asks why: the code that was sent, what was entered, and the code for the panel have the rule on record,
// and `soglia audit` says it in words.
func TestTheRecordsOfAStepSayWhyItWasAsked(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP2, w.U2)
		want(t, "the code for a first step", w.Records("authz.granted")[0].Reason, "")
		b.Open(w.RP2.Login("scope", "openid billing")).WantStep("otp")
		b.GiveCode("000000")
		b.GiveCode(w.Code(w.U2.Email))
		for name, detail := range map[string]string{
			"mfa.sent": `{"acr":"mfa","because":"scope_floor"}`,
			"mfa.fail": `{"method":"email","acr":"mfa","because":"scope_floor"}`,
			"mfa.ok":   `{"acr":"mfa","because":"scope_floor"}`,
		} {
			rec := w.Records(name)[0]
			want(t, name, string(rec.Detail), detail)
			want(t, name+" in words", strings.Contains(string(audit.Line(rec)), acr.ReasonScopeFloor.Words()), true)
		}
		var reasons []string
		for _, rec := range w.Records("authz.granted") {
			reasons = append(reasons, rec.Reason)
		}
		slices.Sort(reasons) // the bubble's clock stands still
		want(t, "the codes for the panel", strings.Join(reasons, ","), ",scope_floor")
	})
}

func TestDecliningIsAccessDeniedAndLeavesTheSessionAsItWas(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP2, w.U2)
		b.Open(w.RP2.Login("scope", "openid billing", "state", strings.Repeat("s", 128))).WantStep("otp").Submit("cancel")
		want(t, "error", w.RP2.Last().Error, "access_denied")
		want(t, "state", w.RP2.Last().State, strings.Repeat("s", 128))
		b.Open(w.RP2.Login("prompt", "none"))
		want(t, "still signed in", w.RP2.Last().Acr(), "sfa")
	})
}

// E05, and row 8: nobody can, so no page is shown, and never sfa.
func TestE05EssentialLevelThatCannotBeReached(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		alone := w.Create(&servertest.Person{Username: "nemo", Password: "un faro senza luce"})
		b := w.Browser("nemo")
		want(t, "plain sign-in", w.SignedIn(b, w.RP1, alone).Acr(), "sfa")
		for _, params := range [][]string{{"claims", essentialMFA}, {"acr_values", "mfa"}, {"claims", essentialNone}, {"claims", essentialMFA, "prompt", "none"}} {
			b.Open(w.RP1.Login(params...))
			want(t, strings.Join(params, " "), w.RP1.Last().Error, "unmet_authentication_requirements")
		}
		// Unknown values that are not essential are no demand (row 7).
		b.Open(w.RP1.Login("acr_values", "urn:nobody:knows"))
		want(t, "unknown acr_values", w.RP1.Last().Acr(), "sfa")
	})
}

func TestEssentialLevelCancelledIsAccessDenied(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("claims", essentialMFA)).WantStep("otp").Submit("cancel")
		want(t, "error", w.RP1.Last().Error, "access_denied")
	})
}

// E04: rows 3 to 7 and 9 of acr/table_test.go.
func TestE04AcrValuesFromAPasswordAndFromAnMFASession(t *testing.T) {
	for _, c := range []struct {
		acrValues  string
		none       string // answer under prompt=none from a password session: acr or error
		asks       bool   // a code, from a password session
		afterSFA   string // answered acr then
		inMFA      string // answered acr from an mfa session, without a page
		afterQuits string // acr or error when the person cancels; "" = nothing is asked
	}{
		{"mfa", "interaction_required", true, "mfa", "mfa", "access_denied"},
		{"mfa sfa", "sfa", true, "mfa", "mfa", "sfa"},
		{"sfa mfa", "sfa", false, "sfa", "sfa", ""},
		{"unknown mfa", "interaction_required", true, "mfa", "mfa", "access_denied"},
		{"unknown", "sfa", false, "sfa", "mfa", ""},
		{refedsMFA, "interaction_required", true, refedsMFA, refedsMFA, "access_denied"},
	} {
		t.Run(c.acrValues, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("dora")
				w.SignedIn(b, w.RP1, w.U2)
				answer := func() string {
					if r := w.RP1.Last(); r.Error != "" {
						return r.Error
					}
					return w.RP1.Last().Acr()
				}
				b.Open(w.RP1.Login("acr_values", c.acrValues, "prompt", "none"))
				want(t, "prompt=none", answer(), c.none)
				if c.afterQuits != "" {
					b.Open(w.RP1.Login("acr_values", c.acrValues)).WantStep("otp").Submit("cancel")
					want(t, "declined", answer(), c.afterQuits)
				}
				time.Sleep(2 * time.Minute) // the resend timer
				b.Open(w.RP1.Login("acr_values", c.acrValues))
				if c.asks {
					b.GiveCode(w.Code(w.U2.Email))
				} else {
					noPage(t, b)
				}
				want(t, "from a password session", answer(), c.afterSFA)
				if !c.asks {
					b.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
				}
				b.Open(w.RP1.Login("acr_values", c.acrValues, "scope", "openid")) // a granted area would raise the answer to its floor
				noPage(t, b)
				want(t, "from an mfa session", answer(), c.inMFA)
			})
		})
	}
}

func TestAcrValuesFromAPasswordSessionAsksTheFactorOnly(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		signed := w.SignedIn(b, w.RP1, w.U1) // app asked at sign-in: it is enrolled
		want(t, "acr", signed.Acr(), "mfa")
		fresh := w.Browser("dora")
		w.SignedIn(fresh, w.RP1, w.U2)
		fresh.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		want(t, "a password field", fresh.Has("password"), false)
	})
}

// Row 26: whoever has an app is never offered the mailbox, whatever the browser posts.
func TestOwnFactorCannotBeTradedForAMailbox(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		b.Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
		page := b.URL()
		for _, path := range []string{"/way", "/send"} {
			for _, way := range []string{"email", "email:", "email:" + w.U1.Email, ""} {
				b.Post(page, page.Path+path, map[string][]string{"way": {way}})
				if b.Step() == "otp" && strings.Contains(b.Text(), "•••@") {
					t.Errorf("POST %s way=%q offers a mailbox", path, way)
				}
			}
		}
		want(t, "codes by e-mail", w.Codes(w.U1.Email), 0)
		want(t, "answers", w.RP1.Answers(), 0)
	})
}

// E07, rows 17 to 21.
func TestE07MaxAgeAndPromptLogin(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		first := w.SignedIn(b, w.RP1, w.U1)

		time.Sleep(2 * time.Minute)
		b.Open(w.RP1.Login("max_age", "10000"))
		noPage(t, b)
		want(t, "auth_time within max_age", w.RP1.Last().AuthTime(), first.AuthTime())
		b.Open(w.RP1.Login("max_age", "60", "prompt", "none"))
		if w.RP1.Last().Error == "" {
			t.Error("max_age=60 after two minutes was answered without a question")
		}

		for _, params := range [][]string{{"max_age", "60"}, {"max_age", "0"}, {"prompt", "login"}} {
			time.Sleep(2 * time.Minute)
			before, began := w.RP1.Answers(), time.Now()
			b.Open(w.RP1.Login(params...))
			for b.URL().Host == servertest.SSO {
				if b.Step() == "login" {
					b.FillID("password", w.U1.Password).Submit("login-submit")
				} else {
					b.GiveCode(w.U1.AppCode())
				}
				if time.Sleep(31 * time.Second); w.RP1.Answers() > before+1 {
					t.Fatal("more than one answer")
				}
			}
			got := w.RP1.Last()
			want(t, strings.Join(params, "=")+": error", got.Error, "")
			if got.AuthTime() < began.Unix() {
				t.Errorf("%v: auth_time %d is older than the request at %d", params, got.AuthTime(), began.Unix())
			}
			want(t, "one person, one sid", got.Claims["sid"], first.Claims["sid"])
		}
	})
}

// E16: one step-up serves every panel; a browser that strips acr_values gets a true, low acr.
func TestE16OneStepUpServesAllPanelsAndTheAnswerNeverLies(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		tampered := strings.Replace(w.RP1.Authorize(map[string][]string{"acr_values": {"mfa"}, "scope": {"openid dns"}}), "acr_values=mfa", "acr_values=sfa", 1)
		b.Open("https://" + servertest.Panel + "/") // the state cookie comes with the panel's own redirect; here only the answer counts
		b.Do("GET", tampered, nil)
		if to := b.Header().Get("Location"); !strings.Contains(to, "code=") {
			t.Fatalf("tampered request: %d %s", b.Status(), to)
		}
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "sfa"))
		want(t, "acr when sfa was asked", w.RP1.Last().Acr(), "sfa")
		want(t, "dns when sfa was asked", w.RP1.Last().Scoped("dns"), false)
		time.Sleep(2 * time.Minute)
		b.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
		b.Open(w.RP2.Login("scope", "openid dns", "acr_values", "mfa"))
		noPage(t, b)
		want(t, "the other panel", w.RP2.Last().Acr(), "mfa")
	})
}

// Promise 5: work inside a panel counts as activity, and what was proved stays proved.
func TestTwoHoursOfRefreshesThenDNSWithoutAQuestion(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa", "scope", "openid billing")).GiveCode(w.Code(w.U2.Email))
		got := w.RP1.Last()
		first := got
		for range 24 {
			time.Sleep(5 * time.Minute)
			next, err := w.RP1.Refresh(got.Token.RefreshToken)
			if err != nil {
				t.Fatalf("refresh after %s: %v", time.Since(time.Unix(first.AuthTime(), 0)), err)
			}
			want(t, "acr after a refresh", next.Acr(), "mfa")
			want(t, "auth_time after a refresh", next.AuthTime(), first.AuthTime())
			got = next
		}
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa"))
		noPage(t, b)
		want(t, "acr for DNS", w.RP1.Last().Acr(), "mfa")
		want(t, "dns granted", w.RP1.Last().Scoped("dns"), true)
	}, servertest.With(func(f *config.File) { f.Sessions.Idle = 15 * time.Minute }))
}

// docs/conventions.md: activity is pages, refresh, userinfo, introspection. A panel that only asks
// userinfo keeps its person in.
func TestUserinfoCountsAsActivity(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP1, w.U2)
		for range 8 {
			time.Sleep(time.Minute)
			want(t, "userinfo", w.RP1.UserInfoStatus(got.Token.AccessToken), 200)
		}
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "silent sign-on after 8 minutes with userinfo every minute", w.RP1.Last().Error, "")
		time.Sleep(6 * time.Minute)
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "and after 6 idle ones", w.RP1.Last().Error, "login_required")
	}, servertest.With(func(f *config.File) { f.Sessions.Idle = 5 * time.Minute }))
}
