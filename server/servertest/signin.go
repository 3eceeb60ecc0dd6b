package servertest

// SignIn fills the sign-in page the browser is on.
func (b *Browser) SignIn(p *Person) *Browser {
	b.t.Helper()
	b.WantStep("login")
	return b.FillID("username", p.Username).FillID("password", p.Password).Submit("login-submit")
}

// GiveCode fills the page that asks for a code.
func (b *Browser) GiveCode(code string) *Browser {
	b.t.Helper()
	b.WantStep("otp")
	return b.FillID("otp", code).Submit("otp-submit")
}

// SignedIn takes a person from the panel to an mfa or sfa session, whatever the person needs, and returns what the panel
// got. The browser is at the panel afterwards.
func (w *World) SignedIn(b *Browser, rp *RP, p *Person, params ...string) *Result {
	w.T.Helper()
	before := rp.Answers()
	b.Open(rp.Login(params...)).SignIn(p)
	if b.Step() == "otp" {
		b.GiveCode(w.Answer(b, p))
	}
	if rp.Answers() == before {
		w.T.Fatalf("%s did not get back to the panel: %s\n%s", p.Username, b.URL(), b.Text())
	}
	return rp.Last()
}

// Answer is the code the page wants: of the app, or out of the mailbox.
func (w *World) Answer(b *Browser, p *Person) string {
	w.T.Helper()
	if p.Key != "" && !b.Has("resend") {
		return p.AppCode()
	}
	return w.Code(p.Email)
}
