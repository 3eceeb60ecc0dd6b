package chromium_test

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

// hurried makes the waits of a page's script a fifteenth as long.
const hurried = `{ const wait = window.setTimeout; window.setTimeout = (act, ms) => wait(act, ms / 15); window.before = performance.timeOrigin; }`

// The page of a code follows it by itself: nothing is loaded anew, nobody loses the field or what stands in it, and a tab that
// nobody sees asks for nothing. Text messages go by a gateway that reports, WhatsApp by one that never does.
func TestThePageOfACodeFollowsItWithoutAReload(t *testing.T) {
	chromium.Checked(t)
	gateway := gatewaytest.NewWebhook()
	settings := notify.Drivers().Kinds["webhook"].Settings()
	reflect.ValueOf(settings).Elem().FieldByName("BaseURL").SetString("https://hook.example.test/hook")
	reflect.ValueOf(settings).Elem().FieldByName("Token").SetString(gateway.Key)
	w := servertest.New(t, servertest.With(func(f *config.File) {
		f.Acr[1].Second = append(f.Acr[1].Second, "sms", "whatsapp")
		f.Channels.SMS = []config.FileGateway{{Driver: "webhook", For: []string{"*"}, Settings: settings}}
		f.Channels.WhatsApp = &config.FileGateway{Driver: "outbox", Name: "silent", Settings: notify.Drivers().Kinds["outbox"].Settings()}
		f.Factors.Codes.Channels, f.Factors.SMS = []string{"sms", "whatsapp"}, &config.FileSMSFactor{Countries: []string{"IT"}}
	}))
	w.Net.Handle("hook.example.test", gateway)
	report := func(s gatewaytest.Status) {
		t.Helper()
		taken := gateway.Taken()
		to := origin + "/hooks/messages/webhook"
		if status, err := gateway.Report(to, taken[len(taken)-1], s).Send(t.Context(), &http.Client{Transport: w.Net}); err != nil || status != http.StatusOK {
			t.Fatal(status, err)
		}
	}
	polls := func() (n int) {
		for _, e := range w.Net.Seen() {
			if strings.Contains(e.URL, "/delivery/") {
				n++
			}
		}
		return n
	}
	browser := chromium.Start(t, "it", chromium.At(w.Net.Listen(t))...)
	browser = chromium.NewTab(t, browser, "delivery", false).Ctx
	waiting := func(t *testing.T, name string, width int64, scheme string) *chromium.Tab {
		t.Helper()
		who := w.Create(&servertest.Person{Username: name, Password: "pioggia sui tetti rossi", Email: name + "@rossi.test", Verified: true})
		then := w.Store.Now().Add(-30 * 24 * time.Hour)
		number := "+39333123" + map[string]string{"anna": "4501", "bruno": "4502", "carlo": "4503", "diana": "4504"}[name]
		c := &storage.Contact{ID: secret.NewID(), PersonID: who.ID, Channel: "phone", Address: number, Canonical: number, VerifiedAt: then, Created: then}
		if err := w.Store.PutContact(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		p := chromium.NewTab(t, browser, "delivery-"+name, true)
		p.Window(width, scheme)
		p.Do("a hurried clock", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hurried})
			return err
		}))
		p.Open(w.RP1.Login("acr_values", "mfa"))
		p.Arrive("login")
		p.Fill("username", who.Username)
		p.Fill("password", who.Password)
		p.Click("#login-submit")
		p.Arrive("otp")
		return p
	}
	line := func(p *chromium.Tab, says string) {
		t.Helper()
		p.WaitFor(says, `document.getElementById("delivery").textContent.startsWith("`+says+`")`)
	}
	same := func(t *testing.T, p *chromium.Tab, typed string) {
		t.Helper()
		want(t, "the field", chromium.Eval[string](p, `document.activeElement.id + document.getElementById("otp").value`), "otp"+typed)
		want(t, "loaded anew", chromium.Eval[bool](p, `performance.timeOrigin !== window.before`), false)
	}
	const first = `document.querySelector("#other-first button.main") !== null`

	t.Run("not delivered", func(t *testing.T) {
		p := waiting(t, "anna", 390, "light")
		line(p, "SMS: in coda.")
		w.Deliver()
		line(p, "SMS: inviato alle ")
		p.Fill("otp", "12")
		report(gatewaytest.Failed)
		line(p, "SMS: non consegnato. Controlla che il numero sia giusto e il telefono acceso, o scegli un altro modo.")
		same(t, p, "12")
		want(t, "the lead", chromium.Eval[string](p, `document.getElementById("lead").innerText.replace(/\u00a0/g, " ")`), "Al momento non riusciamo a far arrivare il codice a ••• ••• 501.")
		want(t, "beside the field", chromium.Eval[string](p, `document.getElementById("other-first").innerText.replace(/\u00a0/g, " ")`), "Invia su WhatsApp al ••• ••• 501")
		want(t, "who types keeps the button", chromium.Eval[bool](p, first), false)
		p.Do("an empty field", chromedp.SendKeys(chromedp.CSS("#otp"), "\b\b"))
		p.WaitFor("the next channel first", first)
		p.Fits("not delivered")
		p.Look("not-delivered")
		asked := polls()
		time.Sleep(time.Second)
		want(t, "asked after the last word", polls(), asked)
		p.Click("#other button")
		p.WaitFor("the page of the other channel", `document.getElementById("delivery")?.textContent.startsWith("WhatsApp")`)
		w.Deliver()
		line(p, "WhatsApp: inviato alle ")
	})

	t.Run("delivered", func(t *testing.T) {
		p := waiting(t, "bruno", 1280, "dark")
		w.Deliver()
		line(p, "SMS: inviato alle ")
		report(gatewaytest.Delivered)
		line(p, "SMS: consegnato alle ")
		same(t, p, "")
		p.Look("delivered")
		time.Sleep(2500 * time.Millisecond) // which are more than 30 of the page's seconds
		want(t, "beside the field", chromium.Eval[string](p, `document.getElementById("other-first").innerText`), "")
	})

	t.Run("no word for half a minute", func(t *testing.T) {
		p := waiting(t, "carlo", 390, "dark")
		w.Deliver()
		line(p, "SMS: inviato alle ")
		p.WaitFor("the next channel first", first)
		line(p, "SMS: inviato alle ")
		same(t, p, "")
		p.Look("no-word")
		report(gatewaytest.Delivered) // late
		line(p, "SMS: consegnato alle ")
		want(t, "the code's button", chromium.Eval[string](p, `document.getElementById("otp-submit").className`), "main")
	})

	t.Run("a tab that nobody sees", func(t *testing.T) {
		p := waiting(t, "diana", 390, "light")
		line(p, "SMS: in coda.")
		chromium.Eval[bool](p, `Object.defineProperty(document, "hidden", {value: true, configurable: true}) === document`)
		time.Sleep(time.Second) // the last answer may be on its way
		asked := polls()
		w.Deliver()
		time.Sleep(time.Second)
		want(t, "asked meanwhile", polls(), asked)
		chromium.Eval[bool](p, `Object.defineProperty(document, "hidden", {value: false}) && document.dispatchEvent(new Event("visibilitychange"))`)
		line(p, "SMS: inviato alle ")
	})
}
