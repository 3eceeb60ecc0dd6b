package op

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// maxToken bounds a token that comes back to us, in bytes; ours have a quarter of it.
const maxToken = 8192

// skew is how far a clock may be ahead of ours (C05).
const skew = time.Minute

var errToken = errors.New("op: not a valid token of ours")

// returned are the claims we read of a token of ours. Everything else in it is for panels.
type returned struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	Party     string   `json:"azp"`
	Expires   int64    `json:"exp"`
	Issued    int64    `json:"iat"`
	NotBefore int64    `json:"nbf"`
	ID        string   `json:"jti"`
	ClientID  string   `json:"client_id"`
	Scope     string   `json:"scope"`
	Sid       string   `json:"sid"`
	authClaims
	Authn *authnClaim `json:"urn:soglia:authn"`
}

// audience is one string or several (RFC 7519 §4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// verify checks a compact JWS of ours: kid of ours, the algorithm of that very key, the signature, typ, issuer; only
// then are claims read. Header members that point elsewhere (jwk, jku, x5u) are never looked at; crit is refused by
// go-jose. The times are left to the caller: an ID token serves as a hint beyond its end.
func (s *keySet) verify(v *view, token, typ string, now time.Time) (mark, error) {
	if len(token) > maxToken || strings.Count(token, ".") != 2 {
		return mark{}, errToken
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil || len(jws.Signatures) != 1 {
		return mark{}, errToken
	}
	header := jws.Signatures[0].Protected
	key := s.byID[header.KeyID]
	if key == nil || key.gone(now) || header.Algorithm != string(key.alg) {
		return mark{}, errToken
	}
	payload, err := jws.Verify(key.public)
	if err != nil {
		return mark{}, errToken
	}
	if t, _ := header.ExtraHeaders[jose.HeaderType].(string); t != typ {
		return mark{}, errToken
	}
	c, err := claimsIn(payload, v)
	return mark{key, c}, err
}

// claimsIn reads the payload of a token that is known to be ours.
func claimsIn(payload []byte, v *view) (*returned, error) {
	c := &returned{}
	if json.Unmarshal(payload, c) != nil || c.Issuer != v.cfg.Issuer || c.Subject == "" {
		return nil, errToken
	}
	return c, nil
}

// recall is verify for an access token whose signature need not be computed, because this instance made it or saw it
// before; false for all others.
func (s *keySet) recall(v *view, token string, sum digest) (mark, bool) {
	if found, ok := s.proven.get(sum); ok {
		return found, true
	}
	maker, ok := s.proven.maker(sum)
	if !ok {
		return mark{}, false
	}
	_, rest, _ := strings.Cut(token, ".")
	encoded, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return mark{}, false
	}
	c, err := claimsIn(payload, v)
	if err != nil {
		return mark{}, false
	}
	found := mark{s.keys[maker], c}
	s.proven.put(sum, found)
	return found, true
}

// readHint verifies an ID token used as a hint: expired ones serve (OIDC RP-Initiated Logout §4, Core §3.1.2.1), access
// tokens do not.
func (p *Provider) readHint(v *view, token string) (*returned, error) {
	now := p.now()
	found, err := p.keys.set().verify(v, token, typID, now)
	if err != nil {
		return nil, err
	}
	if time.Unix(found.claims.Issued, 0).After(now.Add(skew)) {
		return nil, errToken
	}
	return found.claims, nil
}

// readAccessToken verifies a JWT access token, its times included.
func (p *Provider) readAccessToken(v *view, token string, now time.Time) (*returned, error) {
	keys, sum := p.keys.set(), digestOf(token)
	found, known := keys.recall(v, token, sum)
	if !known {
		var err error
		if found, err = keys.verify(v, token, typAccess, now); err != nil {
			return nil, err
		}
		keys.proven.put(sum, found)
	}
	if found.by.gone(now) {
		return nil, errToken
	}
	c, ahead := found.claims, now.Add(skew)
	if !now.Before(time.Unix(c.Expires, 0)) || time.Unix(c.Issued, 0).After(ahead) || time.Unix(c.NotBefore, 0).After(ahead) {
		return nil, errToken
	}
	return c, nil
}
