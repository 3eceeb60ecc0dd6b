package demo

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/server/chromium"
)

// running starts a demo on free ports for the length of the test.
func running(t *testing.T, o Options) Running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan Running, 1), make(chan error, 1)
	o.Ready = func(r Running) { ready <- r }
	go func() { ended <- Run(ctx, o) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the demo ended: %v", err)
		}
	})
	select {
	case r := <-ready:
		return r
	case err := <-ended:
		ended <- nil
		t.Fatalf("the demo does not start: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("the demo is not ready after a minute")
	}
	return Running{}
}

// The walk of the README in a real browser, once per language: every stop is looked at by axe-core.
func TestWalkInChromium(t *testing.T) {
	chromium.Checked(t)
	for _, lang := range []string{"it", "en"} {
		t.Run(lang, func(t *testing.T) {
			browser := chromium.Start(t, lang)
			at := running(t, Options{})
			anna, carla := at.Customers[0], at.Friends[0]

			first := chromium.NewTab(t, browser, lang+"-anna", false)
			outbox := chromium.NewTab(t, first.Ctx, lang+"-outbox", false)
			outbox.Open(at.SSO + "/dev/outbox")
			outbox.Step("dev-outbox")

			first.Open(at.Panel)
			first.Step("panel-home")
			first.Click("#sign-in")
			signIn(first, anna)
			first.Step("panel-home")
			want(t, "acr after the password", first.Text("acr"), "sfa")
			want(t, "amr after the password", first.Text("amr"), "pwd")

			first.Click("#nav-dns")
			first.Step("otp")
			if why := first.Text("why"); !strings.Contains(why, "DNS") {
				t.Errorf("the page does not name the area: %q", why)
			}
			outbox.WaitFor("the code", `document.querySelector("[data-code]") !== null`)
			outbox.Look("code")
			code := chromium.Eval[string](outbox, `document.querySelector("[data-code]").dataset.code`)
			first.Fill("otp", code)
			first.Click("#otp-submit")
			first.Step("panel-area")
			want(t, "acr for DNS", first.Text("acr"), "mfa")
			want(t, "amr for DNS", first.Text("amr"), "mca mfa otp pwd")
			first.Click("#drawer summary")
			first.Look("drawer")

			first.Click("#nav-billing")
			first.WaitFor("Billing", `document.querySelector("main")?.dataset.area === "billing"`)
			first.Look("billing")
			want(t, "codes sent for DNS and Billing", codes(at, anna.Email), 1)

			first.Click("#sign-out")
			first.Step("panel-signed-out")
			first.Open(at.Panel + "/dns")
			first.Step("login")

			social(t, first.Ctx, at, carla, lang)
			stranger(t, first.Ctx, at, at.Friends[2], lang)
			ownApp(t, first.Ctx, at, anna, lang)
		})
	}
}

// Where a browser does not resolve *.localhost, all three programs share one host and its cookies. And a panel that can
// neither send nor check acr is protected all the same, by the floor of the scope.
func TestPanelThatCannotSendACRInChromium(t *testing.T) {
	browser := chromium.Start(t, "en")
	at := running(t, Options{ByIP: true})
	if !strings.HasPrefix(at.SSO, "http://127.0.0.1:") {
		t.Fatalf("the server is at %s", at.SSO)
	}
	anna, carla := at.Customers[0], at.Friends[0]
	p := chromium.NewTab(t, browser, "ip", false)
	p.Open(at.Panel)
	p.Step("panel-home")
	p.Click("#switch")
	signIn(p, anna)
	p.Step("panel-home")
	want(t, "acr", p.Text("acr"), "sfa")
	p.Click("#nav-billing")
	p.Step("otp")
	p.Click("#cancel")
	p.Step("panel-failure")
	want(t, "declined", p.Text("error-code"), "access_denied")
	want(t, "still signed in", p.Text("who"), anna.Profile.Name)

	p.Open(at.SSO + "/dev/")
	p.Step("dev-index")
	p.Open(at.Panel + "/billing")
	p.Step("otp")
	// The code of the request that was cancelled is worth nothing here. Within its timer the page offers to send one; after
	// it, one was sent and the button is under "did the code not arrive?".
	p.Do("see the button", chromedp.Evaluate[chromedp.Void](`document.querySelector("#resend").closest("details")?.setAttribute("open", "")`))
	p.WaitFor("the resend timer", `!document.querySelector("#resend").disabled`)
	p.Click("#resend")
	p.WaitFor("the answer", `location.search.includes("way=")`)
	p.Step("otp")
	p.Fill("otp", codeFor(t, at, anna.Email))
	p.Click("#otp-submit")
	p.Step("panel-area")
	p.Click("#drawer summary")
	want(t, "acr_values in the request", chromium.Eval[bool](p, `document.querySelector("#drawer").innerText.includes("acr_values")`), false)
	want(t, "billing granted", strings.Contains(p.Text("scope"), "billing"), true)
	p.Click("#sign-out")
	p.Step("panel-signed-out")

	p.Open(at.Panel + "/login")
	p.Step("login")
	p.Click("button[name=provider]")
	p.WaitFor("the social provider", `location.origin === "`+at.Social+`"`)
	signIn(p, carla)
	p.WaitFor("the way back", `location.origin === "`+at.SSO+`"`)
	p.Step("otp")
}

func signIn(p *chromium.Tab, who *Someone) {
	p.T.Helper()
	p.Step("login")
	p.Fill("username", who.Username)
	p.Fill("password", who.Password)
	p.Click("#login-submit")
}

// social: the second step is forced, abandoned, and forced again from another page and in a second tab.
func social(t *testing.T, browser context.Context, at Running, carla *Someone, lang string) {
	t.Helper()
	p := chromium.NewTab(t, browser, lang+"-carla", true)
	p.Open(at.Panel + "/login")
	p.Step("login")
	p.Click("button[name=provider]")
	p.WaitFor("the social provider", `location.origin === "`+at.Social+`"`)
	signIn(p, carla)
	p.WaitFor("the way back", `location.origin === "`+at.SSO+`"`)
	p.Step("otp")
	begun := chromium.Eval[string](p, `location.href`)
	code := codeFor(t, at, carla.Email)

	p.Open(at.Panel + "/billing")
	p.Step("otp")
	second := chromium.NewTab(t, p.Ctx, lang+"-carla-2", false)
	second.Open(at.Panel + "/login")
	second.Step("otp")
	second.Open(at.Panel)
	second.Step("panel-home")
	want(t, "who is signed in at the panel meanwhile", second.Text("who"), "")

	p.Open(begun)
	p.Step("otp")
	p.Fill("otp", code)
	p.Click("#otp-submit")
	p.Step("panel-home")
	want(t, "acr after the first social sign-in", p.Text("acr"), "mfa")
	want(t, "who is signed in at the panel", p.Text("who"), carla.Profile.Name)
}

// stranger: registration is closed, so a login that no account has leads to the page that connects it, and nowhere else.
func stranger(t *testing.T, browser context.Context, at Running, elena *Someone, lang string) {
	t.Helper()
	p := chromium.NewTab(t, browser, lang+"-elena", true)
	p.Open(at.Panel + "/login")
	p.Step("login")
	p.Click("button[name=provider]")
	p.WaitFor("the social provider", `location.origin === "`+at.Social+`"`)
	signIn(p, elena)
	p.WaitFor("the way back", `location.origin === "`+at.SSO+`"`)
	p.Step("connect")
	p.Look("stranger")
	want(t, "messages to a stranger", codes(at, elena.Email), 0)
	p.Open(at.Panel)
	p.Step("panel-home")
	want(t, "who is signed in at the panel", p.Text("who"), "")
}

// ownApp: switched on once, asked at the next sign-in, and no code by e-mail is offered in its place.
func ownApp(t *testing.T, browser context.Context, at Running, anna *Someone, lang string) {
	t.Helper()
	p := chromium.NewTab(t, browser, lang+"-app", true)
	p.Open(at.Panel + "/login")
	signIn(p, anna)
	p.Step("panel-home")
	before := codes(at, anna.Email)
	p.Click("#nav-payments")
	p.Step("otp")
	start := `form[action$="/enrol"] button`
	p.Do("open the offer", chromedp.Evaluate[chromedp.Void](`document.querySelector('`+start+`').closest("details").open = true`))
	p.Click(start)
	p.WaitFor("the code that comes first", `document.querySelector("input[name=then]") !== null`)
	p.Look("code-first")
	deadline := time.Now().Add(chromium.Patience)
	for codes(at, anna.Email) == before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	p.Fill("otp", codeFor(t, at, anna.Email))
	p.Click("#otp-submit")
	p.Step("enrol")
	p.Click(start)
	p.Step("enrol_totp")
	key := strings.ReplaceAll(chromium.Eval[string](p, `document.querySelector("code.key").textContent`), " ", "")
	app := &Someone{Key: key}
	shown, _ := app.Code(time.Now())
	p.Fill("otp", shown)
	p.Click("#otp-submit")
	p.Step("recovery_codes")
	p.Look("recovery-codes")
	p.Fill("otp", chromium.Eval[string](p, `document.querySelector("#recovery-codes code").textContent`))
	p.Click("#otp-submit")
	p.Step("panel-area")
	want(t, "acr after switching the app on", p.Text("acr"), "mfa")

	sent := codes(at, anna.Email)
	again := chromium.NewTab(t, browser, lang+"-app-again", true)
	again.Open(at.Panel + "/login")
	signIn(again, anna)
	again.Step("otp")
	want(t, "a way to send a code by e-mail", chromium.Eval[bool](again, `document.querySelector("#resend") !== null || document.body.innerText.includes("•••@")`), false)
	// The code that switched the app on is spent; a clock half a minute fast shows the next one already (RFC 6238 §5.2).
	next, _ := app.Code(time.Now().Add(30 * time.Second))
	again.Fill("otp", next)
	again.Click("#otp-submit")
	again.Step("panel-home")
	want(t, "acr", again.Text("acr"), "mfa")
	want(t, "amr", again.Text("amr"), "mfa otp pwd")
	want(t, "codes by e-mail since", codes(at, anna.Email)-sent, 0)
}

// codes says how many codes went to an address.
func codes(at Running, address string) int {
	n := 0
	for _, m := range at.Memory.All() {
		if m.To == address && m.Kind == "code" {
			n++
		}
	}
	return n
}

// codeFor is the newest code that went to an address.
func codeFor(t *testing.T, at Running, address string) string {
	t.Helper()
	deadline := time.Now().Add(chromium.Patience)
	for {
		if m, ok := at.Memory.Latest(address); ok && m.Kind == "code" {
			if l := read(0, m); l.Code != "" {
				return l.Code
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no code went to %s", address)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
