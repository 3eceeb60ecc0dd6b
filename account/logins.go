package account

import (
	"encoding/hex"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// showLogins lists the social logins that open this account, and the providers of which one more can be linked.
func (p *Pages) showLogins(w http.ResponseWriter, r *http.Request, v *visit) error {
	return p.Site.Render(w, r, http.StatusOK, v.loginsPage(r))
}

func (v *visit) loginsPage(r *http.Request) *templates.AccountLogins {
	out := &templates.AccountLogins{Page: v.page(r, pathLogins), Zone: v.zone()}
	linked := map[string]bool{}
	for _, i := range v.cur.Person.Identities {
		linked[i.Provider] = true
		row := templates.AccountLogin{ID: loginID(i), Provider: i.Provider, Since: i.Created, Proved: !i.ProvedAt.IsZero(), Last: v.lastWay(i)}
		if known := v.cfg.Provider(i.Provider); known != nil {
			row.Provider = known.Title
		}
		if len(i.Emails) > 0 {
			row.Address = mfa.Mask(i.Emails[0])
		}
		out.Logins = append(out.Logins, row)
	}
	for _, provider := range v.cfg.Providers {
		if !linked[provider.Name] {
			out.Add = append(out.Add, templates.ProviderButton{Name: provider.Name, Title: provider.Title, Type: provider.Type})
		}
	}
	return out
}

// loginID names a linked login on the page; the subject is nobody's business there.
func loginID(i *storage.Identity) string {
	return hex.EncodeToString(secret.Hash(session.IdentityKey(i.Provider, i.Subject))[:12])
}

// lastWay reports whether nobody could sign in any more without this login. A link for a password would be a way, but people who
// never had one do not know that: they choose one first.
func (v *visit) lastWay(login *storage.Identity) bool {
	return v.cur.Person.PasswordHash == "" && !slices.ContainsFunc(v.cur.Person.Identities, func(i *storage.Identity) bool {
		return i != login && v.cfg.Provider(i.Provider) != nil
	})
}

// doLink begins a trip to a provider whose login is to open this account from then on: a request of this browser, as for a
// sign-in, that says for whom (login/link_inside.go ends it). A login is a key to the account for good, so it takes the fresh step.
func (p *Pages) doLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	provider := v.cfg.Provider(form.Get("provider"))
	if provider == nil {
		return onward(w, r, pathLogins)
	}
	if d := v.decide(changing); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "logins")
	}
	open := &request.Open{
		Asked:  acr.Request{ID: secret.NewID(), Received: v.now, Client: config.Account.ID, Scopes: []acr.Scope{{Name: "openid"}}},
		Answer: request.Answer{RedirectURI: pathLogins, UILocales: web.Lang(r), Link: v.cur.Person.ID},
		Client: config.Account, Config: v.cfg, Now: v.now, Held: v.cur,
	}
	b := p.browser(r)
	b.Give = func() string { return p.Site.Cookies.EnsureBrowser(w, r) }
	if err := p.Requests.Keep(r.Context(), open, b, web.IPKey(web.ClientIP(r))); err != nil {
		return err
	}
	return onward(w, r, "/login/"+open.Asked.ID+"/social/"+provider.Name)
}

// doUnlink takes a login away. It may be the one by which somebody else came in, so everybody signs in anew.
func (p *Pages) doUnlink(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(v.cur.Person.Identities, func(i *storage.Identity) bool { return loginID(i) == form.Get("login") })
	if at < 0 { // gone, or never there: an id of another account is as unknown as any other (T06)
		return onward(w, r, pathLogins)
	}
	login := v.cur.Person.Identities[at]
	if v.lastWay(login) {
		page := v.loginsPage(r)
		page.Error = &templates.FormError{Text: "last_way"}
		return p.Site.Render(w, r, http.StatusUnprocessableEntity, page)
	}
	if d := v.decide(changing); d.Outcome != acr.Satisfied {
		return v.ask(w, r, d, "logins")
	}
	err = p.Store.Tx(r.Context(), func(db storage.Records) error {
		if err := db.RemoveIdentity(r.Context(), v.cur.Person.ID, login.Provider, login.Subject); err != nil {
			return err
		}
		if err := v.endAll(r, db, "unlinked"); err != nil {
			return err
		}
		if err := db.Append(r.Context(), v.event(r, audit.IDPUnlink, audit.OK, login.Provider)); err != nil {
			return err
		}
		return v.Notice(r.Context(), db, v.cur.Person, "login_unlinked", step.Client(r), v.now)
	})
	if storedElsewhere(err) {
		return onward(w, r, pathLogins)
	}
	if err != nil {
		return err
	}
	v.signedOut(w, r)
	return onward(w, r, pathDoor+"?done=unlinked")
}
