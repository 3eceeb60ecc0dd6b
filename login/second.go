package login

import (
	"bytes"
	"crypto/subtle"
	"net/http"
	"net/url"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// purposeLogin keeps codes of the sign-in apart from those of other purposes: one is worthless for the other (F06).
const purposeLogin = "login"

// host is a sign-in that needs a second step (package step), in one request.
type host struct {
	*flow
	a attached // what the proof did to the session
}

// asks answers a form about the second step.
func asks(do func(http.ResponseWriter, *http.Request, step.Asking) error) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, f *flow) error { return do(w, r, &host{flow: f}) }
}

// showSecond asks for the second step by the way the URL names, or by the first one offered.
func (f *flow) showSecond(w http.ResponseWriter, r *http.Request) error {
	value := r.URL.Query().Get("way")
	way, ok := acr.Choose(f.ways(), value)
	switch {
	case !ok && value != "": // a way that is not (any more) this person's
		return f.onward(w, r)
	case !ok:
		return &web.Error{Status: http.StatusForbidden, Code: acr.ErrUnmet, Message: "cooling_helpdesk"}
	}
	return f.second.Ask(w, r, &host{flow: f}, way)
}

func (h *host) At() step.At {
	return step.At{Current: h.Current, Config: h.Config, Now: h.Now, Target: h.Next.Target, Because: h.Next.Reason}
}

func (h *host) Try(r *http.Request) mfa.Try {
	t := mfa.Try{
		Question: mfa.Question{
			Person: h.Current.Person, Transaction: h.transaction(), Purpose: purposeLogin, Now: h.Now,
			Request: h.Row.Hash, Browser: h.Site.Cookies.Browser(r),
			Why: mfa.Why{
				Lang: web.LangAsked(r), Panel: h.Client.Name, Areas: h.areas(web.Lang(r)),
				Browser: session.Agent(r.UserAgent()), IP: web.ClientIP(r).String(),
			},
		},
		Request: h.Asked.ID, Hits: h.knownDevice(r),
	}
	if !h.Newcomer() {
		t.Why.First, t.Why.Provider = h.At().First()
	}
	return t
}

func (h *host) Page(r *http.Request) templates.Page { return h.page(r) }

func (h *host) Ways() []acr.Option { return h.ways() }

func (h *host) Event(r *http.Request, name, outcome, reason string) *storage.Event {
	return h.event(r, name, outcome, reason)
}

func (h *host) Dress(r *http.Request, page any) {
	switch page := page.(type) {
	case *templates.EnrolKey:
		page.Reason, page.Provider, page.Areas = string(h.Next.Reason), h.provider(), h.areas(page.Lang)
	case *templates.EnrolNumber:
		page.Reason, page.Provider, page.Areas = string(h.Next.Reason), h.provider(), h.areas(page.Lang)
	case *templates.CodePage:
		h.dressCode(r, page)
	}
}

func (h *host) dressCode(r *http.Request, page *templates.CodePage) {
	page.Reason, page.Areas, page.Holds = string(h.Next.Reason), h.areas(page.Lang), h.holds()
	page.Offer, page.FirstSocial, page.Then = h.Next.Offer, h.Current.Quarantine != nil, then(r)
	page.Enrol = methods(step.Kinds(h.Next.Enrol))
	switch after := methods(step.Kinds(h.Next.EnrolAfter)); {
	case page.Capped: // there would have to be a code first
	case page.Then == "enrol" && len(after) > 0: // asked for already: the button would lead here again
		page.Wanted = after[0]
	case len(page.Enrol) == 0:
		page.Enrol = after
	}
	if page.FirstSocial {
		page.Provider = h.provider()
		page.Connect, page.Next = h.connectPath(), h.socialWillDo()
	} else if title := h.connecting(r); title != "" {
		page.Reason, page.Provider, page.Areas = "connect", title, nil
	}
}

// Attach gives the proof to the sign-in, unless the right code has just shown that a newcomer reads the mailbox of another
// account: then the code is used up, and the sign-in waits for the person's choice.
func (h *host) Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) (err error) {
	h.a = attached{}
	if first, err := h.provesHeld(r, db); first || err != nil {
		return err
	}
	h.a, err = h.attachSecond(r, db, proof, records...)
	return err
}

func (h *host) Keep(w http.ResponseWriter, _ *http.Request) { h.keep(w, h.a) }

func (h *host) Land(w http.ResponseWriter, r *http.Request, _ step.Done) error {
	if then(r) == "enrol" {
		return web.Redirect(w, r, h.base()+"?then=enrol", http.StatusSeeOther)
	}
	return h.forward(w, r, h.a)
}

func (h *host) Again(w http.ResponseWriter, r *http.Request) error { return h.onward(w, r) }

// By is the page of a way, which still knows what comes after.
func (h *host) By(r *http.Request, way acr.Option) string {
	to := h.base() + "?way=" + url.QueryEscape(way.Way())
	if after := then(r); after != "" {
		to += "&then=" + after
	}
	return to
}

// Delivery is the same path for every code of the request.
func (h *host) Delivery(code string) string { return h.base() + "/delivery/" + code }

// showDelivery tells the script of a page of this request what became of its code.
func (p *Pages) showDelivery(w http.ResponseWriter, r *http.Request) error {
	browser, asked := secret.Hash(p.Site.Cookies.Browser(r)), secret.Hash(r.PathValue("id"))
	return p.second.Delivery(w, r, r.PathValue("code"), func(c *storage.Awaited) bool {
		return bytes.Equal(c.RequestHash, asked) && subtle.ConstantTimeCompare(c.Browser, browser) == 1
	})
}

// then is what the person wants to do once the code is right: "enrol", from the page's address or its form; "" = go on.
func then(r *http.Request) string {
	if r.URL.Query().Get("then") == "enrol" || r.PostForm.Get("then") == "enrol" {
		return "enrol"
	}
	return ""
}

// provesHeld reports whether a code has just shown that a newcomer reads the mailbox of another account.
func (f *flow) provesHeld(r *http.Request, db storage.Records) (bool, error) {
	if f.Apart || !f.Newcomer() {
		return false, nil
	}
	person, err := db.Person(r.Context(), f.Current.Person.ID) // with the contact that the code verified
	if err != nil {
		return false, err
	}
	first, err := f.ConnectsFirst(r.Context(), db, person)
	if !first || err != nil {
		return false, err
	}
	return true, f.Proved(r.Context(), db)
}

// attachSecond attaches a second step and notes that a form was posted.
func (f *flow) attachSecond(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) (attached, error) {
	a, err := f.attach(r, db, f.Current.Person, proof)
	if err != nil {
		return attached{}, err
	}
	connected, err := f.connectProved(r, db, proof)
	if err != nil {
		return attached{}, err
	}
	a.proved = a.proved || connected
	if err := f.Proved(r.Context(), db); err != nil {
		return attached{}, err
	}
	return a, f.attest(r, db, a, f.count, records...)
}
