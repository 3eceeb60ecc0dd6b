package account

import (
	"context"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// showDoor is where people stand who chose not to sign in, or whose session ended here.
func (p *Pages) showDoor(w http.ResponseWriter, r *http.Request) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, v.door(r))
}

// door says what has ended the session, and leads to what is to be done after the next sign-in. Its address is anybody's to
// write; it says nothing of anybody.
func (v *visit) door(r *http.Request) *templates.AccountDoor {
	page := &templates.AccountDoor{Page: v.page(r, pathAccount), Go: pathAccount}
	switch done(r) {
	case "removed":
		page.Done, page.Go = "removed", pathSignIn+"?to=factors"
	case "unlinked":
		page.Done, page.Go = "unlinked", pathSignIn+"?to=logins"
	case "swapped":
		page.Done, page.Go = "swapped", pathSignIn+"?to=factors"
		if q, err := web.Params(r.URL.RawQuery); err == nil && acr.Method(q.Get("by")).Facts().Enrols {
			page.Method = q.Get("by")
		}
		if v.cfg.ReserveCodes() {
			page.Go = pathSignIn + "?to=codes"
		}
	}
	return page
}

// showOverview is /account.
func (p *Pages) showOverview(w http.ResponseWriter, r *http.Request, v *visit) error {
	person := v.cur.Person
	out := &templates.AccountOverview{
		Page: v.page(r, pathAccount), Name: v.profile().Name, Username: person.Username, Password: person.PasswordHash != "",
		ContactRemoved: done(r) == "contact",
		Enrols:         len(v.addable()) > 0, Contacts: v.reachable(),
	}
	if box := user.MainMailbox(person, v.now); box != nil {
		out.Mailbox = mfa.Mask(box.Canonical)
	}
	for _, f := range person.Factors {
		out.Factors = append(out.Factors, f.Method)
	}
	sessions, err := p.Store.SessionsOf(r.Context(), person.ID, v.now)
	if err != nil {
		return err
	}
	out.Devices = len(sessions)
	if out.Previous, err = v.previous(r.Context()); err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, out)
}

// previous is the access before this one (help promise 11): the newest session that began before this session did. The
// journal tells, because sessions themselves are swept away.
func (v *visit) previous(ctx context.Context) (*templates.AccountAccess, error) {
	before, err := v.Store.Journal(ctx, storage.JournalPage{
		PersonID: v.cur.Person.ID, Names: []string{audit.SessionNew}, At: v.cur.Session.Created, Most: 1,
	})
	if err != nil || len(before) == 0 {
		return nil, err
	}
	ev := before[0]
	return &templates.AccountAccess{At: ev.At, Zone: v.zone(), IP: ev.IP, Browser: session.Agent(ev.UserAgent)}, nil
}

// done reads what a page should say has just happened.
func done(r *http.Request) string {
	q, err := web.Params(r.URL.RawQuery)
	if err != nil {
		return ""
	}
	return q.Get("done")
}
