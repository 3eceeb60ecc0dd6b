package account

import (
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// showProfile is Anagrafica: who the person is, and how to be reached. It is one of the areas that a password alone does not
// open (help promise 1), and then stays open for the session.
func (p *Pages) showProfile(w http.ResponseWriter, r *http.Request, v *visit) error {
	if d := v.decide(reading); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "profile")
	}
	out := &templates.AccountProfile{
		Page: v.page(r, pathProfile), Adds: v.byMail() || len(v.byPhone()) > 0, Done: done(r), Details: v.details(), Zone: v.zone(),
		Edits: len(v.cfg.Editable) > 0,
	}
	for _, c := range v.cur.Person.Contacts {
		out.Contacts = append(out.Contacts, v.shownContact(c))
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// details are what is known of the person, as far as there is any.
func (v *visit) details() (list []templates.AccountDetail) {
	p := v.profile()
	for _, d := range []templates.AccountDetail{
		{Claim: "name", Value: p.Name}, {Claim: "given_name", Value: p.GivenName}, {Claim: "family_name", Value: p.FamilyName},
		{Claim: "nickname", Value: p.Nickname}, {Claim: "birthdate", Value: p.Birthdate}, {Claim: "gender", Value: p.Gender},
		{Claim: "website", Value: p.Website}, {Claim: "address", Value: oneLine(p.Address)}, {Claim: config.CustomerNumber, Value: v.cur.Person.CustomerNumber},
	} {
		if d.Value != "" {
			list = append(list, d)
		}
	}
	return list
}

// oneLine is an address as it is read.
func oneLine(a *user.Address) string {
	if a == nil {
		return ""
	}
	if a.Formatted != "" {
		return strings.Join(strings.Fields(strings.ReplaceAll(a.Formatted, "\n", ", ")), " ")
	}
	place := strings.Join(strings.Fields(a.PostalCode+" "+a.Locality+" "+a.Region), " ")
	var parts []string
	for _, part := range []string{a.StreetAddress, place, a.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// from is the panel that the person came from, so that every page leads back to it: a link with client_id says so, and a
// cookie remembers it on the way through sign-in and steps. It names a panel of the configuration or nothing.
func (p *Pages) from(w http.ResponseWriter, r *http.Request, cfg *config.Config) *templates.PanelLink {
	id := p.Site.Cookies.Panel(r)
	if q, err := web.Params(r.URL.RawQuery); err == nil && r.Method == http.MethodGet && q.Get("client_id") != "" {
		asked := cfg.Clients[q.Get("client_id")]
		if asked != nil && asked.InitiateLoginURI != "" && asked.ID != id {
			id = asked.ID
			p.Site.Cookies.SetPanel(w, id)
		}
	}
	if c := cfg.Clients[id]; c != nil && c.InitiateLoginURI != "" {
		return &templates.PanelLink{Name: c.Name, URL: c.InitiateLoginURI}
	}
	return nil
}
