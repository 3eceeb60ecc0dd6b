package account

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/consent"
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
		row := templates.AccountPanel{ID: c.ClientID, Name: c.ClientID, Since: c.Created, Scopes: v.scopes(out.Lang, c.Scopes)}
		if client := v.cfg.Client(c.ClientID); client != nil { // else taken out of the configuration since
			row.Name = client.Name
		}
		out.Panels = append(out.Panels, row)
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// scopes are what the person allowed, in the words of the consent page: what was agreed to is what can be taken back.
func (v *visit) scopes(lang string, names []string) []templates.ConsentScope {
	ordered := slices.Clone(names) // the standard ones first, as panels ask for them
	slices.SortStableFunc(ordered, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	var out []templates.ConsentScope
	for _, name := range ordered {
		out = append(out, templates.NewConsentScope(name, v.cfg.ScopeTitle(name, lang)))
	}
	return out
}

// rank is the place of a standard scope among them; the others come after.
func rank(scope string) int {
	if i := slices.Index(templates.StandardScopes, scope); i >= 0 {
		return i
	}
	return len(templates.StandardScopes)
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
		ev := v.event(r, audit.ConsentRevoked, audit.OK, "")
		ev.ClientID = id
		err := consent.Withdraw(r.Context(), db, ev)
		return err
	})
	if err != nil {
		return err
	}
	return onward(w, r, pathPanels+"?done=revoked")
}
