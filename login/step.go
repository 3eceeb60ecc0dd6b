package login

import (
	"net/http"
	"net/url"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showStep is the one dispatcher: it shows what the evidence says is missing, or goes back to op, which answers the
// panel.
func (p *Pages) showStep(w http.ResponseWriter, r *http.Request, f *flow) error {
	if f.stranger() && !r.URL.Query().Has("other") {
		return p.Site.Render(w, r, http.StatusOK, f.connectPage(r))
	}
	if first, err := f.connectsFirst(r.Context(), p.Store, f.cur.Person); first || err != nil {
		if err != nil {
			return err
		}
		return p.Site.Render(w, r, http.StatusOK, f.connectPage(r))
	}
	if done, err := f.remembered(w, r); done || err != nil {
		return err
	}
	if f.asksContact() {
		return p.showContact(w, r, f)
	}
	switch f.next.Outcome {
	case acr.Satisfied:
		if r.URL.Query().Get("then") == "enrol" {
			if methods := f.mayEnrol(); len(methods) > 0 {
				return f.showEnrolStart(w, r, methods, true)
			}
		}
		if f.lacksCodes() {
			return f.showRecoveryStart(w, r)
		}
		return f.showConsent(w, r)
	case acr.AskFirst:
		if n := len(f.next.Options); n > 0 && n == len(f.ways()) {
			return f.showSecond(w, r)
		}
		return p.Site.Render(w, r, http.StatusOK, f.signIn(r))
	case acr.AskEnrol:
		return f.showEnrolStart(w, r, f.mayEnrol(), false)
	case acr.AskSecond:
		return f.showSecond(w, r)
	}
	return f.back(w, r)
}

// showSecond asks for the second step by the way the URL names, or by the first one offered. A code that has to be sent
// is sent now, once: the resend rules hold for reloads and other tabs as well.
func (f *flow) showSecond(w http.ResponseWriter, r *http.Request) error {
	value := r.URL.Query().Get("way")
	way, ok := f.chosen(value)
	switch {
	case !ok && value != "": // a way that is not (any more) this person's
		return f.onward(w, r)
	case !ok:
		return &web.Error{Status: http.StatusForbidden, Code: acr.ErrUnmet, Message: "cooling_helpdesk"}
	}
	prompt, err := f.Factors.Ask(r.Context(), f.Store, f.question(r, way), f.sent(r, way))
	if err != nil {
		return err
	}
	page := f.codePage(r, way, prompt)
	page.Unsent = !prompt.Waiting
	return f.Site.Render(w, r, http.StatusOK, page)
}

// codePage is the page of a second step.
func (f *flow) codePage(r *http.Request, way acr.Option, prompt mfa.Prompt) *templates.CodePage {
	page := &templates.CodePage{
		Page: f.page(r), Method: string(way.Method), Destination: mfa.Mask(way.Address), Way: way.Way(),
		Reason: string(f.next.Reason), Holds: f.holds(), Others: f.others(way),
		Offer: f.next.Offer, Enrol: methods(f.next.Enrol), FirstSocial: f.cur.Quarantine != nil,
	}
	page.Step = "otp"
	page.Areas = f.areas(page.Lang)
	if len(page.Enrol) == 0 {
		page.Enrol = methods(f.next.EnrolAfter)
	}
	page.Then = then(r)
	page.Minutes, page.ResendIn = prompt.Minutes(f.now), prompt.ResendIn(f.now)
	if page.FirstSocial {
		page.Provider = f.provider()
		page.Connect = f.connectPath()
	} else if title := f.connecting(r); title != "" {
		page.Reason, page.Provider, page.Areas = "connect", title, nil
	}
	return page
}

// then is what the person wants to do once the code is right: "enrol", from the page's address or its form; "" = go on.
func then(r *http.Request) string {
	if r.URL.Query().Get("then") == "enrol" || r.PostForm.Get("then") == "enrol" {
		return "enrol"
	}
	return ""
}

// by answers a form that led to a way: one 303 to its page, which still knows what comes after.
func (f *flow) by(w http.ResponseWriter, r *http.Request, way acr.Option) error {
	to := f.base() + "?way=" + url.QueryEscape(way.Way())
	if after := then(r); after != "" {
		to += "&then=" + after
	}
	return web.Redirect(w, r, to, http.StatusSeeOther)
}

// provider is the title of the social provider behind a quarantine, or of the login that no account has.
func (f *flow) provider() string {
	if f.cur.Quarantine == nil && f.login != nil {
		return f.titled(f.login.Provider)
	}
	for _, e := range f.cur.Events {
		if e.Method == acr.Social {
			return f.titled(e.Provider)
		}
	}
	return ""
}

// titled is the title of a provider; "" for one that is not (any more) in the YAML.
func (f *flow) titled(provider string) string {
	for _, p := range f.cfg.Providers {
		if p.Name == provider {
			return p.Title
		}
	}
	return ""
}
