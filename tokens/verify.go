package tokens

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// MaxToken bounds a token that comes back to us, in bytes; ours have a quarter of it.
const MaxToken = 8192

// skew is how far a clock may be ahead of ours (C05).
const skew = time.Minute

var errToken = errors.New("tokens: not a valid token of ours")

// verify checks a compact JWS of ours: kid of ours, the algorithm of that very key, the signature, typ, issuer; only
// then are claims read. typ is the kind that is wanted, of which the header is one half and the claims the other (isOf). Header members that point elsewhere (jwk, jku, x5u) are never looked at; crit is refused by
// go-jose. The times are left to the caller: an ID token serves as a hint beyond its end.
func (s *keySet) verify(token, typ, issuer string, now time.Time) (verified, error) {
	if len(token) > MaxToken || strings.Count(token, ".") != 2 {
		return verified{}, errToken
	}
	jws, err := jose.ParseSignedCompact(token, Algorithms)
	if err != nil || len(jws.Signatures) != 1 {
		return verified{}, errToken
	}
	header := jws.Signatures[0].Protected
	key := s.byID[header.KeyID]
	if key == nil || key.gone(now) || header.Algorithm != string(key.alg) {
		return verified{}, errToken
	}
	payload, err := jws.Verify(key.public)
	if err != nil {
		return verified{}, errToken
	}
	c, err := claimsIn(payload, issuer)
	if written, _ := header.ExtraHeaders[jose.HeaderType].(string); err != nil || !c.isOf(typ, written) {
		return verified{}, errToken
	}
	return verified{key, c}, nil
}

// isOf reports whether claims that came under a written typ are those of a token of the kind typ. An access token may be
// written as an ID token (access_token_typ: JWT). Whatever has one mark of it is then no ID token, and only what has all of
// them is an access token: the issuer as its audience, a client_id, no azp.
func (c *Claims) isOf(typ, written string) bool {
	if typ == typID {
		return written == typID && c.ClientID == "" && !slices.Contains(c.Audience, c.Issuer)
	}
	return written == typ ||
		typ == typAccess && written == typID && c.ClientID != "" && c.Party == "" && slices.Equal(c.Audience, Audience{c.Issuer})
}

// claimsIn reads the payload of a token that is known to be ours.
func claimsIn(payload []byte, issuer string) (*Claims, error) {
	c := &Claims{}
	if json.Unmarshal(payload, c) != nil || c.Issuer != issuer || c.Subject == "" {
		return nil, errToken
	}
	return c, nil
}

// recall is verify for an access token whose signature need not be computed, because this instance made it or saw it
// before; false for all others.
func (s *keySet) recall(token, issuer string, sum Digest) (verified, bool) {
	if found, ok := s.proven.get(sum); ok {
		return found, true
	}
	key, ok := s.proven.signed.Get(sum)
	if !ok {
		return verified{}, false
	}
	_, rest, _ := strings.Cut(token, ".")
	encoded, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return verified{}, false
	}
	c, err := claimsIn(payload, issuer)
	if err != nil {
		return verified{}, false
	}
	found := verified{s.keys[key], c}
	s.proven.seen.Put(sum, found)
	return found, true
}

// ReadID verifies an ID token that is used as a hint: expired ones serve (OIDC RP-Initiated Logout §4, Core §3.1.2.1),
// access tokens do not, whatever their typ. Nobody may change the claims.
func (k *Keys) ReadID(token, issuer string, now time.Time) (*Claims, error) {
	found, err := k.set().verify(token, typID, issuer, now)
	if err != nil {
		return nil, err
	}
	if time.Unix(found.claims.Issued, 0).After(now.Add(skew)) {
		return nil, errToken
	}
	return found.claims, nil
}

// ReadAccess verifies a JWT access token, its times included. Whether its grant is alive is for the caller to ask. Nobody
// may change the claims.
func (k *Keys) ReadAccess(token, issuer string, now time.Time) (*Claims, error) {
	set, sum := k.set(), DigestOf(token)
	found, known := set.recall(token, issuer, sum)
	if !known {
		var err error
		if found, err = set.verify(token, typAccess, issuer, now); err != nil {
			return nil, err
		}
		set.proven.seen.Put(sum, found)
	}
	if found.by.gone(now) || found.claims.Issuer != issuer {
		return nil, errToken
	}
	c, ahead := found.claims, now.Add(skew)
	if !now.Before(time.Unix(c.Expires, 0)) || time.Unix(c.Issued, 0).After(ahead) || time.Unix(c.NotBefore, 0).After(ahead) {
		return nil, errToken
	}
	return c, nil
}
