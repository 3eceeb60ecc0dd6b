package op

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/request"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// RP-initiated logout (OIDC RP-Initiated Logout 1.0). The cookie's session is the one that ends, never one a parameter
// names. Only an ID token of this very session signs out without asking; anything less gets a question, and anything
// wrong a page of ours. Live tokens are not needed: panels revoke theirs before they come here.

// logoutRequest is a checked request to sign out. Sealed, it travels through the person's browser for a few minutes.
type logoutRequest struct {
	oidc.EndSessionRequest
	hint   *tokens.Claims // nil without id_token_hint
	client *client        // nil when no one said which
	back   bool           // afterwards to PostLogoutRedirectURI, which is the panel's; false = a page of ours
}

var logoutFields = []string{"id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout_hint", "ui_locales"}

// readParting checks a request. All errors are pages (fault 14).
func (p *Provider) readLogoutRequest(v *view, q params) (*logoutRequest, error) {
	if q.broken != "" || q.twice != "" || q.many || q.tooLong(logoutFields...) != "" {
		return nil, badRequest("invalid_request", "bad_request")
	}
	out := &logoutRequest{EndSessionRequest: oidc.EndSessionRequest{
		IdTokenHint: q.get("id_token_hint"), ClientID: q.get("client_id"), State: q.get("state"),
		PostLogoutRedirectURI: q.get("post_logout_redirect_uri"),
	}}
	if out.IdTokenHint != "" {
		hint, err := p.Tokens.ReadID(out.IdTokenHint, v.cfg.Issuer, p.now())
		if err != nil {
			return nil, logoutFailed("invalid_id_token_hint")
		}
		if out.ClientID != "" && !slices.Contains(hint.Audience, out.ClientID) { // RP-Initiated Logout §2
			return nil, logoutFailed("invalid_client")
		}
		out.hint, out.ClientID = hint, hint.Party
	}
	if out.ClientID != "" {
		if out.client = v.clients[out.ClientID]; out.client == nil {
			return nil, logoutFailed("invalid_client")
		}
	}
	if uri := out.PostLogoutRedirectURI; uri != "" && out.client != nil {
		if !registered(uri, out.client.PostLogoutRedirectURIs, out.client.Native) {
			return nil, logoutFailed("invalid_post_logout_redirect_uri")
		}
		// Without a hint nothing says that the panel was ever used here: no redirect (RP-Initiated Logout §3).
		out.back = out.hint != nil
	}
	return out, nil
}

// destination is where to go afterwards, when there is a way back.
func (out *logoutRequest) destination() string {
	if out.State == "" {
		return out.PostLogoutRedirectURI
	}
	return withQuery(out.PostLogoutRedirectURI, []field{{"state", out.State}})
}

func logoutFailed(code string) error { return badRequest(code, "logout_failed") }

// showLogout answers GET /end_session.
func (p *Provider) showLogout(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	q := parseParams(r.URL.RawQuery)
	r = web.WithLang(r, q.get("ui_locales"))
	out, err := p.openTicket(v, q.get("ticket"))
	if err != nil {
		return err
	}
	if out == nil {
		if out, err = p.readLogoutRequest(v, q); err != nil {
			return err
		}
	}
	cur, err := session.Load(r.Context(), p.Store, p.Site.Cookies.Session(r), p.now())
	if err != nil {
		return err
	}
	if !cur.SignedIn() {
		if err := p.forgetOf(w, r, out); err != nil {
			return err
		}
		return p.afterLogout(w, r, out)
	}
	if p.speaksOf(out, cur.Session) {
		if err := p.signOut(w, r, cur.Session, out); err != nil {
			return err
		}
		return p.afterLogout(w, r, out)
	}
	page := templates.SignOut{Page: templates.Page{Request: pathLogout + "/confirm", Shown: p.Site.Shown("account", cur.Person.ID)}, Confirm: true}
	if out.client != nil {
		page.Panel = out.client.Name
	}
	if out.back {
		page.Hidden = map[string]string{"ticket": p.sealTicket(out)}
	}
	return p.Site.Render(w, r, http.StatusOK, page)
}

// doLogout answers POST /end_session, which may come from the panel's site without our cookie: it checks, and the GET
// that follows acts. The ticket stands for the parameters, so that no token gets into a URL that was sent in a body.
func (p *Provider) doLogout(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	q, err := form(w, r)
	if err != nil {
		return err
	}
	out, err := p.readLogoutRequest(v, q)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, pathLogout+"?ticket="+p.sealTicket(out), http.StatusSeeOther)
}

// doConfirmLogout answers the confirmation page: the person said yes. The redirect to the panel comes from the page
// that follows (CSP form-action).
func (p *Provider) doConfirmLogout(w http.ResponseWriter, r *http.Request) error {
	v := p.view()
	q, err := form(w, r)
	if err != nil {
		return err
	}
	out, err := p.openTicket(v, q.get("ticket"))
	if err != nil {
		return err
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
		if err := p.signOut(w, r, cur.Session, out); err != nil {
			return err
		}
	}
	to := pathLogout + "/done"
	if out != nil && out.back {
		to += "?ticket=" + p.sealTicket(out)
	}
	return web.Redirect(w, r, to, http.StatusSeeOther)
}

// showDone answers GET /end_session/done, the end of the confirmation.
func (p *Provider) showDone(w http.ResponseWriter, r *http.Request) error {
	out, err := p.openTicket(p.view(), parseParams(r.URL.RawQuery).get("ticket"))
	if err != nil {
		return err
	}
	if out != nil && out.back {
		page := templates.Leave{URL: out.destination()}
		page.Panel = out.client.Name
		return p.Site.Render(w, r, http.StatusOK, page)
	}
	return p.Site.Render(w, r, http.StatusOK, templates.SignOut{})
}

// part sends the browser on, after sign-out or when there was nothing to sign out of.
func (p *Provider) afterLogout(w http.ResponseWriter, r *http.Request, out *logoutRequest) error {
	if out.back {
		return web.Redirect(w, r, out.destination(), http.StatusFound)
	}
	return p.Site.Render(w, r, http.StatusOK, templates.SignOut{})
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
// which names the panel that asked; out is nil when none did.
func (p *Provider) signOut(w http.ResponseWriter, r *http.Request, s *storage.Session, out *logoutRequest) error {
	ev := p.event(r, audit.SessionEnd, audit.OK, "logout")
	if out != nil && out.client != nil {
		ev.ClientID = out.client.ID
	}
	ev.Actor, ev.PersonID = s.PersonID, s.PersonID
	err := p.Store.Tx(r.Context(), func(tx storage.Records) error {
		if _, err := session.End(r.Context(), tx, s.ID, ev); err != nil {
			return err
		}
		return p.forget(r, tx)
	})
	if err != nil && !errors.Is(err, storage.ErrUsed) { // used: another tab was faster
		return err
	}
	p.Site.Cookies.ClearSession(w)
	if p.Site.Cookies.Remember(r) != "" {
		p.Site.Cookies.ClearRemember(w)
	}
	return nil
}

// forget drops what the browser is remembered by ("remember me"): signed out is signed out.
func (p *Provider) forget(r *http.Request, db storage.Records) error {
	cookie := p.Site.Cookies.Remember(r)
	if cookie == "" {
		return nil
	}
	return db.DropRemember(r.Context(), secret.Hash(cookie))
}

// forgetOf drops it where no session is left, which would come back by itself. Of the person of the hint only: anyone has
// an ID token of their own, and a link or an image with it must not make another's browser forget.
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

// ticketLife is how long a request to sign out may take from its POST to the person's answer.
const ticketLife = 10 * time.Minute

// ticket is a logoutRequest, checked, on its way through the browser: sealed, so that nobody else can make one.
type ticket struct {
	Client  string `json:"c,omitempty"`
	Back    string `json:"b,omitempty"` // as registered, without state
	State   string `json:"t,omitempty"`
	Subject string `json:"s,omitempty"` // of the hint
	Sid     string `json:"i,omitempty"` // of the hint
	Until   int64  `json:"u"`
}

func (p *Provider) sealTicket(out *logoutRequest) string {
	t := ticket{Client: out.ClientID, Until: p.now().Add(ticketLife).Unix()}
	if out.back {
		t.Back, t.State = out.PostLogoutRedirectURI, out.State
	}
	if out.hint != nil {
		t.Subject, t.Sid = out.hint.Subject, out.hint.Sid
	}
	raw, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings and a number
	}
	return base64.RawURLEncoding.EncodeToString(p.Box.Seal(raw, "end_session"))
}

// openTicket reverses sealTicket; nil without one. The client must still be there, and still have that address.
func (p *Provider) openTicket(v *view, s string) (*logoutRequest, error) {
	if s == "" {
		return nil, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, logoutFailed("invalid_request")
	}
	raw, err := p.Box.Open(sealed, "end_session")
	var t ticket
	if err != nil || json.Unmarshal(raw, &t) != nil {
		return nil, logoutFailed("invalid_request")
	}
	if p.now().Unix() > t.Until {
		return nil, request.ErrGone
	}
	out := &logoutRequest{back: t.Back != ""}
	out.ClientID, out.PostLogoutRedirectURI, out.State = t.Client, t.Back, t.State
	if t.Sid != "" {
		out.hint = &tokens.Claims{Subject: t.Subject, Sid: t.Sid, Party: t.Client}
	}
	if t.Client != "" {
		if out.client = v.clients[t.Client]; out.client == nil {
			return nil, logoutFailed("invalid_client")
		}
	}
	if out.back && (out.client == nil || !registered(t.Back, out.client.PostLogoutRedirectURIs, out.client.Native)) {
		return nil, logoutFailed("invalid_post_logout_redirect_uri")
	}
	return out, nil
}
