package account

import (
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showPanels lists what the person allowed, panel by panel. Panels of the house that ask no consent are not here.
func (p *Pages) showPanels(w http.ResponseWriter, r *http.Request, v *visit) error {
	consents, err := p.Store.ConsentsOf(r.Context(), v.cur.Person.ID)
	if err != nil {
		return err
	}
	out := &templates.AccountPanels{Page: v.page(r, pathPanels), Zone: v.zone(), Done: done(r) == "revoked"}
	for _, c := range consents {
		row := templates.AccountPanel{ID: c.ClientID, Name: c.ClientID, Since: c.Created, Areas: v.areas(out.Lang, c.Scopes)}
		if client := v.cfg.Client(c.ClientID); client != nil { // else taken out of the configuration since
			row.Name = client.Name
		}
		out.Panels = append(out.Panels, row)
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// areas are the titles of scopes, in the page's language; those that say nothing to people have none.
func (v *visit) areas(lang string, scopes []string) []string {
	var out []string
	for _, name := range scopes {
		title := v.cfg.Scopes[name].Title
		switch {
		case title[lang] != "":
			out = append(out, title[lang])
		case title[v.cfg.Locales.Default] != "":
			out = append(out, title[v.cfg.Locales.Default])
		}
	}
	return out
}

// doRevoke disconnects a panel: the consent is forgotten and every grant of the panel ends, offline ones too. It takes
// nothing of the account's protection away, so it needs no fresh step.
func (p *Pages) doRevoke(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := form.Get("panel")
	consents, err := p.Store.ConsentsOf(r.Context(), v.cur.Person.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(consents, func(c *storage.Consent) bool { return c.ClientID == id }) {
		return onward(w, r, pathPanels)
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		if err := db.RemoveConsent(r.Context(), v.cur.Person.ID, id, "consent_revoked", v.now); err != nil {
			return err
		}
		ev := v.event(r, audit.ConsentRevoked, audit.OK, "")
		ev.ClientID = id
		return db.Append(r.Context(), ev)
	})
	if err != nil {
		return err
	}
	return onward(w, r, pathPanels+"?done=revoked")
}
