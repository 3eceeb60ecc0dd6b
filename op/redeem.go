package op

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/tokens"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// redeem answers grant_type=authorization_code (RFC 6749 §4.1.3, OIDC Core §3.1.3). The checks before the redemption
// read only: another client, another redirect URI or a wrong verifier leave the code to its owner. The redemption is
// one statement; of any number of callers one wins, and a second use ends everything the code gave.
func (t *exchange) redeem() (*oidc.AccessTokenResponse, error) {
	code := t.params.get("code")
	if code == "" {
		return nil, tokenError(oidc.InvalidRequest, "code is missing.")
	}
	hash := secret.Hash(code)
	m, person, err := t.lookUp(hash)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, invalidGrant(err)
	}
	if err != nil {
		return nil, err
	}
	if err := t.mayRedeem(m.grant); err != nil {
		return nil, t.unfit(err)
	}
	if !m.grant.RedeemedAt.IsZero() { // a second use ends the grant, whatever its evidence is worth by now
		red := &storage.Redemption{CodeHash: hash, ClientID: t.client.ID, Now: t.now, Event: t.issued(audit.TokenIssued, m), SecondUse: codeReplay}
		return nil, t.refused(t.Store.Redeem(t.r.Context(), red))
	}
	m.nonce = m.grant.Nonce
	if m.authStands, m.until = true, m.frozen.Until; person != nil {
		if err := t.judge(m, person); err != nil {
			return nil, err
		}
	}
	if !m.authStands { // an answer without an ID token is none (OIDC Core §3.1.3.3): the panel asks again
		return nil, invalidGrant(errUnmet)
	}
	access, row, err := m.accessToken()
	if err != nil {
		return nil, err
	}
	if !m.expires.After(t.now) {
		return nil, invalidGrant(errLapsed)
	}
	red := &storage.Redemption{
		CodeHash: hash, ClientID: t.client.ID, Access: row, Now: t.now, Event: t.issued(audit.TokenIssued, m), SecondUse: codeReplay,
	}
	refresh := ""
	if t.client.may(oidc.GrantTypeRefreshToken) {
		red.Expires = t.now.Add(t.view.cfg.Lifetimes.RefreshAbsolute)
		refresh, red.RefreshUntil = secret.New(prefixRefresh), t.refreshUntil(red.Expires)
		red.RefreshHash = secret.Hash(refresh)
	}
	if err := t.Store.Redeem(t.r.Context(), red); err != nil {
		return nil, t.refused(err)
	}
	return t.respond(m, access, refresh, person)
}

var codeReplay = storage.SecondUse{Name: audit.TokenRevoked, Outcome: audit.Fail, Reason: audit.CodeReplay}

// refused is the answer to a redemption that did not happen.
func (t *exchange) refused(err error) error {
	if err == nil || errors.Is(err, storage.ErrUsed) || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrConflict) {
		return invalidGrant(err)
	}
	return err
}

// lookUp finds the grant of a code without using it. A grant that this instance made under the configuration in force comes
// without its person: what was decided a moment ago still holds. Any other comes with the person, to be judged again.
func (t *exchange) lookUp(hash []byte) (*minting, *storage.Person, error) {
	if known, ok := t.gate.issued.Take(tokens.Digest(hash)); ok && known.by == t.view {
		return t.of(known.grant, &known.frozen), nil, nil
	}
	g, person, err := t.Store.GrantByCode(t.r.Context(), hash)
	if err != nil {
		return nil, nil, err
	}
	m, err := t.minting(g)
	return m, person, err
}

// The causes of invalid_grant, for the log.
var (
	errOtherClient   = errors.New("op: of another client")
	errOtherRedirect = errors.New("op: another redirect_uri")
	errVerifier      = errors.New("op: code_verifier does not fit")
	errNoVerifier    = errors.New("op: code_verifier is missing")
	errNoChallenge   = errors.New("op: code_verifier without a code_challenge")
	errLapsed        = errors.New("op: the level lapsed before the answer")
	errUnmet         = errors.New("op: a floor is no longer met")
	errReused        = errors.New("op: refresh token used again")
)

// hints are what the developer of a client is told of a code that does not serve.
var hints = map[error]string{
	errOtherRedirect: "redirect_uri is not the one of the authorization request.",
	errVerifier:      "code_verifier does not fit the code_challenge of the authorization request.",
	errNoVerifier:    "code_verifier is missing: the authorization request had a code_challenge (RFC 7636).",
	errNoChallenge:   "code_verifier came, but the authorization request had no code_challenge.",
}

// unfit is invalidGrant with the cause, for a client that proved itself: it is its own code. Whoever plays a public client,
// with a code that was seen somewhere, is not told that the code is a good one.
func (t *exchange) unfit(cause error) error {
	e := invalidGrant(cause)
	if hint := hints[cause]; hint != "" && !t.client.Public {
		e.Message = hint
	}
	return e
}

func (t *exchange) mayRedeem(g *storage.Grant) error {
	verifier := t.params.get("code_verifier")
	switch {
	case g.ClientID != t.client.ID:
		return errOtherClient
	case g.RedirectURI != t.params.get("redirect_uri"):
		return errOtherRedirect
	case g.Challenge != "" && verifier == "":
		return errNoVerifier
	case g.Challenge == "" && verifier != "":
		return errNoChallenge
	case !verifies(g.Challenge, verifier):
		return errVerifier
	}
	return nil
}

// verifies checks PKCE (RFC 7636 §4.6). A challenge needs its verifier, of confidential clients too, and a verifier
// without a challenge is the sign of a downgrade (RFC 9700 §2.1.1).
func verifies(challenge, verifier string) bool {
	if challenge == "" || verifier == "" {
		return challenge == verifier
	}
	if len(verifier) < 43 || len(verifier) > 128 || !unreserved(verifier) {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// issued is the record of tokens.
func (t *exchange) issued(name string, m *minting) *storage.Event {
	ev := t.event(t.r, name, audit.OK, "")
	ev.Actor, ev.ClientID, ev.PersonID, ev.SessionID = t.client.ID, t.client.ID, m.grant.PersonID, m.grant.SessionID
	acr := ""
	if m.authStands {
		acr = m.frozen.Acr
	}
	ev.Detail = detail("grant", m.grant.ID, "scope", strings.Join(m.scopes, " "), "acr", acr)
	return ev
}
