package op

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// RP-initiated logout (OIDC RP-Initiated Logout 1.0). The cookie's session is the one that ends, never one a parameter
// names. Only an ID token of this very session signs out without asking; anything less gets a question. So does anything
// wrong, with the error's code beside it: whoever wants to leave must be able to, whatever the panel sends. Live tokens are
// not needed: panels revoke theirs before they come here.

// logoutRequest is a checked request to sign out. Sealed, it travels through the person's browser for a few minutes.
type logoutRequest struct {
	oidc.EndSessionRequest
	hint   *tokens.Claims          // nil without id_token_hint
	client *client                 // nil when no one said which
	back   bool                    // afterwards to PostLogoutRedirectURI, which is the client's; false = a page of ours
	wrong  string                  // error code; nothing else is known of it then. "" = it is right
	framed []storage.ClientSession // the stays that ended by it and are told of in frames
}

var logoutFields = []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"}

// readLogoutRequest checks a request. What is wrong is noted, not returned: it is said beside the question.
func (p *Provider) readLogoutRequest(v *view, q params) *logoutRequest {
	if q.broken != "" || q.twice != "" || q.many || q.tooLong(logoutFields...) != "" {
		return &logoutRequest{wrong: "invalid_request"}
	}
	out := &logoutRequest{EndSessionRequest: oidc.EndSessionRequest{
		IdTokenHint: q.get("id_token_hint"), ClientID: q.get("client_id"), State: q.get("state"),
		PostLogoutRedirectURI: q.get("post_logout_redirect_uri"),
	}}
	if out.IdTokenHint != "" {
		hint, err := p.Tokens.ReadID(out.IdTokenHint, v.cfg.Issuer, p.now())
		if err != nil {
			return &logoutRequest{wrong: "invalid_id_token_hint"}
		}
		if out.ClientID != "" && !slices.Contains(hint.Audience, out.ClientID) { // RP-Initiated Logout §2
			return &logoutRequest{wrong: "invalid_client"}
		}
		out.hint, out.ClientID = hint, hint.Party
	}
	if wrong := out.leadsBack(v); wrong != "" {
		return &logoutRequest{wrong: wrong}
	}
	return out
}

// leadsBack finds the client and whether it may be returned to, in the configuration of the moment. It returns the code of
// what is wrong. An address without a client is one that nobody registered, and leads nowhere (RP-Initiated Logout §3).
func (out *logoutRequest) leadsBack(v *view) (wrong string) {
	if out.ClientID == "" {
		return ""
	}
	if out.client = v.clients[out.ClientID]; out.client == nil {
		return "invalid_client"
	}
	uri := out.PostLogoutRedirectURI
	if uri != "" && !registered(uri, out.client.PostLogoutRedirectURIs, out.client.Native) {
		return "invalid_post_logout_redirect_uri"
	}
	out.back = uri != ""
	return ""
}

// destination is where to go afterwards; "" where there is no way back.
func (out *logoutRequest) destination() string {
	if !out.back || out.State == "" {
		return out.PostLogoutRedirectURI
	}
	return withQuery(out.PostLogoutRedirectURI, []field{{"state", out.State}})
}

// showLogout answers GET /end_session.
func (p *Provider) showLogout(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	q := parseParams(r.URL.RawQuery)
	r = web.WithLang(r, q.get("ui_locales"))
	out := p.openTicket(v, q.get("ticket"), forLogout)
	if out == nil {
		out = p.readLogoutRequest(v, q)
	}
	cur, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), p.now())
	if err != nil {
		return err
	}
	switch {
	case cur.SignedIn() && !p.speaksOf(out, cur.Session):
		return p.askLogout(w, r, out, cur.Person)
	case cur.SignedIn():
		out.framed, err = p.signOut(w, r, cur.Session, out)
	case out.wrong != "":
		return badRequest(out.wrong, "logout_failed")
	default:
		err = p.forgetOf(w, r, out)
	}
	if err != nil {
		return err
	}
	return p.afterLogout(w, r, v, out)
}

// askLogout asks whether to sign out. What was wrong with the request is said there, and leads nowhere afterwards.
func (p *Provider) askLogout(w http.ResponseWriter, r *http.Request, out *logoutRequest, person *storage.Person) error {
	page := templates.SignOut{Page: templates.Page{Request: pathLogout + "/confirm", Shown: p.Site.Shown("account", person.ID)}, Confirm: true}
	if out.wrong != "" {
		page.Code, page.Error = out.wrong, &templates.FormError{Text: "logout_failed_ask"}
		return &web.Error{Status: http.StatusBadRequest, Code: out.wrong, Page: page}
	}
	if out.back {
		page.Panel, page.Hidden = out.client.Name, map[string]string{"ticket": p.sealTicket(out, forLogout)}
	}
	return p.Site.Render(w, r, http.StatusOK, page)
}

// doLogout answers POST /end_session, which may come from the panel's site without our cookie: it checks, and the GET
// that follows acts. The ticket stands for the parameters, so that no token gets into a URL that was sent in a body.
func (p *Provider) doLogout(w http.ResponseWriter, r *http.Request) error {
	q, err := form(w, r)
	if err != nil {
		return err
	}
	out := p.readLogoutRequest(p.view(), q)
	return web.Redirect(w, r, pathLogout+"?ticket="+p.sealTicket(out, forLogout), http.StatusSeeOther)
}

// doConfirmLogout answers the confirmation page: the person said yes, which counts also when the page was left open for so
// long that the way back to the panel is lost. The redirect comes from the page that follows (CSP form-action).
func (p *Provider) doConfirmLogout(w http.ResponseWriter, r *http.Request) error {
	q, err := form(w, r)
	if err != nil {
		return err
	}
	out := p.openTicket(p.view(), q.get("ticket"), forLogout)
	if out == nil {
		out = &logoutRequest{}
	}
	cur, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), p.now())
	if err != nil {
		return err
	}
	if cur.SignedIn() {
		same, err := p.Site.Shows(w, r, "account", cur.Person.ID)
		if err != nil {
			return err
		}
		if !same { // somebody else signed in since: this one was not asked
			return web.ErrOtherAccount
		}
		if out.framed, err = p.signOut(w, r, cur.Session, out); err != nil {
			return err
		}
	}
	return web.Redirect(w, r, p.doneAt(out), http.StatusSeeOther)
}

// showDone answers GET /end_session/done, the end of the confirmation. Only the ticket of a confirmed request leads on.
func (p *Provider) showDone(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	out := p.openTicket(v, parseParams(r.URL.RawQuery).get("ticket"), forDone)
	if out == nil {
		return p.Site.Render(w, r, http.StatusOK, templates.SignOut{})
	}
	page := templates.SignOut{Frames: v.frames(out.framed)}
	if !out.back {
		return p.Site.Render(w, r, http.StatusOK, page)
	}
	page.Panel = out.client.Name
	if len(page.Frames) == 0 {
		return p.Site.Render(w, r, http.StatusOK, templates.Leave{Page: page.Page, URL: out.destination()})
	}
	page.Back, page.Onward = out.destination(), true
	return p.Site.Render(w, r, http.StatusOK, page)
}

// afterLogout sends the browser on, after sign-out or when there was nothing to sign out of. Without a hint nothing says
// that the person was ever at the panel: a link then, and no redirect. Nor is there one where panels are told in frames: the
// page goes on by itself when it has loaded them.
func (p *Provider) afterLogout(w http.ResponseWriter, r *http.Request, v *view, out *logoutRequest) error {
	page := templates.SignOut{Frames: v.frames(out.framed)}
	if out.back {
		page.Onward = out.hint != nil
		if page.Onward && len(page.Frames) == 0 {
			return web.Redirect(w, r, out.destination(), http.StatusFound)
		}
		page.Panel, page.Back = out.client.Name, out.destination()
	}
	return p.Site.Render(w, r, http.StatusOK, page)
}

// speaksOf reports whether the hint was issued on this very session: its sid is one that only we can compute.
func (p *Provider) speaksOf(out *logoutRequest, s *storage.Session) bool {
	if out.hint == nil || out.hint.Sid == "" || out.hint.Subject != s.PersonID {
		return false
	}
	want := sid(p.Box, s.ID, out.hint.Party, out.hint.Subject)
	return subtle.ConstantTimeCompare([]byte(want), []byte(out.hint.Sid)) == 1
}

// signOut ends the session, and with it every panel's grant that is not offline, in one transaction with its record,
// which names the panel that asked. It returns the stays to be told of in frames.
func (p *Provider) signOut(w http.ResponseWriter, r *http.Request, s *storage.Session, out *logoutRequest) ([]storage.ClientSession, error) {
	ev := p.event(r, audit.SessionEnd, audit.OK, "logout")
	if out.client != nil {
		ev.ClientID = out.client.ID
	}
	ev.Actor, ev.PersonID = s.PersonID, s.PersonID
	var told []storage.ClientSession
	err := p.Store.Tx(r.Context(), func(tx storage.Records) (err error) {
		if told, err = session.End(r.Context(), tx, s.ID, ev); err != nil {
			return err
		}
		return p.dropRemembered(r, tx)
	})
	if err != nil && !errors.Is(err, storage.ErrUsed) { // used: another tab was faster, and has the frames
		return nil, err
	}
	p.Site.Cookies.ClearSession(w)
	if p.Site.Cookies.Remember(r) != "" {
		p.Site.Cookies.ClearRemember(w)
	}
	return p.view().framed(told, s.ID), nil
}

// dropRemembered drops what the browser is remembered by ("remember me"): signed out is signed out.
func (p *Provider) dropRemembered(r *http.Request, db storage.Records) error {
	cookie := p.Site.Cookies.Remember(r)
	if cookie == "" {
		return nil
	}
	return db.DropRemember(r.Context(), secret.Hash(cookie))
}

// forgetOf drops it where there is no session to end; the cookie would open a new one. It does so for the person of the hint
// only: anyone has an ID token of their own, and a link or an image with it must not make somebody else's browser forget.
func (p *Provider) forgetOf(w http.ResponseWriter, r *http.Request, out *logoutRequest) error {
	cookie := p.Site.Cookies.Remember(r)
	if cookie == "" || out.hint == nil {
		return nil
	}
	was, err := p.Store.DropRememberOf(r.Context(), secret.Hash(cookie), out.hint.Subject)
	if was {
		p.Site.Cookies.ClearRemember(w)
	}
	return err
}
