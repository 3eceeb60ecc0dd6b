package account

import (
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/web"
)

// places are the pages to which a sign-in leads back, by their names in the address that begins it.
var places = map[string]string{"": pathAccount, "factors": pathFactors, "sessions": pathSessions, "profile": pathProfile, "contacts": pathProfile, "email": pathProfile, "activity": pathActivity, "logins": pathLogins, "panels": pathPanels,
	"codes": pathFactors + "/recovery"}

// toSignIn answers somebody who is not signed in: a sign-in, and then the page that was asked for.
func toSignIn(w http.ResponseWriter, r *http.Request) error {
	for name := range places {
		if name != "" && strings.Contains(r.URL.Path, "/"+name) {
			return onward(w, r, pathSignIn+"?to="+name)
		}
	}
	return onward(w, r, pathSignIn)
}

// showSignIn begins a sign-in as op does for a panel: a request of this browser for the pages of package login. What pictures
// and hidden frames of a hostile page could do with that is said at op's ask; they get the door.
func (p *Pages) showSignIn(w http.ResponseWriter, r *http.Request) error {
	to, known := places[r.URL.Query().Get("to")]
	if !known || !web.Navigation(r) {
		return onward(w, r, pathDoor)
	}
	v, err := p.load(r)
	if err != nil {
		return err
	}
	open := &request.Open{
		Asked:  acr.Request{ID: secret.NewID(), Received: v.now, Client: config.Account.ID, Scopes: []acr.Scope{{Name: "openid"}}},
		Answer: request.Answer{RedirectURI: to, UILocales: web.Lang(r)},
		Client: config.Account, Config: v.cfg, Now: v.now, Held: v.cur,
	}
	b := p.browser(r)
	b.Give = func() string { return p.Site.Cookies.EnsureBrowser(w, r) }
	if err := p.Requests.Keep(r.Context(), open, b, web.IPKey(web.ClientIP(r))); err != nil {
		return err
	}
	return onward(w, r, "/login/"+open.Asked.ID)
}

// finishSignIn is the way back from the pages of package login. There is nothing to hand over, as there is to a panel: the
// session is there, or the person chose not to sign in.
func (p *Pages) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	cfg, b := p.Config(), p.browser(r)
	open, err := p.Requests.Open(r.Context(), cfg, r.PathValue("id"), b, p.Store.Now())
	if err != nil {
		return err
	}
	if open.Client != config.Account {
		return request.ErrGone
	}
	if err := open.Decide(r.Context(), b.Quarantine); err != nil {
		return err
	}
	switch {
	case !open.Answerable():
		return onward(w, r, "/login/"+open.Asked.ID)
	case open.Next.Outcome == acr.Satisfied:
		if err := open.Finish(r.Context(), p.Store); err != nil {
			return err
		}
		return onward(w, r, open.Answer.RedirectURI)
	}
	ev := audit.From(r.Context()).Event(audit.AuthzDenied, audit.Fail, string(open.Next.Reason))
	ev.At, ev.ClientID = open.Now, config.Account.ID
	if err := open.Finish(r.Context(), p.Store, ev); err != nil {
		return err
	}
	if open.Next.Error == acr.ErrUnmet {
		return unmet(open.Next)
	}
	return onward(w, r, pathDoor)
}

// browser is what this browser brings along.
func (p *Pages) browser(r *http.Request) request.Browser {
	c := p.Site.Cookies
	return request.Browser{ID: c.Browser(r), Session: c.Session(r), Quarantine: c.Quarantine(r)}
}
