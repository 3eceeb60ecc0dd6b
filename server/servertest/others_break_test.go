package servertest_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// change alters a person's row behind the server's back, as an operator would.
func change(t *testing.T, w *servertest.World, id string, f func(*storage.Person)) {
	t.Helper()
	p, err := w.Store.Person(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	f(p)
	if err := w.Store.UpdatePerson(context.Background(), p); err != nil {
		t.Fatal(err)
	}
}

// F06, F15: a code opens the transaction it was sent for and nothing else, whoever knows the password.
func TestF06F15CodeOfAnotherTransactionPersonOrTimeIsRefused(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		mine, his := w.Browser("dora"), w.Browser("attacker")
		w.SignedIn(mine, w.RP1, w.U2)
		w.SignedIn(his, w.RP1, w.U2) // who knows the password
		mine.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		code := w.Code(w.U2.Email)
		his.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		n := w.RP1.Answers()
		// The page has no field for a code that cannot count, so the form is forged.
		forged := func(b *servertest.Browser, code string) {
			b.Post(b.URL(), "/login/"+strings.Split(b.URL().Path, "/")[2]+"/code", url.Values{"otp": {code}}).WantStatus(422)
		}
		want(t, "a field", his.Has("otp"), false)
		forged(his, code)
		want(t, "answers", w.RP1.Answers(), n)
		// same browser, another request
		tab := mine.Tab("two")
		tab.Open(w.RP1.Login("acr_values", "mfa", "scope", "openid dns")).WantStep("otp").WantText("for another request does not work here")
		forged(tab, code)
		// way of another person
		row, _ := w.Store.Person(context.Background(), w.V.ID)
		tab.Post(tab.URL(), "/login/"+strings.Split(tab.URL().Path, "/")[2]+"/send", url.Values{"way": {"email:" + row.Contacts[0].ID}})
		tab.Post(tab.URL(), "/login/"+strings.Split(tab.URL().Path, "/")[2]+"/code", url.Values{"way": {"email:" + row.Contacts[0].ID}, "otp": {code}})
		tab.Open("/login/" + strings.Split(tab.URL().Path, "/")[2] + "?way=email:" + row.Contacts[0].ID)
		want(t, "mails to vera", len(w.Mails(w.V.Email)), 0)
		// after resend the old one is dead
		time.Sleep(61 * time.Second)
		mine.Submit("resend")
		mine.GiveCode(code).WantStatus(422)
		code2 := w.Code(w.U2.Email)
		time.Sleep(10*time.Minute + time.Second)
		mine.GiveCode(code2).WantStatus(422)
		mine.Submit("resend")
		code3 := w.Code(w.U2.Email)
		for range 5 {
			mine.GiveCode("000001").WantStatus(422)
		}
		forged(mine, code3)
		want(t, "answers", w.RP1.Answers(), n)
	})
}

// A begun enrolment is its owner's, and nothing is enrolled before a proof.
func TestEnrolmentWithoutProofOrWithAnotherPersonsTicketOpensNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		// attacker (vera) begins an enrolment on her own account, and confirms it on dora's with dora's password only
		a := w.Browser("attacker")
		w.SignedIn(a, w.RP1, w.V)
		a.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		a.Click("Switch on the Authenticator app").GiveCode(w.Code(w.V.Email)).WantStep("enrol")
		a.Click("Switch on the Authenticator app").WantStep("enrol_totp")
		key := &servertest.Person{Key: manualKey(t, a)}
		ticket := ticketOf(a)
		if ticket == "" {
			t.Fatal("no ticket")
		}
		d := w.Browser("as dora")
		w.SignedIn(d, w.RP1, w.U2)
		d.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		n := w.RP1.Answers()
		path := d.URL().Path
		d.Post(d.URL(), path+"/enrol", url.Values{"method": {"totp"}})
		want(t, "step", d.Step(), "otp")
		d.Post(d.URL(), path+"/enrol/confirm", url.Values{"ticket": {ticket}, "otp": {key.AppCode()}})
		d.Open(path + "?then=enrol")
		want(t, "step", d.Step(), "otp")
		want(t, "added", len(w.Records("factor.added")), 0)
		want(t, "answers", w.RP1.Answers(), n)
		// with a proof, dora's own mail code, the foreign ticket is worthless still
		d.Post(d.URL(), path+"/code", url.Values{"otp": {w.Code(w.U2.Email)}, "then": {"enrol"}})
		want(t, "step", d.Step(), "enrol")
		d.Post(d.URL(), path+"/enrol/confirm", url.Values{"ticket": {ticket}, "otp": {key.AppCode()}})
		want(t, "added", len(w.Records("factor.added")), 0)
	})
}

// ticketOf is the enrolment that the page is about.
func ticketOf(b *servertest.Browser) string {
	for _, l := range strings.Split(string(b.Body()), "<input") {
		if strings.Contains(l, `name="ticket"`) {
			_, r, _ := strings.Cut(l, `value="`)
			v, _, _ := strings.Cut(r, `"`)
			return v
		}
	}
	return ""
}

// Carla waits for her second step while Dora's session lives in the same browser: neither proves anything for the other.
func TestQuarantineAndSessionInOneBrowserLendEachOtherNothing(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("shared")
		b.Open(w.RP1.Login())
		viaSocial(b, w.Carla).WantStep("otp")
		tab := b.Tab("dora")
		tab.Open(w.RP1.Login())
		id := strings.TrimPrefix(tab.URL().Path, "/login/")
		tab.Post(tab.URL(), "/login/"+id+"/password", url.Values{"username": {w.U2.Username}, "password": {w.U2.Password}})
		dora := w.RP1.Last()
		want(t, "acr", dora.Acr(), "sfa")
		tab.Open(w.RP1.Login("acr_values", "mfa")).WantStep("otp")
		tab.WantText("d•••@r•••.test")
		n := w.RP1.Answers()
		tab.GiveCode(w.Code(w.Carla.Email)).WantStatus(422)
		want(t, "carla's code for dora", w.RP1.Answers(), n)
		tab.GiveCode(w.Code(w.U2.Email))
		got := w.RP1.Last()
		want(t, "sub", got.IDToken.Subject, dora.IDToken.Subject)
		want(t, "amr", got.Amr(), "mca mfa otp pwd")
	})
}
