package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// The help's page: state, choice, number, code, and what is said before "Conferma".
func TestTheHelpsPageOfTextMessages(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		b.Lang = "it"
		w.SignedIn(b, w.RP1, w.V, "ui_locales", "it")
		b.Open(accountURL + "?ui_locales=it").Click("Gestisci autenticazione a due fattori").WantStep("account_factors")
		b.WantText("Al momento non è presente alcun contatto SMS verificato.").Click("Clicca per attivare").WantStep("otp").GiveCode(w.Code(w.V.Email))
		b.WantStep("account_new").WantText("Autenticazione tramite SMS").WantText("Autenticazione tramite App Authenticator")
		b.Submit("add-sms").WantStep("enrol_number").WantText("Impostazione contatto verificato").WantText("Specifica il numero SMS").WantText("+39.3331234567")
		b.FillID("number", "0815").Click("Invia codice").WantStatus(422).WantStep("enrol_number")
		want(t, "messages", len(w.Mails(mobile)), 0)
		b.FillID("number", "+39.3331234567").Click("Invia codice").WantStep("enrol_code")
		b.WantText("Inserisci il codice ricevuto via SMS").WantText("Quando confermi, il numero diventa il tuo secondo passaggio: ti chiederemo un codice a ogni accesso")
		want(t, "a box for what goes without saying", b.Has("every"), false)
		time.Sleep(time.Minute)
		b.Click("Se non hai ricevuto il codice, clicca qui").WantStep("enrol_code")
		want(t, "codes", len(w.Sent(mobile, "sms")), 2)
		b.FillID("otp", w.CodeTo(mobile, "sms")).Click("Conferma")
		keepCodes(t, b)
		b.WantStep("account_factors").WantText("••• ••• 567")
		want(t, "the state of before", b.Has("no-number"), false)
	}, servertest.ByPhone())
}

// WCAG 3.3.7: a number that is on file need not be typed; its code is asked for all the same.
func TestANumberOnFileIsOfferedAndNotTypedAgain(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.OnFile(w.V, mobile)
		w.OnFile(w.U1, "+393330000000")
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/factors/new").WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("account_new").Submit("add-sms").WantStep("enrol_number")
		want(t, "a field", b.Has("number"), false)
		if strings.Contains(string(b.Body()), mobile) {
			t.Error("the number stands unmasked on the page")
		}
		another := must(w.Store.Person(t.Context(), w.U1.ID))(t).Contacts
		b.Tab("another's").Post(b.URL(), accountURL+"/factors/enrol", url.Values{"method": {"sms"}, "contact": {another[len(another)-1].ID}}).WantStep("enrol_number")
		want(t, "messages to another's number", len(w.Mails("+393330000000")), 0)
		other := b.Tab("other").Open(b.URL().String()).Click("Use another number").WantStep("enrol_number")
		want(t, "a field for another number", other.Has("number"), true)
		b.Submit("contact-0").WantStep("enrol_code").WantText("••• ••• 567")
		if strings.Contains(string(b.Body()), "1234567") {
			t.Error("the number stands unmasked on the page of its code")
		}
		b.FillID("otp", "000000").Submit("otp-submit").WantStatus(422)
		b.FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit")
		keepCodes(t, b)
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		want(t, "factors", methodsOf(t, w, w.V), "sms")
		for _, c := range row.Contacts {
			if c.Channel == "phone" && (c.VerifiedAt.IsZero() || !c.Notices) { // as its page said
				t.Errorf("the number on file: verified %v, gets notices %v", c.VerifiedAt, c.Notices)
			}
		}
	}, servertest.ByPhone())
}

// Where the operator leaves it to people, a code at every sign-in is theirs to choose: with the factor, and later. Taking it back
// costs the factor; with the last factor the wish goes.
func TestACodeAtEverySignInIsThePersonsChoiceWhereItIsLeftToThem(t *testing.T) {
	chosen := servertest.With(func(f *config.File) { f.SecondFactor.EverySignIn = "when_chosen" })
	every := func(t *testing.T, w *servertest.World, p *servertest.Person) bool {
		t.Helper()
		return must(w.Store.Person(t.Context(), p.ID))(t).EverySignIn
	}
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("dora")
		appOn(t, w, signedIn(w, b, w.U2), w.U2)
		want(t, "the choice without the box", every(t, w, w.U2), false)
		time.Sleep(20 * time.Minute)
		thief := w.Browser("thief with the password")
		thief.Open(w.RP1.Login()).SignIn(w.U2)
		page := thief.Open(accountURL + "/factors").WantStep("account_factors").URL()
		thief.Post(page, accountURL+"/factors/every", url.Values{"every": {"on"}}).WantStep("otp")
		want(t, "the choice after the thief", every(t, w, w.U2), false)
		time.Sleep(time.Minute)
		b.Open(accountURL + "/factors").Submit("every").WantStep("otp").GiveCode(w.U2.AppCode()).WantStep("account_factors").Submit("every").WantText("Your choice has been saved")
		want(t, "the choice", every(t, w, w.U2), true)
		chosenTold(t, w, "on", "A code at every sign-in")
		time.Sleep(20 * time.Minute)
		w.Browser("dora elsewhere").Open(w.RP1.Login()).SignIn(w.U2).WantStep("otp")
		b.Open(accountURL + "/factors").Submit("every").WantStep("otp")
		want(t, "the choice, taken back without the app", every(t, w, w.U2), true)
		b.GiveCode(w.U2.AppCode()).WantStep("account_factors").Submit("every").WantText("Your choice has been saved")
		want(t, "the choice, taken back", every(t, w, w.U2), false)
		chosenTold(t, w, "off", "No more code at every sign-in")
		time.Sleep(time.Minute)
		b.Open(accountURL + "/factors").Submit("every")
		want(t, "the choice, made again", every(t, w, w.U2), true)
		time.Sleep(time.Minute)
		b.Open(accountURL + "/factors/" + factorID(t, w, w.U2) + "/remove").WantStep("account_remove")
		b.FillID("password", w.U2.Password).Submit("remove-submit").WantStep("account_door")
		want(t, "the choice after the last factor", every(t, w, w.U2), false)
	}, chosen)
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/factors/new").GiveCode(w.Code(w.V.Email)).Submit("add-sms")
		b.FillID("number", mobile).Submit("number-submit").WantStep("enrol_code")
		want(t, "the box", b.Has("every"), true)
		b.Post(b.URL(), accountURL+"/factors/enrol/code", url.Values{"way": {b.URL().Query().Get("way")}, "otp": {w.CodeTo(mobile, "sms")}, "every": {"yes"}})
		want(t, "the choice", every(t, w, w.V), true)
	}, chosen, servertest.ByPhone())
}

// chosenTold wants the newest record of the choice, and the mail about it.
func chosenTold(t *testing.T, w *servertest.World, reason, subject string) {
	t.Helper()
	records := w.Records("factor.every_sign_in")
	if len(records) == 0 || records[0].Reason != reason || records[0].PersonID != w.U2.ID {
		t.Errorf("%d records, and the newest is not of %q", len(records), reason)
	}
	mails := w.Mails(w.U2.Email)
	if len(mails) == 0 || !strings.HasPrefix(mails[len(mails)-1].Subject, subject) {
		t.Errorf("the last of %d mails is not %q", len(mails), subject)
	}
}

func signedIn(w *servertest.World, b *servertest.Browser, p *servertest.Person) *servertest.Browser {
	w.SignedIn(b, w.RP1, p)
	return b
}

// From the contacts a number is only verified: that switches nothing on, opens nothing for a while, and its code is none of an
// enrolment (F06).
func TestG09F06ANumberIsVerifiedAsAContactAndNoMore(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		thief := w.Browser("thief with the password")
		w.SignedIn(thief, w.RP1, w.V)
		thief.Open(accountURL).Click("Personal details").WantStep("otp")
		thief.Open(accountURL + "/number").WantStep("otp")
		thief.Post(thief.URL(), accountURL+"/number/enrol", url.Values{"method": {"sms"}, "number": {mobile}}).WantStep("otp")
		want(t, "messages for the thief", len(w.Mails(mobile)), 0)

		time.Sleep(2 * time.Minute)
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/number").WantStep("otp").GiveCode(w.Code(w.V.Email)).WantStep("enrol_number")
		b.FillID("number", mobile).Submit("number-submit").WantStep("enrol_code").WantText("Two-factor authentication stays as it is")
		want(t, "a box", b.Has("every"), false)
		code := w.CodeTo(mobile, "sms")
		b.Tab("enrolment").Post(b.URL(), accountURL+"/factors/enrol/code", url.Values{"way": {b.URL().Query().Get("way")}, "otp": {code}})
		want(t, "factors after the code of the other act", methodsOf(t, w, w.V), "")
		b.FillID("otp", "000000").Submit("otp-submit").WantStatus(422).WantStep("enrol_code")
		told := bySubject(w, w.V.Email, "")
		b.FillID("otp", code).Submit("otp-submit").WantStep("account_profile").WantText("The number is verified").WantText("••• ••• 567")
		want(t, "factors", methodsOf(t, w, w.V), "")
		want(t, "mails", bySubject(w, w.V.Email, "")-told, 1)
		want(t, "records", len(w.Records("contact.change.done")), 1)
		row := must(w.Store.Person(t.Context(), w.V.ID))(t)
		fresh := row.Contacts[len(row.Contacts)-1]
		if fresh.Canonical != mobile || fresh.VerifiedAt.IsZero() || fresh.RestsUntil.Before(time.Now().Add(23*time.Hour)) {
			t.Errorf("%+v", fresh)
		}
		b.Open(accountURL + "/factors")
		want(t, "the state of before", b.Has("no-number"), false)

		t.Log("a number on file is offered, and verified in its place")
		w.OnFile(w.U2, "+393330000000")
		d := w.Browser("dora")
		w.SignedIn(d, w.RP1, w.U2)
		d.Open(accountURL + "/number").WantStep("otp").GiveCode(w.Code(w.U2.Email)).WantStep("enrol_number").Submit("contact-0").WantStep("enrol_code")
		d.FillID("otp", w.CodeTo("+393330000000", "sms")).Submit("otp-submit").WantStep("account_profile")
		row = must(w.Store.Person(t.Context(), w.U2.ID))(t)
		want(t, "contacts", len(row.Contacts), 2)
		want(t, "verified", row.Contacts[1].VerifiedAt.IsZero(), false)
	}, servertest.ByPhone())
}
