package servertest_test

import (
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/servertest"
)

// Numbers to which no code can go stand on file and are no way: nothing is offered, nothing is sent, nothing is counted.
func TestNumbersThatTakeNoCodesAreNoWay(t *testing.T) {
	for name, number := range map[string]string{
		"a fixed line": "+390212345678", "a foreign mobile": "+14155552671", "a premium number": "+39899123456", "no number at all": "+399999",
	} {
		t.Run(name, func(t *testing.T) {
			servertest.Run(t, func(t *testing.T, w *servertest.World) {
				w.OnFile(w.V, number)
				b := w.Browser("vera")
				w.SignedIn(b, w.RP1, w.V)
				stepUp(w, b).WantStep("otp")
				if text := b.Text(); strings.Contains(text, "WhatsApp to") || strings.Contains(text, "text message to") {
					t.Errorf("the page offers it: %q", text)
				}
				b.GiveCode(w.Code(w.V.Email))
				want(t, "acr", w.RP1.Last().Acr(), "mfa")
				want(t, "messages there", len(w.Mails(number)), 0)
			}, servertest.ByPhone())
		})
	}
}

// What is typed into the field is understood, refused in one sentence, or asked about; nothing is sent meanwhile.
func TestANumberIsTypedBesideItsCountry(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		stepUp(w, b).WantStep("otp").Click(textsOn)
		b.GiveCode(w.Code(w.V.Email)).WantStep("enrol").Click(textsOn).WantStep("enrol_number")
		for typed, says := range map[string]string{
			"02 1234 5678":            "isn’t a mobile number",
			"+39 899 123456":          "isn’t a mobile number",
			"4242":                    "won’t do",
			"333 1234567 x5":          "won’t do",
			strings.Repeat("3", 9000): "won’t do",
			"३३३१२३४५६७":              "won’t do",
		} {
			b.FillID("country", "IT").FillID("number", typed).Submit("number-submit").WantStatus(422).WantText(says)
		}
		b.FillID("country", "IT").FillID("number", "+1 415 555 2671").Submit("number-submit").WantStatus(422).WantText("can’t send codes to that country")
		b.FillID("number", "+39 333 1234567\x00").Submit("number-submit").WantStatus(400)
		b.Open(b.URL().String() + "?method=sms").WantStep("enrol_number")
		t.Log("another prefix than the one chosen: a question, and its answer")
		b.FillID("country", "IT").FillID("number", "0049 1511 2345678").Submit("number-submit").WantStatus(422).WantText("Which number do you mean?")
		want(t, "messages", len(w.Mails("+4915112345678"))+len(w.Mails("+3915112345678")), 0)
		t.Log("who corrects the number meanwhile, and presses the key of the first button, is read anew")
		b.FillID("number", "+33 6 12 34 56 78").Submit("which-0").WantStatus(422).WantText("+33 6 12 34 56 78: send the code")
		b.FillID("country", "IT").FillID("number", "").Submit("which-0").WantStatus(422).WantText("won’t do")
		want(t, "messages", len(w.Mails("+4915112345678"))+len(w.Mails("+33612345678")), 0)
		b.FillID("number", "0049 1511 2345678").Submit("number-submit").WantStatus(422)
		b.Submit("which-0").WantStep("enrol_code").WantText("+49 1511 2345678")
		b.FillID("otp", w.CodeTo("+4915112345678", "sms")).Submit("otp-submit").WantStep("recovery_codes")
	}, servertest.ByPhone())
}

func TestANationalNumberIsReadWithTheChosenPrefix(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		b := w.Browser("vera")
		w.SignedIn(b, w.RP1, w.V)
		stepUp(w, b).WantStep("otp").Click(textsOn)
		b.GiveCode(w.Code(w.V.Email)).WantStep("enrol").Click(textsOn).WantStep("enrol_number")
		b.FillID("country", "IT").FillID("number", "333 123 4567").Submit("number-submit").WantStep("enrol_code")
		t.Log("E.164 is kept; a page shows it as its country writes it, to people of that language")
		want(t, "in English", strings.Contains(b.TextOf("lead"), "+39 333 123 4567"), true)
		b.Lang = "it"
		b.Open(b.URL().String())
		want(t, "in Italian", strings.Contains(b.TextOf("lead"), "numero 333 123 4567"), true)
		b.FillID("otp", w.CodeTo(mobile, "sms")).Submit("otp-submit").WantStep("recovery_codes")
	}, servertest.ByPhone())
}

// The prefix stands chosen by language, and English says nothing of where somebody lives. Where nobody's country is likely none is
// chosen, and a number without its prefix is refused: it would be a stranger's.
func TestThePrefixStandsChosenByLanguage(t *testing.T) {
	for _, c := range []struct {
		lang       string
		home, to   []string
		want, says string
	}{
		{"it", []string{"IT"}, []string{"EU", "US"}, "IT", ""},
		{"en", []string{"IT"}, []string{"EU", "US"}, "IT", ""},
		{"it", []string{"CH"}, []string{"CH", "DE"}, "CH", ""},
		{"en", []string{"US"}, []string{"EU"}, "", "won’t do"},
	} {
		servertest.Run(t, func(t *testing.T, w *servertest.World) {
			b := w.Browser("vera")
			w.SignedIn(b, w.RP1, w.V)
			stepUp(w, b).WantStep("otp").Click(textsOn)
			b.GiveCode(w.Code(w.V.Email)).WantStep("enrol").Click(textsOn).WantStep("enrol_number")
			b.Lang = c.lang
			b.Open(b.URL().String())
			want(t, c.lang+" at home in "+c.home[0], b.Chosen("country"), c.want)
			if c.says != "" {
				b.FillID("number", "333 1234567").Submit("number-submit").WantStatus(422).WantText(c.says)
				b.FillID("number", "+39 333 1234567").Submit("number-submit").WantStep("enrol_code")
			}
		}, servertest.ByPhone(), servertest.With(func(f *config.File) {
			f.Limits.Toll.Home, f.Factors.SMS = c.home, &config.FileSMSFactor{Countries: c.to}
		}))
	}
}
