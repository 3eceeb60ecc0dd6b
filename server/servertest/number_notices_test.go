package servertest_test

import (
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
