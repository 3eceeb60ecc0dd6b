package op

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/web"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// credentials are what a client brought to prove who it is.
type credentials struct {
	id, secret string
	method     oidc.AuthMethod
	assertion  *assertion // with private_key_jwt
}

// The reasons of a client.auth.fail record. The caller gets the same answer for all of them (B10), unless it
// had the right secret or key: see proofHint.
var (
	errUnknownClient = errors.New("unknown_client")
	errWrongSecret   = errors.New("wrong_secret")
	errWrongMethod   = errors.New("wrong_method")
	errMisplaced     = errors.New("misplaced_secret") // the right secret by a method the client is not set to: no guess
)

// authenticate proves the client by a method it is registered for (RFC 6749 §2.3); one that is set to basic alone may not
// use post, nor the other way round: whoever reads access logs or bodies must not learn a secret meant for the other place.
//
// The proof is looked at before the counter of failures: who has it is let in whatever others did, because panels send
// what strangers make them send, and some send it twice (golang.org/x/oauth2, in each place once). Nothing is lost by
// that: what one would have to guess has 128 bits, and a guesser who is right needs no status code to know it.
func (p *Provider) authenticate(r *http.Request, v *view, form params) (*client, error) {
	c, err := readCredentials(r, form)
	if e := (*web.Error)(nil); errors.As(err, &e) {
		if e.Code != string(oidc.InvalidClient) {
			return nil, err // malformed: nobody tried to prove anything
		}
		err = e.Cause // a failure like any other, counted and audited (B07)
	}
	now := p.now()
	client, why := p.prove(r, v, c, err, now)
	if why == nil {
		return client, nil
	}
	if away := (*storeError)(nil); errors.As(why, &away) {
		return nil, away.error
	}
	return nil, p.unproved(r, v, c.id, why, now)
}

// readCredentials finds the credentials: Basic, the body or an assertion, never two of them (RFC 6749 §2.3), never the
// query.
func readCredentials(r *http.Request, form params) (credentials, error) {
	if form.has("client_assertion") || form.has("client_assertion_type") {
		return readAssertion(r, form)
	}
	id, secret := form.get("client_id"), form.get("client_secret")
	header := r.Header.Values("Authorization")
	switch {
	case len(header) > 1:
		return credentials{}, tokenError(oidc.InvalidRequest, "More than one Authorization header.")
	case len(header) == 1 && secret != "":
		return credentials{}, tokenError(oidc.InvalidRequest, "More than one method of client authentication.")
	case len(header) == 1:
		c, ok := basic(header[0])
		if !ok || id != "" && id != c.id {
			return c, invalidClient(r, errWrongMethod)
		}
		return c, nil
	case id == "":
		return credentials{}, invalidClient(r, errUnknownClient)
	case secret != "":
		return credentials{id: id, secret: secret, method: oidc.AuthMethodPost}, nil
	}
	return credentials{id: id, method: oidc.AuthMethodNone}, nil
}

// basic reads HTTP Basic with both parts form-encoded (RFC 6749 §2.3.1).
func basic(header string) (credentials, bool) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") || len(encoded) > 2*maxSecret {
		return credentials{}, false
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return credentials{}, false
	}
	user, pass, found := strings.Cut(string(raw), ":")
	id, err1 := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(pass)
	if !found || err1 != nil || err2 != nil || !clean(id) || !clean(secret) {
		return credentials{}, false
	}
	return credentials{id: id, secret: secret, method: oidc.AuthMethodBasic}, true
}

const maxSecret = 1024

// nobody is what a secret is compared with when there is no such client, so that the same work is done.
var nobody = [][]byte{make([]byte, sha256.Size)}

// check compares in constant time. Secrets are random and long, so a plain SHA-256 is stored of them. misread says what was
// wrong with the form of the credentials, if anything was.
func (v *view) check(c credentials, misread error) (*client, error) {
	client := v.clients[c.id]
	hashes := nobody
	if client != nil && len(client.SecretHashes) > 0 {
		hashes = client.SecretHashes
	}
	sum := sha256.Sum256([]byte(c.secret))
	match := 0
	for _, h := range hashes {
		match |= subtle.ConstantTimeCompare(sum[:], h)
	}
	right := match == 1 || client != nil && client.Public && c.secret == "" // which has nothing to prove
	switch {
	case misread == nil && client == nil:
		return nil, errUnknownClient
	case misread == nil && client.authenticates(c.method):
		if c.method == oidc.AuthMethodNone || c.assertion != nil || right { // whose signature prove looks at
			return client, nil
		}
		return nil, errWrongSecret
	case right && c.assertion == nil:
		return nil, errMisplaced
	case misread != nil:
		return nil, misread
	}
	return nil, errWrongMethod
}

// authenticates reports whether the client may prove itself by that method.
func (c *client) authenticates(by oidc.AuthMethod) bool {
	return slices.Contains(c.AuthMethods, string(by))
}

// invalidClient is 401, with the challenge when the client tried by header (RFC 6749 §5.2).
func invalidClient(r *http.Request, why error) *web.Error {
	e := tokenError(oidc.InvalidClient, "Client authentication failed.")
	e.Cause = why
	if r.Header.Get("Authorization") != "" {
		e.Header = http.Header{"Www-Authenticate": {`Basic realm="soglia", charset="UTF-8"`}}
	}
	return e
}

// unproved is the answer to a client that could not prove itself.
func (p *Provider) unproved(r *http.Request, v *view, client string, why error, now time.Time) error {
	key := audit.LimitKey("client_auth", client, web.ClientIP(r))
	if why == errMisplaced {
		key = audit.LimitKey("client_place", client, web.ClientIP(r))
	}
	until, shut := p.auth.Shut(key, now)
	if !shut {
		until, shut = p.auth.Shut(audit.LimitKey(ofAddress, "", web.ClientIP(r)), now)
	}
	if !shut {
		until, shut = p.authFailed(r, v, key, client, why, now)
	}
	if shut && why != errMisplaced {
		return tooMany(until.Sub(now))
	}
	e := invalidClient(r, why)
	if hint := proofHint(v.clients[client], why); hint != "" {
		e.Message = hint
	}
	return e
}

// proofHint tells the developer of a client what is wrong beside a secret or a signature that is right. To anybody else
// there is nothing to tell.
func proofHint(c *client, why error) string {
	switch {
	case why == errMisplaced && !c.Public: // which has none
		return "The secret is right, but it must come by " + strings.Join(c.AuthMethods, " or ") + ", and no other client_id beside it."
	case why == errAssertionAudience && c.AssertionAtToken:
		return "The signature is right, but aud is neither the issuer nor the token endpoint."
	case why == errAssertionAudience:
		return "The signature is right, but aud is not the issuer, alone and as a text."
	case why == errAssertionTimes:
		return "The signature is right, but exp is over or more than 5 minutes away, or iat or nbf is ahead."
	case why == errAssertionReplayed:
		return "The signature is right, but its jti was used before."
	}
	return ""
}

// ofAddress counts what an address failed at in all.
const ofAddress = "client_auths"

// authFailed counts and audits a failure; both stop at the limits, so that a stranger cannot fill the database. A right
// secret at the wrong place has a counter of its own, which bounds its records and shuts nobody out.
func (p *Provider) authFailed(r *http.Request, v *view, key, client string, why error, now time.Time) (time.Time, bool) {
	ev := p.event(r, audit.ClientAuthFail, audit.Fail, why.Error())
	if v.clients[client] != nil {
		ev.ClientID, ev.Actor = client, client
	}
	hit := p.event(r, audit.LimitHit, audit.Fail, "client_auth")
	hit.ClientID = ev.ClientID
	l := v.cfg.Limits
	all := audit.LimitKey(ofAddress, "", web.ClientIP(r))
	var counter, total storage.Counter
	err := p.Store.Tx(r.Context(), func(tx storage.Records) (err error) {
		if counter, err = tx.Bump(r.Context(), key, l.PerIPWindow, now); err != nil {
			return err
		}
		if total, err = tx.Bump(r.Context(), all, l.PerIPWindow, now); err != nil {
			return err
		}
		if counter.Count == l.ClientAuthFailures && why != errMisplaced {
			if err := tx.Append(r.Context(), hit); err != nil {
				return err
			}
		}
		return tx.Append(r.Context(), ev)
	})
	if err != nil {
		p.Log.ErrorContext(r.Context(), "failed client authentication not counted", "error", err, "request", web.RequestID(r))
		return time.Time{}, false
	}
	if total.Count >= l.ClientAuthFailures*audit.AddressShare {
		p.auth.Close(all, total.Since.Add(l.PerIPWindow), now)
	}
	until := counter.Since.Add(l.PerIPWindow)
	if counter.Count >= l.ClientAuthFailures {
		p.auth.Close(key, until, now)
	}
	return until, counter.Count > l.ClientAuthFailures
}
