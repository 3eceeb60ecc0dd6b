package chromium_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
)

// The journeys of an ordinary day in a real browser: Italian on a phone, English on a desk. One world and one browser for
// all of a language; every journey has people and cookies of its own.
func TestJourneysInChromium(t *testing.T) {
	chromium.Checked(t)
	for lang, width := range map[string]int64{"it": 390, "en": 1280} {
		t.Run(lang, func(t *testing.T) {
			j := begin(t, lang, width)
			for _, each := range []struct {
				name string
				walk func(*journey)
			}{
				{"password", (*journey).forgottenPassword},
				{"password-app", (*journey).forgottenPasswordWithApp},
				{"reserve", (*journey).reserveCode},
				{"consent", (*journey).consent},
				{"shared", (*journey).secondPerson},
				{"removal", (*journey).removal},
				{"social", (*journey).social},
			} {
				j.name = lang + "-" + each.name
				j.run(each.name, func() { each.walk(j) })
			}
		})
	}
}

// journey is one language's world, browser, and what was looked at already.
type journey struct {
	t        *testing.T
	name     string
	w        *servertest.World
	google   *servertest.Google
	facebook *servertest.Facebook
	browser  context.Context
	lang     string
	width    int64
	dark     bool // each stop is looked at in the dark, too
	seen     map[string]bool
	answers  map[*servertest.RP]int // seen so far
}

const origin = "https://" + servertest.SSO

func begin(t *testing.T, lang string, width int64, more ...servertest.Option) *journey {
	t.Helper()
	j := &journey{t: t, lang: lang, width: width, seen: map[string]bool{}, answers: map[*servertest.RP]int{}}
	j.w = servertest.New(t, append(more, servertest.WithGoogle(&j.google), servertest.WithFacebook(&j.facebook), servertest.With(func(f *config.File) {
		f.Factors.Codes.ResendAfter = time.Second
		for i := range f.Clients {
			if f.Clients[i].ID == "panel2" {
				f.Clients[i].Consent = "first"
			}
		}
	}))...)
	j.browser = chromium.Start(t, lang, chromium.At(j.w.Net.Listen(t))...)
	j.browser = chromium.NewTab(t, j.browser, lang, false).Ctx
	return j
}

// run walks a part of the journeys, and closes its tabs.
func (j *journey) run(name string, walk func()) {
	outer := j.t
	outer.Run(name, func(t *testing.T) {
		j.t, j.w.T = t, t
		defer func() { j.t, j.w.T = outer, outer }()
		for _, rp := range []*servertest.RP{j.w.RP1, j.w.RP2} { // whatever a part before this one left
			j.answers[rp] = rp.Answers()
		}
		walk()
	})
}

// tab is a browser that nobody used before.
func (j *journey) tab() *chromium.Tab {
	p := chromium.NewTab(j.t, j.browser, j.name, true)
	p.Window(j.width, "light")
	return p
}

// person makes somebody with a password.
func (j *journey) person(name string) *servertest.Person {
	return j.w.Create(&servertest.Person{Username: name, Password: "pioggia sui tetti rossi", Email: name + "@rossi.test", Verified: true})
}

// at waits for a step. Each page is looked at once per language; how wide it is, every time.
func (j *journey) at(p *chromium.Tab, step string, as ...string) {
	j.t.Helper()
	p.Arrive(step)
	name := strings.Join(append([]string{step}, as...), "-")
	p.Fits(name)
	if !j.seen[name] {
		j.seen[name] = true
		p.Look(name)
		if j.dark {
			p.Window(j.width, "dark")
			p.Look(name + "-dark")
			p.Window(j.width, "light")
		}
	}
}

// submit fills a form's fields, by id, and presses its button.
func (j *journey) submit(p *chromium.Tab, button string, fields ...string) {
	j.t.Helper()
	for i := 0; i+1 < len(fields); i += 2 {
		p.Fill(fields[i], fields[i+1])
	}
	p.Click("#" + button)
}

// reveal opens the fold around an element and clicks it.
func (j *journey) reveal(p *chromium.Tab, css string) {
	j.t.Helper()
	p.Click("details:has(" + css + ") > summary")
	p.Click(css)
}

func (j *journey) signIn(p *chromium.Tab, who *servertest.Person) {
	j.t.Helper()
	j.at(p, "login")
	j.submit(p, "login-submit", "username", who.Username, "password", who.Password)
}

// refused waits for the page that answers a mistake, with the error said.
func (j *journey) refused(p *chromium.Tab, step string, as ...string) {
	j.t.Helper()
	p.WaitFor("the error on "+step, `document.getElementById("error-text") !== null`)
	j.at(p, step, append(as, "refused")...)
}

// says checks that a page has some words.
func (j *journey) says(p *chromium.Tab, words string) {
	j.t.Helper()
	if shown := chromium.Eval[string](p, `document.querySelector("main").innerText`); words == "" || !strings.Contains(shown, words) {
		j.t.Errorf("the page does not say %q:\n%s", words, shown)
	}
}

// back presses the browser's Back, which must show a page of somebody's, and returns to where the person was.
func (j *journey) back(p *chromium.Tab, step string) {
	j.t.Helper()
	here := chromium.Eval[string](p, `location.href`)
	j.leave(p)
	p.Open(here)
	p.Arrive(step)
}

// leave presses the browser's Back: whatever was posted, there is a page, and nothing is posted again.
func (j *journey) leave(p *chromium.Tab) {
	j.t.Helper()
	p.Do("Back", chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.left = "1"; setTimeout(() => history.back())`))
	p.WaitFor("a page behind Back", `document.readyState === "complete" && !document.documentElement.dataset.left && document.querySelector("main[data-step]") !== null`)
	p.Fits("the page behind Back")
}

// link is the newest one of a kind that went to an address.
func (j *journey) link(address string) string {
	j.t.Helper()
	mails := j.w.Mails(address)
	for i := len(mails) - 1; i >= 0; i-- {
		if found := resetLink.FindString(mails[i].Text); found != "" {
			return found
		}
	}
	j.t.Fatalf("no link went to %s; %d messages did", address, len(mails))
	return ""
}

var resetLink = regexp.MustCompile(regexp.QuoteMeta(origin) + `/password/reset\?t=\S+`)

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
