package servertest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// methodsOf are the methods of a person's factors, as they are at this moment.
func methodsOf(t *testing.T, w *servertest.World, p *servertest.Person) string {
	t.Helper()
	var out []string
	for _, f := range must(w.Store.Person(t.Context(), p.ID))(t).Factors {
		out = append(out, f.Method)
	}
	return strings.Join(out, " ")
}

// numberOn switches text messages on in the account area, and returns the reserve codes. The factor does not rest.
func numberOn(t *testing.T, w *servertest.World, b *servertest.Browser, p *servertest.Person) []string {
	t.Helper()
	w.SignedIn(b, w.RP1, p)
	b.Open(accountURL + "/factors/new")
	if b.Step() == "otp" {
		b.GiveCode(w.Code(p.Email))
	}
	b.WantStep("account_new").Submit("add-sms").WantStep("enrol_number")
	b.FillID("number", "+39.333 123 4567").Submit("number-submit").WantStep("enrol_code")
	b.FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit")
	codes := keepCodes(t, b)
	want(t, "factors", methodsOf(t, w, p), "sms")
	return codes
}

// swapURL is where the swap of a person's only factor begins.
func swapURL(t *testing.T, w *servertest.World, p *servertest.Person) string {
	t.Helper()
	return accountURL + "/factors/" + factorID(t, w, p) + "/swap"
}

// G12, help page of 2025: from text messages to the app. Whatever page the person stops at, the account has its factor.
func TestG12FromTextMessagesToTheAppWithoutAGap(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b, other := w.Browser("vera"), w.Browser("vera at work")
		former := numberOn(t, w, b, w.V)
		time.Sleep(20 * time.Minute)
		other.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp").WantText("567")
		time.Sleep(2 * time.Minute)
		other.Submit("resend").GiveCode(w.CodeTo(mobile, "sms"))
		grant := w.RP1.Last().Token.RefreshToken
		time.Sleep(20 * time.Minute)
		still := func(page string) {
			t.Helper()
			want(t, "factors at "+page, methodsOf(t, w, w.V), "sms")
			time.Sleep(2 * time.Minute)
			w.Browser("vera " + page).Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.V).WantStep("otp").WantText("567")
			time.Sleep(2 * time.Minute)
		}
		b.Open(accountURL + "/factors").Click("Switch to the Authenticator app").WantStep("otp").WantText("Confirm the removal").WantText("stay on until")
		still("confirmation")
		b.FillID("otp", "000000").Submit("otp-submit").WantStatus(422)
		if b.Has("resend") {
			b.Submit("resend")
		}
		b.WantStep("otp").FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("account_swap").WantText("Keep both methods")
		want(t, "factors once the old one is proved", methodsOf(t, w, w.V), "sms")
		b.Submit("swap-totp").WantStep("enrol_totp")
		want(t, "factors while the new one waits", methodsOf(t, w, w.V), "sms")
		app := &servertest.Person{Key: manualKey(t, b)}
		b.FillID("otp", notTheCode(app)).Submit("otp-submit").WantStatus(422).WantStep("enrol_totp")
		still("QR code")
		mails := bySubject(w, w.V.Email, "Verification method changed")
		b.FillID("otp", app.AppCode()).Submit("otp-submit").WantStep("account_door").WantText("Done. Sign in again with the app")

		want(t, "factors", methodsOf(t, w, w.V), "totp")
		want(t, "notices", bySubject(w, w.V.Email, "Verification method changed")-mails, 1)
		want(t, "the browser's session", b.Cookie(servertest.SSO, sessionCookie), "")
		other.Open(w.RP1.Login("prompt", "none"))
		want(t, "the other browser", w.RP1.Last().Error, "login_required")
		if _, err := w.RP1.Refresh(grant); err == nil {
			t.Error("a grant of before lives on")
		}
		for _, name := range []string{"factor.removed", "factor.added"} {
			last := w.Records(name)[0]
			want(t, name, string(last.Detail), `{"reason":"swap"}`)
		}
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		want(t, "reserve codes of before", row.RecoveryCodes, 0)

		time.Sleep(time.Minute)
		w.V.Key = app.Key
		b.Submit("sign-in").WantStep("login").SignIn(w.V).WantStep("otp")
		want(t, "a way by text message", strings.Contains(b.Text(), "567"), false)
		b.GiveCode(w.V.AppCode()).WantStep("recovery")
		b.Click("Show the codes")
		fresh := keepCodes(t, b)
		b.WantStep("account_factors")
		time.Sleep(time.Minute)
		t.Log("whoever has the old number and the password stays out")
		sim := w.Browser("thief with the number")
		sim.Open(w.RP1.Login("acr_values", "mfa", "scope", "openid dns")).SignIn(w.V).WantStep("otp")
		before := len(w.Sent(mobile, "sms")) + len(w.Sent(mobile, "whatsapp"))
		for _, c := range row.Contacts {
			for _, way := range []string{"sms:", "whatsapp:"} {
				sim.Open(sim.URL().Scheme + "://" + sim.URL().Host + sim.URL().Path + "?way=" + way + c.ID).WantStep("otp")
				sim.Post(sim.URL(), sim.URL().Path+"/send", url.Values{"way": {way + c.ID}}).WantStep("otp")
			}
		}
		want(t, "codes to the old number", len(w.Sent(mobile, "sms"))+len(w.Sent(mobile, "whatsapp")), before)
		recoverBy(w.Browser("vera, phone lost").Open(w.RP1.Login()).SignIn(w.V), former[0]).WantStatus(422)
		recoverBy(w.Browser("vera, phone lost again").Open(w.RP1.Login()).SignIn(w.V), fresh[0])
		want(t, "a new reserve code", w.RP1.Last().Error, "")
	}, servertest.ByPhone())
}

// G12: the way back takes the password, because a number is easier to steal than an app.
func TestG12FromTheAppToTextMessagesTakesThePassword(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		time.Sleep(time.Minute)
		b.Open(swapURL(t, w, w.U1)).WantStep("otp").WantText("Confirm the removal").GiveCode(w.U1.AppCode()).WantStep("account_swap")
		b.Submit("swap-sms").WantStep("enrol_number")
		b.FillID("number", "333 1234567").FillID("password", "not the password at all").Submit("number-submit").WantStatus(422).WantStep("enrol_number")
		page := b.URL()
		b.Tab("without").Post(page, swapURL(t, w, w.U1)+"/enrol", url.Values{"method": {"sms"}, "number": {mobile}}).WantStatus(422)
		b.Tab("other channel").Post(page, swapURL(t, w, w.U1)+"/enrol", url.Values{"method": {"whatsapp"}, "number": {mobile}}).WantStatus(422)
		b.Tab("unnamed").Post(page, swapURL(t, w, w.U1)+"/enrol", url.Values{"number": {mobile}}).WantStep("account_swap")
		want(t, "messages before the password", len(w.Mails(mobile)), 0)
		b.FillID("number", mobile).FillID("password", w.U1.Password).Submit("number-submit").WantStep("enrol_code")
		want(t, "factors", methodsOf(t, w, w.U1), "totp")
		b.FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("account_door").WantText("Done. Sign in again with a code by SMS")
		want(t, "factors", methodsOf(t, w, w.U1), "sms")
		row := must(w.Store.Person(t.Context(), w.U1.ID))(t)
		want(t, "rests", row.Factors[0].RestsUntil.IsZero(), true)
		time.Sleep(2 * time.Minute)
		b.Submit("sign-in").WantStep("login").SignIn(w.U1).WantStep("otp").FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("recovery")
	}, servertest.ByPhone())
}

// G12: two tabs, and a swap beside a removal. The newest enrolment is the one, and what ended has no second end.
func TestG12TwoTabsOfASwapDoOne(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		numberOn(t, w, b, w.V)
		time.Sleep(20 * time.Minute)
		b.Open(swapURL(t, w, w.V)).FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("account_swap")
		one, two := b.Tab("one"), b.Tab("two")
		one.Open(b.URL().String()).Submit("swap-totp").WantStep("enrol_totp")
		two.Open(b.URL().String()).Submit("swap-totp").WantStep("enrol_totp")
		first, second := &servertest.Person{Key: manualKey(t, one)}, &servertest.Person{Key: manualKey(t, two)}
		one.FillID("otp", first.AppCode()).Submit("otp-submit").WantStep("account_factors")
		want(t, "factors after the older page", methodsOf(t, w, w.V), "sms")
		aside := b.Tab("aside").Open(accountURL + "/factors/" + factorID(t, w, w.V) + "/remove").WantStep("account_remove")
		two.FillID("otp", second.AppCode()).Submit("otp-submit").WantStep("account_door")
		want(t, "factors after the newer page", methodsOf(t, w, w.V), "totp")
		aside.FillID("password", w.V.Password).Submit("remove-submit").WantStep("login")
		two.Open(accountURL + "/factors").WantStep("login")
		want(t, "factors in the end", methodsOf(t, w, w.V), "totp")
	}, servertest.ByPhone())
}

// G12: both may be kept; the enrolment of one act is worthless in the other.
func TestG12BothMethodsMayBeKept(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		numberOn(t, w, b, w.V)
		time.Sleep(20 * time.Minute)
		swap := swapURL(t, w, w.V)
		b.Open(swap).FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("account_swap")
		b.Click("Keep both methods").WantStep("account_new").Submit("add-totp").WantStep("enrol_totp")
		app := &servertest.Person{Key: manualKey(t, b)}
		form := url.Values{"method": {"totp"}, "ticket": {ticketOf(b)}, "otp": {app.AppCode()}}
		b.Tab("swap").Post(b.URL(), swap+"/enrol/confirm", form).WantStep("account_factors")
		want(t, "factors", methodsOf(t, w, w.V), "sms")
		b.FillID("otp", app.AppCode()).Submit("otp-submit").WantStep("account_factors")
		want(t, "factors", methodsOf(t, w, w.V), "sms totp")
		want(t, "a swap is offered", strings.Contains(string(b.Body()), "/swap\""), false)
		b.Open(swap).WantStep("account_factors")
	}, servertest.ByPhone())
}

// G12, the thief's rows. Nothing but the factor itself, or a reserve code in its place, given for the swap, opens it.
func TestG12ASwapTakesTheOldFactorItself(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		codes := numberOn(t, w, b, w.V)
		swap := swapURL(t, w, w.V)
		asked := func(who string, thief *servertest.Browser) *servertest.Browser {
			t.Helper()
			thief.Open(swap).WantStep("otp").WantText("567")
			want(t, who+": a way by mail", strings.Contains(thief.Text(), w.V.Email[:1]+"•"), false)
			page := thief.URL()
			for _, path := range []string{"/enrol", "/enrol/confirm", "/enrol/code", "/enrol/send"} {
				thief.Tab(who+path).Post(page, swap+path, url.Values{"method": {"totp"}, "otp": {"123456"}}).WantStep("otp")
			}
			want(t, who+": factors", methodsOf(t, w, w.V), "sms")
			return thief
		}
		carry := func(name string) *servertest.Browser {
			thief := w.Browser(name)
			for _, c := range b.Cookies(servertest.SSO) {
				thief.SetCookie(servertest.SSO, &http.Cookie{Name: c.Name, Value: c.Value, Path: "/", Secure: true})
			}
			return thief
		}
		asked("a cookie stolen at mfa a moment ago", carry("thief"))
		time.Sleep(20 * time.Minute)
		asked("a cookie stolen long ago", carry("late thief"))
		time.Sleep(2 * time.Minute)
		half := w.Browser("password only")
		half.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp")
		asked("password only", half)

		time.Sleep(20 * time.Minute)
		v := w.Browser("ugo")
		w.SignedIn(v, w.RP1, w.U1)
		v.Open(swap).WantStatus(404)
		w.Browser("nobody").Open(swap).WantStep("login")

		time.Sleep(20 * time.Minute)
		recoverBy(b.Open(swap), codes[0]).WantStep("account_swap").Submit("swap-totp").WantStep("enrol_totp")
		time.Sleep(16 * time.Minute)
		app := &servertest.Person{Key: manualKey(t, b)}
		b.FillID("otp", app.AppCode()).Submit("otp-submit").WantStep("otp")
		want(t, "factors after a proof that is too old", methodsOf(t, w, w.V), "sms")
	}, servertest.ByPhone())
}

// G12: a factor that takes no codes is not swapped away, whoever made it so; a reserve code does not help.
func TestG12AFactorThatRestsFromGuessesIsNotSwappedAway(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("ugo")
		w.SignedIn(b, w.RP1, w.U1)
		time.Sleep(time.Minute)
		swap := swapURL(t, w, w.U1)
		b.Open(swap).WantStep("otp").GiveCode(w.U1.AppCode()).WantStep("account_swap")
		guess := b.Tab("guess").Open(accountURL + "/confirm/sessions")
		time.Sleep(4 * time.Minute)
		guess.Open(accountURL + "/factors/" + factorID(t, w, w.U1) + "/remove")
		thief := w.Browser("thief")
		thief.Open(w.RP1.Login("acr_values", "mfa")).SignIn(w.U1).WantStep("otp")
		for range 10 {
			thief.GiveCode(notTheCode(w.U1))
		}
		b.Open(swap).WantStep("account_factors").WantText("Paused until")
		b.Post(b.URL(), swap+"/enrol", url.Values{"method": {"totp"}}).WantStep("account_factors")
		b.Open(accountURL + "/confirm/swap." + factorID(t, w, w.U1)).WantStep("account_factors")
		f := must(w.Store.Factor(t.Context(), w.U1.ID, factorID(t, w, w.U1)))(t)
		f.Disabled = true
		if err := w.Store.PutFactor(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		b.Open(swap).WantStatus(403)
		want(t, "factors", methodsOf(t, w, w.U1), "totp")
	}, servertest.ByPhone())
}

// G12: what rests goes on resting in its new shape.
func TestG12ASwapWashesNoWeakProof(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		numberOn(t, w, b, w.V)
		f := must(w.Store.Factor(t.Context(), w.V.ID, factorID(t, w, w.V)))(t)
		f.RestsUntil = time.Now().Add(10 * time.Hour)
		if err := w.Store.PutFactor(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		b.Open(swapURL(t, w, w.V)).FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("account_swap").Submit("swap-totp")
		app := &servertest.Person{Key: manualKey(t, b)}
		b.FillID("otp", app.AppCode()).Submit("otp-submit").WantStep("account_door")
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		if len(row.Factors) != 1 || row.Factors[0].RestsUntil.Before(f.RestsUntil) {
			t.Errorf("the app counts before the number would have: %+v", row.Factors[0])
		}
	}, servertest.ByPhone())
}
