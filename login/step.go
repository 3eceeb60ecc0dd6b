package login

import (
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/templates"
)

// showStep is the one dispatcher: it shows what the evidence says is missing, or goes back to op, which answers the
// panel.
func (p *Pages) showStep(w http.ResponseWriter, r *http.Request, f *flow) error {
	if f.Stranger() && !r.URL.Query().Has("other") {
		return p.Site.Render(w, r, http.StatusOK, f.connectPage(r))
	}
	if first, err := f.ConnectsFirst(r.Context(), p.Store, f.Current.Person); first || err != nil {
		if err != nil {
			return err
		}
		return p.Site.Render(w, r, http.StatusOK, f.connectPage(r))
	}
	if done, err := f.remembered(w, r); done || err != nil {
		return err
	}
	if f.AsksContact() {
		return p.showContact(w, r, f)
	}
	if f.Stopped() {
		return f.showStopped(w, r)
	}
	if f.Next.Outcome == acr.Satisfied {
		if r.URL.Query().Get("then") == "enrol" {
			if methods := f.mayEnrol(); len(methods) > 0 {
				return f.showEnrolStart(w, r, methods, true)
			}
		}
		if f.lacksCodes() {
			return p.Site.Render(w, r, http.StatusOK, &templates.RecoveryStart{Page: f.page(r)})
		}
		return f.showConsent(w, r)
	}
	switch Next(&f.Next, f.Factors.Asks) {
	case pageSignIn:
		return p.Site.Render(w, r, http.StatusOK, f.signIn(r))
	case pageEnrol:
		return f.showEnrolStart(w, r, f.mayEnrol(), false)
	case pageCode, pageError:
		return f.showSecond(w, r)
	}
	return f.back(w, r)
}

// provider is the title of the social provider behind a quarantine, or of the login that no account has.
func (f *flow) provider() string { return f.titled(f.Provider()) }

// titled is the title of a provider; "" for one that is not (any more) in the YAML.
func (f *flow) titled(provider string) string {
	if p := f.Config.Provider(provider); p != nil {
		return p.Title
	}
	return ""
}
