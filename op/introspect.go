package op

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

var notActive = []byte(`{"active":false}`) // whatever is not active has no other member (RFC 7662 §2.2, §4)

// doIntrospect answers POST /introspect. A token is shown to the client it was issued to, and to clients whose YAML says
// so; for all others it is not active, like one that never was (D08). Liveness of grant, session and person is read in
// one statement and never kept.
func (p *Provider) doIntrospect(w http.ResponseWriter, r *http.Request) error {
	v, now := p.view(), p.now()
	client, q, err := p.authenticatedForm(w, r, v)
	if err != nil {
		return err
	}
	if client.Public { // RFC 7662 §2.1: whoever can prove nothing is told nothing
		return p.unproved(r, v, client.ID, errWrongMethod, now)
	}
	token := q.get("token")
	if token == "" {
		return tokenError(oidc.InvalidRequest, "token is missing.")
	}
	c, err := p.findToken(r, v, token, accessToken|serviceToken|refreshToken, now)
	if err != nil {
		return err
	}
	if c == nil || !client.maySee(c.client) || c.kind == refreshToken && c.client != client.ID {
		return writeJSON(w, notActive) // a refresh token is its client's alone: others would take it for an access token
	}
	good, err := p.worth(r, v, c, now)
	if err != nil {
		return err
	}
	if good == nil {
		return writeJSON(w, notActive)
	}
	if c.grant != nil && c.kind == accessToken {
		// The panel is working for the person: that is activity (help promise 5), written at most once in the limit's grain.
		if until := idleUntil(v, c.grant, now); !until.IsZero() {
			if err := p.Store.TouchSession(r.Context(), c.grant.SessionID, now, until); err != nil {
				return err
			}
		}
	}
	return writeJSON(w, c.introspection(v, good))
}

// maySee reports whether the client may look at tokens of another one, or of itself.
func (c *client) maySee(client string) bool {
	return client == c.ID || c.Introspect.All || slices.Contains(c.Introspect.Clients, client)
}

// introspection says what the token says, as far as it is still true: the same acr in the same spelling as when it was
// issued, or none (RFC 7662 §2.2). The person's user name is part of the scope profile: whoever may look at a token that has
// it could ask userinfo with that token, and reads it here as well.
func (c *liveToken) introspection(v *view, good *worth) []byte {
	out := tokens.Claims{
		Issuer: v.cfg.Issuer, Subject: c.subject, ClientID: c.client, TokenType: oidc.BearerToken,
		Scope: strings.Join(good.scopes, " "),
	}
	var ends time.Time
	switch {
	case c.jwt != nil:
		out.Issued, out.ID, out.Sid, out.Audience = c.jwt.Issued, c.jwt.ID, c.jwt.Sid, c.jwt.Audience
		out.Authentication, out.Authn, ends = c.jwt.Authentication, c.jwt.Authn, time.Unix(c.jwt.Expires, 0)
	case c.row != nil:
		out.Issued, out.Sid, out.Audience, ends = c.row.Issued.Unix(), c.grant.Sid, []string{v.cfg.Issuer}, c.row.Expires
		if c.row.Acr != "" {
			out.Authentication = tokens.Authentication{AuthTime: c.row.AuthTime.Unix(), Acr: c.row.Acr, Amr: c.row.Amr}
			out.Authn = c.frozen.authn()
		}
	default:
		out.TokenType = "" // RFC 7662 §2.2 means the type of an access token
		out.Sid, ends = c.grant.Sid, earlier(c.grant.Expires, c.grant.RefreshUntil)
		out.Authentication, out.Authn = c.frozen.authentication(), c.frozen.authn()
		if !c.grant.RedeemedAt.IsZero() {
			out.Issued = c.grant.RedeemedAt.Unix()
		}
	}
	if !good.authStands {
		out.Authentication, out.Authn = tokens.Authentication{}, nil
	}
	if c.kind == accessToken && !good.until.IsZero() { // whoever keeps the answer until exp must not keep it longer
		ends = earlier(ends, good.until)
	}
	out.Expires = ends.Unix()
	m := out.Members(tokens.Object(tokens.Roomy).Flag("active", true))
	if c.person != nil && slices.Contains(good.scopes, oidc.ScopeProfile) {
		m = m.Some("username", c.person.Username)
	}
	return m.End()
}
