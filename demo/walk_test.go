package demo

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/config"
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

// quick lets codes be sent again after a second.
func quick(f *config.File) { f.Factors.Codes.ResendAfter = time.Second }

// The walk of ops.md §3 and of the README in a real browser, once per language: every stop is looked at by axe-core.
func TestWalkInChromium(t *testing.T) {
	if os.Getenv("SOGLIA_AXE") == "" {
		if strings.Contains(os.Getenv("SOGLIA_TEST_REQUIRE"), "chromium") {
			t.Fatal("SOGLIA_AXE does not name axe.min.js")
		}
		t.Log("accessibility is not checked: SOGLIA_AXE does not name axe.min.js")
	}
	for _, lang := range []string{"it", "en"} {
		t.Run(lang, func(t *testing.T) {
			browser := chromium(t, lang)
			at := running(t, Options{tune: quick})
			anna, carla := at.Customers[0], at.Friends[0]

			first := newTab(t, browser, lang+"-anna", false)
			outbox := newTab(t, first.ctx, lang+"-outbox", false)
			outbox.open(at.SSO + "/dev/outbox")
			outbox.step("dev-outbox")

			first.open(at.Panel)
			first.step("panel-home")
			first.click("#sign-in")
			signIn(first, anna)
			first.step("panel-home")
			want(t, "acr after the password", first.text("acr"), "sfa")
			want(t, "amr after the password", first.text("amr"), "pwd")

			first.click("#nav-dns")
			first.step("otp")
			if why := first.text("why"); !strings.Contains(why, "DNS") {
				t.Errorf("the page does not name the area: %q", why)
			}
			outbox.waitFor("the code", `document.querySelector("[data-code]") !== null`)
			outbox.look("code")
			code := eval[string](outbox, `document.querySelector("[data-code]").dataset.code`)
			first.fill("otp", code)
			first.click("#otp-submit")
			first.step("panel-area")
			want(t, "acr for DNS", first.text("acr"), "mfa")
			want(t, "amr for DNS", first.text("amr"), "mca mfa otp pwd")
			first.click("#drawer summary")
			first.look("drawer")

			first.click("#nav-billing")
			first.waitFor("Billing", `document.querySelector("main")?.dataset.area === "billing"`)
			first.look("billing")
			want(t, "codes sent for DNS and Billing", codes(at, anna.Email), 1)

			first.click("#sign-out")
			first.step("panel-signed-out")
			first.open(at.Panel + "/dns")
			first.step("login")

			social(t, first.ctx, at, carla, lang)
			ownApp(t, first.ctx, at, anna, lang)
		})
	}
}

// Where a browser does not resolve *.localhost, all three programs share one host and its cookies. And a panel that can
// neither send nor check acr is protected all the same, by the floor of the scope.
func TestPanelThatCannotSendACRInChromium(t *testing.T) {
	browser := chromium(t, "en")
	at := running(t, Options{ByIP: true, tune: quick})
	if !strings.HasPrefix(at.SSO, "http://127.0.0.1:") {
		t.Fatalf("the server is at %s", at.SSO)
	}
	anna, carla := at.Customers[0], at.Friends[0]
	p := newTab(t, browser, "ip", false)
	p.open(at.Panel)
	p.step("panel-home")
	p.click("#switch")
	signIn(p, anna)
	p.step("panel-home")
	want(t, "acr", p.text("acr"), "sfa")
	p.click("#nav-billing")
	p.step("otp")
	p.click("#cancel")
	p.step("panel-failure")
	want(t, "declined", p.text("error-code"), "access_denied")
	want(t, "still signed in", p.text("who"), anna.Profile.Name)

	p.open(at.SSO + "/dev/")
	p.step("dev-index")
	p.open(at.Panel + "/billing")
	p.step("otp")
	p.waitFor("the resend timer", `!document.querySelector("#resend").disabled`)
	p.do("another code", chromedp.Evaluate[chromedp.Void](`document.querySelector("#resend").closest("details").open = true`), chromedp.Click(chromedp.CSS("#resend")))
	p.waitFor("the answer", `location.search.includes("way=")`)
	p.step("otp")
	p.fill("otp", codeFor(t, at, anna.Email))
	p.click("#otp-submit")
	p.step("panel-area")
	p.click("#drawer summary")
	want(t, "acr_values in the request", eval[bool](p, `document.querySelector("#drawer").innerText.includes("acr_values")`), false)
	want(t, "billing granted", strings.Contains(p.text("scope"), "billing"), true)
	p.click("#sign-out")
	p.step("panel-signed-out")

	p.open(at.Panel + "/login")
	p.step("login")
	p.click("button[name=provider]")
	p.waitFor("the social provider", `location.origin === "`+at.Social+`"`)
	signIn(p, carla)
	p.waitFor("the way back", `location.origin === "`+at.SSO+`"`)
	p.step("otp")
}

func signIn(p *tab, who *Someone) {
	p.t.Helper()
	p.step("login")
	p.fill("username", who.Username)
	p.fill("password", who.Password)
	p.click("#login-submit")
}

// social: the second step is forced, abandoned, and forced again from another page and in a second tab.
func social(t *testing.T, browser context.Context, at Running, carla *Someone, lang string) {
	t.Helper()
	p := newTab(t, browser, lang+"-carla", true)
	p.open(at.Panel + "/login")
	p.step("login")
	p.click("button[name=provider]")
	p.waitFor("the social provider", `location.origin === "`+at.Social+`"`)
	signIn(p, carla)
	p.waitFor("the way back", `location.origin === "`+at.SSO+`"`)
	p.step("otp")
	begun := eval[string](p, `location.href`)
	code := codeFor(t, at, carla.Email)

	p.open(at.Panel + "/billing")
	p.step("otp")
	second := newTab(t, p.ctx, lang+"-carla-2", false)
	second.open(at.Panel + "/login")
	second.step("otp")
	second.open(at.Panel)
	second.step("panel-home")
	want(t, "who is signed in at the panel meanwhile", second.text("who"), "")

	p.open(begun)
	p.step("otp")
	p.fill("otp", code)
	p.click("#otp-submit")
	p.step("panel-home")
	want(t, "acr after the first social sign-in", p.text("acr"), "mfa")
	want(t, "who is signed in at the panel", p.text("who"), carla.Profile.Name)
}

// ownApp: switched on once, asked at the next sign-in, and no code by e-mail is offered in its place.
func ownApp(t *testing.T, browser context.Context, at Running, anna *Someone, lang string) {
	t.Helper()
	p := newTab(t, browser, lang+"-app", true)
	p.open(at.Panel + "/login")
	signIn(p, anna)
	p.step("panel-home")
	before := codes(at, anna.Email)
	p.click("#nav-payments")
	p.step("otp")
	start := `form[action$="/enrol"] button`
	p.do("open the offer", chromedp.Evaluate[chromedp.Void](`document.querySelector('`+start+`').closest("details").open = true`))
	p.click(start)
	p.waitFor("the code that comes first", `document.querySelector("input[name=then]") !== null`)
	p.look("code-first")
	deadline := time.Now().Add(patience)
	for codes(at, anna.Email) == before && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	p.fill("otp", codeFor(t, at, anna.Email))
	p.click("#otp-submit")
	p.step("enrol")
	p.click(start)
	p.step("enrol_totp")
	key := strings.ReplaceAll(eval[string](p, `document.querySelector("code.key").textContent`), " ", "")
	app := &Someone{Key: key}
	shown, _ := app.Code(time.Now())
	p.fill("otp", shown)
	p.click("#otp-submit")
	p.step("recovery_codes")
	p.look("recovery-codes")
	p.fill("otp", eval[string](p, `document.querySelector("#recovery-codes code").textContent`))
	p.click("#otp-submit")
	p.step("panel-area")
	want(t, "acr after switching the app on", p.text("acr"), "mfa")

	sent := codes(at, anna.Email)
	again := newTab(t, browser, lang+"-app-again", true)
	again.open(at.Panel + "/login")
	signIn(again, anna)
	again.step("otp")
	want(t, "a way to send a code by e-mail", eval[bool](again, `document.querySelector("#resend") !== null || document.body.innerText.includes("•••@")`), false)
	// The code that switched the app on is spent; a clock half a minute fast shows the next one already (RFC 6238 §5.2).
	next, _ := app.Code(time.Now().Add(30 * time.Second))
	again.fill("otp", next)
	again.click("#otp-submit")
	again.step("panel-home")
	want(t, "acr", again.text("acr"), "mfa")
	want(t, "amr", again.text("amr"), "mfa otp pwd")
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
	deadline := time.Now().Add(patience)
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
