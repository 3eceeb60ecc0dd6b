package op

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/soglia-sso/soglia/jwks"
	"github.com/soglia-sso/soglia/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// A client assertion is a JWT by which a client proves that it holds its private key (RFC 7523 §2.2, §3; OIDC Core §9).
const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	maxAssertion  = 4096 // bytes
	maxJTI        = 256  // bytes
	assertionLife = 5 * time.Minute
	assertionSkew = 10 * time.Second // how far a client's clock may be ahead (FAPI 2.0 SP §5.3.2.1)
)

// assertionAlgorithms are those a client may sign with: asymmetric only, RS256 for programs that know nothing else.
var assertionAlgorithms = []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.EdDSA, jose.RS256}

// The reasons of a client.auth.fail record, for assertions.
var (
	errAssertion         = errors.New("bad_assertion")
	errAssertionKey      = errors.New("assertion_key")
	errAssertionAudience = errors.New("assertion_audience")
	errAssertionTimes    = errors.New("assertion_times")
	errAssertionReplayed = errors.New("assertion_replayed")
	errKeysAway          = errors.New("keys_away")
)

// assertion is a parsed client assertion. Nothing in it is believed before [assertion.verify].
type assertion struct {
	jws     *jose.JSONWebSignature
	kid     string
	alg     jose.SignatureAlgorithm
	subject string // whose keys it is tried with
}

// assertionClaims are what it may say.
type assertionClaims struct {
	Issuer    string          `json:"iss"`
	Subject   string          `json:"sub"`
	Audience  json.RawMessage `json:"aud"`
	ID        string          `json:"jti"`
	Expires   numericDate     `json:"exp"`
	Issued    numericDate     `json:"iat"`
	NotBefore numericDate     `json:"nbf"`
}

// numericDate is seconds since 1970, maybe with a fraction (RFC 7519 §2); the zero time when absent.
type numericDate struct{ time.Time }

func (d *numericDate) UnmarshalJSON(raw []byte) error {
	var seconds float64
	if err := json.Unmarshal(raw, &seconds); err != nil {
		return err
	}
	if seconds < 1 || seconds > 1<<40 {
		return errAssertionTimes
	}
	d.Time = time.Unix(int64(seconds), 0).UTC()
	return nil
}

// parseAssertion reads the form of an assertion. A typ that is not for this purpose is refused, so that a request object
// or a DPoP proof of the same key is no proof of who calls.
func parseAssertion(raw string) (*assertion, error) {
	if len(raw) > maxAssertion || strings.Count(raw, ".") != 2 {
		return nil, errAssertion
	}
	jws, err := jose.ParseSignedCompact(raw, assertionAlgorithms)
	if err != nil || len(jws.Signatures) != 1 {
		return nil, errAssertion
	}
	header := jws.Signatures[0].Protected
	switch typ, _ := header.ExtraHeaders[jose.HeaderType].(string); strings.ToLower(typ) {
	case "", "jwt", "client-authentication+jwt":
	default:
		return nil, errAssertion
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	if err != nil {
		return nil, errAssertion
	}
	var c struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(payload, &c) != nil || c.Subject == "" || len(c.Subject) > limits["client_id"] || !clean(c.Subject) {
		return nil, errAssertion
	}
	return &assertion{jws: jws, kid: header.KeyID, alg: jose.SignatureAlgorithm(header.Algorithm), subject: c.Subject}, nil
}

// verify checks the signature against the client's keys, then what it says.
func (a *assertion) verify(keys []jose.JSONWebKey, client *client, issuer string, now time.Time) (*assertionClaims, error) {
	var payload []byte
	for _, key := range keys {
		if !jwks.Fits(key, a.kid, a.alg) {
			continue
		}
		if out, err := a.jws.Verify(key.Key); err == nil {
			payload = out
			break
		}
	}
	if payload == nil {
		return nil, jwks.ErrNoKey
	}
	c := &assertionClaims{}
	if json.Unmarshal(payload, c) != nil || c.Issuer != client.ID || c.Subject != client.ID || c.ID == "" || len(c.ID) > maxJTI {
		return nil, errAssertion
	}
	if !client.isAudience(c.Audience, issuer) {
		return nil, errAssertionAudience
	}
	ahead := now.Add(assertionSkew)
	if !now.Before(c.Expires.Time) || c.Expires.After(ahead.Add(assertionLife)) || c.Issued.After(ahead) || c.NotBefore.After(ahead) {
		return nil, errAssertionTimes
	}
	return c, nil
}

// isAudience reports whether an assertion was made for us. The issuer as a string is the only value that no other server
// can be named by (FAPI 2.0 SP §5.3.2.1); the token endpoint, and lists, only for clients whose YAML says so.
func (c *client) isAudience(raw json.RawMessage, issuer string) bool {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one == issuer || c.AssertionAtToken && one == issuer+pathToken
	}
	var several []string
	return c.AssertionAtToken && json.Unmarshal(raw, &several) == nil &&
		(slices.Contains(several, issuer) || slices.Contains(several, issuer+pathToken))
}

// readAssertion finds an assertion among the parameters. client_id is optional beside it, and must be the same
// (RFC 7521 §4.2; fault 10).
func readAssertion(r *http.Request, form params) (credentials, error) {
	switch {
	case len(r.Header.Values("Authorization")) > 0, form.has("client_secret"):
		return credentials{}, tokenError(oidc.InvalidRequest, "More than one method of client authentication.")
	case form.get("client_assertion_type") != assertionType, len(form.get("client_assertion")) > maxAssertion:
		return credentials{}, invalidClient(r, errAssertion)
	}
	a, err := parseAssertion(form.get("client_assertion"))
	if err != nil {
		return credentials{}, invalidClient(r, err)
	}
	if id := form.get("client_id"); id != "" && id != a.subject {
		return credentials{}, invalidClient(r, errAssertion)
	}
	return credentials{id: a.subject, method: oidc.AuthMethodPrivateKeyJWT, assertion: a}, nil
}

// prove finds who the client is, by its secret, its assertion or, for a public one, its word. An assertion must not have
// been used before: jti is kept in the database until it ends, over all instances and restarts (RFC 7523 §3 point 7).
func (p *Provider) prove(r *http.Request, v *view, c credentials, misread error, now time.Time) (*client, error) {
	client, why := v.check(c, misread)
	if why != nil || c.assertion == nil {
		return client, why
	}
	var said *assertionClaims
	verify := func(keys []jose.JSONWebKey) (err error) {
		said, err = c.assertion.verify(keys, client, v.cfg.Issuer, now)
		return err
	}
	var err error
	if client.JWKSURI == "" {
		err = verify(client.keys)
	} else {
		err = p.clientKeys.at(client.JWKSURI).Try(r.Context(), now, verify)
	}
	switch {
	case errors.Is(err, jwks.ErrNoKey):
		return nil, errAssertionKey
	case errors.Is(err, jwks.ErrAway):
		return nil, errKeysAway
	case err != nil:
		return nil, err
	}
	err = p.Store.UseAssertion(r.Context(), client.ID, said.ID, said.Expires.Time, now)
	if errors.Is(err, storage.ErrUsed) {
		return nil, errAssertionReplayed
	}
	if err != nil {
		return nil, &storeError{err}
	}
	return client, nil
}

// storeError is a database that is away while a client proves itself: no fault of the client.
type storeError struct{ error }

func (e *storeError) Unwrap() error { return e.error }

// keysEvery is how often a client's jwks_uri is asked at most.
const keysEvery = 30 * time.Second

// clientKeys are the keys of clients at an address, by the address; inline ones are in the view. There is one set for each
// address in the configuration, so strangers cannot make them grow.
type clientKeys struct {
	fetch func(ctx context.Context, url string) ([]byte, error) // nil = there is nothing to fetch with
	log   *slog.Logger

	mu   sync.Mutex
	sets map[string]*jwks.Remote
}

func (c *clientKeys) at(url string) *jwks.Remote {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sets[url] == nil {
		c.sets[url] = &jwks.Remote{
			Every: keysEvery,
			Trip: func(err error) {
				c.log.Warn("a client's jwks_uri cannot be read", slog.String("url", url), slog.Any("error", err))
			},
			Fetch: func(ctx context.Context) ([]byte, error) {
				if c.fetch == nil {
					return nil, errors.New("op: nothing to fetch it with")
				}
				return c.fetch(ctx, url)
			},
		}
	}
	return c.sets[url]
}
