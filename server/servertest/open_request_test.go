package servertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/server/servertest"
)

// posted sends an authorization request by POST, as a panel's form does, and follows it.
func posted(t *testing.T, b *servertest.Browser, rp *servertest.RP, params url.Values) *servertest.Browser {
	t.Helper()
	to, err := url.Parse(rp.Authorize(params))
	if err != nil {
		t.Fatal(err)
	}
	form := to.Query()
	to.RawQuery = ""
	return b.Post(&url.URL{Scheme: "https", Host: rp.Host(), Path: "/"}, to.String(), form)
}

// gina has a password and a linked Google login that nothing independent can complete.
func gina(w *servertest.World, g *servertest.Google) *servertest.Person {
	p := w.Create(&servertest.Person{Username: "gina", Password: "cinque sedie di paglia", Email: "gi.na+casa@gmail.com", Verified: true})
	g.Now.Email = "gina@gmail.com"
	b := w.Browser("gina").Open(w.RP1.Login()).Click("Continue with Google").WantStep("contact").Submit("connect")
	b.FillID("username", p.Username).FillID("password", p.Password).Submit("login-submit").GiveCode(w.Code(p.Email))
	return p
}

// A request is the same whether it came by GET or by POST: a social sign-in that nothing can complete bars no other way.
func TestQ54AStuckSocialSignInShowsTheSignInPageOnBothRoads(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		p := gina(w, g)
		b := w.Browser("gina later").Open(w.RP1.Login()).Click("Continue with Google").WantStep("login").WantText("no second step")
		answers := w.RP1.Answers()
		b.Open(w.RP1.Login()).WantStep("login").WantText("no second step")
		posted(t, b, w.RP1, nil).WantStep("login").WantText("no second step")
		want(t, "answers", w.RP1.Answers(), answers)
		b.Open(w.RP1.Login()).SignIn(p)
		want(t, "by password", w.RP1.Last().Acr(), "sfa")
	}, servertest.With(required))
}

// A newcomer who comes back needs an address and is asked for it, whichever way the request came.
func TestQ54ANewcomerIsAskedForAnAddressOnBothRoads(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, _ *servertest.Google, _ *servertest.Facebook) {
		w.Browser("fabio").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		time.Sleep(time.Hour)
		b := w.Browser("fabio later").Open(w.RP1.Login()).Click("Continue with Facebook").WantStep("contact")
		b.Open(w.RP1.Login()).WantStep("contact")
		posted(t, b, w.RP1, nil).WantStep("contact")
		want(t, "answers", w.RP1.Answers(), 0)
	})
}

// Somebody's forgotten quarantine does not stand before what is asked of whoever is signed in.
func TestQ54AQuarantineOfSomebodyElseConcernsItsOwnRequestOnly(t *testing.T) {
	at(t, func(t *testing.T, w *servertest.World, g *servertest.Google, _ *servertest.Facebook) {
		gina(w, g)
		b := w.Browser("dora")
		w.SignedIn(b, w.RP1, w.U2)
		b.Open(w.RP1.Login("prompt", "login")).Click("Continue with Google").WantStep("login")
		answers := w.RP1.Answers()
		b.Open(w.RP1.Login("prompt", "login")).WantStep("login")
		if strings.Contains(b.Text(), "no second step") {
			t.Error("dora is told of a sign-in that is not hers")
		}
		posted(t, b, w.RP1, url.Values{"prompt": {"login"}}).WantStep("login")
		want(t, "answers", w.RP1.Answers(), answers)
	}, servertest.With(required))
}

// A browser that opens another's request leaves a record, at each door, and one for each time.
func TestQ55AForeignBrowserIsRecordedByThePagesToo(t *testing.T) {
	servertest.Run(t, func(t *testing.T, w *servertest.World) {
		owner, other := w.Browser("owner"), w.Browser("other")
		owner.Open(w.RP1.Login()).WantStep("login")
		page := owner.URL()
		records := func(what string, n int) {
			t.Helper()
			var found int
			for _, e := range w.Records(audit.AuthzDenied) {
				if e.Reason == "other_browser" && e.Outcome == audit.Fail && e.ClientID == w.RP1.Client {
					found++
				}
			}
			want(t, what, found, n)
		}
		records("before", 0)
		other.Open(page.String()).WantStatus(403)
		records("the page, opened by a browser without a cookie", 1)
		other.Post(page, page.String()+"/password", url.Values{"username": {"dora"}, "password": {"x"}}).WantStatus(403)
		records("its form", 2)
		other.Open(strings.Replace(page.String(), "/login/", "/authorize/", 1)).WantStatus(403)
		records("the way back", 3)
		owner.Open(page.String()).WantStep("login")
		records("the owner leaves none", 3)
	})
}
