package login

import (
	"encoding/hex"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/web"
)

// flow is one authorization request on its way through the pages.
type flow struct {
	*Pages
	*request.Open
	id string // as in the URL
}

// in opens the request before a step.
func (p *Pages) in(step stepHandler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := p.load(r, r.PathValue("id"))
		if err != nil {
			return err
		}
		return step(w, r, f)
	}
}

// load opens the request for this browser and says what is next. Pages are activity (docs/conventions.md).
func (p *Pages) load(r *http.Request, id string) (*flow, error) {
	c := p.Site.Cookies
	b := request.Browser{ID: c.Browser(r), Session: c.Session(r), Quarantine: c.Quarantine(r)}
	open, err := p.requests.Open(r.Context(), p.Config(), id, b, p.Store.Now())
	if err != nil {
		return nil, err
	}
	if open.Answer.UILocales != "" { // on the way back from a provider, too
		r = web.WithLang(r, open.Answer.UILocales)
	}
	f := &flow{Pages: p, Open: open, id: id}
	if web.Navigation(r) {
		if err := f.Held.Touch(r.Context(), p.Store, f.limits(), f.Now); err != nil {
			return nil, err
		}
	}
	return f, f.Decide(r.Context(), b.Quarantine)
}

// limits are the session's limits.
func (f *flow) limits() session.Limits { return session.LimitsOf(f.Config) }

// transaction names this request in the rows of codes.
func (f *flow) transaction() string { return hex.EncodeToString(f.Row.Hash) }

// shown is whom the request's pages show, for the tag of their forms.
func (f *flow) shown() []string {
	about := []string{"nobody"}
	if f.Current.Person != nil {
		about = []string{"account", f.Current.Person.ID}
	}
	if f.Arrived != nil { // the page that connects shows a login, too
		about = append(about, "login", f.Arrived.Provider, f.Arrived.Subject)
	}
	return about
}

// base is the path under which the request's pages live.
func (f *flow) base() string { return "/login/" + f.id }

// onward answers a POST that did its work: one 303 to where the evidence now leads.
func (f *flow) onward(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, f.base(), http.StatusSeeOther)
}

// forward is onward after a proof, without the stop in between when the panel can be answered: op judges again, on what is
// stored, so a mistake here would cost a redirect and nothing else.
func (f *flow) forward(w http.ResponseWriter, r *http.Request, a attached) error {
	if a.session == nil || consent.Asks(f.Client) {
		return f.onward(w, r)
	}
	f.Held = a.session
	f.Judge(f.Held)
	if f.Next.Outcome != acr.Satisfied || f.lacksCodes() {
		return f.onward(w, r)
	}
	return f.back(w, r)
}

// back sends the person to op, which answers the panel, or to the account area.
func (f *flow) back(w http.ResponseWriter, r *http.Request) error {
	to := "/authorize/"
	if f.Client == config.Account {
		to = "/account/sign-in/"
	}
	return web.Redirect(w, r, to+f.id, http.StatusSeeOther)
}
