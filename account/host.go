package account

import (
	"crypto/subtle"
	"net/http"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/step"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// host is a visit in which a second step is asked for or switched on (package step). A proof is evidence of the session
// like any other, and the cookie changes (L01).
type host struct {
	*visit
	cookie string // the session's new secret, once the proof is attached
}

func (h *host) At() step.At { return step.At{Current: h.cur, Config: h.cfg, Now: h.now} }

func (h *host) Try(r *http.Request) mfa.Try {
	t := mfa.Try{
		Question: mfa.Question{
			Person: h.cur.Person, Now: h.now, Session: h.cur.Session.ID, Browser: h.Site.Cookies.Browser(r),
			Why: mfa.Why{Lang: web.LangAsked(r), Browser: session.Agent(r.UserAgent()), IP: web.ClientIP(r).String()},
		},
		Request: "account",
	}
	t.Why.First, t.Why.Provider = h.At().First()
	return t
}

func (h *host) Page(r *http.Request) templates.Page { return h.page(r, pathFactors) }

func (h *host) Dress(*http.Request, any) {}

func (h *host) Event(r *http.Request, name, outcome, reason string) *storage.Event {
	return h.event(r, name, outcome, reason)
}

func (h *host) Attach(r *http.Request, db storage.Records, proof acr.Event, records ...*storage.Event) (err error) {
	if h.cookie, err = h.cur.Strengthen(r.Context(), db, h.limits(), proof, h.now); err != nil {
		return err
	}
	thawed := h.event(r, audit.PersonUnfrozen, audit.OK, string(proof.Method))
	if err := session.Thaw(r.Context(), db, h.cfg, h.cur.Person, h.cur.Events, proof, thawed, h.now); err != nil {
		return err
	}
	return db.Append(r.Context(), records...)
}

func (h *host) Keep(w http.ResponseWriter, _ *http.Request) {
	h.Site.Cookies.SetSession(w, h.cookie, h.cur.Session.Expires)
}

// Delivery is the same path for every code of the area.
func (h *host) Delivery(code string) string { return pathDelivery + code }

// showDelivery tells the script of a page of this session what became of its code.
func (p *Pages) showDelivery(w http.ResponseWriter, r *http.Request) error {
	own := secret.Hash(p.Site.Cookies.Session(r))
	return p.second.Delivery(w, r, r.PathValue("code"), func(c *storage.Awaited) bool {
		return subtle.ConstantTimeCompare(c.Session, own) == 1
	})
}

func (h *host) Again(w http.ResponseWriter, r *http.Request) error { return onward(w, r, pathFactors) }
