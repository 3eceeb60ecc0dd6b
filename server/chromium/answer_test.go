package chromium_test

import (
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/server/chromium"
	"github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/templates"
)

// What a panel is told of the proof: acr and amr.
const (
	password       = "sfa: pwd"
	passwordCode   = "mfa: mca mfa otp pwd"
	passwordApp    = "mfa: mfa otp pwd" // or a reserve code in its place
	passwordLeaned = "mfa: mca otp pwd" // a code to the mailbox that also set the password: the level, and no "mfa"
)

// arrived checks what the panel got, just now: who, and how sure we are.
func (j *journey) arrived(p *chromium.Tab, rp *servertest.RP, proof string, who *servertest.Person) *servertest.Result {
	j.t.Helper()
	got := j.answered(p, rp, "rp-signed-in")
	want(j.t, "acr and amr", got.Acr()+": "+got.Amr(), proof)
	if who != nil {
		want(j.t, "signed in", got.IDToken.Subject, who.ID)
	}
	return got
}

// answered waits for a panel's page, and checks that its answer is a new one.
func (j *journey) answered(p *chromium.Tab, rp *servertest.RP, step string) *servertest.Result {
	j.t.Helper()
	p.Arrive(step)
	n := rp.Answers()
	want(j.t, "new answers to "+rp.Client, n-j.answers[rp], 1)
	j.answers[rp] = n
	return rp.Last()
}

// told checks that an address was written to about something, once, in the language of the pages.
func (j *journey) told(address, kind string) {
	j.t.Helper()
	texts, err := templates.New(server.Brand(j.w.Config))
	if err != nil {
		j.t.Fatal(err)
	}
	n, what := 0, texts.Text(j.lang, "notice."+kind, nil)
	for _, m := range j.w.Mails(address) {
		if m.Kind == "notice" && strings.Contains(m.Text, what) {
			n++
		}
	}
	want(j.t, "notices: "+what, n, 1)
}

// posts says how many forms the server was sent so far.
func (j *journey) posts() int {
	n := 0
	for _, e := range j.w.Net.Seen() {
		if e.Method == http.MethodPost && strings.HasPrefix(e.URL, origin+"/") && !strings.HasPrefix(e.URL, origin+"/token") {
			n++
		}
	}
	return n
}
