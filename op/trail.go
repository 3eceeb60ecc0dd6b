package op

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/soglia-sso/soglia/web"
)

// event begins an audit record with where the request came from.
func (p *Provider) event(r *http.Request, name, outcome, reason string) *storage.Event {
	ev := audit.From(r.Context()).Event(name, outcome, reason)
	ev.At = p.now()
	return ev
}

// detail is the record's JSON object; only names and words of ours go in, never a secret.
func detail(pairs ...string) []byte {
	m := tokens.Object(160)
	for i := 0; i+1 < len(pairs); i += 2 {
		m = m.Some(pairs[i], pairs[i+1])
	}
	return m.End()
}

// granted is the record of a code: what was proved, for which scopes, and which rule wanted more than a first step.
func (p *Provider) granted(r *http.Request, h *hop) *storage.Event {
	d := &h.Next
	ev := p.event(r, audit.AuthzGranted, audit.OK, string(d.Granted.Because()))
	ev.Actor, ev.PersonID = d.Granted.Subject(), d.Granted.Subject()
	ev.ClientID, ev.SessionID = h.client.ID, d.Granted.Session()
	ev.Detail = detail("acr", d.Granted.Acr(), "amr", strings.Join(d.Granted.Amr(), " "), "scope", strings.Join(d.Granted.Scopes(), " "))
	return ev
}

// refused is the record of a decision that no page could mend, or of the person's no.
func (p *Provider) refused(r *http.Request, h *hop) *storage.Event {
	d := &h.Next
	ev := p.event(r, audit.AuthzDenied, audit.Fail, cmp.Or(string(d.Reason), d.Error))
	ev.ClientID = h.client.ID
	ev.Detail = detail("error", d.Error, "level", d.Target)
	if cur := h.Held; cur.SignedIn() {
		ev.Actor, ev.PersonID, ev.SessionID = cur.Person.ID, cur.Person.ID, cur.Session.ID
	}
	return ev
}

// denied logs a request that was malformed. It came from a panel we know, so it is the operator's to look at, in the
// log: an audit record each would let anyone who can write a link fill the database.
func (p *Provider) denied(r *http.Request, a *authorization, why *refusal) {
	p.Log.LogAttrs(r.Context(), slog.LevelInfo, "authorization request refused", slog.String("client", a.ClientID),
		slog.String("error", why.code), slog.String("why", why.description), slog.String("request", web.RequestID(r)))
}

// unknown audits and logs a request whose client or redirect URI we do not know (A01, A02). The nearest registered URI
// is in the log line: the page says only that the panel is wrongly set up.
func (p *Provider) unknown(r *http.Request, a *authorization, q params, err error) {
	attrs := []slog.Attr{slog.String("client", audit.Clean(q.get("client_id"))), slog.String("request", web.RequestID(r))}
	ev := p.event(r, audit.AuthzDenied, audit.Fail, codeOf(err))
	if a.client != nil {
		ev.ClientID = a.client.ID
		attrs = append(attrs, slog.String("redirect_uri", audit.Clean(q.get("redirect_uri"))),
			slog.String("nearest", nearest(q.get("redirect_uri"), a.client.RedirectURIs)))
	}
	p.Log.LogAttrs(r.Context(), slog.LevelWarn, "authorization request from an unknown client or redirect URI", attrs...)
	p.requests.Refused(r.Context(), p.view().cfg, ev)
}

func codeOf(err error) string {
	if e, ok := err.(*web.Error); ok {
		return e.Code
	}
	return ""
}
