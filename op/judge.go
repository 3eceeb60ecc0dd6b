package op

import (
	"net/http"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/session"
	"github.com/soglia-sso/soglia/storage"
)

// Why a grant ends at its next use: what it hangs on is no longer in the configuration.
const (
	endedClient  = "client_taken_away"
	endedOffline = "offline_access_taken_away"
)

// judge says what a grant may still give: its frozen events by the policy and the YAML of now (ARCHITECTURE.md, the life
// of one request). It is the one judgment behind redeem, refresh, introspection and userinfo. over, unless "", is why the
// grant is to end.
//
// A grant that is younger than the YAML here was made by an instance that may have a newer one: what is missing here is
// then not known to be taken away, and is refused without an end.
func (v *view) judge(g *storage.Grant, f *frozen, person *storage.Person, now time.Time) (still acr.Renewal, over string) {
	client := v.clients[g.ClientID]
	switch {
	case client == nil:
		over = endedClient
	case g.Offline && !client.Offline():
		over = endedOffline
	}
	if over != "" {
		if g.Created.After(v.since) {
			over = ""
		}
		return acr.Renewal{Error: acr.ErrInvalidGrant}, over
	}
	kept := f.Frozen
	kept.SessionOver = g.SessionOver
	return acr.Renew(v.cfg.Policy, kept, client.terms, session.AcrPerson(v.cfg, person), now), ""
}

// end ends a grant whose client or whose right to outlive the session was taken out of the configuration. It stays ended
// when that comes back.
func (p *Provider) end(r *http.Request, g *storage.Grant, why string, now time.Time) error {
	ev := p.event(r, audit.TokenRevoked, audit.OK, why)
	ev.ClientID, ev.PersonID, ev.SessionID = g.ClientID, g.PersonID, g.SessionID
	ev.Detail = detail("grant", g.ID, "what", "grant")
	return p.Store.Tx(r.Context(), func(tx storage.Records) error {
		err := session.EndGrant(r.Context(), tx, g.ID, ev)
		return err
	})
}

// worth is what a token that came back is good for now.
type worth struct {
	scopes     []string
	authStands bool      // acr, amr and auth_time can still be told
	until      time.Time // it is worth less from then on; zero = no earlier than its own end
}

// worth judges a token. It returns nil for one that is good for nothing.
func (p *Provider) worth(r *http.Request, v *view, c *liveToken, now time.Time) (*worth, error) {
	if c.reused {
		return nil, nil // a refresh token that was replaced; its family ends when it is used, not when it is shown
	}
	had, allowed := c.scopes(), []string(nil)
	w := &worth{}
	if c.kind == serviceToken {
		for _, s := range c.scopes() {
			if v.allowedWithoutPerson(v.clients[c.client], s) {
				allowed = append(allowed, s)
			}
		}
	} else {
		f, err := p.frozenOf(c.grant)
		if err != nil {
			return nil, err
		}
		still, over := v.judge(c.grant, f, c.person, now)
		if over != "" {
			return nil, p.end(r, c.grant, over, now)
		}
		if still.Error != "" {
			return nil, nil
		}
		c.frozen = f
		allowed, w.authStands, w.until = still.Scopes, still.AuthStands, still.Until
	}
	w.scopes = common(had, allowed)
	if len(w.scopes) == 0 && len(had) > 0 {
		return nil, nil
	}
	return w, nil
}

// common returns those of some that are also among others, in the order of some. Usually that is all of them.
func common(some, others []string) []string {
	all := true
	for _, s := range some {
		all = all && slices.Contains(others, s)
	}
	if all {
		return some
	}
	return slices.DeleteFunc(slices.Clone(some), func(s string) bool { return !slices.Contains(others, s) })
}
