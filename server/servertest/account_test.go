package servertest_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

const accountURL = "https://" + servertest.SSO + "/account"

// factorID is the id of a person's only factor.
func factorID(t *testing.T, w *servertest.World, p *servertest.Person) string {
	t.Helper()
	row, err := w.Store.Person(context.Background(), p.ID)
	if err != nil || len(row.Factors) != 1 {
		t.Fatalf("%s has %d factors (%v)", p.Username, len(row.Factors), err)
	}
	return row.Factors[0].ID
}

func TestAccountIsBehindADoorAndTellsThePreviousAccess(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		stranger := w.Browser("stranger")
		stranger.Open(accountURL).WantStep("login")
		want(t, "D12: the way to the door", stranger.Chain()[0].Status, 302)
		for _, path := range []string{"/factors", "/sessions", "/panels", "/confirm/sessions"} {
			stranger.Open(accountURL + path).WantStep("login")
		}
		first := w.Browser("dora at the office")
		first.IP = "198.51.100.7"
		w.SignedIn(first, w.RP1, w.U2)
		first.Open(accountURL).WantStep("account").WantText("This is your first sign-in.")
		time.Sleep(26 * time.Hour)
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(accountURL).WantStep("account").WantText("dora")
		for _, part := range []string{"198.51.100.7", "Firefox, Linux"} {
			if !strings.Contains(b.TextOf("previous-access"), part) {
				t.Errorf("the previous access is %q, want %s in it", b.TextOf("previous-access"), part)
			}
		}
		if strings.Contains(b.Text(), w.U2.Email) {
			t.Error("an address stands unmasked on the page")
		}
		want(t, "Cache-Control", b.Header().Get("Cache-Control"), "no-store")
	})
}

// E01: between password and second step nobody is inside.
func TestE01AccountOpensOnlyAfterTheSecondStepThePersonChose(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		b.Open(w.RP1.Login()).SignIn(w.U1).WantStep("otp")
		for _, path := range []string{"", "/factors", "/sessions", "/panels", "/factors/" + factorID(t, w, w.U1) + "/remove"} {
			b.Open(accountURL + path).WantStep("otp")
		}
		from := b.URL()
		b.Post(from, accountURL+"/sessions/everywhere", nil).WantStep("otp")
		b.Submit("cancel").WantStep("account_door")
		b.Open(accountURL).WantStep("otp")
		b.GiveCode(notTheCode(w.U1)).WantStatus(422)
		before := b.Cookie(servertest.SSO, sessionCookie)
		b.GiveCode(w.U1.AppCode()).WantStep("account")
		if b.Cookie(servertest.SSO, sessionCookie) == before {
			t.Error("L01: the session id is the same after the second step")
		}
	})
}

// G06, help promise 7: removing the app costs as much as the app gives.
func TestG06RemovalOfAFactorNeedsPasswordAndFreshFactor(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		id := factorID(t, w, w.U1)
		remove := accountURL + "/factors/" + id + "/remove"
		still := func(what string) {
			t.Helper()
			factorID(t, w, w.U1)
			want(t, what+": factor.removed", len(w.Records("factor.removed")), 0)
		}
		other := w.Browser("ugo at home")
		w.SignedIn(other, w.RP2, w.U1)
		b := w.Browser("ugo")
		time.Sleep(time.Minute)
		want(t, "acr", w.SignedIn(b, w.RP1, w.U1, "acr_values", "mfa").Acr(), "mfa")
		time.Sleep(20 * time.Minute)

		b.Open(accountURL + "/factors").WantStep("account_factors")
		page := b.URL()
		b.Post(page, remove, url.Values{"password": {w.U1.Password}}).WantStep("otp")
		still("stale mfa")
		evil, _ := url.Parse("https://" + servertest.Evil + "/")
		b.GiveCode(w.U1.AppCode()).WantStep("account_remove")
		page = b.URL()
		b.Tab("csrf").Post(evil, remove, url.Values{"password": {w.U1.Password}}).WantStatus(403)
		still("CSRF")
		b.Tab("get").Open(remove + "?password=" + url.QueryEscape(w.U1.Password)).WantStep("account_remove")
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch} {
			b.Tab(method).Do(method, remove, url.Values{"password": {w.U1.Password}}).WantStatus(405)
		}
		still("verb tampering")
		b.FillID("password", "not the password at all").Submit("remove-submit").WantStatus(422)
		b.Tab("none").Post(page, remove, url.Values{}).WantStatus(422)
		still("wrong password")

		v := w.Browser("vera")
		w.SignedIn(v, w.RP1, w.V)
		v.Open(accountURL + "/sessions")
		v.Open(remove).WantStatus(404)
		v.Post(page, remove, url.Values{"password": {w.V.Password}}).WantStatus(404)
		still("another person's factor id")

		before := b.Cookie(servertest.SSO, sessionCookie)
		mails := len(w.Mails(w.U1.Email))
		b.FillID("password", w.U1.Password).Submit("remove-submit").WantStep("account_door").WantText("Method switched off")
		if before == "" || b.Cookie(servertest.SSO, sessionCookie) != "" {
			t.Error("the browser still has a session")
		}
		want(t, "factor.removed", len(w.Records("factor.removed")), 1)
		want(t, "mails to the contact", len(w.Mails(w.U1.Email))-mails, 1)
		time.Sleep(time.Second) // what happens in the same microsecond counts as before
		for name, who := range map[string]*servertest.Browser{"this browser": b, "the other": other} {
			who.Open(w.RP1.Login("prompt", "none"))
			want(t, name+" afterwards", w.RP1.Last().Error, "login_required")
		}
		b.Open(accountURL).WantStep("login")
		want(t, "acr of the next sign-in", w.SignedIn(b, w.RP1, w.U1).Acr(), "sfa")
	})
}

// A code to the mailbox from before the app was switched on does not come back to life when the app goes.
func TestRemovalTakesEverySecondStepWithIt(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(accountURL + "/factors/new").WantStep("otp")
		b.GiveCode(w.Code(w.U2.Email)).WantStep("account_new").Submit("add-totp").WantStep("enrol_totp")
		w.U2.Key = manualKey(t, b)
		b.FillID("otp", notTheCode(w.U2)).Submit("otp-submit").WantStatus(422).WantStep("enrol_totp")
		b.FillID("otp", w.U2.AppCode()).Submit("otp-submit")
		want(t, "factor.added", len(w.Records("factor.added")), 1)
		keepCodes(t, b)
		b.WantStep("account_factors").WantText("You have 10 recovery codes left")
		b.Open(w.RP1.Login("prompt", "none"))
		want(t, "acr with the app", w.RP1.Last().Acr(), "mfa")

		time.Sleep(time.Minute)
		b.Open(accountURL + "/factors/" + factorID(t, w, w.U2) + "/remove").WantStep("account_remove")
		b.FillID("password", w.U2.Password).Submit("remove-submit").WantStep("account_door")
		time.Sleep(time.Second)
		want(t, "acr without", w.SignedIn(b, w.RP1, w.U2).Acr(), "sfa")
		row, err := w.Store.Person(context.Background(), w.U2.ID)
		if err != nil || len(row.Factors) > 0 {
			t.Errorf("%d factors left (%v)", len(row.Factors), err)
		}
	})
}

// G08: new reserve codes stand behind the factor itself; the former ones die with the confirmation, not before.
func TestG08ReserveCodesAreRenewedBehindTheFactorAndOpenItsRemoval(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		former := withCodes(t, w, b, w.U2)
		time.Sleep(20 * time.Minute)
		b.Open(accountURL + "/factors").Submit("recovery-renew").WantStep("otp").GiveCode(w.U2.AppCode())
		b.WantStep("account_factors").Submit("recovery-renew").WantStep("recovery_codes")
		left := b.URL()
		b.Open(left.String()).WantStep("account_factors") // codes are never the answer to a GET
		b.Open(accountURL + "/factors").Submit("recovery-renew").WantStep("recovery_codes")
		b.FillID("otp", former[0]).Submit("otp-submit").WantStatus(422)
		fresh := keepCodes(t, b)
		b.WantStep("account_factors").WantText("The new recovery codes are active")

		time.Sleep(20 * time.Minute)
		remove := accountURL + "/factors/" + factorID(t, w, w.U2) + "/remove"
		recoverBy(b.Open(remove), former[1]).WantStatus(422)
		b.FillID("otp", fresh[1]).Submit("otp-submit").WantStep("account_remove")
		b.FillID("password", w.U2.Password).Submit("remove-submit").WantStep("account_door")
		time.Sleep(time.Second)
		want(t, "acr: the reserve code went with the factor", w.SignedIn(b, w.RP1, w.U2).Acr(), "sfa")
		row, err := w.Store.Person(context.Background(), w.U2.ID)
		if err != nil || row.RecoveryCodes > 0 {
			t.Errorf("%d reserve codes left (%v)", row.RecoveryCodes, err)
		}
	})
}

// A reserve code is told of wherever it is used: in the account area as at a sign-in.
func TestQ02G08AReserveCodeUsedInTheAccountAreaIsTold(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		codes := withCodes(t, w, b, w.U2)
		time.Sleep(20 * time.Minute)
		recoverBy(b.Open(accountURL+"/factors/"+factorID(t, w, w.U2)+"/remove"), codes[0]).WantStep("account_remove")
		want(t, "mails", bySubject(w, w.U2.Email, "A recovery code was used"), 1)
	})
}

// A first social sign-in that waits for its second step reaches nothing here.
func TestAccountIsClosedToAQuarantine(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("carla")
		viaSocial(b.Open(w.RP1.Login()), w.Carla).WantStep("otp")
		page := b.URL()
		for _, row := range w.Server.Routes() {
			path := strings.NewReplacer("{factor}", "x", "{contact}", "x", "{action}", "sessions", "{id}", "x", "{code}", "x").Replace(row.Pattern)
			if !strings.HasPrefix(path, "/account") {
				continue
			}
			step := "otp" // a sign-in for the account, which the quarantine has not finished either
			switch path {
			case "/account/door":
				step = "account_door"
			case "/account/sign-in/x", "/account/delivery/x":
				step = "error"
			}
			time.Sleep(10 * time.Second) // each begins a sign-in, and so many at once are a flood
			tab := b.Tab(path)
			if row.Methods[0] == http.MethodPost {
				tab.Post(page, origin+path, url.Values{"password": {"x"}}).WantStep(step)
				continue
			}
			tab.Open(origin + path).WantStep(step)
		}
	})
}

// Removing the last usable factor clears "proved at" of linked logins (Q67).
func TestRemovingTheLastFactorUnprovesLinkedLogins(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		ctx := context.Background()
		err := w.Store.PutIdentity(ctx, &storage.Identity{Provider: "social", Subject: "s1", PersonID: w.U1.ID, ProvedAt: time.Now(), Created: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		b.Open(accountURL + "/factors/" + factorID(t, w, w.U1) + "/remove").WantStep("account_remove")
		b.FillID("password", w.U1.Password).Submit("remove-submit").WantStep("account_door")
		row, err := w.Store.Person(ctx, w.U1.ID)
		if err != nil || len(row.Identities) != 1 || !row.Identities[0].ProvedAt.IsZero() {
			t.Errorf("the link is still proved: %+v (%v)", row.Identities, err)
		}
	})
}

// D13, T06: the person's own list; ending needs a fresh step and holds at once on both instances.
func TestD13SessionsAreListedAndEndedOnBothInstances(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		second := w.Second()
		lost := w.Browser("dora's lost phone")
		lost.IP, lost.UserAgent = "198.51.100.44", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/605"
		stolen := w.SignedIn(lost, w.RP1, w.U2)
		vera := w.Browser("vera")
		w.SignedIn(vera, w.RP2, w.V)
		veras, err := w.Store.SessionsOf(context.Background(), w.V.ID, time.Now())
		if err != nil || len(veras) != 1 {
			t.Fatal(len(veras), err)
		}
		b := w.Browser("dora")
		w.SignedIn(b, w.RP2, w.U2)
		b.Open(accountURL + "/sessions").WantStep("account_sessions").WantText("198.51.100.44").WantText("Safari, iOS").WantText("This device")
		page := b.URL()
		sessions, err := w.Store.SessionsOf(context.Background(), w.U2.ID, time.Now())
		if err != nil || len(sessions) != 2 {
			t.Fatal(len(sessions), err)
		}
		at := slices.IndexFunc(sessions, func(s *storage.Session) bool { return s.IP == lost.IP })
		b.Submit("end-" + sessions[at].ID).WantStep("otp")
		lost.Open(accountURL).WantStep("account") // not yet
		b.GiveCode(w.Code(w.U2.Email)).WantStep("account_sessions")

		w.Route(func(*http.Request) *server.Server { return second })
		lost.Open(accountURL).WantStep("account")
		w.Route(func(*http.Request) *server.Server { return w.Server })
		b.Submit("end-" + sessions[at].ID).WantStep("account_sessions").WantText("Done")
		w.Route(func(*http.Request) *server.Server { return second })
		lost.Open(accountURL).WantStep("login")
		lost.Open(w.RP1.Login("prompt", "none"))
		want(t, "the ended session", w.RP1.Last().Error, "login_required")
		want(t, "its access token", w.RP1.UserInfoStatus(stolen.Token.AccessToken), 401)

		b.Post(page, accountURL+"/sessions/end", url.Values{"session": {veras[0].ID}})
		vera.Open(accountURL).WantStep("account")

		time.Sleep(time.Minute)
		w.SignedIn(lost, w.RP1, w.U2)
		b.Open(accountURL + "/sessions").Submit("end-others").WantStep("account_sessions")
		lost.Open(accountURL).WantStep("login")
		b.Open(accountURL).WantStep("account")
		w.SignedIn(lost, w.RP1, w.U2)
		lost.Open(accountURL + "/sessions").Submit("sign-out-everywhere").WantStep("logged_out")
		b.Open(accountURL).WantStep("login")
		lost.Open(accountURL).WantStep("login")
		vera.Open(accountURL).WantStep("account")
	}, servertest.OnPostgres())
}

func TestConnectedPanelsAreListedAndDisconnected(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		now := time.Now()
		err := w.Store.PutConsent(context.Background(), &storage.Consent{PersonID: w.U2.ID, ClientID: "panel2", Scopes: []string{"openid", "dns"}, Created: now, Updated: now})
		if err != nil {
			t.Fatal(err)
		}
		b := w.Browser("dora")
		got := w.SignedIn(b, w.RP2, w.U2, "scope", "openid offline_access")
		b.Open(accountURL + "/panels").WantStep("account_panels").WantText("DNS Partner").WantText("DNS and technical settings")
		b.Submit("revoke-panel2").WantStep("account_panels").WantText("was disconnected").WantText("You haven’t allowed any outside panel")
		want(t, "its access token", w.RP2.UserInfoStatus(got.Token.AccessToken), 401)
		want(t, "consent.revoked", len(w.Records("consent.revoked")), 1)
		b.Open(accountURL).WantStep("account")
	})
}

// L01: another person's sign-in in the same browser ends the session that was there, and nothing of it passes over.
func TestL01SecondPersonInTheSameBrowserSignsTheFirstOut(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("shared")
		hers := w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("acr_values", "mfa")).GiveCode(w.Code(w.U2.Email))
		old := b.Cookie(servertest.SSO, sessionCookie)
		b.Open(w.RP1.Login("prompt", "login")).WantStep("login").FillID("username", w.V.Username).FillID("password", w.V.Password).Submit("login-submit")
		want(t, "the new session", w.RP1.Last().Acr(), "sfa")
		want(t, "the access token of the first", w.RP1.UserInfoStatus(hers.Token.AccessToken), 401)
		b.Open(accountURL).WantStep("account").WantText("vera").WantText("This is your first sign-in.")
		thief := w.Browser("back button")
		thief.SetCookie(servertest.SSO, &http.Cookie{Name: sessionCookie, Value: old, Path: "/", Secure: true})
		thief.Open(accountURL).WantStep("login")
	})
}

// Pages are activity; the absolute limit holds whatever happens.
func TestAccountPagesKeepASessionAliveUntilItsAbsoluteLimit(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.Config.Sessions.Idle, w.Config.Sessions.Absolute = time.Hour, 3*time.Hour
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		for range 3 {
			time.Sleep(50 * time.Minute)
			b.Open(accountURL).WantStep("account")
		}
		time.Sleep(35 * time.Minute)
		b.Open(accountURL).WantStep("login")
		w.SignedIn(b, w.RP1, w.U2)
		time.Sleep(61 * time.Minute)
		b.Open(accountURL).WantStep("login")
	})
}

// Who has nothing left that could verify them reads that, and not that there is no contact.
func TestAFactorThatIsOffLeavesTheHelpDeskAndAPageThatSaysWhy(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		f := must(w.Store.Factor(t.Context(), w.U1.ID, factorID(t, w, w.U1)))(t)
		f.Disabled = true
		if err := w.Store.PutFactor(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		b := w.Browser("ugo")
		b.Open(w.RP1.Login()).SignIn(w.U1)
		want(t, "the panel", w.RP1.Last().Error, acr.ErrUnmet)
		b.Open(accountURL + "/factors").WantStatus(403).WantText("Contact support")
		want(t, "says that there is no contact", strings.Contains(b.Text(), "no contact yet"), false)
	})
}
