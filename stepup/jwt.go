package stepup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/jwks"
)

// algorithms are those of signatures that are believed: none that shares a key, and not "none". RFC 9068 §2.1 wants RS256;
// Soglia signs with ES256.
var algorithms = []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.EdDSA}

// JWT verifies access tokens that are JWTs (RFC 9068 §4) by the issuer's keys, of these clients and no others: every panel of
// one issuer may get tokens with the same audience, and what another one was given is no key to this one.
//
// Keys are read from the issuer when they are ten minutes old, and once more, at most every ten seconds, when a token names one
// that is not known. While the issuer cannot be reached those known serve for a day.
//
// It does not know that a session is over: such a token is good until its end, ten minutes with Soglia unless configured
// otherwise. Opaque tokens, which Soglia makes for scopes with a floor, are invalid here, and so are those of clients with
// access_token_typ: JWT, which cannot be told from ID tokens: see [Introspection].
func JWT(client string, more ...string) Tokens {
	return Tokens{func(v *Verifier) (verify, error) {
		s := &signed{v: v, clients: append([]string{client}, more...)}
		if slices.Contains(s.clients, "") {
			return nil, errors.New("stepup: JWT wants the ids of the clients whose tokens it takes")
		}
		s.keys = jwks.Remote{Fetch: s.fetch, Every: 10 * time.Second}
		return s.verify, nil
	}}
}

type signed struct {
	v       *Verifier
	clients []string
	keys    jwks.Remote
}

func (s *signed) fetch(ctx context.Context) ([]byte, error) {
	m, err := s.v.about.current(ctx, s.v, time.Now())
	if err != nil {
		return nil, err
	}
	if err := reachable(m.JWKS); err != nil {
		return nil, fmt.Errorf("jwks_uri: %w", err)
	}
	return s.v.get(ctx, m.JWKS)
}

func (s *signed) verify(ctx context.Context, token string, now time.Time) (*Token, error) {
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil || len(jws.Signatures) != 1 {
		return nil, invalid("The access token is no JWT that is taken here.")
	}
	header := jws.Signatures[0].Protected
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	if typ = strings.TrimPrefix(strings.ToLower(typ), "application/"); typ != "at+jwt" { // RFC 9068 §4: an ID token is none
		return nil, invalid("The JWT is no access token.")
	}
	if header.KeyID == "" {
		return nil, invalid("The access token names no key.")
	}
	var payload []byte
	err = s.keys.Try(ctx, now, func(keys []jose.JSONWebKey) error {
		known := false
		for _, k := range keys {
			if !jwks.Fits(k, header.KeyID, jose.SignatureAlgorithm(header.Algorithm)) {
				continue
			}
			known = true
			if out, err := jws.Verify(k); err == nil {
				payload = out
				return nil
			}
		}
		if known {
			return invalid("The access token is not genuine.")
		}
		return jwks.ErrNoKey
	})
	switch {
	case errors.Is(err, jwks.ErrNoKey):
		return nil, invalid("The access token is of an unknown key.")
	case err != nil:
		return nil, err
	}
	var c claims
	if json.Unmarshal(payload, &c) != nil {
		return nil, invalid("The access token is malformed.")
	}
	switch {
	case c.Issuer != s.v.issuer:
		return nil, invalid("The access token is of another issuer.")
	case !c.Audience.has(s.v.audience):
		return nil, invalid("The access token is for another audience.")
	case !slices.Contains(s.clients, c.ClientID):
		return nil, invalid("The access token is of another client.")
	case c.Subject == "" || c.ID == "" || c.Issued == nil: // RFC 9068 §2.2 wants them
		return nil, invalid("The access token lacks a claim.")
	}
	if err := c.timely(now); err != nil {
		return nil, err
	}
	return c.token(), nil
}
