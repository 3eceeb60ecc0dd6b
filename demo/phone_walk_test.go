package demo

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/server/chromium"
)

// The outbox with a text message and a bubble of WhatsApp that does not arrive, as the README says: the switch is set by its form.
func TestTheOutboxInChromium(t *testing.T) {
	chromium.Checked(t)
	browser := chromium.Start(t, "it")
	at := running(t, Options{})
	anna, franca := at.Customers[0], at.Customers[2]
	outbox := chromium.NewTab(t, browser, "outbox", false)
	look := func(what string) {
		t.Helper()
		for _, width := range []int64{390, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				outbox.Window(width, scheme)
				outbox.Fits(what)
				outbox.Look(what + "-" + scheme)
			}
		}
	}
	outbox.Open(at.SSO + "/dev/outbox")
	outbox.Arrive("dev-outbox")
	outbox.Do("the switch", chromedp.Evaluate[chromedp.Void](`document.getElementById("mood-whatsapp").value = "failed"`))
	outbox.Click("#mood-submit")
	outbox.WaitFor("the choice", `document.querySelector("#mood-whatsapp option[value=failed]")?.selected && document.readyState === "complete"`)

	p := chromium.NewTab(t, outbox.Ctx, "outbox-anna", true)
	p.Open(at.Panel)
	p.Step("panel-home")
	p.Click("#sign-in")
	signIn(p, anna)
	p.Arrive("panel-home")
	p.Click("#nav-dns")
	p.Arrive("otp")
	p.Click("#others > summary")
	p.Click(`#others button[value^="whatsapp:"]`)
	p.WaitFor("the text message first, without a reload", `document.querySelector("#other-first button.main") !== null`)
	p.Look("failed")
	p.Click(`#other-first button`)
	p.WaitFor("the text message", `document.querySelector('input[name="way"][value^="sms:"]') !== null`)
	outbox.WaitFor("both messages and their receipts", `document.querySelector('[data-channel="whatsapp"][data-state="failed"]') && document.querySelector('[data-channel="sms"][data-state="delivered"]') && true`)
	look("messages")
	code := chromium.Eval[string](outbox, `document.querySelector('[data-channel="sms"] [data-code]').dataset.code`)
	p.Fill("otp", code)
	p.Click("#otp-submit")
	p.Arrive("panel-area")

	f := chromium.NewTab(t, outbox.Ctx, "outbox-franca", true)
	f.Open(at.Panel)
	f.Arrive("panel-home")
	f.Click("#sign-in")
	signIn(f, franca)
	f.Arrive("otp")
	f.WaitFor("the receipt, without a reload", `/[0-9]{2}:[0-9]{2}/.test(document.getElementById("delivery").textContent)`)
}
