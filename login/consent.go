package login

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/consent"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showConsent asks the person for what the panel is about to get, or goes back to op when nothing is left to ask.
func (f *flow) showConsent(w http.ResponseWriter, r *http.Request) error {
	_, missing, err := consent.Ask(r.Context(), f.Store, f.Client, f.Consent, f.Next.Granted)
	if err != nil {
		return err
	}
	if len(missing) == 0 || f.Asked.PromptNone {
		return f.back(w, r)
	}
	page := templates.Consent{Page: f.page(r), Username: f.Current.Person.Username}
	for _, name := range f.Next.Granted.Scopes() { // all of them: the answer is about the whole
		page.Scopes = append(page.Scopes, templates.NewConsentScope(name, f.Config.ScopeTitle(name, page.Lang)))
	}
	return f.Site.Render(w, r, http.StatusOK, page)
}

// doConsent answers the consent page. The answer goes onto the request, where op reads it; what was allowed is kept for
// the next time, so that it can be seen and taken back in the account.
func (p *Pages) doConsent(w http.ResponseWriter, r *http.Request, f *flow) error {
	if f.Next.Outcome != acr.Satisfied || !consent.Asks(f.Client) {
		return f.onward(w, r)
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	_, missing, err := consent.Ask(r.Context(), f.Store, f.Client, f.Consent, f.Next.Granted)
	if err != nil {
		return err
	}
	if len(missing) == 0 { // the other tab was faster, and its word stands
		return f.back(w, r)
	}
	allow := form.Get("answer") == "allow"
	if !allow && form.Get("answer") != "deny" {
		return f.onward(w, r)
	}
	word := f.Consent.Answer(f.Next.Granted, strings.Fields(form.Get("scopes")), allow)
	ev := f.event(r, audit.ConsentGiven, audit.OK, "")
	if !allow {
		ev = f.event(r, audit.ConsentDenied, audit.Fail, "")
	}
	if ev.Detail, err = json.Marshal(map[string]string{"scope": strings.Join(word.Scopes, " ")}); err != nil {
		return err
	}
	err = p.tx(r.Context(), func(db storage.Records) error {
		if err := f.Save(r.Context(), db, true, func(o *request.Open) { o.Consent = word }); err != nil {
			return err
		}
		if allow && len(word.Scopes) > 0 {
			err := db.PutConsent(r.Context(), &storage.Consent{
				PersonID: word.Person, ClientID: f.Client.ID, Scopes: word.Scopes, Created: f.Now, Updated: f.Now,
			})
			if err != nil {
				return err
			}
		}
		return db.Append(r.Context(), ev)
	})
	if errors.Is(err, storage.ErrConflict) { // the other tab was faster
		return f.onward(w, r)
	}
	if err != nil {
		return err
	}
	return f.back(w, r)
}
