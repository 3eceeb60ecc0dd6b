package op

import (
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// refresh answers grant_type=refresh_token (RFC 6749 §6): one statement reads grant and person, and the frozen evidence is
// judged by what holds now. A client that proves itself each time keeps its token (RFC 9700 §4.14.2): what is left to write
// is little, and mostly nothing. Of all others the token is replaced, and one that comes back ends its whole family, unless
// it is the last one and comes within the leeway.
func (t *exchange) refresh() (*oidc.AccessTokenResponse, error) {
	token := t.params.get("refresh_token")
	if token == "" {
		return nil, tokenError(oidc.InvalidRequest, "refresh_token is missing.")
	}
	hash := secret.Hash(token)
	g, person, err := t.Store.GrantByRefresh(t.r.Context(), hash, t.now)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, invalidGrant(err)
	}
	if err != nil {
		return nil, err
	}
	if g.ClientID != t.client.ID {
		return nil, invalidGrant(errOtherClient) // and the owner keeps it (D04)
	}
	m, err := t.minting(g)
	if err != nil {
		return nil, err
	}
	use := storage.RefreshUse{
		GrantID: g.ID, ClientID: t.client.ID, Hash: hash, RefreshUntil: t.refreshUntil(g.Expires), IdleUntil: t.activity(g),
		Now: t.now, Due: t.now.Sub(g.NotedAt) >= storage.NotedEvery,
	}
	if used := !g.UsedAt.IsZero(); used && t.now.Sub(g.UsedAt) >= t.view.cfg.Refresh.Leeway {
		use.Event = t.issued(audit.TokenRefreshed, m) // says who used it, for the record if the family ends
		if _, err = t.rotate(g, token, use); err == nil {
			err = invalidGrant(errReused) // cannot be: storage knows that it was used
		}
		return nil, err
	}
	if err := t.renew(m, person); err != nil {
		return nil, err
	}
	access, row, err := m.accessToken()
	if err != nil {
		return nil, err
	}
	if !m.expires.After(t.now) {
		return nil, invalidGrant(errLapsed)
	}
	use.Access, use.Event = row, t.issued(audit.TokenRefreshed, m)
	if t.view.cfg.Refresh.Rotates(t.client.Client) || !g.UsedAt.IsZero() {
		token, err = t.rotate(g, token, use)
	} else {
		err = t.keep(g, use)
	}
	if err != nil {
		return nil, err
	}
	return t.respond(m, access, token, person)
}

// keep notes the use of a token that stays: its idle limit, in its grain.
func (t *exchange) keep(g *storage.Grant, use storage.RefreshUse) error {
	if use.RefreshUntil.Sub(g.RefreshUntil) < storage.Grain(t.view.cfg.Lifetimes.RefreshIdle) {
		use.RefreshUntil = time.Time{}
	}
	err := t.Store.UseRefresh(t.r.Context(), &use)
	if errors.Is(err, storage.ErrNotFound) {
		return invalidGrant(err)
	}
	return err
}

var refreshReuse = storage.SecondUse{Name: audit.TokenReuse, Outcome: audit.Fail, Reason: audit.RefreshReuse}

// rotate replaces a token and gives its successor. That is made from the token, so that a repeat within the leeway is given
// the very same, by whichever instance, and nothing of it need be kept but its hash.
func (t *exchange) rotate(g *storage.Grant, token string, use storage.RefreshUse) (string, error) {
	next := prefixRefresh + base64.RawURLEncoding.EncodeToString(t.Box.MAC("refresh", token))
	err := t.Store.Refresh(t.r.Context(), &storage.Rotation{
		RefreshUse: use, NewHash: secret.Hash(next), KeyID: t.Box.ID(), Leeway: t.view.cfg.Refresh.Leeway,
		LeewayReason: audit.Leeway, SecondUse: refreshReuse,
	})
	t.alarm(g, err)
	if errors.Is(err, storage.ErrUsed) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrConflict) {
		return "", invalidGrant(err)
	}
	return next, err
}

// alarm tells the person when this very use ended the family, so that of many uses at once one tells (D01).
func (t *exchange) alarm(g *storage.Grant, err error) {
	if !errors.Is(err, storage.ErrTheft) || t.Notice == nil {
		return
	}
	if err := t.Notice(t.r.Context(), g.PersonID, "token_reuse"); err != nil {
		t.Log.ErrorContext(t.r.Context(), "notice", "kind", "token_reuse", "error", err)
	}
}

// renew decides what the grant may still give, and narrows it to what was asked. The refresh token keeps its scope, so
// a narrowed answer is no loss for the next one (RFC 6749 §6).
func (t *exchange) renew(m *minting, person *storage.Person) error {
	asked, ok := words(t.params.get("scope"), maxScopes)
	if !ok {
		return tokenError(oidc.InvalidScope, "The scope has too many values.")
	}
	for _, s := range asked {
		if !slices.Contains(m.grant.Scopes, s) {
			return tokenError(oidc.InvalidScope, "The scope is more than was granted.")
		}
	}
	if err := t.judge(m, person); err != nil {
		return err
	}
	if len(asked) > 0 {
		m.scopes = common(m.scopes, asked)
	}
	if len(m.scopes) == 0 {
		return tokenError(oidc.InvalidScope, "Nothing of the scope can be granted now.")
	}
	return nil
}

// judge leaves of the answer what the grant may still give.
func (t *exchange) judge(m *minting, person *storage.Person) error {
	still, over := t.view.judge(m.grant, m.frozen, person, t.now)
	if over != "" {
		if err := t.end(t.r, m.grant, over, t.now); err != nil {
			return err
		}
		return invalidGrant(errors.New("op: " + over))
	}
	if still.Error != "" {
		return invalidGrant(errors.New("op: " + still.Error))
	}
	m.scopes, m.authStands, m.until = still.Scopes, still.AuthStands, still.Until
	return nil
}

// activity is the session's new idle limit: work inside a panel keeps the session alive (help promise 5). The zero time
// leaves it.
func (t *exchange) activity(g *storage.Grant) time.Time { return idleUntil(t.view, g, t.now) }

// idleUntil is the session's new idle limit; the zero time when the present one differs by less than its grain.
func idleUntil(v *view, g *storage.Grant, now time.Time) time.Time {
	if g.SessionIdle.IsZero() {
		return time.Time{}
	}
	until := now.Add(v.cfg.Sessions.Idle)
	if !g.SessionEnds.IsZero() && g.SessionEnds.Before(until) {
		until = g.SessionEnds
	}
	if until.Sub(g.SessionIdle) < storage.Grain(v.cfg.Sessions.Idle) {
		return time.Time{}
	}
	return until
}
