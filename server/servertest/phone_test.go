package servertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

const (
	mobile    = "+393331234567"
	byChat    = "Send it by WhatsApp to ••• ••• 567"
	textsOn   = "Switch on codes by text message"
	anyNumber = "Use another number"
)

// stepUp asks for the DNS area.
func stepUp(w *servertest.World, b *servertest.Browser) *servertest.Browser {
	return b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa"))
}

func TestStepUpForDNSByWhatsAppToTheNumberOnFile(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.OnFile(w.V, mobile)
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		stepUp(w, b).WantStep("otp")
		want(t, "nothing goes to WhatsApp unasked", len(w.Sent(mobile, "whatsapp")), 0)
		want(t, "the first of the operator's order is asked", w.Codes(w.V.Email), 1)
		b.Click(byChat).WantStep("otp").GiveCode(w.CodeTo(mobile, "whatsapp"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		want(t, "amr", w.RP1.Last().Amr(), "mca mfa otp pwd")
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		for _, c := range row.Contacts {
			if c.Channel == "phone" && c.VerifiedAt.IsZero() {
				t.Error("the first right code did not verify the number on file")
			}
		}

		t.Log("and who chose WhatsApp once is asked by it")
		next := w.Browser("vera, elsewhere")
		w.SignedIn(next, w.RP1, w.V)
		time.Sleep(time.Minute)
		stepUp(w, next).WantStep("otp").GiveCode(w.CodeTo(mobile, "whatsapp"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		want(t, "by mail", w.Codes(w.V.Email), 1)
	}, servertest.ByPhone())
}

// The help page: "farti inviare un messaggio WhatsApp al numero mobile che hai inserito sulla tua anagrafica".
func TestTheMailboxIsLostAndDNSOpensByWhatsAppToTheNumberOnFile(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.OnFile(w.U2, mobile)
		t.Log("whoever has the mailbox sets a new password through it")
		forgot(w.Browser("owner"), w.U2.Username)
		setPassword(w.Browser("owner"), link(t, w, w.U2.Email), newPassword).WantStep("password_set")
		w.U2.Password = newPassword
		b := w.Browser("owner")
		stepUp(w, b).SignIn(w.U2).WantStep("otp")
		want(t, "then the number is asked, by SMS first", len(w.Sent(mobile, "sms")), 1)
		b.Click(byChat).GiveCode(w.CodeTo(mobile, "whatsapp"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		want(t, "amr", w.RP1.Last().Amr(), "mca mfa otp pwd")
	}, servertest.ByPhone())
}

func TestANumberIsSwitchedOnWhileSteppingUpAndAskedAtTheNextSignIn(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		stepUp(w, b).WantStep("otp").Click(textsOn)
		b.GiveCode(w.Code(w.V.Email)).WantStep("enrol").Click(textsOn)
		b.WantStep("enrol_number").FillID("number", "0815").Submit("number-submit").WantStatus(422)
		b.FillID("number", "+39 333 123-4567").Submit("number-submit").WantStep("enrol_code").WantText("When you confirm, this number becomes your second step")
		first := w.CodeTo(mobile, "sms")

		t.Log("it does not arrive: too early, then again, and the page stands a reload")
		b.Submit("resend").WantStatus(429)
		want(t, "nothing was sent", len(w.Sent(mobile, "sms")), 1)
		time.Sleep(time.Minute)
		b.Submit("resend").WantStep("enrol_code")
		b.Open(b.URL().String()).WantStep("enrol_code")
		want(t, "sent", len(w.Sent(mobile, "sms")), 2)
		if second := w.CodeTo(mobile, "sms"); second != first {
			b.FillID("otp", first).Submit("otp-submit").WantStatus(422).WantStep("enrol_code")
		}
		b.FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit")
		codes := keepCodes(t, b)
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		want(t, "factors", len(row.Factors), 1)
		verified := false
		for _, c := range row.Contacts {
			verified = verified || c.Channel == "phone" && c.Canonical == mobile && !c.VerifiedAt.IsZero()
		}
		want(t, "a verified phone contact", verified, true)
		if len(w.Mails(w.V.Email)) < 2 {
			t.Error("the mailbox was not told")
		}

		t.Log("the next sign-in asks it, on arrival, and nothing else")
		next := w.Browser("vera, elsewhere")
		time.Sleep(2 * time.Hour)
		before := len(w.Sent(mobile, "sms"))
		next.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp")
		want(t, "sent on arrival", len(w.Sent(mobile, "sms")), before+1)
		want(t, "F06: by mail, never", next.Offers("Send the code to v•••@b•••.test"), false)
		want(t, "by WhatsApp, which nobody proved", next.Offers(byChat), false)
		next.GiveCode(w.CodeTo(mobile, "sms"))
		want(t, "amr", w.RP1.Last().Amr(), "mca mfa pwd sms")

		t.Log("the phone is lost")
		lost := w.Browser("vera, without her phone")
		lost.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp").Click("Use a recovery code")
		lost.GiveCode(codes[0])
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	}, servertest.ByPhone())
}

func TestAFirstSocialSignInBySMS(t *testing.T) {
	for name, p := range map[string]func(*servertest.World) *servertest.Person{
		"whose address the provider verified": func(w *servertest.World) *servertest.Person { return w.Carla },
		"whose address it did not":            func(w *servertest.World) *servertest.Person { return w.Dario },
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				b := w.Browser("newcomer")
				viaSocial(b.Open(w.RP1.Login()), p(w)).Click(textsOn)
				b.WantStep("enrol_number").WantText("Before we let you in with Social").FillID("number", mobile).Submit("number-submit").WantStep("enrol_code")
				want(t, "answers before the code", w.RP1.Answers(), 0)
				b.Click(anyNumber).WantStep("enrol_number").FillID("number", "+393330000000").Submit("number-submit").WantStep("enrol_code")
				b.FillID("otp", w.CodeTo("+393330000000", "sms")).Submit("otp-submit")
				keepCodes(t, b)
				want(t, "acr", w.RP1.Last().Error, "")

				next := w.Browser("newcomer, elsewhere")
				time.Sleep(time.Hour)
				viaSocial(next.Open(w.RP1.Login()), p(w)).WantStep("otp").GiveCode(w.CodeTo("+393330000000", "sms"))
				want(t, "the next sign-in", w.RP1.Last().Error, "")
			}, servertest.ByPhone())
		})
	}
}

// The number was recycled: its new owner has the SMS, the old one may still hold its WhatsApp.
func TestAnOwnNumberIsAskedByTheChannelsThatWereProved(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.OnFile(w.V, mobile)
		w.AddNumber(w.V, mobile, "sms")
		b := w.Browser("vera")
		b.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp")
		want(t, "WhatsApp is offered", b.Offers(byChat), false)
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		for _, id := range []string{row.Factors[0].ID, row.Contacts[0].ID, row.Contacts[1].ID} {
			b.Open(b.URL().Scheme + "://" + b.URL().Host + b.URL().Path + "?way=whatsapp:" + id).WantStep("otp")
		}
		want(t, "sent by WhatsApp", len(w.Sent(mobile, "whatsapp")), 0)
		b.GiveCode(w.CodeTo(mobile, "sms"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
	}, servertest.ByPhone())
}

func TestAnOwnNumberIsAskedByWhatsAppOnceACodeCameThroughIt(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.AddNumber(w.V, mobile, "sms")
		b := w.Browser("vera")
		b.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp").GiveCode(w.CodeTo(mobile, "sms"))
		time.Sleep(6 * time.Minute)
		b.Open("https://" + servertest.SSO + "/account/factors").WantStep("account_factors").Click("Get the code by WhatsApp, too")
		b.WantStep("otp") // the factor itself comes first
		want(t, "sent by WhatsApp before it", len(w.Sent(mobile, "whatsapp")), 0)
		b.GiveCode(w.CodeTo(mobile, "sms")).WantStep("channel_code")
		code := w.CodeTo(mobile, "whatsapp")
		if own := w.CodeTo(mobile, "sms"); own != code {
			b.FillID("otp", own).Submit("otp-submit").WantStatus(422).WantStep("channel_code")
		}
		b.FillID("otp", code).Submit("otp-submit").WantStep("account_factors").WantText("From now on you can get the code this way, too.")
		want(t, "offered again", b.Offers("Get the code by WhatsApp, too"), false)
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		want(t, "channels", strings.Join(row.Factors[0].Channels, " "), "sms whatsapp")

		next := w.Browser("vera, elsewhere")
		time.Sleep(time.Hour)
		next.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp").Click(byChat).GiveCode(w.CodeTo(mobile, "whatsapp"))
		want(t, "amr", w.RP1.Last().Amr(), "mca mfa otp pwd")
	}, servertest.ByPhone())
}

// acr second_since: whatever took a factor away takes with it what was proved by it, in every session.
func TestWhatANumberProvedEndsWithIt(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.AddNumber(w.V, mobile, "sms", "whatsapp")
		b := w.Browser("vera")
		stepUp(w, b).SignIn(w.V).WantStep("otp").GiveCode(w.CodeTo(mobile, "sms"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		swapped := *row.Factors[0]
		swapped.Address, swapped.Channels = "+393339999999", []string{"sms"}
		time.Sleep(time.Second)
		if err := w.Store.PutFactor(t.Context(), &swapped); err != nil {
			t.Fatal(err)
		}
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa", "prompt", "none"))
		want(t, "with another number in its place", w.RP1.Last().Error, "interaction_required")
		time.Sleep(time.Minute)
		stepUp(w, b).WantStep("otp").GiveCode(w.CodeTo("+393339999999", "sms"))
		want(t, "acr", w.RP1.Last().Acr(), "mfa")
		time.Sleep(time.Second)
		if err := w.Store.RemoveFactor(t.Context(), w.V.ID, swapped.ID); err != nil {
			t.Fatal(err)
		}
		b.Open(w.RP1.Login("scope", "openid dns", "acr_values", "mfa", "prompt", "none"))
		want(t, "without it", w.RP1.Last().Error, "interaction_required")
	}, servertest.ByPhone())
}
