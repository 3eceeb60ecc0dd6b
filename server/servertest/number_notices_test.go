package servertest_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/gsm7"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// Security notices go to numbers whose owner wants that, in one segment and without a link, and not more than a few a day.
func TestSecurityNoticesGoToNumbersThatWantThem(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		const wants, not, fixed, onFile = "+393331234567", "+393337654321", "+390212345678", "+393331111111"
		for number, c := range map[string]storage.Contact{
			wants: {Notices: true, VerifiedAt: time.Now()}, not: {VerifiedAt: time.Now()}, fixed: {Notices: true, VerifiedAt: time.Now()}, onFile: {Notices: true},
		} {
			c.ID, c.PersonID, c.Channel, c.Address, c.Canonical = number, w.V.ID, "phone", number, number
			if err := w.Store.PutContact(t.Context(), &c); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 8 {
			forgot(w.Browser("owner"), w.V.Username)
			setPassword(w.Browser("owner"), link(t, w, w.V.Email), newPassword+strconv.Itoa(i)).WantStep("password_set")
			time.Sleep(time.Hour)
		}
		got := w.Mails(wants)
		if len(got) != 5 {
			t.Errorf("%d notices in a day, want 5", len(got))
		}
		for _, m := range got {
			if m.Channel != "sms" || m.Kind != "notice" || !gsm7.One(m.Text) || strings.Contains(m.Text, "http") || strings.Contains(m.Text, "/") {
				t.Errorf("%s %s: %q", m.Channel, m.Kind, m.Text)
			}
		}
		for _, number := range []string{not, fixed, onFile} {
			want(t, number, len(w.Mails(number)), 0)
		}
	}, servertest.ByPhone())
}

// A number that was proved gets them from then on; its owner stops that behind a fresh step, and a stranger's number stays as it is.
func TestAPersonStopsNoticesToANumber(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		number := func() *storage.Contact {
			for _, c := range must(w.Store.Person(t.Context(), w.V.ID))(t).Contacts {
				if c.Channel == "phone" {
					return c
				}
			}
			return nil
		}
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		b.Open(accountURL + "/profile").GiveCode(w.Code(w.V.Email)).WantStep("account_profile").Submit("add-contact").WantStep("account_new_contact").Submit("add-number").WantStep("enrol_number").WantText("priority messages")
		b.FillID("number", mobile).Submit("number-submit").FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("account_profile")
		id := number().ID
		want(t, "of a proved number", number().Notices, true)
		time.Sleep(time.Hour / 2)
		b.Open(accountURL + "/profile").WantText("priority messages").Submit("notices-off-" + id).WantStep("otp")
		want(t, "before the step", number().Notices, true)
		b.GiveCode(w.Code(w.V.Email)).WantStep("account_profile").Submit("notices-off-" + id).WantStep("account_profile").WantText("Your choice is saved.")
		want(t, "after it", number().Notices, false)
		want(t, "records", len(w.Records("contact.notices")), 1)
		thief := w.Browser("ugo")
		w.SignedIn(thief, w.RP1, w.U1)
		thief.Open(accountURL).Post(thief.URL(), accountURL+"/number/notices", url.Values{"contact": {id}, "notices": {"on"}}).WantStep("account_profile")
		want(t, "after another's wish", number().Notices, false)
		before := len(w.Mails(mobile))
		forgot(w.Browser("owner"), w.V.Username)
		setPassword(w.Browser("owner"), link(t, w, w.V.Email), newPassword).WantStep("password_set")
		want(t, "notices", len(w.Mails(mobile))-before, 0)
	}, servertest.ByPhone())
}

// Toll fraud by notices: who gathers numbers, one code each, has no text message for each of them at every act. The caps of codes
// do not count these.
func TestQ81NoticesOfAnAccountDoNotGrowWithItsNumbers(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		numbers := []string{"+393331234560", "+393331234561", "+393331234562", "+393331234563", "+393331234564", "+393331234565", "+393331234566", "+393331234568"}
		b := w.Browser("owner")
		for _, n := range numbers {
			w.SignedIn(b, w.RP1, w.V)
			b.Open(accountURL + "/number")
			if b.Step() == "otp" {
				b.GiveCode(w.Code(w.V.Email))
			}
			b.WantStep("enrol_number").FillID("number", n).Submit("number-submit").WantStep("enrol_code")
			b.FillID("otp", w.CodeTo(n, "sms")).Submit("otp-submit").WantStep("account_profile")
			time.Sleep(25 * time.Hour)
		}
		sent := func() (n int) {
			for _, number := range numbers {
				n += len(w.Mails(number))
			}
			return n
		}
		before := sent()
		for i := range 6 {
			forgot(w.Browser("owner"), w.V.Username)
			setPassword(w.Browser("owner"), link(t, w, w.V.Email), newPassword+strconv.Itoa(i)).WantStep("password_set")
			time.Sleep(time.Hour)
		}
		if n := sent() - before; n > 15 {
			t.Errorf("%d text messages in six hours", n)
		}
	}, servertest.ByPhone())
}
