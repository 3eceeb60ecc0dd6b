package login

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// recoverRoutes are the pages for who cannot sign in, or was told of something by mail.
func (p *Pages) recoverRoutes() []web.Route {
	both := []string{http.MethodGet, http.MethodPost}
	return []web.Route{
		p.typed("forgot", p.showForgotHere, p.doForgotHere),
		{Methods: both, Pattern: "/forgot", Audience: web.Page, Subject: web.FromForm, Handler: either(p.showForgot, p.doForgot)},
		{Methods: both, Pattern: "/password", Audience: web.Page, Needs: web.SignedIn, Subject: web.FromCookie, Handler: either(p.showChange, p.doChange)},
		{Methods: both, Pattern: "/password/reset", Audience: web.Page, Subject: web.FromCookie, Handler: either(p.showReset, p.doReset)},
		{Methods: []string{http.MethodGet}, Pattern: "/password/done", Audience: web.Page, Handler: p.showResetDone},
		{Methods: both, Pattern: "/contacts/revert", Audience: web.Page, Subject: web.FromCookie, Handler: either(p.showRevert, p.doRevert)},
		{Methods: both, Pattern: "/not-me", Audience: web.Page, Subject: web.FromCookie, Handler: either(p.showNotMe, p.doNotMe)},
	}
}

// either answers GET by show and POST by do.
func either(show, do web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPost {
			return do(w, r)
		}
		return show(w, r)
	}
}

func (p *Pages) showForgotHere(w http.ResponseWriter, r *http.Request, f *flow) error {
	return p.forgotPage(w, r, templates.Forgot{Page: f.page(r), Back: f.base()})
}

func (p *Pages) doForgotHere(w http.ResponseWriter, r *http.Request, f *flow) error {
	return p.forgotten(w, r, templates.Forgot{Page: f.page(r), Back: f.base()})
}

func (p *Pages) showForgot(w http.ResponseWriter, r *http.Request) error {
	return p.forgotPage(w, r, templates.Forgot{Page: p.alone(r)})
}

func (p *Pages) doForgot(w http.ResponseWriter, r *http.Request) error {
	return p.forgotten(w, r, templates.Forgot{Page: p.alone(r)})
}

// linked is a page behind a mailed link, or outside of any request, that shows a person's account.
func (p *Pages) linked(r *http.Request, person *storage.Person) templates.Page {
	page := p.alone(r)
	page.Shown = p.Site.Shown("account", person.ID)
	return page
}

// shows refuses a form whose page showed another account than this person's: a browser has one cookie for mailed links
// and one for its session, and another tab may have changed either.
func (p *Pages) shows(w http.ResponseWriter, r *http.Request, person *storage.Person, otherwise error) error {
	same, err := p.Site.Shows(w, r, "account", person.ID)
	if err == nil && !same {
		return otherwise
	}
	return err
}

// alone is a page outside of any authorization request.
func (p *Pages) alone(r *http.Request) templates.Page {
	return templates.Page{Lang: web.Lang(r), Home: p.Config().HomeURL()}
}

func (p *Pages) forgotPage(w http.ResponseWriter, r *http.Request, page templates.Forgot) error {
	page.Sent = r.URL.Query().Get("sent") == "1"
	page.Late = p.Failing(string(acr.Email)) // of all mail, but what strangers cause
	page.Minutes = minutes(p.Config().Lifetimes.Reset)
	return p.Site.Render(w, r, http.StatusOK, page)
}

// forgotten mails the links. Known or unknown, disabled, without a password, or asked too often: the answer is the same
// (L02); what there is to say goes to the mailbox.
func (p *Pages) forgotten(w http.ResponseWriter, r *http.Request, page templates.Forgot) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	text := form.Get("username")
	if text == "" {
		page.Error = &templates.FormError{Field: "username", Text: "username_missing"}
		return p.Site.Render(w, r, http.StatusUnprocessableEntity, page)
	}
	now := p.Store.Now()
	err = p.Resets.Address(r.Context(), p.Store, web.IPKey(web.ClientIP(r)), now)
	var slow *user.Throttled
	if errors.As(err, &slow) {
		wait := web.Seconds(slow.Until.Sub(now))
		page.Error = &templates.FormError{Text: "too_many", Args: map[string]any{"Seconds": wait}}
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		if err := p.Store.Append(r.Context(), p.happened(r, audit.ResetRejected, "fail", "throttled_ip", nil)); err != nil {
			return err
		}
		return p.Site.Render(w, r, http.StatusTooManyRequests, page)
	}
	if err != nil {
		return err
	}
	err = p.tx(r.Context(), func(db storage.Records) error {
		boxes, err := p.Resets.Forgotten(r.Context(), db, text, now)
		if err != nil {
			return err
		}
		if len(boxes) == 0 { // nobody, or too soon again
			return db.Append(r.Context(), p.happened(r, audit.ResetRejected, "fail", "nobody", nil))
		}
		for _, box := range boxes {
			if err := p.SendLink(r.Context(), db, PasswordLink{Kind: "forgotten", Mailbox: box, By: step.Client(r), Now: now}); err != nil {
				return err
			}
			for _, a := range box.Accounts {
				reason := ""
				if a.Link == "" {
					reason = "no_password"
				}
				if err := db.Append(r.Context(), p.happened(r, audit.ResetRequested, "ok", reason, a.Person)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, page.Page.Request+"/forgot?sent=1", http.StatusSeeOther)
}

// happened is an audit record outside of any authorization request. What nobody proved has no actor.
func (p *Pages) happened(r *http.Request, name, outcome, reason string, about *storage.Person) *storage.Event {
	ev := audit.From(r.Context()).Event(name, outcome, reason)
	ev.At = p.Store.Now()
	if about != nil {
		ev.PersonID = about.ID
	}
	return ev
}
