package servertest_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/server/servertest"
)

// A stolen session whose second step is older than a change allows: the forms that finish must not begin.
func TestQ80AnOldProofBeginsNoChannel(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		w.AddNumber(w.V, mobile, "sms")
		b := w.Browser("vera, then a thief with her session and her number's former WhatsApp")
		b.Open(w.RP1.Login()).SignIn(w.V).WantStep("otp").GiveCode(w.CodeTo(mobile, "sms"))
		time.Sleep(10 * time.Minute)
		id := factorID(t, w, w.V)
		b.Open(accountURL + "/factors").WantStep("account_factors")
		b.Post(b.URL(), accountURL+"/factors/"+id+"/channel/send", url.Values{})
		want(t, "sent by WhatsApp", len(w.Sent(mobile, "whatsapp")), 0)
		for _, code := range w.Sent(mobile, "whatsapp") {
			b.Post(b.URL(), accountURL+"/factors/"+id+"/channel/code", url.Values{"otp": {code}})
		}
		want(t, "channels", len(must(w.Store.Person(t.Context(), w.V.ID))(t).Factors[0].Channels), 1)
	}, servertest.ByPhone())
}
