package chromium_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// passwordText is what a panel is told of a password and a text message to an own number.
const passwordText = "mfa: mca mfa pwd sms"

// What people do with a telephone in hand, in a real browser: Italian on a phone, English on a desk. Every stop is looked at in light
// and dark.
func TestPhoneJourneysInChromium(t *testing.T) {
	chromium.Checked(t)
	for lang, width := range map[string]int64{"it": 390, "en": 1280} {
		t.Run(lang, func(t *testing.T) {
			j := begin(t, lang, width, servertest.ByPhone())
			j.dark = true
			for _, each := range []struct {
				name string
				walk func(*journey)
			}{
				{"chat", (*journey).dnsByWhatsApp},
				{"chat-fails", (*journey).whatsAppFails},
				{"number", (*journey).ownNumber},
				{"social", (*journey).socialByText},
				{"mailbox", (*journey).mailboxLost},
				{"lost", (*journey).phoneLost},
			} {
				j.name = lang + "-phone-" + each.name
				j.run(each.name, func() { each.walk(j) })
			}
		})
	}
}

// reported plays a gateway's receipt of the newest message to a number by a channel.
func (j *journey) reported(number, channel, state string) {
	j.t.Helper()
	gateway := map[string]string{"sms": "texts", "whatsapp": "chats"}[channel]
	all := j.w.Mails(number)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Channel == channel {
			if err := j.w.Store.NoteReceipt(j.t.Context(), &storage.Receipt{Gateway: gateway, GatewayID: all[i].ID, State: state, At: j.w.Store.Now()}); err != nil {
				j.t.Error(err)
			}
			return
		}
	}
	j.t.Errorf("nothing went to %s by %s", number, channel)
}

// way chooses another way of the code page.
func (j *journey) way(p *chromium.Tab, method string) {
	j.t.Helper()
	p.Click("#others > summary")
	p.Click(`#others button[value^="` + method + `:"]`)
	p.WaitFor("the other way", `document.querySelector('input[name="way"][value^="`+method+`:"]') !== null && document.readyState === "complete"`)
}

// leaving clicks and waits until the page is gone.
func (j *journey) leaving(p *chromium.Tab, css string) {
	j.t.Helper()
	p.Do("a mark", chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.before = "1"`))
	p.Click(css)
	p.WaitFor("another page", `!document.documentElement.dataset.before && document.readyState === "complete"`)
}

// forDNS asks for the DNS area.
func (j *journey) forDNS(p *chromium.Tab) {
	j.t.Helper()
	p.Open(j.w.RP1.Login("scope", "openid dns", "acr_values", "mfa"))
}

// Step-up for DNS by WhatsApp, to a number on file; and who chose it once is asked by it.
func (j *journey) dnsByWhatsApp() {
	const number = "+393331230001"
	who, p := j.person("wanda"), j.tab()
	j.w.OnFile(who, number)
	j.forDNS(p)
	j.signIn(p, who)
	j.at(p, "otp", "mail-first")
	j.way(p, "whatsapp")
	j.at(p, "otp", "whatsapp")
	j.reported(number, "whatsapp", notify.ReceiptDelivered)
	p.Do("reload", chromedp.Reload())
	p.WaitFor("the receipt", `/:/.test(document.getElementById("delivery")?.innerText ?? "")`)
	j.at(p, "otp", "whatsapp-delivered")
	j.submit(p, "otp-submit", "otp", "000000")
	j.refused(p, "otp", "whatsapp")
	j.submit(p, "otp-submit", "otp", j.w.CodeTo(number, "whatsapp"))
	j.arrived(p, j.w.RP1, passwordCode, who)

	again := j.tab()
	j.forDNS(again)
	j.signIn(again, who)
	j.at(again, "otp", "whatsapp-chosen")
	j.submit(again, "otp-submit", "otp", j.w.CodeTo(number, "whatsapp"))
	j.arrived(again, j.w.RP1, passwordCode, who)
}

// WhatsApp does not arrive: the text message stands first, and brings the code.
func (j *journey) whatsAppFails() {
	const number = "+393331230002"
	who, p := j.person("walter"), j.tab()
	j.w.OnFile(who, number)
	j.forDNS(p)
	j.signIn(p, who)
	j.at(p, "otp", "mail-first")
	j.way(p, "whatsapp")
	j.reported(number, "whatsapp", notify.ReceiptFailed)
	p.Do("reload", chromedp.Reload())
	p.WaitFor("the next way first", `document.querySelector("#other-first button.main") !== null`)
	j.at(p, "otp", "whatsapp-failed")
	p.Click(`#other-first button[value^="sms:"]`)
	p.WaitFor("the text message", `document.querySelector('input[name="way"][value^="sms:"]') !== null`)
	j.at(p, "otp", "sms")
	j.reported(number, "sms", notify.ReceiptDelivered)
	j.submit(p, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.arrived(p, j.w.RP1, passwordText, who)
}

// numberFor types a number, by its country and what follows.
func (j *journey) numberFor(p *chromium.Tab, number string) {
	j.t.Helper()
	p.Do("an empty field", chromedp.Evaluate[chromedp.Void](`document.getElementById("number").value = ""`))
	p.Fill("number", number)
	p.Click("#number-submit")
}

// reserve keeps the reserve codes.
func (j *journey) reserve(p *chromium.Tab) []string {
	j.t.Helper()
	j.at(p, "recovery_codes")
	codes := strings.Fields(chromium.Eval[string](p, `Array.from(document.querySelectorAll("#recovery-codes code"), c => c.textContent).join(" ")`))
	j.submit(p, "otp-submit", "otp", codes[9])
	return codes
}

// The number as second step: switched on with a resend, asked at the next sign-in, swapped for the app and back.
func (j *journey) ownNumber() {
	const number = "+393331230003"
	who, p := j.person("nina"), j.tab()
	p.Open(j.w.RP1.Login())
	j.signIn(p, who)
	j.arrived(p, j.w.RP1, password, who)
	p.Open(origin + "/account/factors")
	j.at(p, "account_factors", "no-number")
	p.Click("#activate")
	j.at(p, "otp", "before-number")
	j.submit(p, "otp-submit", "otp", j.w.Code(who.Email))
	j.at(p, "account_new", "number")
	p.Click("#add-sms")
	j.at(p, "enrol_number")
	j.numberFor(p, "0815")
	j.refused(p, "enrol_number")
	j.numberFor(p, "333 123-0003")
	j.at(p, "enrol_code")
	first := j.w.CodeTo(number, "sms")
	time.Sleep(1100 * time.Millisecond) // resend_after
	j.leaving(p, "#resend")
	p.Arrive("enrol_code")
	want(j.t, "codes sent", len(j.w.Sent(number, "sms")), 2)
	if newest := j.w.CodeTo(number, "sms"); newest != first {
		j.submit(p, "otp-submit", "otp", first)
		j.refused(p, "enrol_code")
	}
	j.submit(p, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.reserve(p)
	j.at(p, "account_factors", "number")
	j.told(who.Email, "factor_added")

	next := j.tab()
	next.Open(j.w.RP1.Login())
	j.signIn(next, who)
	j.at(next, "otp", "own-number")
	j.submit(next, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.arrived(next, j.w.RP1, passwordText, who)

	next.Open(origin + "/account/factors")
	next.Arrive("account_factors")
	next.Click(`a[id^="swap-"]`)
	j.at(next, "otp", "removal")
	j.submit(next, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.at(next, "account_swap", "to-app")
	next.Click("#swap-totp")
	j.at(next, "enrol_totp", "swap")
	who.Key = strings.ReplaceAll(chromium.Eval[string](next, `document.querySelector("code.key").textContent`), " ", "")
	began := time.Now() // a code counts once, so each proof takes the next one, which may be half a minute early
	j.submit(next, "otp-submit", "otp", who.CodeAt(began.Add(-30*time.Second)))
	j.at(next, "account_door", "to-app")
	next.Click("#sign-in")
	j.signIn(next, who)
	j.at(next, "otp", "swapped-app")
	j.submit(next, "otp-submit", "otp", who.CodeAt(began))
	next.WaitFor("reserve codes", `["recovery", "recovery_codes"].includes(document.querySelector("main")?.dataset.step)`)
	if chromium.Eval[string](next, `document.querySelector("main").dataset.step`) == "recovery" {
		j.at(next, "recovery")
		next.Click("main form button.main")
	}
	j.reserve(next)
	next.Arrive("account_factors")

	next.Open(origin + "/account/factors")
	next.Arrive("account_factors")
	next.Click(`a[id^="swap-"]`)
	j.at(next, "otp", "removal-app")
	j.submit(next, "otp-submit", "otp", who.CodeAt(began.Add(30*time.Second)))
	j.at(next, "account_swap", "to-number")
	next.Click("#swap-sms")
	j.at(next, "enrol_number", "swap")
	if next.Text("other-number") != "" {
		next.Click("#other-number")
		j.at(next, "enrol_number", "swap-new")
	}
	next.Fill("password", who.Password)
	j.numberFor(next, "333 123 0003")
	j.at(next, "enrol_code", "swap")
	j.submit(next, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.at(next, "account_door", "to-number")
}

// A first sign-in by Google, whose second step is a text message.
func (j *journey) socialByText() {
	const number = "+393331230004"
	j.google.Now = servertest.Account{Subject: "30004", Name: "Gaia Verdi", Email: "gaia@posta.test", Verified: true}
	p := j.tab()
	j.by(p, "google")
	j.at(p, "otp", "google")
	p.Click(`details:has(input[name="method"][value="sms"]) > summary`)
	p.Click(`details:has(input[name="method"][value="sms"]) button`)
	j.at(p, "enrol_number", "google")
	j.numberFor(p, "333 123 0004")
	j.at(p, "enrol_code", "google")
	j.submit(p, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.reserve(p)
	j.answered(p, j.w.RP1, "rp-signed-in")

	again := j.tab()
	j.by(again, "google")
	j.at(again, "otp", "google-number")
	j.submit(again, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	j.answered(again, j.w.RP1, "rp-signed-in")
}

// The mailbox is somebody else's now, who set a new password through it: DNS opens by WhatsApp to the number on file.
func (j *journey) mailboxLost() {
	const number = "+393331230005"
	who, p := j.person("mara"), j.tab()
	j.w.OnFile(who, number)
	j.reset(p, who, who.Username)
	j.arrived(p, j.w.RP1, password, who)
	j.forDNS(p)
	j.at(p, "otp", "number-first")
	j.way(p, "whatsapp")
	j.submit(p, "otp-submit", "otp", j.w.CodeTo(number, "whatsapp"))
	j.arrived(p, j.w.RP1, passwordCode, who)
}

// The telephone with the number is lost: a reserve code gets in.
func (j *journey) phoneLost() {
	const number = "+393331230006"
	who, p := j.person("lia"), j.tab()
	p.Open(j.w.RP1.Login())
	j.signIn(p, who)
	j.arrived(p, j.w.RP1, password, who)
	p.Open(origin + "/account/factors")
	p.Arrive("account_factors")
	p.Click("#activate")
	p.Arrive("otp")
	j.submit(p, "otp-submit", "otp", j.w.Code(who.Email))
	p.Arrive("account_new")
	p.Click("#add-sms")
	p.Arrive("enrol_number")
	j.numberFor(p, "333 123 0006")
	p.Arrive("enrol_code")
	j.submit(p, "otp-submit", "otp", j.w.CodeTo(number, "sms"))
	codes := j.reserve(p)
	p.Arrive("account_factors")

	lost := j.tab()
	lost.Open(j.w.RP1.Login())
	j.signIn(lost, who)
	j.at(lost, "otp", "lost-number")
	j.reveal(lost, "button[name=way][value*=recovery]")
	lost.WaitFor("the page of reserve codes", `document.querySelector("#otp[autocomplete=off]") !== null`)
	j.at(lost, "otp", "reserve-code")
	j.submit(lost, "otp-submit", "otp", codes[0])
	j.arrived(lost, j.w.RP1, passwordApp, who)
	j.told(who.Email, "recovery_used")
}
